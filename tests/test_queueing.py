"""Waiting: Erlang's formula, exact to the last decimal."""

import decimal
import json
import math
import pickle
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine.errors import FactError
from inbound_engine.queueing import ASSUMPTIONS, Queue, pooling, reps_needed, split, waiting

FIVE = timedelta(minutes=5)
TENTH = Fraction(1, 10)


def monthly(leads: int, reps: int) -> Queue:
    """X16: so many leads in a month of 168 open hours, 30 minutes each."""
    return Queue(Fraction(leads, 168), 30, reps)


def summed(load: float, reps: int) -> float:
    """Erlang's C as the textbooks print it: with sums of powers over factorials, in floating point."""
    last = load**reps / math.factorial(reps) * reps / (reps - load)
    return last / (sum(load**number / math.factorial(number) for number in range(reps)) + last)


# -------------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("leads", "reps", "per_mille"),
    [
        (80, 1, 210),
        (80, 2, 19),
        (200, 1, 556),
        (200, 2, 108),
        (200, 3, 16),
        (400, 1, 1000),
        (400, 3, 102),  # X16 prints 10.3 %; the formula gives 10.246 %
        (400, 4, 23),
    ],
)
def test_so_many_wait_for_five_minutes(leads: int, reps: int, per_mille: int) -> None:
    """X16, CQ-2."""
    assert round(waiting(monthly(leads, reps), FIVE).misses * 1000) == per_mille


@pytest.mark.parametrize(
    ("queue", "target", "misses", "mean"),
    [
        # one rep, busy half of the time: C is 1/2, the mean wait half an hour
        (Queue(1, 30, 1), 0, "1/2", "30"),
        # two reps with a load of one: C is 1/3, the mean wait 30 * (1/3) / 1
        (Queue(2, 30, 2), 0, "0.333333333334", "10"),
        # three reps with a load of two: C is 4/9, the mean wait 30 * (4/9) / 1
        (Queue(4, 30, 3), 0, "0.444444444445", "13.333333333334"),
        # e to the minus one half, by half: 0.303265329856316...
        (Queue(1, 30, 1), 30, "0.303265329857", "30"),
        # e to the minus one, by a third: 0.122626480390480...
        (Queue(2, 30, 2), 30, "0.122626480391", "10"),
        (Queue(2, 30, 2), 100_000, "0.000000000001", "10"),
        (Queue(0, 30, 2), 5, "0", "0"),
        (Queue(0, 30, 0), 5, "0", "0"),
        (Queue(2, 30, 2_000), 0, "0.000000000001", "0.000000000001"),
    ],
)
def test_a_chance_has_12_decimals_and_is_rounded_up(queue: Queue, target: int, misses: str, mean: str) -> None:
    """CQ-2, FD-4: typed from the closed forms for one, two and three reps."""
    found = waiting(queue, timedelta(minutes=target))
    assert (found.misses, found.mean_minutes, found.state) == (Fraction(misses), Fraction(mean), "stable")


@pytest.mark.parametrize(
    "queue",
    [
        pytest.param(Queue(2, 30, 1), id="a load of exactly the reps"),
        pytest.param(Queue(Fraction(2001, 1000), 30, 1), id="a little more"),
        pytest.param(Queue(1, 30, 0), id="nobody there"),
        pytest.param(monthly(400, 1), id="X16"),
    ],
)
def test_a_queue_that_grows_for_ever_is_an_answer(queue: Queue) -> None:
    """CQ-3: unstable is no error, and everybody misses."""
    found = waiting(queue, FIVE)
    assert (found.misses, found.mean_minutes) == (Fraction(1), None)
    assert (found.state, queue.is_stable) == ("unstable", False)


def test_a_load_just_below_the_reps_is_stable() -> None:
    """CQ-3, FD-3: a million-millionth below the reps is below them, and nearly all wait."""
    found = waiting(Queue(2 - Fraction(1, 10**12), 30, 1), FIVE)
    assert found.state == "stable"
    assert found.misses == 1  # 0.9999999999994..., rounded up
    assert found.mean_minutes is not None
    assert found.mean_minutes > 10**12


