"""benchmarks.memory: what there is, and what things take."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import memory
from benchmarks.population import Population


def test_available_memory_is_read_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:  100 kB\nMemAvailable:   7 kB\n", encoding="ascii")
    monkeypatch.setattr(memory, "MEMORY_FILE", file)
    assert memory.available_bytes() == 7 * 1024


def test_a_system_that_does_not_say_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:  100 kB\n", encoding="ascii")
    monkeypatch.setattr(memory, "MEMORY_FILE", file)
    with pytest.raises(OSError, match="names no MemAvailable"):
        memory.available_bytes()


def test_each_array_counts_once_with_all_it_is_cut_from():
    whole = np.zeros(1000, dtype=np.int64)
    people = Population(whole, SimpleNamespace(), 5, whole[:10], whole, whole, whole, whole)
    assert memory.bytes_of(people) == 8000
    assert memory.bytes_of({"a": [whole, np.zeros(4, dtype=np.int8)], "b": "text"}) == 8004
