"""What holds of every query and every order of noting: a timeline says what reading all activities again says."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import attrs
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import cases
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.facts import Activity, Lead
from inbound_engine.policy import Policy
from inbound_engine.signals import Catalogue, Query, Signals, asked, read
from inbound_engine.spans import look_back, whole_weeks
from inbound_engine.timelines import Timeline, counted, found, noted, pushed, timeline, weekly
from tests.laws.test_signals_laws import catalogues, queries
from tests.strategies import AT, activity_lists, leads

instants = st.sampled_from((0, 1, 7, 14, 30, 45, -9)).map(lambda days: AT - timedelta(days=days))


def noting(signals: Signals, seen: Sequence[Activity], known: int, *, first: bool = False) -> Timeline:
    """The timeline that knew the first of the activities, and was told the others."""
    line = timeline(signals, seen[:known], first=first)
    for activity in seen[known:]:
        line = noted(line, activity)
    return line


@given(st.lists(st.text("abc", max_size=3)))
def test_runs_hold_every_item_sorted_in_few_runs(items: list[str]) -> None:
    runs: tuple[tuple[str, ...], ...] = ()
    for item in items:
        runs = pushed(runs, item, key=str)
    assert sorted(item for run in runs for item in run) == sorted(items)
    assert all(list(run) == sorted(run) for run in runs)
    assert all(len(longer) > len(shorter) for longer, shorter in pairwise(runs))
    assert 2 ** len(runs) <= len(items) + 1
    assert all(found(runs, item, key=str) == item for item in items)
    assert found(runs, "d", key=str) is None


@given(queries, catalogues, activity_lists(12).flatmap(st.permutations), st.integers(0, 12), instants)
def test_what_was_counted_is_what_reading_says(
    several: list[Query], catalogue: Catalogue, seen: list[Activity], known: int, at: datetime
) -> None:
    signals = Signals.of(several, catalogue)
    assert counted(noting(signals, seen, known), at) == read(signals, seen, at)


@given(queries, catalogues, activity_lists(12).flatmap(st.permutations), st.integers(0, 60), instants)
def test_weeks_are_those_of_looking_at_each_activity(
    several: list[Query], catalogue: Catalogue, seen: list[Activity], days: int, at: datetime
) -> None:
    """Each activity counts for the first query that means it, as rows of a decaying matrix do."""
    signals = Signals.of(several, catalogue)
    since, weeks = look_back(at, days), days // 7 + 1
    expected = [[0] * weeks for _ in several]
    for activity in seen:
        meant = [number for number, fits, _ in asked(signals, activity) if fits is None or fits(activity)]
        if meant and since <= activity.at <= at:
            expected[meant[0]][whole_weeks(at - activity.at)] += 1
    assert weekly(noting(signals, seen, len(seen) // 2, first=True), at, since, weeks) == expected


SHIPPED = Engine(Policy())
LONG = Engine(changed(Policy(), {"scoring.matrices[engagement].within_days": 100, "scoring.matrices[engagement].cap": 1000}))


@given(st.sampled_from((SHIPPED, LONG)), leads(), activity_lists(8).flatmap(st.permutations), st.integers(0, 8), instants)
def test_an_assessment_by_what_was_counted_is_the_assessment(
    engine: Engine, lead: Lead, seen: list[Activity], known: int, at: datetime
) -> None:
    """Scores, tier, reasons, bounds, and what the rules after scoring see."""
    lead = attrs.evolve(lead, activities=tuple(seen))
    index = cases.indexed(engine.compiled, seen[:known])
    for activity in seen[known:]:
        index = cases.noted(index, activity)
    assessment, view = cases.assessed(engine.compiled, lead, index, at)
    alone = engine.assess(lead, at=at)
    assert assessment.to_dict() == alone.to_dict()
    assert assessment.explain() == alone.explain()
    assert (view.counts, view.latest) == (alone.view.counts, alone.view.latest)
