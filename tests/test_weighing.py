"""Weighing: how each kind of model shares a deal among its touches."""

import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine import journeys, weighing
from inbound_engine.attribution import AttributionDocument
from inbound_engine.errors import PolicyError
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.journeys import JourneyDocument, LeadCreation
from inbound_engine.weighing import NOBODY, LinearModel, MilestoneModel, Model, PositionModel, Share, TimeDecayModel, weigh

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def model(**fields: Any) -> weighing.CompiledModel:  # noqa: ANN401 - plain data of a document
    document = AttributionDocument.model_validate({"models": [{"id": "m", **fields}], "default": "m"})
    return weighing.compile(document.models[0], path="models[m]")


def milestones(percent: Mapping[str, int | str], missing: str = "redistribute") -> weighing.CompiledModel:
    shares = [{"id": name, "percent": share} for name, share in percent.items()]
    return model(kind="milestones", shares=shares, missing=missing, normalise=True)


def journey(*days: float, created: float | None = None, won: bool | None = True, granularity: str = "instant") -> journeys.Journey:
    """Touches so many days after the opportunity was opened; the lead was made at `created`, the deal won at 10."""
    rules = journeys.compile(JourneyDocument.model_validate({"granularity": granularity}))
    closed = OPENED + 10 * DAY
    deal = Opportunity(id="D-1", opened_at=OPENED, closed_at=closed if won is not None else None, won=won)
    touches = [Activity(id=f"t-{number}", kind="visit", at=OPENED + day * DAY) for number, day in enumerate(days)]
    lead = None if created is None else LeadCreation(OPENED + created * DAY)
    return journeys.prepare(rules, deal, touches, created=lead, at=None if won is not None else closed)


def shares(compiled: weighing.CompiledModel, found: journeys.Journey) -> dict[int, Fraction]:
    places, weights = weigh(compiled, found)
    assert all(weights)
    return {place: Fraction(weight, sum(weights)) for place, weight in zip(places, weights, strict=True)}


W: dict[str, int | str] = {"first": 30, "lead": 20, "opportunity": 30, "close": 20}
MARKET_W: dict[str, int | str] = {"first": 30, "lead": 30, "opportunity": 30, "middle": 10}
FULL: dict[str, int | str] = {"first": "22.5", "lead": "22.5", "opportunity": "22.5", "close": "22.5", "middle": 10}


@pytest.mark.parametrize(
    ("percent", "found", "expected"),
    [
        pytest.param(W, journey(-9, -5, -1, 9, created=-5), [30, 20, 30, 20], id="four milestones on four touches"),
        pytest.param(W, journey(-9, -5, -3, -1, 3, 9, created=-5), [30, 20, 0, 30, 0, 20], id="what lies between earns nothing"),
        pytest.param(W, journey(-9, created=-5), [100], id="one touch takes all"),
        pytest.param(W, journey(-9, -1, created=-9), [50, 50], id="first and lead on one, opportunity and close on the other"),
        pytest.param(W, journey(-9, 9, created=-5), [80, 20], id="three on the first"),
        pytest.param(W, journey(-9, -1, 9), ["37.5", "37.5", 25], id="without a lead the others have its share in proportion"),
        pytest.param(W, journey(3, 9), [60, 40], id="neither lead nor opportunity"),
        pytest.param(W, journey(-9, -5, -1, 9, created=-5, won=None), ["37.5", 25, "37.5", 0], id="an open deal has no close"),
        pytest.param(MARKET_W, journey(-9, -5, -3, -1, 3, created=-5), [30, 30, 5, 30, 5], id="the middle is what holds no milestone"),
        pytest.param(MARKET_W, journey(-9, -5, -1, created=-5), ["100/3"] * 3, id="without a middle its share goes to those found"),
        pytest.param(MARKET_W, journey(3, 5), [75, 25], id="the middle stays with first alone"),
        pytest.param(FULL, journey(-9, -5, -3, -1, 9, created=-5), ["22.5", "22.5", 10, "22.5", "22.5"], id="full path"),
        pytest.param({"lead": 50, "opportunity": 50}, journey(3, 5), [NOBODY], id="no milestone found is nobody’s"),
        pytest.param({"lead": 50, "middle": 50}, journey(3, 5), [50, 50], id="the middle takes all where no milestone is found"),
        pytest.param({"first": 1, "close": 0}, journey(3, 5), [100, 0], id="a share of nothing earns nothing"),
        pytest.param({"last": 1}, journey(-3, 3, won=None), [0, 100], id="last is there in an open deal too"),
    ],
)
def test_shares_by_milestone(percent: dict[str, int | str], found: journeys.Journey, expected: list[int | str]) -> None:
    """AD-6, AD-7, AD-22: expected in percent, by place."""
    wanted = {place: Fraction(share) / 100 for place, share in enumerate(expected) if share}
    assert shares(milestones(percent), found) == ({NOBODY: Fraction(1)} if expected == [NOBODY] else wanted)


