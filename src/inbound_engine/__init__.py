"""The rules of an inbound revenue engine: pure, exact, explained decisions from a policy that is data."""

from inbound_engine.assessments import Assessment
from inbound_engine.conditions import count, fact
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError, InboundError, PolicyError
from inbound_engine.facts import Account, Activity, Contact, Lead, Opportunity, Outreach, Rep, Roster
from inbound_engine.hours import Calendar
from inbound_engine.policy import Policy, PolicySet

__all__ = [
    "Account",
    "Activity",
    "Assessment",
    "Calendar",
    "Contact",
    "Engine",
    "FactError",
    "InboundError",
    "Lead",
    "Opportunity",
    "Outreach",
    "Policy",
    "PolicyError",
    "PolicySet",
    "Rep",
    "Roster",
    "count",
    "fact",
]
