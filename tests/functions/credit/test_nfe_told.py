"""The answer of the authority about an NF-e is told once, of the very invoice, by its channel or the office."""

from typing import Any

import pytest

from tests.domain.documents.nfe_sales import NFE
from tests.domain.documents.xml_texts import texts
from tests.functions.documents.brazil import SERIES, goods_are, sells_in_brazil, sold
from tests.functions.documents.test_invoices import inv
from tests.functions.documents.test_nfe_papers import made
from tests.functions.world import Reply, World

PROTOCOL = "135260000000017"


def key_of_nfe(world: World, order_id: str) -> str:
    xml = made(world, order_id).decode()
    return xml.partition('Id="NFe')[2][:44]


def tell(world: World, order_id: str, key: str, *, who: str = "shop", idem: str | None = "", **body: Any) -> Reply:
    sent = {"result": "AUTHORIZED", "key": key, "protocol": PROTOCOL} | body
    sent = {name: value for name, value in sent.items() if value is not None}
    return world.call("POST", f"/v1/invoices/{inv(order_id)}/nfe", sent, who=who, key=idem)


def queue(world: World) -> list[tuple[str, dict[str, str]]]:
    items = world.call("GET", "/v1/queues/fiscal", who="office").body["items"]
    return [(one["reason"], one["data"]) for one in items]


def test_an_invoice_waits_in_the_queue_from_its_issue_until_it_is_authorized(brazil: World):
    order_id = sold(brazil)
    assert queue(brazil) == [("nfe-waits", {"invoice": inv(order_id)})]
    key = key_of_nfe(brazil, order_id)

    reply = tell(brazil, order_id, key)

    assert reply.status == 200, reply.body
    assert queue(brazil) == []
    shown = brazil.call("GET", f"/v1/invoices/{inv(order_id)}", who="shop").body["nfe"]
    assert shown == reply.body
    assert (shown["result"], shown["key"], shown["protocol"], shown["code"]) == ("AUTHORIZED", key, PROTOCOL, None)
    events = brazil.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    assert [one["data"]["result"] for one in events if one["type"] == "nfe_told"] == ["AUTHORIZED"]


def test_what_an_nfe_lacks_is_in_the_queue(brazil: World):
    sells_in_brazil(brazil, nfe=NFE | {"series": {"store-1": 3}})
    goods_are(brazil, icms="102")

    order_id = sold(brazil)

    fields = "/seller/nfe/series,/lines/0/nfe/icms"
    assert queue(brazil) == [("nfe-lacks", {"invoice": inv(order_id), "fields": fields})]


def test_a_refused_nfe_waits_with_its_code_until_it_is_authorized_after_all(brazil: World):
    order_id = sold(brazil)
    key = key_of_nfe(brazil, order_id)

    assert tell(brazil, order_id, key, result="REFUSED", code="778", protocol=None).status == 200
    assert queue(brazil) == [("nfe-refused", {"invoice": inv(order_id), "code": "778"})]

    assert tell(brazil, order_id, key).status == 200
    assert queue(brazil) == []


def test_the_same_answer_again_is_the_same(brazil: World):
    order_id = sold(brazil)
    key = key_of_nfe(brazil, order_id)
    first = tell(brazil, order_id, key, idem="one")

    again, other_key = tell(brazil, order_id, key, idem="one"), tell(brazil, order_id, key, idem="two")

    assert (first.status, again.body, other_key.body) == (200, first.body, first.body)
    assert len(brazil.order(order_id)["invoices"]) == 1
    assert tell(brazil, order_id, key, result="REFUSED", code="1", idem="one").problem == "idempotency-key-reused"


def test_a_cancelled_nfe_asks_for_a_credit_note_and_stays_cancelled(brazil: World):
    order_id = sold(brazil)
    key = key_of_nfe(brazil, order_id)
    tell(brazil, order_id, key)

    assert tell(brazil, order_id, key, result="CANCELLED", protocol="135260000000018").status == 200
    assert queue(brazil)[0][0] == "nfe-cancelled"
    reply = tell(brazil, order_id, key)
    assert (reply.status, reply.problem) == (409, "not-allowed")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"protocol": None}, [("/protocol", "missing")]),
        ({"result": "REFUSED"}, [("/code", "missing")]),
        ({"protocol": "1"}, [("/protocol", "string-pattern-mismatch")]),
        ({"result": "PERHAPS"}, [("/result", "literal-error")]),
        ({"key": "3" * 44}, [("/key", "malformed")]),
        ({"key": "35261111222333000181550010000000171142701500"}, [("/key", "not-of-the-invoice")]),
    ],
)
def test_a_wrong_answer_is_refused_by_its_field(brazil: World, body: dict[str, Any], errors: list[tuple[str, str]]):
    order_id = sold(brazil)

    reply = tell(brazil, order_id, **{"key": key_of_nfe(brazil, order_id)} | body)

    assert (reply.status, reply.errors) == (422, errors), reply.body
    assert queue(brazil)[0][0] == "nfe-waits"


@pytest.mark.parametrize(
    ("who", "status"), [("other-shop", 404), ("dc-1-system", 403), ("picker", 403), ("sales", 200)]
)
def test_the_channel_and_the_office_tell_it(brazil: World, who: str, status: int):
    order_id = sold(brazil)

    assert tell(brazil, order_id, key_of_nfe(brazil, order_id), who=who).status == status


def test_an_invoice_of_another_country_has_no_nfe_to_tell_of(world: World):
    sells_in_brazil(world, nfe=None)
    order_id = sold(world)

    reply = tell(world, order_id, "35261111222333000181550010000000171142701500")

    assert (reply.status, reply.problem) == (409, "not-allowed")
    assert queue(world) == []


def test_a_person_may_end_the_item(brazil: World):
    order_id = sold(brazil)
    path = f"/v1/queues/fiscal/items/{order_id}.nfe-001/resolve"

    assert brazil.call("POST", path, {"answer": "done"}, who="office").status == 200
    assert queue(brazil) == []


def test_the_number_that_was_given_is_that_of_the_key(brazil: World):
    order_id = sold(brazil)
    xml = made(brazil, order_id)

    assert (texts(xml, "nNF"), texts(xml, "serie")) == (["1"], [str(SERIES["dc-1"])])
