"""The templates of every stage, synthesized once for a whole run."""

import fcntl
from pathlib import Path

import pytest

from infra.app import synthesize
from infra.layer import build
from infra.stages import STAGES
from tests.infra.templates import Templates


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Synthesized with every check on; by one process of the run, the others wait for it and read its files."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if shared.name.startswith("popen-") else shared
    found = {name: shared / f"assembly-{name}" for name in STAGES}
    with (shared / "assemblies.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name, folder in found.items():
            if not (folder / "manifest.json").is_file():
                stage = STAGES[name]
                synthesize(stage, out=folder, layer=build(stage.architecture), checked=True, staged=False)
    return found


@pytest.fixture(scope="session")
def stages(folders: dict[str, Path]) -> dict[str, Templates]:
    return {name: Templates(STAGES[name], folder) for name, folder in folders.items()}


@pytest.fixture(params=sorted(STAGES))
def templates(stages: dict[str, Templates], request: pytest.FixtureRequest) -> Templates:
    """Each stage in turn."""
    return stages[request.param]


@pytest.fixture(params=["dev", "prod"])
def on_aws(stages: dict[str, Templates], request: pytest.FixtureRequest) -> Templates:
    """Each stage in turn that keeps somebody's data."""
    return stages[request.param]


@pytest.fixture
def prod(stages: dict[str, Templates]) -> Templates:
    return stages["prod"]
