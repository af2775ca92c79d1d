"""Attribution: what each touch earned of a deal, to the last unit, and why."""

import csv
import json
import pickle
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from inbound_engine import attribution, journeys, rollups
from inbound_engine.attribution import AttributionDocument, Credit, Rules
from inbound_engine.decisions import Code
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.exchange import ExchangeRate, ExchangeTable
from inbound_engine.facts import Account, Activity, Contact, Lead, Opportunity
from inbound_engine.journeys import LeadCreation
from inbound_engine.money import Money
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.policy import Policy
from tests import processes
from tests.attribution_reference import cases, expected, found
from tests.places import DATA, ROOT, needs_data

SHIPPED = attribution.compile(AttributionDocument.model_validate(PLAYBOOK["attribution"]))
OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def touch(id: str, at: datetime, **more: Any) -> Activity:  # noqa: A002, ANN401 - what activities say
    return Activity(**{"id": id, "kind": "visit", "at": at, **more})


def deal(amount: Money | None = Money(9_500_000, "EUR"), **more: Any) -> Opportunity:  # noqa: ANN401, B008 - a frozen value
    return Opportunity(**{"id": "D-1", "opened_at": OPENED, "closed_at": CLOSED, "won": True, "amount": amount, **more})


def credit(
    touches: list[Activity],
    model: str | None = None,
    opportunity: Opportunity | None = None,
    rules: Rules = SHIPPED,
    **more: Any,  # noqa: ANN401 - what journeys ask
) -> Credit:
    exchange = more.pop("exchange", None)
    return attribution.credit(rules, journeys.prepare(rules.journeys, opportunity or deal(), touches, **more), model, exchange=exchange)


def policy(**changes: Any) -> Rules:  # noqa: ANN401 - plain data of a document
    return attribution.compile(changed(SHIPPED.document, changes))


# AT-1’s example: LinkedIn ad (first), blog reads (organic), webinar email (MQL), retargeting (opportunity), close. Its amounts are those
# of the four milestones; which channel has which is as the sentence of the document lists them.
EXAMPLE = [
    touch("ad", OPENED - 60 * DAY, channel="linkedin", campaign="awareness", contact_id="ana"),
    touch("blog", OPENED - 40 * DAY, channel="organic", contact_id="ana"),
    touch("invite", OPENED - 10 * DAY, channel="email", campaign="webinar", contact_id="ben"),
    touch("retarget", CLOSED - 2 * DAY, channel="retargeting", campaign="retarget", contact_id="ana"),
]
CREATED = LeadCreation(OPENED - 40 * DAY, frozenset({"ana"}))


def units(one: Credit) -> dict[str | None, int]:
    return {None if line.touch is None else line.touch.id: line.amount.minor for line in one.lines}


def test_the_documents_example_to_the_cent() -> None:
    """AT-1: 95,000 are 28,500, 19,000, 28,500 and 19,000."""
    one = credit(EXAMPLE, created=CREATED)
    assert [(line.channel, str(line.amount), line.milestones, line.share) for line in one.lines] == [
        ("linkedin", "EUR 28500.00", ("first",), Fraction(3, 10)),
        ("organic", "EUR 19000.00", ("lead",), Fraction(1, 5)),
        ("email", "EUR 28500.00", ("opportunity",), Fraction(3, 10)),
        ("retargeting", "EUR 19000.00", ("close",), Fraction(1, 5)),
    ]
    assert one.explain() == (
        "D-1 under w_shaped: EUR 95000.00 of revenue.\n"
        "  EUR 28500.00  ad linkedin, first, 30 %\n"
        "  EUR 19000.00  blog organic, lead, 20 %\n"
        "  EUR 28500.00  invite email, opportunity, 30 %\n"
        "  EUR 19000.00  retarget retargeting, close, 20 %"
    )
    assert repr(one) == "Credit('D-1', 'w_shaped', revenue EUR 95000.00, lines=4)"


