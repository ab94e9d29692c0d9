"""A shop that takes orders on account, with something to sell."""

import pytest

from tests.functions.credit_accounts.credit import taken_by_us
from tests.functions.world import World


@pytest.fixture
def world(world: World) -> World:
    taken_by_us(world)
    world.stocked("TEA-001", dc_1=20)
    return world
