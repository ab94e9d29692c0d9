"""Test that the doors answer as docs/openapi.json says: every route, its statuses, its headers and its fields."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from comanda.aws.books.settlement_rows import Comparison, Totals, write
from comanda.aws.directory import directory
from comanda.aws.dynamodb import transaction
from comanda.aws.runtime.clients import client
from comanda.domain.reconciliation.settlement import Settlement
from functions.books import handler as books_room
from local.stripe.webhooks import signature
from openapi.answers.problems import Problem
from openapi.description import FILE
from openapi.operations import OPERATIONS
from tests.functions import user_pool
from tests.functions.credit import test_nfe_returns as nfe_returns
from tests.functions.credit.test_nfe_told import key_of_nfe
from tests.functions.credit_accounts.credit import on_account, taken_by_us
from tests.functions.credit_accounts.credit import shipped as shipped_on_account
from tests.functions.documents.brazil import SELLER, a_line_in_reais, in_reais, sells_in_brazil
from tests.functions.events import find_route
from tests.functions.world import Reply, World, a_body, at_counter, usd

SENT_WITH = {"ETag", "Location", "Link", "Idempotent-Replayed", "Retry-After"}


class Witness:
    """Call doors, and compare each answer with its description."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.promised: dict[str, Any] = json.loads(FILE.read_text())
        self.seen: set[tuple[str, str, int]] = set()

    def __call__(self, method: str, path: str, body: Any = None, **how: Any) -> Reply:
        reply = self.world.call(method, path, body, **how)
        found = find_route(method, path)
        assert found is not None, path
        route = (method, found[0].path)
        self.seen.add((*route, reply.status))
        self._hold(route, reply)
        return reply

    def _hold(self, route: tuple[str, str], reply: Reply) -> None:
        described = self.promised["paths"][route[1]][route[0].lower()]["responses"]
        assert str(reply.status) in described, (route, reply.status, reply.body)
        if reply.status >= 400:
            Problem.model_validate(reply.body)
            assert (
                reply.body["type"]
                in self.promised["components"]["schemas"]["Problem"]["properties"]["type"]["examples"]
            )
            refusal = described[str(reply.status)]["$ref"].rpartition("/")[2]
            assert reply.body["type"] in self.promised["components"]["responses"][refusal]["description"]
            return
        shape = dict(OPERATIONS[route].answers)[reply.status]
        if isinstance(shape, type):
            shape.model_validate_json(json.dumps(reply.body))
        said = set(described[str(reply.status)].get("headers", {}))
        assert {name for name in reply.headers if name in SENT_WITH} <= said, (route, reply.headers)
        for name in said - {"Link", "Idempotent-Replayed"}:
            assert reply.headers[name], (route, name)


@pytest.fixture
def call(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Witness]:
    pool = user_pool.make_pool(UsernameAttributes=["email"])
    user_pool.add_scopes(pool)
    monkeypatch.setenv("USER_POOL_ID", pool)
    return Witness(world)


def shipped(world: World, call: Witness) -> str:
    """Return the id of an order of two lines that went through each step, with one short unit."""
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    world.stocked("CUP-001", dc_1=9)
    body = a_body(
        {
            "sku": "TEA-001",
            "quantity": 3,
            "tax": {"rate": "0.10", "amount": usd(297)},
            "discounts": [{"code": "SPRING", "amount": usd(30)}],
        },
        {"sku": "CUP-001", "quantity": 1},
        charges=[{"kind": "SHIPPING", "amount": usd(500), "tax": usd(50)}],
        discounts=[{"code": "WELCOME", "amount": usd(100)}],
        payments=[
            {"method": "CARD", "reference": "auth-1", "authorized": usd(4717), "expires_at": "2027-01-01T00:00:00Z"}
        ],
        totals={"goods": usd(4000), "discounts": usd(130), "charges": usd(500), "tax": usd(347), "total": usd(4717)},
        bill_to={
            "name": "Ada Byron",
            "line1": "12 Main St",
            "city": "Chicago",
            "postal_code": "60601",
            "country": "US",
        },
        note="the bell is broken",
        attributes={"cart": "c-1"},
        tags=["vip"],
    )
    placed = call("POST", "/v1/orders", body, key="placed")
    assert placed.status == 201
    call("POST", "/v1/orders", body, key="placed")
    order_id = str(placed.body["order_id"])
    world.settle()
    path = f"/v1/fulfillments/ful_{order_id[4:]}-001"
    assert call("GET", f"{path}/pick-list", who="dc-1-system").body["units"] > 0
    assert call("GET", f"{path}/cartons", who="dc-1-system").body["cartons"]
    assert call("POST", f"{path}/accept", {}, who="dc-1-system").status == 200
    wave = call("POST", "/v1/pick-waves", {"node_id": "dc-1"}, who="dc-1-system", key="wave").body["wave_id"]
    assert (
        call("GET", "/v1/pick-waves", query={"node_id": "dc-1"}, who="dc-1-system").body["items"][0]["wave_id"] == wave
    )
    assert call("POST", f"/v1/pick-waves/{wave}/assign", {"picker_id": "picker"}, who="dc-1-system").status == 200
    assert call("GET", f"/v1/pick-waves/{wave}", who="dc-1-system").body["rows"]
    assert call("POST", f"/v1/pick-waves/{wave}/close", {}, who="dc-1-system").body["status"] == "CLOSED"
    assert call("GET", f"{path}/scans", who="dc-1-system").body["lines"]
    for step, said in (
        ("start-pick", {}),
        ("scans", {"code": "TEA-001"}),
        ("scans/undo", {}),
        ("short-pick", {"lines": [{"line_id": "1", "quantity": 1}], "reason": "NOT_FOUND"}),
        ("pick", {}),
        (
            "pack",
            {
                "packages": [
                    {
                        "package_id": "p-1",
                        "contents": [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}],
                    }
                ]
            },
        ),
        (
            "repack",
            {
                "packages": [
                    {
                        "package_id": "p-1",
                        "contents": [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}],
                    },
                ]
            },
        ),
        ("ship", {"packages": [{"package_id": "p-1", "carrier": "UPS", "tracking_number": "1Z-1"}]}),
    ):
        assert call("POST", f"{path}/{step}", said, who="dc-1-system").status == 200, step
        world.settle()
    return order_id


