"""The seller of an NF-e is the company of its invoice, whichever one its channel names later, and an authorised NF-e stays as it was."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.runtime.clients import client
from tests.domain.documents.nfe_sales import NFE
from tests.domain.documents.xml_texts import texts
from tests.functions.credit.test_nfe_told import key_of_nfe, tell
from tests.functions.documents.brazil import SELLER, goods_are, sold
from tests.functions.documents.stored import BUCKET, key_of
from tests.functions.documents.test_invoices import WEB, inv
from tests.functions.documents.test_nfe_papers import get_nfe, made
from tests.functions.erase.test_erase import customer_of, erase
from tests.functions.world import World

CNPJ, OTHER_CNPJ = "11222333000181", "12.345.678/0001-95"
OTHER = SELLER | {"name": "Outra Comércio Ltda", "tax_id": OTHER_CNPJ, "nfe": SELLER["nfe"] | {"series": {"dc-1": 9}}}


def company_is(world: World, **changes: Any) -> None:
    world.entry(directory.LEGAL_ENTITY, "tea-co", SELLER | changes)
    directory.forget()


def channel_moves(world: World) -> None:
    """Let another company sell in the channel from now on."""
    world.entry(directory.LEGAL_ENTITY, "other-co", OTHER)
    world.entry(directory.CHANNEL, "web", WEB | {"countries": ["US", "BR"], "legal_entity": "other-co"})
    directory.forget()


def test_a_channel_that_moved_leaves_its_invoices_to_their_company(brazil: World):
    order_id = sold(brazil)
    key = key_of_nfe(brazil, order_id)

    channel_moves(brazil)

    assert key_of_nfe(brazil, order_id) == key
    assert tell(brazil, order_id, key).status == 200
    assert (texts(made(brazil, order_id), "CNPJ"), key[6:20]) == ([CNPJ], CNPJ)


def test_the_key_of_the_company_of_today_is_refused(brazil: World):
    order_id = sold(brazil)
    channel_moves(brazil)
    sold_later = sold(brazil, external_id="BR-2")

    reply = tell(brazil, order_id, key_of_nfe(brazil, sold_later))

    assert (reply.status, reply.errors) == (422, [("/key", "not-of-the-invoice")])


def test_a_company_that_its_channel_left_still_mends_its_data(brazil: World):
    company_is(brazil, nfe=NFE | {"series": {"store-1": 3}})
    order_id = sold(brazil)
    channel_moves(brazil)
    assert get_nfe(brazil, order_id).status == 409

    company_is(brazil)

    assert texts(made(brazil, order_id), "CNPJ") == [CNPJ]


def test_an_entry_that_became_another_company_changes_no_invoice_of_before(brazil: World):
    order_id = sold(brazil)
    key = key_of_nfe(brazil, order_id)

    company_is(brazil, **OTHER)

    assert key_of_nfe(brazil, order_id) == key
    assert tell(brazil, order_id, key).status == 200


def test_an_authorized_nfe_keeps_the_data_with_which_it_was_authorized(brazil: World):
    company_is(brazil, name="Chá Ltda", nfe=SELLER["nfe"] | {"state_registration": "110042490115"})
    order_id = sold(brazil)
    company_is(brazil)  # mended before the authority took it
    before = made(brazil, order_id)
    assert b"<IE>110042490114</IE>" in before
    assert tell(brazil, order_id, key_of_nfe(brazil, order_id)).status == 200

    company_is(brazil, name="Nova Ltda", line1="Rua Nova", nfe=SELLER["nfe"] | {"series": {"dc-1": 7}, "number": "2"})
    goods_are(brazil, ncm="09022000")

    assert made(brazil, order_id) == before


def test_an_authorized_nfe_of_an_erased_customer_is_the_same(brazil: World):
    order_id = sold(brazil)
    before = made(brazil, order_id)
    tell(brazil, order_id, key_of_nfe(brazil, order_id))
    brazil.steps(order_id, "deliver")
    brazil.settle()
    company_is(brazil, name="Nova Ltda")
    assert erase(brazil, customer_of(order_id)).status == 200
    brazil.settle()

    reply = get_nfe(brazil, order_id, who="finance")

    assert client("s3").get_object(Bucket=BUCKET, Key=key_of(reply))["Body"].read() == before


def test_a_copy_of_before_without_the_id_of_its_company_knows_it_by_its_cnpj(brazil: World):
    order_id = sold(brazil)
    key = key_of_nfe(brazil, order_id)
    (row,) = brazil.aws.items("Customers", f"O#{order_id}", "I#")
    seller = unpack(row["seller"])
    assert seller.pop("id") == "tea-co"
    brazil.aws.put("Customers", **row | {"seller": pack(seller)})

    channel_moves(brazil)

    assert key_of_nfe(brazil, order_id) == key


def authorized_before(world: World) -> str:
    """Return an order whose NF-e was authorised when nothing was kept of it."""
    order_id = sold(world)
    assert tell(world, order_id, key_of_nfe(world, order_id)).status == 200
    (row,) = world.aws.items("Customers", f"O#{order_id}", "I#")
    del row["nfe"]
    world.aws.put("Customers", **row)
    return order_id


def kept(world: World, order_id: str) -> Any:
    (row,) = world.aws.items("Customers", f"O#{order_id}", "I#")
    return unpack(row["nfe"]) if "nfe" in row else None


def test_an_nfe_that_was_authorized_before_keeps_the_data_of_when_it_is_next_read(brazil: World):
    order_id = authorized_before(brazil)
    before = made(brazil, order_id)

    company_is(brazil, name="Nova Ltda")
    goods_are(brazil, ncm="09022000")

    assert kept(brazil, order_id)["seller"]["name"] == SELLER["name"]
    assert made(brazil, order_id) == before


def test_an_nfe_that_was_authorized_before_keeps_the_data_of_when_it_is_cancelled(brazil: World):
    order_id = authorized_before(brazil)
    key = key_in_order(brazil, order_id)

    assert tell(brazil, order_id, key, result="CANCELLED").status == 200
    company_is(brazil, name="Nova Ltda")

    assert kept(brazil, order_id)["seller"]["name"] == SELLER["name"]


def test_data_of_another_series_than_that_of_the_authorized_nfe_are_not_kept(brazil: World):
    order_id = authorized_before(brazil)
    company_is(brazil, nfe=SELLER["nfe"] | {"series": {"dc-1": 7}})

    made(brazil, order_id)

    assert kept(brazil, order_id) is None


def test_of_two_readers_at_once_the_second_leaves_what_the_first_kept(brazil: World, monkeypatch: pytest.MonkeyPatch):
    order_id = authorized_before(brazil)
    commit, read = transaction.commit, []

    def another_first(writes: Any) -> None:
        if not read:
            read.append(True)
            assert get_nfe(brazil, order_id).status == 303
            company_is(brazil, name="Nova Ltda")
        commit(writes)

    monkeypatch.setattr(transaction, "commit", another_first)

    assert get_nfe(brazil, order_id).status == 303
    assert kept(brazil, order_id)["seller"]["name"] == SELLER["name"]


def key_in_order(world: World, order_id: str) -> str:
    return str(world.call("GET", f"/v1/invoices/{inv(order_id)}", who="shop").body["nfe"]["key"])
