"""Where the tests find what they read: the repository, the shared real data and the shared cases.

The shared folders lie beside the repository, or where `INBOUND_ENGINE_DATA` and `INBOUND_ENGINE_CASES` say. A test that
reads them is marked `needs_data` or `needs_cases`: at a desk it is skipped where they are absent; where `CI` is set it
runs and fails, so that a green run has read them.
"""

import os
from pathlib import Path

import pytest

__all__ = ["CASES", "DATA", "ROOT", "needs_cases", "needs_data"]

ROOT = Path(__file__).resolve().parents[1]


def _shared(name: str) -> Path:
    return Path(os.environ.get(_variable(name)) or ROOT.parent / "shared" / name).resolve()


def _variable(name: str) -> str:
    return f"INBOUND_ENGINE_{name.upper()}"


def _needs(name: str) -> pytest.MarkDecorator:
    absent = not _shared(name).is_dir() and not os.environ.get("CI")
    return pytest.mark.skipif(absent, reason=f"no shared/{name} beside the repository; {_variable(name)} may name another place")


DATA = _shared("data")
CASES = _shared("cases")
needs_data = _needs("data")
needs_cases = _needs("cases")
