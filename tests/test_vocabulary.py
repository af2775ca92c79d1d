"""Which facts a rule may name, how each is read, and whom to believe."""

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from inbound_engine import vocabulary
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import ACTIVITY_KINDS, COUNTRIES, Account, Extra, ExtraValue, Lead, Observation
from inbound_engine.money import Money
from inbound_engine.policy import Policy
from inbound_engine.vocabulary import (
    DeclaredFact,
    FactsDocument,
    Precedence,
    UnknownValues,
    View,
    Vocabulary,
    can_be_asked,
    settled,
    with_fact,
)

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

DOCUMENT = FactsDocument(
    declared=(
        DeclaredFact(id="plan", kind="text", values=("free", "pro"), label="Plan"),
        DeclaredFact(id="plans", kind="texts", values=("free", "pro")),
        DeclaredFact(id="pain", kind="text", personal=True),
        DeclaredFact(id="seats", kind="integer"),
        DeclaredFact(id="rate", kind="decimal"),
        DeclaredFact(id="vip", kind="boolean"),
        DeclaredFact(id="seen_at", kind="instant"),
        DeclaredFact(id="budget", kind="money"),
        DeclaredFact(id="health", kind="integer", of="account"),
        DeclaredFact(id="segment", kind="text", of="account"),
    ),
    unknown=(
        UnknownValues(fact="industry", values=("Select", "-")),
        UnknownValues(fact="plan", values=("Select",)),
        UnknownValues(fact="technologies", values=("Select", "-")),
    ),
    precedence=(Precedence(fact="industry", sources=("self_reported", "form", "enrichment")),),
    activity_kinds=("quiz",),
)
WORDS = vocabulary.compile(DOCUMENT, [("selection", "decimal"), ("tier", "text")], ["pricing"])


def _seen(name: str, lead: Lead, at: datetime = NINE) -> object:
    return WORDS.word(name).read(View(lead, at))


# --------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("name", "lead", "value"),
    [
        ("title", Lead(id="L", title="CEO"), "CEO"),
        ("title", Lead(id="L"), None),
        ("id", Lead(id="L"), "L"),
        ("account_name", Lead(id="L", name="Ana", account=Account(id="a", name="Acme")), "Acme"),
        ("name", Lead(id="L", name="Ana", account=Account(id="a", name="Acme")), "Ana"),
        ("employees", Lead(id="L", account=Account(id="a", employees=0)), 0),
        ("employees", Lead(id="L"), None),
        ("email_domain", Lead(id="L", email="ana@Acme.Example"), "acme.example"),
        ("email_domain", Lead(id="L"), None),
        ("country", Lead(id="L", country="DE", account=Account(id="a", country="AT")), "DE"),
        ("country", Lead(id="L", account=Account(id="a", country="AT")), "AT"),
        ("region", Lead(id="L", account=Account(id="a", region="BY")), "BY"),
        ("suppressed", Lead(id="L"), frozenset()),
        ("created_at", Lead(id="L", created_at=NINE), NINE),
        ("created_at", Lead(id="L", created_at=NINE + MICROSECOND), None),
        ("created_at", Lead(id="L"), None),
        ("industry", Lead(id="L", account=Account(id="a", industry="Select")), None),
        ("industry", Lead(id="L", account=Account(id="a", industry="select")), "select"),
        ("industry", Lead(id="L"), None),
        ("technologies", Lead(id="L", account=Account(id="a", technologies=frozenset({"Select", "a"}))), frozenset({"a"})),
        ("technologies", Lead(id="L", account=Account(id="a", technologies=frozenset({"Select", "-"}))), None),
        ("technologies", Lead(id="L", account=Account(id="a", technologies=frozenset())), frozenset()),
        ("plan", Lead(id="L", extra={"plan": "pro"}), "pro"),
        ("plan", Lead(id="L", extra={"plan": "Select"}), None),
        ("plan", Lead(id="L", account=Account(id="a", extra={"segment": "x"})), None),
        ("plans", Lead(id="L", extra={"plans": {"pro", "free"}}), frozenset({"free", "pro"})),
        ("seats", Lead(id="L", extra={"seats": 3}), 3),
        ("rate", Lead(id="L", extra={"rate": 3}), 3),
        ("rate", Lead(id="L", extra={"rate": Decimal("0.1")}), Decimal("0.1")),
        ("vip", Lead(id="L", extra={"vip": False}), False),
        ("seen_at", Lead(id="L", extra={"seen_at": NINE}), NINE),
        ("budget", Lead(id="L", extra={"budget": Money(5, "EUR")}), Money(5, "EUR")),
        ("health", Lead(id="L", account=Account(id="a", extra={"health": 3})), 3),
        ("health", Lead(id="L"), None),
        ("selection", Lead(id="L"), None),
    ],
)
def test_a_fact_is_read_where_it_is_kept(name: str, lead: Lead, value: object) -> None:
    """FD-2, FD-6, SC-7: what is dated later, or means unknown, is unknown."""
    assert _seen(name, lead) == value


