"""How long does a lead wait?

Erlang's formula for one queue before several reps, first come first served (M/M/c; A. K. Erlang, 1917), and what it says of how many
reps are needed. It knows nothing of how many leads can be worked at all, and a month of work that fits says nothing about five
minutes (CQ-2).

The recurrence is run in whole numbers, so that the chance of having to wait is exact. The chance of waiting as long as a target has e
to a power in it, which no fraction equals: it is given in 12 decimals, rounded up, never below the true value and less than
2 * 10 ** -12 above it, the same on every machine (FD-4). At a load of as many reps as there are, or more, the queue grows for ever:
the chance is 1 and the state "unstable", and that is an answer (CQ-3).

What the formula takes for granted stands in `ASSUMPTIONS`, and is told with every answer (CQ-5). Where it does not hold, `replays`
plays an arrival stream through the reps instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import islice
from typing import Final, Literal

from attrs import field, frozen

from inbound_engine.decisions import Plain, decimal_text, html_table, plain
from inbound_engine.errors import FactError, shown

__all__ = ["ASSUMPTIONS", "Pooling", "Queue", "Waiting", "pooling", "reps_needed", "split", "waiting"]

ASSUMPTIONS: Final = (
    "Leads come one by one, at random, as many in one open hour as in another: where a campaign sends a spike, ask about the peak hour.",
    "Handling times are exponential: many short ones, a few long ones.",
    "Nobody gives up waiting.",
    "Leads come in open hours only.",
    "Reps do nothing else in open hours.",
)
"""What Erlang's formula takes for granted (CQ-5)."""

_MOST_REPS = 2_000
_MOST_BITS = 256  # of a numerator or a denominator: what the formula costs grows with it
_UNIT: Final = 10**12  # chances are given in 12 decimals
_SMALL: Final = 60  # e to the minus 60 is far below the last decimal
_DIGITS: Final = 40
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_A_MINUTE: Final = 60_000_000
_ALL_PERCENT: Final = 100


# --------------------------------------------------------------------------------------------------------------- checks


def _exact(value: object, path: str) -> Fraction:
    """A whole number or a fraction, of bearable length; never a float (FD-3)."""
    if isinstance(value, Fraction | int) and not isinstance(value, bool):
        number = Fraction(value)
        if max(abs(number.numerator), number.denominator).bit_length() <= _MOST_BITS:
            return number
    raise FactError(path, shown(value), f"a whole number or a Fraction, of at most {_MOST_BITS} bits", "Write Fraction(5, 2) for 2.5.")


def _above_zero(value: object, path: str) -> Fraction:
    number = _exact(value, path)
    if number <= 0:
        raise FactError(path, shown(value), "more than 0")
    return number


def _rate(value: object) -> Fraction:
    number = _exact(value, "queue.leads_per_hour")
    if number < 0:
        raise FactError("queue.leads_per_hour", shown(value), "0 or more")
    return number


def _queue_minutes(value: object) -> Fraction:
    return _above_zero(value, "queue.minutes")


def _amount(value: object, path: str) -> timedelta:
    if not isinstance(value, timedelta) or value < timedelta():
        raise FactError(path, shown(value), "a timedelta of zero or more", "Write timedelta(minutes=5).")
    return value


def _refuse_strangers(queue: object, path: str) -> None:
    if not isinstance(queue, Queue):
        raise FactError(path, shown(queue), "a Queue", "Write Queue(leads_per_hour, minutes, reps).")


# -------------------------------------------------------------------------------------------------------------- formula


@frozen
class Queue:
    """One queue of leads before several reps: leads in an open hour, minutes that one takes, and how many reps share it.

    Numbers are whole or Fractions. At most 2,000 reps, and a load of at most 2,000.

    >>> Queue(Fraction(25, 21), 30, 3).load
    Fraction(25, 42)
    """

    leads_per_hour: Fraction = field(converter=_rate)
    minutes: Fraction = field(converter=_queue_minutes)
    reps: int

    def __attrs_post_init__(self) -> None:
        """Checks the reps and the load."""
        if type(self.reps) is not int or not 0 <= self.reps <= _MOST_REPS:
            raise FactError("queue.reps", shown(self.reps), f"a whole number from 0 to {_MOST_REPS}")
        if self.load > _MOST_REPS:
            raise FactError("queue", f"a load of {decimal_text(self.load)} reps", f"at most {_MOST_REPS}", "Part the queue.")

    @property
    def load(self) -> Fraction:
        """How many reps are busy on average, if there are enough."""
        return self.leads_per_hour * self.minutes / 60

    @property
    def is_stable(self) -> bool:
        """Whether the queue does not grow for ever: the load is less than the reps, or nothing comes (CQ-3)."""
        return self.load < self.reps or not self.load

    def __str__(self) -> str:
        """The queue in words."""
        reps = f"{self.reps} rep{'' if self.reps == 1 else 's'}"
        return f"{decimal_text(self.leads_per_hour)} leads an hour of {decimal_text(self.minutes)} minutes before {reps}"