def order_and_what_comes_of_it(world: World, call: Witness) -> None:
    order_id = shipped(world, call)

    order = call("GET", f"/v1/orders/{order_id}")
    assert order.body["status"] == "PARTIALLY_SHIPPED"
    assert len(call("GET", f"/v1/orders/{order_id}/events").body["items"]) == order.body["version"]
    assert call("GET", f"/v1/orders/{order_id}/decisions", who="office").body["items"]
    assert call("GET", f"/v1/orders/{order_id}/allowed-changes", query={"locale": "es"}).body["changes"]
    assert call("GET", f"/v1/orders/{order_id}/contact").body["note"] == "the bell is broken"
    customer_id = call("GET", f"/v1/orders/{order_id}/contact").body["customer_id"]
    assert call("GET", f"/v1/customers/{customer_id}").body["items"][0]["order_id"] == order_id
    assert call("GET", "/v1/customers", query={"name": "ada"}, who="office").body["items"]
    assert call("GET", f"/v1/invoices/{order.body['invoices'][0]}").body["totals"]["total"]["amount"] > 0
    assert call("GET", f"/v1/invoices/{order.body['invoices'][0]}/xml").status == 409  # the seller has no VAT number
    assert call("GET", f"/v1/invoices/{order.body['invoices'][0]}/nfe").status == 409  # and is not in Brazil
    printed = call("GET", f"/v1/invoices/{order.body['invoices'][0]}/pdf")
    assert printed.headers["Location"].startswith("https://comanda-test-documents.s3.amazonaws.com/2026/")
    credit = {"invoice_id": order.body["invoices"][0], "credit": "AMOUNT", "amount": usd(100), "reason_code": "damaged"}
    notes = f"/v1/orders/{order_id}/credit-notes"
    assert call("POST", notes, {**credit, "preview": True}).status == 200
    assert call("POST", notes, credit, if_match=order.etag, key="credit").status == 201
    assert call("POST", notes, credit, if_match=order.etag, key="credit").status == 201
    assert call("POST", notes, {**credit, "amount": usd(10**6)}, if_match='"v99"').status == 412
    (noted,) = call("GET", f"/v1/orders/{order_id}").body["credit_notes"]
    assert call("GET", f"/v1/credit-notes/{noted['credit_note_id']}").body["number"] is None
    world.settle()
    assert call("GET", f"/v1/credit-notes/{noted['credit_note_id']}").body["totals"]["total"] == usd(100)
    assert call("GET", f"/v1/credit-notes/{noted['credit_note_id']}/pdf").status == 303
    assert call("GET", f"/v1/credit-notes/{noted['credit_note_id']}/xml").status == 409
    assert call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001", who="dc-1-system").body["status"] == "SHIPPED"
    scans = [
        {"tracking_number": n, "status": "IN_TRANSIT", "occurred_at": "2026-11-19T12:00:00Z"} for n in ("1Z-1", "0")
    ]
    told = call("POST", "/v1/tracking-events", {"events": [*scans, {**scans[0], "code": "X"}]}, who="office")
    assert [row["status"] for row in told.body["rows"]] == ["APPLIED", "REJECTED", "APPLIED"]
    (scan, _) = call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001/tracking", who="office").body["items"]
    assert scan["reported_by"] == "office"
    work = call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001", who="dc-1-system").body
    assert work["packages"][0]["tracking"]["status"] == "IN_TRANSIT"
    document = call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001/documents/packing-slip", who="dc-1-system")
    assert document.headers["Location"].startswith("https://comanda-test-documents.s3.amazonaws.com/2026/")
    for text in (order_id, order.body["external_id"], order.body["invoices"][0], f"ful_{order_id[4:]}-001"):
        assert call("GET", "/v1/find", query={"q": text}, who="office").body["items"][0]["order_id"] == order_id
    assert call("GET", "/v1/fulfillments", query={"node_id": "dc-1", "done": "2026-11"}, who="dc-1-system").body[
        "items"
    ]
    work = f"/v1/fulfillments/ful_{order_id[4:]}-001"
    for step, said in (("lose", {"packages": ["p-1"], "reason": "NOT_ARRIVED"}), ("deliver", {"packages": ["p-1"]})):
        assert call("POST", f"{work}/{step}", said, who="dc-1-system").status == 200
        assert call("GET", f"/v1/orders/{order_id}").body["status"] == "PARTIALLY_COMPLETED"


TO_CHICAGO = {
    "name": "Ada Byron",
    "line1": "12 Main St",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
}


def a_draft(world: World, call: Witness) -> None:
    line = {"line_id": "1", "sku": "TEA-001", "quantity": 1, "unit_price": usd(1000), "tax_rate": "0.1"}
    body = {
        "channel": "web",
        "currency": "USD",
        "locale": "en-US",
        "open_cart": True,
        "customer": {"id": "77", "name": "Ada Byron", "email": "ada@example.org"},
        "lines": [line],
        "charges": [{"kind": "SHIPPING", "amount": usd(500)}],
    }
    draft = call("POST", "/v1/drafts", body).body
    path = f"/v1/drafts/{draft['draft_id']}"
    changed = call("PATCH", path, {"ship_to": TO_CHICAGO, "note": "ring twice"}, if_match='"v1"')
    assert changed.body["destination"]["region"] == "IL"
    assert call("GET", f"{path}/contact").body["note"] == "ring twice"
    assert call("POST", f"{path}/claim", {}, who="office").body["claim"]["by"] == "office"
    assert call("GET", path).body["claim"]["by"] is None
    assert call("PATCH", path, {"tags": ["vip"]}, if_match='"v2"').problem == "claimed"
    assert call("POST", f"{path}/release", {}, who="office").body["claim"] is None
    assert call("GET", "/v1/drafts", query={"channel": "web", "customer_id": "77"}).body["items"]
    assert call("GET", "/v1/drafts", query={"name": "ada"}, who="office").body["items"][0]["customer"]
    quoted = call("POST", f"{path}/quote", {}, if_match='"v2"', who="office").body["quote"]
    assert call("GET", "/v1/drafts", query={"quote": quoted["number"]}).body["items"]
    paid = {"payments": [{"method": "CARD", "reference": "pi_1", "authorized": usd(9_000)}]}
    seen = call("GET", path).etag  # a quote is a change
    assert call("POST", f"{path}/confirm", paid, if_match=seen).status == 201
    assert call("POST", f"{path}/confirm", paid, if_match=seen).status == 200
    assert call("POST", f"{path}/quote", {}, if_match='"v2"', who="office").problem == "draft-ended"
    other = call("POST", "/v1/drafts", {**body, "open_cart": False}).body["draft_id"]
    assert call("POST", f"/v1/drafts/{other}/abandon", {}).body["status"] == "ABANDONED"
    assert len(call("GET", f"{path}/events").body["items"]) == 6


def an_erasure(world: World, call: Witness) -> None:
    order_id = world.placed(customer={"id": "zoe", "name": "Zoe"})
    assert world.change(order_id, "cancel", {"reason": "x"}).status == 200
    world.settle()
    customer_id = call("GET", f"/v1/orders/{order_id}/contact").body["customer_id"]
    zoe = call("GET", f"/v1/orders/{world.placed(customer={'id': 'zoe-2', 'name': 'Zoe'})}/contact").body["customer_id"]
    for verb in ("merge", "unmerge", "merge"):
        sent = {"into": zoe} if verb == "merge" else {}
        assert call("POST", f"/v1/customers/{customer_id}/{verb}", sent, who="office").status == 200
    assert call("GET", f"/v1/customers/{customer_id}", who="office").body["merged"]
    assert call("POST", f"/v1/customers/{customer_id}/unmerge", {}, who="office").status == 200
    assert call("GET", "/v1/audit", who="office", query={"customer": customer_id}).body["items"]
    assert call("GET", f"/v1/customers/{customer_id}/export", who="office").body["items"][0]["contacts"]
    assert call("DELETE", f"/v1/customers/{customer_id}", who="office", key=None).body["orders"] == 1


