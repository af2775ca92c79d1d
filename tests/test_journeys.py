"""Journeys: which touches count for a deal, in which order, and what was left out and why."""

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from inbound_engine import journeys
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Activity, Contact, Lead, Opportunity
from inbound_engine.history import Entry, Record
from inbound_engine.journeys import ChannelWindow, Exclusion, JourneyDocument, LeadCreation, Rules
from inbound_engine.people import People, PeopleDocument
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.policy import Policy
from inbound_engine.signals import Catalogue

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
PLAIN = journeys.compile(JourneyDocument())


def rules(**fields: Any) -> Rules:  # noqa: ANN401 - plain data of a document
    return journeys.compile(JourneyDocument.model_validate(fields))


def touch(id: str, at: datetime, **more: Any) -> Activity:  # noqa: A002, ANN401 - what activities say
    return Activity(**{"id": id, "kind": "visit", "at": at, **more})


def deal(**more: Any) -> Opportunity:  # noqa: ANN401 - what opportunities say
    return Opportunity(**{"id": "D-1", "account_id": "acme", "opened_at": OPENED, "closed_at": CLOSED, "won": True, **more})


def ids(journey: journeys.Journey) -> list[str]:
    return [one.id for one in journey.touches]


def left(journey: journeys.Journey) -> list[tuple[str, str]]:
    return [(one.touch.id, one.code) for one in journey.excluded]


# ------------------------------------------------------------------------------------------------------- bound and order


def test_touches_up_to_the_close_count_and_the_instant_itself_does() -> None:
    """AD-1, AD-4: a touch after the close is left out, whatever the policy says."""
    touches = [touch("after", CLOSED + timedelta(microseconds=1)), touch("at", CLOSED), touch("before", CLOSED - DAY)]
    journey = journeys.prepare(PLAIN, deal(), touches)
    assert ids(journey) == ["before", "at"]
    assert left(journey) == [("after", "after_close")]
    assert (journey.total, journey.bound, journey.why_empty) == ("revenue", CLOSED, None)
    assert repr(journey) == "Journey('D-1', revenue, touches=2, excluded=1)"


def test_one_instant_is_ordered_by_sequence_and_then_by_id() -> None:
    """AD-2: not by the order of the input."""
    touches = [touch("b", OPENED), touch("a", OPENED), touch("z", OPENED, sequence=-1), touch("y", OPENED - DAY, sequence=9)]
    assert ids(journeys.prepare(PLAIN, deal(), touches)) == ["y", "z", "a", "b"]
    assert ids(journeys.prepare(PLAIN, deal(), reversed(touches))) == ["y", "z", "a", "b"]


@pytest.mark.parametrize(
    ("won", "closed", "at", "total", "bound"),
    [
        (True, CLOSED, None, "revenue", CLOSED),
        (False, CLOSED, None, "lost", CLOSED),
        (None, None, CLOSED, "pipeline", CLOSED),
        (None, CLOSED, CLOSED + DAY, "pipeline", CLOSED + DAY),
        (True, CLOSED, CLOSED, "revenue", CLOSED),
        (True, CLOSED, CLOSED - DAY, "pipeline", CLOSED - DAY),
        (False, CLOSED, CLOSED - DAY, "pipeline", CLOSED - DAY),
    ],
)
def test_what_a_deal_adds_to(won: bool | None, closed: datetime | None, at: datetime | None, total: str, bound: datetime) -> None:
    """AD-19: seen from before its close, a deal is still open."""
    journey = journeys.prepare(PLAIN, deal(won=won, closed_at=closed), [touch("t", OPENED)], at=at)
    assert (journey.total, journey.bound) == (total, bound)
    assert ("close" in journey.marks) is (total != "pipeline")


@pytest.mark.parametrize(
    ("more", "at", "path"),
    [
        ({"won": None, "closed_at": None}, None, r"opportunities\[D-1\]"),
        ({"won": True, "closed_at": None}, CLOSED, r"opportunities\[D-1\].closed_at"),
        ({"won": False, "closed_at": None}, None, r"opportunities\[D-1\].closed_at"),
        ({}, OPENED - DAY, r"opportunities\[D-1\].opened_at"),
        ({}, datetime(2026, 5, 1), "at"),  # noqa: DTZ001 - naive on purpose
    ],
)
def test_a_deal_that_cannot_be_bound_is_refused(more: dict[str, Any], at: datetime | None, path: str) -> None:
    with pytest.raises(FactError, match=path):
        journeys.prepare(PLAIN, deal(**more), [], at=at)


