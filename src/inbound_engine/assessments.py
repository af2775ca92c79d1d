"""What do scoring and tiers say of this lead, and why?

An assessment keeps what it was decided from: the compiled policy, the lead, the instant, the grades and sums. Everything that
it explains is read off these, so that no second path can tell another story. `explain` is for people, `to_dict` for storage;
a stored assessment can be run again (`verify`). What is known of a person shows only where it is asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import NoReturn

from attrs import frozen
from attrs.exceptions import FrozenInstanceError

from inbound_engine import asking, facts, lookups, outlook, scoring, tiers
from inbound_engine.asking import Question
from inbound_engine.decisions import Plain, Reason, Seen, decimal_text, html_table, plain
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.facts import Lead
from inbound_engine.history import Happened
from inbound_engine.matrices import Contribution
from inbound_engine.outlook import Distance
from inbound_engine.policy import Compiled
from inbound_engine.scoring import Measured, Score, Scores
from inbound_engine.signals import read
from inbound_engine.tiers import BelowReason, Placement, Qualification, Tier
from inbound_engine.vocabulary import NOBODY, View

__all__ = ["Assessment", "Difference", "Missing", "Verification", "assess", "compared", "looking_up", "scored"]

_FORMAT = 1
_ABSENT = "(absent)"
_FEW = 3


@frozen
class Missing:
    """A fact that nobody knows, the criteria that want it, and the most points that it could add to any one score."""

    fact: str
    criteria: tuple[str, ...]
    worth: Fraction


class Assessment:
    """The scores, the tier and the qualification of a lead as of an instant, with their reasons.

    It keeps what it was decided from, in one tuple, and cannot change.
    """

    __slots__ = ("_kept",)

    _kept: tuple[Compiled, Lead, datetime, tuple[Measured, ...], tuple[Placement, Qualification]]

    def __init__(
        self, policy: Compiled, lead: Lead, at: datetime, sums: tuple[Measured, ...], said: tuple[Placement, Qualification]
    ) -> None:
        """Keeps what `assess` computed."""
        _keep(self, (policy, lead, at, sums, said))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuses: a decision does not change."""
        raise FrozenInstanceError

    def __delattr__(self, name: str) -> NoReturn:
        """Refuses: a decision does not change."""
        raise FrozenInstanceError

    def __reduce__(self) -> tuple[Callable[..., "Assessment"], tuple[Compiled, Lead, datetime]]:
        """Pickles by what it was decided from."""
        return _again, (self.policy, self.lead, self.at)

    def __deepcopy__(self, memo: object) -> "Assessment":
        """Nothing in it changes, so it is its own copy."""
        return self

    def __eq__(self, other: object) -> bool:
        """Equal when the same policy says the same of the same lead at the same instant."""
        if not isinstance(other, Assessment):
            return NotImplemented
        mine = (self.policy.fingerprint, self.scores, self.placement, self.qualification)
        return mine == (other.policy.fingerprint, other.scores, other.placement, other.qualification)

    def __hash__(self) -> int:
        """By lead, instant, sums and tier."""
        return hash((self.scores, self.placement))

    def __repr__(self) -> str:
        """One line, without facts of persons."""
        names = " ".join(f"{score} {decimal_text(self.scores.points(score))}" for score in self.scores.rules.names)
        mql = f"MQL by {self.clause}" if self.mql else "no MQL"
        return f"Assessment({self.lead.id!r}: {self.tier}, {mql}, {names})"

    # ------------------------------------------------------------------------------------------------------ what it says

    @property
    def policy(self) -> Compiled:
        """The policy that decided, compiled."""
        return self._kept[0]

    @property
    def lead(self) -> Lead:
        """The lead, with its observations settled."""
        return self._kept[1]

    @property
    def at(self) -> datetime:
        """The instant as of which it was assessed."""
        return self._kept[2]

    @property
    def scores(self) -> Scores:
        """What scoring says."""
        policy, lead, at, sums, _ = self._kept
        return Scores(policy.scoring, lead, at, sums)

    @property
    def placement(self) -> Placement:
        """What the tiers say."""
        return self._kept[4][0]

    @property
    def qualification(self) -> Qualification:
        """What the qualification says."""
        return self._kept[4][1]

    @property
    def tier(self) -> str:
        """The tier: T1, T2, T3 or NURTURE under the shipped policy."""
        return self.placement.tier

    @property
    def reason(self) -> str | None:
        """Why the lead is below every tier: low_fit or low_intent under the shipped policy (TI-2)."""
        return self.placement.reason

    @property
    def mql(self) -> bool:
        """Whether the lead is a marketing-qualified lead (TI-4)."""
        return self.qualification.mql

    @property
    def clause(self) -> str | None:
        """Which clause made it an MQL."""
        return self.qualification.clause

    @property
    def selection(self) -> Score:
        """How well it fits the ICP (SC-4)."""
        return self.scores.score("selection")

    @property
    def urgency(self) -> Score:
        """How ready it is now (SC-5)."""
        return self.scores.score("urgency")

    @property
    def fit(self) -> Score:
        """The fit of the dual axis (SC-1)."""
        return self.scores.score("fit")

    @property
    def engagement(self) -> Score:
        """The engagement of the dual axis, decayed weekly (SC-1, SC-3)."""
        return self.scores.score("engagement")

    def score(self, name: str) -> Score:
        """The score of that name; `FactError` when the policy has none."""
        return self.scores.score(name)

    # ---------------------------------------------------------------------------------------------------------- why

    @property
    def because(self) -> tuple[Reason, ...]:
        """Every rule that had a say: criteria of the scores that tiers read, tiers, floors, clauses, in that order."""
        return tuple(self._because())

    def _because(self) -> Iterator[Reason]:
        for name in self._deciding():
            for line in self.scores.score(name).contributions:
                yield from line.because
        yield from tiers.assign(self.policy.tiers, self.scores).because
        yield from tiers.qualify(self.policy.tiers, self.scores, self.placement).because

    def why_not(self, tier: str) -> tuple[Reason, ...]:
        """The thresholds of that tier that the lead does not reach; empty where it reaches them all.

        A name that is no tier is a `FactError`.
        """
        names = [name for name, _ in self.policy.tiers.tiers]
        if tier not in names:
            raise FactError("tier", shown(tier), one_of(names))
        return tiers.short_of(self.policy.tiers, self.scores, tier)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What nobody knows and the scores that tiers read still want, the fact worth most points first, then by name."""
        return _missing(self.scores.score(name) for name in self._deciding())

    @property
    def best_tier(self) -> str:
        """The best tier that missing facts still allow (FD-6)."""
        return outlook.extremes(self.policy.tiers, self.scores, self.placement)[0]

    @property
    def worst_tier(self) -> str:
        """The worst tier that missing facts still allow (FD-6)."""
        return outlook.extremes(self.policy.tiers, self.scores, self.placement)[1]

    @property
    def next_tier(self) -> Distance | None:
        """How far the tier above is, and the smallest sets of changes that would reach it (TI-5); None in the highest."""
        return outlook.distance(self.policy.tiers, self.scores, self.placement)

    @property
    def question(self) -> Question | None:
        """The one missing fact most worth asking for, with each possible outcome; None where no answer changes the tier."""
        return asking.most_worth_asking(self.policy.tiers, self.scores, self.placement)

    @property
    def view(self) -> View:
        """The lead as the rules after scoring see it: its scores, its tier and its qualification are facts (SL-5)."""
        activities = self.lead.activities
        return self.seeing(None if activities is None else read(self.policy.later, activities, self.at))

    def seeing(self, seen: tuple[list[int], list[datetime | None]] | None) -> View:
        """The view, where what later questions found in the activities is known already; None where nobody knows the activities."""
        _, lead, at, _, said = self._kept
        return tiers.seeing_scores(self.scores, said[0], View(lead, at, *(seen or (None, None))), said[1])

    def _deciding(self) -> tuple[str, ...]:
        """The scores that tiers read, and under the dual axis those that it reads; a total is followed by what it adds."""
        document = self.policy.document
        names = [line.score for tier in document.tiers.rows for line in tier.thresholds]
        names += [line.score for line in document.qualification.dual_axis] if document.qualification.model == "dual_axis" else []
        parts = {total.id: total.of for total in document.scoring.totals}
        for name in names:  # grows while it is read: totals may add totals
            names.extend(parts.get(name, ()))
        return tuple(dict.fromkeys(names))

    # ------------------------------------------------------------------------------------------------------ in words

    def explain(self, *, personal: bool = False) -> str:
        """The assessment in sentences that a salesperson can read, one a line; facts of the person only on request."""
        return "\n".join(self._sentences(personal=personal))

    def _sentences(self, *, personal: bool) -> Iterator[str]:
        placement = self.placement
        yield self._headline()
        if placement.raised_by is not None:
            floor = next(floor for floor in self.policy.document.tiers.floors if floor.id == placement.raised_by)
            yield f"The scores alone say {placement.unraised}; it was lifted: {floor.label or floor.id}."
        deciding = [self.scores.score(name) for name in self._deciding()]
        for score in deciding:
            yield _score_sentence(score, personal=personal)
        others = [name for name in self.scores.rules.names if name not in self._deciding()]
        if others:
            yield f"For information: {', '.join(f'{name} {decimal_text(self.scores.points(name))}' for name in others)}."
        yield self._qualification_sentence()
        if missing := _missing(deciding):
            yield self._missing_sentence(missing)
        if (far := self.next_tier) is not None:
            short = " and ".join(f"{_short(item.short)} points of {_words(item.score)}" for item in far.shortfalls)
            yield f"{far.tier} is {short} away{_ways(far)}."

    def _headline(self) -> str:
        document, placement, account = self.policy.document.tiers, self.placement, self.lead.account
        known = (account or NOBODY).name or (account or NOBODY).id
        company = "" if known == NOBODY.id else f" ({known})"
        row: Tier | BelowReason | None = next((tier for tier in document.rows if tier.id == placement.tier), None)
        row = row or next((reason for reason in document.below.reasons if reason.id == placement.reason), None)
        label = row.label if row else document.below.label
        named = f", {label[0].lower()}{label[1:]}" if label else ""
        promise = f" {row.promise}" if row and row.promise else ""
        return f"{self.lead.id}{company} is {placement.tier}{named}, as of {self.at:%Y-%m-%d %H:%M} UTC.{promise}"

    def _missing_sentence(self, missing: Iterable[Missing]) -> str:
        words, names = self.policy.words, self.policy.tiers.names
        wanted = ", ".join(
            f"{words.word(item.fact).label.lower() if item.fact in words else item.fact} ({_worth(item)})" for item in missing
        )
        best, worst = (names.index(name) for name in outlook.extremes(self.policy.tiers, self.scores, self.placement))
        still = " or ".join((", ".join(reversed(names[best + 1 : worst + 1])), names[best])) if best < worst else ""
        return f"Missing: {wanted}; {f'the tier can still be {still}' if still else f'nothing of it can change {self.tier}'}."

    def _qualification_sentence(self) -> str:
        found = self.qualification
        if not found.mql:
            return f"It is no MQL under the {found.model.replace('_', ' ')} model."
        who = "handed off to sales" if found.handed_off else "held by marketing"
        return f"It is an MQL by {found.clause}, {who}."

    def _repr_html_(self) -> str:
        """A compact table for notebooks; no facts of persons."""
        rows = [
            (score.name, str(score), f"{decimal_text(score.low)} to {decimal_text(score.high)}", ", ".join(score.missing))
            for score in self.scores.all
        ]
        mql = f"MQL by {self.clause}" if self.mql else "no MQL"
        return html_table(f"{self.lead.id}: {self.tier}, {mql}", ("score", "points", "still possible", "missing"), rows)

    # ------------------------------------------------------------------------------------------------------ as data

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The assessment as JSON-able data: the decision, its reasons, and the facts it was decided from.

        With `redact`, what is known of the person is left out of facts and reasons; such a record can be verified only with
        the lead beside it.
        """
        rules, scores = self.policy.tiers, self.scores
        every = {score.name: score for score in scores.all}
        far, (best, worst) = self.next_tier, outlook.extremes(rules, scores, self.placement)
        placed, qualified = tiers.assign(rules, scores), tiers.qualify(rules, scores, self.placement)
        return {
            "format": _FORMAT,
            "kind": "assessment",
            "lead": self.lead.id,
            "at": plain(self.at),
            "policy": {"name": self.policy.document.name, "fingerprint": self.policy.fingerprint},
            "tier": self.tier,
            "reason": self.reason,
            "raised_by": self.placement.raised_by,
            "best_tier": best,
            "worst_tier": worst,
            "qualification": plain(self.qualification),
            "scores": {name: _score(score, redact=redact) for name, score in every.items()},
            "missing": [plain(item) for item in _missing(every[name] for name in self._deciding())],
            "next_tier": None if far is None else plain(far),
            "because": [reason.to_dict(redact=redact) for reason in (*placed.because, *qualified.because)],
            "redacted": redact,
            "facts": facts.to_dict(self.lead, redact=redact, personal=self.policy.words.personal),
        }


