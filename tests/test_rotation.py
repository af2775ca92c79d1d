"""Turns: exact credits, counters, refunds and corrections, typed by hand."""

import json
import pickle
from collections import Counter
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from inbound_engine import rotation
from inbound_engine.errors import FactError
from inbound_engine.rotation import Correction, Counted, Entry, Refund, Rotation
from inbound_engine.spans import parse_instant

AT = parse_instant("2024-01-09T09:00Z")
TUESDAY = date(2024, 1, 9)


def order(shares: dict[str, int], count: int, start: Rotation | None = None) -> tuple[str, Rotation]:
    """Whose turns those are, one letter each, and the rotation after them."""
    here, said = start or Rotation(), ""
    for _ in range(count):
        winner, here = rotation.turn(here, tuple(shares.items()))
        said += winner
    return said, here


def entry(rep: str = "a", lead: str = "L-1", day: date | None = TUESDAY, shares: rotation.Shares = ()) -> Entry:
    return Entry(lead_id=lead, rep=rep, at=AT, day=day, shares=shares)


@pytest.mark.parametrize(
    ("case", "shares", "expected"),
    [
        ("X01", {"a": 5, "b": 1, "c": 1}, "aabacaa"),
        ("X02", {"a": 3, "b": 2}, "ababaababa"),
        ("X03", {"a": 1, "b": 1, "c": 2}, "cabccabc"),
        ("one alone", {"a": 7}, "aaaa"),
        ("equal shares", {"a": 2, "b": 2, "c": 2}, "abcabc"),
    ],
)
def test_turns_come_in_the_order_of_the_smooth_rotation(case: str, shares: dict[str, int], expected: str) -> None:
    """X01 to X03, RO-5, RO-6, RT-6: weights hold in proportion; the order of the roster changes nothing."""
    for roster in permutations(shares.items()):
        assert order(dict(roster), len(expected))[0] == expected, case


def test_after_a_whole_round_everybody_is_even_and_the_state_is_as_before() -> None:
    """RO-5: after W leads each has exactly their share, and the state repeats."""
    said, after = order({"a": 5, "b": 1, "c": 1}, 7)
    assert Counter(said) == {"a": 5, "b": 1, "c": 1}
    assert after == Rotation()
    assert after.denominator == 1


def test_a_joiner_begins_at_zero_and_is_not_flooded() -> None:
    """X04, RO-9: cal.diy 13606 floods the newcomer until they have caught up."""
    first, here = order({"a": 1, "b": 1}, 5)
    then, _ = order({"a": 1, "b": 1, "n": 1}, 7, here)
    assert (first, then) == ("ababa", "bnabnab")


def test_a_leaver_is_dropped_and_the_others_go_on_evenly() -> None:
    """X11, RO-10: where nginx's integers give B the next 50 leads, B has one and then they alternate."""
    said, here = order({"A": 1, "B": 1, "C": 98}, 34)
    assert said == "C" * 33 + "A"
    assert rotation.fairness(here) == {"A": Fraction(-33, 50), "B": Fraction(17, 50), "C": Fraction(8, 25)}
    left = rotation.apply(here, Entry(lead_id="-", at=AT, left=("C",)))
    assert rotation.fairness(left) == {"A": Fraction(-33, 50), "B": Fraction(17, 50)}
    assert order({"A": 1, "B": 1}, 8, left)[0] == "BABABABA"


def nginx(shares: dict[str, int], state: dict[str, int], count: int) -> str:
    """The plain smooth weighted round robin on integers: what the rotation is not."""
    said = ""
    for _ in range(count):
        for name, share in shares.items():
            state[name] = state.get(name, 0) + share
        winner = max(sorted(shares), key=lambda name: state[name])
        state[winner] -= sum(shares.values())
        said += winner
    return said


def test_fifty_in_a_row_is_what_integers_do() -> None:
    """X11: so that the case is known to be one."""
    state: dict[str, int] = {}
    assert nginx({"A": 1, "B": 1, "C": 98}, state, 34) == "C" * 33 + "A"
    assert nginx({"A": 1, "B": 1}, state, 54) == "B" * 50 + "ABAB"


