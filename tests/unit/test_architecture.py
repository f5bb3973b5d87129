"""The directions in which modules may import each other, held against every import."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORM = frozenset({"peewee", "playhouse"})
STANDARD = frozenset(sys.stdlib_module_names)


@dataclass(frozen=True)
class Rule:
    """What a part may import of `fleetdash`, beside itself, and of others: `None` is anything but the ORM.

    `never` is what stays forbidden of what `ours` allows.
    """

    ours: tuple[str, ...]
    others: frozenset[str] | None = None
    never: tuple[str, ...] = ()


READING = ("queries", "domain", "errors")
PURE_VIEWS = Rule(
    ("domain", "web"),
    STANDARD | {"dash", "dash_bootstrap_components", "plotly"},
    never=("web.callbacks", "web.dash_app"),
)
ANYTHING_OF_OTHERS = frozenset({"*"})

RULES = {
    "errors": Rule(("domain",), STANDARD),
    "logs": Rule((), STANDARD),
    "resources": Rule((), STANDARD),
    "domain": Rule((), STANDARD),
    "config": Rule(("domain", "errors")),
    # writing
    "influx": Rule(("domain", "errors", "config")),
    "storage": Rule(("domain", "errors", "config", "resources"), ANYTHING_OF_OTHERS),
    "monitoring": Rule(("influx", "storage", "domain", "errors", "config")),
    "survey": Rule(("monitoring", "domain", "config", "logs"), STANDARD),
    # reading
    "queries": Rule(("storage", "domain", "errors"), ANYTHING_OF_OTHERS),
    "serving": Rule(("domain", "errors")),
    "auth": Rule(("serving", "storage", "config", "domain", "errors")),
    "api": Rule((*READING, "serving", "report")),
    "web": Rule(("domain", "errors")),
    "web.callbacks": Rule((*READING, "web")),
    "web.dash_app": Rule((*READING, "resources", "serving", "web")),
    "web.views": PURE_VIEWS,
    "web.figures": PURE_VIEWS,
    "web.text": PURE_VIEWS,
    "report": Rule(("domain", "web"), STANDARD | {"dash"}, never=("web.callbacks", "web.dash_app")),
    # nothing may import these but what is outside of the package
    "composition": Rule(
        ("auth", "domain", "config", "storage", "monitoring", "queries", "serving", "api", "web"), ANYTHING_OF_OTHERS
    ),
    "cli": Rule(("commands", "errors", "logs"), STANDARD),
    "commands": Rule(
        (
            "auth",
            "composition",
            "config",
            "demo",
            "domain",
            "errors",
            "logs",
            "monitoring",
            "queries",
            "report",
            "serving",
            "storage",
            "survey",
        ),
        ANYTHING_OF_OTHERS,
    ),
    "demo": Rule(
        ("domain", "errors", "config", "influx", "storage", "monitoring", "queries", "api", "web"),
        ANYTHING_OF_OTHERS,
    ),
}


def imports_of(source: str) -> Iterator[str]:
    """Every name that a module imports, in full, wherever the import stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # a relative import would hide its direction: "." matches no rule
            origin = "." * node.level + (node.module or "")
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def lies_in(name: str, part: str) -> bool:
    return name == part or name.startswith(part + ".")


def part_of(module: str) -> str | None:
    """The part whose rule holds for a module of ours, e.g. `web.views` for `web.views.modal`."""
    return max((part for part in RULES if lies_in(module, part)), key=len, default=None)


def violations(module: str, source: str) -> list[str]:
    """The imports of `module`, named without `fleetdash.`, that break its part's rule."""
    part = part_of(module)
    if part is None:
        return [f"{module}: no rule says what it may import"]
    return [f"{module} imports {name}" for name in imports_of(source) if not allowed(name, part, RULES[part])]