@frozen
class Waiting:
    """How long leads wait in a queue: the chance of waiting as long as the target or longer, which is a miss.

    `misses` has 12 decimals and is rounded up; at a target of zero it is the chance of waiting at all. `mean_minutes` is how long a
    lead waits on average, in 12 decimals, rounded up; None where the queue is unstable.
    """

    queue: Queue
    target: timedelta
    misses: Fraction
    mean_minutes: Fraction | None

    @property
    def state(self) -> Literal["stable", "unstable"]:
        """Whether the queue grows for ever (CQ-3)."""
        return "stable" if self.queue.is_stable else "unstable"

    def explain(self) -> str:
        """The answer in one line, then what it takes for granted, a line each."""
        return "\n".join((str(self), *ASSUMPTIONS))

    def __str__(self) -> str:
        """The answer in one line."""
        if self.mean_minutes is None:
            return f"{self.queue}: unstable, a load of {decimal_text(self.queue.load)}. The queue grows for ever, and all wait too long."
        mean = decimal_text(self.mean_minutes)
        return f"{self.queue}: {_percent(self.misses)} wait {_time(self.target)} or longer, {mean} minutes on average."

    def to_dict(self) -> dict[str, Plain]:
        """The answer as plain data, JSON-able; exact numbers as text."""
        return {
            "format": 1,
            "kind": "waiting",
            "leads_per_hour": plain(self.queue.leads_per_hour),
            "minutes": plain(self.queue.minutes),
            "reps": self.queue.reps,
            "load": plain(self.queue.load),
            "target": plain(self.target),
            "misses": plain(self.misses),
            "mean_minutes": plain(self.mean_minutes),
            "state": self.state,
            "assumptions": list(ASSUMPTIONS),
        }

    def _repr_html_(self) -> str:
        """The answer as a table, for notebooks."""
        return html_table(f"Waits of {_time(self.target)} or longer", _HEADER, [_cells("", self)])


_HEADER = ("queue", "leads an hour", "minutes", "reps", "load", "misses", "state")


def _cells(name: str, found: Waiting) -> tuple[object, ...]:
    queue = found.queue
    numbers = (decimal_text(queue.leads_per_hour), decimal_text(queue.minutes), queue.reps, decimal_text(queue.load))
    return (name, *numbers, _percent(found.misses), found.state)


@frozen
class Pooling:
    """The same leads and reps twice: in one queue, and in several (CQ-4)."""

    pooled: Waiting
    split: tuple[Waiting, ...]

    @property
    def split_misses(self) -> Fraction:
        """The chance of a miss over all the queues, each counted by its leads; 0 where nothing comes."""
        leads = self.pooled.queue.leads_per_hour
        return sum((each.misses * each.queue.leads_per_hour for each in self.split), Fraction()) / leads if leads else Fraction()

    def explain(self) -> str:
        """Both in words, then what they take for granted, a line each."""
        return "\n".join((str(self), *map(str, (self.pooled, *self.split)), *ASSUMPTIONS))

    def __str__(self) -> str:
        """Both in one line."""
        return f"One queue misses {_percent(self.pooled.misses)}, {len(self.split)} queues {_percent(self.split_misses)}."

    def to_dict(self) -> dict[str, Plain]:
        """Both as plain data, JSON-able."""
        return {
            "format": 1,
            "kind": "pooling",
            "pooled": self.pooled.to_dict(),
            "split": [each.to_dict() for each in self.split],
            "split_misses": plain(self.split_misses),
        }

    def _repr_html_(self) -> str:
        """Both as a table, for notebooks."""
        rows = [_cells("pooled", self.pooled), *(_cells(f"part {number}", each) for number, each in enumerate(self.split, 1))]
        return html_table(str(self), _HEADER, rows)


def waiting(queue: Queue, target: timedelta) -> Waiting:
    """How long leads wait in the queue, and the chance that it is as long as the target or longer (CQ-2).

    A queue without leads misses nothing. A negative target is a `FactError`.

    >>> print(waiting(Queue(Fraction(25, 21), 30, 3), timedelta(minutes=5)))
    1.19 leads an hour of 30 minutes before 3 reps: 1.6 % wait 5 minutes or longer, 0.3 minutes on average.
    >>> waiting(Queue(3, 30, 1), timedelta(minutes=5)).state
    'unstable'
    """
    limit = _amount(target, "target")
    _refuse_strangers(queue, "queue")
    if not queue.is_stable:
        return Waiting(queue, limit, Fraction(1), None)
    load, reps = queue.load, queue.reps
    if not load:
        return Waiting(queue, limit, Fraction(), Fraction())
    pace = (reps - load) / queue.minutes
    chance = _all_busy(load, reps, next(islice(_weights(load), reps, None)))
    return Waiting(queue, limit, _longer(chance, pace, limit), _product(chance, 1 / pace))


