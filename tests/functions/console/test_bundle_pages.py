"""The pages of an order, its invoice and its node show bundles with their parts, and cancel whole sets of them."""

import re

import pytest

from functions.console import node_rules, order_rules
from tests.functions.console.test_order_page import fields
from tests.functions.world import a_set

SETS = a_set(2, 1999, product={"title": "Breakfast for two"})


@pytest.fixture
def picker(browser):
    browser.sign_in("picker")
    return browser


@pytest.fixture
def order_id(world):
    """Give an order of two sets and a tea at a node that has not begun."""
    for sku in ("TEA-001", "POT-001", "CUP-001"):
        world.stocked(sku, dc_1=9)
    placed = world.placed(("TEA-001", 1), *SETS)
    world.settle()
    return placed


@pytest.mark.parametrize(("locale", "part"), [("en-US", "Part of"), ("pt-BR", "Parte de"), ("es-MX", "Parte de")])
def test_the_page_of_the_order_shows_the_sets_and_their_parts(sales_in, order_id, locale, part):
    page = sales_in(locale).get(f"orders/{order_id}")

    assert page.status == 200
    assert page.text.count(f"{part} Breakfast for two") == 2
    assert "2 \u00d7" in page.text
    assert re.search(r">\s*7\s*<", page.text), "seven units, and no sets among them"


def test_sets_are_cancelled_on_the_page_and_their_parts_are_not_offered(sales, world, order_id):
    page = sales.get(f"orders/{order_id}")
    form = fields(page, "cancel") | {"quantity.0": "0", "quantity.1": "1", "reason": "one is enough"}

    done = sales.post(f"orders/{order_id}", form)

    assert "quantity.2" not in page.text
    assert "The units were cancelled." in done.text
    assert world.order(order_id)["lines"][1]["sets"] == {"RELEASED": 1, "CANCELLED": 1}


def test_the_review_names_the_bundle_of_each_part_and_the_price_of_the_bundle(sales, world):
    world.hold_type(applies_when={"total_at_least": {"amount": 0, "currency": "USD"}})
    order_id = world.placed(*SETS)
    world.settle()

    page = sales.get(f"orders/{order_id}/review")

    assert page.text.count("Part of Breakfast for two") == 2
    assert "$19.99" in page.text
    assert "$0.00" not in re.sub(r"<dl.*?</dl>", "", page.text, flags=re.DOTALL)


def test_the_invoice_has_the_bundle_in_a_row_before_its_parts(sales, world, order_id):
    world.steps(order_id, "accept", "start-pick", "pick", "pack", "ship")
    world.settle()
    (invoice,) = world.order(order_id)["invoices"]

    page = sales.get(f"invoices/{invoice}")

    assert page.status == 200
    assert page.text.count("Part of Breakfast for two") == 2
    assert page.text.index("$19.99") < page.text.index("A POT-001") < page.text.index("A CUP-001")
    shown = page.text.partition('id="field-cancel-amount"')[0].rpartition("<form")[
        0
    ]  # the form of a credit note says how much of the charges is left
    assert shown.count("$0.00") == 3 * 3 + 3  # discounts, charges and taxes, and no price of a part


def test_a_node_sees_of_which_bundle_a_part_is_and_packs_a_slip_of_sets(picker, world, order_id):
    work = f"ful_{order_id[4:]}-001"
    offers = picker.get("nodes/dc-1/offers")
    world.steps(order_id, "accept", "start-pick")

    pick, slip = picker.get(f"nodes/dc-1/pick/{work}"), picker.get(f"nodes/dc-1/slip/{work}")

    assert offers.text.count("Part of Breakfast for two") == 2
    assert "Part of Breakfast for two" in pick.text
    assert slip.text.index("Breakfast for two") < slip.text.index("A POT-001") < slip.text.index("A CUP-001")


def a_part(line_id, units, ratio):
    bundle = {"line_id": "b", "sku": "SET", "title": "Set", "ratio": ratio}
    return {"line_id": line_id, "sku": line_id, "title": "", "quantity": units, "quantities": {}, "bundle": bundle}


def test_a_slip_counts_whole_sets_only():
    plain = {"line_id": "1", "sku": "TEA", "title": "Tea", "quantity": 1, "quantities": {}}

    whole = node_rules.slip_rows({"lines": [a_part("b1", 2, 1), plain, a_part("b2", 4, 2)]})
    broken = node_rules.slip_rows({"lines": [a_part("b1", 2, 1), a_part("b2", 3, 2)]})

    assert [(row["sku"], row["units"]) for row in whole] == [("TEA", 1), ("SET", 2), ("b1", 2), ("b2", 4)]
    assert [(row["sku"], row["units"]) for row in broken] == [("SET", None), ("b1", 2), ("b2", 3)]


def test_the_parts_of_a_breakable_bundle_are_cancelled_alone():
    def line(line_id, kind, units, **more):
        allocations = [{"quantity": units, "status": "CREATED"}] if units else []
        return {"line_id": line_id, "sku": line_id, "title": "", "kind": kind, "allocations": allocations, **more}

    def offered(*, breakable):
        bundle = line("b", "BUNDLE", 0, sets={"CREATED": 1, "SHIPPED": 1}, breakable=breakable)
        order = {"lines": [bundle, line("b1", "COMPONENT", 3, parent_line_id="b")]}
        units = {"b": 1, "b1": 3 if breakable else 0}
        changes = [{"modification": "cancel", "line_id": name, "units": n} for name, n in units.items()]
        return [(row["line_id"], row["units"]) for row in order_rules.cancellable(order, changes)]

    assert offered(breakable=False) == [("b", 1)]
    assert offered(breakable=True) == [("b1", 3)]
