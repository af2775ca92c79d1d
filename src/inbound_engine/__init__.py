"""The rules of an inbound revenue engine: pure, exact, explained decisions from a policy that is data."""

from inbound_engine.engine import Engine
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Activity, Contact, Lead, Opportunity, Outreach, Rep, Roster
from inbound_engine.money import Money
from inbound_engine.policy import Policy
from inbound_engine.rotation import Rotation

__all__ = [
    "Account",
    "Activity",
    "Contact",
    "Engine",
    "FactError",
    "Lead",
    "Money",
    "Opportunity",
    "Outreach",
    "Policy",
    "PolicyError",
    "Rep",
    "Roster",
    "Rotation",
]