def allowed(name: str, part: str, rule: Rule) -> bool:
    if lies_in(name, "fleetdash"):
        ours = name.removeprefix("fleetdash.")
        if any(lies_in(ours, other) for other in rule.never):
            return False
        return any(lies_in(ours, other) for other in (part, *rule.ours)) or ours == "__version__"
    package = name.split(".")[0]
    if package in ("", "app", "tests"):
        return False
    if rule.others is None:
        return package not in ORM
    return rule.others is ANYTHING_OF_OTHERS or package in rule.others


@cache
def modules() -> dict[str, str]:
    """Every module of the package, named without `fleetdash.`, and its source."""
    package = ROOT / "fleetdash"
    files = sorted(file for file in package.rglob("*.py") if file != package / "__init__.py")
    names = [file.relative_to(package).with_suffix("").parts for file in files]
    return {".".join(name).removesuffix(".__init__"): file.read_text() for name, file in zip(names, files, strict=True)}


def package_graph(sources: dict[str, str]) -> dict[str, set[str]]:
    """Which packages of ours each package imports; the first step of a module's name is its package."""
    graph: dict[str, set[str]] = {}
    for module, source in sources.items():
        package = module.split(".")[0]
        ours = {name.split(".")[1] for name in imports_of(source) if name.startswith("fleetdash.")}
        graph.setdefault(package, set()).update(ours - {package})
    return graph


@pytest.mark.parametrize("module", modules())
def test_every_module_imports_only_in_its_directions(module: str) -> None:
    assert violations(module, modules()[module]) == []


def test_packages_import_each_other_in_no_circle() -> None:
    TopologicalSorter(package_graph(modules())).prepare()


def test_middleware_is_added_in_one_place() -> None:
    assert [module for module, source in modules().items() if "add_middleware(" in source] == ["composition"]


def test_no_module_has_the_name_of_one_of_the_standard_library() -> None:
    assert [module for module in modules() if module.rpartition(".")[2] in STANDARD] == []


def test_a_circle_of_packages_would_be_found() -> None:
    sources = {"storage.rows": "import fleetdash.queries", "queries.runs": "from fleetdash.storage import rows"}
    with pytest.raises(CycleError):
        TopologicalSorter(package_graph(sources)).prepare()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("domain.fleet", "import pydantic"),
        ("domain.fleet", "from fleetdash.errors import NotFound"),
        ("errors", "from fleetdash.config.settings import Settings"),
        ("influx.transport", "from fleetdash.monitoring.retry import RetryPolicy"),
        ("storage.rows", "from fleetdash import queries"),
        ("monitoring.monitor", "import fleetdash.queries.run_log"),
        ("monitoring.monitor", "import peewee"),
        ("queries.fleet_reader", "from fleetdash.monitoring import scheduler"),
        ("api.routes", "def later():\n    from fleetdash.storage.schema.models import SchedulerRunLog"),
        ("api.routes", "from playhouse.pool import PooledSqliteDatabase"),
        ("web.callbacks.modal", "import fleetdash.influx"),
        ("web.callbacks.modal", "from ...influx import client"),
        ("web.views.modal", "from fleetdash.queries import Queries"),
        ("web.views.modal", "from fleetdash.web.callbacks import register"),
        ("web.figures.duration", "import requests"),
        ("web.statuses", "from fleetdash.queries import Queries"),
        ("demo.fleet", "import app"),
        ("brand_new", "import json"),
    ],
)
def test_an_import_against_the_direction_would_be_found(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("domain.status", "from fleetdash.domain import pings\nfrom datetime import datetime"),
        ("web.views.modal", "import dash_bootstrap_components as dbc\nfrom fleetdash.web import ids, paths"),
        ("web.callbacks.modal", "from fleetdash.web import views\nfrom fleetdash.queries import Queries"),
        ("storage.schema.models", "from peewee import Model"),
        ("monitoring.monitor", "from fleetdash.storage.recorder import Recorder"),
    ],
)
def test_an_import_along_the_direction_is_let_through(module: str, source: str) -> None:
    assert violations(module, source) == []
