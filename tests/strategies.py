"""Valid facts, drawn at random: what the library accepts, with the gaps and the odd letters that real records have.

Every lead drawn here can be assessed by the shipped policy and read back from its own plain data. Instants lie around
`AT`, often on the very edge of a look-back.
"""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from inbound_engine.facts import ACTIVITY_KINDS, COUNTRIES, Account, Activity, Extra, ExtraValue, Lead, Observation
from inbound_engine.money import Money

__all__ = [
    "AT",
    "CONTENTS",
    "ZONES",
    "accounts",
    "activities",
    "activity_lists",
    "amounts",
    "countries",
    "decimals",
    "emails",
    "extras",
    "instants",
    "leads",
    "names",
    "observations",
    "texts",
    "zones",
]

AT = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
"""The instant that most tests ask about: the morning after Europe set its clocks forward."""

CONTENTS = ("pricing", "pricing/enterprise", "blog", "blog/why-speed", "guide", "case_study", "comparison", "demo", "/contact", "careers")
"""What activities are about: pages that the shipped catalogue knows, and one that it does not."""

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia", "UTC")
"""Zones east and west, some off the hour."""

_INDUSTRIES = ("saas", "fintech", "healthtech", "media", "mining")
_STAGES = ("seed", "series_a", "series_b", "series_d", "public")
_TECHNOLOGIES = ("salesforce", "hubspot", "segment", "snowflake", "excel")
_TITLES = ("VP Revenue Operations", "Chief Marketing Officer", "Head of Sales", "Marketing Manager", "Product Owner", "Intern")
_MICROSECOND = timedelta(microseconds=1)
_EDGES = tuple(timedelta(days=days) + nudge for days in (0, 2, 7, 14, 30, 60) for nudge in (-_MICROSECOND, timedelta(0), _MICROSECOND))


def _is_kept(text: str) -> bool:
    return bool(text) and text == text.strip()


def texts(max_size: int = 12) -> st.SearchStrategy[str]:
    """Text as intake keeps it: composed (NFC), without white space at its ends, in any script, markup included."""
    letters = st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"))
    drawn = st.text(letters, min_size=1, max_size=max_size).map(lambda text: unicodedata.normalize("NFC", text).strip())
    return st.sampled_from(("Ana", "Åsa Öberg", "<b>Ana</b>", "O'Hara & Co", "안나", "=1+1")) | drawn.filter(_is_kept)


def names() -> st.SearchStrategy[str]:
    """Ids as systems write them."""
    return st.text("abcXYZ019-_.", min_size=1, max_size=10)


def instants(around: datetime = AT) -> st.SearchStrategy[datetime]:
    """Aware instants in UTC within four months of one, to the microsecond; many on the edge of a look-back from it."""
    anywhere = st.timedeltas(timedelta(days=-120), timedelta(days=10))
    edges = st.sampled_from(_EDGES).map(lambda back: -back)
    return st.one_of(edges, anywhere).map(lambda offset: around + offset)


def countries() -> st.SearchStrategy[str]:
    """Country codes, those of the shipped grades more often."""
    return st.sampled_from(("DE", "AT", "GB", "FR", "US", "ES", "BR")) | st.sampled_from(sorted(COUNTRIES))


def zones() -> st.SearchStrategy[ZoneInfo]:
    """Zones by name."""
    return st.sampled_from(ZONES).map(ZoneInfo)


def emails() -> st.SearchStrategy[str]:
    """Email addresses."""
    return st.builds("{}@{}".format, st.sampled_from(("ana", "o.hara+x", "Åsa")), st.sampled_from(("acme.example", "Beta.Example")))


def decimals() -> st.SearchStrategy[Decimal]:
    """Exact numbers with a few decimals."""
    return st.decimals(min_value=-(10**9), max_value=10**9, places=3)


def amounts(currencies: Sequence[str] = ("EUR", "USD", "JPY", "KWD")) -> st.SearchStrategy[Money]:
    """Amounts of zero and more."""
    return st.builds(Money, st.integers(0, 10**13), st.sampled_from(currencies))


def activities(ids: st.SearchStrategy[str] | None = None, around: datetime = AT) -> st.SearchStrategy[Activity]:
    """Things that a person did, of every kind that each policy knows."""
    return st.builds(
        Activity,
        id=ids or names(),
        kind=st.sampled_from(("visit", "page_view", "demo_request")) | st.sampled_from(ACTIVITY_KINDS),
        at=instants(around),
        recorded_at=st.none() | instants(around),
        content=st.none() | st.sampled_from(CONTENTS),
        channel=st.none() | st.sampled_from(("google", "linkedin", "email")),
        campaign=st.none() | st.just("camp-2026-q1-demand-gen-eu"),
        utm=st.just(Extra()) | st.builds(Extra.of, st.dictionaries(st.sampled_from(("source", "medium", "campaign")), texts(), max_size=3)),
        contact_id=st.none() | names(),
        marketing=st.sampled_from((True, True, True, False)),
        sequence=st.sampled_from((0, 0, 0, 1, 2)),
    )


