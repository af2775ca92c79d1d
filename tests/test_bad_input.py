"""Bad input: each a clear error of ours or a correct answer, quickly; never another exception, never a hang."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbound_engine.conditions import parse
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError, InboundError, PolicyError
from inbound_engine.facts import Account, Activity, Extra, Lead
from inbound_engine.linting import lint
from inbound_engine.policy import Policy
from tests.policies import ALWAYS, small
from tests.work import at_most

AT = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
ENGINE = Engine(Policy())
SHIPPED: dict[str, Any] = Policy().model_dump(mode="json")
WEIGHTS = "scoring.matrices[selection].weights"


def refused(data: object) -> str:
    """What is said of data that is no policy, in no time."""
    with at_most(500_000), pytest.raises(PolicyError) as raised:
        Policy.model_validate(data)
    return str(raised.value)


# Numbers.


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), float("-inf"), 33.333, 25.0, True, "25%", "1e3", "٢٥", "25 ", "", "1/0", None, [], {}, 10**40]
)
@pytest.mark.parametrize(
    "path", [f"{WEIGHTS}[role].weight", "scoring.matrices[selection].scale", "tiers.rows[T1].thresholds[selection].at_least"]
)
def test_an_exact_number_of_a_policy_is_a_whole_number_or_exact_text(path: str, value: object) -> None:
    """FD-3."""
    with pytest.raises(PolicyError) as raised:
        changed(Policy(), {path: value})
    assert path in str(raised.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 3.0, True, "3", None, 10**40, -(10**40)])
@pytest.mark.parametrize("path", ["scoring.criteria[company_size].grader.rows[0].grade", "scoring.matrices[engagement].rows[visit].points"])
def test_a_whole_number_of_a_policy_is_one(path: str, value: object) -> None:
    with pytest.raises(PolicyError) as raised:
        changed(Policy(), {path: value})
    assert path in str(raised.value)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        pytest.param([0, 100], None, id="a weight of 0 counts nothing"),
        pytest.param([-10, 110], "saw -10, expected zero or more", id="a negative weight"),
        pytest.param([33.333, 66.667], 'Write it as text: "33.333".', id="a weight of 33.333"),
        pytest.param(["33.333", "66.667"], None, id="the same as exact text"),
        pytest.param(
            ["33.333", "66.666"], "saw weights that add up to 99.999, expected 100. They are 0.001 short.", id="text that falls short"
        ),
        pytest.param(["100/3", "200/3"], None, id="thirds"),
        pytest.param([], "at least 1 row(s)", id="an empty matrix"),
    ],
)
def test_weights_add_up_to_exactly_100(weights: list[Any], said: str | None) -> None:
    """SC-6."""
    names = ["industry", "role"]
    rows = [{"criterion": name, "weight": weight} for name, weight in zip(names, weights, strict=False)]
    if said is None:
        policy = changed(Policy(), {WEIGHTS: rows})
        perfect = Lead(id="L-1", title="CEO", account=Account(id="a", industry="saas"))
        assert Engine(policy).assess(perfect, at=AT).selection.points == 100
    else:
        with pytest.raises(PolicyError) as raised:
            changed(Policy(), {WEIGHTS: rows})
        assert said in str(raised.value)


def test_what_stands_twice_is_refused() -> None:
    criteria = SHIPPED["scoring"]["criteria"]
    assert "saw 'role' twice, expected ids that differ" in refused(
        {"scoring": {**SHIPPED["scoring"], "criteria": [*criteria, criteria[5]]}}
    )
    with pytest.raises(PolicyError, match="'role' twice"):
        changed(Policy(), {WEIGHTS: [{"criterion": "role", "weight": 50}, {"criterion": "role", "weight": 50}]})
    assert "the same key twice" in refused_text('{"name": "a", "name": "b"}')


def refused_text(text: str | bytes) -> str:
    with at_most(10_000), pytest.raises(PolicyError) as raised:
        Policy.model_validate_json(text)
    return str(raised.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Lead(id="L-1", account=Account(id="a", employees=True)),
        lambda: Lead(id="L-1", account=Account(id="a", employees="240")),  # type: ignore[arg-type]  # to be refused
        lambda: Lead(id="L-1", account=Account(id="a", employees=float("nan"))),  # type: ignore[arg-type]  # to be refused
        lambda: Lead(id="L-1", extra=Extra.of({"predictive_score": float("inf")})),
        lambda: Lead(id="L-1", extra=Extra.of({"predictive_score": 0.5})),
        lambda: Lead(id="L-1", created_at=datetime(2026, 3, 2)),  # noqa: DTZ001 - to be refused
        lambda: Activity(id="a", kind="visit", at=datetime(2026, 3, 2)),  # noqa: DTZ001 - to be refused
        lambda: Lead(id="L-1", zone="Europe/Atlantis"),
        lambda: Lead(id="L-1", zone="../../etc/passwd"),
        lambda: ENGINE.assess(Lead(id="L-1"), at=datetime(2026, 3, 2)),  # noqa: DTZ001 - to be refused
        lambda: ENGINE.read({"id": "L-1", "employees": True}),
        lambda: ENGINE.read({"id": "L-1", "employees": float("nan")}),
        lambda: ENGINE.read({"id": "L-1", "employees": "many"}),
        lambda: ENGINE.read({"id": "L-1", "employees": "9" * 100_000}),
        lambda: ENGINE.read({"id": "L-1", "zone": "Mars/Olympus"}),
        lambda: ENGINE.read({"id": "L-1", "created_at": "2026-03-02T09:00:00"}),
        lambda: ENGINE.read({"id": "L-1", "cоuntry": "DE"}),
        lambda: ENGINE.read({"id": "L-1", "annual_revenue": "EUR NaN"}),
    ],
)
def test_a_fact_that_cannot_be_is_refused(make: Callable[[], object]) -> None:
    """FD-2, FD-3."""
    with at_most(10_000), pytest.raises(FactError) as raised:
        make()
    assert raised.value.problem.path
    assert len(str(raised.value)) < 2_000


def test_numbers_as_text_are_read_from_records() -> None:
    """A file of text has nothing else."""
    assert ENGINE.assess(ENGINE.read({"id": "L-1", "employees": "240"}), at=AT).selection.points == 25


# Names and text.


def test_a_look_alike_in_a_key_is_named() -> None:
    assert "with U+043E CYRILLIC SMALL LETTER O" in refused({"nоme": "Ours"})
    assert "with U+0435 CYRILLIC SMALL LETTER IE" in refused({"scoring": {**SHIPPED["scoring"], "choicе": "best"}})


def test_unknown_facts_are_named_with_the_nearest() -> None:
    with pytest.raises(PolicyError) as raised:
        changed(Policy(), {"tiers.floors[high_intent].when": {"op": "known", "fact": "employes"}})
    assert 'Did you mean "employees"?' in str(raised.value)


def test_markup_in_names_stays_text() -> None:
    """Wherever a notebook shows it."""
    markup = '<img src=x onerror="alert(1)">'
    policy = changed(
        Policy(),
        {
            "name": markup,
            "tiers.rows[T1].label": markup,
            "scoring.criteria[industry].label": markup,
            "scoring.matrices[engagement].rows[visit].label": markup,
        },
    )
    lead = Lead(id=markup, account=Account(id=markup, name=markup, industry="saas"), activities=(Activity(id=markup, kind="visit", at=AT),))
    found = Engine(policy).assess(lead, at=AT)
    for shown in (policy._repr_html_(), found._repr_html_(), *(score._repr_html_() for score in found.scores.all)):
        assert "<img" not in shown
    assert markup in found.explain()


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "a" * 500, "", " a", "..", "[x]", "a.b[c]", "\u202eevil", "1" * 81])
def test_an_id_is_a_plain_name(name: str) -> None:
    with pytest.raises(PolicyError) as raised:
        changed(Policy(), {"scoring.criteria[role].id": name})
    assert all(line.isprintable() for line in str(raised.value).split("\n"))


# Depth and size.


def nested(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = dict(ALWAYS)
    for _ in range(depth):
        condition = {"op": "not", "of": condition}
    return condition


@pytest.mark.parametrize("depth", [41, 1_000, 10_000, 100_000])
def test_a_deep_condition_is_refused_before_anything_descends(depth: int) -> None:
    with at_most(10_000), pytest.raises(PolicyError, match="levels of nesting"):
        parse(nested(depth))
    with at_most(10_000), pytest.raises(PolicyError, match="levels of nesting"):
        Policy.model_validate({"tiers": {"rows": [], "floors": [{"id": "f", "tier": "T1", "when": nested(depth)}]}})


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 1_000 + "]" * 1_000])
def test_deep_text_is_refused(text: str) -> None:
    refused_text(text)


def test_a_condition_as_deep_as_may_be_is_answered() -> None:
    policy = small({"id": "fit", "score": "fit", "kind": "points", "rows": [{"id": "row", "points": 1, "when": nested(30)}]})
    with at_most(50_000):
        assert Engine(policy).assess(Lead(id="L-1"), at=AT).tier == "A"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"name": "x" * 10_000_000}, id="a name of 10 MB"),
        pytest.param({"x" * 10_000_000: 1}, id="a key of 10 MB"),
        pytest.param({"facts": {"declared": [{"id": f"f{number}"} for number in range(300_000)]}}, id="300,000 facts"),
        pytest.param({"facts": {"declared": [None] * 2_000_000}}, id="two million rows of nothing"),
        pytest.param({f"key{number}": 1 for number in range(90_000)}, id="90,000 keys"),
        pytest.param(
            {"scoring": {"matrices": [{"id": "m", "score": f"s{number}"} for number in range(15_000)]}},
            id="15,000 matrices, none of them sound",
        ),
    ],
)
def test_ten_megabytes_are_refused_in_no_time(data: dict[str, Any]) -> None:
    assert len(refused(data)) < 100_000


def test_text_of_ten_megabytes_is_refused_in_no_time() -> None:
    assert "at most 4000000" in refused_text(json.dumps({"name": "x" * 10_000_000}))
    assert "at most 4000000" in refused_text(b" " * 10_000_000)
    assert "JSON" in refused_text(b"\xff\xfe\x00")
    assert "JSON" in refused_text("NaN,")


def test_a_large_policy_is_read_compiled_and_asked() -> None:
    """About as large as may be: 3,000 rows of points."""
    rows = [{"id": f"r{number}", "points": 1, "when": {"op": "equals", "fact": "title", "value": f"t{number}"}} for number in range(3_000)]
    with at_most(20_000_000):
        policy = small({"id": "fit", "score": "fit", "kind": "points", "rows": rows})
        engine = Engine(policy)
        found = engine.assess(Lead(id="L-1", title="t2999"), at=AT)
        assert found.score("fit").points == 1
        assert found.next_tier is None
        assert engine.assess(Lead(id="L-1"), at=AT).question is not None
    assert len(policy.fingerprint) == 64


def test_a_large_lookup_is_linted_in_no_time() -> None:
    values = [f"v{number}" for number in range(38_000)]
    policy = changed(Policy(), {"scoring.criteria[industry].grader.rows": [{"grade": 3, "values": values}]})
    with at_most(1_000_000):
        assert lint(policy) == ()


# Activities.


def test_a_million_activities_are_one_lead() -> None:
    """SC-5: seven visits and more are grade 3, however many more."""
    visits = tuple(Activity(id=str(number), kind="visit", at=AT - timedelta(seconds=number)) for number in range(1_000_000))
    lead = Lead(id="L-1", activities=visits)
    with at_most(6_000_000):
        found = ENGINE.assess(lead, at=AT)
    assert found.urgency.points == 40  # 25 for the last seven days, 15 for seven visits and more
    assert found.engagement.points == 100


# Anything at all is one of ours.


@pytest.mark.parametrize(
    "data", [None, 0, 1.5, "policy", b"policy", [], [[]], (), set(), object(), Policy, lambda: None, {1: 2}, {None: None}, {("a",): 1}]
)
def test_what_is_no_table_is_no_policy(data: object) -> None:
    refused(data)


@pytest.mark.parametrize("text", ["", "null", "[]", "1", '"x"', "{", "{'name': 1}", '{"name": NaN}', '{"name": "\\ud800"}', "\ud800"])
def test_text_that_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(InboundError):
        Policy.model_validate_json(text)
