"""Self-reports: what people say brought them, beside what the software says."""

import csv
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inbound_engine import attribution, journeys, selfreports
from inbound_engine.attribution import AttributionDocument, Credit
from inbound_engine.documents import changed
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.money import Money
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.proportions import Rate
from inbound_engine.selfreports import NONE, UNCLASSIFIED, UNUSABLE, Answer, Blended, Cell, SelfReportsDocument
from tests.places import DATA, needs_data

RULES = selfreports.compile(SelfReportsDocument.model_validate(PLAYBOOK["self_reports"]))
CREDIT = attribution.compile(AttributionDocument.model_validate(PLAYBOOK["attribution"]))
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "means", "rule"),
    [
        ("A friend told me", "word_of_mouth", "word_of_mouth"),
        ("Word-of-Mouth!", "word_of_mouth", "word_of_mouth"),
        ("heard you on a PODCAST", "podcast", "podcast"),
        ("podcasting", UNCLASSIFIED, None),
        ("our research", UNCLASSIFIED, None),
        ("online search", "search", "search"),
        ("Google", "search", "search"),
        ("ChatGPT, then Google", "ai_assistant", "ai"),
        ("LinkedIn ad", "social", "social"),
        ("Select", UNUSABLE, "placeholder"),
        ("  select ", UNUSABLE, "placeholder"),
        ("N/A", UNUSABLE, "placeholder"),
        ("Other", UNUSABLE, "placeholder"),
        ("some other vendor", UNCLASSIFIED, None),
        ("", UNUSABLE, ""),
        (" \t- ", UNUSABLE, ""),
        (None, UNUSABLE, ""),
    ],
)
def test_answers_are_classified_by_the_first_rule_that_knows_them(text: str | None, means: str, rule: str | None) -> None:
    """AD-27: by whole words, without case or punctuation."""
    decision = selfreports.classify(RULES, text)
    assert decision.value == means
    path = {None: "self_reports.rules", "": "self_reports"}.get(rule, f"self_reports.rules[{rule}]")
    assert decision.because[0].rule == path
    assert "(personal)" in repr(decision.because[0])


def credit(id: str, *channels: str | None, won: bool = True, minor: int = 10_000, currency: str = "EUR") -> Credit:  # noqa: A002
    deal = Opportunity(id=id, opened_at=AT, closed_at=AT, won=won, amount=Money(minor, currency))
    touches = [
        Activity(id=f"{id}-{number}", kind="visit", at=AT - (9 - number) * DAY, channel=channel) for number, channel in enumerate(channels)
    ]
    return attribution.credit(CREDIT, journeys.prepare(CREDIT.journeys, deal, touches), "linear")


def answer(deal: str, text: str | None, where: str = "form", at: datetime | None = None) -> Answer:
    return Answer(opportunity_id=deal, text=text, where=where, at=at)


CREDITS = [
    credit("D-1", "google"),
    credit("D-2", "Direct Traffic", minor=3_000),
    credit("D-3", "email", "google", "google", minor=700),
    credit("D-4", minor=40),
    credit("D-5", "radio", minor=5),
    credit("D-6", None, minor=6),
    credit("D-7", "google", won=False),
]
ANSWERS = [
    answer("D-1", "Google"),
    answer("D-2", "Select"),
    answer("D-2", "a colleague", where="call"),
    answer("D-3", "podcast"),
    answer("D-4", "Select"),
    answer("D-5", "a zebra"),
    answer("D-9", "nobody’s"),
]


