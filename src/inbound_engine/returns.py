"""What did each campaign return?

The campaign table in its four layers (UT-4): volume (leads), quality (MQL, SAL, SQL and the rates between them), pipeline
(influenced: the whole amount of every deal that a touch of the campaign belongs to, once), and revenue (attributed: the credit lines
of its touches). Influenced pipeline overlaps between campaigns, so the row of the whole counts each deal once and is no sum (AD-26).
Spend, leads and revenue are sums.

`roas` is revenue / spend, which some print as ROI; `roi` is (revenue - spend) / spend. Both are exact, and None where nothing was
spent. Two tables have names of their own (AD-31): `simple` sets what closed in a period against what was spent in it, `cohort` what
the touches and leads of the period have led to since, whenever that closed.

Whatever the period does not take is told as `outside`, so that the rows and the outside are the credits that came in, to the last unit.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from inbound_engine.attribution import Credit
from inbound_engine.budgets import Budget, Campaign, ChainDocument, Layers
from inbound_engine.chain import each_once
from inbound_engine.decisions import decimal_text, html_table
from inbound_engine.errors import FactError, each_of, of_type, one_of, shown
from inbound_engine.facts import Activity, Lead
from inbound_engine.history import Record, each_record
from inbound_engine.money import Money
from inbound_engine.people import People
from inbound_engine.proportions import Rate
from inbound_engine.spans import instant

__all__ = ["Basis", "CampaignTable", "Period", "Returns", "table"]

Basis: TypeAlias = Literal["simple", "cohort"]
"""What closed in the period against what was spent in it, or what the touches of the period have led to since (AD-31)."""

_PERCENT = 100
_COLUMNS = ("campaign", "spend", "leads", "MQL", "SAL", "SQL", "pipeline (influenced)", "revenue", "ROAS", "ROI", "flags")


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Period:
    """The days from `since` on, `until` no longer, on the wall calendar of a zone.

    >>> from inbound_engine.spans import zone
    >>> quarter = Period(date(2026, 1, 1), date(2026, 4, 1), zone("Europe/Berlin"))
    >>> datetime.fromisoformat("2026-03-31T21:59:59+00:00") in quarter, datetime.fromisoformat("2026-03-31T22:00:00+00:00") in quarter
    (True, False)
    """

    since: date
    until: date
    zone: ZoneInfo

    def __attrs_post_init__(self) -> None:
        """Checks that the ends are days, in order."""
        for name in ("since", "until"):
            if type(getattr(self, name)) is not date:
                raise FactError(f"period.{name}", shown(getattr(self, name)), "a date")
        if not isinstance(self.zone, ZoneInfo):
            raise FactError("period.zone", shown(self.zone), "a zone", 'Pass spans.zone("Europe/Berlin").')
        if self.until < self.since:
            raise FactError("period.until", self.until.isoformat(), f"a day from {self.since.isoformat()} on", "Swap the ends.")

    def __contains__(self, at: datetime) -> bool:
        """Whether the instant lies on one of the days; one without a zone is a `FactError`."""
        return self.since <= instant(at).astimezone(self.zone).date() < self.until


@frozen
class Returns:
    """A row of the campaign table; `campaign` is None for what belongs to no campaign, and in the row of the whole (`is_whole`).

    `pipeline` is influenced, `revenue` attributed; `flags` are good_volume_poor_quality, spend_without_revenue, revenue_without_spend.
    """

    campaign: Campaign | None
    spend: Money
    leads: int
    mqls: int
    sals: int
    sqls: int
    pipeline: Money
    revenue: Money
    flags: tuple[str, ...] = ()
    is_whole: bool = False

    @property
    def roas(self) -> Fraction | None:
        """Revenue / spend: 85 for 680,000 on 8,000 (UT-4); None where nothing was spent, or less than nothing."""
        return Fraction(self.revenue.minor, self.spend.minor) if self.spend.minor > 0 else None

    @property
    def roi(self) -> Fraction | None:
        """(Revenue - spend) / spend: 84 for 680,000 on 8,000 (UT-4); None where nothing was spent, or less than nothing."""
        return None if self.roas is None else self.roas - 1

    @property
    def rates(self) -> tuple[Rate | None, Rate | None, Rate | None]:
        """Leads that became an MQL, MQLs that became a SAL, SALs that became a SQL.

        A simple table counts what was reached in its period, by whichever lead: where more came on than there were before, there is no
        rate, and it is None.
        """
        layers = (self.leads, self.mqls, self.sals, self.sqls)
        first, second, third = (Rate(hits, total) if hits <= total else None for total, hits in pairwise(layers))
        return first, second, third

    @property
    def label(self) -> str:
        """What the campaign is called: its name, else its id; "all" of the row of the whole."""
        if self.campaign is None:
            return "all" if self.is_whole else "(no campaign)"
        return self.campaign.name or self.campaign.id


@frozen
class CampaignTable:
    """The rows by campaign in the order of their ids, what belongs to none at the end, and the whole.

    `came_in` is the revenue of all credits, and `outside` what of it the period does not take.
    """

    basis: Basis
    rows: tuple[Returns, ...]
    whole: Returns
    came_in: Money
    outside: Money

    def row(self, campaign_id: str | None) -> Returns:
        """The row of a campaign, or of no campaign; a `FactError` for one that the table has not."""
        for row in self.rows:
            if (None if row.campaign is None else row.campaign.id) == campaign_id:
                return row
        raise FactError("campaign", shown(campaign_id), "the id of a campaign in the table")

    def __str__(self) -> str:
        """The table in columns, as text."""
        lines = [_COLUMNS, *self._cells()]
        widths = [max(len(line[place]) for line in lines) for place in range(len(_COLUMNS))]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        """The table, for notebooks."""
        return html_table(f"Campaigns, {self.basis}", _COLUMNS, self._cells())

    def _cells(self) -> Iterator[tuple[str, ...]]:
        """The rows for people to read, the whole at the end."""
        for row in (*self.rows, self.whole):
            yield (
                row.label,
                str(row.spend),
                *map(str, (row.leads, row.mqls, row.sals, row.sqls)),
                str(row.pipeline),
                str(row.revenue),
                *("-" if value is None else decimal_text(value) for value in (row.roas, row.roi)),
                ", ".join(row.flags),
            )


# ------------------------------------------------------------------------------------------------------------ functions


def table(
    budget: Budget,
    people: People,
    credited: Iterable[Credit],
    *,
    currency: str,
    touches: Iterable[Activity] = (),
    records: Iterable[Record] = (),
    period: Period | None = None,
    basis: Basis = "simple",
) -> CampaignTable:
    """The campaign table over those deals, leads and days (UT-4, AD-31); without a period, over all there is.

    The credits are of one model and each deal comes once, as `chain.trace` has it. Leads are those of `people`; each belongs to the
    campaign of the touch that created it: the one that the record names, else the latest marketing touch of that person at or before
    its creation, among `touches`. `records` are their histories; who entered a later stage has been in the earlier ones.

    In a `simple` table the period takes what was spent, created, reached, opened or closed in it; in a `cohort` what was spent and
    created in it, and what its touches earned. A lead that nobody dated is in no period.
    """
    if basis not in get_args(Basis):
        raise FactError("basis", shown(basis), one_of(get_args(Basis)))
    sheet = _Sheet(budget, None if period is None else of_type(period, Period, "period"), basis)
    for credit in each_once(credited, currency):
        sheet.add(credit)
    histories: dict[str, list[Record]] = {}
    for record in each_record(records):
        for one in (record, *record.merged):
            histories.setdefault(one.id, []).append(one)
    made = _makers(people, touches)
    for lead in people.by_lead_id.values():
        sheet.count(lead, made.get(lead.id), _reached(histories.get(lead.id, ()), budget.rules.document.layers))
    return sheet.table(currency)


class _Sheet:
    """The sums of a table while it is filled; it is kept by nobody."""

    def __init__(self, budget: Budget, period: Period | None, basis: Basis) -> None:
        self.budget, self.period = budget, period
        self.basis: Basis = basis
        self.revenue: dict[str | None, int] = {}
        self.pipeline: dict[str | None, int] = {}
        self.counts: dict[str | None, list[int]] = {}
        self.came_in = self.outside = self.whole_pipeline = 0

    def takes(self, at: datetime | None) -> bool:
        """Whether the period takes what happened then."""
        return self.period is None or (at is not None and at in self.period)

    def campaign(self, touch: Activity) -> str | None:
        """The id of the campaign that a touch belongs to."""
        found = self.budget.campaign_of(touch)
        return None if found is None else found.id

    def add(self, credit: Credit) -> None:
        """Adds what a deal earned, or the whole of it to the pipeline of every campaign that touched it."""
        journey = credit.journey
        if credit.total == "revenue":
            self.came_in += credit.amount.minor
            for line in credit.lines:
                at = journey.bound if self.basis == "simple" else None if line.touch is None else line.touch.at
                if self.takes(at):
                    name = None if line.touch is None else self.campaign(line.touch)
                    self.revenue[name] = self.revenue.get(name, 0) + line.amount.minor
                else:
                    self.outside += line.amount.minor
        if credit.total == "pipeline" or self.budget.rules.document.pipeline == "every":
            if self.basis == "simple":
                counted = journey.touches if self.takes(credit.opportunity.opened_at) else ()
            else:
                counted = tuple(touch for touch in journey.touches if self.takes(touch.at))
            for name in {self.campaign(touch) for touch in counted}:
                self.pipeline[name] = self.pipeline.get(name, 0) + credit.amount.minor
            self.whole_pipeline += credit.amount.minor if counted else 0

    def count(self, lead: Lead, touch: Activity | None, reached: Sequence[datetime | None]) -> None:
        """Counts a lead in each layer that it has come to."""
        name = None if touch is None else self.campaign(touch)
        counts = self.counts.setdefault(name, [0, 0, 0, 0])
        born = self.takes(lead.created_at)
        counts[0] += born
        for place, at in enumerate(reached, 1):
            counts[place] += at is not None and (self.takes(at) if self.basis == "simple" else born)

    def table(self, currency: str) -> CampaignTable:
        """The table, flags set."""
        names: list[str | None] = [*sorted(self.budget.campaigns), None]
        rows = [self.row(name, currency) for name in names]
        parts = [(row.leads, row.mqls, row.sals, row.sqls) for row in rows]
        leads, mqls, sals, sqls = (sum(counts) for counts in zip(*parts, strict=True))
        whole = Returns(
            campaign=None,
            spend=Money(sum(row.spend.minor for row in rows), currency),
            leads=leads,
            mqls=mqls,
            sals=sals,
            sqls=sqls,
            pipeline=Money(self.whole_pipeline, currency),
            revenue=Money(sum(row.revenue.minor for row in rows), currency),
            is_whole=True,
        )
        document = self.budget.rules.document
        mean = Fraction(sum(row.leads for row in rows[:-1]), max(len(rows) - 1, 1)) * document.volume_percent / _PERCENT
        flagged = tuple(evolve(row, flags=tuple(_flags(document, row, good_volume=row.leads >= mean))) for row in rows)
        return CampaignTable(self.basis, flagged, whole, Money(self.came_in, currency), Money(self.outside, currency))

    def row(self, name: str | None, currency: str) -> Returns:
        """The row of a campaign, or of none."""
        since, until = (None, None) if self.period is None else (self.period.since, self.period.until)
        leads, mqls, sals, sqls = self.counts.get(name, (0, 0, 0, 0))
        return Returns(
            campaign=None if name is None else self.budget.campaigns[name],
            spend=self.budget.spent_on(name, currency, since, until),
            leads=leads,
            mqls=mqls,
            sals=sals,
            sqls=sqls,
            pipeline=Money(self.pipeline.get(name, 0), currency),
            revenue=Money(self.revenue.get(name, 0), currency),
        )


def _flags(document: ChainDocument, row: Returns, *, good_volume: bool) -> Iterator[str]:
    """What somebody should look at; what belongs to no campaign has only its money."""
    if row.campaign is not None and good_volume and row.leads:
        rates = dict(zip(("leads", "mqls", "sals"), row.rates, strict=True))
        asked = [(rates[line.of], line.below_percent / _PERCENT) for line in document.quality]
        if any(rate is not None and rate.value is not None and rate.value < line for rate, line in asked):
            yield "good_volume_poor_quality"
    if row.spend.minor > 0 and not row.revenue.minor:
        yield "spend_without_revenue"
    if row.revenue.minor and row.spend.minor <= 0:
        yield "revenue_without_spend"


def _reached(histories: Iterable[Record], layers: Layers) -> tuple[datetime | None, ...]:
    """When a lead first came to each layer, or to a later one; it has a history in each machine that it is in."""
    order = (layers.mql, layers.sal, layers.sql)
    entries = [entry for record in histories for entry in record.entries]
    return tuple(min((each.at for each in entries if each.stage in order[place:]), default=None) for place in range(len(order)))


def _makers(people: People, touches: Iterable[Activity]) -> dict[str, Activity]:
    """The touch that created each lead, by the id of the lead; those of which none is known have none (AD-5)."""
    by_id: dict[str, Activity] = {}
    by_person: dict[object, list[Activity]] = {}
    for touch in each_of(touches, Activity, "touches"):
        by_id[touch.id] = touch
        person = people.person(touch.contact_id)
        if person is not None and touch.marketing:
            by_person.setdefault(person, []).append(touch)
    made = {}
    for person, leads in people.leads.items():
        theirs = sorted(by_person.get(person, ()), key=lambda touch: (touch.at, touch.sequence, touch.id))
        for lead in leads:
            named = by_id.get(lead.source_touch_id) if lead.source_touch_id is not None else None
            before = 0 if lead.created_at is None else bisect_right(theirs, lead.created_at, key=lambda touch: touch.at)
            if named is not None or before:
                made[lead.id] = named or theirs[before - 1]
    return made
