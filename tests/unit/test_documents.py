"""What the documents show is what the program takes."""

import configparser
import re
from pathlib import Path

import pytest

from fleetdash import cli
from fleetdash.config import settings
from fleetdash.config.schema import FleetFile

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("document", ["README.md", "docs/fleet-file.md"])
def test_the_fleet_files_in_the_documents_are_accepted(document: str) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    assert len(blocks) == 1
    vessels = settings.parse(blocks[0], {"FLEET_PASSWORD": "x"}, source=document).targets
    assert [vessel.vessel.id for vessel in vessels] == ["vessel001", "vessel002"]


def test_the_readme_points_to_real_vessels_in_five_lines() -> None:
    block = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]
    assert len(block.strip().splitlines()) <= 5


DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks" / "README.md"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_what_a_document_points_to_is_there(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_sections_that_a_document_links_to_exist(document: Path) -> None:
    for target, section in re.findall(r"\]\(([^)#:]*\.md)#([^)]+)\)", document.read_text()):
        titles = re.findall(r"^#+ (.+)$", (document.parent / target).read_text(), re.MULTILINE)
        assert section in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_files_that_a_document_names_exist(document: Path) -> None:
    for file in re.findall(r"`((?:fleetdash|tests|docs|assets|migrations|benchmarks)/[\w./]*)`", document.read_text()):
        assert (ROOT / file).exists(), file


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_commands_in_a_document_are_known(document: Path) -> None:
    help_text = cli._parser().format_help()
    makefile = (ROOT / "Makefile").read_text()
    text = document.read_text()
    for command in re.findall(r"app\.py ([a-z][a-z-]+)", text) + re.findall(r"^    fd ([a-z-]+)", text, re.MULTILINE):
        assert re.search(rf"^    {command}\b", help_text, re.MULTILINE), command
    for target in re.findall(r"(?:^    |`|sudo )make ([a-z][a-z-]+)", text, re.MULTILINE):
        assert f"\n{target}:" in makefile, target


def test_every_key_of_the_fleet_file_is_described() -> None:
    described = (ROOT / "docs" / "fleet-file.md").read_text()
    for name, field in FleetFile.model_fields.items():
        keys = getattr(field.annotation, "model_fields", {})
        for key in (name, *keys):
            assert re.search(rf"\b{key}\b", described), f"{name}.{key}"


def test_the_unit_starts_what_is_there() -> None:
    """Under /opt/fleetdash, as docs/deploy.md puts it."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment]  # how configparser is told to keep capitals
    unit.read(ROOT / "docs" / "deploy" / "fleetdash.service")
    python, script, *arguments = unit["Service"]["ExecStart"].split()
    assert python == "/opt/fleetdash/.venv/bin/python"
    assert (ROOT / Path(script).relative_to("/opt/fleetdash")).exists()
    options = cli._parser().parse_args(arguments)
    assert options.config == "/etc/fleetdash/fleetdash.toml"


def test_the_container_holds_whatever_serving_needs() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    wanted = (ROOT / ".dockerignore").read_text()
    for part in re.findall(r"^COPY (?!--)(\S+) ", dockerfile, re.MULTILINE):
        assert (ROOT / part).exists()
        assert f"!{part}\n" in wanted


def test_the_containers_user_and_group_may_read_the_fleet_file() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    section = (ROOT / "docs" / "deploy.md").read_text().split("## In a container")[1].split("\n## ")[0]
    (reader,) = set(re.findall(r"-o root -g (\d+) .* /etc/fleetdash", section))
    for number in ("uid", "gid"):
        assert set(re.findall(rf"--{number} (\d+)", dockerfile)) == {reader}


def test_what_the_documents_have_copied_is_there() -> None:
    text = "".join(document.read_text() for document in DOCUMENTS)
    sources = set(re.findall(r"^    sudo cp (\S+)", text, re.MULTILINE))
    assert len(sources) > 3
    for source in sources:
        assert (ROOT / source).exists(), source