def cases(world: World, call: Witness) -> None:
    order_id = world.placed(("TEA-001", 1))
    sent = {"kind": "LATE", "text": "Where is it?", "line_ids": ["1"]}
    case_id = call("POST", f"/v1/orders/{order_id}/cases", sent, key="case").body["case_id"]
    assert call("POST", f"/v1/orders/{order_id}/cases", sent, key="case").body["case_id"] == case_id
    assert call("POST", "/v1/cases", {"kind": "OTHER", "text": "Hello"}, who="office").status == 201
    for verb, body in (
        ("note", {"text": "It is in Reno."}),
        ("assign", {"owner": "tower"}),
        ("wait", {"for": "PARTNER"}),
        ("resume", {}),
        ("close", {"outcome": "ANSWERED"}),
        ("close", {"outcome": "SPAM"}),
        ("reopen", {}),
    ):
        assert call("POST", f"/v1/cases/{case_id}/{verb}", body, who="office").status in (200, 409), verb
    mailed = {"message_id": "<1@x>", "from": "ada@example.org", "text": "Where?"}
    token = call("GET", f"/v1/cases/{case_id}", who="office").body["reply_token"]
    assert call("POST", "/v1/case-mails", {**mailed, "reply_token": token}, who="mailbox").body["result"] == "ADDED"
    other = {**mailed, "message_id": "<2@x>"}
    assert call("POST", "/v1/case-mails", other, who="mailbox").status == 201
    assert call("POST", "/v1/case-mails", {**other, "text": "x"}, who="mailbox").body["result"] == "CONFLICT"
    robot = {**other, "message_id": "<3@x>", "headers": [{"name": "Precedence", "value": "bulk"}]}
    assert call("POST", "/v1/case-mails", robot, who="mailbox").body["reason"] == "mailing-list"
    assert call("GET", f"/v1/cases/{case_id}").body["reply_token"] is None
    assert call("GET", "/v1/cases", query={"order_id": order_id}).body["items"][0]["case_id"] == case_id
    assert call("GET", "/v1/cases", query={"owner": "tower", "limit": "1"}, who="office").body["items"]
    customer_id = call("GET", f"/v1/orders/{order_id}/contact").body["customer_id"]
    assert call("GET", f"/v1/customers/{customer_id}", who="office").body["cases"]
    exported = call("GET", f"/v1/customers/{customer_id}/export", who="office").body["items"]
    assert [case["words"] for one in exported for case in one["cases"]]


def lists(world: World, call: Witness) -> None:
    for _ in range(3):
        world.placed(customer={"id": "cus-1", "name": "Ada Byron", "email": "ada@example.org"})

    first = call("GET", "/v1/orders", query={"customer_id": "cus-1", "limit": "2"})
    rest = call("GET", "/v1/orders", query={"customer_id": "cus-1", "limit": "2", "cursor": first.body["next"]})

    assert (len(first.body["items"]), len(rest.body["items"]), rest.body["next"]) == (2, 1, None)
    assert first.headers["Link"] == f'</v1/orders?customer_id=cus-1&limit=2&cursor={first.body["next"]}>; rel="next"'


def sales_and_care(world: World, call: Witness) -> None:
    world.hold_type()
    world.hold_type("CUSTOMER_REQUEST", "holds", applies_when=None)
    etag = {}

    def change(order_id: str, verb: str, body: Any = None) -> Reply:
        etag[order_id] = call("GET", f"/v1/orders/{order_id}", who="office").etag
        return call("POST", f"/v1/orders/{order_id}/{verb}", body or {}, who="office", if_match=etag[order_id])

    large = [world.placed({"sku": "TEA-001", "quantity": 100}) for _ in range(2)]
    waiting = call("GET", "/v1/queues/sales-review", query={"limit": "1"}, who="office")
    assert (len(waiting.body["items"]), bool(waiting.body["next"])) == (1, True)
    assert change(large[0], "confirm").status == 200
    assert change(large[1], "reject", {"reason": "looks odd"}).body["status"] == "CANCELLED"
    held = change(large[0], "holds", {"type": "CUSTOMER_REQUEST", "reason": "on holiday"})
    hold_id = held.body["holds"][-1]["hold_id"]
    assert change(large[0], f"holds/{hold_id}/resolve", {"resolution": "is back"}).status == 200
    world.settle()  # not that many are in stock
    items = call("GET", "/v1/queues/backorder", who="office").body["items"]
    item = next(item for item in items if item["order_id"] == large[0])
    for verb in ("claim", "release"):
        path = f"/v1/queues/backorder/items/{item['item_id']}/{verb}"
        assert call("POST", path, {}, who="office").status == 200
    free = [call("POST", "/v1/queues/backorder/claim", {}, who="office").body["item"] for _ in range(len(items) + 1)]
    assert call("GET", "/v1/work", who="office").body["items"]
    assert [one["item_id"] for one in free[:-1]] == [one["item_id"] for one in items]
    assert free[-1] is None
    chosen = {"items": [items[-1]["item_id"], "nothing"], "answer": "retry"}
    rows = call("POST", "/v1/queues/backorder/resolve", chosen, who="office").body["rows"]
    assert [row["status"] for row in rows] == ["done", "refused"]
    picked = world.placed(("CUP-001", 1))
    world.stocked("CUP-001", dc_1=1)
    world.settle()
    world.steps(picked, "accept", "pick")
    world.change(picked, "cancel", {"reason": "changed mind"})
    (back,) = call("GET", "/v1/queues/put-back", query={"node_id": "dc-1"}, who="picker").body["items"]
    path = f"/v1/queues/put-back/items/{back['item_id']}/resolve"
    assert call("POST", path, {"answer": "done"}, who="picker").body["status"] == "done"
    item = next(item for item in items if item["order_id"] == large[0])
    resolve = f"/v1/queues/backorder/items/{item['item_id']}/resolve"
    assert call("POST", resolve, {"answer": "retry"}, who="office").status == 200
    wrap = {"modification": "charge", "kind": "WRAP", "amount": usd(100)}
    fewer = {"modification": "quantity", "line_id": "1", "quantity": 0}
    for body, status in (
        (
            {
                "preview": True,
                "changes": [fewer, {**fewer, "modification": "price", "quantity": None, "unit_price": usd(1)}],
            },
            201,
        ),
        ({"changes": [wrap]}, 409),
        ({"changes": [{"modification": "tags", "tags": ["vip"]}]}, 200),
    ):
        assert change(large[0], "changes", {"reason": "asked to", **body}).status == status
    assert change(large[0], "cancel", {"reason": "changed mind"}).body["status"] == "CANCELLED"
    assert call("GET", "/v1/queues", who="office").status == 200


def provided(world: World, call: Witness) -> None:
    digital = {"sku": "POT-001", "quantity": 2, "kind": "DIGITAL"}
    order_id = call("POST", "/v1/orders", a_body(digital, ship_to=None)).body["order_id"]
    world.settle()

    proof = {"line_id": "1", "quantity": 2, "proof": {"kind": "CODE", "text": "ABCD-1234"}}
    assert call("POST", f"/v1/orders/{order_id}/provide", proof).body["status"] == "COMPLETED"
    assert call("POST", f"/v1/orders/{order_id}/links", {}).body["epoch"] == 1
    world.settle()
    (invoice,) = call("GET", f"/v1/orders/{order_id}").body["invoices"]
    assert call("GET", f"/v1/invoices/{invoice}").body["fulfillment_id"] is None
    assert call("GET", f"/v1/orders/{order_id}/contact").body["proofs"][0]["text"] == "ABCD-1234"