def test_both_sides_stand_beside_each_other() -> None:
    """AT-5: the channel that earned most speaks for the software; every answer is kept with where it was given."""
    found = selfreports.compare(RULES, CREDITS, ANSWERS)
    assert [(deal.opportunity, deal.said, deal.software) for deal in found] == [
        ("D-1", "search", "search"),
        ("D-2", "word_of_mouth", "direct"),
        ("D-3", "podcast", "search"),
        ("D-4", UNUSABLE, NONE),
        ("D-5", UNCLASSIFIED, UNCLASSIFIED),
        ("D-6", UNUSABLE, UNCLASSIFIED),
        ("D-7", UNUSABLE, "search"),
    ]
    assert found[1].answers == (ANSWERS[2], ANSWERS[1])
    assert (found[1].rule, found[3].rule) == ("self_reports.rules[word_of_mouth]", "self_reports")
    with pytest.raises(FactError, match="'D-1' twice"):
        selfreports.compare(RULES, [CREDITS[0], CREDITS[0]], [])


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([answer("D-1", "podcast"), answer("D-1", "google", "call")], "search"),
        ([answer("D-1", "podcast"), answer("D-1", "Select", "call")], "podcast"),
        ([answer("D-1", "podcast", at=AT), answer("D-1", "google", at=AT - DAY)], "search"),
        ([answer("D-1", "podcast", at=AT), answer("D-1", "google")], "podcast"),
        ([answer("D-1", "podcast", "chat"), answer("D-1", "google")], "search"),
        ([answer("D-1", "a zebra", "call"), answer("D-1", "google")], UNCLASSIFIED),
    ],
)
def test_which_of_several_answers_counts(answers: list[Answer], said: str) -> None:
    """The first place of the policy that has a usable one, then the earlier."""
    for given in (answers, answers[::-1]):
        assert selfreports.compare(RULES, [CREDITS[0]], given)[0].said == said


def test_the_matrix_counts_agreement_and_the_dark_funnel() -> None:
    """AD-27: exactly."""
    matrix = selfreports.matrix(RULES, selfreports.compare(RULES, CREDITS, ANSWERS))
    assert matrix is not None
    assert matrix.agreement == Rate(1, 3)
    assert matrix.usable == Rate(4, 6)
    assert (matrix.dark.minor, matrix.answered.minor, matrix.sourceless.minor, matrix.whole.minor) == (3_700, 13_705, 13_740, 13_751)
    assert (matrix.dark_share, matrix.sourceless_share) == (Fraction(740, 2_741), Fraction(13_740, 13_751))
    assert matrix.cell("podcast", "search") == Cell("podcast", "search", 1, Money(700, "EUR"))
    assert matrix.cell("podcast", "email") == Cell("podcast", "email", 0, Money(0, "EUR"))
    lines = str(matrix).splitlines()
    assert lines[0] == "| said | direct | none | search | unclassified |"
    assert lines[2] == "| podcast | 0 | 0 | 1 | 0 |"
    assert lines[-1] == "Agreement: 1 of 3, 33.3 %. Dark: EUR 37.00 of EUR 137.05."
    assert "<td>podcast</td>" in matrix._repr_html_()
    lost = selfreports.matrix(RULES, selfreports.compare(RULES, CREDITS, ANSWERS), "lost")
    assert lost is not None
    assert (lost.dark_share, lost.agreement, lost.sourceless_share) == (None, Rate(0, 0), Fraction(1))
    nothing = selfreports.matrix(RULES, selfreports.compare(RULES, [credit("D-1", minor=0)], []))
    assert nothing is not None
    assert nothing.sourceless_share is None
    assert selfreports.matrix(RULES, []) is None
    with pytest.raises(FactError, match=r"deals\[D-8\]: saw EUR and USD"):
        selfreports.matrix(RULES, selfreports.compare(RULES, [CREDITS[0], credit("D-8", currency="USD")], []))


@pytest.mark.parametrize(
    ("percent", "said", "expected"),
    [
        (0, "podcast", [("software", "email", 50), ("software", "google", 50)]),
        (40, "podcast", [("self_reported", "podcast", 40), ("software", "email", 30), ("software", "google", 30)]),
        ("33.3", "podcast", [("self_reported", "podcast", 33), ("software", "email", 34), ("software", "google", 33)]),
        (100, "podcast", [("self_reported", "podcast", 100)]),
        (40, UNUSABLE, [("software", "email", 50), ("software", "google", 50)]),
        (40, UNCLASSIFIED, [("software", "email", 50), ("software", "google", 50)]),
    ],
)
def test_a_blend_has_an_explicit_weight_and_adds_up(percent: int | str, said: str, expected: list[tuple[str, str, int]]) -> None:
    """AD-27: the credit itself stays what it is."""
    rules = selfreports.compile(changed(RULES.document, {"blend_percent": percent}))
    one = credit("D-1", "email", "google", minor=100)
    assert selfreports.blend(rules, one, said) == tuple(Blended(origin, key, Money(minor, "EUR")) for origin, key, minor in expected)
    assert one.minor == (50, 50)