@pytest.mark.parametrize(
    ("model", "expected_units"),
    [
        (None, {"ad": 2_850_000, "blog": 1_900_000, "invite": 2_850_000, "retarget": 1_900_000}),
        ("market_w", {"ad": 2_850_000, "blog": 2_850_000, "invite": 2_850_000, "retarget": 950_000}),
        ("full_path", {"ad": 2_375_000, "blog": 2_375_000, "invite": 2_375_000, "retarget": 2_375_000}),
        ("first", {"ad": 9_500_000}),
        ("last", {"retarget": 9_500_000}),
        ("first_non_direct", {"ad": 9_500_000}),
        ("last_non_direct", {"retarget": 9_500_000}),
        ("linear", {"ad": 2_375_000, "blog": 2_375_000, "invite": 2_375_000, "retarget": 2_375_000}),
        ("u_positional", {"ad": 3_800_000, "blog": 950_000, "invite": 950_000, "retarget": 3_800_000}),
        ("u_first_lead", {"ad": 4_750_000, "blog": 4_750_000}),
        # 88, 68, 38 and 0 days before the last: 2 ** -(88 / 7) and so on, over their sum, with sixty digits
        ("time_decay_7", {"ad": 1_523, "blog": 11_038, "invite": 215_287, "retarget": 9_272_152}),
        ("time_decay_30", {"ad": 708_906, "blog": 1_125_318, "invite": 2_250_635, "retarget": 5_415_141}),
    ],
)
def test_every_model_that_ships(model: str | None, expected_units: dict[str, int]) -> None:
    """AT-2, AD-22, AD-23: to the cent."""
    one = credit(EXAMPLE, model, created=CREATED)
    assert units(one) == expected_units
    assert sum(units(one).values()) == 9_500_000


def test_all_models_that_ship_are_tested() -> None:
    assert set(SHIPPED.models) == {
        *("w_shaped", "market_w", "full_path", "first", "last", "first_non_direct", "last_non_direct", "linear", "u_positional"),
        *("u_first_lead", "time_decay_7", "time_decay_30"),
    }


# ---------------------------------------------------------------------------------------------------------------- lines


def test_a_line_says_which_touch_why_and_how_much_before_the_leftover_unit() -> None:
    """AD-33."""
    one = credit(EXAMPLE[:3], opportunity=deal(Money(100, "EUR"), won=None, closed_at=None), at=CLOSED, created=CREATED)
    first, lead, opportunity = one.lines
    assert (first.share, first.before.minor, first.amount.minor) == (Fraction(3, 8), 37, 38)
    assert (lead.share, lead.before.minor, lead.amount.minor) == (Fraction(1, 4), 25, 25)
    assert (opportunity.share, opportunity.before.minor, opportunity.amount.minor) == (Fraction(3, 8), 37, 37)
    assert first.rules == ("attribution.models[w_shaped].shares[first]",)
    assert (first.total, first.model, first.reason) == ("pipeline", "w_shaped", None)
    assert (first.channel, first.campaign, first.contact_id) == ("linkedin", "awareness", "ana")
    assert str(first) == "EUR 0.38  ad linkedin, first, 37.5 %"
    assert one.missing == ("close",)
    assert one.explain().splitlines()[-1] == "Without a touch: close (redistribute)."


def test_a_line_that_nobody_earned_says_why() -> None:
    """AD-8."""
    one = credit([touch("late", CLOSED + DAY)])
    [line] = one.lines
    assert (line.touch, line.reason, line.share, line.amount) == (None, "all_after_close", Fraction(1), Money(9_500_000, "EUR"))
    assert (line.channel, line.campaign, line.contact_id) == (None, None, None)
    assert str(line) == "EUR 95000.00  UNATTRIBUTED (all_after_close), 100 %"
    assert one.unattributed == one.amount
    assert one.explain().splitlines()[-1] == "Left out: 1 after_close."
    assert credit(EXAMPLE, created=CREATED).unattributed == Money(0, "EUR")


def test_a_milestone_nobody_reached_may_be_left_unattributed() -> None:
    rules = policy(**{"models[w_shaped].missing": "unattributed"})
    one = credit(EXAMPLE, rules=rules)
    assert [(str(line.amount), line.milestones, line.reason, line.rules[-1][-14:]) for line in one.lines] == [
        ("EUR 28500.00", ("first",), None, ".shares[first]"),
        ("EUR 28500.00", ("opportunity",), None, "s[opportunity]"),
        ("EUR 19000.00", ("close",), None, ".shares[close]"),
        ("EUR 19000.00", (), "milestone_missing", "d].shares[lead]"[-14:]),
    ]
    assert one.unattributed == Money(1_900_000, "EUR")


def test_a_milestone_nobody_reached_may_join_the_next() -> None:
    rules = policy(**{"models[w_shaped].missing": "next"})
    lines = credit(EXAMPLE, rules=rules).lines
    path = "attribution.models[w_shaped].shares"
    assert [(str(line.amount), line.rules) for line in lines] == [
        ("EUR 28500.00", (f"{path}[first]",)),
        ("EUR 47500.00", (f"{path}[lead]", f"{path}[opportunity]")),
        ("EUR 19000.00", (f"{path}[close]",)),
    ]


@pytest.mark.parametrize(
    ("model", "touches", "held"),
    [
        ("u_positional", 1, [("first", "last")]),
        ("u_positional", 3, [("first",), ("middle",), ("last",)]),
        ("linear", 2, [(), ()]),
        ("time_decay_7", 2, [(), ()]),
        ("market_w", 3, [("first",), ("middle",), ("opportunity",)]),
        ("w_shaped", 1, [("first", "opportunity", "close")]),
    ],
)
def test_what_a_touch_holds(model: str, touches: int, held: list[tuple[str, ...]]) -> None:
    one = credit([touch(str(number), OPENED - (9 - number) * DAY) for number in range(touches)], model)
    assert [line.milestones for line in one.lines] == held
    assert all(line.rules and line.rules[0].startswith(f"attribution.models[{model}]") for line in one.lines)


@pytest.mark.parametrize(
    ("model", "touches", "missing"),
    [
        ("market_w", 2, ("lead", "middle")),
        ("market_w", 3, ("lead",)),
        ("w_shaped", 1, ("lead",)),
        ("linear", 1, ()),
    ],
)
def test_what_is_missing_is_listed(model: str, touches: int, missing: tuple[str, ...]) -> None:
    """AD-7."""
    assert credit([touch(str(number), OPENED - (9 - number) * DAY) for number in range(touches)], model).missing == missing


def test_a_credit_gives_reasons() -> None:
    """FD-5, AD-33: for each share, for what is missing and for what was left out."""
    one = credit([*EXAMPLE[:1], touch("call", OPENED, marketing=False), touch("late", CLOSED + DAY)], opportunity=deal(Money(100, "EUR")))
    path = "attribution.models[w_shaped].shares"
    assert [(reason.code, reason.rule) for reason in one.because] == [
        (Code.MATCHED, f"{path}[first]"),
        (Code.MATCHED, f"{path}[opportunity]"),
        (Code.MATCHED, f"{path}[close]"),
        (Code.MISSING, f"{path}[lead]"),
        (Code.FAILED, "attribution.journeys.exclusions[sales]"),
        (Code.FAILED, "attribution.journeys"),
    ]
    nobody = credit([])
    assert [(reason.code, reason.rule, reason.saw[0].value) for reason in nobody.because][:1] == [
        (Code.MISSING, "attribution.models[w_shaped]", "no_touch")
    ]


def test_a_credit_becomes_plain_data() -> None:
    one = credit([EXAMPLE[0], touch("late", CLOSED + DAY)], "first", opportunity=deal(Money(100, "EUR")))
    assert one.to_dict() == {
        "opportunity": "D-1",
        "model": "first",
        "total": "revenue",
        "amount": "EUR 1.00",
        "rate": None,
        "lines": [
            {
                "opportunity": "D-1",
                "model": "first",
                "total": "revenue",
                "touch": "ad",
                "at": "2026-01-01T09:00:00Z",
                "channel": "linkedin",
                "campaign": "awareness",
                "contact_id": "ana",
                "milestones": ["first"],
                "share": "1",
                "before": "EUR 1.00",
                "amount": "EUR 1.00",
                "rules": ["attribution.models[first].shares[first]"],
            }
        ],
        "missing": [],
        "excluded": [{"touch": "late", "code": "after_close", "rule": ""}],
    }
    redacted = one.to_dict(redact=True)
    assert json.loads(json.dumps(redacted))["lines"][0]["contact_id"] == "(personal)"
    nobody = credit([]).lines[0].to_dict(redact=True)
    assert (nobody["touch"], nobody["contact_id"], nobody["reason"]) == (None, None, "no_touch")
    assert repr(one.lines[0]).startswith("Line(opportunity='D-1', model='first', total='revenue', touch='ad'")
    assert repr(credit([]).lines[0]).startswith("Line(opportunity='D-1', model='w_shaped', total='revenue', touch=None")


