"""Is every account covered by somebody with the time for it?

Coverage asks of target accounts what volume asks of leads. An account is owed the activities of its tier, a rep has so many minutes,
and the best accounts come first (CP-2). A territory with a tier-1 account that nobody of it has the time for is flagged.

Reps may belong to several territories. Within a tier no account is left out for which room could be made by handing others to
somebody else of their territory; so a flag means that there is no way, and not that the accounts were dealt out badly. Lower tiers
take what is left, and what they take from whom follows from the tiers above.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import groupby

from attrs import frozen

from inbound_engine.capacity import Rules, minutes_worked
from inbound_engine.decisions import Plain, decimal_text, html_table, plain
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.replays import Seat, each_seat
from inbound_engine.spans import DAY, Span

__all__ = ["Coverage", "RepCoverage", "TargetAccount", "TerritoryCoverage", "cover"]

_ALL_PERCENT = 100
_MICROSECOND = timedelta(microseconds=1)
_TOP = 1


@frozen
class TargetAccount:
    """An account that a territory is to cover: its tier, 1 being the best, and its score within the tier.

    >>> TargetAccount("acme", "dach").tier
    1
    """

    id: str
    territory: str
    tier: int = _TOP
    score: int | Fraction = 0

    def __attrs_post_init__(self) -> None:
        """Checks every field."""
        _named(self.id, "account.id")
        _named(self.territory, "account.territory")
        if type(self.tier) is not int or self.tier < _TOP:
            raise FactError("account.tier", shown(self.tier), f"a whole number from {_TOP}")
        if type(self.score) is not int and type(self.score) is not Fraction:
            raise FactError("account.score", shown(self.score), "a whole number or a Fraction")


@frozen
class TerritoryCoverage:
    """The accounts of a territory: who covers which, and which nobody has time for. Best first.

    Flagged where one of the uncovered is a tier-1 account (CP-2).
    """

    territory: str
    reps: tuple[str, ...]
    covered: tuple[tuple[TargetAccount, str], ...]
    uncovered: tuple[TargetAccount, ...]

    @property
    def is_flagged(self) -> bool:
        """Whether a tier-1 account is without anybody."""
        return any(account.tier == _TOP for account in self.uncovered)

    def __str__(self) -> str:
        """The territory on one line."""
        top = sum(account.tier == _TOP for account in self.uncovered)
        flag = f"; {top} of tier 1 without anybody" if top else ""
        return f"{self.territory}: {len(self.covered)} of {len(self.covered) + len(self.uncovered)} accounts covered{flag}."


@frozen
class RepCoverage:
    """A rep's time for accounts: the minutes, how many accounts of tier 1 they are enough for, how many were given, what is left.

    `accounts` is None where an account of tier 1 is owed nothing.
    """

    rep: str
    minutes: Fraction
    accounts: Fraction | None
    given: int
    left: Fraction


@frozen
class Coverage:
    """Whether somebody of its territory has the time for each account: territories and reps in order of their ids (CP-2)."""

    territories: tuple[TerritoryCoverage, ...]
    reps: tuple[RepCoverage, ...]

    @property
    def flagged(self) -> tuple[str, ...]:
        """The territories with a tier-1 account that nobody has time for."""
        return tuple(each.territory for each in self.territories if each.is_flagged)

    def territory(self, name: str) -> TerritoryCoverage:
        """One territory; `FactError` for one that has no accounts."""
        for each in self.territories:
            if each.territory == name:
                return each
        raise FactError("territory", shown(name), one_of(each.territory for each in self.territories))

    def explain(self) -> str:
        """A line for each territory, then one for each rep."""
        reps = (
            f"{each.rep}: {each.given} accounts, {decimal_text(each.left)} of {decimal_text(each.minutes)} minutes left"
            for each in self.reps
        )
        return "\n".join((*map(str, self.territories), *reps))

    def to_dict(self) -> dict[str, Plain]:
        """The coverage as plain data, JSON-able."""
        territories: list[Plain] = [
            {
                "territory": each.territory,
                "reps": list(each.reps),
                "covered": [{"account": account.id, "tier": account.tier, "rep": rep} for account, rep in each.covered],
                "uncovered": [{"account": account.id, "tier": account.tier} for account in each.uncovered],
                "flagged": each.is_flagged,
            }
            for each in self.territories
        ]
        reps: list[Plain] = [
            {
                "rep": each.rep,
                "minutes": plain(each.minutes),
                "accounts": plain(each.accounts),
                "given": each.given,
                "left": plain(each.left),
            }
            for each in self.reps
        ]
        return {"format": 1, "kind": "coverage", "territories": territories, "reps": reps, "flagged": list(self.flagged)}

    def _repr_html_(self) -> str:
        """The territories as a table, for notebooks."""
        rows = (
            (each.territory, ", ".join(each.reps), len(each.covered), len(each.uncovered), "flagged" if each.is_flagged else "")
            for each in self.territories
        )
        return html_table("Coverage of accounts", ("territory", "reps", "covered", "uncovered", ""), rows)


def cover(rules: Rules, accounts: Iterable[TargetAccount], team: Iterable[Seat], *, over: Span) -> Coverage:
    """Whether somebody of its territory has the time for each account within `over` (CP-2).

    An account takes what the activities of its tier add up to: times, minutes and the length of the stretch. A rep has the minutes
    worked, times the percentage for accounts. Accounts are taken by tier, score (highest first) and id, and only whole. Two accounts
    or two reps of one id are a `FactError`.

    >>> from datetime import date
    >>> from inbound_engine.calendars import HoursDocument, compile
    >>> from inbound_engine.capacity import CapacityDocument, month
    >>> from inbound_engine.capacity import compile as compile_capacity
    >>> mornings = {"days": ["monday"], "opens": "09:00", "closes": "10:00"}
    >>> opening = compile(HoursDocument(calendars=[{"id": "office", "weekly": [mornings]}]))
    >>> calls = {"id": "call", "days": 31, "minutes": 120}
    >>> rules = compile_capacity(CapacityDocument(calendar="office", account_work=[calls]), opening)
    >>> maya = Seat("maya", rules.calendar, territories=frozenset({"dach"}))
    >>> accounts = [TargetAccount(name, "dach") for name in ("acme", "beta", "gamma")]
    >>> print(cover(rules, accounts, [maya], over=month(rules, date(2026, 3, 1))).explain())
    dach: 2 of 3 accounts covered; 1 of tier 1 without anybody.
    maya: 2 accounts, 60 of 300 minutes left
    """
    stretch: object = over
    if not isinstance(stretch, Span):
        raise FactError("over", shown(stretch), "a Span", "`capacity.month` gives that of a month; or write Span(since, until).")
    if not over.length:
        raise FactError("over", str(over.length), "a stretch of more than zero")
    ordered = sorted(_each_account(accounts), key=_best_first)
    people = sorted(each_seat(team), key=lambda seat: seat.rep)
    _refuse_twice((account.id for account in ordered), "accounts")
    share = rules.document.account_utilisation_percent / _ALL_PERCENT
    minutes = {seat.rep: minutes_worked(rules, over=over, seat=seat) * share for seat in people}
    placing = _Placing({seat.rep: seat.territories for seat in people}, dict(minutes))
    covered: dict[str, str] = {}
    for tier, rows in groupby(ordered, key=lambda account: account.tier):
        covered |= placing.place(tuple(rows), _account_minutes(rules, tier, over))
    given, cost = Counter(covered.values()), _account_minutes(rules, _TOP, over)
    return Coverage(
        tuple(_territory(name, ordered, placing.reps_of(name), covered) for name in sorted({account.territory for account in ordered})),
        tuple(RepCoverage(rep, own, own / cost if cost else None, given[rep], placing.left[rep]) for rep, own in minutes.items()),
    )


def _each_account(accounts: object) -> Iterator[TargetAccount]:
    if isinstance(accounts, str | bytes | Mapping) or not isinstance(accounts, Iterable):
        raise FactError("accounts", shown(accounts), "a list of target accounts", "Pass [account] for one, or .values() of a table.")
    for number, account in enumerate(accounts):
        if not isinstance(account, TargetAccount):
            raise FactError(f"accounts[{number}]", shown(account), "a TargetAccount", 'Write TargetAccount("acme", "dach").')
        yield account


def _best_first(account: TargetAccount) -> tuple[int, int | Fraction, str]:
    return account.tier, -account.score, account.id


def _territory(name: str, ordered: Iterable[TargetAccount], reps: tuple[str, ...], covered: Mapping[str, str]) -> TerritoryCoverage:
    own = [account for account in ordered if account.territory == name]
    return TerritoryCoverage(
        territory=name,
        reps=reps,
        covered=tuple((account, covered[account.id]) for account in own if account.id in covered),
        uncovered=tuple(account for account in own if account.id not in covered),
    )


def _account_minutes(rules: Rules, tier: int, over: Span) -> Fraction:
    """What an account of that tier takes within a stretch."""
    rows = (row for row in rules.document.account_work if not row.tiers or tier in row.tiers)
    return sum(
        (row.times * row.minutes * Fraction(over.length // _MICROSECOND, row.days * DAY // _MICROSECOND) for row in rows), Fraction()
    )


class _Placing:
    """Who has which accounts, tier by tier.

    All accounts of a tier take the same time, so that a rep has so many places for them. An account goes to a place that is free;
    where its territory has none, others are moved within theirs until one is (an augmenting path, looked for in breadth). Whoever
    was placed stays placed, and a territory that finds no place finds none later in the tier either: so the best come first, and
    as many as can be are covered.
    """

    __slots__ = ("left", "territories")

    def __init__(self, territories: Mapping[str, frozenset[str]], left: dict[str, Fraction]) -> None:
        self.territories, self.left = territories, left

    def reps_of(self, territory: str) -> tuple[str, ...]:
        """The reps of a territory, in order of their ids."""
        return tuple(rep for rep, own in self.territories.items() if territory in own)

    def place(self, accounts: Sequence[TargetAccount], cost: Fraction) -> dict[str, str]:
        """Who gets which of the accounts of a tier, best first; takes their time."""
        free = {rep: int(minutes // cost) if cost else len(accounts) for rep, minutes in self.left.items()}
        reps = {name: self.reps_of(name) for name in {account.territory for account in accounts}}
        held: dict[str, Counter[str]] = {rep: Counter() for rep in self.left}
        full: set[str] = set()
        placed: list[TargetAccount] = []
        for account in accounts:
            if account.territory in full:
                continue
            if _make_room(account.territory, reps, free, held):
                placed.append(account)
            else:
                full.add(account.territory)
        found: dict[str, str] = {}
        for account in placed:
            rep = next(rep for rep in reps[account.territory] if held[rep][account.territory])
            held[rep][account.territory] -= 1
            self.left[rep] -= cost
            found[account.id] = rep
        return found


def _make_room(territory: str, reps: Mapping[str, tuple[str, ...]], free: dict[str, int], held: Mapping[str, Counter[str]]) -> bool:
    """Finds a place for one more account of a territory, moving others where that makes one; whether there was any."""
    came: dict[str, tuple[str, str] | None] = dict.fromkeys(sorted(reps[territory], key=lambda rep: -free[rep]))
    waiting = list(came)
    for rep in waiting:  # grows while it is read
        if free[rep]:
            free[rep] -= 1
            here, step = rep, came[rep]
            while step is not None:
                before, moved = step
                held[before][moved] -= 1
                held[here][moved] += 1
                here, step = before, came[before]
            held[here][territory] += 1
            return True
        for other in sorted(name for name, number in held[rep].items() if number):
            for next_one in reps[other]:
                if next_one not in came:
                    came[next_one] = (rep, other)
                    waiting.append(next_one)
    return False


def _named(value: object, path: str) -> None:
    if not isinstance(value, str) or not value:
        raise FactError(path, shown(value), "text")


def _refuse_twice(names: Iterable[str], path: str) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise FactError(f"{path}[{name}]", "the same id twice", "ids that differ")
