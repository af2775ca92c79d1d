"""Signals: which activities a filter means, what the catalogue says of them, and what is counted as of an instant."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbound_engine.errors import PolicyError
from inbound_engine.facts import Activity
from inbound_engine.policy import Policy
from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals, Touchpoint, asked, read

AT = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)  # the morning after Europe set its clocks forward
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
NOTHING = Catalogue.of(())
SHIPPED = Catalogue.of(Policy().touchpoints)


def activity(kind: str = "page_view", content: str | None = None, at: datetime = AT, **more: object) -> Activity:
    return Activity(id=f"{kind} {content} {at.isoformat()}", kind=kind, content=content, at=at, **more)  # type: ignore[arg-type]  # each is of its field's kind


def counts(query: Query, activities: Sequence[Activity], catalogue: Catalogue = NOTHING) -> int:
    return read(Signals.of([query], catalogue), activities, AT)[0][0]


@pytest.mark.parametrize(
    ("asks", "of", "meant"),
    [
        ({}, activity(), True),
        ({"kinds": ["page_view"]}, activity(), True),
        ({"kinds": ["visit", "reply"]}, activity(), False),
        ({"contents": ["pricing"]}, activity(content="pricing"), True),
        ({"contents": ["pricing"]}, activity(content="Pricing"), False),
        ({"contents": ["pricing"]}, activity(content="pricing/enterprise"), False),
        ({"contents": ["pricing"]}, activity(), False),
        ({"content_starts": ["pricing/"]}, activity(content="pricing/enterprise"), True),
        ({"content_starts": ["pricing/"]}, activity(content="pricing"), False),
        ({"content_starts": ["pricing/"]}, activity(), False),
        ({"contents": ["pricing"], "content_starts": ["pricing/"]}, activity(content="pricing"), True),
        ({"contents": ["pricing"], "content_starts": ["pricing/"]}, activity(content="pricing/enterprise"), True),
        ({"channels": ["email"]}, activity(channel="email"), True),
        ({"channels": ["email"]}, activity(channel="google"), False),
        ({"channels": ["email"]}, activity(), False),
        ({"campaigns": ["spring"]}, activity(campaign="spring"), True),
        ({"campaigns": ["spring"]}, activity(campaign="autumn"), False),
        ({"marketing": True}, activity(), True),
        ({"marketing": False}, activity(), False),
        ({"marketing": False}, activity(marketing=False), True),
        ({"kinds": ["page_view"], "channels": ["email"], "marketing": True}, activity(channel="email"), True),
        ({"kinds": ["page_view"], "channels": ["email"], "marketing": True}, activity(channel="email", marketing=False), False),
        # what the catalogue says: pricing has depth 3, a guide 1, a blog 0, and a page that it does not list 0
        ({"depth_at_least": 3}, activity(content="pricing"), True),
        ({"depth_at_least": 3}, activity(content="/pricing?plan=pro"), True),
        ({"depth_at_least": 2}, activity(content="guide"), False),
        ({"depth_at_least": 1}, activity(content="guide"), True),
        ({"depth_at_least": 0}, activity(content="careers"), True),
        ({"depth_at_least": 1}, activity(content="careers"), False),
        ({"depth_at_least": 3}, activity(), False),
        ({"hand_raise": True}, activity("demo_request"), True),
        ({"hand_raise": True}, activity("demo_request", content="pricing"), True),
        ({"hand_raise": True}, activity(content="pricing"), False),
        ({"hand_raise": False}, activity(content="pricing"), True),
        ({"hand_raise": False}, activity("demo_request"), False),
        ({"hand_raise": False}, activity("reply"), True),
        ({"touchpoints": ["pricing"]}, activity(content="pricing"), True),
        ({"touchpoints": ["pricing"]}, activity(content="demo"), False),
        ({"touchpoints": ["pricing"]}, activity("reply", content="pricing"), False),
        ({"touchpoints": ["pricing", "hand_raise"]}, activity("contact_form"), True),
        ({"touchpoints": ["pricing"], "kinds": ["visit"]}, activity(content="pricing"), False),
        ({"touchpoints": ["pricing"], "hand_raise": True}, activity(content="pricing"), False),
        ({"depth_at_least": 3, "channels": ["email"]}, activity(content="pricing", channel="email"), True),
        ({"depth_at_least": 3, "channels": ["email"]}, activity(content="pricing"), False),
    ],
)
def test_a_filter_means_the_activities_that_fit_all_it_says(asks: dict[str, Any], of: Activity, meant: bool) -> None:
    assert counts(Query(ActivityFilter.model_validate(asks)), [of], SHIPPED) == int(meant)


@pytest.mark.parametrize(
    ("of", "touchpoint"),
    [
        (activity("demo_request"), "hand_raise"),
        (activity(content="pricing"), "pricing"),
        (activity("visit", content="pricing/enterprise"), "pricing"),
        (activity(content="/contact"), "demo_page"),
        (activity("webinar_attendance", content="pricing"), "webinar"),
        (activity(content="blog"), "blog"),
        (activity(content="careers"), None),
        (activity(), None),
        (activity("reply"), None),
    ],
)
def test_an_activity_is_of_the_first_touchpoint_that_it_matches(of: Activity, touchpoint: str | None) -> None:
    found = SHIPPED.touchpoint(of)
    assert (found and found.id) == touchpoint


def test_the_order_of_the_catalogue_decides_and_a_row_without_contents_takes_what_is_left() -> None:
    rows = (
        Touchpoint(id="enterprise", stage="selection", contents=("pricing/enterprise",), depth=3),
        Touchpoint(id="prices", stage="selection", kinds=("page_view",), content_starts=("pricing",), depth=2),
        Touchpoint(id="pages", stage="education", kinds=("page_view",), depth=1),
        Touchpoint(id="never", stage="selection", kinds=("page_view",), contents=("pricing",), depth=3),
    )
    seen = [activity(content=content) for content in ("pricing/enterprise", "pricing", "pricing/team", "careers", None)]
    for order, depths in ((rows, [3, 2, 2, 1, 1]), (rows[::-1], [1, 3, 1, 1, 1])):
        catalogue = Catalogue.of(order)
        assert [found.depth for one in seen if (found := catalogue.touchpoint(one))] == depths
        for depth in range(4):
            query = Query(ActivityFilter(depth_at_least=depth))
            assert [counts(query, [one], catalogue) for one in seen] == [int(here >= depth) for here in depths]


def test_a_kind_that_nobody_names_is_still_counted() -> None:
    catalogue = Catalogue.of((Touchpoint(id="pricing", stage="selection", contents=("pricing",), depth=3),))
    seen = [activity("kiosk", "pricing"), activity("kiosk", "careers"), activity("kiosk")]
    assert counts(Query(ActivityFilter()), seen, catalogue) == 3
    assert counts(Query(ActivityFilter(depth_at_least=3)), seen, catalogue) == 1
    assert counts(Query(ActivityFilter(kinds=("visit",))), seen, catalogue) == 0


@pytest.mark.parametrize(
    ("ago", "counted"),
    [
        (-TICK, (0, 0, 0)),  # after the instant: not known yet (FD-2)
        (timedelta(0), (1, 1, 1)),
        (TICK, (1, 1, 0)),
        (2 * DAY - TICK, (1, 1, 0)),
        (2 * DAY, (1, 1, 0)),  # the look-back is closed
        (2 * DAY + TICK, (1, 0, 0)),
        (timedelta(hours=48), (1, 1, 0)),  # across the change of clocks: a day is 24 hours
        (timedelta(days=700_000), (1, 0, 0)),
    ],
)
def test_a_look_back_is_closed_and_whole(ago: timedelta, counted: tuple[int, int, int]) -> None:
    signals = Signals.of([Query(ActivityFilter(), days) for days in (None, 2, 0)], NOTHING)
    found, latest = read(signals, [activity(at=AT - ago)], AT)
    assert tuple(found) == counted
    assert latest == [AT - ago if number else None for number in counted]


def test_a_look_back_beyond_the_first_instant_reaches_it() -> None:
    early = datetime(1, 1, 2, tzinfo=UTC)
    assert read(Signals.of([Query(ActivityFilter(), 30)], NOTHING), [activity(at=early - DAY)], early)[0] == [1]


def test_the_latest_is_the_last_inside_the_look_back_whatever_the_order() -> None:
    visits = [activity("visit", at=AT - days * DAY) for days in (5, 1, -1, 9)]
    signals = Signals.of(
        [Query(ActivityFilter(kinds=("visit",)), days) for days in (None, 7)] + [Query(ActivityFilter(kinds=("reply",)))], NOTHING
    )
    assert read(signals, visits, AT) == read(signals, visits[::-1], AT) == ([3, 2, 0], [AT - DAY, AT - DAY, None])
    assert read(signals, [], AT) == ([0, 0, 0], [None, None, None])


def test_what_an_activity_may_count_for_is_told_in_order() -> None:
    queries = [
        ActivityFilter(),
        ActivityFilter(touchpoints=("pricing",)),
        ActivityFilter(kinds=("visit",)),
        ActivityFilter(channels=("email",)),
    ]
    signals = Signals.of([Query(one, days) for one, days in zip(queries, (None, 30, 30, 7), strict=True)], SHIPPED)
    assert [(number, fits is None, days) for number, fits, days in asked(signals, activity(content="pricing"))] == [
        (0, True, 0),
        (1, True, 1),
        (3, False, 2),
    ]
    assert [number for number, _, _ in asked(signals, activity("visit", "pricing"))] == [0, 1, 2, 3]
    assert [number for number, _, _ in asked(signals, activity("visit", "careers"))] == [0, 2, 3]
    assert [number for number, _, _ in asked(signals, activity("reply"))] == [0, 3]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            {"id": "all", "stage": "awareness"},
            "kinds: saw nothing, expected kinds, contents or content_starts. A touchpoint without them would mean every activity.",
        ),
        ({"id": "a", "stage": "selection", "kinds": ["visit"], "depth": 4}, "depth: saw 4, expected at most 3."),
        (
            {"id": "a", "stage": "purchase", "kinds": ["visit"]},
            "stage: saw 'purchase', expected one of 'awareness', 'education' or 'selection'.",
        ),
        ({"id": "a", "stage": "selection", "kinds": ["visit"], "contents": [""]}, "contents[0]: saw '', expected at least 1 character(s)."),
        (
            {"id": "a", "stage": "selection", "kinds": ["visit"], "intent": "huge"},
            "intent: saw 'huge', expected one of 'low', 'medium' or 'high'.",
        ),
    ],
)
def test_a_touchpoint_that_cannot_be_is_refused(row: dict[str, Any], told: str) -> None:
    with pytest.raises(PolicyError) as refused:
        Touchpoint.model_validate(row)
    assert [str(problem) for problem in refused.value.problems] == [told]


def test_a_catalogue_too_large_for_its_filters_is_refused_at_once() -> None:
    rows = [Touchpoint(id=f"t{place}", stage="education", contents=(f"page {place}",)) for place in range(1_000)]
    filters = [ActivityFilter(kinds=(f"kind_{place}",)) for place in range(1_000)] + [
        ActivityFilter(depth_at_least=1, contents=(f"page {place}",)) for place in range(1_000)
    ]
    began = time.perf_counter()
    with pytest.raises(PolicyError) as refused:
        Signals.of([Query(one) for one in filters], Catalogue.of(rows))
    assert [str(problem) for problem in refused.value.problems] == [
        "touchpoints: saw 1000 touchpoints, 2000 filters and 1000 kinds of activity, expected fewer of them. "
        "Say kinds in every touchpoint, or remove some."
    ]
    assert time.perf_counter() - began < 5


def test_a_hundred_thousand_activities_are_read_in_one_pass() -> None:
    many = [
        Activity(id=str(number), kind="page_view", content="pricing", at=AT - number * timedelta(seconds=30)) for number in range(100_000)
    ]
    signals = Signals.of([Query(ActivityFilter(), days) for days in (None, 1, 30)] + [Query(ActivityFilter(depth_at_least=3), 1)], SHIPPED)
    assert read(signals, many, AT)[0] == [100_000, 2_881, 86_401, 2_881]


@pytest.mark.parametrize(
    ("of", "raised"),
    [
        pytest.param(activity("demo_request"), True, id="a request"),
        pytest.param(activity("reply"), False, id="a kind that raises no hand"),
        pytest.param(activity("page_view", content="pricing"), False, id="a page"),
        pytest.param(activity("page_view", content="demo/thanks"), True, id="a page that is called so"),
        pytest.param(activity("page_view", content="blog"), False, id="another page"),
        pytest.param(activity("page_view", content="demo/tour"), False, id="the row before it counts"),
    ],
)
def test_a_hand_is_raised_where_the_row_that_matches_says_so(of: Activity, raised: bool) -> None:
    rows = [
        Touchpoint(id="tour", stage="selection", kinds=("page_view",), contents=("demo/tour",)),
        Touchpoint(id="asked", stage="selection", kinds=("demo_request",), hand_raise=True),
        Touchpoint(id="thanks", stage="selection", kinds=("page_view",), content_starts=("demo/",), hand_raise=True),
        Touchpoint(id="pricing", stage="selection", kinds=("page_view",), contents=("pricing",)),
    ]
    assert Catalogue.of(rows).raises_hand(of) is raised