def test_a_leavers_credit_is_the_houses_and_nobody_elses_changes() -> None:
    """RO-10: what is left and the house add up to zero."""
    _, here = order({"a": 1, "b": 1, "c": 1}, 1)
    left = rotation.apply(here, Entry(lead_id="-", at=AT, left=("a",)))
    assert rotation.fairness(here) == {"a": Fraction(-2, 3), "b": Fraction(1, 3), "c": Fraction(1, 3)}
    assert rotation.fairness(left) == {"b": Fraction(1, 3), "c": Fraction(1, 3)}
    assert Fraction(left.house, left.denominator) == Fraction(-2, 3)
    assert order({"a": 1, "b": 1}, 1, left)[0] == "b"


def test_who_is_left_out_neither_earns_nor_owes() -> None:
    """X05, RO-8: no entitlement accrues while away, and nothing is caught up."""
    first, here = order({"a": 1, "b": 1, "c": 1}, 2)
    away, here = order({"a": 1, "c": 1}, 4, here)
    back, _ = order({"a": 1, "b": 1, "c": 1}, 6, here)
    assert (first, away, back) == ("ab", "caca", "cabcab")


def test_a_changed_share_keeps_the_credit() -> None:
    """RO-7: a is owed half a lead, and goes first by it, whatever the shares are now."""
    _, here = order({"a": 1, "b": 1}, 1)
    assert rotation.fairness(here) == {"a": Fraction(-1, 2), "b": Fraction(1, 2)}
    winner, after = rotation.turn(here, (("a", 1), ("b", 3)))
    assert winner == "b"
    assert rotation.fairness(after) == {"a": Fraction(-1, 4), "b": Fraction(1, 4)}


@pytest.mark.parametrize(
    "shares",
    [
        (), (("a", 0),), (("a", -1),), (("a", True),), (("a", 1.5),), (("", 1),), ((1, 1),), (("a", 1), ("a", 2)),
        {"maya": 1}, [("a",)], ["maya"], "maya", [3], 3, None, iter([]), [("a", 1), (["b"], 1)],
    ],
)  # fmt: skip
def test_shares_that_are_none_are_refused(shares: tuple[tuple[str, int], ...]) -> None:
    """RO-7: all shares 0 is nobody, and who asks for a turn among nobody has made a mistake (Odoo 121269 divides by zero)."""
    with pytest.raises(FactError, match="shares"):
        rotation.turn(Rotation(), shares)


@pytest.mark.parametrize(
    ("days", "on", "expected"),
    [
        pytest.param([], "2024-01-09", (0, 0), id="nothing yet"),
        pytest.param(["2024-01-09"], "2024-01-09", (1, 1), id="the same day"),
        pytest.param(["2024-01-09"] * 3, "2024-01-10", (0, 3), id="the next day of the week"),
        pytest.param(["2024-01-08", "2024-01-09"], "2024-01-14", (0, 2), id="the Sunday"),
        pytest.param(["2024-01-09"], "2024-01-15", (0, 0), id="the Monday after"),
        pytest.param(["2023-12-31", "2024-01-01"], "2024-01-01", (1, 1), id="a week begins on Monday, not with the year"),
        pytest.param(["2024-12-30", "2025-01-01"], "2025-01-01", (1, 2), id="a week that has days of two years"),
        pytest.param(["2024-01-10", "2024-01-09"], "2024-01-10", (2, 2), id="a date before the counted one counts as that one"),
        pytest.param(["2024-01-10"], "2024-01-09", (1, 1), id="and is read as that one"),
    ],
)
def test_leads_count_on_a_local_date_and_in_an_iso_week(days: list[str], on: str, expected: tuple[int, int]) -> None:
    """RO-11: the counters of the latest date and week only, so that the state does not grow."""
    here = Rotation()
    for day in days:
        here = rotation.apply(here, entry(day=rotation.counting_day(here, "a", date.fromisoformat(day))))
    assert here.on("a", date.fromisoformat(on)) == expected
    assert len(here.counters) == bool(days)


def test_a_refund_is_an_exact_undo() -> None:
    """X13, RO-16: the only lead of b, c, b's: credits are back at 0, nothing is counted, the log keeps the entry."""
    made = entry("b", shares=(("b", 1), ("c", 2)))
    here = rotation.apply(Rotation(), made)
    assert rotation.fairness(here) == {"b": Fraction(-2, 3), "c": Fraction(2, 3)}
    assert here.on("b", TUESDAY) == (1, 1)
    log: list[rotation.Happening] = [made, Refund(made)]
    assert rotation.replay(log) == rotation.refund(here, made) == Rotation()
    assert log[0] is made


