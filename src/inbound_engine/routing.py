"""Who takes it?

A lead is routed by walking the steps of the policy: the first that yields somebody wins (RO-1). Owners take the leads of their
accounts, over any cap and outside the rotation; pools take turns. What was tried is kept: each step with why it yielded nobody,
each rep who might have taken the lead with why they did not (RT-9). Where nobody may take it, the answer is `Unassigned`, with a
reason for every rep and the instant at which the policy could place it if nothing else happened (RO-12): a lead is never given to
somebody who is away.

Routing is a function of the facts, the roster and the rotation, at the instant of the view. It gives a new rotation and an entry,
which the caller keeps: asked again for the same lead and attempt, it gives the same answer (RO-14), and a further attempt leaves
out whoever had the lead before (RO-15).

What is not here: which step yields whom (`destinations`), what would have had to be different (`alternatives`), how a batch is spread
(`batches`), which account a lead belongs to (`matching`), how credits are counted (`rotation`), what the lists of the policy mean
(`territories`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import attrs
from attrs import field, frozen

from inbound_engine import alternatives, sla, territories
from inbound_engine.alternatives import Alternative
from inbound_engine.conditions import Rule, because
from inbound_engine.decisions import Code, Plain, Reason, Seen, decimal_text, html_table, plain, sentence
from inbound_engine.destinations import Days, Given, Tried, Why, cap_reached, local_day, retry_at, walk, why_not
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Roster
from inbound_engine.rotation import Entry, Rotation, Shares, apply, counting_day, refuse_strangers
from inbound_engine.spans import instant
from inbound_engine.territories import Lane, Rules, Team, lane_of, lies_in, team
from inbound_engine.vocabulary import View

__all__ = [
    "Assigned",
    "NotRouted",
    "Notice",
    "Outcome",
    "Route",
    "Unassigned",
    "route",
]

# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Assigned:
    """Somebody takes the lead. `over_cap` flags an owner who had reached a cap; `instead_of` is the owner who is away (RO-2)."""

    rep: str
    step: str
    over_cap: bool = False
    instead_of: str | None = None


@frozen
class Unassigned:
    """Nobody may take it: why, of every rep, and when the policy could place it if nothing else happens; None for never (RO-12)."""

    reasons: tuple[tuple[str, Why], ...]
    retry_at: datetime | None


@frozen
class NotRouted:
    """The policy keeps the lead from people: it goes to nurture, by that lane (RT-4)."""

    lane: str


Outcome: TypeAlias = Assigned | Unassigned | NotRouted


@frozen
class Notice:
    """Somebody is told of the lead, whoever takes it: as the CSM, as owner of an open opportunity, as the named rep (RT-4)."""

    rep: str
    of: str


@frozen(kw_only=True, repr=False)
class Route:
    """Where a lead goes, and why.

    `entry` is the one entry for the caller's log, `rotation` the one that counts from now on; both are to be kept together.
    `repeated` says that the lead had this answer already (RO-14): then there is nothing to keep. `tried` are the steps in order.
    """

    lead_id: str
    attempt: int
    at: datetime
    outcome: Outcome
    entry: Entry
    rotation: Rotation
    notify: tuple[Notice, ...]
    lane: str | None
    territory: str | None
    tried: tuple[Tried, ...]
    repeated: bool = False
    given: Given = field(eq=False)

    @property
    def rep(self) -> str | None:
        """Who takes it, or None."""
        return self.outcome.rep if isinstance(self.outcome, Assigned) else None

    @property
    def event(self) -> sla.Assigned | None:
        """The event for the clocks of the lead: who holds it from now on, on which calendar; None where it goes to nurture.

        Nobody is a holder too: a lead that is unassigned is escalated at once, where the promise says so (CL-12). Ids differ: that
        of an assignment is the lead and the attempt, that of nobody's has the instant besides. The calendar of somebody who has left
        the roster is the territory's, or the organisation's.
        """
        if isinstance(self.outcome, NotRouted):
            return None
        if self.rep is None:  # so many answers an attempt may have, and one assignment
            nobody = f"{self.lead_id}#{self.attempt}/{plain(self.entry.at)}"
            return sla.Assigned(id=nobody, at=self.entry.at, rep=None, lead_id=self.lead_id)
        present = self.rep if self.rep in self.given.team.by_id else None
        calendar = self.given.team.calendar(present, self.territory)
        return sla.Assigned(id=f"{self.lead_id}#{self.attempt}", at=self.entry.at, rep=self.rep, lead_id=self.lead_id, calendar=calendar)

    @property
    def why_not(self) -> dict[str, Why]:
        """Why each rep of the roster did not take the lead, by id; who took it is left out. Empty where nobody was asked."""
        return {} if self.repeated or isinstance(self.outcome, NotRouted) else dict(why_not(self.given, self.tried, self.lane, self.rep))

    @property
    def because(self) -> tuple[Reason, ...]:
        """Lanes, territories and steps in the order asked, each with what it saw; then who is told (RT-9)."""
        return tuple(_reasons(self))

    def what_if(self, rep: str) -> Alternative:
        """The smallest set of changes to a rep that would have given them the lead; see `alternatives`.

        Fewer changes come first, then those of the roster before credit by hand. Of a repeated answer nothing is tried. A name that is
        not on the roster is a `FactError`.
        """
        if self.repeated:
            self.given.team.member(rep)
            return Alternative(rep, possible=True if rep == self.rep else None)
        lane = next((row for row, _ in self.given.rules.lanes if row.id == self.lane), None)
        return alternatives.alternative(self.given, lane, self.territory, self.rep, rep)

    def explain(self) -> str:
        """The route in words, a sentence for each reason."""
        return " ".join([_headline(self), *map(sentence, self.because)])

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The route as plain data, without the rotation, which has a form of its own; `redact` leaves out what is personal."""
        return {
            "kind": "route",
            "lead_id": self.lead_id,
            "attempt": self.attempt,
            "at": plain(self.at),
            "outcome": _plain_outcome(self.outcome),
            "lane": self.lane,
            "territory": self.territory,
            "notify": [plain(each) for each in self.notify],
            "tried": [plain(each) for each in self.tried],
            "repeated": self.repeated,
            "entry": self.entry.to_dict(),
            "because": [reason.to_dict(redact=redact) for reason in self.because],
        }

    def __repr__(self) -> str:
        """One line."""
        return f"Route({self.lead_id!r}, attempt {self.attempt}: {self.outcome})"

    def _repr_html_(self) -> str:
        """The reasons as a table, for notebooks."""
        rows = ((reason.code.value, reason.rule, sentence(reason)) for reason in self.because)
        return html_table(f"{self.lead_id}: {self.rep or 'nobody'}", ("code", "rule", "in words"), rows)


