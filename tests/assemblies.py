"""
Synthesize the cloud assemblies of all stages for tests, and keep them by the hash of their sources.

Called by   tests/infra/conftest.py; tests/system/conftest.py takes the one that is there
Returns     a folder with a folder for each stage

The CDK takes half a minute for all stages, so tiers share what one of them has made.
"""

import fcntl
import hashlib
import shutil
from pathlib import Path

from infra.package import ROOT
from infra.stages import LOCAL, STAGES
from local import deploy

KEPT = ROOT / "build" / "templates"
PINS = ("requirements/dev.txt", "requirements/tools.txt")


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
    from infra.app import synthesize  # it starts Node
    from infra.layer import build

    kept = folder()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for older in KEPT.iterdir():
            if older.is_dir() and older != kept:
                shutil.rmtree(older)
        for name, stage in STAGES.items():
            if not (kept / name).is_dir():
                unfinished = kept / f"{name}.unfinished"
                shutil.rmtree(unfinished, ignore_errors=True)
                layer = build(stage.architecture)
                synthesize(stage, out=unfinished, layer=layer, checked=True, staged=stage is LOCAL)
                unfinished.rename(kept / name)
    return {name: kept / name for name in STAGES}