@pytest.mark.parametrize(
    ("then", "on", "expected"),
    [
        pytest.param(["2024-01-09"], "2024-01-09", (1, 1), id="another on that day stays"),
        pytest.param(["2024-01-10"], "2024-01-10", (1, 1), id="a later day of the week keeps its own"),
        pytest.param(["2024-01-15"], "2024-01-15", (1, 1), id="a later week keeps its own"),
    ],
)
def test_a_refund_takes_back_its_own_count_alone(then: list[str], on: str, expected: tuple[int, int]) -> None:
    """RO-16."""
    first = entry(shares=(("a", 1),))
    here = rotation.apply(Rotation(), first)
    for number, day in enumerate(then):
        here = rotation.apply(here, entry(lead=f"L-{number + 2}", day=date.fromisoformat(day), shares=(("a", 1),)))
    assert rotation.refund(here, first).on("a", date.fromisoformat(on)) == expected


def test_a_refund_of_an_owners_lead_only_takes_back_its_count() -> None:
    """RO-3: leads by name do not touch the credits, and count."""
    made = entry("a")
    here = rotation.apply(Rotation(), made)
    assert rotation.fairness(here) == {}
    assert here.on("a", TUESDAY) == (1, 1)
    assert rotation.refund(here, made) == Rotation()


def test_a_refund_after_the_counters_are_gone_still_gives_the_credit_back() -> None:
    """RO-10, RO-16: the rep has left since; what is owed to them is settled when the roster is next looked at."""
    made = entry("a", shares=(("a", 1), ("b", 1)))
    here = rotation.apply(rotation.apply(Rotation(), made), Entry(lead_id="-", at=AT, left=("a",)))
    after = rotation.refund(here, made)
    assert rotation.fairness(after) == {"a": Fraction(1, 2)}
    assert Fraction(after.house, after.denominator) == Fraction(-1, 2)
    assert rotation.refund(Rotation(), entry("a", day=None)) == Rotation()


def test_what_gave_nobody_the_lead_cannot_be_refunded_and_nothing_twice() -> None:
    """RO-16."""
    with pytest.raises(FactError, match=r"entry\.rep"):
        rotation.refund(Rotation(), Entry(lead_id="L-1", at=AT))
    made = entry("a", shares=(("a", 1),))
    with pytest.raises(FactError, match="a second refund of 'L-1', attempt 1"):
        rotation.replay([made, Refund(made), Refund(made)])


def test_a_correction_gives_leads_by_hand_and_the_house_pays() -> None:
    """RO-5: all of it still adds up to zero, and nobody else's credit changes."""
    _, here = order({"a": 1, "b": 1}, 1)
    given = rotation.offset(here, "a", Fraction(3, 4))
    assert rotation.fairness(given) == {"a": Fraction(1, 4), "b": Fraction(1, 2)}
    assert Fraction(given.house, given.denominator) == Fraction(-3, 4)
    assert given == rotation.replay([Correction("a", Fraction(3, 4))], here)
    assert order({"a": 1, "b": 1}, 4, rotation.offset(Rotation(), "b", 2))[0] == "bbab"
    assert rotation.offset(given, "a", Fraction(-3, 4)) == here


@pytest.mark.parametrize("leads", [0.5, "1", None, True])
def test_a_correction_is_an_exact_number_of_leads(leads: Fraction) -> None:
    """FD-3."""
    with pytest.raises(FactError, match="leads"):
        rotation.offset(Rotation(), "a", leads)


@pytest.mark.parametrize(
    ("rep", "leads", "message"),
    [
        ("a", 0.1, r"correction\.leads: saw 0\.1, expected a whole number of leads, or a Fraction\. Write Fraction\(1, 2\)"),
        ("a", "1", r"correction\.leads: saw '1'"),
        ("a", None, r"correction\.leads: saw nothing"),
        ("a", True, r"correction\.leads: saw true"),
        ("", 1, r"correction\.rep: saw ''"),
        (None, 1, r"correction\.rep: saw nothing"),
    ],
)
def test_a_correction_is_checked_however_it_is_made(rep: str, leads: Fraction, message: str) -> None:
    """FD-3: what cannot be stored is not counted."""
    with pytest.raises(FactError, match=message):
        Correction(rep, leads)
    with pytest.raises(FactError, match=message):
        rotation.offset(Rotation(), rep, leads)


