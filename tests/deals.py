"""Small deals for the tests of what comes after credit: campaigns, people, touches, and the credits of one model."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from inbound_engine import Policy, attribution, journeys
from inbound_engine.attribution import Credit
from inbound_engine.budgets import Budget, Campaign, Spend, budget
from inbound_engine.documents import changed
from inbound_engine.facts import Activity, Contact, Lead, Opportunity
from inbound_engine.history import Entry, Record
from inbound_engine.money import Money
from inbound_engine.people import People
from inbound_engine.policy import Compiled, compile

POLICY = Policy()
SHIPPED = compile(POLICY)
NOW = datetime(2026, 12, 31, tzinfo=UTC)


def on(month: int, day: int = 1) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def compiled(**changes: object) -> Compiled:
    """The shipped policy with other values in its section on the chain."""
    return compile(changed(POLICY, {f"chain.{path}": value for path, value in changes.items()}))


def ready(campaigns: Iterable[Campaign], spends: Iterable[Spend] = (), rules: Compiled = SHIPPED) -> Budget:
    return budget(rules.chain, campaigns, spends)


def spend(campaign_id: str | None, amount: int, since: date = date(2026, 1, 1), until: date = date(2027, 1, 1)) -> Spend:
    return Spend(campaign_id=campaign_id, amount=Money.of(amount, "EUR"), since=since, until=until)


def touch(name: str, month: int, value: str | None = None, *, who: str | None = "ana", **fields: Any) -> Activity:  # noqa: ANN401
    return Activity(
        id=name, kind="visit", at=on(month), channel="email", contact_id=who, utm={} if value is None else {"campaign": value}, **fields
    )


def deal(name: str, amount: int | Money, month: int = 12, *, won: bool | None = True, opened: int = 6) -> Opportunity:
    money = amount if isinstance(amount, Money) else Money.of(amount, "EUR")
    return Opportunity(id=name, opened_at=on(opened), closed_at=None if won is None else on(month), won=won, amount=money)


def credited(deals: Iterable[tuple[Opportunity, Iterable[Activity]]], model: str = "linear", rules: Compiled = SHIPPED) -> list[Credit]:
    """What each deal is worth to its touches."""
    made = (journeys.prepare(rules.attribution.journeys, one, touches, at=NOW) for one, touches in deals)
    return list(attribution.credit_each(rules.attribution, made, [model]))


def people(leads: Iterable[Lead] = (), contacts: Iterable[Contact] = ()) -> People:
    return People.of(POLICY.attribution.journeys.people, contacts, leads)


def record(name: str, *stages: tuple[str, datetime]) -> Record:
    """The history of a lead that entered those stages."""
    left: str | None = None
    entries = []
    for number, (stage, at) in enumerate(stages):
        entries.append(
            Entry(
                stage=stage,
                left=left,
                at=at,
                event_id=f"e-{number}" if left else "",
                event="moved" if left else "",
                move="m" if left else "",
            )
        )
        left = stage
    return Record(name, "lead", tuple(entries))
