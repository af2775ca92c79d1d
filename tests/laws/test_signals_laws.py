"""What holds of every filter and every catalogue: one pass over the activities says what looking at each of them says."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbound_engine.facts import ACTIVITY_KINDS, Activity
from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals, Touchpoint, asked, read
from tests.condition_strategies import filters
from tests.strategies import AT, CONTENTS, activity_lists

DAY = timedelta(days=1)

kinds = st.lists(st.sampled_from(("visit", "page_view", "demo_request", *ACTIVITY_KINDS)), max_size=3, unique=True)
rows = st.fixed_dictionaries(
    {
        "kinds": kinds,
        "contents": st.lists(st.sampled_from(CONTENTS), max_size=2),
        "content_starts": st.lists(st.sampled_from(("pricing/", "blog", "/", "c")), max_size=2),
        "depth": st.integers(0, 3),
        "hand_raise": st.booleans(),
    }
).filter(lambda row: bool(row["kinds"] or row["contents"] or row["content_starts"]))
catalogues = st.lists(rows, max_size=5).map(
    lambda several: Catalogue.of(
        Touchpoint.model_validate({"id": ("pricing", "forms", "a", "b", "c")[place], "stage": "selection", **row})
        for place, row in enumerate(several)
    )
)
queries = st.lists(st.builds(Query, filters(), st.none() | st.sampled_from((0, 2, 7, 30))), max_size=6)


def is_said(given: list[str] | tuple[str, ...], here: str | None) -> bool:
    return not given or here in given


def has_content(row: ActivityFilter | Touchpoint, activity: Activity) -> bool:
    if not row.contents and not row.content_starts:
        return True
    here = activity.content
    return here is not None and (here in row.contents or any(here[: len(start)] == start for start in row.content_starts))


def touchpoint(catalogue: Catalogue, activity: Activity) -> Touchpoint | None:
    for row in catalogue.rows:
        if is_said(row.kinds, activity.kind) and has_content(row, activity):
            return row
    return None


def is_meant(asks: ActivityFilter, catalogue: Catalogue, activity: Activity) -> bool:
    row = touchpoint(catalogue, activity)
    return (
        is_said(asks.kinds, activity.kind)
        and has_content(asks, activity)
        and is_said(asks.channels, activity.channel)
        and is_said(asks.campaigns, activity.campaign)
        and asks.marketing in {None, activity.marketing}
        and (not asks.touchpoints or (row is not None and row.id in asks.touchpoints))
        and (row.depth if row else 0) >= (asks.depth_at_least or 0)
        and asks.hand_raise in {None, row.hand_raise if row else False}
    )


@given(queries, catalogues, activity_lists(12))
def test_one_pass_says_what_looking_at_each_activity_says(several: list[Query], catalogue: Catalogue, seen: tuple[Activity, ...]) -> None:
    expected: tuple[list[int], list[datetime | None]] = ([], [])
    for query in several:
        days = query.within_days
        instants = [
            activity.at
            for activity in seen
            if timedelta(0) <= AT - activity.at
            and (days is None or AT - activity.at <= days * DAY)
            and is_meant(query.activities, catalogue, activity)
        ]
        expected[0].append(len(instants))
        expected[1].append(max(instants, default=None))
    signals = Signals.of(several, catalogue)
    assert read(signals, seen, AT) == expected
    assert read(signals, reversed(seen), AT) == expected


@given(queries, catalogues, activity_lists(6))
def test_an_activity_is_asked_of_the_queries_that_mean_it(several: list[Query], catalogue: Catalogue, seen: tuple[Activity, ...]) -> None:
    signals = Signals.of(several, catalogue)
    for activity in seen:
        entries = asked(signals, activity)
        found = [number for number, fits, _ in entries if fits is None or fits(activity)]
        assert found == [number for number, query in enumerate(several) if is_meant(query.activities, catalogue, activity)]
        assert [signals.look_backs[window] for _, _, window in entries] == [several[number].within_days for number, _, _ in entries]
        assert catalogue.touchpoint(activity) == touchpoint(catalogue, activity)
