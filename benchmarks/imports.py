"""How long `import inbound_engine` takes, beside its dependencies alone: each in an interpreter of its own (P12).

Modules are byte-compiled, as those of an installed package are. An interpreter times the import
itself, so that its own start is left out.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import inbound_engine
from benchmarks.measure import Bench, Contestant, DisagreementError, Goal

__all__ = ["prepare"]

OURS = "import inbound_engine"
DEPENDENCIES = "pydantic, attrs and dateutil alone"

_USED = (
    "from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, Strict, ValidationError,"
    " ValidationInfo, WithJsonSchema, field_validator, model_validator;"
    " from pydantic.json_schema import GenerateJsonSchema; from pydantic_core import InitErrorDetails, PydanticCustomError;"
    " from attrs import AttrsInstance, field, frozen; from dateutil.relativedelta import relativedelta"
)
"""What the library uses of its dependencies."""

_MODEL = "M = type('M', (BaseModel,), {'__annotations__': {'x': int}, '__module__': '__main__'})"
_WAYS = {
    "json alone": "import json",
    DEPENDENCIES: _USED,
    "the same, and one pydantic model made": f"{_USED}; {_MODEL}",
    OURS: "import inbound_engine",
}
_OPTIONAL = ("narwhals", "polars", "pandas", "numpy", "pyarrow", "duckdb", "pyspark", "msgspec", "zen", "yaml", "hypothesis")


def _run(code: str) -> str:
    """What an interpreter of its own prints, with modules byte-compiled and ours to be found."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(Path(inbound_engine.__file__).resolve().parents[1])
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def _import(statement: str) -> Callable[[], float]:
    code = f"from time import process_time as t; s = t(); {statement}; print((t() - s) * 1e3)"
    return lambda: float(_run(code))


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Refuses an import that brings an optional package along, and gives what is to be timed."""
    found = _run(f"import sys, inbound_engine; print(*sorted(set({_OPTIONAL!r}) & set(sys.modules)))").split()
    if found:
        raise DisagreementError(f"import inbound_engine also imports {', '.join(found)}, which is optional")
    return (
        Bench(
            "Import (P12)",
            "ms",
            DEPENDENCIES,
            tuple(Contestant(name, _import(statement)) for name, statement in _WAYS.items()),
            (Goal("P12", OURS, 2, (DEPENDENCIES,)),),
            rounds=3 if quick else 15,
        ),
    )