def assess(policy: Compiled, lead: Lead, *, at: datetime, viewed: Callable[[Lead, datetime], View] | None = None) -> Assessment:
    """The assessment of a lead by a compiled policy, as of `at`.

    `viewed` gives the lead as rules see it, for whoever has counted its activities already.
    """
    rules = policy.scoring
    lead, at = scoring.ready(rules, lead, at)
    view = scoring.view_of(rules, lead, at) if viewed is None else viewed(lead, at)
    sums, grades = scoring.measure(rules, view)
    scores = Scores(rules, lead, at, sums)
    placement = tiers.placed(policy.tiers, scores, tiers.seeing_scores(scores, None, view), grades)
    qualification = tiers.qualified(policy.tiers, scores, placement, tiers.seeing_scores(scores, placement, view))
    return Assessment(policy, lead, at, sums, (placement, qualification))


def scored(
    assessment: Assessment,
    *,
    event: str = "scored",
    id: str | None = None,  # noqa: A002 - what an event calls it
    actor: str | None = None,
    sequence: int = 1,
) -> Happened:
    """What an assessment is to a lifecycle; see `Engine.scored`."""
    handed_off = "true" if assessment.qualification.handed_off else "false"
    return Happened(
        id=id if id is not None else f"{assessment.lead.id}/{event}/{plain(assessment.at)}",
        at=assessment.at,
        event=event,
        data={"tier": assessment.tier, "handed_off": handed_off},
        actor=actor,
        sequence=sequence,
    )


