"""What does a salesperson have to know of this lead?

A brief answers it in parts (AI-2): why this lead, what they did, what they said, what is not known, what to say first, who has it
and by when. An explanation says the same of the decision in one paragraph. Both are made from what was decided before and decide
nothing: an assessment, and where there are any a route, the status of a clock and a plan. What was not handed over is said to be
undecided, and what nobody knows to be unknown: a lead whose activities nobody looked at did not do nothing.

All words are the policy's (`wording`). Times are those of the rep's zone. Activities dated after the assessment are not seen (FD-2);
a route, a status and a plan speak as of their own instants.

A brief is for the rep and shows what is known of the person; its `repr`, notebook table and redacted record do not. An explanation
never does, since it goes into logs and channels.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import field, frozen

from inbound_engine import spans
from inbound_engine.assessments import Assessment
from inbound_engine.decisions import HIDDEN, Plain, Seen, html_table, plain
from inbound_engine.errors import FactError, of_type, shown
from inbound_engine.facts import Activity, Lead, is_personal
from inbound_engine.hours import Calendar
from inbound_engine.matrices import Contribution
from inbound_engine.plans import ALL, Exit, Plan, Touch
from inbound_engine.routing import Assigned, Notice, NotRouted, Outcome, Route, Unassigned
from inbound_engine.sequences import EMAIL, Step
from inbound_engine.signals import Touchpoint
from inbound_engine.sla import Status
from inbound_engine.vocabulary import View
from inbound_engine.wording import PLACES, Phrase, Texts

__all__ = ["Brief", "Line", "Part", "brief", "explain"]

_NOT_SAID = frozenset({"grade", "asked", "points", "note", "activities", "count", "latest"})
"""What reasons of criteria saw that is no fact of the lead."""

_VALUE = "Take .value of the decision."


# --------------------------------------------------------------------------------------------------------------- values


@frozen(repr=False)
class Line:
    """One thing that is said: which template said it, what it saw, and the text, with and without what is personal."""

    id: str
    saw: tuple[Seen, ...]
    said: Phrase

    @property
    def text(self) -> str:
        """The sentence, what is personal included."""
        return self.said.text

    def __repr__(self) -> str:
        """Without what is personal."""
        return f"Line({self.id!r}, {self.said.redacted!r})"

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The line as plain data; with `redact`, personal values become "(personal)"."""
        saw: dict[str, Plain] = {seen.name: HIDDEN if redact and seen.personal else plain(seen.value) for seen in self.saw}
        return {"id": self.id, "text": self.said.redacted if redact else self.said.text, "saw": saw}


@frozen(repr=False)
class Part:
    """A part of a brief: "why", "did", "said", "missing", "first" or "who", its heading and its lines."""

    id: str
    heading: str
    lines: tuple[Line, ...]

    def __repr__(self) -> str:
        """The id and how many lines there are."""
        return f"Part({self.id!r}, {len(self.lines)} lines)"

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The part as plain data."""
        return {"id": self.id, "heading": self.heading, "lines": [line.to_dict(redact=redact) for line in self.lines]}


@frozen(repr=False)
class Brief:
    """What a rep reads before the first call: a title and six parts, always in this order (AI-2)."""

    lead_id: str
    at: datetime
    zone: ZoneInfo = field(eq=str)
    title: Phrase
    parts: tuple[Part, ...]
    whole: Phrase

    def part(self, name: str) -> Part:
        """The part of that id; `FactError` when there is none."""
        for part in self.parts:
            if part.id == name:
                return part
        raise FactError("part", shown(name), f"one of {', '.join(part.id for part in self.parts)}")

    def text(self, *, redact: bool = False) -> str:
        """The brief for people, line by line; with `redact`, what is personal is "(personal)"."""
        return self.whole.redacted if redact else self.whole.text

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The brief as plain data, JSON-able: each line with its text and what it saw."""
        return {
            "format": 1,
            "kind": "brief",
            "lead": self.lead_id,
            "at": plain(self.at),
            "zone": str(self.zone),
            "title": self.title.redacted if redact else self.title.text,
            "parts": [part.to_dict(redact=redact) for part in self.parts],
            "redacted": redact,
        }

    def __repr__(self) -> str:
        """Ids and counts only."""
        return f"Brief({self.lead_id!r}, {sum(len(part.lines) for part in self.parts)} lines)"

    def _repr_html_(self) -> str:
        """The lines as a table, for notebooks; no facts of persons."""
        rows = [(part.heading, line.said.redacted) for part in self.parts for line in part.lines]
        return html_table(self.lead_id, ("part", "line"), rows)