def grid(*lengths: int) -> list[tuple[Fraction, int, int]]:
    """Loads, reps and minutes of a target: from an idle team to one that is busy to the last."""
    return list(_grid(lengths))


def _grid(lengths: Iterable[int]) -> Iterator[tuple[Fraction, int, int]]:
    for reps in (1, 2, 3, 7, 40):
        for part in (Fraction(1, 50), Fraction(1, 3), Fraction(9, 10), Fraction(199, 200)):
            for minutes in lengths:
                yield part * reps, reps, minutes


@pytest.mark.parametrize(("load", "reps", "minutes"), grid(0, 1, 5, 90))
def test_the_recurrence_agrees_with_the_sums_of_the_textbooks(load: Fraction, reps: int, minutes: int) -> None:
    """CQ-2: floating point, another formula, nine digits."""
    found = waiting(Queue(load * 2, 30, reps), timedelta(minutes=minutes))
    chance = summed(float(load), reps)
    assert float(found.misses) == pytest.approx(chance * math.exp(-(reps - float(load)) * minutes / 30), rel=1e-9, abs=2e-12)
    assert found.mean_minutes is not None
    assert float(found.mean_minutes) == pytest.approx(chance * 30 / (reps - float(load)), rel=1e-9, abs=2e-12)


@pytest.mark.parametrize(("load", "reps", "minutes"), grid(0, 1, 5, 90))
def test_a_chance_is_never_below_the_true_one_and_hardly_above(load: Fraction, reps: int, minutes: int) -> None:
    """FD-4: held against a hundred digits."""
    with decimal.localcontext(prec=100):
        last = load**reps / math.factorial(reps) * reps / (reps - load)
        chance = last / (sum(load**number / math.factorial(number) for number in range(reps)) + last)
        power = (reps - load) * minutes / 30
        true = Decimal(chance.numerator) / chance.denominator * (-Decimal(power.numerator) / power.denominator).exp()
        found = waiting(Queue(load * 2, 30, reps), timedelta(minutes=minutes)).misses
        above = Decimal(found.numerator) / found.denominator - true
        assert 0 <= above + Decimal("1e-90") < Decimal("2e-12")


@pytest.mark.parametrize(("load", "reps", "minutes"), grid(1, 5, 90))
def test_a_peer_says_the_same(load: Fraction, reps: int, minutes: int) -> None:
    """CQ-2: pyworkforce, where it is installed."""
    peer = pytest.importorskip("pyworkforce.queuing")
    erlang = peer.ErlangC(transactions=float(load), aht=30, interval=30, asa=minutes, shrinkage=0.0)
    served = erlang.service_level(positions=reps)
    assert float(waiting(Queue(load * 2, 30, reps), timedelta(minutes=minutes)).misses) == pytest.approx(1 - served, abs=1e-9)


def test_the_settings_of_decimals_elsewhere_change_nothing() -> None:
    """FD-1, FD-4: whoever computes with three digits computes with three digits alone."""
    before = waiting(monthly(200, 3), FIVE)
    default = decimal.DefaultContext.prec
    try:
        decimal.DefaultContext.prec = 3
        with decimal.localcontext(decimal.Context(prec=3, Emax=3, Emin=-3, traps=[decimal.Inexact])):
            assert waiting(monthly(200, 3), FIVE) == before
    finally:
        decimal.DefaultContext.prec = default


# ----------------------------------------------------------------------------------------------------------- how many


@pytest.mark.parametrize(
    ("leads", "most", "reps"),
    [
        (80, TENTH, 2),
        (200, TENTH, 3),  # two reps miss 10.8 %
        (400, TENTH, 4),  # three miss 10.2 %
        (200, Fraction(108, 1000), 3),  # 10.802 % is more than 10.8 %
        (200, Fraction(109, 1000), 2),
        (200, Fraction(1, 10**12), 12),  # eleven miss 8.6 in 10 ** 12, twelve 0.4
        (0, TENTH, 0),
        (400, Fraction(1), 0),
    ],
)
def test_so_many_reps_are_needed(leads: int, most: Fraction, reps: int) -> None:
    """CQ-6, X16: the fewest of whose leads at most that share is missed."""
    assert reps_needed(Fraction(leads, 168), 30, target=FIVE, most=most) == reps