def looking_up(policy: Compiled) -> Callable[[Lead, datetime], Assessment]:
    """A function that assesses one lead after another by the policy: graded leads by looking up, where its shape allows."""
    tables = lookups.made(policy.scoring, policy.tiers)
    if tables is None:
        return lambda lead, at: assess(policy, lead, at=at)
    first, second, outcomes = tables.first, tables.second, tables.outcomes
    pick_first, pick_second, wanted = tables.pick_first, tables.pick_second, tables.wanted
    new, keep, utc = object.__new__, _keep, UTC

    def assessed(lead: Lead, at: datetime) -> Assessment:
        if (
            lead.__class__ is Lead
            and (extra := lead.extra).whole == wanted
            and at.__class__ is datetime
            and at.tzinfo is utc
            and not lead.observations
            and not (lead.account and lead.account.extra)
        ):
            values = extra.by_name
            try:
                one, kind = first[pick_first(values)]
                two, other = second[pick_second(values)]
            except KeyError:
                return assess(policy, lead, at=at)
            found = new(Assessment)
            keep(found, (policy, lead, at, (one, two), outcomes[kind + other]))
            return found
        return assess(policy, lead, at=at)

    return assessed


def _again(policy: Compiled, lead: Lead, at: datetime) -> Assessment:
    return assess(policy, lead, at=at)