def test_a_whole_number_of_leads_is_a_fraction_too() -> None:
    assert Correction("a", 2) == Correction("a", Fraction(2))  # converted
    assert rotation.apply(Rotation(), Correction("a", 2)) == rotation.offset(Rotation(), "a", 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lead_id": 3}, r"entry\.lead_id: saw 3"),
        ({"lead_id": ""}, r"entry\.lead_id"),
        ({"attempt": "x"}, r"entry\.attempt: saw 'x'"),
        ({"attempt": 0}, r"entry\.attempt: saw 0"),
        ({"attempt": True}, r"entry\.attempt: saw true"),
        ({"rep": 4}, r"entry\.rep: saw 4"),
        ({"rep": ""}, r"entry\.rep: saw ''"),
        ({"day": AT}, r"entry\.day: saw datetime"),
        ({"shares": [["a", 1]]}, r"entry\.shares: saw a list of 1, expected a tuple"),
        ({"left": "c"}, r"entry\.left: saw 'c', expected a tuple"),
    ],
)
def test_an_entry_is_checked_however_it_is_made(change: dict[str, object], message: str) -> None:
    """RO-14."""
    fields: dict[str, object] = {"lead_id": "L-1", "at": AT, **change}
    with pytest.raises(FactError, match=message):
        Entry(**fields)  # type: ignore[arg-type]  # on purpose


STORED = entry().to_dict()


@pytest.mark.parametrize(
    "function",
    [
        rotation.fairness,
        lambda here: rotation.turn(here, (("a", 1),)),
        lambda here: rotation.apply(here, entry()),
        lambda here: rotation.refund(here, entry()),
        lambda here: rotation.offset(here, "a", 1),
        lambda here: rotation.replay([], here),
    ],
)
def test_a_rotation_is_read_before_it_is_used(function: Callable[[Any], object]) -> None:
    """RT-6: its plain data is not one yet."""
    with pytest.raises(FactError, match=r"rotation: saw a table of 5, expected a Rotation\. `restored` reads one"):
        function(Rotation().to_dict())


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda: rotation.apply(Rotation(), STORED), "happening: saw a table of 13, .* `happening_of` reads plain data"),  # type: ignore[arg-type]
        (lambda: rotation.apply(Rotation(), None), "happening: saw nothing, expected an Entry, a Refund or a Correction. `routing.route`"),  # type: ignore[arg-type]
        (lambda: rotation.replay([entry(), STORED]), r"log\[1\]: saw a table of 13"),  # type: ignore[list-item]
        (lambda: rotation.replay(STORED), "log: saw a table of 13, expected a list of entries"),  # type: ignore[arg-type]
        (lambda: rotation.replay(entry()), "log: saw Entry"),  # type: ignore[arg-type]
        (lambda: rotation.refund(Rotation(), STORED), r"refund\.entry: saw a table of 13, expected an entry\. `routing\.route` makes one"),  # type: ignore[arg-type]
        (lambda: Refund(None), r"refund\.entry: saw nothing"),  # type: ignore[arg-type]
    ],
)
def test_what_happened_is_read_before_it_is_folded(function: Callable[[], object], message: str) -> None:
    """RO-17."""
    with pytest.raises(FactError, match=message):
        function()


def test_turns_may_come_from_any_iterable() -> None:
    assert rotation.turn(Rotation(), iter([("b", 1), ["a", 1]]))[0] == "a"  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------ as data


def busy() -> Rotation:
    _, here = order({"b": 3, "a": 2, "é": 7}, 5)
    here = rotation.apply(here, entry("a"))
    here = rotation.apply(here, Entry(lead_id="-", at=AT, left=("b",)))
    return rotation.offset(here, "z", Fraction(-1, 5))


def test_a_rotation_is_plain_data_and_back() -> None:
    """RT-6: state can be stored as plain data and resumed."""
    here = busy()
    text = json.dumps(here.to_dict())
    assert rotation.restored(json.loads(text)) == here
    assert rotation.restored(json.loads(text)).to_dict() == here.to_dict()
    assert rotation.restored(Rotation().to_dict()) == Rotation()
    assert here.to_dict() == {
        "kind": "rotation",
        "format": 1,
        "credits": {"a": "-1/6", "z": "-1/5", "é": "-1/12"},
        "house": "9/20",
        "counters": {"a": {"day": "2024-01-09", "that_day": 1, "monday": "2024-01-08", "that_week": 1}},
    }


