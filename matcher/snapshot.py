"""Arrays kept in one file, verified before use, and mapped once for all processes of a machine.

The file is never mapped itself: whoever truncates a mapped file kills its readers. Its bytes are
copied into sealed memory (Linux memfd), which nobody can shrink or change; the copy is told to
other processes by a small file beside the snapshot and dies with its last reader. Elsewhere than
on Linux each process keeps a copy of its own.

File: magic, format version, length and BLAKE2b digest of the rest; then a JSON header with the
caller's notes and each array's type, shape and place; then the arrays, at multiples of 64 bytes.
"""

import contextlib
import fcntl
import hashlib
import json
import mmap
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = b"TITIAN01"
PREFIX = struct.Struct("<8sQ32s")  # magic, length of the rest, digest of the rest
HEADER_LENGTH = struct.Struct("<Q")
ALIGNMENT = 64
COPY_BYTES = 1 << 24
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
SEALS = (
    getattr(fcntl, "F_SEAL_SHRINK", 0)
    | getattr(fcntl, "F_SEAL_GROW", 0)
    | getattr(fcntl, "F_SEAL_WRITE", 0)
)


class SnapshotError(Exception):
    """A snapshot that is missing, cut short, changed, or of another version."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """notes: what the writer said of the arrays; arrays are read-only views of mapped memory."""

    notes: dict[str, Any]
    arrays: dict[str, np.ndarray]


def write_snapshot(path: Path, notes: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write all or nothing: readers see the old file or the new one. Raises OSError."""
    position, places = 0, {}
    for name, array in arrays.items():
        position += -position % ALIGNMENT
        places[name] = {"dtype": array.dtype.str, "shape": array.shape, "at": position}
        position += array.nbytes
    header = json.dumps({"notes": dict(notes), "arrays": places}).encode()
    header += b" " * (-(len(header) + PREFIX.size + HEADER_LENGTH.size) % ALIGNMENT)
    digest = hashlib.blake2b(digest_size=32)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, FLAGS, 0o600), "wb") as file:
            file.write(bytes(PREFIX.size))
            length = 0
            for piece in _pieces(header, arrays, places):
                digest.update(piece)
                file.write(piece)
                length += len(piece)
            file.seek(0)
            file.write(PREFIX.pack(MAGIC, length, digest.digest()))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _pieces(header: bytes, arrays: Mapping[str, np.ndarray], places: Mapping[str, Any]) -> Any:
    yield HEADER_LENGTH.pack(len(header))
    yield header
    position = 0
    for name, array in arrays.items():
        yield bytes(places[name]["at"] - position)
        yield array.tobytes()
        position = places[name]["at"] + array.nbytes


def read_notes(path: Path) -> dict[str, Any]:
    """What a snapshot says of itself, without reading or verifying its arrays.

    Raises SnapshotError where even that cannot be read.
    """
    try:
        with path.open("rb") as file:
            prefix = file.read(PREFIX.size + HEADER_LENGTH.size)
            if len(prefix) < PREFIX.size + HEADER_LENGTH.size or prefix[:8] != MAGIC:
                raise SnapshotError(f"{path} is no snapshot of this version")
            (length,) = HEADER_LENGTH.unpack_from(prefix, PREFIX.size)
            return json.loads(file.read(min(length, 1 << 20)))["notes"]
    except (OSError, ValueError, KeyError) as error:
        raise SnapshotError(f"{path} cannot be read: {error}") from error


def read_snapshot(path: Path) -> Snapshot:
    """The verified snapshot, in memory shared with every other process that reads it.

    Raises SnapshotError.
    """
    try:
        with path.open("rb") as file:
            magic, length, digest = PREFIX.unpack(file.read(PREFIX.size))
            if magic != MAGIC:
                raise SnapshotError(f"{path} is no snapshot of this version")
            size = os.fstat(file.fileno()).st_size
            if size != PREFIX.size + length:
                raise SnapshotError(f"{path} has {size} bytes instead of {PREFIX.size + length}")
            mapped = _shared_copy(path, digest)
            if mapped is None:
                mapped = _new_copy(path, file.fileno(), size, digest)
    except (OSError, struct.error) as error:
        raise SnapshotError(f"{path} cannot be read: {error}") from error
    return _unpack(path, mapped)


def _unpack(path: Path, mapped: memoryview) -> Snapshot:
    try:
        (length,) = HEADER_LENGTH.unpack_from(mapped, PREFIX.size)
        start = PREFIX.size + HEADER_LENGTH.size
        header = json.loads(bytes(mapped[start : start + length]))
        base = start + length
        arrays = {}
        for name, place in header["arrays"].items():
            count = int(np.prod(place["shape"], dtype=np.int64))
            array = np.frombuffer(mapped, place["dtype"], count, base + place["at"])
            arrays[name] = array.reshape(place["shape"])
        return Snapshot(header["notes"], arrays)
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise SnapshotError(f"{path} cannot be read: {error}") from error


def _verify(path: Path, mapped: memoryview, digest: bytes) -> None:
    if hashlib.blake2b(mapped[PREFIX.size :], digest_size=32).digest() != digest:
        raise SnapshotError(f"{path} is not what was written: its checksum differs")


# One copy for all processes

_open_copies: dict[str, int] = {}  # path -> the memfd that others may open through this process


def _teller(path: Path) -> Path:
    return path.with_name(f"{path.name}.shared")


def _shared_copy(path: Path, digest: bytes) -> memoryview | None:
    """The copy that another living process made of this very snapshot, or None."""
    if not SEALS:
        return None
    try:
        where, told = _teller(path).read_text().split()
        if told != digest.hex() or not where.startswith("/proc/"):
            return None
        copy = os.open(where, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        if fcntl.fcntl(copy, fcntl.F_GET_SEALS) & SEALS != SEALS:
            return None
        mapped = memoryview(mmap.mmap(copy, 0, mmap.MAP_SHARED, mmap.PROT_READ))
        return mapped if PREFIX.unpack_from(mapped)[2] == digest else None
    except (OSError, ValueError, struct.error):
        return None
    finally:
        os.close(copy)


def _new_copy(path: Path, file: int, size: int, digest: bytes) -> memoryview:
    """A verified copy of an open file, sealed and told to others where the system can."""
    if not SEALS:
        own = memoryview(os.pread(file, size, 0))
        if len(own) != size:
            raise SnapshotError(f"{path} was cut short while it was read")
        _verify(path, own, digest)
        return own
    copy = os.memfd_create("titian-people", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        done = 0
        while done < size:
            sent = os.sendfile(copy, file, done, min(COPY_BYTES, size - done))
            if not sent:
                raise SnapshotError(f"{path} was cut short while it was read")
            done += sent
        fcntl.fcntl(copy, fcntl.F_ADD_SEALS, SEALS | fcntl.F_SEAL_SEAL)
        mapped = memoryview(mmap.mmap(copy, 0, mmap.MAP_SHARED, mmap.PROT_READ))
        _verify(path, mapped, digest)
    except BaseException:
        os.close(copy)
        raise
    before = _open_copies.pop(str(path), None)
    if before is not None:
        os.close(before)  # those who mapped it keep it
    _open_copies[str(path)] = copy
    with contextlib.suppress(OSError):  # nobody but memory is lost if it cannot be told
        part = _teller(path).with_name(f"{_teller(path).name}.{os.getpid()}.part")
        part.write_text(f"/proc/{os.getpid()}/fd/{copy} {digest.hex()}")
        part.replace(_teller(path))
    return mapped
