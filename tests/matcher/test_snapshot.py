"""matcher.snapshot: what was written is read, and anything else is noticed."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from matcher.snapshot import SnapshotError, read_notes, read_snapshot, write_snapshot
from tests.conftest import ROOT

ARRAYS = {
    "numbers": np.arange(10_000, dtype=np.int64),
    "grades": np.arange(7, dtype=np.uint16),
    "nothing": np.zeros(0, dtype=np.int32),
    "square": np.arange(6, dtype=np.int16).reshape(2, 3),
    "flags": np.array([True, False]),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_snapshot(tmp_path / "people.snapshot", {"change": 7}, ARRAYS)
    return tmp_path / "people.snapshot"


def test_what_was_written_is_read(path: Path):
    snapshot = read_snapshot(path)
    assert snapshot.notes == read_notes(path) == {"change": 7}
    assert snapshot.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert snapshot.arrays[name].dtype == array.dtype, name
        np.testing.assert_array_equal(snapshot.arrays[name], array, err_msg=name)
        assert snapshot.arrays[name].ctypes.data % array.itemsize == 0


def test_nobody_can_write_into_it(path: Path):
    snapshot = read_snapshot(path)
    with pytest.raises(ValueError, match="read-only"):
        snapshot.arrays["numbers"][0] = 1
    assert path.stat().st_mode & 0o077 == 0  # nor read it who is somebody else


@pytest.mark.parametrize("kept", [0, 1, 40, 48, 60, 200, 50_000])
def test_a_file_cut_short_is_noticed(path: Path, kept: int):
    with path.open("r+b") as file:
        file.truncate(kept)
    with pytest.raises(SnapshotError):
        read_snapshot(path)


def test_a_file_that_grew_is_noticed(path: Path):
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(SnapshotError, match="bytes instead of"):
        read_snapshot(path)


@pytest.mark.parametrize("where", [0, 7, 8, 20, 47, 50, 60, 100, 700, 5_000, -1])
def test_a_changed_byte_anywhere_is_noticed(path: Path, where: int):
    content = bytearray(path.read_bytes())
    content[where] ^= 0x40
    path.write_bytes(content)
    with pytest.raises(SnapshotError):
        read_snapshot(path)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"TITIAN00" + bytes(500), bytes(1000)])
def test_what_is_no_snapshot_is_refused_with_a_reason(tmp_path: Path, content: bytes):
    path = tmp_path / "people.snapshot"
    for read in (read_snapshot, read_notes):
        with pytest.raises(SnapshotError, match=r"people\.snapshot"):
            read(path)  # missing
    path.write_bytes(content)
    for read in (read_snapshot, read_notes):
        with pytest.raises(SnapshotError, match=r"people\.snapshot"):
            read(path)


def test_a_reader_keeps_what_it_read_when_the_file_is_cut_short_or_gone(path: Path):
    snapshot = read_snapshot(path)
    with path.open("r+b") as file:
        file.truncate(10)
    assert int(snapshot.arrays["numbers"].sum()) == int(ARRAYS["numbers"].sum())
    path.unlink()
    assert int(snapshot.arrays["numbers"].sum()) == int(ARRAYS["numbers"].sum())


def test_a_write_that_fails_leaves_the_old_one(path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_snapshot(path, {"change": 8}, ARRAYS)
    monkeypatch.undo()
    assert read_snapshot(path).notes == {"change": 7}
    assert [each.name for each in path.parent.iterdir() if each.suffix == ".part"] == []


READER = """
import sys
from pathlib import Path
from matcher.snapshot import read_snapshot
snapshot = read_snapshot(Path(sys.argv[1]))
print(snapshot.arrays["numbers"].sum(), flush=True)
sys.stdin.read()
maps = Path("/proc/self/maps").read_text()
print(sorted({line.split()[4] for line in maps.splitlines() if "titian-people" in line}))
"""


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="memory is shared on Linux alone")
def test_processes_share_one_copy_and_the_last_reader_keeps_it(path: Path):
    def reader() -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", READER, str(path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    readers = []
    for _ in range(3):  # one after the other, the first makes the copy
        readers.append(reader())
        assert readers[-1].stdout.readline().strip() == str(ARRAYS["numbers"].sum())
    inodes = {each.communicate(timeout=60)[0].strip() for each in readers}
    assert len(inodes) == 1
    assert inodes != {"[]"}
    # all are gone, and with them the copy; whoever comes next makes another
    assert int(read_snapshot(path).arrays["numbers"].sum()) == int(ARRAYS["numbers"].sum())


def test_a_false_word_about_a_shared_copy_is_not_believed(path: Path, tmp_path: Path):
    digest = path.read_bytes()[16:48].hex()
    other = tmp_path / "other"
    other.write_bytes(path.read_bytes())
    with other.open("rb") as file:
        for told in (
            f"/proc/{os.getpid()}/fd/{file.fileno()} {digest}",  # not sealed
            f"/proc/{os.getpid()}/fd/999 {digest}",
            f"{other} {digest}",
            "rubbish",
        ):
            (tmp_path / "people.snapshot.shared").write_text(told)
            numbers = read_snapshot(path).arrays["numbers"]
            np.testing.assert_array_equal(numbers, ARRAYS["numbers"])
