"""A channel whose taxes an outside service says: the server that stands for AvaTax."""

from collections.abc import Iterator

import pytest

from comanda.aws.directory import directory
from local.avalara.rates import FOOD, SHIPPING
from local.avalara.server import AvalaraServer
from tests.functions.drafts.test_quotes import a_list
from tests.functions.taxes.service import running, set_channel
from tests.functions.world import World

SERVICE = {
    "service": "avalara",
    "company": "TEA",
    "codes": [{"tax_class": "FOOD", "code": FOOD}, {"tax_class": "SHIPPING", "code": SHIPPING}],
}


@pytest.fixture
def service(world: World) -> Iterator[AvalaraServer]:
    """Let the channel web have its taxes from the service. Cups are food."""
    a_list(world, tea=1_000)
    set_channel(world, tax_service=SERVICE)
    cup = {"title": "A cup", "weight_g": 100, "class": "goods", "tax_class": "FOOD"}
    world.entry(directory.PRODUCT, "CUP-001", cup)
    directory.forget()
    with running() as server:
        yield server
