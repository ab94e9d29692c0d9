"""
Synthesize the cloud assemblies of all stages for tests, and keep them by the hash of their sources.

Called by   tests/infra/conftest.py, and tests that synthesize something else; tests/system/conftest.py takes the one that is there
Returns     a folder with a folder for each stage, and for each other assembly

The CDK takes half a minute for all stages, so tiers share what one of them has made. Where all is there, nothing imports the CDK:
its Node alone takes eight seconds to start.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from infra.package import ROOT
from infra.stages import LOCAL, STAGES
from local import deploy

KEPT = ROOT / "build" / "templates"
PINS = ("requirements/dev.txt", "requirements/tools.txt")


@cache
def folder() -> Path:
    """Return the folder for the present sources, which may not be there yet."""
    made_of = hashlib.sha256(deploy.digest_of_sources().encode())
    for pins in PINS:
        made_of.update((ROOT / pins).read_bytes())
    return KEPT / made_of.hexdigest()[:32]


def make_all() -> dict[str, Path]:
    """
    Synthesize every stage with all checks. Only what is deployed here has its assets beside it.

    One process of a run does so, and the other processes wait for it.
    """
    with _locked() as kept:
        for older in KEPT.iterdir():
            if older.is_dir() and older != kept:
                shutil.rmtree(older)
        for name in STAGES:
            _fill(kept / name, _synthesize)
    return {name: kept / name for name in STAGES}


def make(name: str, by: Path, fill: Callable[[Path], None]) -> Path:
    """Return a folder that `fill` filled. It does so again when the sources changed, or the test file `by` whose function it is."""
    with _locked() as kept:
        made = kept / f"{name}-{hashlib.sha256(by.read_bytes()).hexdigest()[:16]}"
        _fill(made, fill)
    return made


def _synthesize(out: Path) -> None:
    from infra.app import synthesize
    from infra.layer import build

    stage = STAGES[out.stem]
    synthesize(stage, out=out, layer=build(stage.architecture), checked=True, staged=stage is LOCAL)


@contextmanager
def _locked() -> Iterator[Path]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder()


def _fill(made: Path, fill: Callable[[Path], None]) -> None:
    if not made.is_dir():
        unfinished = made.with_name(f"{made.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        fill(unfinished)
        unfinished.rename(made)