def test_a_credit_survives_a_pickle() -> None:
    one = credit(EXAMPLE, created=CREATED)
    again = pickle.loads(pickle.dumps(one))  # noqa: S301
    assert (again, again.lines) == (one, one.lines)


# ---------------------------------------------------------------------------------------------------------------- money


@pytest.mark.parametrize(
    ("amount", "expected_units"),
    [
        (Money(10, "EUR"), [3, 2, 3, 2]),
        (Money(1, "EUR"), [1, 0, 0, 0]),
        (Money(2, "EUR"), [1, 0, 1, 0]),
        (Money(5, "EUR"), [2, 1, 1, 1]),
        (Money(7, "JPY"), [2, 2, 2, 1]),
        (Money(1_001, "KWD"), [301, 200, 300, 200]),
        (Money(-5, "EUR"), [-2, -1, -1, -1]),
        (Money(0, "EUR"), [0, 0, 0, 0]),
    ],
)
def test_leftover_units_go_to_the_largest_remainders_and_then_to_the_earlier(amount: Money, expected_units: list[int]) -> None:
    """AD-16 to AD-18: in any currency; a refund is the mirror image, and zero has its lines."""
    one = credit(EXAMPLE, opportunity=deal(amount), created=CREATED)
    assert list(one.minor) == expected_units
    assert [line.amount.currency for line in one.lines] == [amount.currency] * 4
    before = [line.before.minor for line in one.lines]
    assert all(0 <= abs(unit) - abs(whole) <= 1 for unit, whole in zip(expected_units, before, strict=True))


def test_leftover_units_may_be_spread() -> None:
    """AD-17: by a hash of deal and touch, the same in every process; the deal still adds up."""
    rules = policy(leftover="spread")
    touches = [touch(name, OPENED - DAY) for name in "abc"]
    shares = [credit(touches, "linear", opportunity=deal(Money(100, "EUR"), id=f"D-{number}"), rules=rules).minor for number in range(300)]
    assert {sum(minor) for minor in shares} == {100}
    extra = [sum(minor[place] == 34 for minor in shares) for place in range(3)]
    assert sum(extra) == 300
    assert all(70 <= count <= 130 for count in extra), extra
    assert shares[0] == (34, 33, 33) or shares[0] == (33, 34, 33) or shares[0] == (33, 33, 34)
    left = policy(leftover="spread", **{"models[w_shaped].missing": "unattributed"})
    assert credit(EXAMPLE, opportunity=deal(Money(10, "EUR")), rules=left).minor == (3, 3, 2, 2)


def test_a_deal_without_an_amount_is_refused() -> None:
    """AD-18: unknown is not zero."""
    with pytest.raises(FactError, match=r"opportunities\[D-1\].amount: saw nothing"):
        credit(EXAMPLE, opportunity=deal(None))


def test_a_deal_is_converted_before_it_is_split() -> None:
    """AD-20: at the rate of the day of its close, which the credit keeps."""
    table = ExchangeTable("EUR", [ExchangeRate("USD", "EUR", date(2026, 4, 1), "0.9213"), ExchangeRate("USD", "EUR", date(2026, 4, 2), 1)])
    one = credit(EXAMPLE, opportunity=deal(Money(1_000, "USD")), created=CREATED, exchange=table)
    assert (str(one.amount), one.minor, one.rate) == ("EUR 9.21", (277, 184, 276, 184), table.rates[0])
    assert one.explain().splitlines()[1] == "Converted at 0.9213 of 2026-04-01."
    assert one.to_dict()["rate"] == {"currency": "USD", "into": "EUR", "day": "2026-04-01", "rate": "9213/10000", "source": ""}
    tokyo = attribution.compile(changed(SHIPPED.document, {"journeys.granularity": "day", "journeys.zone": "Asia/Tokyo"}))
    late = deal(Money(1_000, "USD"), closed_at=datetime(2026, 4, 1, 20, tzinfo=UTC))
    assert str(credit(EXAMPLE, opportunity=late, rules=tokyo, exchange=table).amount) == "EUR 10.00"  # 2 April in Tokyo
    assert credit(EXAMPLE, exchange=table).rate is None


# --------------------------------------------------------------------------------------------------------------- direct


