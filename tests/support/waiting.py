"""Waiting for something to become true, with a bound."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(ready: Callable[[], T], seconds: float = 10.0) -> T:
    """The first true answer of `ready`; fails the test when there is none in time."""
    pause = threading.Event()  # nobody sets it
    deadline = time.monotonic() + seconds
    while not (answer := ready()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {ready}"
        pause.wait(0.02)
    return answer