# ------------------------------------------------------------------------------------------------------------ functions


def brief(
    texts: Texts,
    assessment: Assessment,
    *,
    route: Route | None = None,
    status: Status | None = None,
    plan: Plan | None = None,
    zone: ZoneInfo | str | None = None,
    outcome: Outcome | None = None,
    attempt: int = 1,
) -> Brief:
    """What the rep has to know before the first call (AI-2).

    Times are in `zone`, else in that of whoever takes the lead, else in the organisation's. Without a route, `outcome` says who has it
    by now, and `attempt` by which attempt. A value about another lead, and one of another kind, are a `FactError`.

    >>> from datetime import UTC
    >>> from inbound_engine.engine import Engine
    >>> from inbound_engine.policy import Policy
    >>> engine, at = Engine(Policy()), datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
    >>> asked = Activity(id="a", kind="demo_request", at=at)
    >>> found = brief(engine.compiled.texts, engine.assess(Lead(id="L-1", name="Ana", activities=(asked,)), at=at), zone="Europe/Berlin")
    >>> found.title.text
    'Ana (L-1). Times are in Europe/Berlin.'
    >>> print(*(line.text for line in found.part("did").lines))
    They asked for a demo on Monday 2 March 2026 at 10:03.
    """
    given = _given(texts, assessment, route, status, plan, zone, outcome, attempt)
    title = texts.fill("layout_title", who=_who(given), lead=assessment.lead.id, zone=str(given.zone))
    parts = tuple(
        Part(name, texts.fill(f"heading_{name}").text, tuple(lines))
        for name, lines in (
            (
                "why",
                (*given.line("why_tier", Seen("tier", assessment.tier), tier=given.tier(assessment.tier)), *_why(given, personal=True)),
            ),
            ("did", _did(given)),
            ("said", _said(given)),
            ("missing", _missing(given)),
            ("first", _first(given)),
            ("who", (*_taken(given), *_clock(given))),
        )
    )
    shown_lines = [title]
    for part in parts:
        shown_lines.append(texts.fill("layout_heading", heading=part.heading))
        shown_lines += (texts.fill("layout_line", line=line.said) for line in part.lines)
    whole = Phrase("\n".join(each.text for each in shown_lines), "\n".join(each.redacted for each in shown_lines))
    return Brief(assessment.lead.id, assessment.at, given.zone, title, parts, whole)


def explain(
    texts: Texts,
    assessment: Assessment,
    *,
    route: Route | None = None,
    status: Status | None = None,
    plan: Plan | None = None,
    zone: ZoneInfo | str | None = None,
    outcome: Outcome | None = None,
    attempt: int = 1,
) -> str:
    """One paragraph for a salesperson, without facts of the person.

    Which lead it is, what it is worth and why, who has it and why they, by when and what happens if nobody answers, what is sent
    when, and what is missing. Times, who has it, and what is refused, as in `brief`.

    >>> from datetime import UTC
    >>> from inbound_engine.engine import Engine
    >>> from inbound_engine.policy import Policy
    >>> engine, at = Engine(Policy()), datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
    >>> told = explain(engine.compiled.texts, engine.assess(Lead(id="L-1", name="Ana"), at=at))
    >>> told[:32], "Who takes it is not decided yet." in told, "Ana" in told
    ('L-1 is a lead for later. As far ', True, False)
    """
    given = _given(texts, assessment, route, status, plan, zone, outcome, attempt)
    lines = [*_headline(given), *_why(given, personal=False), *_taken(given), *_clock(given), *_planned(given)]
    if assessment.lead.activities is None:
        lines += given.line("did_unknown")
    lines += _missing(given, says_nothing=False)
    if any(isinstance(seen.value, datetime) for line in lines for seen in line.saw):
        lines += given.line("times_in", Seen("zone", str(given.zone)), zone=str(given.zone))
    said = [line.said for line in lines]
    told = said[0] if said else Phrase("", "")
    for following in said[1:]:
        told = texts.fill("sentences", before=told, next=following)
    return told.text