# ------------------------------------------------------------------------------------------------------------ functions


def route(
    rules: Rules,
    view: View,
    roster: Roster | Team,
    rotation: Rotation,
    *,
    entries: Iterable[Entry] = (),
    open_leads: Mapping[str, int] | None = None,
    attempt: int = 1,
) -> Route:
    """Where the lead of the view goes, as of its instant; the tier and other outcomes are facts that the view sees.

    A roster is made ready each time; `territories.team` does it once. `entries` are the log's entries of the lead, those of
    other leads are not seen: an assignment of the same attempt is given again (RO-14), those of other attempts say who had it
    before (RO-15). `open_leads` says how many open leads each rep has, 0 where a rep is not named; where a rep who might take the
    lead has a cap on them, it must be given. Names that are not on the roster say nothing: those who left have open leads too.

    A circle of parents of accounts, a team of another policy, and arguments of another kind are a `FactError`.

    >>> from inbound_engine import calendars
    >>> from inbound_engine.conditions import Questions
    >>> from inbound_engine.facts import Lead, Rep
    >>> from inbound_engine.spans import parse_instant
    >>> from inbound_engine.vocabulary import FactsDocument
    >>> from inbound_engine.vocabulary import compile as compile_vocabulary
    >>> document = territories.RoutingDocument(
    ...     lanes=[{"id": "all", "when": {"op": "always"}, "to": "rep"}], steps=[{"id": "pool", "kind": "pool"}]
    ... )
    >>> words, opening = compile_vocabulary(FactsDocument()), calendars.compile(calendars.HoursDocument())
    >>> rules = territories.compile(document, opening, words, Questions())
    >>> roster = Roster(reps=(Rep(id="noor", role="SDR"), Rep(id="maya", role="SDR")))
    >>> monday_morning = parse_instant("2026-03-02T09:00Z")
    >>> first = route(rules, View(Lead(id="L-1"), monday_morning), roster, Rotation())
    >>> second = route(rules, View(Lead(id="L-2"), monday_morning), roster, first.rotation)
    >>> first.outcome, second.rep
    (Assigned(rep='maya', step='pool', over_cap=False, instead_of=None), 'noor')
    """
    if type(attempt) is not int or attempt < 1:
        raise FactError("attempt", shown(attempt), "a whole number of at least 1")
    found = team(rules, roster)
    refuse_strangers(rotation)
    seen: object = view
    if not isinstance(seen, View):
        raise FactError("view", shown(seen), "a View", "`Engine.route` takes an assessment.")
    lead_id, at = view.lead.id, instant(view.at)
    counts = None if open_leads is None else _counts(open_leads)  # the route keeps it, and the caller counts on
    own = [] if entries == () else sorted(_own(entries, lead_id), key=_attempt)
    for entry in own:
        if entry.attempt == attempt:
            return _again(Given(rules, found, view, at, rotation, attempt, (), counts), entry)
    holders = tuple(dict.fromkeys([entry.rep for entry in own if entry.rep is not None])) if own else ()
    return _routed(Given(rules, found, view, at, _of_present(rotation, found), attempt, holders, counts), rotation)


