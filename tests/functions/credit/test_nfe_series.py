"""A company in Brazil that gets a number_prefix counts again from 1, and no NF-e has a number that another one has."""

from tests.domain.documents.nfe_sales import NFE
from tests.functions.credit.test_nfe_told import key_of_nfe, queue, tell
from tests.functions.documents.brazil import SERIES, sells_in_brazil, sold
from tests.functions.documents.test_invoices import inv
from tests.functions.world import World


def has_a_prefix(world: World, **series: int) -> None:
    sells_in_brazil(world, number_prefix="TEA", nfe=NFE | {"series": {**SERIES, **series}})


def test_a_series_with_a_prefix_has_a_series_of_nfe_of_its_own(world: World):
    sells_in_brazil(world)
    before = key_of_nfe(world, sold(world))

    has_a_prefix(world, **{"TEA~dc-1": 4})
    order_id = sold(world, external_id="BR-2")

    number = world.call("GET", f"/v1/invoices/{inv(order_id)}", who="office").body["number"]
    after = key_of_nfe(world, order_id)
    assert number == "TEA~dc-1-000001"
    assert (before[22:34], after[22:34]) == ("001000000001", "004000000001")
    assert tell(world, order_id, after).status == 200


def test_a_prefix_without_its_series_of_nfe_is_asked_for(world: World):
    sells_in_brazil(world)
    has_a_prefix(world)

    order_id = sold(world)

    assert queue(world) == [("nfe-lacks", {"invoice": inv(order_id), "fields": "/seller/nfe/series"})]


def test_an_invoice_of_before_keeps_its_series_of_nfe(world: World):
    sells_in_brazil(world)
    order_id = sold(world)
    key = key_of_nfe(world, order_id)

    has_a_prefix(world, **{"TEA~dc-1": 4})

    assert key_of_nfe(world, order_id) == key
    assert tell(world, order_id, key).status == 200