# ---------------------------------------------------------------------------------------------------------- what is given


@frozen(eq=False)
class _Given:
    """All that is spoken about, and how instants are read."""

    texts: Texts
    assessment: Assessment
    outcome: Outcome | None
    attempt: int
    notify: tuple[Notice, ...]
    status: Status | None
    plan: Plan | None
    zone: ZoneInfo

    def line(self, template: str, /, *saw: Seen, **places: Phrase | str | int) -> Iterator[Line]:
        """The sentence that the template makes; none where it says nothing."""
        said = self.texts.fill(template, **places)
        if said.text:
            yield Line(template, saw, said)

    def moment(self, at: datetime) -> Phrase:
        return self.texts.moment(at, self.zone)

    def tier(self, name: str) -> Phrase:
        document = self.assessment.policy.document.tiers
        labels = {document.below.id: document.below.label, **{row.id: row.label for row in document.rows}}
        return self.texts.word("tiers", name, labels[name])

    def fact(self, name: str) -> Phrase:
        words = self.assessment.policy.words
        return self.texts.word("facts", name, words.word(name).label if name in words else "")

    def channel(self, name: str) -> Phrase:
        labels = {row.id: row.label for row in self.assessment.policy.document.cadence.channels}
        return self.texts.word("channels", name, labels.get(name, ""))


def _given(  # noqa: PLR0917 - each is a part of one brief
    texts: Texts,
    assessment: Assessment,
    route: Route | None,
    status: Status | None,
    plan: Plan | None,
    zone: ZoneInfo | str | None,
    outcome: Outcome | None,
    attempt: int,
) -> _Given:
    """The arguments, each of its kind and all about one lead."""
    of_type(texts, Texts, "texts", "A compiled policy has them as .texts.")
    lead = of_type(assessment, Assessment, "assessment").lead.id
    about: list[tuple[str, str | None]] = []
    if route is not None:
        about.append(("route.lead_id", of_type(route, Route, "route").lead_id))
    if status is not None:
        about.append(("status.clock.lead_id", of_type(status, Status, "status", "sla.status makes one of a clock.").clock.lead_id))
    if plan is not None:
        about.append(("plan.lead_id", of_type(plan, Plan, "plan", _VALUE).lead_id))
    for path, other in about:
        if other is not None and other != lead:
            raise FactError(path, shown(other), f"the lead that was assessed, {shown(lead)}")
    found = assessment.policy.hours.zone
    if zone is not None:
        found = spans.zone(zone)
    elif route is not None and route.rep in route.given.team.by_id:
        found = route.given.team.by_id[route.rep].zone
    if route is not None:
        return _Given(texts, assessment, route.outcome, route.attempt, route.notify, status, plan, found)
    return _Given(texts, assessment, outcome, attempt, (), status, plan, found)


# ------------------------------------------------------------------------------------------------------- who, and why them


def _who(given: _Given) -> Phrase:
    """The person and the company, as far as they are known; else the id."""
    lead, texts = given.assessment.lead, given.texts
    known = [Phrase.of(text, personal=True) for text in (lead.name, lead.title) if text is not None]
    company = _company(lead)
    if not known:
        return Phrase.of(company or lead.id)
    person = known[0] if len(known) == 1 else texts.fill("who_titled", name=known[0], title=known[1])
    return person if company is None else texts.fill("who_at", person=person, company=Phrase.of(company))


def _company(lead: Lead) -> str | None:
    return None if lead.account is None else lead.account.name or lead.account.id


def _headline(given: _Given) -> Iterator[Line]:
    lead, tier = given.assessment.lead, given.assessment.tier
    saw, company = (Seen("lead", lead.id), Seen("tier", tier)), _company(lead)
    if company is None:
        yield from given.line("lead", *saw, lead=lead.id, tier=given.tier(tier))
    else:
        named = Phrase.of(company)
        yield from given.line("lead_of", *saw, Seen("company", company), lead=lead.id, company=named, tier=given.tier(tier))