@pytest.mark.parametrize("most", [0, 1, 0.1, "10 %", Fraction(0), Fraction(-1, 10), Fraction(1, 10**13), Fraction(11, 10), None])
def test_a_share_is_a_fraction_that_can_be_reached(most: Fraction) -> None:
    """FD-3: no number of reps misses nobody."""
    with pytest.raises(FactError, match="most"):
        reps_needed(1, 30, target=FIVE, most=most)


# -------------------------------------------------------------------------------------------------------------- pooling


def test_one_queue_serves_better_than_three() -> None:
    """CQ-4, X16: three reps who share a queue miss 1.6 %, the same three on territories of their own 17.4 % each."""
    parts = split(monthly(200, 3))
    assert parts == (Queue(Fraction(200, 504), 30, 1),) * 3
    found = pooling(parts, FIVE)
    assert found.pooled == waiting(monthly(200, 3), FIVE)
    assert [round(each.misses * 1000) for each in found.split] == [174, 174, 174]
    assert (round(found.pooled.misses * 1000), round(found.split_misses * 1000)) == (16, 174)


def test_queues_that_differ_are_weighted_by_their_leads() -> None:
    """CQ-4: of 3 leads an hour of 10 minutes and 1 of 30, the common queue has 4 of 15; misses count by leads."""
    busy, calm = Queue(3, 10, 1), Queue(1, 30, 2)
    found = pooling([busy, calm], FIVE)
    assert found.pooled.queue == Queue(4, 15, 3)
    assert found.split_misses == (3 * waiting(busy, FIVE).misses + waiting(calm, FIVE).misses) / 4


def test_queues_without_leads_miss_nothing() -> None:
    """CQ-4: and keep the minutes of the first."""
    found = pooling([Queue(0, 10, 1), Queue(0, 30, 2)], FIVE)
    assert (found.pooled.queue, found.pooled.misses, found.split_misses) == (Queue(0, 10, 3), Fraction(0), Fraction(0))


def test_nothing_cannot_be_pooled_and_nobody_has_no_parts() -> None:
    """CQ-4."""
    assert split(Queue(1, 30, 0)) == ()
    with pytest.raises(FactError, match="queues: saw none"):
        pooling([], FIVE)


# ------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("leads", "minutes", "reps", "path"),
    [
        (-1, 30, 1, r"queue\.leads_per_hour"),
        (1.5, 30, 1, r"queue\.leads_per_hour"),
        (True, 30, 1, r"queue\.leads_per_hour"),
        ("1", 30, 1, r"queue\.leads_per_hour"),
        (Fraction(1, 2**256), 30, 1, r"queue\.leads_per_hour"),
        (1, 0, 1, r"queue\.minutes"),
        (1, -30, 1, r"queue\.minutes"),
        (1, 30.0, 1, r"queue\.minutes"),
        (1, 30, -1, r"queue\.reps"),
        (1, 30, True, r"queue\.reps"),
        (1, 30, 2_001, r"queue\.reps"),
        (1, 30, Fraction(1), r"queue\.reps"),
        (4_001, 30, 1, "queue: saw a load of 2000.5 reps"),
    ],
)
def test_what_is_no_queue_is_refused(leads: Fraction, minutes: Fraction, reps: int, path: str) -> None:
    """FD-3: exact numbers, of bearable size."""
    with pytest.raises(FactError, match=path):
        Queue(leads, minutes, reps)


@pytest.mark.parametrize("target", [-FIVE, 5, None, "5 min"])
def test_a_target_is_an_amount_of_time(target: timedelta) -> None:
    """CQ-2: also where nothing comes."""
    for asked in (lambda: waiting(Queue(0, 30, 1), target), lambda: reps_needed(0, 30, target=target, most=TENTH)):
        with pytest.raises(FactError, match="target"):
            asked()


# -------------------------------------------------------------------------------------------------------------- readers


