"""An invoice is credited once for each request: its number, its refunds and its journal are one transaction."""

import re
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import pack, unpack
from tests.functions.world import Reply, World, a_set, usd
from tests.invariants import broken


def shipped(world: World, *lines: Any, **more: Any) -> str:
    """Return the id of an order that has shipped whole: two pieces at 10.00 unless other lines are named."""
    world.stocked("TEA-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    order_id = world.placed(*(lines or ({"sku": "TEA-001", "quantity": 2},)), **more)
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return order_id


def invoice_of(order_id: str, number: int = 1) -> str:
    return f"inv_{order_id[4:]}-{number:03d}"


def credit(
    world: World, order_id: str, kind: str = "ALL", *, who: str = "office", key: str | None = "", **more: Any
) -> Reply:
    body = {"invoice_id": invoice_of(order_id), "credit": kind, "reason_code": "damaged", **more}
    etag = world.call("GET", f"/v1/orders/{order_id}", who="office").etag
    return world.call("POST", f"/v1/orders/{order_id}/credit-notes", body, who=who, if_match=etag, key=key)


def limited(world: World, amount: int) -> None:
    """Let the person `sales` give so much."""
    limits = {"appeasement": [usd(amount)]}
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits=limits)
    directory.forget()


def test_a_unit_is_credited_with_a_number_a_refund_and_a_journal(world: World) -> None:
    order_id = shipped(world)

    made = credit(world, order_id, "LINES", lines=[{"line_id": "1", "quantity": 1}])

    assert made.status == 201
    assert made.headers["Location"] == f"/v1/credit-notes/crn_{order_id[4:]}-001"
    assert (made.body["number"], made.body["invoice_number"]) == (None, "dc-1-000001")
    assert made.body["totals"]["total"] == usd(1000)
    assert made.body["lowered"] == usd(0)
    assert [(one["method"], one["amount"]) for one in made.body["refunds"]] == [("CARD", usd(1000))]
    (row,) = [row for row in world.order_items(order_id, "P#") if row["purpose"] == "refund"]
    assert (row["state"], row["amount"], row["credit_note"]) == ("WRITTEN", 1000, 1)
    world.settle()
    (row,) = [row for row in world.order_items(order_id, "P#") if row["purpose"] == "refund"]
    assert row["state"] == "DONE"
    order = world.order(order_id)
    assert order["credit_notes"] == [
        {"credit_note_id": made.body["credit_note_id"], "invoice_id": invoice_of(order_id), "total": usd(1000)}
    ]
    assert order["payments"][0]["refunded"] == usd(1000)
    journal = world.order_items(order_id, "J#")[-1]
    assert journal["entries"] == {"refunded": -1000, "credits": 1000}
    world.settle()
    assert broken(world.tables()) == []


def test_a_credit_note_is_read_by_its_id_and_the_invoice_says_what_is_left(world: World) -> None:
    order_id = shipped(world)
    made = credit(world, order_id, "LINES", lines=[{"line_id": "1", "quantity": 1}])

    assert world.call("GET", f"/v1/credit-notes/{made.body['credit_note_id']}").body == made.body
    invoice = world.call("GET", f"/v1/invoices/{invoice_of(order_id)}").body
    assert invoice["credit_notes"] == [made.body["credit_note_id"]]
    assert invoice["left"] == {
        "total": usd(1000),
        "charges": usd(0),
        "lines": [{"line_id": "1", "quantity": 1, "amount": usd(1000)}],
    }
    for who, path in (("other-shop", f"crn_{order_id[4:]}-001"), ("shop", f"crn_{order_id[4:]}-002")):
        assert world.call("GET", f"/v1/credit-notes/{path}", who=who).status == 404


