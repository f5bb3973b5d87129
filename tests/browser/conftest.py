"""The real composed app behind a real browser."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from dash.testing.browser import Browser

from fleetdash.demo.behaviour import unplugged
from tests.browser.casts import FLEET, UNPLUGGED
from tests.browser.page import Page
from tests.browser.served import Served

Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Make a `Served` that ends with the test; not started yet."""
    with ExitStack() as stack:
        yield lambda *cast, **options: stack.enter_context(closing(Served(tmp_path, cast, **options)))


def asked_twice(served: Served) -> Served:
    """With two runs; one vessel was unplugged in between."""
    served.run()
    served.behave(UNPLUGGED.id, unplugged())
    served.run()
    return served


@pytest.fixture
def served(serve: Serve) -> Served:
    """The fleet with a vessel in every state, asked twice; one vessel was unplugged in between."""
    return asked_twice(serve(*FLEET)).start()


@pytest.fixture
def page(dash_br: Browser, served: Served) -> Page:
    return Page(dash_br, served.url)