@pytest.mark.parametrize("touches", [None, [None], ["t"], [object()]])
def test_what_is_no_list_of_touches_is_refused(touches: Any) -> None:  # noqa: ANN401 - on purpose
    with pytest.raises(FactError, match="touches"):
        journeys.prepare(PLAIN, deal(), touches)


def test_a_touch_that_comes_twice_counts_once() -> None:
    """AD-13: identical ones; two different ones under one id are refused."""
    assert ids(journeys.prepare(PLAIN, deal(), [touch("t", OPENED), touch("t", OPENED)])) == ["t"]
    with pytest.raises(FactError, match=r"touches\[t\]: saw two different touches"):
        journeys.prepare(PLAIN, deal(), [touch("t", OPENED), touch("t", OPENED, channel="email")])


# ------------------------------------------------------------------------------------------------------------ milestones


@pytest.mark.parametrize(
    ("created", "lead"),
    [
        (LeadCreation(OPENED - 5 * DAY, frozenset({"ana"})), "ana-1"),
        (LeadCreation(OPENED - 4 * DAY, frozenset({"ana"})), "ana-1"),
        (LeadCreation(OPENED - 4 * DAY), "ben-1"),
        (LeadCreation(OPENED - 4 * DAY, frozenset({"cleo"})), "ben-1"),
        (LeadCreation(OPENED - 9 * DAY, frozenset({"ana"})), None),
        (LeadCreation(OPENED - 6 * DAY, frozenset({"ben"})), "ana-1"),
        (LeadCreation(OPENED, frozenset({"ana"}), "ben-1"), "ben-1"),
        (LeadCreation(None, touch_id="ana-2"), "ana-2"),
        (LeadCreation(OPENED, frozenset({"ana"}), "nowhere"), "ana-1"),
        (LeadCreation(None, frozenset({"ana"})), None),
        (LeadCreation(CLOSED + DAY, frozenset({"ana"})), None),
        (LeadCreation(CLOSED + DAY, frozenset({"ana"}), "ana-1"), None),
        (None, None),
    ],
)
def test_which_touch_made_the_lead(created: LeadCreation | None, lead: str | None) -> None:
    """AD-5: the one that is named, else the latest of that person, else the latest of anybody; after the close nothing is reached."""
    touches = [
        touch("ana-1", OPENED - 6 * DAY, contact_id="ana"),
        touch("ben-1", OPENED - 4 * DAY, contact_id="ben"),
        touch("ana-2", OPENED + DAY, contact_id="ana"),
    ]
    journey = journeys.prepare(PLAIN, deal(), touches, created=created)
    assert (journey.touches[journey.marks["lead"]].id if "lead" in journey.marks else None) == lead


def test_a_lead_may_stand_for_its_creation() -> None:
    """Its id, its contact and its address are what its touches carry."""
    lead = Lead(id="L-1", email="ana@acme.example", contact_id="c-1", created_at=OPENED)
    for name in ("L-1", "c-1", "ana@acme.example"):
        touches = [touch("hers", OPENED - DAY, contact_id=name), touch("other", OPENED, contact_id="c-2")]
        assert journeys.prepare(PLAIN, deal(), touches, created=lead).marks["lead"] == 0
    berlin = datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    assert LeadCreation(berlin).at == OPENED
    assert LeadCreation.of(lead, {"x"}) == LeadCreation(OPENED, frozenset({"x"}))


def test_an_opportunity_without_a_touch_before_it_has_none() -> None:
    journey = journeys.prepare(PLAIN, deal(), [touch("late", OPENED + DAY)])
    assert dict(journey.marks) == {"first": 0, "last": 0, "close": 0}


def test_stages_are_marked_at_their_first_and_their_last_entry() -> None:
    """AD-25: an entry before every touch has none, and one after the close is not reached."""
    touches = [touch("a", OPENED), touch("b", OPENED + 2 * DAY)]
    stages = [("SQL", OPENED + 3 * DAY), ("MQL", OPENED + 2 * DAY), ("MQL", OPENED - DAY), ("SAL", CLOSED + DAY), ("SQL", OPENED)]
    journey = journeys.prepare(PLAIN, deal(), touches, stages=stages)
    marks = journey.marks
    assert [name for name, _ in journey.stages] == ["MQL", "SQL", "MQL", "SQL", "SAL"]
    assert {name: place for name, place in marks.items() if ":" in name} == {"MQL:last": 1, "SQL:first": 0, "SQL:last": 1}
    with pytest.raises(FactError, match="stages"):
        journeys.prepare(PLAIN, deal(), touches, stages=[("SQL", datetime(2026, 3, 2))])  # noqa: DTZ001 - naive on purpose


# -------------------------------------------------------------------------------------------------------------- left out