def an_invoice_of_brazil(world: World, call: Witness) -> None:
    """Give the NF-e of an invoice in reais."""
    sells_in_brazil(world, nfe=SELLER["nfe"] | {"return_series": {"dc-1": 101}})
    for entry in ("legal-entities/tea-co", "products/TEA-001"):
        assert call("GET", f"/v1/{entry}", who="office").body["nfe"]
    world.stocked("TEA-001", dc_1=2)
    body = a_body(a_line_in_reais(), external_id="BR-9", **in_reais())
    order_id = call("POST", "/v1/orders", body).body["order_id"]
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    path = f"/v1/invoices/inv_{order_id[4:]}-001/nfe"
    assert call("GET", path).status == 303
    key = key_of_nfe(world, order_id)
    assert call("POST", path, {"result": "AUTHORIZED", "key": key, "protocol": "135260000000017"}).status == 200
    assert call("GET", path.removesuffix("/nfe")).body["nfe"]["key"] == key
    note = nfe_returns.credited(world, order_id)
    path, key = f"/v1/credit-notes/{note}/nfe", nfe_returns.key_in(nfe_returns.made(world, note))
    assert call("GET", path).status == 303
    assert call("POST", path, {"result": "AUTHORIZED", "key": key, "protocol": "135260000000018"}).status == 200
    assert call("GET", path.removesuffix("/nfe")).body["nfe"]["key"] == key


def an_electronic_invoice(world: World, call: Witness) -> None:
    """Give the XML of an invoice whose seller and buyer have what it wants."""
    seller = {"name": "Chá, Lda.", "tax_id": "PT501964843", "line1": "Rua 1", "city": "Lisboa", "country": "PT"}
    seller |= {"electronic_address": "0088:4012345000009", "keep_invoices_years": 10}
    assert call("PUT", "/v1/legal-entities/tea-co", seller, who="office").status == 200
    directory.forget()
    buyer = {"buyer_reference": "PO-7", "electronic_address": "0088:4006381333931"}
    line = {"sku": "POT-001", "quantity": 1, "kind": "DIGITAL", "tax": {"rate": "0.1", "amount": usd(100)}}
    order_id = call("POST", "/v1/orders", a_body(line, attributes=buyer)).body["order_id"]
    world.settle()
    proof = {"line_id": "1", "quantity": 1, "proof": {"kind": "CODE", "text": "ABCD-1235"}}
    assert call("POST", f"/v1/orders/{order_id}/provide", proof).status == 200
    world.settle()
    assert call("GET", f"/v1/invoices/inv_{order_id[4:]}-001/xml").status == 303
    credit = {"invoice_id": f"inv_{order_id[4:]}-001", "credit": "ALL", "reason": "late"}
    etag = call("GET", f"/v1/orders/{order_id}").etag
    assert call("POST", f"/v1/orders/{order_id}/credit-notes", credit, if_match=etag).status == 201
    world.settle()
    assert call("GET", f"/v1/credit-notes/crn_{order_id[4:]}-001/xml").status == 303


def counter(world: World, call: Witness) -> None:
    world.stocked("TEA-001", store_1=5)
    order_id = call("POST", "/v1/orders", a_body(at_counter("TEA-001", 2))).body["order_id"]
    declined = call("POST", "/v1/orders", a_body(at_counter("TEA-001", 1))).body["order_id"]
    world.settle()

    for step in ("accept", "pick", "pack", "ready", "hand-over"):
        reply = call("POST", f"/v1/fulfillments/ful_{order_id[4:]}-001/{step}", {}, who="store-1-system")
        assert reply.status == 200, reply.body
    path = f"/v1/fulfillments/ful_{declined[4:]}-001/decline"
    assert call("POST", path, {"reason": "CLOSED"}, who="store-1-system").body["status"] == "DECLINED"


def changed(world: World, call: Witness) -> None:
    """Let a line join an order: previewed, withdrawn, pending again, and made by its payment."""
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=1)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    path = f"/v1/orders/{order_id}"
    line = {"line_id": "2", "sku": "POT-001", "quantity": 2, "unit_price": usd(500)}
    body = {"reason": "one more", "changes": [{"modification": "add_line", "lines": [line]}], "pending": True}

    def change(verb: str, said: Any) -> Any:
        return call("POST", f"{path}/{verb}", said, if_match=call("GET", path).etag)

    preview = call("POST", f"{path}/changes", {**body, "preview": True}).body["promise"]
    assert [len(preview[name]) for name in ("lines", "cannot_promise", "options")] == [1, 1, 1]
    assert change("changes", body).status == 202
    assert change("changes", body).problem == "change-pending"
    assert change("pending-change/withdraw", {"reason": "not now"}).status == 200
    assert change("changes", body).status == 202
    assert call("GET", f"{path}/allowed-changes").body["pending_change"]["modifications"] == ["add_line"]
    payment = {"method": "CARD", "reference": "auth-9", "authorized": usd(1000)}
    assert len(call("POST", f"{path}/payments", {"payments": [payment]}).body["lines"]) == 2


def given_up(world: World, call: Witness) -> None:
    """Let work end without leaving: recalled, handed back, not collected."""
    world.stocked("TEA-001", dc_1=9, store_1=9)
    recalled, handed, lost = (world.placed(("TEA-001", 2)) for _ in range(3))
    cash = world.placed(("TEA-001", 1), payments=[{"method": "CASH_ON_DELIVERY", "authorized": usd(1000)}])
    waiting = call("POST", "/v1/orders", a_body(at_counter("TEA-001", 2))).body["order_id"]
    world.settle()

    def step(order_id: str, verb: str, said: Any) -> Any:
        return call("POST", f"/v1/fulfillments/ful_{order_id[4:]}-001/{verb}", said, who="office")

    def recall(order_id: str) -> Any:
        etag = call("GET", f"/v1/orders/{order_id}", who="office").etag
        said = {"reason": "fraud", "lines": [{"line_id": "1", "quantity": 1}]}
        return call("POST", f"/v1/orders/{order_id}/recall", said, who="office", if_match=etag)

    world.steps(recalled, "accept", "pick")
    assert recall(recalled).body["fulfillments"][0]["recall"]["lines"]
    assert step(recalled, "recall-refuse", {"reason": "OTHER"}).body["recall"] is None
    assert recall(recalled).status == 200
    assert step(recalled, "recall-agree", {}).status == 200
    world.steps(handed, "accept")
    assert step(handed, "hand-back", {"reason": "OTHER"}).body["status"] == "HANDED_BACK"
    world.steps(waiting, "accept", "pick", "pack", "ready")
    assert step(waiting, "no-show", {}).body["status"] == "NO_SHOW"
    world.steps(lost, "ship")
    assert step(lost, "lose", {"reason": "DESTROYED"}).body["status"] == "LOST"
    world.steps(cash, "ship")
    world.settle()
    assert step(cash, "collect", {"amount": usd(1000), "reference": "c"}).body["to_collect"]["amount"] == 0
    (item,) = call("GET", "/v1/queues/lost", who="office").body["items"]
    answer = {"answer": "resend"}
    resent = call("POST", f"/v1/queues/lost/items/{item['item_id']}/resolve", answer, who="office")
    assert call("GET", f"/v1/orders/{resent.body['losses'][0]['replacement_order_id']}", who="office").body["replaces"]


