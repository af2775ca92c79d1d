"""How much work a question may take, counted in calls: the same on every machine, however busy it is."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Fails as soon as more functions than that are called inside; what would take for ever ends there."""
    left = calls

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal left
        if event in {"call", "c_call"}:
            left -= 1
            assert left >= 0, f"more than {calls} calls"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        yield
    finally:
        sys.setprofile(before)


@contextmanager
def counting(*functions: Callable[..., Any]) -> Iterator[Counter[str]]:
    """How often each of these functions is called inside, by the room and the name of each."""
    names = {function.__code__: f"{function.__module__.rpartition('.')[2]}.{function.__name__}" for function in functions}
    found: Counter[str] = Counter()

    def counted(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code in names:
            found[names[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        yield found
    finally:
        sys.setprofile(before)
