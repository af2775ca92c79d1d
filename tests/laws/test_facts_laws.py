"""What holds for every fact, however it comes in and goes out."""

import copy
import json
import pickle
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import history, intake, vocabulary
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Activity, Extra, Lead, to_dict
from inbound_engine.policy import Policy
from inbound_engine.spans import instant, look_back, months_later, whole_weeks
from inbound_engine.vocabulary import DeclaredFact, FactsDocument, Kind
from tests.strategies import AT, activities, activity_lists, amounts, decimals, extras, instants, leads, texts, zones

ENGINE = Engine(Policy())

_OF_EVERY_KIND: dict[Kind, st.SearchStrategy[object]] = {
    "text": texts(),
    "texts": st.frozensets(texts()),
    "integer": st.integers(-(2**63) + 1, 2**63 - 1),
    "decimal": decimals(),
    "boolean": st.booleans(),
    "instant": instants(),
    "money": amounts(),
}
WORDS = vocabulary.compile(FactsDocument(declared=tuple(DeclaredFact(id=f"own_{kind}", kind=kind) for kind in _OF_EVERY_KIND)))
_OWN = st.fixed_dictionaries({}, optional={f"own_{kind}": values for kind, values in _OF_EVERY_KIND.items()}).map(Extra.of)


@given(leads())
def test_what_a_lead_is_written_as_reads_as_the_same_lead(lead: Lead) -> None:
    """to_dict, JSON, intake: the identity, and the two ways to read it back agree."""
    words = ENGINE.compiled.words
    written = json.loads(json.dumps(to_dict(lead)))
    read = intake.restored(written, words)
    assert _ordered(read) == _ordered(lead)
    assert intake.lead(written, words) == read
    assert to_dict(read) == to_dict(lead)


@given(_OWN)
def test_extras_of_every_kind_are_read_back(own: Extra) -> None:
    """FD-3: every number as exact as it was."""
    lead = Lead(id="L-1", extra=own)
    again = intake.lead(json.loads(json.dumps(to_dict(lead))), WORDS)
    assert again == lead
    assert [type(value) for value in again.extra.values()] == [type(value) for value in own.values()]


@given(leads(), st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_text_is_kept_letter_for_letter(lead: Lead, text: str) -> None:
    odd = attrs.evolve(lead, name=text, title=text, account=Account(id=text, name=text))
    assert _ordered(intake.restored(to_dict(odd), ENGINE.compiled.words)) == _ordered(odd)


def _ordered(lead: Lead) -> Lead:
    """The lead with its activities and observations in the order in which they are written down."""
    known = None if lead.activities is None else history.in_order(lead.activities)
    seen = sorted(lead.observations, key=lambda seen: (seen.fact, seen.source, json.dumps(to_dict(seen))))
    return attrs.evolve(lead, activities=known, observations=tuple(seen))


@given(leads(), st.randoms())
def test_the_order_of_activities_and_of_extras_changes_nothing(lead: Lead, lots: Random) -> None:
    """FD-4: neither what is written down nor what is decided."""
    happened, own = list(lead.activities or ()), list(lead.extra.items())
    lots.shuffle(happened)
    lots.shuffle(own)
    mixed = attrs.evolve(lead, activities=None if lead.activities is None else happened, extra=dict(own))
    assert to_dict(mixed) == to_dict(lead)
    assert ENGINE.assess(mixed, at=AT).to_dict() == ENGINE.assess(lead, at=AT).to_dict()


@given(leads())
def test_a_redacted_record_names_nobody(lead: Lead) -> None:
    """FD-5: not even in what others said."""
    secret = attrs.evolve(lead, name="Sëcret", title="Sëcret", self_reported="Sëcret", email="Sëcret@x.example")
    personal = ENGINE.compiled.words.personal
    record = to_dict(attrs.evolve(secret, extra={**lead.extra, "pain": "Sëcret"}), redact=True, personal=personal)
    assert "Sëcret" not in json.dumps(record, ensure_ascii=False)
    assert record["id"] == lead.id


@given(leads())
def test_facts_pickle_and_copy_as_themselves(lead: Lead) -> None:
    for twin in (pickle.loads(pickle.dumps(lead)), copy.deepcopy(lead)):  # noqa: S301 - our own bytes
        assert twin == lead
        assert hash(twin) == hash(lead)
        assert repr(twin) == repr(lead)


@given(activity_lists(), st.data())
def test_activities_handed_over_twice_count_once(happened: tuple[Activity, ...], data: st.DataObject) -> None:
    """AD-13."""
    again = data.draw(st.lists(st.sampled_from(happened), max_size=5)) if happened else []
    assert Lead(id="L", activities=(*happened, *again)).activities == happened


@given(activity_lists())
def test_the_past_is_the_same_whoever_tells_it(happened: tuple[Activity, ...]) -> None:
    """FD-2, LC-11."""
    told = history.in_order(happened)
    assert history.in_order(reversed(happened)) == told
    assert sorted(told, key=lambda event: event.at) == list(told)
    seen = history.as_of(told, AT)
    assert seen == tuple(event for event in told if event.at <= AT)
    assert history.as_of(seen, AT) == seen


@given(activities(), st.sampled_from([field.name for field in attrs.fields(Activity)]), st.sampled_from([1.5, b"x", "", object(), [1]]))
def test_an_activity_of_the_wrong_kind_is_refused(activity: Activity, name: str, value: object) -> None:
    """Whichever way the check takes, the short one or the long one."""
    other: dict[str, Any] = {name: value}
    with pytest.raises(FactError, match=rf"^activity\.{name}"):
        attrs.evolve(activity, **other)


@given(extras(), extras())
def test_extras_are_equal_when_their_facts_are(one: Extra, other: Extra) -> None:
    assert (one == other) is (dict(one) == dict(other))
    assert Extra.of(dict(reversed(list(one.items())))) == one


# ------------------------------------------------------------------------------------------------------------------ time


@given(instants(), zones())
def test_an_instant_is_the_same_from_every_zone(at: datetime, where: ZoneInfo) -> None:
    """FD-2, FD-4."""
    local = at.astimezone(where)
    assert instant(local) == at
    assert instant(local).tzinfo is UTC


@given(instants(), st.integers(0, 10**6))
def test_a_look_back_of_days_is_that_many_days_of_24_hours_or_all_there_are(at: datetime, days: int) -> None:
    """FD-2."""
    since = look_back(at, days)
    assert at - since == timedelta(days=days) or since == datetime.min.replace(tzinfo=UTC)
    assert look_back(at, days + 1) <= since <= at


@given(st.integers(0, 10**15), st.integers(1, 10**6))
def test_weeks_are_whole(microseconds: int, more: int) -> None:
    """FD-2: and never fewer later."""
    elapsed = timedelta(microseconds=microseconds)
    assert timedelta(weeks=whole_weeks(elapsed)) <= elapsed < timedelta(weeks=whole_weeks(elapsed) + 1)
    assert whole_weeks(elapsed + timedelta(microseconds=more)) >= whole_weeks(elapsed)


@given(st.dates(max_value=datetime(9000, 1, 1, tzinfo=UTC).date()), st.integers(0, 600))
def test_months_step_over_the_calendar_and_keep_the_day_or_the_last(start: date, months: int) -> None:
    """LC-6."""
    later = months_later(start, months)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == months
    assert later.day <= start.day
