"""What `hours` relies on when it looks at a zone every three days, read from the zone files themselves."""

import struct
from collections.abc import Iterator
from importlib import resources
from itertools import pairwise
from pathlib import Path
from zoneinfo import TZPATH, available_timezones


def raw(name: str) -> bytes:
    for folder in TZPATH:
        if (path := Path(folder, name)).is_file():
            return path.read_bytes()
    return resources.files("tzdata.zoneinfo").joinpath(name).read_bytes()


def changes(data: bytes) -> Iterator[int]:
    """The seconds since the epoch at which the offset of a zone changes, from the second, 64-bit part of its file (RFC 8536)."""

    def counts(at: int) -> tuple[int, ...]:
        return struct.unpack(">4x1x15x6l", data[at : at + 44])

    utc, standard, leaps, times, types, letters = counts(0)
    at = 44 + times * 5 + types * 6 + letters + leaps * 8 + standard + utc
    *_, times, types, _ = counts(at)
    when = struct.unpack(f">{times}q", data[at + 44 : at + 44 + 8 * times])
    kinds = data[at + 44 + 8 * times : at + 44 + 9 * times]
    offsets = [struct.unpack(">l", data[start : start + 4])[0] for start in range(at + 44 + 9 * times, at + 44 + 9 * times + 6 * types, 6)]
    before = offsets[0]
    for second, kind in zip(when, kinds, strict=True):
        if offsets[kind] != before:
            before = offsets[kind]
            yield second


def test_no_zone_changes_its_offset_twice_within_three_days() -> None:
    names = sorted(available_timezones())
    assert len(names) > 400
    gaps = [(later - earlier, name) for name in names for earlier, later in pairwise(changes(raw(name)))]
    assert len(gaps) > 10_000
    assert min(gaps) >= (3 * 86_400 + 1, "")
