"""Test that a draft whose parts do not fit together is refused, with the field that is wrong."""

import pytest

from comanda.domain.drafts.checks import problems
from comanda.domain.drafts.draft import Delivery, DraftCharge
from comanda.domain.orders.line import Discount
from tests.domain.drafts.conftest import a_line, a_plain_draft

BUNDLE = a_line("b", 2, 500, kind="BUNDLE")


def a_component(line_id="c", ratio=3, price_share=1_000_000, **fields):
    values = {"quantity": 2 * ratio, "parent_line_id": "b", "price": 0, **fields}
    return a_line(line_id, kind="COMPONENT", ratio=ratio, price_share=price_share, **values)


PICKUP = Delivery(method="PICKUP", node_id="NYC")


def test_a_whole_draft_has_no_problem():
    draft = a_plain_draft(a_line("1"), BUNDLE, a_component(), delivery=PICKUP)

    assert list(problems(draft)) == []


@pytest.mark.parametrize(
    ("lines", "fields", "pointer", "code"),
    [
        ([a_line("1"), a_line("1")], {}, "/lines/1/line_id", "duplicate"),
        ([a_component(parent_line_id="b")], {}, "/lines/0/parent_line_id", "unknown-line"),
        ([BUNDLE], {}, "/lines/0", "no-components"),
        ([BUNDLE, a_component(price_share=999_999)], {}, "/lines/0", "shares-do-not-add-up"),
        ([BUNDLE, a_component(quantity=5)], {}, "/lines/1/quantity", "does-not-fit-its-bundle"),
        ([BUNDLE, a_component(price=1)], {}, "/lines/1/unit_price", "priced-by-its-bundle"),
        ([BUNDLE, a_component(tax_rate="0.1")], {}, "/lines/1/tax_rate", "priced-by-its-bundle"),
        (
            [BUNDLE, a_component(discounts=(Discount(code="x", amount=0),))],
            {},
            "/lines/1/discounts",
            "priced-by-its-bundle",
        ),
        ([BUNDLE, a_component(delivery=PICKUP)], {}, "/lines/1/fulfillment/method", "mixed-bundle"),
        ([a_line("1", kind="DIGITAL", delivery=PICKUP)], {}, "/lines/0/fulfillment", "not-for-this-kind"),
        ([a_line("1", delivery=Delivery(method="PICKUP"))], {}, "/lines/0/fulfillment/node_id", "missing"),
        ([a_line("1", delivery=Delivery(node_id="NYC"))], {}, "/lines/0/fulfillment/node_id", "not-yours-to-choose"),
        ([], {"delivery": Delivery(method="PICKUP")}, "/fulfillment/node_id", "missing"),
        ([BUNDLE, a_component()], {"delivery": Delivery(group="k")}, "/fulfillment/group", "grouped-by-its-bundle"),
        (
            [a_line("1", delivery=Delivery(group="k")), a_line("2", delivery=Delivery(group="k", service="EXPRESS"))],
            {},
            "/lines/1/fulfillment/service",
            "mixed-group",
        ),
        ([a_line("1", discounts=(Discount(code="x", amount=1001),))], {}, "/lines/0/discounts", "too-large"),
        ([a_line("1")], {"discounts": (Discount(code="x", amount=1001),)}, "/discounts", "too-large"),
        ([], {"option_id": "express"}, "/option_id", "without-promise"),
        ([a_line(str(i)) for i in range(1001)], {}, "/lines", "too-many-lines"),
        (
            [a_line(str(i), delivery=Delivery(method="PICKUP", node_id=f"N{i}")) for i in range(21)],
            {},
            "/lines",
            "too-many-pickup-nodes",
        ),
    ],
)
def test_a_wrong_part_is_named(lines, fields, pointer, code):
    found = list(problems(a_plain_draft(*lines, **fields)))

    assert (pointer, code) in {(p.pointer, p.code) for p in found}


def test_a_discount_may_take_goods_and_charges_whole():
    charges, discounts = (DraftCharge(kind="shipping", amount=500),), (Discount(code="x", amount=1500),)

    assert list(problems(a_plain_draft(a_line("1"), charges=charges, discounts=discounts))) == []


def test_a_thousand_lines_fit():
    assert list(problems(a_plain_draft(*(a_line(str(i)) for i in range(1000))))) == []


def test_lines_without_a_group_go_each_its_own_way():
    express = a_line("2", delivery=Delivery(service="EXPRESS"))
    of_a_bundle = [BUNDLE, a_component()]
    provided = a_line("3", kind="DIGITAL")

    assert list(problems(a_plain_draft(a_line("1"), express, provided, *of_a_bundle))) == []


@pytest.mark.parametrize("delivery", [Delivery(service="EXPRESS"), PICKUP])
def test_each_way_in_which_a_component_goes_alone_is_named_and_no_other(delivery):
    found = list(problems(a_plain_draft(BUNDLE, a_component(delivery=delivery))))

    ways = ("service",) if delivery.service == "EXPRESS" else ("method", "node_id")
    assert [(p.pointer, p.code) for p in found] == [(f"/lines/1/fulfillment/{way}", "mixed-bundle") for way in ways]
    assert "line b" in found[0].message
