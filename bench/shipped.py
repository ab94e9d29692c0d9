"""Run a handler as it ships: a bare interpreter sees the layer, the rooms and the bench, and no installed package."""

import json
import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@cache
def layers(room: str) -> tuple[str, ...]:
    """Return the folders of the shared layer and of those that the room has beside it."""
    from infra.rooms import ROOMS

    built = _built()
    others = ROOMS[room].layers if room in ROOMS else ()
    return tuple(str(one.folder / "python") for one in (built, *(built.others[name] for name in others)))


@cache
def _built() -> Any:
    from infra import layer

    return layer.build("arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64")


def _path(module: str) -> str:
    """Return the path of imports: the layer for a room, the installed packages for the naive stack.

    A room that compiles its templates when it is packaged comes from its package.
    """
    installed = [path for path in sys.path if path.endswith("site-packages")]
    return os.pathsep.join(
        (*_packaged(module), str(ROOT), *(installed if module.startswith("bench.naive") else layers(_room(module))))
    )


def _room(module: str) -> str:
    return module.removeprefix("functions.").partition(".")[0]


@cache
def _packaged(module: str) -> tuple[str, ...]:
    from infra import package

    room = _room(module)
    compiles = (ROOT / "functions" / room / "precompile.py").is_file()
    return (str(package.room(room)),) if compiles else ()


def probe(module: str, events: int, *, traced: bool = False) -> dict[str, Any]:
    """Run bench/probe.py once in a fresh interpreter. `traced`: it says how much memory the first event takes, and is slow."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")}
    environment |= {"PYTHONPATH": _path(module), "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "bytecode")}
    if traced:
        environment["PYTHONTRACEMALLOC"] = "1"
    done = subprocess.run(
        [sys.executable, "-S", "-m", "bench.probe", module, str(events)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