def test_a_credit_note_is_found_by_its_number_and_its_id(world: World) -> None:
    order_id = shipped(world)
    made = credit(world, order_id, "AMOUNT", amount=usd(1))
    own = made.body["credit_note_id"]
    world.settle()

    for text, found_by in ((own, "id"), ("dc-1-C000001", "number")):
        (hit,) = world.call("GET", "/v1/find", query={"q": text}).body["items"]
        assert (hit["kind"], hit["id"], hit["found_by"]) == ("credit_note", own, found_by)
        assert hit["links"] == {"self": f"/v1/credit-notes/{own}", "order": f"/v1/orders/{order_id}"}
        assert world.call("GET", "/v1/find", query={"q": text}, who="other-shop").body["items"] == []
    for text in ("dc-1-C000002", f"{own[:-1]}2"):
        assert world.call("GET", "/v1/find", query={"q": text}).body["items"] == []


def test_a_preview_shows_the_credit_note_and_issues_nothing(world: World) -> None:
    order_id = shipped(world)
    before = world.order_items(order_id)

    shown = credit(world, order_id, "AMOUNT", amount=usd(250), preview=True)

    assert shown.status == 200
    assert (shown.body["credit_note_id"], shown.body["number"]) == (None, None)
    assert shown.body["totals"]["total"] == usd(250)
    assert world.order_items(order_id) == before


def test_the_same_request_twice_is_one_credit_note(world: World) -> None:
    order_id = shipped(world)
    body = {"invoice_id": invoice_of(order_id), "credit": "AMOUNT", "amount": usd(100), "reason": "late"}
    etag = world.call("GET", f"/v1/orders/{order_id}").etag

    first, again = (
        world.call("POST", f"/v1/orders/{order_id}/credit-notes", body, if_match=etag, key="once") for _ in range(2)
    )

    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert len(world.order(order_id)["credit_notes"]) == 1


def test_two_who_decided_on_the_same_version_issue_one(world: World) -> None:
    order_id = shipped(world)
    etag = world.call("GET", f"/v1/orders/{order_id}").etag
    body = {"invoice_id": invoice_of(order_id), "credit": "ALL", "reason": "late"}
    path = f"/v1/orders/{order_id}/credit-notes"

    assert world.call("POST", path, body, if_match=etag).status == 201
    assert world.call("POST", path, body, if_match=etag).status == 412
    assert world.call("POST", path, body).status == 428


def test_credit_notes_have_a_series_of_their_own_without_gaps(world: World) -> None:
    one, two = shipped(world), shipped(world)

    made = []
    for order_id in (one, two, one):
        world.pass_time(1)
        made.append(credit(world, order_id, "AMOUNT", amount=usd(1)).body["credit_note_id"])
    world.settle()

    numbers = [world.call("GET", f"/v1/credit-notes/{credit_note}").body["number"] for credit_note in made]
    assert numbers == ["dc-1-C000001", "dc-1-C000002", "dc-1-C000003"]
    assert broken(world.tables()) == []


