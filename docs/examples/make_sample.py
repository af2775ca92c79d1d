"""Makes the sample that `inbound_day.py` reads: invented leads of one seller, as they stood on Monday, 2 March 2026.

    python docs/examples/make_sample.py docs/examples/sample/leads.jsonl

Without a path the sample is printed. Every draw comes from one seeded generator, so the same lines come out each time. Most
records are as good as such records are: something is missing in almost all of them. A dozen are broken, each in a way of its
own, and have to be refused.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Record: TypeAlias = dict[str, object]

SEED = 20260302
LEADS = 228
COMPANIES = 176
EVENING = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)

FIRST_WORDS = (
    "Alder Anker Aster Birke Brightwater Cobalt Copper Delta Eiche Falke Fjord Granit Harbor Heron Indigo Juniper Kestrel Kiesel Lumen "
    "Marble Nordlicht Onyx Ostwind Pallas Quarz Rowan Sable Silber Tandem Velo Willow Zephyr"
).split()

# What companies of an industry are called by their second word.
SECOND_WORDS = {
    "saas": ("Cloud", "Software", "Systems", "Apps"),
    "fintech": ("Pay", "Ledger", "Finance"),
    "ecommerce": ("Commerce", "Market"),
    "insurtech": ("Cover", "Assurance"),
    "healthtech": ("Health", "Care"),
    "martech": ("Reach", "Audience"),
    "professional_services": ("Partners", "Advisory"),
    "telecommunications": ("Networks", "Telecom"),
    "media": ("Media", "Press"),
    "manufacturing": ("Works", "Machines"),
    "logistics": ("Freight", "Logistics"),
    "education": ("Academy", "College"),
    "construction": ("Bau", "Homes"),
}
CORE, NEAR = ("saas", "fintech"), ("ecommerce", "insurtech", "healthtech", "martech")
EDGE = ("professional_services", "telecommunications", "media")
OUTSIDE = ("manufacturing", "logistics", "education", "construction")

COUNTRIES = {
    "core": ("DE", "DE", "DE", "AT", "CH"),
    "near": ("GB", "FR", "NL", "SE", "DK", "IE", "BE"),
    "edge": ("US", "ES", "IT", "PL", "PT", "CA"),
    "outside": ("BR", "IN", "AE", "ZA", "SG", "AU"),
}
TOOLS = ("salesforce", "hubspot", "segment", "snowflake", "outreach")
OTHER_TOOLS = ("marketo", "zendesk", "looker", "excel", "sap", "shopify")

DECIDERS = (
    "VP Revenue Operations",
    "VP Marketing",
    "VP Sales",
    "Chief Revenue Officer",
    "Chief Marketing Officer",
    "CRO",
    "CMO",
    "Founder",
    "Head of Growth",
    "Head of Marketing Operations",
    "Head of Sales Development",
)
RIGHT = ("Marketing Operations Manager", "Sales Operations Analyst", "Growth Manager", "Director of Sales", "Revenue Operations Lead")
BESIDE = ("Customer Success Manager", "Product Manager", "Director of Operations", "Business Operations Analyst")
WRONG = ("Software Engineer", "Accountant", "Office Manager", "Student", "Recruiter", "Consultant")

GIVEN = (
    "Ana Ben Clara David Elif Femi Greta Hugo Ines Jonas Kaja Lars Mira Noah Olga Pablo Quentin Rosa Sven Tara Uwe Vera Wanda Yusuf Zoe"
).split()
FAMILY = (
    "Adler Becker Costa Dubois Eriksen Fischer Garcia Hansen Ivanova Jansen Kowalski Lindqvist Moreau Novak Okafor Peters Rossi "
    "Schmidt Turner Ueda Vogel Weber Yilmaz Zimmer"
).split()

PRODUCTS = ("forecasting", "routing", "enablement")
SOURCES = ("organic_search", "paid_search", "linkedin_ads", "webinar", "event", "partner", "referral", "newsletter", "direct")
CAMPAIGNS = {
    2025: ("camp-2025-q4-product-demo-dach", "camp-2025-q4-revops-guide-eu"),
    2026: ("camp-2026-q1-demand-gen-eu", "camp-2026-q1-revops-guide-eu"),
}
HEARD = ("A colleague uses it", "The RevOps podcast", "A search engine", "Your stand in Munich")
REQUESTS = ("demo_request", "demo_request", "call_request", "trial_signup", "contact_form")

CAME_BY = {
    "webinar_registration": "webinar",
    "webinar_attendance": "webinar",
    "event_attendance": "event",
    "content_download": "content_download",
    "newsletter_signup": "newsletter_signup",
}


class Draw:
    """Draws by chance, from one seed."""

    def __init__(self, seed: int) -> None:
        """Starts the one generator there is."""
        self._random = Random(seed)  # noqa: S311 - a sample, not a secret

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randrange(low, high + 1)

    def one(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self._random.randrange(len(choices))]

    def weighed(self, weights: dict[str, int]) -> str:
        """One of the names, in proportion to its weight."""
        return self._random.choices(list(weights), list(weights.values()))[0]

    def chance(self, percent: int) -> bool:
        """True that often."""
        return self._random.randrange(100) < percent

    def moment(self, first: int, last: int) -> datetime:
        """In working hours of a day, from `first` to `last` days before the evening that all is seen from."""
        day = EVENING - timedelta(days=self.number(first, last))
        return day.replace(hour=self.number(7, 16), minute=self.number(0, 59))


# ------------------------------------------------------------------------------------------------------------- companies


def companies(draw: Draw) -> list[Record]:
    """The accounts, each with the gaps that enrichment left."""
    made: dict[str, Record] = {}
    while len(made) < COMPANIES:
        kind = draw.weighed({"core": 30, "near": 33, "edge": 22, "outside": 15})
        account = company(draw, kind)
        made.setdefault(str(account["domain"]), account)
    return [{"id": f"acc-{number:03}", **account} for number, account in enumerate(made.values(), start=1)]


def company(draw: Draw, kind: str) -> Record:
    """One account: the nearer to the core, the more of it is as the seller likes it."""
    industry = draw.one({"core": CORE, "near": (*CORE, *NEAR), "edge": (*NEAR, *EDGE), "outside": OUTSIDE}[kind])
    first, second = draw.one(FIRST_WORDS), draw.one(SECOND_WORDS[industry])
    low, high = {"core": (60, 480), "near": (25, 900), "edge": (12, 1900), "outside": (2, 9000)}[kind]
    stages = {
        "core": ("series_b", "series_c", "series_a"),
        "near": ("series_a", "seed", "series_b", "bootstrapped"),
        "edge": ("seed", "series_a", "bootstrapped", "private_equity"),
        "outside": ("public", "family_owned", "bootstrapped"),
    }[kind]
    fitting = {"core": (1, 4), "near": (0, 2), "edge": (0, 2), "outside": (0, 1)}[kind]
    account: Record = {
        "name": f"{first} {second}",
        "domain": f"{first}-{second}.example".lower(),
        "country": draw.one(COUNTRIES[kind if draw.chance(75) else "near"]),
        "industry": industry,
        "employees": draw.number(low, high),
        "growth_stage": draw.one(stages),
        "technologies": tools(draw, draw.number(*fitting)),
    }
    if draw.chance(10):
        account["annual_revenue"] = f"EUR {draw.number(2, 60)}00000.00"
    return with_gaps(draw, account)


def tools(draw: Draw, fitting: int) -> list[str]:
    """Some tools that the seller looks for, and some others."""
    start = draw.number(0, len(TOOLS) - 1)
    wanted = [TOOLS[(start + step) % len(TOOLS)] for step in range(fitting)]
    return sorted([*wanted, draw.one(OTHER_TOOLS)])


def with_gaps(draw: Draw, account: Record) -> Record:
    """The account without what nobody found out."""
    if draw.chance(13):  # never enriched: the form told the name, the address the domain
        return {name: account[name] for name in ("name", "domain")}
    gaps = {"country": 5, "industry": 10, "employees": 12, "growth_stage": 18, "technologies": 22}
    return {name: value for name, value in account.items() if not draw.chance(gaps.get(name, 0))}


# ---------------------------------------------------------------------------------------------------------------- people


def lead(draw: Draw, number: int, account: Record | None) -> Record:
    """One lead: a person, what they did, and what somebody noted."""
    given, family = draw.one(GIVEN), draw.one(FAMILY)
    domain = account["domain"] if account else "freemail.example"
    story = draw.weighed({"hot": 20, "warm": 41, "cool": 16, "old": 10, "none": 4, "unknown": 9})
    activities = None if story == "unknown" else sorted(deeds(draw, story), key=lambda deed: str(deed["at"]))
    request = next((deed["kind"] for deed in activities or () if deed["kind"] in REQUESTS), None)
    record: Record = {
        "id": f"L-{number:04}",
        "created_at": written(draw.moment(0, 3) if request else draw.moment(1, 90)),
        "name": f"{given} {family}",
        "email": f"{given}.{family}@{domain}".lower(),
    }
    if not draw.chance(14):
        record["title"] = draw.one({"boss": DECIDERS, "right": RIGHT, "beside": BESIDE, "wrong": WRONG}[rank(draw)])
    if request or draw.chance(80):
        record["lead_type"] = request or next(
            (CAME_BY[str(deed["kind"])] for deed in activities or () if deed["kind"] in CAME_BY), "import"
        )
    if not draw.chance(10):
        record["source"] = draw.one(SOURCES)
    if draw.chance(25):
        record["self_reported"] = draw.one(HEARD)
    if not draw.chance(30):
        record["product"] = draw.one(PRODUCTS)
    if account:
        record |= placed(draw, account)
    elif draw.chance(60):
        record["country"] = draw.one(COUNTRIES["core"])
    if activities is not None:
        record["activities"] = [{"id": f"A-{number:04}-{place:02}", **deed} for place, deed in enumerate(activities, start=1)]
    if told := answers(draw, story):
        record["extra"] = told
    if seen := observations(draw, record):
        record["observations"] = seen
    return record


def rank(draw: Draw) -> str:
    """Where somebody stands who writes to a seller."""
    return draw.weighed({"boss": 38, "right": 30, "beside": 18, "wrong": 14})


def placed(draw: Draw, account: Record) -> Record:
    """The account as the CRM gives it, or as a form does: flat, with numbers as text and countries in small letters."""
    if draw.chance(85):
        return {"account": account}
    flat = {"account_id": account["id"], "account_name": account["name"]}
    rest = {name: value for name, value in account.items() if name not in ("id", "name")}
    if "employees" in rest:
        rest["employees"] = f" {rest['employees']} "
    if "country" in rest:
        rest["country"] = str(rest["country"]).lower()
    return {**flat, **rest}


def answers(draw: Draw, story: str) -> Record:
    """What a chat or a call brought to light, and what a model says."""
    told: Record = {}
    if draw.chance({"hot": 55, "warm": 35, "cool": 10}.get(story, 4)):
        told["critical_event"] = draw.weighed({"confirmed": 30, "mentioned": 30, "implied": 25, "none": 15})
    if draw.chance(4):
        told["requested"] = draw.one(("demo", "call", "newsletter"))
    if draw.chance(6):
        told["pain"] = draw.one(("Half of the leads never get a call.", "Nobody trusts the forecast.", "New reps take nine months."))
    if draw.chance(20):
        told["predictive_score"] = draw.number(5, 95)
    return told


def observations(draw: Draw, record: Record) -> list[Record]:
    """What other sources say: a title where the form has none, and industries on which they do not agree."""
    seen: list[Record] = []
    if "title" not in record and draw.chance(45):
        seen.append({"fact": "title", "value": draw.one((*DECIDERS, *RIGHT)), "source": "enrichment", "at": written(draw.moment(5, 60))})
    account = record.get("account")
    if isinstance(account, dict) and "industry" not in account and draw.chance(50):
        seen.append({"fact": "industry", "value": draw.one(NEAR), "source": "enrichment", "at": written(draw.moment(5, 60))})
        seen.append({"fact": "industry", "value": draw.one(CORE), "source": "self_reported", "at": written(draw.moment(1, 4))})
    return seen


# ----------------------------------------------------------------------------------------------------------------- deeds


def deeds(draw: Draw, story: str) -> Iterator[Record]:
    """What a person did, by how far they are in their journey."""
    match story:
        case "hot":
            yield from visits(draw, draw.number(2, 9), 0, 24)
            yield from (deed(draw, "page_view", 0, 6, "/pricing") for _ in range(draw.number(1, 3)))
            if draw.chance(50):
                yield deed(draw, "content_download", 2, 20, "/case-studies/a-year-of-routing")
            if draw.chance(30):
                yield deed(draw, "webinar_attendance", 4, 25, "speed-to-lead")
            if draw.chance(70):
                yield from asked(draw)
            if draw.chance(3):
                yield deed(draw, "event_attendance", -12, -3, "RevOps Days")  # booked, not yet held
        case "warm":
            yield from visits(draw, draw.number(1, 6), 1, 28)
            yield deed(
                draw, "page_view", 1, 12, draw.one(("/case-studies/fintech", "/compare/spreadsheets", "/guides/routing", "/pricing"))
            )
            yield deed(draw, "email_click", 1, 20, draw.one(("/guides/sla", "/blog/speed-to-lead", "/case-studies/fintech")))
            if draw.chance(35):
                yield deed(draw, "webinar_registration", 2, 25, "speed-to-lead")
            if draw.chance(30):
                yield deed(draw, "content_download", 2, 25, "/guides/routing")
            if draw.chance(15):
                yield deed(draw, "event_attendance", 5, 28, "RevOps Meetup")
        case "cool":
            yield from visits(draw, draw.number(1, 2), 6, 30)
            yield deed(draw, "page_view", 6, 30, draw.one(("/blog/what-is-an-mql", "/blog/speed-to-lead", "/guides/sla")))
            yield from (deed(draw, "email_open", 3, 30) for _ in range(draw.number(0, 3)))
            if draw.chance(40):
                yield deed(draw, "newsletter_signup", 5, 30)
        case "old":
            yield from visits(draw, draw.number(1, 5), 31, 120)
            yield deed(draw, "page_view", 31, 120, draw.one(("/pricing", "/blog/what-is-an-mql", "/compare/spreadsheets")))
            yield from (deed(draw, "email_open", 10, 120) for _ in range(draw.number(0, 4)))
        case _:
            return


def asked(draw: Draw) -> Iterator[Record]:
    """A raised hand, and what follows it."""
    kind = draw.one(REQUESTS)
    yield deed(draw, kind, 0, 2)
    if kind == "trial_signup":
        yield deed(draw, "trial_activity", 0, 1, "first import")


def visits(draw: Draw, times: int, first: int, last: int) -> Iterator[Record]:
    """So many visits."""
    for _ in range(times):
        yield deed(draw, "visit", first, last)


def deed(draw: Draw, kind: str, first: int, last: int, content: str | None = None) -> Record:
    """One activity, some days ago."""
    at = draw.moment(first, last)
    done: Record = {"kind": kind, "at": written(at)}
    if content:
        done["content"] = content
    done["channel"] = {"em": "email", "we": "webinar", "ev": "event"}.get(kind[:2], "web")
    if draw.chance(20):
        done["campaign"] = draw.one(CAMPAIGNS[at.year])
    return done


def written(at: datetime) -> str:
    """An instant as other systems write it."""
    return at.isoformat().replace("+00:00", "Z")


# ---------------------------------------------------------------------------------------------------------------- broken


def broken(good: Sequence[Record]) -> list[Record]:
    """Records that have to be refused, and why."""
    visit = {"id": "A-B-1", "kind": "visit", "at": "2026-03-01T10:00:00Z", "channel": "web"}
    download = {"id": "A-B-2", "kind": "content_download", "at": "2026-02-27T10:00:00Z", "content": "/guides/sla"}
    return [
        {"id": "B-01", "email": "jo@anker-pay.example", "country": "Germany"},  # a country is a code
        {"id": "B-02", "email": "ida@delta-care.example", "created_at": "2026-03-02T09:14:00"},  # nine where?
        {"id": "B-03", "email": "max@fjord-cloud.example", "indsutry": "fintech"},  # misspelt
        {"id": "B-04", "email": "lea@heron-media.example", "activities": [{**visit, "kind": "pageview"}]},  # no such kind
        {"id": "B-05", "email": "tom@onyx-apps.example", "employees": "about 50"},  # no number
        dict(good[11]),  # handed over twice
        {"id": "B-07", "email": "kim@silber-reach.example", "employees": "NaN"},  # what a table writes for nothing
        {"email": "sam@velo-finance.example", "country": "AT"},  # nobody knows who
        {"id": "B-09", "email": "eva@rowan-press.example", "extra": {"critical_event": "certain"}},  # no such answer
        {"id": "B-10", "email": "udo@eiche-bau.example", "activities": [download, {**download, "content": "/pricing"}]},  # two in one
        {"id": "B-11", "email": "ruth at quarz-ledger.example"},  # no address
        {"id": "B-12", "email": "ole@alder-works.example", "annual_revenue": "2.5m EUR"},  # no amount
    ]


def sample() -> list[Record]:
    """Every record, the broken ones among the good."""
    draw = Draw(SEED)
    accounts = companies(draw)
    records: list[Record] = []
    for number in range(1, LEADS + 1):
        account = None if draw.chance(7) else draw.one(accounts)
        records.append(lead(draw, number, account))
    for place, record in enumerate(broken(records)):
        records.insert(18 * (place + 1), record)
    return records


def main() -> None:
    """Writes the sample where the argument says, or prints it."""
    text = "".join(f"{json.dumps(record)}\n" for record in sample())
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_bytes(text.encode("ascii"))
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