def _pages_of(call: Witness, kind: str) -> list[dict[str, Any]]:
    """Return all entries of a kind, read in pages of one."""
    found, query = [], {"limit": "1"}
    while True:
        page = call("GET", f"/v1/{kind}", who="office", query=query).body
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def stock_and_directory(world: World, call: Witness) -> None:
    world.stocked("POT-001", dc_1=5)
    hours = [{"weekday": 0, "opens": "08:00", "closes": "20:00"}]
    entries = {
        "calendars": {"timezone": "America/Chicago", "hours": hours},
        "partners": {"name": "Acme", "nodes": []},
        "nodes": {
            "type": "STORE", "name": "Loop", "country": "US", "latitude": 41.9, "longitude": -87.6, "calendar": "one",
            "ship": True, "pickup": True, "accept_minutes": 60, "ship_minutes": 600, "partner_id": "one",
        },
        "products": {"title": "Tea", "weight_g": 100, "class": "goods"},
        "channels": {"name": "Shop", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]},
        "hold-types": {"blocks": ["ship"], "reason": "asked to", "queue": "holds", "applies_when": {"tags": ["audit"]}},
        "carriers": {
            "name": "Road", "country": "US", "calendar": "one", "collections": [],
            "services": [{
                "service": "STANDARD", "mode": "ROAD", "g_co2e_per_tonne_km": 100, "source": "made up", "lanes": [],
                "price": {"currency": "USD", "base_micros": 1}, "bands": [{"days": 3}],
            }],
        },
        "cartons": {"title": "Box", "inside_mm": [400, 300, 200], "max_g": 9000, "tags": ["cold"]},
        "rate-cards": {
            "name": "Road", "carrier": "one", "service": "STANDARD", "currency": "USD", "valid_from": "2026-01-01",
            "zones": {"a": {"steps": [{"up_to_g": 1000, "micros": 1}]}}, "bands": [{"zone": "a"}],
        },
        "cancel-reasons": {"titles": {"en-US": "a", "pt-BR": "b", "es": "c"}, "blame": "node"},
        "decline-reasons": {"titles": {"en-US": "a", "pt-BR": "b", "es": "c"}, "blame": "node"},
        "legal-entities": {
            "name": "Tea Inc.", "line1": "1 Harbor Way", "city": "Columbus", "country": "US", "keep_invoices_years": 7,
        },
        "tax-tables": {
            "name": "States", "rows": [
                {"country": "US", "region": "Illinois", "valid_from": "2026-01-01", "rate": "0.0625", "name": "Sales tax"},
            ],
        },
        "case-terms": {"kinds": {"LATE": {"team": "care", "due_hours": 4}}},
        "modification-matrices": {"rules": [{"modification": "cancel", "allow": False, "statuses": ["PICKED"]}]},
        "price-lists": {
            "name": "Web", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01", "tax_rate": "0.1",
            "prices": [{"sku": "POT-001", "unit_price": {"amount": 900, "currency": "USD"}, "tax_class": "goods"}],
        },
        "routing-costs": {"handling": {"STORE": {"per_unit_micros": 1}}, "overstock": {"STORE": {"micros": 1, "units": 2}}},
        "stock-policies": {"safety": {"default": {"percent": 5}}, "supplies": {"RETURN": {"excluded_percent": 40}}},
    }  # fmt: skip

    for kind, doc in entries.items():
        path = f"/v1/{kind}/{'default' if kind in ('stock-policies', 'routing-costs', 'modification-matrices', 'case-terms') else 'one'}"
        assert call("PUT", path, doc, who="office").status == 201
        assert call("PUT", path, doc, who="office").status == 200
        assert call("GET", path, who="office").body["version"] == 1
        assert call("PUT", path, doc, who="office", if_match='"v7"').status == 412
        assert path.rsplit("/", 1)[1] in {one["id"] for one in _pages_of(call, kind)}
    assert len(call("GET", "/v1/price-lists/one/prices", who="office").body["items"]) == 1
    assert call("GET", "/v1/list-prices", query={"channel": "web", "sku": "POT-001"}).body["price_list"]["version"] == 1
    assert call("GET", "/v1/list-prices", query={"channel": "web", "sku": "NONE"}).status == 404
    assert call("POST", "/v1/hold-types/one/dry-run", {"channel": "web"}, who="office", key=None).status == 200
    sale = {
        "channel": "web",
        "currency": "USD",
        "lines": [{"sku": "POT-001", "amount": {"amount": 999, "currency": "USD"}}],
    }
    assert call("POST", "/v1/tax-quotes", sale, key=None).body["tax_estimated"]
    assert call("POST", "/v1/tax-quotes", sale | {"channel": "moon"}, key=None).status == 422
    rows = [{"sku": "POT-001", "node_id": "dc-1", "quantity": -1}]
    taken = {"adjustment_id": "a-1", "reason": "count", "rows": rows}
    assert call("POST", "/v1/stock/adjustments", taken, who="office").body["rows"][0]["status"] == "APPLIED"
    too_many = {"adjustment_id": "a-2", "reason": "count", "rows": [{**rows[0], "quantity": -99}]}
    assert call("POST", "/v1/stock/adjustments", too_many, who="office").problem == "out-of-stock"
    other = {**taken, "reason": "another"}
    assert call("POST", "/v1/stock/adjustments", other, who="office").problem == "adjustment-id-reused"
    assert call("GET", "/v1/stock/POT-001").body["positions"][0]["available"] == 4
    basket = {"channel": "web", "lines": [{"line_id": "1", "sku": "POT-001", "quantity": 1}], "to": {"country": "US"}}
    assert call("POST", "/v1/promises", basket | {"to": {"country": "US", "region": "IL"}}, key=None).status == 200
    assert call("POST", "/v1/promises", basket | {"channel": "moon"}, key=None).status == 422
    assert call("POST", "/v1/availability", {"skus": ["POT-001", "?"]}, key=None).body["unknown"] == ["?"]
    assert call("GET", "/v1/stock-alerts", who="office", query={"kind": "OUT"}).body["items"] == []
    assert call("GET", "/v1/stock/POT-001/demand", who="office").body["nodes"] == []
    assert call("GET", "/v1/stock-alerts", who="dc-1-system", query={"kind": "OUT"}).problem == "invalid"
    assert call("GET", "/v1/health").status == 200
    assert call("GET", "/v1/labels", query={"locale": "es"}).status == 200


