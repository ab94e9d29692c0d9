"""Give tests the templates of every stage. They are synthesized again only when their sources changed."""

import fcntl
import hashlib
import shutil
from pathlib import Path

import pytest

from infra.app import synthesize
from infra.layer import build
from infra.package import ROOT
from infra.stages import STAGES
from local import deploy
from tests.infra.templates import Templates

KEPT = ROOT / "build" / "templates"
PINS = ("requirements/dev.txt", "requirements/tools.txt")


@pytest.fixture(scope="session")
def folders() -> dict[str, Path]:
    """
    Synthesize every stage with all checks, and keep the folders by the hash of their sources.

    One process of a run does so, and the other processes wait for it.
    """
    made_of = hashlib.sha256(deploy.digest_of_sources().encode())
    for pins in PINS:
        made_of.update((ROOT / pins).read_bytes())
    kept = KEPT / made_of.hexdigest()[:32]
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
                synthesize(stage, out=unfinished, layer=build(stage.architecture), checked=True, staged=False)
                unfinished.rename(kept / name)
    return {name: kept / name for name in STAGES}


@pytest.fixture(scope="session")
def stages(folders: dict[str, Path]) -> dict[str, Templates]:
    return {name: Templates(STAGES[name], folder) for name, folder in folders.items()}


@pytest.fixture(params=sorted(STAGES))
def templates(stages: dict[str, Templates], request: pytest.FixtureRequest) -> Templates:
    """Each stage in turn."""
    return stages[request.param]


@pytest.fixture(params=["dev", "prod"])
def on_aws(stages: dict[str, Templates], request: pytest.FixtureRequest) -> Templates:
    """Each stage in turn that keeps its data."""
    return stages[request.param]


@pytest.fixture
def prod(stages: dict[str, Templates]) -> Templates:
    return stages["prod"]