def _own(entries: object, lead_id: str) -> Iterator[Entry]:
    """The entries by which somebody had the lead."""
    if isinstance(entries, str | bytes | Mapping) or not isinstance(entries, Iterable):
        raise FactError("entries", shown(entries), "a list of entries", "Pass [entry] for one.")
    for number, entry in enumerate(entries):
        if not isinstance(entry, Entry):
            hint = "`rotation.entry_of` reads one from plain data." if isinstance(entry, Mapping) else "A route has one, as .entry."
            raise FactError(f"entries[{number}]", shown(entry), "an Entry", hint)
        if entry.lead_id == lead_id and entry.rep is not None:
            yield entry


def _attempt(entry: Entry) -> int:
    return entry.attempt


def _counts(open_leads: Mapping[str, int]) -> dict[str, int]:
    """The numbers of open leads by rep; looked at one by one only where one is odd."""
    given: object = open_leads
    if not isinstance(given, Mapping):
        raise FactError("open_leads", shown(given), "a table of numbers by rep", 'Write {"maya": 3}.')
    counts = dict(open_leads)
    if counts and ({*map(type, counts.values())} != {int} or {*map(type, counts)} != {str} or min(counts.values()) < 0):
        for name, number in given.items():
            if not isinstance(name, str):
                raise FactError("open_leads", shown(name), "ids of reps")
            if type(number) is not int or number < 0:
                raise FactError(f"open_leads[{name}]", shown(number), "a whole number of at least 0")
    return counts


# ------------------------------------------------------------------------------------------------------------- deciding


def _of_present(rotation: Rotation, found: Team) -> Rotation:
    """The rotation, marked as one of which it is known who left the team: they are dropped with the entry (RO-10)."""
    return rotation if rotation.known is found.present else attrs.evolve(rotation, known=found.present)


def _again(given: Given, entry: Entry) -> Route:
    """The answer that the lead had already, and the rotation as it is."""
    rep, step = entry.rep or "", entry.step or ""
    return Route(
        lead_id=entry.lead_id,
        attempt=entry.attempt,
        at=entry.at,
        outcome=Assigned(rep, step, entry.over_cap, entry.instead_of),
        entry=entry,
        rotation=given.rotation,
        notify=_notices(given, rep),
        lane=entry.lane,
        territory=entry.territory,
        tried=(),
        repeated=True,
        given=given,
    )


def _routed(given: Given, before: Rotation) -> Route:
    rules, view = given.rules, given.view
    lane = lane_of(rules, view)
    number = lies_in(rules, view)
    place = None if number is None else rules.names[number]
    days: Days = {}
    outcome: Outcome
    tried = walk(given, lane, place, days) if lane is not None and lane.to == "rep" else ()
    last = tried[-1] if tried else None
    if last is not None and last.rep is not None:
        over_cap = not last.shares and cap_reached(given, given.team.by_id[last.rep], days) is not None
        outcome = Assigned(last.rep, last.step, over_cap, last.instead_of)
    elif lane is not None and lane.to == "nurture":
        outcome = NotRouted(lane.id)
    else:
        name = None if lane is None else lane.id
        outcome = Unassigned(tuple(why_not(given, tried, name, None)), None if lane is None else retry_at(given, lane, place))
    entry = _entry(given, outcome, lane, place, last.shares if last is not None and last.rep is not None else (), before, days)
    return Route(
        lead_id=view.lead.id,
        attempt=given.attempt,
        at=given.at,
        outcome=outcome,
        entry=entry,
        rotation=_of_present(apply(given.rotation, entry), given.team),
        notify=_notices(given, entry.rep),
        lane=entry.lane,
        territory=place,
        tried=tried,
        given=given,
    )


def _entry(  # noqa: PLR0917 - each is a part of one entry
    given: Given,
    outcome: Outcome,
    lane: Lane | None,
    place: str | None,
    shares: Shares,
    before: Rotation,
    days: Days,
) -> Entry:
    rep = step = day = instead_of = None
    over_cap = False
    if isinstance(outcome, Assigned):
        rep, step, over_cap, instead_of = outcome.rep, outcome.step, outcome.over_cap, outcome.instead_of
        day = counting_day(given.rotation, rep, local_day(given, given.team.by_id[rep], days))
    left: tuple[str, ...] = ()
    if before is not given.rotation:  # it was not known yet whether somebody has left
        left = tuple(sorted((before.credits.keys() | before.counters.keys()) - given.team.present))
    return Entry(
        lead_id=given.view.lead.id,
        attempt=given.attempt,
        rep=rep,
        step=step,
        at=given.at,
        day=day,
        shares=shares,
        left=left,
        over_cap=over_cap,
        instead_of=instead_of,
        lane=None if lane is None else lane.id,
        territory=place,
    )