def test_what_sales_did_is_left_out_as_shipped() -> None:
    """AD-9: and a touch of a kind or a channel, where an exclusion says so."""
    shipped = journeys.compile(JourneyDocument.model_validate(PLAYBOOK["attribution"]["journeys"]))  # type: ignore[index]  # plain data
    touches = [touch("call", OPENED, marketing=False), touch("click", OPENED)]
    journey = journeys.prepare(shipped, deal(), touches)
    assert (ids(journey), left(journey)) == (["click"], [("call", "excluded")])
    assert journey.excluded[0].rule == "attribution.journeys.exclusions[sales]"


@pytest.mark.parametrize(
    ("filtered", "kept"),
    [
        ({"kinds": ["email_open"]}, ["ad", "pricing"]),
        ({"channels": ["linkedin"]}, ["open", "pricing"]),
        ({"kinds": ["visit"], "channels": ["linkedin"]}, ["open", "pricing"]),
        ({"kinds": ["email_open"], "channels": ["linkedin"]}, ["open", "ad", "pricing"]),
        ({"contents": ["pricing"]}, ["open", "ad"]),
        ({"marketing": True}, []),
        ({"marketing": False}, ["open", "ad", "pricing"]),
        ({"touchpoints": ["pricing"]}, ["open", "ad"]),
    ],
)
def test_exclusions_mean_what_their_filter_says(filtered: dict[str, Any], kept: list[str]) -> None:
    """AD-10: the catalogue of touchpoints is asked too."""
    document = JourneyDocument.model_validate({"exclusions": [{"id": "x", "touches": filtered}]})
    touches = [
        touch("open", OPENED, kind="email_open", channel="email"),
        touch("ad", OPENED + DAY, channel="linkedin"),
        touch("pricing", OPENED + 2 * DAY, kind="page_view", content="pricing"),
    ]
    compiled = journeys.compile(document, Catalogue.of(Policy().touchpoints))
    journey = journeys.prepare(compiled, deal(), touches)
    assert ids(journey) == kept
    assert [code for _, code in left(journey)] == ["excluded"] * (3 - len(kept))


@pytest.mark.parametrize(
    ("direct", "channels", "kept", "gone"),
    [
        ("fallback", ["direct", "email"], ["email"], ["direct"]),
        ("fallback", ["direct", "direct"], ["direct", "direct"], []),
        ("include", ["direct", "email"], ["direct", "email"], []),
        ("include", ["email", "direct"], ["email", "direct"], []),
        ("exclude", ["direct", "email"], ["email"], ["direct"]),
        ("exclude", ["direct", "direct"], [], ["direct", "direct"]),
        ("fallback", [None, "direct"], [None], ["direct"]),
    ],
)
def test_direct_visits_count_where_there_is_nothing_else(direct: str, channels: list[str], kept: list[str], gone: list[str]) -> None:
    """AD-9: or always, or never; an unknown channel is not direct."""
    touches = [touch(f"t-{number}", OPENED + number * DAY, channel=channel) for number, channel in enumerate(channels)]
    journey = journeys.prepare(rules(direct=direct, direct_channels=["direct"]), deal(), touches)
    assert [one.channel for one in journey.touches] == kept
    assert [one.touch.channel for one in journey.excluded] == gone
    assert {one.code for one in journey.excluded} <= {"direct"}


def test_an_unknown_channel_is_direct_where_the_policy_says_so() -> None:
    compiled = rules(direct="exclude", direct_channels=["direct"], unknown_is_direct=True)
    assert ids(journeys.prepare(compiled, deal(), [touch("t", OPENED), touch("e", OPENED, channel="email")])) == ["e"]