def reps_needed(leads_per_hour: Fraction | int, minutes: Fraction | int, *, target: timedelta, most: Fraction) -> int:
    """The fewest reps in one queue of whose leads at most that share is missed; none where nothing comes (CQ-6).

    `most` is a Fraction from 10 ** -12, the last decimal of a chance, to 1.

    >>> reps_needed(Fraction(25, 21), 30, target=timedelta(minutes=5), most=Fraction(1, 10))
    3
    """
    limit = _amount(target, "target")
    if type(most) is not Fraction or not Fraction(1, _UNIT) <= most <= 1:
        raise FactError("most", shown(most), "a Fraction from 1 in 10 ** 12 to 1", "Write Fraction(1, 10) for 10 %.")
    asked = Queue(leads_per_hour, minutes, 0)
    load = asked.load
    if not load or most == 1:  # even an unstable queue misses no more than all
        return 0
    return next(
        reps
        for reps, weight in enumerate(_weights(load))
        if reps > load and _longer(_all_busy(load, reps, weight), (reps - load) / asked.minutes, limit) <= most
    )


def split(queue: Queue) -> tuple[Queue, ...]:
    """The queue in as many parts as it has reps, each with an equal share of the leads; none of a queue without reps.

    >>> print(*split(Queue(Fraction(25, 21), 30, 3))[:1])
    0.4 leads an hour of 30 minutes before 1 rep
    """
    _refuse_strangers(queue, "queue")
    return (Queue(queue.leads_per_hour / queue.reps, queue.minutes, 1),) * queue.reps if queue.reps else ()


def pooling(queues: Iterable[Queue], target: timedelta) -> Pooling:
    """What queues of their own miss, and what one queue of all their leads and reps would (CQ-4).

    In the common queue a lead takes the mean of the minutes, each queue's counted by its leads.

    >>> print(pooling(split(Queue(Fraction(25, 21), 30, 3)), timedelta(minutes=5)))
    One queue misses 1.6 %, 3 queues 17.4 %.
    """
    if isinstance(queues, Queue | str | bytes | Mapping) or not isinstance(queues, Iterable):
        raise FactError("queues", shown(queues), "a list of queues", "Pass [queue] for one.")
    parts = tuple(queues)
    for number, part in enumerate(parts):
        _refuse_strangers(part, f"queues[{number}]")
    if not parts:
        raise FactError("queues", "none", "at least one queue")
    leads = sum((part.leads_per_hour for part in parts), Fraction())
    minutes = sum((part.leads_per_hour * part.minutes for part in parts), Fraction()) / leads if leads else parts[0].minutes
    common = Queue(leads, minutes, sum(part.reps for part in parts))
    return Pooling(waiting(common, target), tuple(waiting(part, target) for part in parts))


def _weights(load: Fraction) -> Iterator[tuple[int, int]]:
    """One over Erlang's B for 0, 1, 2, ... reps, as two whole numbers; a load above zero.

    B of n reps is load * B / (n + load * B) of one rep fewer, so that 1 / B is 1 + n / (load * B): no fraction is ever reduced.
    """
    over, under, reps = 1, 1, 0
    while True:
        yield over, under
        reps += 1
        under *= load.numerator
        over = under + over * reps * load.denominator


def _all_busy(load: Fraction, reps: int, weight: tuple[int, int]) -> tuple[int, int]:
    """Erlang's C, the chance that a lead finds every rep busy: B / (1 - load / reps * (1 - B)), exactly; more reps than load.

    As two whole numbers: to reduce them would take longer than all the rest.
    """
    over, under = weight
    full = reps * load.denominator
    return under * full, over * (full - load.numerator) + load.numerator * under


def _longer(chance: tuple[int, int], pace: Fraction, target: timedelta) -> Fraction:
    """The chance of waiting as long as the target: that of waiting at all, times e to the minus pace * minutes of the target.

    `pace` is how many leads more than come the reps could finish in a minute.
    """
    power = pace * Fraction(target // _MICROSECOND, _MICROSECONDS_A_MINUTE)
    return min(_product(chance, _decay(power)), Fraction(1))


def _product(chance: tuple[int, int], factor: Fraction) -> Fraction:
    """A chance times a factor, in 12 decimals, rounded up."""
    over, under = chance
    return Fraction(-(-over * factor.numerator * _UNIT // (under * factor.denominator)), _UNIT)


def _decay(power: Fraction) -> Fraction:
    """e to the minus `power`, or less than 10 ** -25 above it: `exp` of a Decimal is rounded correctly, and the next number is above."""
    if not power:
        return Fraction(1)
    least = min(power, Fraction(_SMALL))
    below = _context(ROUND_FLOOR).divide(Decimal(least.numerator), Decimal(least.denominator))
    near = _context(ROUND_HALF_EVEN)
    return Fraction(near.next_plus(near.exp(below.copy_negate())))


def _context(rounding: str) -> Context:
    """Every setting written out: those left out would be read from a default that anybody may change."""
    return Context(prec=_DIGITS, rounding=rounding, Emin=-999_999, Emax=999_999, capitals=1, clamp=0, flags=[], traps=[])


def _percent(share: Fraction) -> str:
    return f"{decimal_text(share * _ALL_PERCENT, 1)} %"


def _time(amount: timedelta) -> str:
    """Minutes, as people say them."""
    number = Fraction(amount // _MICROSECOND, _MICROSECONDS_A_MINUTE)
    return f"{decimal_text(number)} minute{'' if number == 1 else 's'}"
