"""Whose turn is it?

Each turn, everybody who may take the lead earns the share that is theirs of one lead, whoever has the highest credit takes it, and
pays one lead (RO-5). Credits are counted in leads, exactly, as whole numbers over one common denominator. So the order is that of
the smooth weighted round robin while the roster is stable, and stays fair when reps come and go: a debt of half a lead is half a
lead, whatever the shares of those who are left (X11).

A rotation is a value. What happens to it is a log of entries, refunds and corrections; folding the log gives the value again
(RO-17). It does not grow with the leads: it holds a credit for each rep who has one, and how many leads each had on one local
date and in one ISO week (RO-11). Its numbers get as long as the common denominator of the totals of shares that it has seen.

The credits and the account of the house add up to zero. Those who leave are dropped with their credit (RO-10), and a correction
gives a credit that nobody earned: the house takes the one and gives the other, and what is left is told by `house`. Nobody
else's credit changes by either.

Two workers that route at once must not both follow one value: whoever keeps it, replaces it only while it is still the one that the
worker read, and lets the other ask again (`docs/how-to/route-leads.md` has an example).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from math import gcd, lcm
from typing import TypeAlias

from attrs import evolve, field, frozen

from inbound_engine.decisions import Plain, decimal_text, html_table, plain
from inbound_engine.errors import FactError, shown
from inbound_engine.spans import DAY, instant, parse_instant

__all__ = [
    "Correction",
    "Counted",
    "Entry",
    "Happening",
    "Refund",
    "Rotation",
    "Shares",
    "apply",
    "chosen",
    "counting_day",
    "entry_of",
    "fairness",
    "happening_of",
    "monday",
    "offset",
    "refund",
    "refuse_strangers",
    "replay",
    "restored",
    "turn",
]

Shares: TypeAlias = tuple[tuple[str, int], ...]
"""Who may take the lead, each with their share, which is at least 1."""

FORMAT = 1
_DIGITS = 4_000  # of an integer, written out at once: Python refuses to write or read many more
_CHUNK = 10**_DIGITS
_LONGEST = 100_000  # digits of a number that is read back
_MAKES_ENTRIES = "`routing.route` makes one, and `entry_of` reads one from plain data."


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Counted:
    """How many leads a rep had on a local date, and in the ISO week that began on a Monday (RO-11)."""

    day: date
    that_day: int
    monday: date
    that_week: int


def _at(value: datetime) -> datetime:
    return instant(value, "entry.at")


@frozen(kw_only=True)
class Entry:
    """What a decision did to the rotation; whoever keeps the rotation keeps it beside the lead.

    `rep` is None where nobody took the lead. `shares` are those of the turn, empty where the lead went to somebody outside the
    rotation. `day` is the local date of the rep, on which the lead counts. `left` are those who had left by then.
    `over_cap` says that an owner had reached a cap already, `instead_of` whose delegate took it (RO-2). `lane` and `territory` are
    those of the lead.
    """

    lead_id: str
    attempt: int = 1
    rep: str | None = None
    step: str | None = None
    at: datetime = field(converter=_at)
    day: date | None = None
    shares: Shares = ()
    left: tuple[str, ...] = ()
    over_cap: bool = False
    instead_of: str | None = None
    lane: str | None = None
    territory: str | None = None

    def __attrs_post_init__(self) -> None:
        """Checks what is counted by: the lead, the attempt, the rep and the day, and that shares and leavers are tuples."""
        rep, day = self.rep, self.day
        sound = type(self.attempt) is int and self.attempt >= 1 and type(self.shares) is tuple and type(self.left) is tuple
        if not (sound and _is_name(self.lead_id) and (rep is None or _is_name(rep)) and (day is None or type(day) is date)):
            _refuse_entry(self)

    def to_dict(self) -> dict[str, Plain]:
        """The entry as plain data; `entry_of` reads it back."""
        return {
            "kind": "routing_entry",
            "lead_id": self.lead_id,
            "attempt": self.attempt,
            "rep": self.rep,
            "step": self.step,
            "at": plain(self.at),
            "day": plain(self.day),
            "shares": [[name, share] for name, share in self.shares],
            "left": [*self.left],
            "over_cap": self.over_cap,
            "instead_of": self.instead_of,
            "lane": self.lane,
            "territory": self.territory,
        }


@frozen
class Refund:
    """A lead turned out to be junk: its entry is undone (RO-16). The entry itself stays in the log."""

    entry: Entry

    def __attrs_post_init__(self) -> None:
        """Checks that it is of an entry."""
        if not isinstance(self.entry, Entry):
            raise FactError("refund.entry", shown(self.entry), "an entry", _MAKES_ENTRIES)

    def to_dict(self) -> dict[str, Plain]:
        """The refund as plain data; `happening_of` reads it back."""
        return {"kind": "routing_refund", "entry": self.entry.to_dict()}


def _leads(value: Fraction | int) -> Fraction:
    given: object = value
    if isinstance(given, bool) or not isinstance(given, Fraction | int):
        raise FactError("correction.leads", shown(given), "a whole number of leads, or a Fraction", "Write Fraction(1, 2) for 0.5.")
    return Fraction(given)


@frozen
class Correction:
    """Somebody is given so many leads of credit by hand, or a debt, where the number is negative.

    >>> Correction("maya", Fraction(-1, 3)).to_dict()
    {'kind': 'routing_correction', 'rep': 'maya', 'leads': '-1/3'}
    """

    rep: str
    leads: Fraction = field(converter=_leads)

    def __attrs_post_init__(self) -> None:
        """Checks the name."""
        _text(self.rep, "correction.rep")

    def to_dict(self) -> dict[str, Plain]:
        """The correction as plain data, exact; `happening_of` reads it back."""
        return {"kind": "routing_correction", "rep": self.rep, "leads": _written(self.leads.numerator, self.leads.denominator)}


Happening: TypeAlias = Entry | Refund | Correction
"""What a log holds."""


@frozen(repr=False)
class Rotation:
    """The credits and the counters of a team; `Rotation()` is that of a team that has had no lead yet (RT-6).

    `credits` are whole numbers of `denominator` parts of a lead, of those whose credit is not zero; `house` is what they and the
    house are apart, so that all of it adds up to zero. Mappings are not to be changed: every function gives a new value.

    >>> shares = (("a", 3), ("b", 2))
    >>> rotation, order = Rotation(), ""
    >>> for _ in range(10):
    ...     winner, rotation = turn(rotation, shares)
    ...     order += winner
    >>> order, rotation == Rotation()
    ('ababaababa', True)
    """

    credits: Mapping[str, int] = field(factory=dict)
    denominator: int = 1
    house: int = 0
    counters: Mapping[str, Counted] = field(factory=dict)
    known: frozenset[str] | None = field(default=None, eq=False)
    """The team of which it is known that nobody has left it; asked by identity only, so that each lead need not look for leavers."""

    def credit(self, rep: str) -> Fraction:
        """The leads that a rep is owed; below zero, that they are ahead by."""
        return Fraction(self.credits.get(rep, 0), self.denominator)

    def on(self, rep: str, day: date) -> tuple[int, int]:
        """How many leads the rep had on that local date and in its ISO week.

        A date before the one that is counted is read as that one: a day that is counted is never opened again.
        """
        found = self.counters.get(rep)
        if found is None:
            return 0, 0
        if day <= found.day:
            return found.that_day, found.that_week
        return 0, found.that_week if found.monday == monday(day) else 0

    def to_dict(self) -> dict[str, Plain]:
        """The rotation as plain data, numbers exact, the same for equal values; `restored` reads it back.

        >>> _, after = turn(Rotation(), (("a", 1), ("b", 2)))
        >>> after.to_dict()["credits"]
        {'a': '1/3', 'b': '-1/3'}
        """
        return {
            "kind": "rotation",
            "format": FORMAT,
            "credits": {rep: _written(self.credits[rep], self.denominator) for rep in sorted(self.credits)},
            "house": _written(self.house, self.denominator),
            "counters": {rep: plain(self.counters[rep]) for rep in sorted(self.counters)},
        }

    def __hash__(self) -> int:
        """Equal values have equal hashes, whatever the order in which reps came."""
        return hash((frozenset(self.credits.items()), self.denominator, self.house, frozenset(self.counters.items())))

    def __repr__(self) -> str:
        """The credits, in leads to two decimals, and how many reps have counters."""
        owed = ", ".join(f"{rep} {decimal_text(self.credit(rep))}" for rep in sorted(self.credits)) or "nobody is owed anything"
        return f"Rotation({owed}; {len(self.counters)} counted)"

    def _repr_html_(self) -> str:
        """Credits and counters as a table, for notebooks."""
        names = sorted({*self.credits, *self.counters})
        rows = []
        for name in names:
            had = self.counters.get(name)
            rows.append(
                [name, decimal_text(self.credit(name)), *(("", "") if had is None else (f"{had.that_day} on {had.day}", had.that_week))]
            )
        return html_table("Rotation", ("rep", "owed", "day", "week"), rows)


# ------------------------------------------------------------------------------------------------------------ functions


def monday(day: date) -> date:
    """The Monday that begins the ISO week of a date.

    >>> monday(date(2024, 3, 31))
    datetime.date(2024, 3, 25)
    """
    return day - day.weekday() * DAY


def counting_day(rotation: Rotation, rep: str, day: date) -> date:
    """The date on which a lead of that local date counts: the latest that was counted, where it is later (RO-18).

    >>> counting_day(Rotation(), "maya", date(2026, 3, 2))
    datetime.date(2026, 3, 2)
    """
    found = rotation.counters.get(rep)
    return day if found is None else max(day, found.day)


def turn(rotation: Rotation, shares: Sequence[tuple[str, int]]) -> tuple[str, Rotation]:
    """Whose turn it is among those, and the rotation after it; a tie goes to the smallest id, by code point (RO-5, RO-6).

    The order of `shares` changes nothing. Those who are not among them neither earn nor owe (RO-8), and who is new begins at
    zero (RO-9). Nobody at all, a share below 1, and an id twice are a `FactError`.

    >>> turn(Rotation(), (("b", 1), ("a", 1)))[0]
    'a'
    """
    refuse_strangers(rotation)
    checked = _checked(shares)
    winner = chosen(rotation, checked)
    return winner, _earned(rotation, checked, winner)


def chosen(rotation: Rotation, shares: Sequence[tuple[str, int]]) -> str:
    """Whose turn it is among those, who are known to differ and to be at least one."""
    total = sum([share for _, share in shares])
    owed, denominator = rotation.credits, rotation.denominator
    best: int | None = None
    winner = ""
    for name, share in shares:
        credit = owed.get(name, 0) * total + share * denominator
        if best is None or credit > best or (credit == best and name < winner):
            best, winner = credit, name
    return winner


def apply(rotation: Rotation, happening: Happening) -> Rotation:
    """The rotation after an entry, a refund or a correction.

    >>> from inbound_engine.spans import EARLIEST
    >>> entry = Entry(lead_id="L-1", rep="b", at=EARLIEST, day=EARLIEST.date(), shares=(("b", 1), ("c", 2)))
    >>> after = apply(Rotation(), entry)
    >>> after, after.on("b", EARLIEST.date())
    (Rotation(b -0.67, c 0.67; 1 counted), (1, 1))
    """
    refuse_strangers(rotation)
    return _after(rotation, happening, "happening")


def _after(rotation: Rotation, happening: object, path: str) -> Rotation:
    match happening:
        case Entry():
            after = _without(rotation, happening.left) if happening.left else rotation
            if happening.rep is None:
                return after
            if happening.shares:
                after = _earned(after, happening.shares, happening.rep)
            return after if happening.day is None else _counting(after, happening.rep, happening.day)
        case Refund(entry=entry):
            return _refunded(rotation, entry)
        case Correction(rep=rep, leads=leads):
            return _moved(rotation, leads.denominator, [(rep, leads.numerator)], -leads.numerator)
        case _:
            hint = "`happening_of` reads plain data." if isinstance(happening, Mapping) else _MAKES_ENTRIES
            raise FactError(path, shown(happening), "an Entry, a Refund or a Correction", hint)


def refund(rotation: Rotation, entry: Entry) -> Rotation:
    """The rotation as if the entry had never been: its shares are given back, the lead is paid back and not counted (RO-16).

    A count is taken back while its date, or its week, is still the one that is counted. An entry that gave nobody the lead is a
    `FactError`. Whoever left and came back since is taken for the same. Refund an entry once: keep a `Refund` in the log, and
    `replay` refuses a second.

    >>> from inbound_engine.spans import EARLIEST
    >>> entry = Entry(lead_id="L-1", rep="b", at=EARLIEST, day=EARLIEST.date(), shares=(("b", 1), ("c", 2)))
    >>> refund(apply(Rotation(), entry), entry) == Rotation()
    True
    """
    refuse_strangers(rotation)
    return _refunded(rotation, Refund(entry).entry)


def offset(rotation: Rotation, rep: str, leads: Fraction | int) -> Rotation:
    """The rotation with so many leads more owed to a rep, or fewer, where the number is negative.

    Nobody else's credit changes: the counter-entry is the house's, so that all of it still adds up to zero. Log it as a
    `Correction`.

    >>> given = offset(Rotation(), "noor", 2)
    >>> given.credit("noor"), given.house
    (Fraction(2, 1), -2)
    """
    return apply(rotation, Correction(rep, leads))


def replay(log: Iterable[Happening], rotation: Rotation | None = None) -> Rotation:
    """The rotation after all of that, in that order, from an empty one or the one that is given (RO-17).

    A second refund of one entry is a `FactError`.

    >>> replay([Correction("maya", Fraction(1)), Correction("maya", Fraction(-1))]) == Rotation()
    True
    """
    found = Rotation() if rotation is None else rotation
    refuse_strangers(found)
    if isinstance(log, str | bytes | Mapping) or not isinstance(log, Iterable):
        raise FactError("log", shown(log), "a list of entries, refunds and corrections", "Pass [entry] for one.")
    refunded: set[tuple[str, int]] = set()
    for number, happening in enumerate(log):
        if isinstance(happening, Refund):
            key = (happening.entry.lead_id, happening.entry.attempt)
            if key in refunded:
                raise FactError("log", f"a second refund of {shown(key[0])}, attempt {key[1]}", "one refund of an entry")
            refunded.add(key)
        found = _after(found, happening, f"log[{number}]")
    return found


def fairness(rotation: Rotation) -> dict[str, Fraction]:
    """How many leads each rep is owed, by id; below zero, is ahead by. Who is not named is owed nothing.

    >>> fairness(turn(Rotation(), (("a", 1), ("b", 1)))[1])
    {'a': Fraction(-1, 2), 'b': Fraction(1, 2)}
    """
    refuse_strangers(rotation)
    return {rep: rotation.credit(rep) for rep in sorted(rotation.credits)}


def restored(data: object) -> Rotation:
    """The rotation that plain data says; `FactError` where it says none, or where its credits do not add up to zero.

    >>> _, after = turn(Rotation(), (("a", 1), ("b", 2)))
    >>> restored(after.to_dict()) == after
    True
    """
    table = _table(data, "rotation", ("kind", "format", "credits", "house", "counters"))
    if table["kind"] != "rotation" or table["format"] != FORMAT or type(table["format"]) is not int:
        saw = f"{shown(table['kind'])} of format {shown(table['format'])}"
        raise FactError("rotation", saw, f'"rotation" of format {FORMAT}', "It was not written by this version.")
    owed = {rep: _number(text, f"rotation.credits[{rep}]") for rep, text in _named(table["credits"], "rotation.credits").items()}
    house = _number(table["house"], "rotation.house")
    if sum(owed.values(), house):
        raise FactError(
            "rotation.credits", "credits that do not add up", "credits and house that add up to zero", "It was changed by hand."
        )
    parts = lcm(house.denominator, *(credit.denominator for credit in owed.values()))
    return Rotation(
        {rep: int(credit * parts) for rep, credit in owed.items() if credit},
        parts,
        int(house * parts),
        {rep: _counter(each, f"rotation.counters[{rep}]") for rep, each in _named(table["counters"], "rotation.counters").items()},
    )


def entry_of(data: object) -> Entry:
    """The entry that plain data says; `FactError` where it says none.

    >>> from inbound_engine.spans import EARLIEST
    >>> entry = Entry(lead_id="L-1", rep="b", at=EARLIEST, day=EARLIEST.date(), shares=(("b", 1), ("c", 2)))
    >>> entry_of(entry.to_dict()) == entry
    True
    """
    names = ("lead_id", "attempt", "rep", "step", "at", "day", "shares", "left", "over_cap", "instead_of", "lane", "territory")
    table = _table(data, "entry", ("kind", *names))
    if table["kind"] != "routing_entry":
        raise FactError("entry.kind", shown(table["kind"]), '"routing_entry"')
    shares = _pairs(table["shares"])
    return Entry(
        lead_id=_text(table["lead_id"], "entry.lead_id"),
        attempt=_whole(table["attempt"], "entry.attempt", 1),
        rep=None if table["rep"] is None else _text(table["rep"], "entry.rep"),
        step=None if table["step"] is None else _text(table["step"], "entry.step"),
        at=parse_instant(_text(table["at"], "entry.at"), "entry.at"),
        day=None if table["day"] is None else _day(table["day"], "entry.day"),
        shares=_checked(shares) if shares else (),
        left=tuple(_text(each, "entry.left") for each in _list(table["left"], "entry.left")),
        over_cap=_yes_or_no(table["over_cap"], "entry.over_cap"),
        instead_of=None if table["instead_of"] is None else _text(table["instead_of"], "entry.instead_of"),
        lane=None if table["lane"] is None else _text(table["lane"], "entry.lane"),
        territory=None if table["territory"] is None else _text(table["territory"], "entry.territory"),
    )


def happening_of(data: object) -> Happening:
    """The entry, refund or correction that plain data says, by its `kind`; `FactError` where it says none.

    >>> given = Correction("maya", Fraction(1, 2))
    >>> happening_of(given.to_dict()) == given
    True
    """
    kind = _named(data, "happening").get("kind")
    match kind:
        case "routing_entry":
            return entry_of(data)
        case "routing_refund":
            return Refund(entry_of(_table(data, "refund", ("kind", "entry"))["entry"]))
        case "routing_correction":
            table = _table(data, "correction", ("kind", "rep", "leads"))
            return Correction(_text(table["rep"], "correction.rep"), _number(table["leads"], "correction.leads"))
        case _:
            raise FactError("happening.kind", shown(kind), '"routing_entry", "routing_refund" or "routing_correction"')


# --------------------------------------------------------------------------------------------------------------- checks


def refuse_strangers(rotation: object, path: str = "rotation") -> None:
    """Refuses what is no rotation: its plain data, the route that holds it, or nothing.

    >>> refuse_strangers(Rotation().to_dict())
    Traceback (most recent call last):
    ...
    inbound_engine.errors.FactError: rotation: saw a table of 5, expected a Rotation. `restored` reads one from plain data.
    """
    if isinstance(rotation, Rotation):
        return
    hint = (
        "`restored` reads one from plain data."
        if isinstance(rotation, Mapping)
        else "Begin with Rotation(); go on with .rotation of a route."
    )
    raise FactError(path, shown(rotation), "a Rotation", hint)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _refuse_entry(entry: Entry) -> None:
    """Says what is wrong with an entry of which something is."""
    _text(entry.lead_id, "entry.lead_id")
    _whole(entry.attempt, "entry.attempt", 1)
    if entry.rep is not None:
        _text(entry.rep, "entry.rep")
    day: object = entry.day
    if day is not None and type(day) is not date:
        raise FactError("entry.day", shown(day), "a date")
    name = "left" if type(entry.shares) is tuple else "shares"
    raise FactError(f"entry.{name}", shown(getattr(entry, name)), "a tuple")


# ----------------------------------------------------------------------------------------------------------- arithmetic


def _checked(shares: object) -> Shares:
    """The shares, or a `FactError` that says what is wrong with them."""
    if isinstance(shares, str | bytes | Mapping) or not isinstance(shares, Iterable):
        hint = "Pass tuple(shares.items())." if isinstance(shares, Mapping) else 'Write (("maya", 1),).'
        raise FactError("shares", shown(shares), "pairs of an id and a share", hint)
    checked: list[tuple[str, int]] = []
    for pair in shares:
        match pair:
            case (str() as name, int() as share) if name and type(share) is int and share >= 1:
                checked.append((name, share))
            case (name, share):
                raise FactError("shares", f"{shown(name)} with {shown(share)}", "ids with whole numbers of at least 1")
            case _:
                raise FactError("shares", shown(pair), "pairs of an id and a share", 'Write (("maya", 1),).')
    if not checked:
        raise FactError("shares", "nobody", "at least one rep")
    if len({name for name, _ in checked}) < len(checked):
        raise FactError("shares", "an id twice", "ids that differ")
    return tuple(checked)


def _earned(rotation: Rotation, shares: Shares, winner: str) -> Rotation:
    """The rotation after a turn: everybody has earned their share, and the winner has paid one lead."""
    total = sum([share for _, share in shares])
    moves = [*shares, (winner, -total)]
    return _moved(rotation, total, moves, 0)


def _moved(rotation: Rotation, parts: int, moves: Sequence[tuple[str, int]], house: int) -> Rotation:
    """The rotation with so many parts of a lead more for each; the moves and the house's add up to zero."""
    denominator = rotation.denominator
    common = denominator if denominator % parts == 0 else lcm(denominator, parts)
    up, step = common // denominator, common // parts
    owed = dict(rotation.credits) if up == 1 else {rep: credit * up for rep, credit in rotation.credits.items()}
    for rep, move in moves:
        credit = owed.get(rep, 0) + move * step
        if credit:
            owed[rep] = credit
        else:
            owed.pop(rep, None)
    return _reduced(rotation, owed, common, rotation.house * up + house * step)