def _score(score: Score, *, redact: bool) -> dict[str, Plain]:
    lines: list[Plain] = [
        {
            "id": line.id,
            "label": line.label,
            "grade": line.grade,
            "grade_label": line.grade_label,
            "points": plain(line.points),
            "low": plain(line.low),
            "high": plain(line.high),
            "because": [reason.to_dict(redact=redact) for reason in line.because],
        }
        for line in score.contributions
    ]
    return {
        "points": plain(score.points),
        "shown": str(score),
        "low": plain(score.low),
        "high": plain(score.high),
        "matrix": score.matrix,
        "missing": [*score.missing],
        "contributions": lines,
    }


def _missing(scores: Iterable[Score]) -> tuple[Missing, ...]:
    """What the scores still want; a fact that only chooses the matrix is worth what the score could still gain."""
    wanted: dict[str, tuple[list[str], Fraction]] = {}
    for score in scores:
        if not score.matrix:
            continue  # a total wants what its parts want, and they are asked themselves
        open_lines = [line for line in score.contributions if line.is_open]
        for fact in score.missing:
            lines = [line for line in open_lines if fact in line.missing]
            most = score.high - score.points
            gain = min(most, max((line.high - line.points for line in lines), default=most))
            criteria, worth = wanted.get(fact, ([], Fraction()))
            wanted[fact] = ([*criteria, *(line.id for line in lines)], max(worth, gain))
    found = (Missing(fact, tuple(dict.fromkeys(criteria)), worth) for fact, (criteria, worth) in wanted.items())
    return tuple(sorted(found, key=lambda item: (-item.worth, item.fact)))