def test_no_more_is_credited_than_is_left(world: World) -> None:
    order_id = shipped(world)
    assert credit(world, order_id, "AMOUNT", amount=usd(2001)).errors == [("/amount", "too-large")]
    refused = credit(world, order_id, "LINES", lines=[{"line_id": "1", "quantity": 3}])
    assert (refused.status, refused.errors) == (409, [("/lines/0/quantity", "not-allowed")])
    assert credit(world, order_id, "CHARGES").status == 409
    assert credit(world, order_id).status == 201
    assert credit(world, order_id).problem == "not-allowed"
    world.settle()
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("kind", "more", "errors"),
    [
        ("AMOUNT", {}, [("/amount", "missing")]),
        ("LINES", {}, [("/lines", "missing")]),
        ("ALL", {"amount": usd(1)}, [("/amount", "not-used")]),
        ("AMOUNT", {"amount": usd(1), "keep_charges": True}, [("/keep_charges", "not-used")]),
        ("AMOUNT", {"amount": usd(0)}, [("/amount/amount", "too-small")]),
        ("AMOUNT", {"amount": {"amount": 1, "currency": "EUR"}}, [("/amount/currency", "wrong-currency")]),
        ("LINES", {"lines": [{"line_id": "9", "quantity": 1}]}, [("/lines/0/line_id", "unknown-line")]),
        ("LINES", {"lines": [{"line_id": "1", "quantity": 1}] * 2}, [("/lines/1/line_id", "duplicate")]),
        ("ALL", {"invoice_id": "inv_1"}, [("/invoice_id", "unknown-invoice")]),
        ("ALL", {"reason_code": "no-such"}, [("/reason_code", "unknown-cancel-reason")]),
        ("ALL", {"reason_code": None}, [("/reason", "missing")]),
    ],
)
def test_a_wrong_field_is_named(world: World, kind: str, more: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    order_id = shipped(world)

    refused = credit(world, order_id, kind, **more)

    assert (refused.status, refused.errors) == (422, errors)
    assert "credit_notes" in world.order(order_id)
    assert world.order(order_id)["credit_notes"] == []


def test_an_invoice_of_another_order_is_unknown(world: World) -> None:
    one, two = shipped(world), shipped(world)

    assert credit(world, one, invoice_id=invoice_of(two)).errors == [("/invoice_id", "unknown-invoice")]
    assert credit(world, one, invoice_id=invoice_of(one, 2)).errors == [("/invoice_id", "unknown-invoice")]


def test_a_person_gives_as_much_as_their_limit_in_all(world: World) -> None:
    order_id = shipped(world)
    refused = credit(world, order_id, "AMOUNT", amount=usd(1), who="sales")
    assert (refused.status, refused.errors) == (403, [("/amount/amount", "above-limit")])

    limited(world, 500)
    assert credit(world, order_id, "AMOUNT", amount=usd(300), who="sales").status == 201
    assert credit(world, order_id, "AMOUNT", amount=usd(201), who="sales").status == 403
    assert credit(world, order_id, "LINES", lines=[{"line_id": "1", "quantity": 1}], who="sales").status == 403
    assert credit(world, order_id, "AMOUNT", amount=usd(200), who="sales").status == 201
    assert credit(world, order_id, who="office").status == 201


def test_another_channel_does_not_learn_of_the_order(world: World) -> None:
    order_id = shipped(world)

    assert credit(world, order_id, who="other-shop").status == 404
    assert credit(world, order_id, who="shop").status == 201


def test_sets_of_a_bundle_are_credited_by_its_line(world: World) -> None:
    order_id = shipped(world, *a_set(2, 1000, ("TEA-001", 1, 500_000), ("CUP-001", 2, 500_000)))
    lines = world.order(order_id)["lines"]
    bundle = next(line["line_id"] for line in lines if line["kind"] == "BUNDLE")

    made = credit(world, order_id, "LINES", lines=[{"line_id": bundle, "quantity": 1}])

    assert made.status == 201
    assert [row["quantity"] for row in made.body["lines"]] == [1, 2]
    assert made.body["totals"]["total"] == usd(1000)
    assert credit(world, order_id).status == 201
    world.settle()
    assert broken(world.tables()) == []


def test_a_closed_order_announces_its_credit_note(world: World) -> None:
    order_id = shipped(world)
    assert [row["type"] for row in world.order_items(order_id, "E#")][-1] == "completed"

    credit(world, order_id, "AMOUNT", amount=usd(100), reason="late by a week")
    world.settle()

    (event,) = [row for row in world.order_items(order_id, "E#") if row["type"] == "credited"]
    data = unpack(event["data"])
    assert (data["invoice_number"], data["total"], data["refunded"]) == ("dc-1-000001", 100, 100)
    assert not re.search("Ada|example", str(data))
    said = world.call("GET", f"/v1/orders/{order_id}/events", query={"locale": "pt-BR"}).body["items"][-1]["words"][
        "text"
    ]
    assert said.startswith("Nota de crédito da fatura dc-1-000001")
    world.settle()
    assert broken(world.tables()) == []


def test_an_invoice_of_before_has_no_tax_of_charges_apart_and_is_credited_too(world: World):
    order_id = shipped(world)
    (row,) = world.order_items(order_id, "I#")
    doc = unpack(row["doc"])
    for line in doc["lines"]:
        del line["charges_tax"]
    world.aws.put("Orders", **{**row, "doc": pack(doc)})

    assert world.call("GET", f"/v1/invoices/{invoice_of(order_id)}", who="office").status == 200
    assert credit(world, order_id).status == 201
    world.settle()
    assert broken(world.tables()) == []