def _why(given: _Given, *, personal: bool) -> Iterator[Line]:
    """What decided the tier, and what speaks for the lead most."""
    texts, assessment = given.texts, given.assessment
    placement, document, tier = assessment.placement, assessment.policy.document, given.tier(assessment.tier)
    row = next((row for row in document.tiers.rows if row.id == placement.tier), None)
    floor = next((floor for floor in document.tiers.floors if floor.id == placement.raised_by), None)
    reason = next((reason for reason in document.tiers.below.reasons if reason.id == placement.reason), None)
    if floor is not None and placement.unraised is not None:
        said = texts.word("reasons", floor.id, floor.label)
        lifted = (Seen("unraised", placement.unraised), Seen("reason", floor.id))
        yield from given.line("why_lifted", *lifted, unraised=given.tier(placement.unraised), reason=said, tier=tier)
    elif row is not None:
        reached = [(line.score, line.at_least) for line in row.thresholds]
        scores = texts.joined(_score(given, "score_reached", name, needed=texts.number(least)) for name, least in reached)
        saw = tuple(Seen(name, assessment.scores.points(name)) for name, _ in reached)
        yield from given.line("why_reached", *saw, scores=scores, tier=tier)
    if reason is not None:
        sure = assessment.best_tier == assessment.tier  # what is unknown is not no (FD-6)
        said = texts.word("reasons", reason.id, reason.label)
        yield from given.line("why_below" if sure else "why_below_so_far", Seen("reason", reason.id), reason=said, tier=tier)
    if row is None:
        last = document.tiers.rows[-1]
        points = {line.score: assessment.scores.points(line.score) for line in last.thresholds}
        short = [(line.score, line.at_least) for line in last.thresholds if points[line.score] < line.at_least]
        scores = texts.joined(
            _score(given, "score_short", name, needed=texts.number(least), short=texts.number(least - points[name]))
            for name, least in short
        )
        saw = tuple(Seen(name, points[name]) for name, _ in short)
        yield from given.line("why_short", *saw, scores=scores, tier=given.tier(last.id))
    yield from _qualified(given)
    strongest = _strongest(assessment)[: texts.document.most_criteria]
    if strongest:
        criteria = texts.joined(_criterion(given, line, personal=personal) for line in strongest)
        yield from given.line("why_criteria", Seen("criteria", tuple(line.id for line in strongest)), criteria=criteria)
    else:
        yield from given.line("why_nothing")


def _score(given: _Given, template: str, name: str, **places: Phrase) -> Phrase:
    points = given.texts.number(given.assessment.scores.points(name))
    return given.texts.fill(template, score=given.texts.word("scores", name), points=points, **places)


def _qualified(given: _Given) -> Iterator[Line]:
    """Why it goes to sales where it is not for its tier, and that it does not where marketing keeps it."""
    found, clauses = given.assessment.qualification, given.assessment.policy.document.qualification.clauses
    labels = {"dual_axis": "", **{clause.id: clause.label for clause in clauses}}
    if found.clause is not None and found.clause in labels:
        reason = given.texts.word("reasons", found.clause, labels[found.clause])
        yield from given.line("why_clause", Seen("reason", found.clause), reason=reason)
    if found.mql and not found.handed_off:
        yield from given.line("why_held")


def _strongest(assessment: Assessment) -> list[Contribution]:
    """What adds points to the scores that tiers read, most points first, then in the order of the policy; each criterion once."""
    document = assessment.policy.document
    names = [line.score for tier in document.tiers.rows for line in tier.thresholds]
    parts = {total.id: total.of for total in document.scoring.totals}
    for name in names:  # grows while it is read: totals may add totals
        names.extend(parts.get(name, ()))
    best: dict[str, Contribution] = {}
    for name in dict.fromkeys(name for name in names if name not in parts):
        for line in assessment.scores.score(name).contributions:
            if line.points > 0 and (line.id not in best or best[line.id].points < line.points):
                best[line.id] = line
    return sorted(best.values(), key=lambda line: -line.points)