def _worth(item: Missing) -> str:
    return f"up to {decimal_text(item.worth)} points" if item.worth > 0 else "no more points"


def _score_sentence(score: Score, *, personal: bool) -> str:
    parts = sorted((line for line in score.contributions if line.points), key=lambda line: -abs(line.points))
    lines = ", ".join(f"{line.label} {_earned(line, personal=personal)}" for line in parts) or "nothing counts for it"
    return f"{_words(score.name).capitalize()} {score}: {lines}."


def _earned(line: Contribution, *, personal: bool) -> str:
    """What a criterion earned and what was seen."""
    seen = [
        seen
        for reason in line.because
        for seen in reason.saw
        if seen.name not in {"grade", "asked", "points"} and (personal or not seen.personal)
    ]
    values = dict.fromkeys(_shown(item) for item in seen if item.value is not None)
    facts_seen = f" ({', '.join(values)})" if values else ""
    label = f"{line.grade_label}{facts_seen} " if line.grade_label else ""
    return f"{label}{'+' if line.points > 0 else ''}{decimal_text(line.points)}"


def _short(points: Fraction) -> str:
    """What is short is never nothing, however little it is."""
    text = decimal_text(points)
    return "less than 0.01" if text == "0" else text


def _ways(far: Distance) -> str:
    """The smallest changes that would reach the tier; many together are only counted."""
    if not far.changes:
        return ""
    if len(far.changes[0]) > _FEW:
        return f": it would take at least {len(far.changes[0])} changes"
    ways = "; or ".join(" and ".join(str(move) for move in moves) for moves in far.changes[:_FEW])
    return f": {ways} would reach it"


def _shown(seen: Seen) -> str:
    """What a rule saw, in a few words."""
    match seen.name, seen.value:
        case "activities" | "count", number:
            return f"{number} such"
        case name, frozenset() as members:
            return f"{_words(name)} {' and '.join(sorted(members)) or 'none'}"
        case name, datetime() as at:
            return f"{_words(name)} {at:%Y-%m-%d}"
        case _:
            return f"{_words(seen.name)} {seen.value}"


def _words(name: str) -> str:
    return name.replace("_", " ")


_keep: Callable[[Assessment, object], None] = Assessment.__dict__["_kept"].__set__
"""Fills the one slot, which is closed to everybody else."""


# ---------------------------------------------------------------------------------------------------------- verification


@frozen
class Difference:
    """One place where a stored assessment and a new one say different things."""

    path: str
    stored: object
    now: Plain


@frozen
class Verification:
    """Whether a stored assessment still stands; `differences` says where it does not."""

    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def compared(stored: Mapping[str, object], now: Mapping[str, Plain]) -> Verification:
    """Every place in which two records of assessments differ, in document order."""
    return Verification(tuple(_differences("", stored, dict(now))))


def _differences(path: str, stored: object, now: Plain) -> Iterator[Difference]:
    match stored, now:
        case Mapping(), dict():
            for key in dict.fromkeys([*stored, *now]):
                where = f"{path}.{key}" if path else key
                if key in stored and key in now:
                    yield from _differences(where, stored[key], now[key])
                else:
                    yield Difference(where, stored.get(key, _ABSENT), now.get(key, _ABSENT))
        case list(), list() if len(stored) == len(now):
            for place, (before, after) in enumerate(zip(stored, now, strict=True)):
                yield from _differences(f"{path}[{place}]", before, after)
        case _ if stored != now or isinstance(stored, bool) is not isinstance(now, bool):
            yield Difference(path, stored, now)
        case _:
            pass
