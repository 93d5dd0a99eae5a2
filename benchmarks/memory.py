"""How much memory there is, and how much a thing takes."""

import resource
from pathlib import Path
from typing import Any

import numpy as np

MEMORY_FILE = Path("/proc/meminfo")
OWN_MODULES = ("matcher", "benchmarks", "scipy")  # whose objects are looked into


def available_bytes() -> int:
    """What the system can still give without swapping, MemAvailable of /proc/meminfo.

    Raises OSError on systems without that file.
    """
    for line in MEMORY_FILE.read_text(encoding="ascii").splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) * 1024
    raise OSError(f"{MEMORY_FILE} names no MemAvailable")


def bytes_of(thing: Any) -> int:
    """Bytes of all NumPy arrays in an object, its attributes and theirs, each memory once."""
    owners: dict[int, int] = {}
    _collect(thing, owners, set())
    return sum(owners.values())


def _collect(thing: Any, owners: dict[int, int], seen: set[int]) -> None:
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        owner = thing
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        owners[id(owner)] = owner.nbytes
    elif isinstance(thing, dict):
        for value in thing.values():
            _collect(value, owners, seen)
    elif isinstance(thing, list | tuple):
        for value in thing:
            _collect(value, owners, seen)
    elif type(thing).__module__.partition(".")[0] in OWN_MODULES:
        for name in _attributes(thing):
            _collect(getattr(thing, name, None), owners, seen)


def _attributes(thing: Any) -> list[str]:
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*slots, *getattr(thing, "__dict__", {})]


def resident_bytes() -> int:
    """What this process holds in memory now, /proc/self/statm."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()