def test_numbers_are_stored_whole_however_long() -> None:
    """RO-5: exact; Python itself writes and reads some 4,000 digits at once."""
    long = Fraction(10**9_000 + 7, 3**20_000)
    here = rotation.offset(rotation.offset(Rotation(), "a", long), "b", -3 * long)
    text = json.dumps(here.to_dict())
    assert rotation.restored(json.loads(text)) == here
    assert len(text) > 40_000


def test_equal_rotations_are_equal_keys_and_survive_a_pickle() -> None:
    """FD-1: values are hashable and travel."""
    one, other = order({"a": 2, "b": 1}, 2)[1], order({"b": 1, "a": 2}, 2)[1]
    assert len({one, other, Rotation()}) == 2
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("rotation", None),
        ("rotation", []),
        ("rotation", [1]),
        ("rotation.house", {"house": None}),
        ("rotation.more", {"more": 1}),
        ("rotation", {"kind": "rotations"}),
        ("rotation", {"format": 2}),
        ("rotation", {"format": True}),
        ("rotation.credits", {"credits": []}),
        ("rotation.credits", {"credits": {"a": "1/2"}}),
        (r"rotation\.credits\[a\]", {"credits": {"a": 1}}),
        (r"rotation\.credits\[a\]", {"credits": {"a": "1/0"}}),
        (r"rotation\.credits\[a\]", {"credits": {"a": "1.5"}}),
        (r"rotation\.credits\[a\]", {"credits": {"a": "--1"}}),
        (r"rotation\.credits\[a\]", {"credits": {"a": "1/-2"}}),
        (r"rotation\.credits\[a\]", {"credits": {"a": "²"}}),
        (r"rotation\.credits\[a\]", {"credits": {"a": ""}}),
        pytest.param(r"rotation\.credits\[a\]", {"credits": {"a": "9" * 100_001}}, id="too long a number"),
        ("rotation.house", {"house": "0.5"}),
        ("rotation.counters", {"counters": None}),
        (r"rotation\.counters\[a\]", {"counters": {"a": 1}}),
        (r"rotation\.counters\[a\]\.day", {"counters": {"a": {"day": "9 Jan", "that_day": 1, "monday": "2024-01-08", "that_week": 1}}}),
        (r"rotation\.counters\[a\]\.day", {"counters": {"a": {"day": 9, "that_day": 1, "monday": "2024-01-08", "that_week": 1}}}),
        (
            r"rotation\.counters\[a\]\.that_day",
            {"counters": {"a": {"day": "2024-01-09", "that_day": -1, "monday": "2024-01-08", "that_week": 1}}},
        ),
        (r"rotation\.counters\[a\]", {"counters": {"a": {"day": "2024-01-09", "that_day": 1, "monday": "2024-01-15", "that_week": 1}}}),
        (r"rotation\.counters\[a\]", {"counters": {"a": {"day": "2024-01-09", "that_day": 2, "monday": "2024-01-08", "that_week": 1}}}),
    ],
)
def test_data_that_is_no_rotation_is_refused(path: str, change: dict[str, object] | list[object] | None) -> None:
    """RT-6: credits that were changed by hand do not add up, and are not followed."""
    data = {**Rotation().to_dict(), **change} if isinstance(change, dict) else change
    with pytest.raises(FactError, match=path):
        rotation.restored(data)


def test_a_rotation_without_a_part_is_refused() -> None:
    """RT-6."""
    data = Rotation().to_dict()
    del data["house"]
    with pytest.raises(FactError, match=r"rotation\.house: saw nothing"):
        rotation.restored(data)
    with pytest.raises(FactError, match="rotation: saw a table of 1"):
        rotation.restored({1: 2})


WHOLE = Entry(
    lead_id="L-1", attempt=2, rep="a", step="pool", at=AT, day=TUESDAY, shares=(("a", 2), ("b", 1)), left=("z",), over_cap=True,
    instead_of="c", lane="T1", territory="dach",
)  # fmt: skip