def test_a_model_may_see_direct_visits_otherwise_than_the_journeys() -> None:
    touches = [touch("d", OPENED - DAY, channel="direct"), touch("e", OPENED, channel="email"), touch("d2", OPENED + DAY, channel="direct")]
    journey = journeys.prepare(rules(direct_channels=["direct"]), deal(), touches, created=LeadCreation(OPENED - DAY))
    seen = journeys.under(journey, "include")
    assert (ids(journey), dict(journey.marks)) == (["e"], {"first": 0, "last": 0, "opportunity": 0, "close": 0})
    assert (ids(seen), seen.marks["lead"], seen.marks["opportunity"], seen.marks["close"], seen.excluded) == (["d", "e", "d2"], 0, 1, 2, ())
    assert journeys.under(seen, "fallback") == journey
    assert journeys.under(journey, "fallback") is journey
    alone = journeys.prepare(rules(direct_channels=["direct"]), deal(), [touches[1]])
    assert journeys.under(alone, "include") is alone


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, ["old", "edge", "event", "new"]),
        ({"window_days": 30}, ["edge", "new"]),
        ({"window_days": 30, "windows": [{"id": "events", "channels": ["event"], "days": None}]}, ["edge", "event", "new"]),
        ({"window_days": 30, "windows": [{"id": "events", "channels": ["event"], "days": 39}]}, ["edge", "event", "new"]),
        ({"window_days": 30, "windows": [{"id": "events", "channels": ["event"], "days": 38}]}, ["edge", "new"]),
        ({"windows": [{"id": "events", "channels": ["event"], "days": 0}]}, ["old", "edge", "new"]),
        ({"window_days": 30, "window_from": "opportunity"}, ["edge", "event", "new"]),
        ({"window_days": 0}, ["new"]),
        ({"window_days": 36_500}, ["old", "edge", "event", "new"]),
    ],
)
def test_the_look_back_is_closed_and_may_differ_by_channel(fields: dict[str, Any], kept: list[str]) -> None:
    """AD-11: exact days before the close or the opportunity; a touch at its very start counts."""
    touches = [
        touch("old", OPENED - 31 * DAY, channel="email"),
        touch("edge", CLOSED - 30 * DAY),
        touch("event", CLOSED - 39 * DAY, channel="event"),
        touch("new", CLOSED, channel="email"),
    ]
    journey = journeys.prepare(rules(**fields), deal(), touches)
    assert sorted(ids(journey)) == sorted(kept)
    assert {code for _, code in left(journey)} <= {"outside_window"}


def test_the_first_days_there_are_have_no_touch_before_them() -> None:
    early = datetime(1, 1, 3, tzinfo=UTC)
    journey = journeys.prepare(rules(window_days=10), deal(opened_at=early, closed_at=early), [touch("t", early - DAY)])
    assert ids(journey) == ["t"]


def test_an_account_may_start_anew_after_a_win() -> None:
    """AD-21: what lies up to the previous win belonged to it."""
    touches = [touch("before", OPENED - 3 * DAY), touch("at", OPENED - 2 * DAY), touch("after", OPENED - DAY)]
    since = OPENED - 2 * DAY
    journey = journeys.prepare(rules(scope="since_previous_close"), deal(), touches, previous_close=since)
    assert (ids(journey), left(journey)) == (["after"], [("before", "before_previous_close"), ("at", "before_previous_close")])
    assert len(ids(journeys.prepare(rules(), deal(), touches, previous_close=since))) == 3
    assert len(ids(journeys.prepare(rules(scope="since_previous_close"), deal(), touches))) == 3


@pytest.mark.parametrize(
    ("minutes", "second", "kept"),
    [
        (30, {"contact_id": "ana", "campaign": "c"}, 1),
        (29, {"contact_id": "ana", "campaign": "c"}, 2),
        (30, {"contact_id": "ben", "campaign": "c"}, 2),
        (30, {"contact_id": "ana", "campaign": "d"}, 2),
        (30, {"contact_id": "ana", "channel": "c"}, 2),
        (None, {"contact_id": "ana", "campaign": "c"}, 2),
    ],
)
def test_a_touch_that_follows_its_twin_closely_is_a_duplicate(minutes: int | None, second: dict[str, str], kept: int) -> None:
    """AD-13: the same person and campaign, within so many minutes."""
    touches = [touch("a", OPENED, contact_id="ana", campaign="c"), touch("b", OPENED + timedelta(minutes=30), **second)]
    journey = journeys.prepare(rules(dedupe_minutes=minutes), deal(), touches)
    assert len(journey.touches) == kept
    assert left(journey) == ([("b", "duplicate")] if kept == 1 else [])


def test_without_a_campaign_the_channel_tells_twins_and_without_both_there_are_none() -> None:
    compiled = rules(dedupe_minutes=5)
    assert ids(journeys.prepare(compiled, deal(), [touch("a", OPENED, channel="email"), touch("b", OPENED, channel="email")])) == ["a"]
    assert ids(journeys.prepare(compiled, deal(), [touch("a", OPENED), touch("b", OPENED)])) == ["a", "b"]


def test_duplicates_are_counted_from_the_one_that_counts() -> None:
    touches = [touch(str(minute), OPENED + timedelta(minutes=minute), campaign="c") for minute in (0, 4, 8, 12)]
    assert ids(journeys.prepare(rules(dedupe_minutes=5), deal(), touches)) == ["0", "8"]


