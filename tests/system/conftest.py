"""
A fixture with one embedded AWS for the whole tier, deployed once, with a tiny retailer. It is removed afterwards.

The template is kept under build/ by the hash of its sources: synthesizing it again is a dozen seconds. So are the unpacked
layers and rooms, by the hash of their content: unpacking and compiling them again is some seconds. With COMANDA_NAME in the
environment that instance is used, and left as it is: for working on these tests.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.stages import LOCAL
from local import deploy, emulator
from local.instance import ROOT, Instance
from tests import assemblies
from tests.local.world import an_instance, free_port
from tests.system import world as system
from tests.system.world import DeployedWorld

KEPT = ROOT / "build" / "system-template"
MADE = ("cdk.out", "cdk.out.sources", "unpacked")
# The first files stop the emulator and sweep every open order again and again: there are few orders yet, and few processes.
FIRST = ("test_stops", "test_grants")
# The last files close a node, and check all that was done.
LAST = ("test_outages", "test_what_is_left")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.system)
    ranks = {name: rank - len(FIRST) for rank, name in enumerate(FIRST)} | {
        name: rank for rank, name in enumerate(LAST, 1)
    }
    items.sort(key=lambda item: ranks.get(item.path.stem, 0))


@pytest.fixture(scope="session")
def world() -> Iterator[DeployedWorld]:
    if os.environ.get("COMANDA_NAME"):
        yield from _opened(Instance.current())
        return
    with pytest.MonkeyPatch.context() as patch:
        instance = an_instance(f"system-{free_port()}", patch)
        try:
            _moved(KEPT, instance.home)
            _template_of_another_tier(instance.home)
            yield from _opened(instance)
        finally:
            emulator.stop(instance)
            _moved(instance.home, KEPT)
            emulator.reset(instance)
            shutil.rmtree(instance.home, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def listening(world: DeployedWorld) -> Iterator[None]:
    """Hear the events of each file when it ends: the emulator saves its queues every other second, with all that is in them."""
    yield
    world.overheard()


def _opened(instance: Instance) -> Iterator[DeployedWorld]:
    opened = system.opened(instance)
    yield opened
    for client in opened.clients.values():
        client.close()


def _template_of_another_tier(home: Path) -> None:
    """Take the assembly that the tier of templates has made of these sources, if it has, and if there is none here."""
    made, mark, digest = assemblies.folder() / LOCAL.name, home / "cdk.out.sources", deploy.digest_of_sources()
    if made.is_dir() and not (mark.exists() and mark.read_text() == digest):
        shutil.rmtree(home / "cdk.out", ignore_errors=True)
        shutil.copytree(made, home / "cdk.out")
        mark.write_text(digest)


def _moved(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in MADE:
        if (source / name).exists() and not (target / name).exists():
            (source / name).rename(target / name)