def _reduced(rotation: Rotation, owed: dict[str, int], denominator: int, house: int) -> Rotation:
    """The same in lowest terms, so that equal states are equal values."""
    part = gcd(denominator, house, *owed.values())
    if part > 1:
        owed = {rep: credit // part for rep, credit in owed.items()}
        denominator, house = denominator // part, house // part
    return Rotation(owed, denominator, house, rotation.counters)


def _without(rotation: Rotation, left: Iterable[str]) -> Rotation:
    """The rotation without those who left: their credit goes to the house, their counters are dropped (RO-10)."""
    gone = frozenset(left)
    house = rotation.house + sum([credit for rep, credit in rotation.credits.items() if rep in gone])
    counters = {rep: each for rep, each in rotation.counters.items() if rep not in gone}
    kept = {rep: credit for rep, credit in rotation.credits.items() if rep not in gone}
    return _reduced(evolve(rotation, counters=counters), kept, rotation.denominator, house)


def _counting(rotation: Rotation, rep: str, day: date) -> Rotation:
    """The rotation with one lead more on that date; a date before the one that is counted counts as that one."""
    found = rotation.counters.get(rep)
    if found is not None and day <= found.day:
        had = Counted(found.day, found.that_day + 1, found.monday, found.that_week + 1)
    else:
        _, that_week = rotation.on(rep, day)
        had = Counted(day, 1, monday(day), that_week + 1)
    return Rotation(rotation.credits, rotation.denominator, rotation.house, {**rotation.counters, rep: had})


def _refunded(rotation: Rotation, entry: Entry) -> Rotation:
    if entry.rep is None:
        raise FactError("entry.rep", "nobody", "an entry that gave somebody the lead", "There is nothing to refund.")
    after = evolve(rotation, known=None)
    if entry.shares:
        total = sum([share for _, share in entry.shares])
        after = _moved(after, total, [*((name, -share) for name, share in entry.shares), (entry.rep, total)], 0)
    found = after.counters.get(entry.rep)
    if found is None or entry.day is None:
        return after
    that_day = found.that_day - (found.day == entry.day)
    that_week = found.that_week - (found.monday == monday(entry.day))
    counters = dict(after.counters)
    if that_week > 0:
        counters[entry.rep] = Counted(found.day, max(that_day, 0), found.monday, that_week)
    else:
        del counters[entry.rep]
    return evolve(after, counters=counters)


# ---------------------------------------------------------------------------------------------------------- plain data


def _written(numerator: int, denominator: int) -> str:
    """A number of leads as text, however long it is: "-1/3", "2"."""
    common = gcd(numerator, denominator)
    top, bottom = numerator // common, denominator // common
    return _digits(top) if bottom == 1 else f"{_digits(top)}/{_digits(bottom)}"


def _digits(number: int) -> str:
    """A whole number in decimal digits, also one that is longer than Python writes at once."""
    parts = []
    rest = abs(number)
    while rest >= _CHUNK:
        rest, low = divmod(rest, _CHUNK)
        parts.append(f"{low:0{_DIGITS}d}")
    return ("-" if number < 0 else "") + str(rest) + "".join(reversed(parts))


def _number(text: object, path: str) -> Fraction:
    """The number of leads that text says."""
    if isinstance(text, str):
        top, _, bottom = text.removeprefix("-").partition("/")
        digits = (top, bottom) if bottom else (top, "1")
        if all(part.isascii() and part.isdecimal() and len(part) <= _LONGEST for part in digits):
            numerator, denominator = map(_read, digits)
            if denominator:
                return Fraction(-numerator if text.startswith("-") else numerator, denominator)
    raise FactError(path, shown(text), 'a number of leads as text, such as "-1/3"')


def _read(digits: str) -> int:
    """What decimal digits say, also more of them than Python reads at once."""
    number = 0
    for start in range(0, len(digits), _DIGITS):
        part = digits[start : start + _DIGITS]
        number = number * 10 ** len(part) + int(part)
    return number


def _table(data: object, path: str, names: Sequence[str]) -> Mapping[str, object]:
    """A table with just those keys."""
    table = _named(data, path)
    if table.keys() != {*names}:
        odd = sorted(table.keys() ^ {*names})[0]
        raise FactError(f"{path}.{odd}", "a key too many" if odd in table else "nothing", f"the keys {', '.join(names)}")
    return table


def _named(data: object, path: str) -> Mapping[str, object]:
    if isinstance(data, Mapping) and all(isinstance(key, str) and key for key in data):
        return data
    raise FactError(path, shown(data), "a table of names")


def _list(data: object, path: str) -> Sequence[object]:
    if isinstance(data, list | tuple):
        return data
    raise FactError(path, shown(data), "a list")


def _text(value: object, path: str) -> str:
    if isinstance(value, str) and value:
        return value
    raise FactError(path, shown(value), "text")


def _whole(value: object, path: str, least: int) -> int:
    if type(value) is int and value >= least:
        return value
    raise FactError(path, shown(value), f"a whole number of at least {least}")


def _yes_or_no(value: object, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise FactError(path, shown(value), "true or false")


def _day(value: object, path: str) -> date:
    try:
        return date.fromisoformat(_text(value, path))
    except ValueError:
        raise FactError(path, shown(value), "a date", 'Write it like "2026-03-02".') from None


def _pairs(value: object) -> list[tuple[str, int]]:
    found = []
    for pair in _list(value, "entry.shares"):
        name, share = _two(pair)
        found.append((_text(name, "entry.shares"), _whole(share, "entry.shares", 1)))
    return found


def _two(pair: object) -> Sequence[object]:
    two = _list(pair, "entry.shares")
    if len(two) != 2:  # noqa: PLR2004 - a pair
        raise FactError("entry.shares", shown(pair), "pairs of an id and a share")
    return two


def _counter(data: object, path: str) -> Counted:
    table = _table(data, path, ("day", "that_day", "monday", "that_week"))
    day = _day(table["day"], f"{path}.day")
    found = Counted(
        day=day,
        that_day=_whole(table["that_day"], f"{path}.that_day", 0),
        monday=_day(table["monday"], f"{path}.monday"),
        that_week=_whole(table["that_week"], f"{path}.that_week", 0),
    )
    if found.monday != monday(day) or found.that_day > found.that_week:
        raise FactError(
            path, f"{found.that_day} on {day} and {found.that_week} in the week of {found.monday}", "a day of that week, and its leads"
        )
    return found