def test_a_score_is_read_from_what_was_computed_before() -> None:
    computed: dict[str, ExtraValue] = {"selection": 70, "tier": "T1"}
    view = View(Lead(id="L"), NINE, derived=lambda name: computed[name])
    assert WORDS.word("selection").read(view) == 70
    assert WORDS.word("tier").read(view) == "T1"


@pytest.mark.parametrize(
    ("name", "lead", "message"),
    [
        (
            "seats",
            Lead(id="L", extra={"seats": "3"}),
            "lead.extra.seats: saw '3', expected a value of kind integer. That is how the policy",
        ),
        ("seats", Lead(id="L", extra={"seats": True}), "lead.extra.seats: saw true, expected a value of kind integer."),
        ("vip", Lead(id="L", extra={"vip": 1}), "lead.extra.vip: saw 1, expected a value of kind boolean."),
        ("rate", Lead(id="L", extra={"rate": False}), "lead.extra.rate: saw false, expected a value of kind decimal."),
        ("health", Lead(id="L", account=Account(id="a", extra={"health": "3"})), "account.extra.health: saw '3', expected a value of kind"),
        ("plan", Lead(id="L", extra={"plan": "gold"}), "lead.extra.plan: saw 'gold', expected one of free, pro."),
        ("plan", Lead(id="L", extra={"plan": "prp"}), "lead.extra.plan: saw 'prp', expected one of free, pro. Did you mean \"pro\"?"),
        ("plans", Lead(id="L", extra={"plans": {"pro", "gold"}}), "lead.extra.plans: saw 'gold', expected one of free, pro."),
    ],
)
def test_a_fact_is_held_to_its_kind_and_to_its_choice(name: str, lead: Lead, message: str) -> None:
    with pytest.raises(FactError) as refused:
        _seen(name, lead)
    assert str(refused.value).startswith(message)


def test_a_word_says_its_kind_its_label_and_whether_it_is_personal() -> None:
    assert (WORDS.word("plan").kind, WORDS.word("plan").label, WORDS.word("plan").values) == ("text", "Plan", frozenset({"free", "pro"}))
    assert WORDS.word("growth_stage").label == "growth stage"
    assert WORDS.word("country").values == COUNTRIES
    assert WORDS.personal == {"name", "email", "title", "self_reported", "pain"}
    assert WORDS.activity_kinds == {*ACTIVITY_KINDS, "quiz"}
    assert WORDS.touchpoints == frozenset({"pricing"})


def test_a_name_that_nobody_declared_is_refused_with_its_nearest() -> None:
    assert "tier" in WORDS
    assert "plan" in WORDS
    assert "employes" not in WORDS
    assert WORDS.problem("plan") is None
    with pytest.raises(PolicyError, match=r"when\.fact: saw no fact called 'employes', .*Did you mean \"employees\"\?"):
        WORDS.word("employes", "when.fact")
    assert str(WORDS.problem("zzzzz")).endswith("Declare it in facts.declared.")


@pytest.mark.parametrize(
    ("lead", "message"),
    [
        (Lead(id="L", extra={"plna": "pro"}), "lead.extra.plna: saw a fact that the policy does not declare, expected one of"),
        (Lead(id="L", extra={"health": 3}), "lead.extra.health: saw a fact that the policy does not declare"),
        (Lead(id="L", account=Account(id="a", extra={"zzz": "x"})), "account.extra.zzz: saw a fact that the policy does not declare"),
    ],
)
def test_an_extra_that_the_policy_does_not_declare_is_refused(lead: Lead, message: str) -> None:
    """FD-6: a misspelt name must not be a silent unknown."""
    with pytest.raises(FactError) as refused:
        WORDS.refuse_undeclared(lead)
    assert str(refused.value).startswith(message)


def test_extras_that_the_policy_declares_are_taken() -> None:
    WORDS.refuse_undeclared(Lead(id="L", extra={"plan": "pro"}))
    WORDS.refuse_undeclared(Lead(id="L", account=Account(id="a", extra={"health": 3})))


def test_a_vocabulary_pickles_and_copies_by_its_document() -> None:
    for twin in (pickle.loads(pickle.dumps(WORDS)), copy.deepcopy(WORDS)):  # noqa: S301 - our own bytes
        assert isinstance(twin, Vocabulary)
        assert twin.document == DOCUMENT
        assert twin.touchpoints == frozenset({"pricing"})
        assert twin.word("selection").kind == "decimal"