def test_a_model_may_pin_what_direct_visits_are() -> None:
    """AD-9: the last non-direct touch, whatever the journeys say."""
    rules = policy(**{"journeys.direct": "include"})
    touches = [touch("ad", OPENED, channel="linkedin"), touch("typed", CLOSED, channel="direct")]
    assert list(units(credit(touches, "last", rules=rules))) == ["typed"]
    assert list(units(credit(touches, "last_non_direct", rules=rules))) == ["ad"]
    assert list(units(credit(touches[1:], "last_non_direct", rules=rules))) == ["typed"]
    assert list(units(credit(touches, "last"))) == ["ad"]


# ------------------------------------------------------------------------------------------------------- documents


def test_a_model_that_is_not_there_is_refused() -> None:
    with pytest.raises(FactError, match="model: saw 'w', expected one of first"):
        credit(EXAMPLE, "w")
    with pytest.raises(PolicyError, match=r"default: saw 'w_shapd'.*Did you mean"):
        policy(default="w_shapd")
    with pytest.raises(PolicyError, match=r"default.*Add it to models"):
        policy(default="zzz")


@pytest.mark.parametrize(("stage", "hint"), [("MQLL", 'Did you mean "MQL"?'), ("zebra", "Add it to the lifecycle.")])
def test_a_model_names_milestones_and_stages_that_exist(stage: str, hint: str) -> None:
    """AD-25."""
    model = {"kind": "milestones", "id": "own", "shares": [{"id": stage, "percent": 50}, {"id": "first", "percent": 50}]}
    with pytest.raises(PolicyError) as refused:
        changed(Policy(), {"attribution.models": [model], "attribution.default": "own"})
    [problem] = refused.value.problems
    assert (problem.path, problem.hint) == (f"attribution.models[own].shares[{stage}].id", hint)
    model["shares"][0]["id"] = "MQL"  # type: ignore[index]  # plain data
    assert changed(Policy(), {"attribution.models": [model], "attribution.default": "own"}).attribution.models[0].id == "own"


def test_stages_are_milestones_of_a_model_of_ones_own() -> None:
    """AD-25: a stage that was entered again counts at its first or its last entry."""
    shares = [{"id": "MQL", "percent": 50, "occurrence": "first"}, {"id": "SQL", "percent": 50}]
    rules = policy(models=[{"kind": "milestones", "id": "own", "shares": shares}], default="own")
    stages = [("MQL", OPENED - 39 * DAY), ("MQL", OPENED - DAY), ("SQL", OPENED - 39 * DAY), ("SQL", OPENED - DAY)]
    one = credit(EXAMPLE, rules=rules, stages=stages)
    assert [(line.touch.id if line.touch else None, line.milestones) for line in one.lines] == [("blog", ("MQL",)), ("invite", ("SQL",))]


# --------------------------------------------------------------------------------------------------------------- engine


def test_an_engine_credits_the_deals_of_everybody() -> None:
    """AT-4: contacts are matched by address; several models over the same journeys."""
    engine = Engine(Policy())
    contacts = [Contact(id="c-1", emails=("ana@acme.example",), account_id="acme"), Contact(id="c-2", account_id="acme")]
    lead = Lead(id="L-1", email="ANA@acme.example", created_at=OPENED - 40 * DAY)
    touches = [evolve(one, contact_id=who) for one, who in zip(EXAMPLE, ("c-1", "ana@acme.example", "c-2", "L-1"), strict=True)]
    deals = [deal(account_id="acme"), deal(id="D-2", account_id="other")]
    w, last, nobody, none = engine.credit(deals, touches, contacts=contacts, leads=[lead], models=["w_shaped", "last"])
    assert list(w.minor) == [2_850_000, 1_900_000, 2_850_000, 1_900_000]
    assert (last.model.id, list(last.minor)) == ("last", [9_500_000])
    assert (nobody.lines[0].reason, none.lines[0].reason) == ("no_contact", "no_contact")
    assert [one.amount.currency for one in engine.credit(deals, touches, aliases={"x@a.example": "y@a.example"}, at=CLOSED)] == [
        "EUR",
        "EUR",
    ]


# -------------------------------------------------------------------------------------------------------------- reference


def test_a_brute_force_reference_agrees_on_five_thousand_journeys() -> None:
    """AP-8, all of AD-1 to AD-26: row for row, with ties, late touches, missing milestones and deals without a lead."""
    reasons: set[str | None] = set()
    for case, model in cases(5_000):
        rows = found(case, model)
        assert rows == expected(case, model), (case.deal.id, model)
        reasons |= {row[-1] for row in rows}
    assert reasons == {
        *(None, "no_contact", "no_touch", "all_after_close", "all_before_previous_close", "all_outside_window", "all_excluded"),
        "milestone_missing",
    }


