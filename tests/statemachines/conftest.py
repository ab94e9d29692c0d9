"""Fixtures with a small retailer for each test. Its machines have no work at the start."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.moto_aws import Aws, aws
from tests.statemachines.world import MachinesWorld

__all__ = ["aws"]

Worlds = Callable[..., MachinesWorld]


@pytest.fixture
def worlds(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    """Make the world. `timeouts` shortens waits in this test's copy of the files: {machine: {state: seconds}}."""

    def make(timeouts: Mapping[str, Mapping[str, int]] | None = None, **more: Any) -> MachinesWorld:
        world = MachinesWorld(aws, **more)
        world.open(monkeypatch, timeouts or {})
        return world

    return make


@pytest.fixture
def world(worlds: Worlds) -> MachinesWorld:
    return worlds()