def _criterion(given: _Given, line: Contribution, *, personal: bool) -> Phrase:
    """A criterion, and the facts that it saw."""
    named = given.texts.word("criteria", line.id, line.label)
    seen = [each for reason in line.because for each in reason.saw if each.name not in _NOT_SAID and each.value is not None]
    values = [
        Phrase(said.text, HIDDEN if each.personal else said.redacted)
        for each in seen
        if personal or not each.personal
        for said in (given.texts.value(each.value, given.zone),)
    ]
    if not values:
        return named
    return given.texts.fill("criterion_seen", criterion=named, seen=given.texts.joined(dict.fromkeys(values)))


# ----------------------------------------------------------------------------------------------------- what they did and said


@frozen
class _Deed:
    """The same thing done once or often: the latest of it, how often, and its touchpoint."""

    activity: Activity
    times: int
    touchpoint: Touchpoint | None

    @property
    def depth(self) -> tuple[bool, int]:
        """Raised hands first, then the depth of the content."""
        return (False, 0) if self.touchpoint is None else (self.touchpoint.hand_raise, self.touchpoint.depth)


def _deeds(given: _Given) -> list[_Deed]:
    """What the lead did up to the instant, by kind and content, the latest first."""
    same: dict[tuple[str, str | None], list[Activity]] = {}
    for activity in given.assessment.lead.activities or ():
        if activity.at <= given.assessment.at:
            same.setdefault((activity.kind, activity.content), []).append(activity)
    catalogue = given.assessment.policy.catalogue
    deeds = []
    for each in same.values():
        latest = max(each, key=lambda activity: (activity.at, activity.sequence, activity.id))
        deeds.append(_Deed(latest, len(each), catalogue.touchpoint(latest)))
    return sorted(deeds, key=lambda deed: (deed.activity.at, deed.activity.sequence, deed.activity.id), reverse=True)


def _what(given: _Given, deed: _Deed) -> Phrase:
    """What was done, and what it was about where that is known."""
    kind, content = deed.activity.kind, deed.activity.content
    return given.texts.activity(kind, None if content is None else _about(given, deed.touchpoint, content))


def _about(given: _Given, touchpoint: Touchpoint | None, content: str) -> Phrase:
    """A content by the touchpoint that lists it, and by itself where that says more."""
    texts = given.texts
    itself = Phrase.of(texts.words["values"].get(content, content))
    if touchpoint is None or not (touchpoint.contents or touchpoint.content_starts):
        return itself
    named = texts.word("touchpoints", touchpoint.id, touchpoint.label)
    return named if content in touchpoint.contents else texts.fill("content_of", touchpoint=named, content=itself)


def _did(given: _Given) -> Iterator[Line]:
    """The deepest things they did and the very latest, the latest first."""
    if given.assessment.lead.activities is None:
        yield from given.line("did_unknown")
        return
    deeds, most = _deeds(given), given.texts.document.most_activities
    if not deeds:
        yield from given.line("did_nothing")
        return
    ranked = sorted(deeds, key=lambda deed: deed.depth, reverse=True)  # stable: of one depth the latest first
    chosen = ranked[:most] if deeds[0] in ranked[:most] else [*ranked[: most - 1], deeds[0]]
    for deed in deeds:
        if deed in chosen:
            activity, what, when = deed.activity, _what(given, deed), given.moment(deed.activity.at)
            saw = (
                Seen("kind", activity.kind),
                Seen("content", activity.content),
                Seen("times", deed.times),
                Seen("latest", activity.at),
                Seen("hand_raise", deed.depth[0]),
            )
            if deed.times == 1:
                yield from given.line("did_once", *saw, what=what, when=when)
            else:
                yield from given.line("did_often", *saw, what=what, n=deed.times, when=when)
    yield from _counted(given, "did_more", sum(deed.times for deed in deeds if deed not in chosen))


def _counted(given: _Given, template: str, number: int) -> Iterator[Line]:
    """How many there are, one and several by templates of their own; nothing of none."""
    if number == 1:
        yield from given.line(f"{template}_one", Seen("n", 1))
    elif number:
        yield from given.line(template, Seen("n", number), n=number)