# ----------------------------------------------------------------------------------------------------------------- size


def test_ten_thousand_touches_on_one_deal_lose_none() -> None:
    """AD-14, AP-6: no caps; the first is the first."""
    touches = [touch(f"t-{number:05}", OPENED - (10_000 - number) * timedelta(minutes=1)) for number in range(10_000)]
    one = credit(touches, "linear")
    assert (len(one.lines), sum(one.minor), one.lines[0].share) == (10_000, 9_500_000, Fraction(1, 10_000))
    assert units(credit(touches, "first")) == {"t-00000": 9_500_000}
    assert sum(credit(touches, "time_decay_7").minor) == 9_500_000


def stream(count: int) -> Iterator[journeys.Journey]:
    for number in range(count):
        touches = [touch(f"{number}-{turn}", OPENED - (turn + 1) * DAY, channel=f"ch-{turn}") for turn in range(4)]
        yield journeys.prepare(SHIPPED.journeys, deal(id=f"D-{number}"), touches)


def test_deals_stream_in_constant_memory() -> None:
    """AP-7: iterator in, iterator out."""
    peaks = []
    for count in (500, 5_000):
        tracemalloc.start()
        rolled = rollups.roll_up(attribution.credit_each(SHIPPED, stream(count), ["w_shaped", "linear"]))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert sum(row.revenue.minor for row in rolled.rows) == 2 * count * 9_500_000
    assert peaks[1] < 1.5 * peaks[0]


def test_importing_brings_no_package_that_the_policy_does_not_bring() -> None:
    """AP-9."""
    program = """
        import sys
        sys.path.insert(0, {src!r})
        import inbound_engine.documents, inbound_engine.calendars
        before = {{name.partition(".")[0] for name in sys.modules}}
        import inbound_engine.attribution, inbound_engine.rollups, inbound_engine.sourcing, inbound_engine.selfreports
        found = {{name.partition(".")[0] for name in sys.modules}} - before - sys.stdlib_module_names
        print(sorted(found))
    """
    assert processes.run(program.format(src=str(ROOT / "src"))).strip() == b"[]"


# ------------------------------------------------------------------------------------------------------------- real data


BASE = datetime(2020, 1, 1, tzinfo=UTC)
OPEN_MODELS = ("first", "last", "linear", "u_positional")


