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

from local import emulator
from local.instance import ROOT, Instance
from tests.local.world import an_instance, free_port
from tests.system import world as system
from tests.system.world import DeployedWorld

KEPT = ROOT / "build" / "system-template"
MADE = ("cdk.out", "cdk.out.sources", "unpacked")
# The last files to run, in this order: they close a node, take rights away, stop the emulator, and check all that was done.
LAST = ("test_outages", "test_grants", "test_stops", "test_what_is_left")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.system)
    items.sort(key=lambda item: LAST.index(item.path.stem) if item.path.stem in LAST else -1)


@pytest.fixture(scope="session")
def world() -> Iterator[DeployedWorld]:
    if os.environ.get("COMANDA_NAME"):
        yield from _opened(Instance.current())
        return
    with pytest.MonkeyPatch.context() as patch:
        instance = an_instance(f"system-{free_port()}", patch)
        try:
            _moved(KEPT, instance.home)
            yield from _opened(instance)
        finally:
            emulator.stop(instance)
            _moved(instance.home, KEPT)
            emulator.reset(instance)
            shutil.rmtree(instance.home, ignore_errors=True)


def _opened(instance: Instance) -> Iterator[DeployedWorld]:
    opened = system.opened(instance)
    yield opened
    for client in opened.clients.values():
        client.close()


def _moved(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in MADE:
        if (source / name).exists() and not (target / name).exists():
            (source / name).rename(target / name)