def counts_and_supplies(world: World, call: Witness) -> None:
    world.stocked("CUP-001", dc_1=5)
    world.pass_time(60)
    here = {"sku": "CUP-001", "node_id": "dc-1"}

    def tell(action: str, *, fields: Any = None, **line: Any) -> str:
        step = {"supply_id": "T-1", "reference": action, "action": action, "lines": [{"line": 1, **line}]}
        reply = call("POST", "/v1/stock/supplies", step | (fields or {}), who="office")
        return str(reply.body["rows"][0]["status"])

    counted = {"reference": "c-1", "counted_at": "2026-11-19T12:00:00Z", "rows": [{**here, "quantity": 4}]}
    assert call("POST", "/v1/stock/snapshots", counted, who="office").body["rows"][0]["status"] == "APPLIED"
    again = {**counted, "rows": [{**here, "quantity": 3}]}
    assert call("POST", "/v1/stock/snapshots", again, who="office").body["rows"][0]["status"] == "CONFLICT"
    paid = {"cost": usd(500), "cause": "STOCKOUT"}
    transfer = {"type": "TRANSFER", "origin_node_id": "dc-1", "expedited": paid, "supplier": "dc 1"}
    to = {"sku": "CUP-001", "node_id": "dc-2", "quantity": 3, "eta": "2026-11-30"}
    assert tell("CREATE", fields=transfer, **to) == tell("SHIP", quantity=3) == tell("RECEIVE", quantity=2) == "APPLIED"
    seen = call("GET", "/v1/stock/supplies/T-1", who="dc-2-system").body
    assert (seen["status"], seen["lines"][0]["received"]) == ("PARTLY_RECEIVED", 2)
    asked = {"type": "TRANSFER", "origin_node_id": "dc-2", "reference": "ask", "supply_id": "T-2"}
    for line in (1, 2):
        step = {
            **asked,
            "reference": f"ask-{line}",
            "action": "CREATE",
            "lines": [{"line": line, **to, "node_id": "dc-1"}],
        }
        assert (
            call("POST", "/v1/stock/supplies", step, who="dc-1-system").body["rows"][0]["code"] == "transfer-requested"
        )
    waiting = call("GET", "/v1/queues/transfers", who="office").body["items"]
    resolve = f"/v1/queues/transfers/items/{waiting[0]['item_id']}/resolve"
    assert call("POST", resolve, {"answer": "approve"}, who="office").status == 200
    assert call("POST", "/v1/stock/supplies/T-2/refuse", {}, who="dc-2-system").body["status"] == "APPROVED"
    assert call("POST", "/v1/stock/supplies/T-2/approve", {}, who="dc-1-system").status == 403
    assert call("POST", "/v1/stock/supplies/T-2/approve", {"lines": [1]}, who="dc-2-system").status == 200
    assert tell("RECEIVE", quantity=1, fields={"supply_id": "T-2", "reference": "early"}) == "APPLIED"
    (strange,) = call("GET", "/v1/queues/transfer-differences", who="office").body["items"]
    resolve = f"/v1/queues/transfer-differences/items/{strange['item_id']}/resolve"
    assert call("POST", resolve, {"answer": "nothing"}, who="office").status == 200
    keep = {**here, "safety": {"*": {"units": 3}}, "protected": {"web": 1}, "ship": True, "reorder_point": 2}
    for reference, row in (("p-1", keep), ("p-2", {**here, "safety": {"*": {"units": 1}}, "protected": None})):
        said = call("POST", "/v1/stock/policies", {"reference": reference, "rows": [row]}, who="office")
        assert said.status == 200
    figures = call("GET", "/v1/stock/kpis", query={"month": "2026-11"}, who="office").body
    assert (figures["expedited"]["count"], figures["safety_released"]["units"]) == (1, 0)
    moved = call("GET", "/v1/stock/CUP-001/movements", query={"node_id": "dc-1"}, who="dc-1-system").body["items"]
    assert {"count", "transfer_out"} <= {item["kind"] for item in moved}


def books(world: World, call: Witness) -> None:
    day = f"{world.now:%Y-%m-%d}"
    world.pass_time(300)
    world.hops.invoke("tally", {})
    found = call("GET", "/v1/books/trial-balance", query={"channel": "web", "day": day}, who="office").body
    assert {one["account"] for one in found["currencies"][0]["accounts"]} >= {"revenue", "captured"}
    file = call("GET", "/v1/books/trial-balance-file", query={"channel": "web", "month": day[:7]}, who="office")
    assert file.body.startswith("channel,day,currency,account,debit,credit,closed")
    assert call("GET", "/v1/books/trial-balance", query={"channel": "web"}, who="office").problem == "invalid"
    of_seller = {"legal_entity": "tea-co", "month": day[:7]}
    file = call("GET", "/v1/books/documents-file", query=of_seller, who="office")
    assert file.body.startswith("legal_entity,channel,kind,number,issued_at")
    file = call("GET", "/v1/books/taxes-file", query=of_seller, who="office")
    assert file.body.startswith("legal_entity,country,tax_rate,zero_rate_reason,currency")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books_room, "MOST_DOCUMENTS", 1)
        assert call("GET", "/v1/books/taxes-file", query=of_seller, who="office").status == 202
    both = call("GET", "/v1/books/taxes-file", query={**of_seller, "day": day}, who="office")
    assert both.problem == "invalid"
    settlement = Comparison(provider="stripe", name="pi_1", theirs=Settlement(currency="USD", day=day, charged=500))
    totals = Totals()
    totals.count(settlement)
    transaction.commit([write(settlement, world.now), *totals.writes()])
    of_month = {"provider": "stripe", "month": day[:7]}
    (compared,) = call("GET", "/v1/books/reconciliation", query=of_month, who="office").body["days"]
    assert compared["statuses"][0]["theirs"] == usd(500)
    file = call("GET", "/v1/books/reconciliation-file", query=of_month, who="office")
    assert file.body.startswith("provider,day,currency,status,items,ours,theirs,difference")


def gift_cards(world: World, call: Witness) -> None:
    body = {"channel": "web", "amount": usd(5_000), "reason": "sold at the counter"}
    card = call("POST", "/v1/gift-cards", body).body
    assert call("POST", "/v1/gift-cards", {**body, "channel": "moon"}).status == 422
    wanted = {"code": card["code"], "currency": "USD"}
    assert call("POST", "/v1/gift-cards/balance", wanted, key=None).body["balance"] == usd(5_000)
    assert call("POST", "/v1/gift-cards/balance", {**wanted, "code": "x"}, key=None).problem == "invalid"
    credit = call("POST", "/v1/store-credits", {**body, "customer_id": "c-1"}).body
    of_customer = {"channel": "web", "customer_id": "c-1", "currency": "USD"}
    assert call("POST", "/v1/gift-cards/balance", of_customer, key=None).body == credit
    entries = call("GET", f"/v1/gift-cards/{card['account_id']}", who="office").body["entries"]
    assert [entry["purpose"] for entry in entries] == ["issue"]
    found = call("POST", "/v1/gift-cards/find", {"code": card["code"]}, who="office", key=None).body["items"]
    assert [one["balance"] for one in found] == [usd(5_000)]
    account = f"/v1/gift-cards/{card['account_id']}"
    assert call("POST", f"{account}/freeze", {"reason": "stolen"}, who="office").body["frozen"]
    assert call("POST", f"{account}/freeze", {"reason": "stolen"}, who="office").problem == "not-allowed"
    assert not call("POST", f"{account}/unfreeze", {"reason": "found"}, who="office").body["frozen"]
    assert call("POST", f"{account}/expire", {"reason": "found"}, who="office").body["balance"] == usd(0)
    assert call("POST", f"{account}/expire", {"reason": "found"}, who="office").problem == "not-allowed"


