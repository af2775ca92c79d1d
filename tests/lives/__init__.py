"""Leads that live, while invariants watch."""