def _notices(given: Given, rep: str | None) -> tuple[Notice, ...]:
    """Who is told: each person once, and whoever takes the lead only as its CSM."""
    account = given.view.account
    if account.csm is None and account.open_opportunity_owner is None and account.named_rep is None:
        return ()
    told: dict[str, Notice] = {}
    for of in given.rules.document.notify:
        name: str | None = getattr(account, of)
        if name is not None and (name != rep or of == "csm"):
            told.setdefault(name, Notice(name, of))
    return tuple(told.values())


# ------------------------------------------------------------------------------------------------------------- in words


def _headline(made: Route) -> str:
    match made.outcome:
        case Assigned(rep=rep, step=step):
            return f"{made.lead_id} goes to {rep} by {step}."
        case NotRouted(lane=lane):
            return f"{made.lead_id} goes to nurture by {lane}."
        case _:
            retry_at = made.outcome.retry_at
            later = "" if retry_at is None else f" before {retry_at.isoformat(' ', 'minutes')[:16]} UTC"
            return f"Nobody may take {made.lead_id}{later}."


def _plain_outcome(outcome: Outcome) -> dict[str, Plain]:
    match outcome:
        case Assigned(rep=rep, step=step, over_cap=over_cap, instead_of=instead_of):
            return {"kind": "assigned", "rep": rep, "step": step, "over_cap": over_cap, "instead_of": instead_of}
        case NotRouted(lane=lane):
            return {"kind": "not_routed", "lane": lane}
        case _:
            return {"kind": "unassigned", "reasons": {**dict(outcome.reasons)}, "retry_at": plain(outcome.retry_at)}


def _reasons(made: Route) -> Iterator[Reason]:
    if made.repeated:
        saw = (Seen("rep", made.rep), Seen("attempt", made.attempt), Seen("at", made.entry.at))
        yield Reason(Code.MATCHED, "routing.entries", saw)
        yield from _told(made)
        return
    given = made.given
    yield from _asked(given.view, "routing.lanes", [(lane.id, rule, ()) for lane, rule in given.rules.lanes], made.lane)
    if made.tried:
        rows = [(territory.id, rule, wanted) for territory, rule, wanted in given.rules.territories]
        yield from _asked(given.view, "routing.territories", rows, made.territory, territories.zones(given.rules, given.view))
    for each in made.tried:
        yield _said(each, made)
    yield from _told(made)


def _asked(
    view: View, path: str, rows: Iterable[tuple[str, Rule, Collection[str]]], match: str | None, zones: Sequence[ZoneInfo] = ()
) -> Iterator[Reason]:
    """A reason for every row up to the one that matches; rows may ask for zones, and the lead may be in those."""
    for name, rule, wanted in rows:
        answer = rule.test(view)
        saw = tuple(seen for part in because(rule, view) for seen in part.saw)
        if answer and name != match:  # its condition holds, and it is not sure of its zones
            sure = zones and not any(zone.key in wanted for zone in zones)
            code = Code.FAILED if sure else Code.UNKNOWN
            saw = (*saw, Seen("zones", ", ".join(zone.key for zone in zones) or None))
        else:
            code = Code.UNKNOWN if answer is None else Code.MATCHED if answer else Code.FAILED
        yield Reason(code, f"{path}[{name}]", saw)
        if name == match:
            return


def _said(each: Tried, made: Route) -> Reason:
    """What a step said, and of each rep that it looked at why they did not take the lead."""
    saw: list[Seen] = [] if each.rep is None else [Seen("rep", each.rep)]
    if each.instead_of is not None:
        saw.append(Seen("instead_of", each.instead_of))
    if each.why is not None:
        saw.append(Seen("why", each.why))
    if isinstance(made.outcome, Assigned) and made.outcome.over_cap and each.rep is not None:
        saw.append(Seen("over_cap", value=True))
    before = made.given.rotation
    saw += [Seen("credit", f"{rep} {decimal_text(before.credit(rep))}, share {share}") for rep, share in each.shares]
    saw += [Seen("refused", f"{rep} {why}") for rep, why in each.refused]
    code = Code.SWITCHED_OFF if each.why == "switched_off" else Code.FAILED if each.rep is None else Code.MATCHED
    return Reason(code, f"routing.steps[{each.step}]", tuple(saw))


def _told(made: Route) -> Iterator[Reason]:
    if made.notify:
        yield Reason(Code.MATCHED, "routing.notify", tuple(Seen(each.of, each.rep) for each in made.notify))
