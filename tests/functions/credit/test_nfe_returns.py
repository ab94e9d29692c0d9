"""The NF-e of goods that a credit note takes back waits, is made of its sale, and is told of like that of an invoice."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.runtime.clients import client
from tests.domain.documents.nfe_judges import schema_says, second_says
from tests.domain.documents.test_nfe import texts
from tests.functions.credit.test_nfe_told import key_of_nfe, queue, tell
from tests.functions.documents.brazil import SELLER, SERIES, brl, goods_are, sells_in_brazil, sold
from tests.functions.documents.stored import BUCKET, key_of
from tests.functions.documents.test_invoices import inv
from tests.functions.world import Reply, World

PROTOCOL = "135260000000099"
RETURNS = {name: series + 100 for name, series in SERIES.items()}


@pytest.fixture
def brazil(world: World) -> World:
    company_is(world)
    return world


def company_is(world: World, **changes: Any) -> None:
    sells_in_brazil(world, nfe=SELLER["nfe"] | {"return_series": RETURNS} | changes)


def authorized(world: World) -> str:
    """Return an order with an invoice whose NF-e the authority took."""
    order_id = sold(world)
    assert tell(world, order_id, key_of_nfe(world, order_id)).status == 200
    return order_id


def credited(world: World, order_id: str, **body: Any) -> str:
    """Return the id of the credit note of the first invoice, with its number: of all of it unless `body` says otherwise."""
    sent = {"invoice_id": inv(order_id), "credit": "ALL", "reason": "came back"} | body
    reply = world.change(order_id, "credit-notes", sent)
    assert reply.status == 201, reply.body
    world.settle()
    return str(reply.body["credit_note_id"])


def get_nfe(world: World, note: str, *, who: str = "shop") -> Reply:
    return world.call("GET", f"/v1/credit-notes/{note}/nfe", who=who)


def made(world: World, note: str) -> bytes:
    reply = get_nfe(world, note)
    assert reply.status == 303, reply.body
    xml: bytes = client("s3").get_object(Bucket=BUCKET, Key=key_of(reply))["Body"].read()
    assert (schema_says(xml), second_says(xml)) == ([], [])
    return xml


def key_in(xml: bytes) -> str:
    return xml.decode().partition('Id="NFe')[2][:44]


def tell_return(world: World, note: str, key: str, *, who: str = "shop", **body: Any) -> Reply:
    sent = {"result": "AUTHORIZED", "key": key, "protocol": PROTOCOL} | body
    sent = {name: value for name, value in sent.items() if value is not None}
    return world.call("POST", f"/v1/credit-notes/{note}/nfe", sent, who=who)


def test_a_return_waits_until_the_authority_has_taken_its_nfe(brazil: World):
    order_id = authorized(brazil)
    note = credited(brazil, order_id)
    assert queue(brazil) == [("nfe-waits", {"credit_note": note})]

    xml = made(brazil, note)
    assert (texts(xml, "finNFe"), texts(xml, "refNFe")) == (["4"], [key_of_nfe(brazil, order_id)])
    assert (texts(xml, "serie"), texts(xml, "nNF"), texts(xml, "vNF")) == (["101"], ["1"], ["100.00"])
    reply = tell_return(brazil, note, key_in(xml))

    assert reply.status == 200, reply.body
    assert queue(brazil) == []
    shown = brazil.call("GET", f"/v1/credit-notes/{note}", who="shop").body["nfe"]
    assert shown == reply.body
    # The answer about the sale is another one, and stays.
    invoice = brazil.call("GET", f"/v1/invoices/{inv(order_id)}", who="shop").body["nfe"]
    assert (invoice["result"], invoice["key"]) == ("AUTHORIZED", key_of_nfe(brazil, order_id))
    events = brazil.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    assert [one["data"].get("credit_note") for one in events if one["type"] == "nfe_told"] == [None, note]


def test_each_return_of_a_part_has_an_nfe_of_its_own(brazil: World):
    order_id = authorized(brazil)
    unit = {"credit": "LINES", "lines": [{"line_id": "1", "quantity": 1}]}

    first, second = (made(brazil, credited(brazil, order_id, **unit)) for _ in range(2))

    assert [texts(xml, "nNF") for xml in (first, second)] == [["1"], ["2"]]
    assert [texts(xml, "vNF") for xml in (first, second)] == [["50.00"], ["50.00"]]
    assert len(queue(brazil)) == 2


def test_the_same_answer_again_changes_nothing_and_a_second_key_is_refused(brazil: World):
    order_id = authorized(brazil)
    note = credited(brazil, order_id)
    key = key_in(made(brazil, note))

    first, again = tell_return(brazil, note, key), tell_return(brazil, note, key)

    assert (first.status, again.body) == (200, first.body)
    reply = tell_return(brazil, note, key_of_nfe(brazil, order_id))  # of the sale
    assert (reply.status, reply.errors) == (422, [("/key", "not-of-the-invoice")])


def test_a_return_names_the_nfe_of_its_sale_so_it_waits_for_that_one(brazil: World):
    order_id = sold(brazil)
    sale = key_of_nfe(brazil, order_id)
    note = credited(brazil, order_id)
    assert "/invoice/nfe" in get_nfe(brazil, note).body["detail"]

    tell(brazil, order_id, sale)

    assert texts(made(brazil, note), "refNFe") == [sale]


def test_a_return_is_not_authorized_before_its_sale(brazil: World):
    order_id = authorized(brazil)
    note = credited(brazil, order_id)
    key = key_in(made(brazil, note))
    tell(brazil, order_id, key_of_nfe(brazil, order_id), result="CANCELLED", protocol="135260000000018")

    reply = tell_return(brazil, note, key)

    assert (reply.status, reply.problem) == (409, "not-allowed")


def test_a_refused_return_waits_with_its_code_and_a_cancelled_one_asks_a_person(brazil: World):
    note = credited(brazil, authorized(brazil))
    key = key_in(made(brazil, note))

    assert tell_return(brazil, note, key, result="REFUSED", code="327", protocol=None).status == 200
    assert queue(brazil) == [("nfe-refused", {"credit_note": note, "code": "327"})]
    assert tell_return(brazil, note, key).status == 200
    assert queue(brazil) == []
    assert tell_return(brazil, note, key, result="CANCELLED", protocol="135260000000018").status == 200
    assert queue(brazil) == [("nfe-return-cancelled", {"credit_note": note})]


def test_an_amount_alone_has_no_nfe_of_a_return(brazil: World):
    note = credited(brazil, authorized(brazil), credit="AMOUNT", amount=brl(500))

    assert queue(brazil) == []
    assert "/lines: the credit note takes no units back" in get_nfe(brazil, note).body["detail"]
    reply = tell_return(brazil, note, "35261111222333000181550010000000171142701500")
    assert (reply.status, reply.problem) == (409, "not-allowed")


def test_an_invoice_whose_nfe_was_cancelled_has_no_return(brazil: World):
    order_id = authorized(brazil)
    tell(brazil, order_id, key_of_nfe(brazil, order_id), result="CANCELLED", protocol="135260000000018")

    credited(brazil, order_id)

    assert [why for why, _ in queue(brazil)] == ["nfe-cancelled"]


def test_a_company_that_says_no_series_for_returns_is_asked_for_it(world: World):
    sells_in_brazil(world)
    note = credited(world, authorized(world))
    assert "/seller/nfe/return_series" in get_nfe(world, note).body["detail"]

    company_is(world)
    directory.forget()

    assert texts(made(world, note), "serie") == ["101"]


def test_an_authorized_return_stays_what_it_was(brazil: World):
    note = credited(brazil, authorized(brazil))
    before = made(brazil, note)
    tell_return(brazil, note, key_in(before))

    company_is(brazil, return_series={"dc-1": 7}, regime=1)
    goods_are(brazil, ncm="09022000")

    assert made(brazil, note) == before
    assert tell_return(brazil, note, key_in(before)).status == 200


def test_a_credit_note_elsewhere_has_none(world: World):
    sells_in_brazil(world, nfe=None)
    note = credited(world, sold(world))

    assert queue(world) == []
    assert get_nfe(world, note).status == 409


def test_a_preview_of_a_credit_note_opens_no_item(brazil: World):
    order_id = authorized(brazil)
    sent = {"invoice_id": inv(order_id), "credit": "ALL", "reason": "came back", "preview": True}

    assert brazil.change(order_id, "credit-notes", sent).status == 200
    assert queue(brazil) == []


@pytest.mark.parametrize(
    ("who", "status"), [("other-shop", 404), ("dc-1-system", 403), ("picker", 403), ("sales", 200)]
)
def test_the_channel_and_the_office_get_it_and_tell_of_it(brazil: World, who: str, status: int):
    note = credited(brazil, authorized(brazil))
    key = key_in(made(brazil, note))

    assert get_nfe(brazil, note, who=who).status == (303 if status == 200 else status)
    assert tell_return(brazil, note, key, who=who).status == status