def credit_accounts(world: World, call: Witness) -> None:
    terms = {"channel": "web", "customer_id": "c-1", "limit": usd(5_000), "payment_days": 30, "reason": "known"}
    account_id = call("POST", "/v1/credit-accounts", terms, who="office").body["credit_account_id"]
    assert call("POST", "/v1/credit-accounts", {**terms, "blocked_after": 10}, who="office").status == 200
    assert call("POST", "/v1/credit-accounts", {**terms, "channel": "moon"}, who="office").status == 422
    taken_by_us(world)
    world.stocked("POT-001", dc_1=2)
    customer = {"id": "c-1", "name": "Ada Byron"}
    order_id = world.placed(("POT-001", 1), payments=[on_account(1_000)], customer=customer)
    shipped_on_account(world, order_id)
    paid = {"amount": usd(400), "reference": "t-1", "received_on": "2026-11-19"}
    at = f"/v1/credit-accounts/{account_id}"
    assert call("POST", f"{at}/payments", paid, who="office").status == 201
    assert call("POST", f"{at}/payments", paid, who="office").status == 422
    entries = call("GET", at).body["entries"]
    assert {entry["purpose"] for entry in entries} == {"limit", "redeem", "capture", "payment"}
    assert call("GET", "/v1/credit-accounts", query={"channel": "web"}).body["items"][0]["owed"] == usd(600)
    file = call("GET", f"{at}/statement-file", query={"month": f"{world.now:%Y-%m}"}).body
    assert file.startswith("credit_account_id,customer_id,booked_at,purpose,order_id,invoice_number")
    back = {"reference": "t-1", "reason": "bounced"}
    assert call("POST", f"{at}/reversals", back, who="office").body["amount"] == usd(400)
    assert call("POST", f"{at}/reversals", back, who="office").status == 422
    out = {"amount": usd(1), "reference": "t-2", "paid_on": "2026-11-19", "reason": "overpaid"}
    assert call("POST", f"{at}/payouts", out, who="office").status == 422
    assert (
        call("POST", f"{at}/payments", {**paid, "amount": usd(1_000), "reference": "t-3"}, who="office").status == 201
    )
    credit = {"invoice_id": f"inv_{order_id[4:]}-001", "credit": "ALL", "reason": "late"}
    assert world.change(order_id, "credit-notes", credit).status == 201
    world.settle()
    assert call("POST", f"{at}/payouts", out, who="office").status == 201


def carts(world: World, call: Witness) -> None:
    world.stocked("POT-001", dc_1=50)
    line = {"sku": "POT-001", "node_id": "dc-1", "quantity": 2}
    body = {"request_id": "cart-1", "lines": [line, {**line, "ship_date": "2026-12-24"}], "allow_partial": True}

    made = call("POST", "/v1/reservations", body, key="cart")
    again = call("POST", "/v1/reservations", body, key="cart")
    path = f"/v1/reservations/{made.body['reservation_id']}"
    assert made.body == again.body
    assert call("GET", path).body["status"] == "HELD"
    assert call("POST", f"{path}/extend", {"ttl_seconds": 3600}).status == 200
    assert call("POST", f"{path}/promote", {}).body["kind"] == "HARD"
    assert call("POST", f"{path}/release", {}).body["status"] == "RELEASED"
    assert call("POST", f"{path}/promote", {}).problem == "reservation-ended"
    assert call("POST", "/v1/reservations", {**body, "lines": [line]}).problem == "request-id-reused"
    short = {"request_id": "cart-2", "lines": [{**line, "quantity": 99}]}
    assert call("POST", "/v1/reservations", short).errors == [("/lines/0/quantity", "out-of-stock")]


def planning(world: World, call: Witness) -> None:
    path, doc = "/v1/rule-sets/usual", {"name": "Cheapest", "rules": [{"name": "cheapest", "optimise": {}}]}

    assert call("PUT", path, doc, who="office").status == 201
    assert call("PUT", path, doc, who="office", if_match='"v1"').status == 200
    assert call("PUT", path, doc, who="office", if_match='"v7"').status == 412
    assert call("POST", f"{path}/activate", {"version": 1}, who="office").body["in_force"] == 1
    until = "2026-12-01T00:00:00Z"
    assert call("POST", f"{path}/shadow", {"version": 1, "until": until}, who="office").body["shadow"]
    assert call("POST", f"{path}/retire", {}, who="office").body["state"] == "shadow"
    assert call("POST", f"{path}/retire", {}, who="office").problem == "not-allowed"
    assert call("GET", path, who="office", query={"version": "1"}).body["state"] == "shadow"
    assert call("GET", "/v1/rule-sets", who="office").body["items"][0]["id"] == "usual"
    world.stocked("POT-001", dc_1=5)
    trial = {"orders": [world.placed(("POT-001", 1))]}
    assert call("POST", f"{path}/dry-run", trial, who="office", key=None).body["sums"]["orders"] == 1


def outages(world: World, call: Witness) -> None:
    world.node("dc-2", (40.7, -74.0), units_per_day=50)
    path, day = "/v1/nodes/dc-2", "/v1/nodes/dc-2/capacity/2026-11-20"

    made = call("POST", f"{path}/closures", {"reason": "storm", "until": "2026-12-01T00:00:00Z"}, who="office")

    assert made.status == 201
    assert call("POST", f"{path}/closures", {"reason": "storm", "until": "x"}, who="office").problem == "invalid"
    assert call("GET", f"{path}/closures", who="dc-2-system").body["closures"] == [made.body]
    assert call("POST", f"{path}/closures/{made.body['closure_id']}/end", {}, who="office").status == 200
    assert call("POST", f"{path}/closures/1/end", {}, who="office").problem == "not-allowed"
    assert call("PUT", day, {"units": 5}, who="dc-2-system").body["usual"] == 50
    places = [{"sku": "TEA-001", "location": {"zone": "A", "aisle": 1, "rack": 2}}]
    told = {"as_of": "2026-11-19T12:00:00Z", "rows": places}
    assert call("PUT", f"{path}/locations", told, who="office").body["rows"][0]["status"] == "APPLIED"
    assert call("GET", f"{path}/locations", who="office").body["items"][0]["sku"] == "TEA-001"
    assert call("GET", f"{path}/capacity", who="office").body["days"] == [{"day": "2026-11-20", "units": 5}]


