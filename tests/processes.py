"""Small programs in interpreters of their own, where a hook, a seed or a zone can be set without touching this one."""

import os
import subprocess
import sys
from collections.abc import Mapping
from textwrap import dedent

from tests.places import ROOT

__all__ = ["run"]

# What would make two machines differ; each test sets what it wants of it.
_LOCAL = ("LANG", "LANGUAGE", "PYTHONHASHSEED", "PYTHONPATH", "PYTHONTZPATH", "PYTHONUTF8", "PYTHONWARNINGS", "TZ")


def run(program: str, environment: Mapping[str, str] | None = None) -> bytes:
    """What a program prints; an error in it, or a warning, fails with what it said."""
    inherited = {key: value for key, value in os.environ.items() if key not in _LOCAL and not key.startswith(("LC_", "COVERAGE_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(program)],
        cwd=ROOT / "tests",
        env={**inherited, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout
