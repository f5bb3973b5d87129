"""Waiting for what happens elsewhere, with a deadline."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], what: str = "it", *, seconds: float = 15.0, every: float = 0.02) -> T:
    """The first true answer of `condition()`; fails, naming `what`, when there is none by the deadline."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        pause.wait(every)
    return answer
