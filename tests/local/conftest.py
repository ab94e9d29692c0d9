"""A fixture with one embedded AWS for the whole tier, with the small stack of probe.py. It is removed afterwards."""

import shutil
from collections.abc import Iterator

import pytest

from local import emulator
from tests.local.world import EmbeddedWorld, an_instance, deployed, free_port


@pytest.fixture(scope="session")
def world() -> Iterator[EmbeddedWorld]:
    with pytest.MonkeyPatch.context() as patch:
        instance = an_instance(f"test-{free_port()}", patch)
        try:
            emulator.start(instance)
            yield deployed(instance)
        finally:
            emulator.reset(instance)
            shutil.rmtree(instance.home, ignore_errors=True)