@pytest.mark.parametrize(
    ("missing", "percent", "found", "expected"),
    [
        ("unattributed", W, journey(-9, -1, 9), {0: 30, 1: 30, 2: 20, NOBODY: 20}),
        ("unattributed", W, journey(3, 9), {0: 30, 1: 20, NOBODY: 50}),
        ("unattributed", MARKET_W, journey(-9, -3, -1, 3), {0: 30, 1: 5, 2: 30, 3: 5, NOBODY: 30}),
        ("unattributed", MARKET_W, journey(-9, -1), {0: 35, 1: 35, NOBODY: 30}),
        ("unattributed", MARKET_W, journey(-9, -1, created=-5), {0: "200/3", 1: "100/3"}),
        ("unattributed", {"lead": 50, "middle": 50}, journey(-9), {0: 50, NOBODY: 50}),
        ("unattributed", {"lead": 100}, journey(-9), {NOBODY: 100}),
        ("next", W, journey(-9, -1, 9), {0: 30, 1: 50, 2: 20}),
        ("next", W, journey(3, 9), {0: 30, 1: 70}),
        ("next", W, journey(-9, -1, won=None), {0: "37.5", 1: "62.5"}),
        ("next", {"lead": 100}, journey(-9), {NOBODY: 100}),
        ("next", MARKET_W, journey(-9, -1), {0: "100/3", 1: "200/3"}),
    ],
)
def test_a_missing_milestone_by_policy(
    missing: str, percent: dict[str, int | str], found: journeys.Journey, expected: dict[int, int | str]
) -> None:
    """AD-7: left to nobody, or joined to the next that is found; what none follows is redistributed."""
    assert shares(milestones(percent, missing), found) == {place: Fraction(share) / 100 for place, share in expected.items()}


@pytest.mark.parametrize(
    ("first", "middle", "last", "touches", "expected"),
    [
        (40, 20, 40, 1, [100]),
        (40, 20, 40, 2, [50, 50]),
        (40, 20, 40, 3, [40, 20, 40]),
        (40, 20, 40, 6, [40, 5, 5, 5, 5, 40]),
        (60, 30, 10, 2, ["600/7", "100/7"]),
        (0, 0, 100, 1, [100]),
        (0, 0, 100, 2, [0, 100]),
        (0, 0, 100, 3, [0, 0, 100]),
        (100, 0, 0, 3, [100, 0, 0]),
        (0, 100, 0, 1, [100]),
        (0, 100, 0, 2, [50, 50]),
        (0, 100, 0, 4, [0, 50, 50, 0]),
    ],
)
def test_shares_by_position(first: int, middle: int, last: int, touches: int, expected: list[int | str]) -> None:
    """AD-22, AD-24: of two touches the middle goes to both in proportion."""
    compiled = model(kind="position", first=first, middle=middle, last=last)
    wanted = {place: Fraction(share) / 100 for place, share in enumerate(expected) if share}
    assert shares(compiled, journey(*range(-touches, 0))) == wanted


def test_linear_is_alike() -> None:
    """AT-2."""
    assert shares(model(kind="linear"), journey(-9, -9, 1)) == {place: Fraction(1, 3) for place in range(3)}


@pytest.mark.parametrize(
    ("half_life", "ages", "expected"),
    [
        (7, [14, 7, 0], [2**28 - 2, 2**29 - 5, 2**30]),  # the floors after each of their bits
        (7, [0], [2**30]),
        ("1/24", [Fraction(29, 24), Fraction(28, 24), 0], [1, 3, 2**30]),
        ("1/24", [Fraction(31, 24), 0], [0, 2**30]),
        ("1/86400", [Fraction(3, 86_400), 0], [2**27, 2**30]),  # a half-life of one second halves exactly
    ],
)
def test_weights_by_age(half_life: int | str, ages: list[Any], expected: list[int]) -> None:
    """AD-23: bit by bit, floored after each, and a touch too old for 30 bits weighs nothing."""
    found = journey(*(10 - float(age) for age in ages))
    places, weights = weigh(model(kind="time_decay", half_life_days=half_life), found)
    assert dict(zip(places, weights, strict=True)) == {place: weight for place, weight in enumerate(expected) if weight}


