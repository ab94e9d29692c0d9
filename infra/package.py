"""
Package one room as a Lambda code asset: `functions/<room>/` at its own path, byte-compiled, with the files that it borrows.

Its scripts and styles have no comments.

Called by   infra/room_function.py
Returns     a folder under build/, made anew from the source
Raises      FileNotFoundError when the room has no handler; CalledProcessError when a template does not compile;
            NotInstalled when npm cannot bring the third-party files that the room ships
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import rcssmin
import rjsmin

from infra.bytecode import compile_folder
from infra.npm_assets import make_assets

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"

# Style sheets and templates of another room's folder: files that are read, and no code that is imported.
_LOOK = (
    "functions/console/static/app.css",
    "functions/console/templates/_form.html",
    "functions/console/templates/_icons.html",
)
BORROWED: dict[str, tuple[str, ...]] = {"order_form": _LOOK, "selfservice": _LOOK}

# Notes for people, the pins of files of others, and files that the interpreter leaves behind.
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "README.md", "package*.json", ".*")


@cache
def room(name: str, *, source: Path = ROOT, build: Path = BUILD) -> Path:
    """Make the folder of one room, once in a process: every region of every stage ships the same. Returns it."""
    handler = source / "functions" / name / "handler.py"
    if not handler.is_file():
        raise FileNotFoundError(f"room {name}: functions/{name}/handler.py is not there")
    if (handler.parent / "package.json").is_file():
        make_assets(handler.parent)
    target = build / "rooms" / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(handler.parent, target / "functions" / name, ignore=LEFT_OUT)
    for path in BORROWED.get(name, ()):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target / path)
    _minify(target)
    if (handler.parent / "precompile.py").is_file():
        _precompile(name, target)
    compile_folder(target)
    return target


def _minify(target: Path) -> None:
    """Leave comments and needless blanks out of the scripts and styles of the room, before anything is named by its content."""
    for static in target.glob("functions/*/static"):
        for file in static.iterdir():  # the scripts of others, in `vendor`, are sent as they came
            shorten = {".css": rcssmin.cssmin, ".js": rjsmin.jsmin}.get(file.suffix)
            if shorten:
                file.write_text(shorten(file.read_text(encoding="utf-8")), encoding="utf-8")


def _precompile(name: str, target: Path) -> None:
    """Let the packaged room compile what it would compile at its first request, in a process of its own."""
    command = (sys.executable, "-m", f"functions.{name}.precompile")
    subprocess.run(command, cwd=target, env={**os.environ, "PYTHONHASHSEED": "0"}, check=True)  # noqa: S603  our own module