# ------------------------------------------------------------------------------------------------------------- declaring


@pytest.mark.parametrize(
    ("make", "problems"),
    [
        (
            lambda: DeclaredFact(id="seats", kind="integer", values=("1",)),
            ["values: saw values for a fact of kind integer, expected values only for text and texts. Remove them."],
        ),
        (
            lambda: DeclaredFact(id="industry", kind="text"),
            ["id: saw the name of a built-in fact, 'industry', expected a name of its own. Rename it."],
        ),
        (
            lambda: FactsDocument(unknown=(UnknownValues(fact="employees", values=("Select",)),)),
            ["unknown[employees].fact: saw employees, a fact of kind integer, expected a fact of kind text or texts."],
        ),
        (
            lambda: FactsDocument(precedence=(Precedence(fact="owner", sources=("form",)),)),
            ["precedence[owner].fact: saw owner, which no source observes, expected one of account_name, annual_revenue, country,"],
        ),
        (
            lambda: FactsDocument(declared=(DeclaredFact(id="a", kind="text"), DeclaredFact(id="a", kind="integer"))),
            ["declared[a]: saw 'a' twice, expected ids that differ. Rename one of them."],
        ),
        (
            lambda: Policy.model_validate({"facts": {"declared": [{"id": "selection", "kind": "integer"}]}}),
            ["facts.declared[selection].id: saw the name of a score, 'selection', expected a name of its own. Rename it."],
        ),
        (
            lambda: Policy.model_validate(
                {"facts": {"declared": [{"id": "plan", "kind": "txt"}], "unknown": [{"fact": "plan", "values": ["-"]}]}}
            ),
            ["facts.declared[plan].kind: saw 'txt', expected one of"],
        ),
        (
            lambda: Policy.model_validate({"facts": {"unknown": [{"fact": "industri", "values": ["-"]}]}}),
            ["facts.unknown[industri].fact: saw no fact called 'industri', expected one of"],
        ),
    ],
)
def test_what_cannot_be_declared_is_refused(make: Callable[[], object], problems: list[str]) -> None:
    with pytest.raises(PolicyError) as refused:
        make()
    told = [str(problem) for problem in refused.value.problems]
    for expected in problems:
        assert any(problem.startswith(expected) for problem in told), told


@pytest.mark.parametrize(
    "name",
    [
        "account",
        "account_id",
        "activities",
        "candidate_zones",
        "extra",
        "observations",
        "parent_id",
        "source_touch_id",
        "zone",
        "account_name",
    ],
)
def test_no_fact_may_be_declared_under_a_name_that_records_use_for_something_else(name: str) -> None:
    """Intake would never find it there."""
    with pytest.raises(PolicyError, match="the name of a built-in fact"):
        DeclaredFact(id=name, kind="text")


def test_names_are_held_to_a_policy_only_within_one() -> None:
    assert UnknownValues(fact="anything", values=("-",)).fact == "anything"
    with pytest.raises(PolicyError, match=r"touchpoints\[a\]\.kinds\[0\]: saw 'visitt', .* Did you mean \"visit\"\?"):
        Policy.model_validate({"touchpoints": [{"id": "a", "stage": "selection", "kinds": ["visitt"]}]})
    with pytest.raises(PolicyError, match=r"touchpoints\[a\]\.kinds\[0\]: saw 'zzz', .* Declare it in facts\.activity_kinds\."):
        Policy.model_validate({"touchpoints": [{"id": "a", "stage": "selection", "kinds": ["zzz"]}]})


# ---------------------------------------------------------------------------------------------------- one more fact known


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("title", "CEO", Lead(id="L", title="CEO")),
        ("country", "AT", Lead(id="L", country="AT")),
        ("employees", 9, Lead(id="L", account=Account(id="-", employees=9))),
        ("account_name", "Acme", Lead(id="L", account=Account(id="-", name="Acme"))),
        ("technologies", ["a"], Lead(id="L", account=Account(id="-", technologies=frozenset({"a"})))),
        ("plan", "pro", Lead(id="L", extra={"plan": "pro"})),
        ("health", 3, Lead(id="L", account=Account(id="-", extra={"health": 3}))),
    ],
)
def test_one_more_fact_is_noted_where_it_is_kept(name: str, value: object, expected: Lead) -> None:
    assert can_be_asked(WORDS, name)
    assert with_fact(Lead(id="L"), WORDS, name, value) == expected


def test_one_more_fact_leaves_the_others_as_they_are() -> None:
    lead = Lead(id="L", title="CEO", extra={"seats": 3}, account=Account(id="acme", industry="saas", extra={"segment": "x"}))
    known = with_fact(with_fact(lead, WORDS, "plan", "pro"), WORDS, "health", 3)
    assert known.extra == Extra.of({"seats": 3, "plan": "pro"})
    assert known.account == Account(id="acme", industry="saas", extra={"segment": "x", "health": 3})


