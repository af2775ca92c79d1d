"""What stands where nothing but the package and its dependencies is installed: every room but those that say which extra they want.

    python -I -W error alone.py

Where an extra is installed this fails, as it should: it is run in an environment that has none.
"""

import importlib
import pkgutil
import sys
from datetime import UTC, datetime

import inbound_engine as ie

WANTS = {
    "inbound_engine.adapters.ics": "inbound-engine[calendar]",
    **{f"inbound_engine.{room}": "inbound-engine[frames]" for room in ("assignments", "cells", "frames", "idioms", "ledgers", "trails")},
}
GUESTS = {"annotated_types", "attr", "attrs", "dateutil", "pydantic", "pydantic_core", "six", "typing_extensions", "typing_inspection"}


def rooms() -> list[str]:
    """Every room of the package."""
    return sorted(module.name for module in pkgutil.walk_packages(ie.__path__, "inbound_engine."))


def wanted(room: str) -> str | None:
    """What a room says when it is not there for want of a package; None where it is."""
    try:
        importlib.import_module(room)
    except ImportError as error:
        return str(error)
    return None


def strangers() -> set[str]:
    """The packages that were imported and are neither Python's own nor dependencies; installers leave hooks with an underscore."""
    found = {name.partition(".")[0] for name, module in sys.modules.items() if getattr(module, "__file__", None)}
    return {name for name in found - sys.stdlib_module_names - GUESTS - {"inbound_engine"} if not name.startswith("_")}


def main() -> None:
    """Raises where a room needs more than the dependencies, or does not say what it wants."""
    answers = {room: wanted(room) for room in rooms()}
    absent = {room: said for room, said in answers.items() if said is not None}
    if absent.keys() != WANTS.keys() or any(WANTS[room] not in said for room, said in absent.items()):
        raise SystemExit(f"Expected {WANTS} to be wanted, and of each room its extra. These are wanted: {absent}")
    if found := strangers():
        raise SystemExit(f"Imported, and no dependency: {sorted(found)}")
    lead = ie.Lead(id="L-1", email="ana@acme.example", account=ie.Account(id="acme", country="DE", employees=240))
    said = ie.Engine(ie.Policy()).assess(lead, at=datetime(2026, 3, 2, 9, 3, tzinfo=UTC)).explain()
    sys.stdout.write(f"{said}\n{len(answers) - len(WANTS)} rooms stand alone; {', '.join(sorted(WANTS))} say which extra they want.\n")


if __name__ == "__main__":
    main()