def _said(given: _Given) -> Iterator[Line]:
    """What they told, in the order of the policy, and what of it is not known."""
    assessment = given.assessment
    words, view = assessment.policy.words.words, View(assessment.lead, assessment.at)
    found = [(words[name], words[name].read(view)) for name in given.texts.document.said if name in words]
    for word, value in found:
        if value is not None:
            said = given.texts.value(value, given.zone)
            phrase = Phrase(said.text, HIDDEN if word.personal else said.redacted)
            yield from given.line("said", Seen(word.name, value, word.personal), fact=given.fact(word.name), value=phrase)
    unknown = [word.name for word, value in found if value is None]
    if len(unknown) == len(found):
        yield from given.line("said_nothing")
    if unknown:
        yield from given.line("said_unknown", Seen("facts", tuple(unknown)), facts=given.texts.joined(map(given.fact, unknown)))


def _missing(given: _Given, *, says_nothing: bool = True) -> Iterator[Line]:
    """What nobody knows and the scores want, and the one fact most worth asking for (FD-6)."""
    assessment, texts = given.assessment, given.texts
    missing = [item.fact for item in assessment.missing]
    if missing:
        facts = texts.joined(map(given.fact, missing), texts.document.most_missing)
        yield from given.line("missing_facts", Seen("facts", tuple(missing)), facts=facts)
    elif says_nothing:
        yield from given.line("missing_nothing")
    if (question := assessment.question) is not None:
        best = question.outcomes[0].tier
        template = "missing_ask_keeps" if best == assessment.tier else "missing_ask"
        yield from given.line(
            template, Seen("fact", question.fact), Seen("tier", best), fact=given.fact(question.fact), tier=given.tier(best)
        )


# --------------------------------------------------------------------------------------------------------- what to say first


def _first(given: _Given) -> Iterator[Line]:
    """What they asked for, the first touch of the plan, and what may not be used."""
    texts, lead, plan = given.texts, given.assessment.lead, given.plan
    raised = next((deed for deed in _deeds(given) if deed.depth[0]), None)
    if raised is not None:
        asked = (Seen("kind", raised.activity.kind), Seen("at", raised.activity.at))
        yield from given.line("first_hand_raise", *asked, what=_what(given, raised), when=given.moment(raised.activity.at))
    ahead = [] if plan is None else [touch for touch in plan.touches if not touch.made]
    if plan is not None and ahead:
        yield from _opening(given, plan, ahead)
    elif plan is not None and plan.stopped is not None:
        yield from _stopped(given, plan.stopped)
    else:
        yield from given.line("first_none")
    if lead.email is not None and not lead.suppressed & {ALL, EMAIL}:
        address = Seen("email", lead.email, is_personal(Lead, "email"))
        yield from given.line("first_email", address, email=Phrase.of(lead.email, personal=True))
    if lead.suppressed:
        channels = sorted(lead.suppressed)
        yield from given.line("first_suppressed", Seen("channels", tuple(channels)), channels=texts.joined(map(given.channel, channels)))


def _opening(given: _Given, plan: Plan, ahead: list[Touch]) -> Iterator[Line]:
    """The next touch, its words, and what the next personalised one refers to (CD-4)."""
    touch, texts = ahead[0], given.texts
    saw = (Seen("step", touch.step), Seen("at", touch.at))
    if touch.enrol is not None:
        enrol = texts.word("values", touch.enrol)
        yield from given.line("first_enrol", *saw, enrol=enrol, when=given.moment(touch.at))
        return
    channel, intent = given.channel(touch.channel), Phrase.of(touch.intent)
    yield from given.line("first_touch", *saw, channel=channel, when=given.moment(touch.at), intent=intent)
    if message := _steps(plan)[touch.step].message:
        yield from given.line("first_message", Seen("message", message), message=Phrase.of(message))
    grounds = next((each.personalisation for each in ahead if each.personalisation), ())
    known = list(_grounds(given, grounds))
    if known:
        yield from given.line("first_about", *(seen for seen, _ in known), grounds=texts.joined(said for _, said in known))
    elif grounds:
        yield from given.line("first_about_unknown")


def _grounds(given: _Given, grounds: Iterable[Seen]) -> Iterator[tuple[Seen, Phrase]]:
    """What a message refers to: where they came from, and what they looked at up to the instant."""
    texts, deeds = given.texts, {deed.activity.content or "": deed for deed in _deeds(given)}
    for seen in grounds:
        if isinstance(seen.value, str):
            source = Phrase.of(texts.words["values"].get(seen.value, seen.value))
            yield seen, texts.fill("ground_source", source=source)
        elif isinstance(seen.value, tuple) and (contents := tuple(name for name in seen.value if name in deeds)):
            named = dict.fromkeys(_about(given, deeds[content].touchpoint, content) for content in contents)
            yield Seen(seen.name, contents, seen.personal), texts.fill("ground_content", contents=texts.joined(named))


def _steps(plan: Plan) -> Mapping[str, Step]:
    return {step.id: step for step in plan.given.sequence.steps}


# ------------------------------------------------------------------------------------------------------ who has it, by when


def _taken(given: _Given) -> Iterator[Line]:
    """Who takes it and why they; or why nobody does, and what follows."""
    match given.outcome:
        case None:
            yield from given.line("taken_undecided")
        case Assigned(rep=rep, step=step, over_cap=over_cap, instead_of=owner):
            labels = {row.id: row.label for row in given.assessment.policy.document.routing.steps}
            named = Phrase.of(rep)
            if step:
                how = given.texts.word("steps", step, labels.get(step, ""))
                yield from given.line("taken", Seen("rep", rep), Seen("step", step), rep=named, step=how)
            else:
                yield from given.line("taken_by_hand", Seen("rep", rep), rep=named)
            if owner is not None:
                yield from given.line("taken_instead", Seen("owner", owner), rep=named, owner=Phrase.of(owner))
            if over_cap:
                yield from given.line("taken_over_cap", rep=named)
            if given.attempt > 1:
                yield from given.line("taken_again", Seen("attempt", given.attempt), rep=named)
        case NotRouted(lane=lane):
            yield from given.line("taken_by_marketing", Seen("lane", lane))
        case nobody:
            yield from _unassigned(given, nobody)
    told = [given.texts.fill(f"told_{each.of}", rep=Phrase.of(each.rep)) for each in given.notify]
    saw = Seen("notify", tuple(each.rep for each in given.notify))
    if len(told) == 1:
        yield from given.line("told_one", saw, person=told[0])
    elif told:
        yield from given.line("told_many", saw, people=given.texts.joined(told))


def _unassigned(given: _Given, outcome: Unassigned) -> Iterator[Line]:
    texts = given.texts
    yield from given.line("taken_by_nobody")
    if outcome.reasons:
        why = [
            texts.fill(f"refused_{code}" if f"refused_{code}" in PLACES else "refused", rep=Phrase.of(rep)) for rep, code in outcome.reasons
        ]
        saw = tuple(Seen(rep, code) for rep, code in outcome.reasons)
        yield from given.line("taken_why_not", *saw, reps=texts.joined(why, texts.document.most_reps))
    if outcome.retry_at is None:
        yield from given.line("taken_never")
    else:
        yield from given.line("taken_retry", Seen("retry_at", outcome.retry_at), when=given.moment(outcome.retry_at))


