"""What the documents show is what the program takes."""

import re
from pathlib import Path

import pytest

from fleetdash import settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("document", ["README.md", "docs/fleet-file.md"])
def test_the_fleet_files_in_the_documents_are_accepted(document: str) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    assert len(blocks) == 1
    ships = settings.parse(blocks[0], {"FLEET_PASSWORD": "x"}, source=document).ships
    assert [ship.vessel.id for ship in ships] == ["vessel001", "vessel002"]


def test_the_readme_points_to_real_ships_in_five_lines() -> None:
    block = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]
    assert len(block.strip().splitlines()) <= 5