def people(world: World, call: Witness) -> None:
    wanted = {"email": "ana@example.com", "name": "Ana", "roles": ["admin"], "limits": {"appeasement": [usd(500)]}}
    made = call("POST", "/v1/people", wanted, who="office", key="ana")
    assert call("POST", "/v1/people", wanted, who="office", key="ana").body == made.body
    path = f"/v1/people/{made.body['person_id']}"
    assert call("POST", "/v1/people", wanted, who="office").problem == "person-exists"
    assert call("POST", "/v1/people", {**wanted, "roles": ["king"]}, who="office").status == 422
    call("GET", "/v1/people", who="office", query={"limit": "1"})
    call("GET", path, who="office")
    call("GET", "/v1/people/nobody", who="office")
    call("PUT", path, {"name": "Ana", "roles": ["admin", "staff"]}, who="office", if_match='"v9"')
    call("PUT", path, {"name": "Ana", "roles": ["admin", "staff"]}, who="office", if_match='"v1"')
    call("POST", f"{path}/invite", {}, who="office")
    call("POST", f"{path}/sign-out", {}, who="office")
    assert call("DELETE", path, who="office").problem == "last-admin"
    assert call("PUT", path, {"name": "Ana", "roles": ["staff"]}, who="office").status == 428
    last = call("PUT", path, {"name": "Ana", "roles": ["staff"]}, who="office", if_match='"v3"')
    assert last.problem == "last-admin"
    call("POST", "/v1/people", {**wanted, "email": "bo@example.com"}, who="office")
    assert call("DELETE", path, who="office").status == 204
    for who in ("shop", "office", "sales", "picker"):
        call("GET", "/v1/me", who=who)
    call("PUT", "/v1/me/settings", {"theme": "DARK"}, who="sales")
    call("PUT", "/v1/me/settings", {"theme": "PINK"}, who="sales")
    enrolled = call("POST", "/v1/devices", {"node_id": "dc-1", "name": "Handheld"}, who="office").body
    call("GET", "/v1/devices", query={"node_id": "dc-1"}, who="office")
    call("GET", "/v1/devices", who="office")
    made = call("POST", "/v1/badges", {"pin": "4711"}, who="picker")
    opens = {"device_secret": enrolled["device_secret"], "badge": made.body["badge"], "pin": "4711"}
    lookup = {"channel": "web", "external_id": "W-1", "email": "ada@example.org"}
    assert call("POST", "/v1/order-lookups", lookup, who="nobody", key=None).status == 202
    call("POST", "/v1/badges/open", opens, key=None)
    call("POST", "/v1/badges/open", {**opens, "pin": "4712"}, key=None)
    call("POST", "/v1/badges/open", {**opens, "pin": 1}, key=None)
    call("POST", "/v1/badges/picker/unlock", {}, who="office")
    call("DELETE", "/v1/badges/picker", who="picker")
    call("DELETE", "/v1/badges/picker", who="picker")
    call("DELETE", f"/v1/devices/{enrolled['device_id']}", who="office")


def a_notice(world: World, call: Witness) -> None:
    content = json.dumps({"stripe": {"webhook_secrets": ["whsec_1"]}})
    client("secretsmanager").put_secret_value(SecretId="comanda-test-notices", SecretString=content)
    raw = json.dumps({"id": "evt_1", "type": "payout.paid", "created": 1, "data": {"object": {}}})
    signed = {"Stripe-Signature": signature(raw.encode(), "whsec_1", int(world.now.timestamp()))}
    path = "/v1/providers/stripe/events"

    taken = call("POST", path, raw=raw, who="nobody", key=None, headers=signed)
    assert (taken.status, taken.body) == (200, {"notice_id": "evt_1"})
    assert call("POST", path, raw="{}", who="nobody", key=None, headers=signed).problem == "not-signed"


def clients(world: World, call: Witness) -> None:
    wanted = {"name": "POS", "kind": "channel", "channels": ["web"], "scopes": ["orders/write"]}

    made = call("POST", "/v1/clients", wanted, who="office", key="pos")
    again = call("POST", "/v1/clients", wanted, who="office", key="pos")
    path = f"/v1/clients/{made.body['client_id']}"

    assert made.body == again.body
    assert made.body["client_secret"]
    assert call("GET", path, who="office").body["scopes"] == ["orders/write"]
    assert made.body["client_id"] in {one["client_id"] for one in _pages_of(call, "clients")}
    assert call("DELETE", path, who="office").status == 204
    assert call("GET", path, who="office").problem == "not-found"
    assert call("DELETE", "/v1/clients/office", who="office").problem == "not-allowed"


def paid_by_link(world: World, call: Witness) -> None:
    """Ask a customer to pay a change. No provider makes the link here, so nothing follows."""
    shop = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
    world.entry(directory.CHANNEL, "web", {**shop, "payment_providers": {"LINK": "stripe"}})
    directory.forget()
    path = f"/v1/orders/{world.placed(('TEA-001', 1))}"
    dearer = {"modification": "charge", "kind": "SHIPPING", "amount": usd(500)}
    body = {"reason": "express", "changes": [dearer], "pending": True}
    assert call("POST", f"{path}/changes", body, if_match=call("GET", path).etag).status == 202
    asked = call("POST", f"{path}/payment-links", {"method": "LINK"}, if_match=call("GET", path).etag)
    assert asked.body["payments"][-1]["state"] == "TO_PAY"


STORIES = (
    order_and_what_comes_of_it,
    cases,
    an_erasure,
    a_draft,
    lists,
    sales_and_care,
    provided,
    an_electronic_invoice,
    counter,
    changed,
    given_up,
    stock_and_directory,
    counts_and_supplies,
    carts,
    planning,
    outages,
    a_notice,
    books,
    gift_cards,
    credit_accounts,
    clients,
    people,
    an_invoice_of_brazil,
    paid_by_link,
)


def test_every_route_answers_as_openapi_json_describes(world: World, call: Witness):
    for story in STORIES:
        story(world, call)

    answered = {(method, path) for method, path, status in call.seen if status < 400}
    assert answered == set(OPERATIONS)


def test_refusals_are_answered_as_openapi_json_describes(world: World, call: Witness):
    world.stocked("TEA-001", dc_1=5)
    body = a_body()
    order_id = call("POST", "/v1/orders", body, key="k").body["order_id"]
    path = f"/v1/orders/{order_id}"
    world.settle()

    def refused(*arguments: Any, **how: Any) -> str:
        reply = call(*arguments, **how)
        return f"{reply.status} {reply.problem}"

    reason = {"reason": "why not"}
    fulfillment = f"/v1/fulfillments/ful_{order_id[4:]}-001"
    assert refused("POST", "/v1/orders", body) == "409 already-exists"
    assert refused("POST", "/v1/orders", a_body(), key="k") == "422 idempotency-key-reused"
    assert refused("POST", "/v1/orders", a_body(), key=None) == "400 idempotency-key-missing"
    assert refused("POST", "/v1/orders", raw="{") == "400 malformed-request"
    assert refused("POST", "/v1/orders", raw=json.dumps("x" * 1_000_001)) == "413 body-too-large"
    assert refused("POST", "/v1/orders", a_body(currency="EUR")) == "422 invalid"
    assert refused("POST", "/v1/orders", a_body(), who="dc-1-system") == "403 forbidden"
    assert refused("POST", f"{path}/cancel", reason, who="office") == "428 if-match-missing"
    assert refused("POST", f"{path}/cancel", reason, who="office", if_match='"v1"') == "412 if-match-stale"
    assert refused("POST", f"{path}/cancel", reason, who="office", if_match="new") == "400 malformed-request"
    assert refused("GET", path, who="other-shop") == "404 not-found"
    assert refused("GET", path.replace("us1", "eu1")) == "404 wrong-region"
    assert refused("GET", "/v1/orders", query={"day": "2026-11-19"}) == "422 invalid"
    month = {"node_id": "dc-1", "done": "202611"}
    assert refused("GET", "/v1/fulfillments", query=month, who="dc-1-system") == "422 invalid"
    assert refused("GET", "/v1/orders", query={"customer_id": "c", "cursor": "x"}) == "400 bad-cursor"
    assert refused("POST", f"{fulfillment}/pack", {}, who="dc-1-system") == "409 not-allowed"
    world.pass_time(3601)
    assert refused("POST", f"{fulfillment}/accept", {}, who="dc-1-system") == "409 offer-expired"


def test_the_order_of_docs_api_is_taken_as_it_stands(world: World, call: Witness):
    page = FILE.with_name("api.md").read_text(encoding="utf-8")
    sent = json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    for line in sent["lines"]:
        world.product(line["sku"])

    assert call("POST", "/v1/orders", sent).status == 201