@pytest.mark.parametrize(
    ("fields", "touches", "has_people", "why"),
    [
        ({}, [], True, "no_touch"),
        ({}, [], False, "no_contact"),
        ({}, [touch("t", CLOSED + DAY)], True, "all_after_close"),
        ({"window_days": 5}, [touch("t", OPENED), touch("u", CLOSED + DAY)], True, "all_outside_window"),
        (
            {"exclusions": [{"id": "x", "touches": {"kinds": ["visit"]}}]},
            [touch("t", OPENED), touch("u", CLOSED + DAY)],
            True,
            "all_excluded",
        ),
        ({"direct": "exclude", "unknown_is_direct": True}, [touch("t", OPENED)], True, "all_excluded"),
        ({"scope": "since_previous_close"}, [touch("t", OPENED - 9 * DAY)], True, "all_before_previous_close"),
    ],
)
def test_why_nothing_counts(fields: dict[str, Any], touches: list[Activity], has_people: bool, why: str) -> None:
    """AD-8: told by the touch that came furthest."""
    journey = journeys.prepare(rules(**fields), deal(), touches, previous_close=OPENED - DAY, has_people=has_people)
    assert (journey.why_empty, journey.touches, dict(journey.marks)) == (why, (), {})


# ----------------------------------------------------------------------------------------------------------------- days


def test_dates_are_compared_in_the_zone_of_the_policy() -> None:
    """AD-3: both ends included; the evening in Berlin is another date in Los Angeles."""
    closed = datetime(2026, 4, 1, 21, 30, tzinfo=UTC)  # 1 April in Berlin, 23:30
    touches = [touch("late", datetime(2026, 4, 1, 21, 59, tzinfo=UTC)), touch("next", datetime(2026, 4, 1, 22, tzinfo=UTC))]
    berlin = journeys.prepare(rules(granularity="day", zone="Europe/Berlin"), deal(closed_at=closed), touches)
    assert (ids(berlin), left(berlin)) == (["late"], [("next", "after_close")])
    west = journeys.prepare(rules(granularity="day", zone="America/Los_Angeles"), deal(closed_at=closed), touches)
    assert ids(west) == ["late", "next"]
    assert ids(journeys.prepare(rules(), deal(closed_at=closed), touches)) == []


def test_a_date_only_touch_lies_before_a_milestone_of_its_date() -> None:
    """AD-3: campaign members carry dates: midnight, whatever the hour of the milestone."""
    berlin = ZoneInfo("Europe/Berlin")
    opened = datetime(2026, 3, 29, 1, 30, tzinfo=berlin)  # the day on which clocks go forward
    touches = [touch("day", datetime(2026, 3, 29, 23, tzinfo=berlin)), touch("next", datetime(2026, 3, 30, tzinfo=berlin))]
    journey = journeys.prepare(rules(granularity="day", zone="Europe/Berlin"), deal(opened_at=opened), touches, stages=[("SQL", opened)])
    assert (journey.marks["opportunity"], journey.marks["SQL:last"]) == (0, 0)
    created = LeadCreation(opened, frozenset())
    assert (
        journeys.prepare(rules(granularity="day", zone="Europe/Berlin"), deal(opened_at=opened), touches, created=created).marks["lead"]
        == 0
    )


def test_look_backs_and_wins_are_dates_too() -> None:
    compiled = rules(granularity="day", zone="Europe/Berlin", window_days=1, scope="since_previous_close")
    closed = datetime(2026, 4, 1, 12, tzinfo=UTC)
    touches = [touch("eve", datetime(2026, 3, 30, 21, 59, tzinfo=UTC)), touch("day", datetime(2026, 3, 30, 22, tzinfo=UTC))]
    assert left(journeys.prepare(compiled, deal(closed_at=closed), touches)) == [("eve", "outside_window")]
    journey = journeys.prepare(compiled, deal(closed_at=closed), touches, previous_close=datetime(2026, 3, 30, 22, tzinfo=UTC))
    assert left(journey) == [("eve", "before_previous_close"), ("day", "before_previous_close")]


def test_with_an_instant_nothing_later_is_known_not_even_of_its_date() -> None:
    at = datetime(2026, 3, 20, 12, tzinfo=UTC)
    touches = [touch("now", at), touch("evening", at + timedelta(hours=5))]
    journey = journeys.prepare(rules(granularity="day"), deal(won=None, closed_at=None), touches, at=at)
    assert (ids(journey), left(journey)) == (["now"], [("evening", "after_close")])


def test_the_last_day_there_is_ends() -> None:
    last = datetime(9999, 12, 31, 12, tzinfo=UTC)
    assert ids(journeys.prepare(rules(granularity="day"), deal(closed_at=last), [touch("t", last + timedelta(hours=1))])) == ["t"]