def test_an_answer_says_what_it_takes_for_granted() -> None:
    """CQ-5, FD-5: under every answer, and in its data."""
    found = waiting(monthly(200, 3), FIVE)
    first, *rest = found.explain().splitlines()
    assert first == "1.19 leads an hour of 30 minutes before 3 reps: 1.6 % wait 5 minutes or longer, 0.3 minutes on average."
    assert tuple(rest) == ASSUMPTIONS
    assert len(ASSUMPTIONS) == 5
    assert pooling(split(monthly(200, 3)), FIVE).explain().endswith("\n".join(ASSUMPTIONS))


def test_an_unstable_queue_says_so() -> None:
    """CQ-3, FD-5."""
    said = str(waiting(monthly(400, 1), timedelta(minutes=1)))
    assert said == (
        "2.38 leads an hour of 30 minutes before 1 rep: unstable, a load of 1.19. The queue grows for ever, and all wait too long."
    )


def test_answers_are_plain_data() -> None:
    """FD-5: JSON-able, exact numbers as text, durations in microseconds."""
    found = waiting(Queue(2, 30, 2), timedelta(0)).to_dict()
    assert {key: value for key, value in found.items() if key != "assumptions"} == {
        "format": 1,
        "kind": "waiting",
        "leads_per_hour": "2",
        "minutes": "30",
        "reps": 2,
        "load": "1",
        "target": "0 us",
        "misses": "166666666667/500000000000",
        "mean_minutes": "10",
        "state": "stable",
    }
    both = pooling(split(Queue(2, 30, 2)), FIVE)
    told = json.loads(json.dumps(both.to_dict()))
    assert (told["format"], told["kind"]) == (1, "pooling")
    assert (told["pooled"]["reps"], [part["reps"] for part in told["split"]]) == (2, [1, 1])
    assert Fraction(told["split_misses"]) == both.split_misses


def test_notebooks_show_a_table() -> None:
    """FD-5."""
    assert "<td>1.6 %</td><td>stable</td>" in waiting(monthly(200, 3), FIVE)._repr_html_()
    table = pooling(split(monthly(200, 3)), FIVE)._repr_html_()
    assert table.count("<td>17.4 %</td>") == 3
    assert "<td>part 3</td>" in table


def test_values_never_change_and_survive_a_pickle() -> None:
    """FD-1."""
    found = waiting(monthly(200, 3), FIVE)
    with pytest.raises(FrozenInstanceError):
        found.misses = Fraction(0)  # type: ignore[misc]  # on purpose
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    assert len({found, waiting(monthly(200, 3), FIVE)}) == 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: waiting(None, FIVE), "queue: saw nothing, expected a Queue. Write Queue"),  # type: ignore[arg-type]
        (lambda: split(3), "queue: saw 3"),  # type: ignore[arg-type]
        (lambda: pooling(Queue(1, 30, 1), FIVE), "queues: saw Queue .*, expected a list of queues. Pass"),  # type: ignore[arg-type]
        (lambda: pooling([Queue(1, 30, 1), 3], FIVE), r"queues\[1\]: saw 3"),  # type: ignore[list-item]
        (lambda: pooling(None, FIVE), "queues: saw nothing"),  # type: ignore[arg-type]
    ],
)
def test_a_queue_is_one(asked: Callable[[], object], message: str) -> None:
    """FD-3."""
    with pytest.raises(FactError, match=message):
        asked()


def test_long_fractions_before_many_reps_are_not_reduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """CQ-6: 255 bits at a load of 1,500 grow to 700,000 bits; no common divisor of such numbers is looked for."""
    divided, longest = math.gcd, [0]

    def gcd(*numbers: int) -> int:
        longest.extend(number.bit_length() for number in numbers)
        return divided(*numbers)

    monkeypatch.setattr(math, "gcd", gcd)
    leads, minutes = Fraction(2**255 - 1, 2**246 + 1), Fraction(2**255 - 1, 2**251 + 3)
    found = reps_needed(leads, minutes, target=FIVE, most=Fraction(1, 10))
    assert waiting(Queue(leads, minutes, found), FIVE).misses <= Fraction(1, 10) < waiting(Queue(leads, minutes, found - 1), FIVE).misses
    assert 255 < max(longest) < 2_000