def _clock(given: _Given) -> Iterator[Line]:
    """By when an answer is due, or how it went; and the ladder, what came of it and what lies ahead."""
    status, texts = given.status, given.texts
    if status is None:
        yield from given.line("clock_none")
        return
    clock, due, answered = status.clock, status.deadline, status.answered_at
    target = texts.duration(clock.target)
    if clock.calendar != Calendar.always(clock.calendar.zone):
        target = texts.fill("working_time", duration=target)
    deadline = Phrase("", "") if due is None else given.moment(due)
    came = Phrase("", "") if answered is None else given.moment(answered)
    saw = tuple(Seen(name, at) for name, at in (("deadline", due), ("answered_at", answered)) if at is not None)
    places = {"deadline": deadline, "target": target}
    match status.state:
        case "met":
            yield from given.line("clock_met", *saw, answered=came, **places)
        case "breached" if answered is None:
            yield from given.line("clock_missed", *saw, **places)
        case "breached":
            yield from given.line("clock_late", *saw, answered=came, over=texts.duration(status.over), **places)
        case "cancelled" | "superseded":
            yield from given.line(f"clock_{status.state}")
        case state if due is not None:
            yield from given.line("clock_waiting" if state == "paused" else "clock_running", *saw, **places)
        case _:
            yield from given.line("clock_never" if "never_due" in status.flags else "clock_paused")
    if status.ended_at is None:
        yield from _ladder(given, status)


def _ladder(given: _Given, status: Status) -> Iterator[Line]:
    texts = given.texts
    if status.due:
        came = [
            texts.fill(
                f"came_{step.action}" if step.number else "came_without_rep", to=_told_to(given, step.to), when=given.moment(step.at)
            )
            for step in status.due
        ]
        yield from given.line("ladder_came", *(Seen(step.step, step.at) for step in status.due), steps=texts.joined(came))
    come = {step.number for step in status.due}
    ahead = [step for number, step in enumerate(status.clock.ladder, start=1) if number not in come]
    if ahead:
        steps = [texts.fill(f"ahead_{step.action}", to=_told_to(given, step.to), after=texts.duration(step.after)) for step in ahead]
        yield from given.line("ladder_ahead", *(Seen(step.id, step.after) for step in ahead), steps=texts.joined(steps))


def _told_to(given: _Given, to: str) -> Phrase:
    return given.texts.value(to, given.zone) if to else given.texts.fill("ladder_to_unsaid")


# ------------------------------------------------------------------------------------------------------------ what is sent


def _planned(given: _Given) -> Iterator[Line]:
    """What was made, what lies ahead, what is left out and why, or why nothing more is sent."""
    plan, texts = given.plan, given.texts
    if plan is None:
        yield from given.line("plan_none")
        return
    yield from _counted(given, "plan_made", sum(touch.made for touch in plan.touches))
    ahead = [touch for touch in plan.touches if not touch.made]
    if ahead:
        saw = tuple(Seen(touch.step, touch.at) for touch in ahead)
        steps = texts.joined((_step(given, touch) for touch in ahead), texts.document.most_steps)
        yield from given.line("plan_ahead", *saw, steps=steps)
    elif plan.stopped is None:
        yield from given.line("plan_empty")
    if plan.stopped is not None:
        yield from _stopped(given, plan.stopped)
    yield from _left_out(given, plan)
    if plan.follow_ups:
        saw = tuple(Seen(task.id, task.at) for task in plan.follow_ups)
        yield from given.line("plan_follow_up", *saw, whens=texts.joined(given.moment(task.at) for task in plan.follow_ups))


def _step(given: _Given, touch: Touch) -> Phrase:
    when = given.moment(touch.at)
    if touch.enrol is not None:
        return given.texts.fill("plan_enrol", enrol=given.texts.word("values", touch.enrol), when=when)
    return given.texts.fill("plan_step", channel=given.channel(touch.channel), when=when, intent=Phrase.of(touch.intent))


def _stopped(given: _Given, ended: Exit) -> Iterator[Line]:
    saw = (Seen("exit", ended.kind), Seen("at", ended.at))
    yield from given.line("plan_stopped", *saw, exit=given.texts.fill(f"exit_{ended.kind}"))


def _left_out(given: _Given, plan: Plan) -> Iterator[Line]:
    """The steps that no touch is made for; after an exit that ends the plan, nothing is said of each."""
    notes = [note for note in plan.notes if note.leaves_out and not (note.code == "cancelled" and plan.stopped is not None)]
    if notes:
        steps = _steps(plan)
        said = [given.texts.fill(f"left_{note.code}", channel=given.channel(steps[note.step].channel)) for note in notes]
        yield from given.line(
            "plan_left_out", *(Seen(note.step, note.code) for note in notes), steps=given.texts.joined(dict.fromkeys(said))
        )