def activity_lists(max_size: int = 8, around: datetime = AT) -> st.SearchStrategy[tuple[Activity, ...]]:
    """Activities with ids that differ."""
    return st.lists(activities(around=around), max_size=max_size, unique_by=lambda activity: activity.id).map(tuple)


def extras(values: dict[str, st.SearchStrategy[ExtraValue]] | None = None) -> st.SearchStrategy[Extra]:
    """A caller's own facts, some of them unknown; without `values`, those that the shipped policy declares."""
    own: dict[str, st.SearchStrategy[ExtraValue]] = values or {
        "critical_event": st.sampled_from(("none", "implied", "mentioned", "confirmed")),
        "requested": st.sampled_from(("nothing", "newsletter", "webinar", "demo", "call", "trial")),
        "situation": texts(),
        "predictive_score": st.integers(0, 100),
    }
    return st.fixed_dictionaries({}, optional=own).map(Extra.of)


def observations() -> st.SearchStrategy[Observation]:
    """What one source says of one fact."""
    said: st.SearchStrategy[tuple[str, ExtraValue]] = st.one_of(
        st.tuples(st.just("industry"), st.sampled_from(_INDUSTRIES)),
        st.tuples(st.just("title"), st.sampled_from(_TITLES)),
        st.tuples(st.just("country"), countries()),
        st.tuples(st.just("employees"), st.integers(0, 5000)),
        st.tuples(st.just("technologies"), st.frozensets(st.sampled_from(_TECHNOLOGIES))),
        st.tuples(st.just("annual_revenue"), amounts()),
    )
    sources = st.sampled_from(("self_reported", "form", "enrichment", "news"))
    return st.builds(lambda pair, source, at: Observation(pair[0], pair[1], source, at), said, sources, st.none() | instants())


def accounts() -> st.SearchStrategy[Account]:
    """Companies, with what a provider of firmographics seldom knows left out."""
    return st.builds(
        Account,
        id=names(),
        name=st.none() | texts(),
        domain=st.none() | st.just("acme.example"),
        parent_id=st.none() | names(),
        industry=st.none() | st.sampled_from(_INDUSTRIES) | texts(),
        employees=st.none() | st.sampled_from((0, 9, 10, 19, 20, 49, 50, 500, 501, 1000, 1001, 2000, 2001)) | st.integers(0, 10**6),
        annual_revenue=st.none() | amounts(),
        growth_stage=st.none() | st.sampled_from(_STAGES),
        technologies=st.none() | st.frozensets(st.sampled_from(_TECHNOLOGIES)),
        country=st.none() | countries(),
        region=st.none() | st.sampled_from(("BY", "CA")),
        owner=st.none() | names(),
        named_rep=st.none() | names(),
        csm=st.none() | names(),
        open_opportunity_owner=st.none() | names(),
    )


def leads(
    ids: st.SearchStrategy[str] | None = None,
    happened: st.SearchStrategy[tuple[Activity, ...] | None] | None = None,
    own: st.SearchStrategy[Extra] | None = None,
) -> st.SearchStrategy[Lead]:
    """People who may buy, every fact of theirs known or not; `happened` draws the activities, `own` the caller's own facts.

    Half of them fit the shipped policy well, so that every tier is met.
    """
    drawn = st.builds(
        Lead,
        id=ids or names(),
        created_at=st.none() | instants(),
        name=st.none() | texts(),
        email=st.none() | emails(),
        title=st.none() | st.sampled_from(_TITLES) | texts(),
        department=st.none() | texts(),
        lead_type=st.none() | st.sampled_from(("demo_request", "content_download", "webinar")),
        source=st.none() | st.sampled_from(("google", "referral")),
        source_touch_id=st.none() | names(),
        self_reported=st.none() | texts(),
        product=st.none() | st.just("core"),
        country=st.none() | countries(),
        region=st.none() | st.sampled_from(("BY", "CA")),
        zone=st.none() | zones(),
        candidate_zones=st.lists(zones(), max_size=2).map(tuple),
        account=st.none() | accounts(),
        contact_id=st.none() | names(),
        activities=happened or st.none() | activity_lists(),
        suppressed=st.frozensets(st.sampled_from(("email", "phone", "all")), max_size=2),
        observations=st.just(()) | st.lists(observations(), max_size=3).map(tuple),
        extra=own or extras(),
    )
    return drawn | st.builds(_fitting, drawn, st.sampled_from(_INDUSTRIES[:3]), st.integers(40, 600), st.sampled_from(_TITLES[:4]))


def _fitting(lead: Lead, industry: str, employees: int, title: str) -> Lead:
    """The lead of a company that the shipped policy looks for."""
    account = lead.account or Account(id="fit")
    found = frozenset({"salesforce", "segment"}) | (account.technologies or frozenset())
    known = attrs.evolve(account, industry=industry, employees=employees, technologies=found, growth_stage="series_b")
    return attrs.evolve(lead, account=known, title=title, country=lead.country or "DE")
