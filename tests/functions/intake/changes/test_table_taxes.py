"""Changes of orders in a channel with a tax table: previewed, made, pending, limited, and right to the last invoice."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.drafts.acts import CHICAGO, create
from tests.functions.drafts.test_confirm import confirm
from tests.functions.drafts.test_quotes import a_line
from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.intake.changes.test_moves import finished
from tests.functions.taxed import AUSTIN, BERLIN, SHIPPING, a_table, taxes
from tests.functions.world import World, a_body, usd

TO_AUSTIN = {"modification": "ship_to", "ship_to": AUSTIN}


@pytest.fixture
def order_id(taxed: World) -> str:
    taxed.stocked("TEA-001", dc_1=9, dc_2=9)
    taxed.stocked("CUP-001", dc_1=9, dc_2=9)
    lines = [a_line("1", quantity=3), a_line("2", "CUP-001", tax_rate="0.07")]
    draft = create(taxed, lines=lines, charges=[SHIPPING], ship_to=CHICAGO)
    paid = {"method": "CARD", "reference": "pi_1", "authorized": usd(9_000)}
    order = confirm(taxed, draft, payments=[paid])
    assert order.status == 201, order.body
    taxed.settle()
    name: str = order.body["order_id"]
    return name


def test_another_address_is_previewed_and_made_with_its_tax(taxed: World, order_id: str):
    shown = previewed(taxed, order_id, TO_AUSTIN)
    assert [
        (row["line_id"], row["kind"], row["before"], row["after"], row["tax_estimated"]) for row in shown["taxes"]
    ] == [
        ("1", None, usd(188), usd(248), False),  # 187.5 and 247.5
        ("2", None, usd(35), usd(35), True),
    ]
    assert shown["difference"] == usd(60)

    made = change_order(taxed, order_id, TO_AUSTIN, preview_id=shown["preview_id"]).body

    assert taxes(made) == [("0.0825", 248, "states@1", False), ("0.07", 35, None, True)]
    assert finished(taxed, order_id)["totals"]["tax"] == usd(248 + 35 + 10)


def test_a_preview_is_stale_when_the_table_has_changed(taxed: World, order_id: str):
    shown = previewed(taxed, order_id, TO_AUSTIN)
    a_table(taxed, [("TX", "", "0.09"), ("", "SHIPPING", "0.02")])
    assert change_order(taxed, order_id, TO_AUSTIN, preview_id=shown["preview_id"]).problem == "preview-stale"


def test_what_was_shipped_keeps_its_tax(taxed: World):
    taxed.stocked("TEA-001", dc_1=1, dc_2=2)
    draft = create(taxed, lines=[a_line("1", quantity=3)], charges=[SHIPPING], ship_to=CHICAGO)
    paid = {"method": "CARD", "reference": "pi_1", "authorized": usd(9_000)}
    order_id = confirm(taxed, draft, payments=[paid]).body["order_id"]
    taxed.settle()
    taxed.steps(order_id, "accept", "pick", "pack", "ship", number=1)
    taxed.settle()
    gone = sum(line["invoiced"] for line in taxed.order(order_id)["lines"])
    assert 0 < gone < 3
    invoiced = taxed.order(order_id)["totals"]["tax"]["amount"]

    assert change_order(taxed, order_id, TO_AUSTIN).status == 200

    (line,) = finished(taxed, order_id)["lines"]
    assert line["tax"]["amount"] == usd({1: 62 + 165, 2: 125 + 83}[gone])
    assert invoiced == 188 + 10


def test_further_lines_and_charges_without_a_tax_have_that_of_the_table(taxed: World, order_id: str):
    more = {"line_id": "3", "sku": "CUP-001", "quantity": 2, "unit_price": usd(500)}
    wrap = {"modification": "charge", "kind": "WRAP", "amount": usd(100)}
    made = change_order(taxed, order_id, {"modification": "add_line", "lines": [more]}, wrap).body
    assert taxes(made)[2] == ("0.01", 10, "states@1", False)
    assert (made["charges"][1]["tax"], made["charges"][1]["tax_table"]) == (usd(6), "states@1")  # 6.25
    finished(taxed, order_id)


def test_a_further_line_that_the_table_does_not_tax_is_refused(taxed: World, order_id: str):
    more = {"line_id": "3", "sku": "CUP-001", "quantity": 2, "unit_price": usd(500), "ship_to": BERLIN}
    refused = change_order(taxed, order_id, {"modification": "add_line", "lines": [more]})
    assert (refused.status, refused.errors) == (422, [("/changes/0/lines", "no-tax-rate")])
    assert "line 3" in str(refused.body)
    assert "the class FOOD in DE" in str(refused.body)
    given = more | {"tax": {"rate": "0.19", "amount": usd(190)}}
    assert change_order(taxed, order_id, {"modification": "add_line", "lines": [given]}).status == 200


def test_a_pending_change_costs_what_the_table_says_when_it_is_made(taxed: World):
    taxed.stocked("TEA-001", dc_1=9)
    draft = create(taxed, lines=[a_line("1")], ship_to=CHICAGO)
    order_id = confirm(taxed, draft).body["order_id"]
    taxed.settle()
    more = {"modification": "quantity", "line_id": "1", "quantity": 2}

    waiting = change_order(taxed, order_id, more, pending=True)
    assert waiting.body["pending_change"]["to_pay"] == usd(1_062)  # 1,000 and 62, of 125 for two
    a_table(taxed, [("IL", "", "0.10")])
    now = taxed.call("GET", f"/v1/orders/{order_id}", who="office").body
    assert now["pending_change"]["to_pay"] == usd(1_137)
    paid = {"payments": [{"method": "CARD", "reference": "pi_2", "authorized": usd(1_137)}]}
    made = taxed.call("POST", f"/v1/orders/{order_id}/payments", paid, who="office").body
    assert (made["pending_change"], taxes(made)) == (None, [("0.10", 200, "states@2", False)])


def test_an_order_in_a_channel_without_a_table_says_what_is_an_estimate(world: World):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 1))
    taxed_line = {
        "line_id": "9",
        "sku": "TEA-001",
        "quantity": 1,
        "unit_price": usd(1_000),
        "tax": {"rate": "0.07", "amount": usd(70)},
    }
    paid = {"method": "CARD", "reference": "pi_2", "authorized": usd(1_070)}
    change_order(world, order_id, {"modification": "add_line", "lines": [taxed_line]}, payments=[paid])

    made = change_order(world, order_id, {"modification": "price", "line_id": "9", "unit_price": usd(500)}).body

    line = next(line for line in made["lines"] if line["line_id"] == "9")
    assert (line["tax"]["amount"], line["tax_estimated"], line["tax_table"]) == (usd(35), True, None)


@pytest.fixture
def limited(taxed: World, order_id: str) -> World:
    taxed.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"override_percent": 10})
    directory.forget()
    return taxed


def test_a_person_adds_nothing_that_is_taxed_less_than_by_the_table(limited: World, order_id: str):
    def added(tax: int | None, rate: str = "0.05") -> list[tuple[str, str]]:
        line: dict[str, Any] = {"line_id": "3", "sku": "TEA-001", "quantity": 1, "unit_price": usd(1_000)}
        sent = {} if tax is None else {"tax": {"rate": rate, "amount": usd(tax)}}
        one = {"modification": "add_line", "lines": [line | sent]}
        reply = change_order(limited, order_id, one, who="sales", preview=True)
        return [] if reply.status == 201 else reply.errors

    assert added(62, "0.0625") == [("/changes/0/lines", "above-limit")]
    assert added(63, "0.0625") == []
    assert added(None) == []
    wrap = {"modification": "charge", "kind": "WRAP", "amount": usd(100)}
    less = change_order(limited, order_id, wrap | {"tax": usd(5)}, who="sales", preview=True)
    assert less.errors == [("/changes/0/tax", "above-limit")]
    assert change_order(limited, order_id, wrap, who="sales", preview=True).status == 201


def test_a_person_places_no_order_that_is_taxed_less_than_by_the_table(limited: World):
    body = a_body(("TEA-001", 1))
    refused = limited.call("POST", "/v1/orders", body, who="sales")
    assert "/lines/0/tax" in [at for at, _ in refused.errors], refused.body