def test_a_whole_log_is_plain_data_and_back() -> None:
    """RO-16, RO-17: refunds and corrections are stored beside the entries, exactly."""
    turned = entry(shares=(("a", 1), ("b", 2)))
    log: list[rotation.Happening] = [turned, Correction("b", Fraction(-1, 3)), Refund(turned)]
    stored = json.loads(json.dumps([happening.to_dict() for happening in log]))
    assert [row["kind"] for row in stored] == ["routing_entry", "routing_correction", "routing_refund"]
    assert stored[1] == {"kind": "routing_correction", "rep": "b", "leads": "-1/3"}
    assert [rotation.happening_of(row) for row in stored] == log
    assert rotation.replay(map(rotation.happening_of, stored)) == rotation.replay(log)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (None, "happening: saw nothing"),
        ({}, r"happening\.kind: saw nothing"),
        ({"kind": "rotation"}, r"happening\.kind: saw 'rotation', expected \"routing_entry\""),
        ({"kind": ["routing_entry"]}, r"happening\.kind: saw a list of 1"),
        ({"kind": "routing_entry"}, r"entry\."),
        ({"kind": "routing_refund"}, r"refund\.entry: saw nothing"),
        ({"kind": "routing_refund", "entry": {}}, r"entry\."),
        ({"kind": "routing_correction", "rep": "a", "leads": 1}, r"correction\.leads: saw 1"),
        ({"kind": "routing_correction", "rep": "", "leads": "1"}, r"correction\.rep: saw ''"),
        ({"kind": "routing_correction", "rep": "a", "leads": "1", "more": 1}, r"correction\.more: saw a key too many"),
    ],
)
def test_data_that_is_nothing_that_happened_is_refused(data: object, path: str) -> None:
    """RO-17."""
    with pytest.raises(FactError, match=path):
        rotation.happening_of(data)


@pytest.mark.parametrize("made", [WHOLE, Entry(lead_id="L-1", at=AT)], ids=["whole", "bare"])
def test_an_entry_is_plain_data_and_back(made: Entry) -> None:
    """RO-14: the log is the caller's, wherever that is."""
    assert rotation.entry_of(json.loads(json.dumps(made.to_dict()))) == made


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("entry.kind", {"kind": "entry"}),
        ("entry.lead_id", {"lead_id": ""}),
        ("entry.attempt", {"attempt": 0}),
        ("entry.attempt", {"attempt": True}),
        ("entry.rep", {"rep": 1}),
        ("entry.at", {"at": "2024-01-09"}),
        ("entry.day", {"day": "2024-13-09"}),
        ("entry.shares", {"shares": "ab"}),
        ("entry.shares", {"shares": ["ab"]}),
        ("entry.shares", {"shares": [["a"]]}),
        ("entry.shares", {"shares": [["a", 0]]}),
        ("shares", {"shares": [["a", 1], ["a", 1]]}),
        ("entry.left", {"left": None}),
        ("entry.over_cap", {"over_cap": 1}),
        ("entry.more", {"more": 1}),
    ],
)
def test_data_that_is_no_entry_is_refused(path: str, change: dict[str, object]) -> None:
    """RO-14."""
    with pytest.raises(FactError, match=path):
        rotation.entry_of({**WHOLE.to_dict(), **change})


def test_an_entry_has_an_aware_instant() -> None:
    """FD-2."""
    with pytest.raises(FactError, match=r"entry\.at"):
        Entry(lead_id="L-1", at=AT.replace(tzinfo=None))


def test_a_rotation_tells_people_who_is_owed_what() -> None:
    here = busy()
    assert repr(here) == "Rotation(a -0.17, z -0.2, é -0.08; 1 counted)"
    assert repr(Rotation()) == "Rotation(nobody is owed anything; 0 counted)"
    html = here._repr_html_()
    assert "<td>a</td><td>-0.17</td><td>1 on 2024-01-09</td><td>1</td>" in html
    assert "<td>é</td><td>-0.08</td><td></td><td></td>" in html


def test_two_workers_do_not_follow_one_value() -> None:
    """RO-17: the second finds another value than the one it read, and asks again; both leads are counted, none twice."""
    stored = [Rotation()]

    def swap(read: Rotation, made: Rotation) -> bool:
        if stored[0] != read:
            return False
        stored[0] = made
        return True

    shares = (("a", 1), ("b", 1))
    first_read = second_read = stored[0]
    first, by_first = rotation.turn(first_read, shares)
    second, by_second = rotation.turn(second_read, shares)
    assert first == second == "a"
    assert swap(first_read, by_first)
    assert not swap(second_read, by_second)
    again, by_second = rotation.turn(stored[0], shares)
    assert again == "b"
    assert swap(by_first, by_second)
    assert stored[0] == Rotation()


def test_a_counter_is_a_value() -> None:
    assert Counted(TUESDAY, 1, date(2024, 1, 8), 1) == rotation.apply(Rotation(), entry()).counters["a"]
