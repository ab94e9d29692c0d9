"""A customer's tax id is given after placing, and the NF-e that waited for it can be made."""

from typing import Any

import pytest

from comanda.domain.documents.nfe.access_key import AccessKey
from comanda.domain.documents.nfe.registrations import plain
from tests.domain.documents.test_nfe import texts
from tests.functions.credit.test_nfe_returns import company_is, credited, tell_return
from tests.functions.credit.test_nfe_told import key_of_nfe, queue, tell
from tests.functions.documents.brazil import CUSTOMER, SELLER, SERIES, goods_are, sells_in_brazil, sold
from tests.functions.documents.test_invoices import inv
from tests.functions.documents.test_nfe_papers import NFE, get_nfe, made
from tests.functions.world import Reply, World

CPF = "529.982.247-25"


def gives(world: World, order_id: str, tax_id: Any = CPF, *, who: str = "sales", **more: Any) -> Reply:
    change = {"reason": "she told it", "changes": [{"modification": "tax_id", "tax_id": tax_id}]} | more
    return world.change(order_id, "changes", change, who=who)


@pytest.fixture
def order_id(world: World) -> str:
    """Return an order in Brazil with an invoice, whose customer said no tax id."""
    sells_in_brazil(world)
    return sold(world, customer={**CUSTOMER, "tax_id": None})


def test_an_nfe_waits_for_the_tax_id_and_goes_on_once_it_is_given(world: World, order_id: str):
    assert queue(world) == [("nfe-lacks", {"invoice": inv(order_id), "fields": "/buyer/tax_id"})]
    assert get_nfe(world, order_id).status == 409

    reply = gives(world, order_id)

    assert reply.status == 200, reply.body
    assert queue(world) == [("nfe-waits", {"invoice": inv(order_id)})]
    assert texts(made(world, order_id), "CPF") == ["52998224725"]
    assert tell(world, order_id, key_of_nfe(world, order_id)).status == 200
    assert queue(world) == []


def test_what_else_is_lacking_stays_in_the_queue(world: World):
    sells_in_brazil(world, nfe=NFE | {"series": {"store-1": 3}})
    order_id = sold(world, customer={**CUSTOMER, "tax_id": "1"})

    assert gives(world, order_id).status == 200

    assert queue(world) == [("nfe-lacks", {"invoice": inv(order_id), "fields": "/seller/nfe/series"})]
    sells_in_brazil(world, nfe=NFE | {"series": SERIES})
    goods_are(world)
    assert get_nfe(world, order_id).status == 303


def test_the_contact_has_it_and_no_event_does(world: World, order_id: str):
    gives(world, order_id)

    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="sales").body
    assert (contact["customer"]["tax_id"], contact["customer"]["name"]) == (CPF, CUSTOMER["name"])
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office")
    assert [one["modification"] for e in events.body["items"] for one in e["data"].get("changes", ())] == ["tax_id"]
    assert CPF not in str(events.body)
    assert "52998224725" not in str(events.body)


@pytest.mark.parametrize("wrong", ["529.982.247-24", "111.111.111-11", "11222333000182", "ADA-1"])
def test_a_number_without_its_check_digits_is_refused_where_invoices_are_nfe(world: World, order_id: str, wrong: str):
    reply = gives(world, order_id, wrong)

    assert (reply.status, reply.errors) == (422, [("/changes/0/tax_id", "malformed")])
    assert queue(world)[0][0] == "nfe-lacks"


@pytest.mark.parametrize(("who", "status"), [("other-shop", 404), ("dc-1-system", 403), ("picker", 403), ("shop", 200)])
def test_whoever_may_change_the_order_gives_it(world: World, order_id: str, who: str, status: int):
    assert gives(world, order_id, who=who).status == status


def test_the_same_tax_id_again_is_refused(world: World, order_id: str):
    gives(world, order_id)

    assert gives(world, order_id).errors == [("/changes/0/tax_id", "the-same")]


def test_an_item_that_a_person_ended_does_not_come_back(world: World, order_id: str):
    path = f"/v1/queues/fiscal/items/{order_id}.nfe-001/resolve"
    world.call("POST", path, {"answer": "done"}, who="office")

    assert gives(world, order_id).status == 200
    assert queue(world) == []


def test_what_was_told_of_a_return_is_no_answer_about_its_invoice(world: World):
    company_is(world)
    order_id = sold(world, customer={**CUSTOMER, "tax_id": None})
    note = credited(world, order_id)
    first = AccessKey(
        state_code="35", month="2611", cnpj=plain(SELLER["tax_id"]), series=101, number=1, code="12345678"
    )
    assert tell_return(world, note, first.text, result="REFUSED", code="327", protocol=None).status == 200

    assert gives(world, order_id).status == 200

    assert ("nfe-waits", {"invoice": inv(order_id)}) in queue(world)


def test_an_authorized_nfe_keeps_the_tax_id_with_which_it_was_authorized(world: World):
    sells_in_brazil(world)
    order_id = sold(world)
    before = made(world, order_id)
    tell(world, order_id, key_of_nfe(world, order_id))

    assert gives(world, order_id, "11.222.333/0001-81").status == 200

    assert (made(world, order_id), queue(world)) == (before, [])


def test_a_preview_of_it_changes_nothing(world: World, order_id: str):
    assert gives(world, order_id, preview=True).status == 201
    assert queue(world)[0][0] == "nfe-lacks"


def test_elsewhere_any_number_is_taken(world: World):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 1))

    assert gives(world, order_id, "ADA-1").status == 200
