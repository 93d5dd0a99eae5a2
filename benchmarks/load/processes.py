"""What processes cost, from /proc: memory and processor time."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """In MB. resident counts shared pages in full; share splits them among those who share them."""

    pid: int
    resident: float
    share: float


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if _fields(int(entry.name))[1] == str(pid):
                    found.append(int(entry.name))
    return sorted(found)


def state(pid: int) -> str:
    """One letter: R, S, Z, … Raises OSError when the process is gone."""
    return _fields(pid)[0]


def processor_seconds(pid: int, with_ended: bool = False) -> float:
    """User and system time of a process; with_ended: and of its children that have ended."""
    fields = _fields(pid)
    return sum(int(ticks) for ticks in fields[11 : 15 if with_ended else 13]) / TICKS


def family_seconds(pid: int) -> float:
    """Processor time of a process and all its children, those that have ended too."""
    total = processor_seconds(pid, with_ended=True)
    for child in children(pid):
        with contextlib.suppress(OSError):
            total += family_seconds(child)
    return total


def memory(pid: int) -> Memory:
    """Resident memory and its proportional share. Raises OSError when the process is gone."""
    kilobytes = {}
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        kilobytes[name] = int(value.split()[0])
    return Memory(pid, kilobytes["Rss"] / 1000, kilobytes["Pss"] / 1000)


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the command's name: state, parent, …"""
    return (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
