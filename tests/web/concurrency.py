"""Doing several things at the same moment, each in a thread of its own."""

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """What each deed gives or raises, all begun at the same moment in threads of their own."""
    start, outcomes = Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int) -> None:
        start.wait()
        try:
            outcomes[place] = deeds[place]()
        except Exception as error:
            outcomes[place] = error

    threads = [Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def linger(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, seconds: float = 0.4) -> None:
    """Let a function of a module wait before it runs, so that transactions overlap there."""
    original = getattr(module, name)

    def late(*arguments: Any, **named: Any) -> Any:
        time.sleep(seconds)
        return original(*arguments, **named)

    monkeypatch.setattr(module, name, late)
