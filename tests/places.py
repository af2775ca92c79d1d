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


def _shared(name: str, variable: str) -> Path:
    return Path(os.environ.get(variable) or ROOT.parent / "shared" / name).resolve()


def _needs(folder: Path, variable: str) -> pytest.MarkDecorator:
    absent = not folder.is_dir() and not os.environ.get("CI")
    return pytest.mark.skipif(absent, reason=f"no shared {folder.name} beside the repository; {variable} may name another place")


DATA = _shared("data", "INBOUND_ENGINE_DATA")
CASES = _shared("cases", "INBOUND_ENGINE_CASES")
needs_data = _needs(DATA, "INBOUND_ENGINE_DATA")
needs_cases = _needs(CASES, "INBOUND_ENGINE_CASES")
