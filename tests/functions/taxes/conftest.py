"""A channel whose taxes an outside service says: the server that stands for AvaTax."""

from collections.abc import Iterator

import pytest

from comanda.aws.directory import directory
from local.avalara.rates import FOOD, SHIPPING
from local.avalara.server import AvalaraServer
from tests.functions.channels import a_list, set_channel
from tests.functions.taxed import FOOD_CUP
from tests.functions.taxes.service import running
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
    set_channel(world, tax_service=SERVICE, countries=["US", "DE"])
    world.entry(directory.PRODUCT, "CUP-001", FOOD_CUP)
    directory.forget()
    with running() as server:
        yield server