@pytest.mark.parametrize("half_life", [1, 2, 3, 7, 59, 60, 61, 997])
def test_powers_are_exact_to_the_last_bit(half_life: int) -> None:
    """AD-23: floor(x) is n where n ** h <= x ** h < (n + 1) ** h, in whole numbers."""
    compiled = model(kind="time_decay", half_life_days=f"{half_life}/86400")
    for bit, power in enumerate(compiled.powers):
        exponent = 30 * half_life - 2**bit
        if exponent < 0:
            assert power == 0
        else:
            assert power**half_life <= 2**exponent < (power + 1) ** half_life


def test_no_other_instant_than_the_last_touch_is_asked() -> None:
    """AD-23: a common factor changes nothing, so weights do not depend on the close."""
    compiled = model(kind="time_decay", half_life_days=7)
    assert weigh(compiled, journey(-200, -191)) == weigh(compiled, journey(0, 9)) == weigh(compiled, journey(1, 10))


def test_days_are_the_ages_where_dates_are_compared() -> None:
    """AD-3: the hours of dates mean nothing."""
    compiled = model(kind="time_decay", half_life_days="1/86400")
    assert weigh(compiled, journey(0.5, 0.6, granularity="day"))[1] == (2**30, 2**30)  # 21:00 and 23:24
    assert weigh(compiled, journey(0.6, 0.7, granularity="day"))[1] == (2**30,)  # 23:24 and 01:48: 86,400 half-lives


def test_no_touch_is_nobodys() -> None:
    for fields in (
        {"kind": "linear"},
        {"kind": "time_decay", "half_life_days": 7},
        {"kind": "position", "first": 40, "middle": 20, "last": 40},
    ):
        assert weigh(model(**fields), journey()) == ((NOBODY,), (1,))


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"kind": "milestones", "shares": [{"id": "first", "percent": "99.8"}]}, r"models\[m\].shares: saw shares of 99.8 in all"),
        ({"kind": "milestones", "shares": [{"id": "first", "percent": 0}], "normalise": True}, r"shares of 0 in all"),
        ({"kind": "milestones", "shares": []}, r"models\[m\].shares"),
        ({"kind": "milestones", "shares": [{"id": "first", "percent": 50}, {"id": "first", "percent": 50}]}, r"'first' twice"),
        ({"kind": "milestones", "shares": [{"id": "first", "percent": -1}]}, r"shares\[first\].percent"),
        ({"kind": "milestones", "shares": [{"id": "first", "percent": 33.3}]}, r"shares\[first\].percent"),
        ({"kind": "position", "first": 40, "middle": 20, "last": 50}, r"models\[m\].first: saw shares of 110"),
        ({"kind": "time_decay", "half_life_days": 0}, r"half_life_days"),
        ({"kind": "time_decay", "half_life_days": "1/7"}, r"half_life_days: saw 1/7 days, expected a whole number of seconds"),
        ({"kind": "markov"}, r"saw 'markov'"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(fields: dict[str, Any], path: str) -> None:
    """AD-15: a published table of weights that adds up to 99.8 % is one."""
    with pytest.raises(PolicyError, match=path):
        model(**fields)


def test_models_in_python_are_those_of_plain_data() -> None:
    written: list[Model] = [
        MilestoneModel(kind="milestones", id="m", shares=(Share(id="first", percent=Fraction(100)),)),
        PositionModel(kind="position", id="m", first=Fraction(40), middle=Fraction(20), last=Fraction(40)),
        LinearModel(kind="linear", id="m"),
        TimeDecayModel(kind="time_decay", id="m", half_life_days=Fraction(7)),
    ]
    for document in written:
        compiled = weighing.compile(document, path="models[m]")
        assert compiled == model(**document.model_dump(mode="json"))
        assert pickle.loads(pickle.dumps(compiled)) == compiled  # noqa: S301


def test_weights_are_the_smallest_whole_numbers() -> None:
    compiled = milestones(FULL)
    assert (compiled.shares, compiled.middle) == ((("first", 9), ("lead", 9), ("opportunity", 9), ("close", 9)), 4)
    assert HOUR * 24 == DAY