# ------------------------------------------------------------------------------------------------------------ documents


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"exclusions": [{"id": "x", "touches": {}}]}, r"exclusions\[x\].touches"),
        ({"windows": [{"id": "a", "channels": ["x"], "days": 1}, {"id": "b", "channels": ["x"], "days": 2}]}, r"windows\[b\].channels"),
        ({"windows": [{"id": "a", "channels": [], "days": 1}]}, r"windows\[a\].channels"),
        ({"zone": "Berlin"}, "zone"),
        ({"direct": "sometimes"}, "direct"),
        ({"window_days": -1}, "window_days"),
        ({"dedupe_minutes": 1.5}, "dedupe_minutes"),
    ],
)
def test_journeys_that_make_no_sense_are_refused(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(PolicyError, match=path):
        JourneyDocument.model_validate(fields)


def test_rows_are_documents_of_their_own() -> None:
    assert Exclusion(id="x", touches={"marketing": False}).touches.marketing is False  # type: ignore[arg-type]  # plain data
    assert ChannelWindow(id="a", channels=("event",), days=None).days is None


def test_a_journey_survives_a_pickle() -> None:
    journey = journeys.prepare(rules(direct_channels=["direct"]), deal(), [touch("d", OPENED, channel="direct"), touch("t", OPENED)])
    assert pickle.loads(pickle.dumps(journey)) == journey  # noqa: S301


# ------------------------------------------------------------------------------------------------------------- assemble


PEOPLE = People.of(
    PeopleDocument(),
    [
        Contact(id="ana", emails=("ana@acme.example",), account_id="acme", created_at=OPENED - 30 * DAY),
        Contact(id="ben", emails=("ben@acme.example",), account_id="acme", created_at=OPENED - 20 * DAY),
        Contact(id="eve", emails=("eve@other.example",), account_id="other"),
    ],
    [
        Lead(id="L-ben", email="BEN@acme.example", created_at=OPENED - 25 * DAY, account=Account(id="acme")),
        Lead(id="L-ana", contact_id="ana", created_at=OPENED - 10 * DAY),
    ],
)


def test_everybodys_touches_become_the_journeys_of_deals() -> None:
    """AD-12, AD-5: by account and by address; the lead of the oldest person counts."""
    touches = [
        touch("a", OPENED - 12 * DAY, contact_id="ana"),
        touch("b", OPENED - 11 * DAY, contact_id=" Ben@Acme.example"),
        touch("c", OPENED - 5 * DAY, contact_id="L-ben"),
        touch("e", OPENED - 5 * DAY, contact_id="eve"),
        touch("nobody", OPENED),
        touch("stranger", OPENED, contact_id="dan"),
    ]
    records = [
        Record("L-ana", "lead", (Entry(stage="MQL", left=None, at=OPENED - 11 * DAY, event_id="e", event="", move=""),)),
        Record("L-ben", "lead", (Entry(stage="SQL", left=None, at=OPENED, event_id="e", event="", move=""),)),
    ]
    mine, theirs, none = journeys.assemble(
        PLAIN, PEOPLE, [deal(), deal(id="D-2", account_id="other"), deal(id="D-3", account_id=None)], touches, records=records
    )
    assert (ids(mine), ids(theirs), ids(none)) == (["a", "b", "c"], ["e"], [])
    assert mine.created == LeadCreation(OPENED - 10 * DAY, frozenset({"ana"}))
    assert (mine.touches[mine.marks["lead"]].id, mine.touches[mine.marks["MQL:last"]].id) == ("a", "b")
    assert theirs.created is None
    assert (none.why_empty, theirs.has_people) == ("no_contact", True)
    assert [one.id for one in journeys.strays(PEOPLE, touches)] == ["nobody", "stranger"]


def test_duplicates_of_one_person_under_two_names_are_found() -> None:
    touches = [touch("a", OPENED, contact_id="ben", campaign="c"), touch("b", OPENED, contact_id="L-ben", campaign="c")]
    [journey] = journeys.assemble(rules(dedupe_minutes=5), PEOPLE, [deal()], touches)
    assert (ids(journey), left(journey)) == (["a"], [("b", "duplicate")])


def test_deals_that_are_not_known_yet_are_left_out() -> None:
    """FD-2: of a deal that was opened after the instant nobody knows."""
    deals = [deal(), deal(id="D-2", opened_at=OPENED + 2 * DAY), deal(id="D-3", opened_at=OPENED + DAY)]
    known = journeys.assemble(PLAIN, PEOPLE, deals, [], at=OPENED + DAY)
    assert [journey.opportunity.id for journey in known] == ["D-1", "D-3"]  # one that was opened at that very instant is known
    with pytest.raises(FactError, match="without a zone"):
        list(journeys.assemble(PLAIN, PEOPLE, deals, [], at=datetime(2026, 4, 1)))  # noqa: DTZ001 - naive on purpose


def test_the_previous_win_is_the_last_before_a_deal_was_opened() -> None:
    """AD-21: a deal that ran beside it takes nothing away; a lost one and another account do not count."""
    deals = [
        deal(id="first", opened_at=OPENED - 50 * DAY, closed_at=OPENED - 40 * DAY),
        deal(id="second", opened_at=OPENED - 45 * DAY, closed_at=OPENED - 20 * DAY),
        deal(id="lost", opened_at=OPENED - 15 * DAY, closed_at=OPENED - 10 * DAY, won=False),
        deal(id="other", opened_at=OPENED - 15 * DAY, closed_at=OPENED - 10 * DAY, account_id="other"),
        deal(id="third"),
    ]
    touches = [touch(str(days), OPENED - days * DAY, contact_id="ana") for days in (60, 40, 30, 20, 5)]
    found = {
        journey.opportunity.id: ids(journey) for journey in journeys.assemble(rules(scope="since_previous_close"), PEOPLE, deals, touches)
    }
    assert found == {"first": ["60", "40"], "second": ["60", "40", "30", "20"], "lost": [], "other": [], "third": ["5"]}


def entered(name: str, machine: str, *stages: tuple[str, float]) -> Record:
    """A history: stages, and how many days before the opportunity they were entered."""
    made: list[Entry] = []
    for number, (stage, days) in enumerate(stages):
        left, event = (made[-1].stage, "moved") if made else (None, "")
        made.append(Entry(stage=stage, left=left, at=OPENED - days * DAY, event_id=f"{event}{number or ''}", event=event, move=event))
    return Record(name, machine, tuple(made))


STEPS = [touch("early", OPENED - 30 * DAY, contact_id="ana"), touch("late", OPENED - 3 * DAY, contact_id="ana")]


@pytest.mark.parametrize(
    ("records", "marks"),
    [
        ([entered("L-ana", "lead", ("LEAD", 9), ("MQL", 8))], {"MQL:first": "early", "MQL:last": "early"}),
        (
            [entered("L-ana", "lead", ("LEAD", 9), ("MQL", 8)), entered("L-ana", "journey", ("AWARE", 2))],
            {"MQL:last": "early", "AWARE:last": "late"},
        ),
        (
            [entered("L-ana", "journey", ("AWARE", 2)), entered("L-ana", "lead", ("LEAD", 9), ("MQL", 8))],
            {"MQL:last": "early", "AWARE:last": "late"},
        ),
        ([entered("L-ana", "lead", ("LEAD", 9), ("MQL", 8), ("MQL", 1))], {"MQL:first": "early", "MQL:last": "early"}),
        ([entered("L-ana", "lead", ("LEAD", 9), ("MQL", 8), ("LEAD", 5), ("MQL", 1))], {"MQL:first": "early", "MQL:last": "late"}),
        ([entered("D-1", "opportunity", ("DISCOVERY", 0), ("PROPOSAL", -2))], {"DISCOVERY:last": "late", "PROPOSAL:first": "late"}),
        (
            [evolve(entered("L-kept", "lead", ("LEAD", 9)), merged=(entered("L-ana", "lead", ("LEAD", 9), ("MQL", 8)),))],
            {"MQL:last": "early", "LEAD:last": "early"},
        ),
        ([entered("L-ben", "lead", ("MQL", 8))], {}),
    ],
)
def test_stages_are_those_of_the_lead_and_of_the_deal_in_every_machine(records: list[Record], marks: dict[str, str]) -> None:
    """AD-25: a lead has a record in each machine, and what was only noted in a stage is no entry into it."""
    [journey] = journeys.assemble(PLAIN, PEOPLE, [deal()], STEPS, records=records)
    found = {name: journey.touches[place].id for name, place in journey.marks.items() if ":" in name}
    assert found.items() >= marks.items()
    assert bool(found) is bool(marks)


def test_a_record_whose_id_is_that_of_a_lead_and_of_a_deal_is_the_lead_s() -> None:
    [journey] = journeys.assemble(PLAIN, PEOPLE, [deal(id="L-ben")], STEPS, records=[entered("L-ben", "lead", ("MQL", 8))])
    assert [name for name in journey.marks if ":" in name] == []


@pytest.mark.parametrize(("at", "lead"), [(OPENED - DAY, "b"), (OPENED, "b"), (OPENED + 15 * DAY, "a"), (None, "a"), (CLOSED + DAY, "a")])
def test_a_lead_that_is_not_there_yet_is_not_the_lead_of_the_deal(at: datetime | None, lead: str) -> None:
    """AD-5, FD-2: of the oldest contact, among those known by then."""
    people = People.of(
        PeopleDocument(),
        [Contact(id=name, account_id="acme", created_at=OPENED - days * DAY) for name, days in (("ana", 90), ("ben", 50))],
        [Lead(id="L-a", contact_id="ana", created_at=OPENED + 10 * DAY), Lead(id="L-b", contact_id="ben", created_at=OPENED - 9 * DAY)],
    )
    touches = [touch("b", OPENED - 10 * DAY, contact_id="ben"), touch("a", OPENED - 5 * DAY, contact_id="ana")]
    [journey] = journeys.assemble(PLAIN, people, [deal(opened_at=OPENED - 2 * DAY)], touches, at=at)
    assert journey.touches[journey.marks["lead"]].id == lead


def test_a_lead_created_after_the_close_changes_nothing() -> None:
    """FD-2: however old its contact is."""
    contacts = [Contact(id=name, account_id="acme", created_at=OPENED - days * DAY) for name, days in (("ana", 90), ("ben", 50))]
    leads = [Lead(id="L-b", contact_id="ben", created_at=OPENED - 9 * DAY), Lead(id="L-a", contact_id="ana", created_at=CLOSED + DAY)]
    touches = [touch("b", OPENED - 10 * DAY, contact_id="ben")]
    without, beside = (
        next(journeys.assemble(PLAIN, People.of(PeopleDocument(), contacts, known), [deal()], touches)) for known in (leads[:1], leads)
    )
    assert without.marks == beside.marks
    assert "lead" in beside.marks


@pytest.mark.parametrize(("at", "kept"), [(None, ["typed", "seen"]), (OPENED + DAY, ["seen"]), (OPENED + 2 * DAY, ["typed", "seen"])])
def test_a_touch_that_was_written_down_later_is_not_known_yet(at: datetime | None, kept: list[str]) -> None:
    """FD-2: a badge scanned on Monday and typed in on Wednesday earns nothing on Tuesday."""
    touches = [touch("typed", OPENED - DAY, recorded_at=OPENED + 2 * DAY), touch("seen", OPENED)]
    journey = journeys.prepare(PLAIN, deal(), touches, at=at)
    assert ids(journey) == kept
    assert left(journey) == ([] if len(kept) == 2 else [("typed", "recorded_later")])
    alone = journeys.prepare(PLAIN, deal(), touches[:1], at=at)
    assert alone.why_empty == (None if len(kept) == 2 else "all_recorded_later")


def test_a_deal_that_is_won_at_once_is_no_win_before_itself() -> None:
    """AD-21: nor is its twin of the same instant one for the other alone."""
    compiled = rules(scope="since_previous_close")
    [journey] = journeys.assemble(compiled, PEOPLE, [deal(closed_at=OPENED)], STEPS)
    assert ids(journey) == ["early", "late"]
    first, second = journeys.assemble(compiled, PEOPLE, [deal(closed_at=OPENED), deal(id="D-2")], STEPS)
    assert (ids(first), ids(second)) == (["early", "late"], [])


@pytest.mark.parametrize(
    ("fields", "previous", "since", "until"),
    [
        ({}, OPENED, None, CLOSED),
        ({"scope": "since_previous_close"}, OPENED, OPENED + timedelta(microseconds=1), CLOSED),
        ({"window_days": 10}, OPENED, CLOSED - 10 * DAY, CLOSED),
        ({"window_days": 10, "window_from": "opportunity"}, OPENED, OPENED - 10 * DAY, CLOSED),
        ({"windows": [{"id": "e", "channels": ["event"], "days": 3}]}, OPENED, None, CLOSED),
        ({"scope": "since_previous_close", "window_days": 10}, OPENED, CLOSED - 10 * DAY, CLOSED),
        ({"scope": "since_previous_close", "window_days": 90}, OPENED, OPENED + timedelta(microseconds=1), CLOSED),
        (
            {"scope": "since_previous_close", "granularity": "day", "zone": "Europe/Berlin"},
            OPENED,
            datetime(2026, 3, 2, 23, tzinfo=UTC),
            datetime(2026, 4, 1, 21, 59, 59, 999_999, UTC),
        ),
    ],
)
def test_a_journey_says_how_far_it_sees(fields: dict[str, Any], previous: datetime, since: datetime | None, until: datetime) -> None:
    journey = journeys.prepare(rules(**fields), deal(), [], previous_close=previous)
    assert (journey.since, journey.until) == (since, until)