def test_a_blend_of_an_unattributed_deal_keeps_what_nobody_earned() -> None:
    rules = selfreports.compile(changed(RULES.document, {"blend_percent": 50}))
    blended = selfreports.blend(rules, credit("D-1", minor=-3), "podcast")
    assert blended == (Blended("self_reported", "podcast", Money(-2, "EUR")), Blended("software", None, Money(-1, "EUR")))


def test_an_answer_never_shows_its_text() -> None:
    berlin = answer("D-1", "my cousin Ana", at=datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("Europe/Berlin")))
    assert berlin.at == AT
    assert "Ana" not in repr(berlin)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"rules": [{"id": "x", "means": "y"}]}, r"rules\[x\].contains: saw nothing"),
        ({"rules": [{"id": "x", "means": "y", "contains": ["ok", "--"]}]}, r"rules\[x\].contains\[1\]"),
        (
            {"software": [{"id": "a", "means": "y", "channels": ["X"]}, {"id": "b", "means": "z", "channels": ["x "]}]},
            r"software\[b\].channels",
        ),
        ({"dark": ["podcast"]}, r"dark\[0\]: saw 'podcast'"),
        ({"hidden_behind": ["none", "direct"]}, r"hidden_behind\[1\]: saw 'direct', expected one of none"),
        ({"blend_percent": 101}, "blend_percent"),
    ],
)
def test_self_reports_that_make_no_sense_are_refused(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(PolicyError, match=path):
        SelfReportsDocument.model_validate(fields)


@needs_data
def test_real_answers_are_mostly_placeholders() -> None:
    """AD-27: of 9,240 leads 5,043 left the default; counted with the shipped rules."""
    with (DATA / "xeducation_leads" / "Leads.csv").open(encoding="utf-8-sig", newline="") as file:
        texts = [row["How did you hear about X Education"] for row in csv.DictReader(file)]
    found = [selfreports.classify(RULES, text).value for text in texts]
    assert len(found) == 9_240
    assert sum(text == "Select" for text in texts) == 5_043
    counts = {means: found.count(means) for means in sorted(set(found))}
    by_text = {text: texts.count(text) for text in set(texts)}
    blanks = by_text.get("", 0) + by_text["Select"] + by_text["Other"]
    assert counts[UNUSABLE] == blanks
    assert counts["search"] == by_text["Online Search"]
    assert counts["word_of_mouth"] == by_text["Word Of Mouth"]


def test_the_software_says_the_largest_share_whatever_the_amount() -> None:
    """AD-18: of a deal of nothing the shares count too. AD-17: a leftover cent that is spread tells nobody apart."""
    free = credit("free", "email", "google", "google", minor=0)
    [found] = selfreports.compare(RULES, [free], [answer("free", None)])
    assert (found.said, found.software) == (UNUSABLE, "search")
    spread = attribution.compile(AttributionDocument.model_validate(PLAYBOOK["attribution"] | {"leftover": "spread"}))  # type: ignore[operator]
    touches = [Activity(id=name, kind="visit", at=AT, channel=name) for name in ("email", "google")]
    deals = [Opportunity(id=f"D-{number}", opened_at=AT, closed_at=AT, won=True, amount=Money(1, "EUR")) for number in range(20)]
    made = [attribution.credit(spread, journeys.prepare(spread.journeys, deal, touches), "linear") for deal in deals]
    assert {one.minor for one in made} == {(1, 0), (0, 1)}
    assert {one.software for one in selfreports.compare(RULES, made, [])} == {"email"}
