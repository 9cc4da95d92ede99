"""The examples in `deploy/` name what there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from porch.config import Settings
from tests.support.server import ROOT

FILES = sorted((ROOT / "deploy").iterdir())
# Of the proxies' own.
OTHERS = {"PORCH_DOMAIN", "PORCH_UPSTREAM"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_is_one(file: Path) -> None:
    known = {f"PORCH_{field.name.upper()}" for field in fields(Settings)} | OTHERS
    assert set(re.findall(r"PORCH_\w+", file.read_text())) <= known


def test_what_goes_into_the_image_is_there() -> None:
    for line in (ROOT / "deploy" / "Containerfile").read_text().splitlines():
        if line.startswith("COPY"):
            *sources, _ = line.split()[1:]
            for source in sources:
                assert (ROOT / source).exists(), source


def test_what_a_container_needs_of_the_checkout_is_in_it() -> None:
    copied = re.findall(r"^COPY (.*) \S+$", (ROOT / "deploy" / "Containerfile").read_text(), re.MULTILINE)
    assert {"app.py", "migrations", "porch", "requirements.txt"} <= {
        name for line in copied for name in line.split()
    }


@pytest.mark.parametrize("name", ["compose.yaml", "cluster.compose.yaml"])
def test_who_is_waited_for_until_it_is_healthy_says_itself_how_to_ask(name: str) -> None:
    """Podman keeps no health check in an image."""
    told = (ROOT / "deploy" / name).read_text()
    image = (ROOT / "deploy" / "Containerfile").read_text()
    (asked,) = re.findall(r'CMD (\["python", "-c", .*\])', image)
    assert f'test: ["CMD", {asked[1:]}' in told


def test_each_example_is_described() -> None:
    told = (ROOT / "docs" / "deploying.md").read_text()
    assert [file.name for file in FILES if f"`deploy/{file.name}`" not in told] == []
