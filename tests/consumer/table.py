"""A table of leads, as somebody else would score it: a frame of whichever library goes in, and one of the same comes out."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar, assert_type

import inbound_engine as ie
from inbound_engine import frames
from inbound_engine.sources import Source

Frame = TypeVar("Frame")
POLICY = ie.Policy()
COLUMNS: Mapping[str, Source] = {"employees": "headcount"}


def scored(leads: Frame, activities: Frame, at: datetime) -> Frame:
    """The leads, each with its scores and its tier."""
    signals = assert_type(frames.signals(activities, POLICY, at=at), Frame)
    return assert_type(frames.assess(leads, POLICY, at=at, columns=COLUMNS, activities=signals), Frame)