@needs_data
def test_positional_models_agree_with_ten_thousand_real_paths() -> None:
    """AT-2: conversions exactly as fractions; values to the printed decimals."""
    answers = json.loads((DATA / "attribution_channel_paths" / "expected.json").read_text(encoding="utf-8"))
    names = dict(zip(OPEN_MODELS, ("first", "last", "linear", "position_40_20_40"), strict=True))
    counts: dict[str, dict[str, Fraction]] = {model: {} for model in names}
    values: dict[str, dict[str, Fraction]] = {model: {} for model in names}
    with (DATA / "attribution_channel_paths" / "Data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    by_path: dict[str, tuple[int, Fraction]] = {}
    for row in rows:
        before, value = by_path.get(row["path"], (0, Fraction(0)))
        by_path[row["path"]] = before + int(row["total_conversions"]), value + Fraction(row["total_conversion_value"])
    assert len(by_path) == answers["totals"]["distinct_paths"]
    for path, (times, value) in by_path.items():
        touches = [touch(f"{number:02}", BASE, channel=channel.strip(), sequence=number) for number, channel in enumerate(path.split(">"))]
        one_deal = Opportunity(id=path, opened_at=BASE, closed_at=BASE, won=True, amount=Money(0, "EUR"))
        for one in attribution.credit_each(SHIPPED, [journeys.prepare(SHIPPED.journeys, one_deal, touches)], names):
            for line in one.lines:
                channel = str(line.channel)
                counts[one.model.id][channel] = counts[one.model.id].get(channel, Fraction(0)) + times * line.share
                values[one.model.id][channel] = values[one.model.id].get(channel, Fraction(0)) + value * line.share
    for model, name in names.items():
        assert sum(counts[model].values()) == answers["totals"]["conversions"]
        for channel, answer in answers["models"][name].items():
            assert float(counts[model].get(channel, Fraction(0))) == pytest.approx(answer["conversions"], rel=1e-12)
            assert float(values[model].get(channel, Fraction(0))) == pytest.approx(answer["value"], rel=1e-9)


def _moment(text: str) -> datetime:
    day, clock = text.split(" ")
    hour, minute, second = map(int, clock.split(":"))
    year, month, date_ = map(int, day.split("-"))
    return datetime(year, month, date_, hour, minute, second, tzinfo=UTC)


@needs_data
def test_the_dbt_playbook_is_answered() -> None:
    """AD-11: a closed window of 30 days, direct included; conversions as fractions, revenue to the cent that floats show."""
    folder = DATA / "attribution_dbt_playbook"
    answers = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    rules = policy(**{"journeys.direct": "include", "journeys.window_days": 30})

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    sessions = [
        (
            row["customer_id"],
            touch(
                row["session_id"],
                _moment(row["started_at"]),
                channel=row["utm_source"],
                campaign="|".join(row[key] or "<null>" for key in ("utm_source", "utm_medium", "utm_campaign")),
            ),
        )
        for row in rows("sessions.csv")
    ]
    prepared = []
    for number, row in enumerate(rows("customer_conversions.csv")):
        at = _moment(row["converted_at"])
        one_deal = Opportunity(id=str(number), opened_at=at, closed_at=at, won=True, amount=Money.of(row["revenue"], "USD"))
        own = [session for customer, session in sessions if customer == row["customer_id"]]
        prepared.append(journeys.prepare(rules.journeys, one_deal, own))
    assert sum(len(journey.touches) for journey in prepared) == answers["totals"]["eligible_touches"]
    for model, name in zip(OPEN_MODELS, ("first", "last", "linear", "position_40_20_40"), strict=True):
        wanted = answers["models"][name]
        for by, group in (("campaign", "by_key"), ("channel", "by_source")):
            credited = list(attribution.credit_each(rules, prepared, [model]))
            shares = rollups.conversions(credited, by)  # type: ignore[arg-type]  # one of two literals
            exact: dict[str, Fraction] = {}
            for one in credited:
                for line in one.lines:
                    key = str(getattr(line, by))
                    exact[key] = exact.get(key, Fraction(0)) + line.share * one.amount.minor / 100
            for key, answer in wanted[group].items():
                assert float(shares.get(key, Fraction(0))) == pytest.approx(answer["conversions"], abs=1e-9)
                assert float(exact.get(key, Fraction(0))) == pytest.approx(answer["revenue"], abs=1e-9)
            assert sum(shares.values()) == answers["totals"]["attributed_conversions"]


@pytest.mark.parametrize(
    ("granularity", "zone", "rate"),
    [("instant", "UTC", "0.90"), ("instant", "Europe/Berlin", "0.80"), ("day", "Europe/Berlin", "0.80"), ("day", "UTC", "0.90")],
)
def test_the_day_of_a_rate_is_read_in_the_zone_of_the_policy(granularity: str, zone: str, rate: str) -> None:
    """AD-20: half past midnight in Berlin is the first of April there, whatever else is compared."""
    plain: Any = PLAYBOOK["attribution"]
    rules = attribution.compile(
        AttributionDocument.model_validate({**plain, "journeys": {**plain["journeys"], "granularity": granularity, "zone": zone}})
    )
    closed = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    sold = Opportunity(id="D", opened_at=closed, closed_at=closed, won=True, amount=Money.of(100, "USD"))
    rates = [ExchangeRate("USD", "EUR", date(2026, month, 1), Fraction(units)) for month, units in ((3, "0.90"), (4, "0.80"))]
    table = ExchangeTable("EUR", tuple(rates))
    found = attribution.credit(rules, journeys.prepare(rules.journeys, sold, []), exchange=table)
    assert found.rate is not None
    assert found.rate.rate == Fraction(rate)


def test_an_account_is_known_by_its_domain_though_no_lead_has_it() -> None:
    """AD-12: where the policy matches by domain."""
    engine = Engine(changed(Policy(), {"attribution.journeys.people.match_domains": True}))
    click = touch("t", OPENED, contact_id="ana")
    ana = Contact(id="ana", emails=("ana@acme.example",))
    known = [Account(id="acme", domain="acme.example")]
    found = [next(engine.credit([deal(account_id="acme")], [click], contacts=[ana], accounts=accounts)) for accounts in (known, [])]
    assert [str(one.unattributed) for one in found] == ["EUR 0.00", "EUR 95000.00"]
