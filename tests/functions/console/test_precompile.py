"""Test that a packaged room renders the same pages without reading a template or a catalog."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import functions.console.render as rendering

ROOM = Path(rendering.__file__).parent
A_PAGE = """
from datetime import UTC, datetime
from functions.console import kit, render
from functions.console.view import Person, View
person = Person(id="sub-1", name="Ana", roles=frozenset(), locale="{locale}")
view = View(title="Components", path="kit", person=person)
print(render.page("kit.html", view=view, **kit.facts(datetime(2026, 11, 29, tzinfo=UTC))))
"""


@pytest.fixture(scope="module")
def packaged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    shutil.copytree(ROOM, folder / "functions" / "console", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "functions.console.precompile"], cwd=folder, check=True)
    return folder


def rendered(folder, locale):
    command = [sys.executable, "-c", A_PAGE.format(locale=locale)]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_packaged_room_renders_the_same_page_without_the_sources(packaged):
    from_sources = rendered(ROOM.parents[1], "pt-BR")
    shutil.rmtree(packaged / "functions" / "console" / "templates")
    shutil.rmtree(packaged / "functions" / "console" / "locales")

    assert "Estoque" in from_sources
    assert rendered(packaged, "pt-BR") == from_sources
