"""Give tests the templates of every stage. They are synthesized again only when their sources changed."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from infra import package
from infra.stages import STAGES
from tests import assemblies
from tests.infra import reach
from tests.infra.templates import Templates


@pytest.fixture(scope="session", autouse=True)
def trees_of_sources_are_forgotten() -> Iterator[None]:
    """Forget them at the end of the run. Otherwise pytest and Python look three times for garbage in half a million nodes."""
    yield
    reach.forget()


@pytest.fixture(scope="session")
def folders() -> dict[str, Path]:
    return assemblies.make_all()


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


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make the folder of a room at its first test."""
    return partial(package.room, build=tmp_path_factory.mktemp("packages"))