@pytest.mark.parametrize("name", ["id", "owner", "tier", "email_domain", "zzz", "created_at"])
def test_what_nobody_could_say_cannot_be_noted(name: str) -> None:
    assert not can_be_asked(WORDS, name)
    with pytest.raises(FactError, match=f"^fact: saw no fact called '{name}'"):
        with_fact(Lead(id="L"), WORDS, name, "x")


def test_an_answer_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(FactError, match=r"^account\.employees: saw 'many', expected a whole number"):
        with_fact(Lead(id="L"), WORDS, "employees", "many")


# --------------------------------------------------------------------------------------------------- what the sources say


def _industry(*said: tuple[ExtraValue, str, datetime | None], recorded: str | None = None) -> object:
    """What is known of the industry when these observations were made: value, source, instant."""
    seen = tuple(Observation("industry", value, source, at) for value, source, at in said)
    accounts = [
        settled(Lead(id="L", account=Account(id="a", industry=recorded), observations=order), WORDS, NINE).account
        for order in (seen, tuple(reversed(seen)))
    ]
    assert accounts[0] == accounts[1]
    assert accounts[0] is not None
    return accounts[0].industry


EARLIER = NINE - MICROSECOND


@pytest.mark.parametrize(
    ("said", "recorded", "believed"),
    [
        ([("saas", "enrichment", None)], None, "saas"),
        ([("saas", "self_reported", None)], "media", "media"),
        ([("saas", "enrichment", NINE)], "Select", "saas"),
        ([("Select", "self_reported", NINE), ("saas", "enrichment", None)], None, "saas"),
        ([("Select", "self_reported", NINE)], None, None),
        ([("saas", "enrichment", NINE), ("media", "form", None)], None, "media"),
        ([("saas", "form", NINE), ("media", "self_reported", EARLIER)], None, "media"),
        ([("saas", "form", EARLIER), ("media", "form", NINE)], None, "media"),
        ([("saas", "form", None), ("media", "form", EARLIER)], None, "media"),
        ([("saas", "form", NINE), ("media", "form", NINE)], None, "media"),
        ([("saas", "news", NINE), ("media", "intent", EARLIER)], None, "media"),
        ([("saas", "news", None), ("media", "enrichment", None)], None, "media"),
        ([("saas", "self_reported", NINE + MICROSECOND), ("media", "news", NINE)], None, "media"),
        ([("saas", "self_reported", NINE + MICROSECOND)], None, None),
    ],
)
def test_the_record_is_believed_first_then_the_sources_as_the_policy_ranks_them(
    said: list[tuple[ExtraValue, str, datetime | None]], recorded: str | None, believed: str | None
) -> None:
    """SC-8, FD-2: then by name, then the newer, then the smaller value; what is dated later is not known yet."""
    assert _industry(*said, recorded=recorded) == believed


def test_what_the_account_says_of_the_country_is_believed_before_any_source() -> None:
    """SC-8: the fact is the lead's where known, else the account's."""
    said = (Observation("country", "US", "enrichment"), Observation("technologies", frozenset({"a"}), "news"))
    lead = settled(Lead(id="L", account=Account(id="a", country="AT", technologies=frozenset({"-"})), observations=said), WORDS, NINE)
    assert lead == Lead(id="L", account=Account(id="a", country="AT", technologies=frozenset({"a"})))


def test_observations_of_different_facts_settle_side_by_side() -> None:
    said = (Observation("plan", "pro", "chat"), Observation("health", 3, "crm"), Observation("title", "CEO", "form"))
    assert settled(Lead(id="L", observations=said), WORDS, NINE) == Lead(
        id="L", title="CEO", extra={"plan": "pro"}, account=Account(id="-", extra={"health": 3})
    )
    untouched = Lead(id="L")
    assert settled(untouched, WORDS, NINE) is untouched


@pytest.mark.parametrize(
    ("seen", "message"),
    [
        (Observation("employees", "many", "form"), "lead.observations[employees]: saw 'many', expected a whole number"),
        (Observation("zzz", "x", "form"), "lead.observations[zzz]: saw no fact called 'zzz'"),
        (Observation("id", "x", "form"), "lead.observations[id]: saw no fact called 'id'"),
    ],
)
def test_an_observation_that_cannot_be_noted_is_refused(seen: Observation, message: str) -> None:
    with pytest.raises(FactError) as refused:
        settled(Lead(id="L", observations=(seen,)), WORDS, NINE)
    assert str(refused.value).startswith(message)
