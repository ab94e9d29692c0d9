"""A draft in a channel with a tax table has the table's rates, at the places where it is taxed, until it is an order."""

from typing import Any, get_args

import pytest

from comanda.aws.api.sale_contracts import ZeroReason
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.domain.orders.zero_rates import ZeroRateReason
from tests.functions.channels import set_channel
from tests.functions.drafts.acts import CHICAGO, create, get, patch
from tests.functions.drafts.test_confirm import confirm
from tests.functions.drafts.test_quotes import a_line, page_of, quote
from tests.functions.taxed import AUSTIN, BERLIN, SHIPPING, a_table, taxes
from tests.functions.world import Reply, World, usd


def agent(world: World, draft: dict[str, Any], **fields: Any) -> Reply:
    return patch(world, get(world, draft), who="sales", **fields)


def test_lines_and_charges_without_a_rate_have_that_of_the_table(taxed: World):
    lines = [a_line("1", quantity=2), a_line("2", "CUP-001"), a_line("3", tax_rate="0.07")]
    draft = create(taxed, lines=lines, charges=[SHIPPING], ship_to=CHICAGO)
    assert taxes(draft) == [
        ("0.0625", 125, "states@1", False),
        ("0.01", 5, "states@1", False),
        ("0.07", 70, None, False),
    ]
    (charge,) = draft["charges"]
    assert (charge["tax_rate"], charge["tax"], charge["tax_name"]) == ("0.02", usd(10), "Sales tax")
    assert draft["totals"]["tax"] == usd(210)


def test_requests_name_the_reasons_of_the_domain():
    assert get_args(ZeroReason) == tuple(ZeroRateReason)


def test_what_the_table_does_not_tax_says_why_until_it_is_an_invoice(taxed: World):
    row = {"country": "US", "rate": "0", "valid_from": "2026-01-01", "name": "VAT", "zero_rate_reason": "EXPORT"}
    doc = {"name": "States", "rows": [row]}
    assert taxed.call("PUT", "/v1/tax-tables/states", doc, who="office").status == 200
    quoted = {
        "channel": "web",
        "currency": "USD",
        "lines": [{"sku": "TEA-001", "amount": usd(1_000)}],
        "ship_to": AUSTIN,
    }
    asked = {**quoted, "ship_to": {name: AUSTIN[name] for name in ("country", "region", "postal_code")}}
    assert taxed.call("POST", "/v1/tax-quotes", asked).body["lines"][0]["zero_rate_reason"] == "EXPORT"
    taxed.stocked("TEA-001", dc_1=5)
    draft = create(
        taxed, lines=[a_line("1", quantity=2), a_line("2", tax_rate="0")], charges=[SHIPPING], ship_to=CHICAGO
    )
    assert [line["zero_rate_reason"] for line in draft["lines"]] == ["EXPORT", None]
    assert draft["charges"][0]["zero_rate_reason"] == "EXPORT"

    order = confirm(taxed, draft).body

    assert [line["zero_rate_reason"] for line in order["lines"]] == ["EXPORT", None]
    taxed.settle()
    taxed.steps(order["order_id"], "ship")
    taxed.settle()
    invoice = taxed.call("GET", f"/v1/invoices/inv_{order['order_id'][4:]}-001", who="office").body
    assert [line["zero_rate_reason"] for line in invoice["lines"]] == ["EXPORT", None]
    assert (invoice["charge_zero_rate_reasons"], invoice["delivered_to"]) == (["EXPORT"], "US")


def test_another_address_method_or_store_is_another_tax(taxed: World):
    draft = create(taxed, lines=[a_line("1")], charges=[SHIPPING])
    assert taxes(draft) == [("0", 0, "states@1", True)]  # nobody knows where it goes

    sent = patch(taxed, draft, ship_to=AUSTIN).body
    collected = patch(taxed, sent, fulfillment={"method": "PICKUP", "node_id": "store-1"}).body
    back = patch(taxed, collected, fulfillment=None, ship_to=CHICAGO).body

    assert taxes(sent) == [("0.0825", 83, "states@1", False)]  # 82.5
    assert taxes(collected) == [("0.029", 29, "states@1", False)]
    assert taxes(back) == [("0.0625", 63, "states@1", False)]  # 62.5
    dearer = patch(taxed, back, set_lines=[a_line("1", quantity=3, unit_price=usd(2_000))]).body
    assert taxes(dearer) == [("0.0625", 375, "states@1", False)]


def test_each_line_is_taxed_at_its_own_address(taxed: World):
    draft = create(taxed, lines=[a_line("1"), a_line("2", ship_to=AUSTIN)], ship_to=CHICAGO)
    assert [rate for rate, *_ in taxes(draft)] == ["0.0625", "0.0825"]


def test_prices_that_include_their_tax_include_that_of_the_table(taxed: World):
    line = a_line("1", unit_price=usd(10_625))
    draft = create(taxed, lines=[line], ship_to=CHICAGO, prices_include_tax=True)
    assert (taxes(draft)[0][1], draft["totals"]["total"]) == (625, usd(10_625))


def test_a_table_that_has_changed_is_said_when_the_draft_is_confirmed(taxed: World):
    draft = create(taxed, lines=[a_line("1")], charges=[SHIPPING], ship_to=CHICAGO)
    a_table(taxed, [("IL", "", "0.07"), ("", "SHIPPING", "0.02")])
    assert taxes(patch(taxed, draft, tags=["vip"]).body)[0][0] == "0.0625"  # it stays until it is set again

    refused, unquoted = confirm(taxed, draft), quote(taxed, draft)

    assert (refused.status, refused.errors) == (409, [("/lines/0/tax_rate", "price-changed")])
    assert unquoted.errors == refused.errors
    assert "states@2 says 0.07 now" in str(refused.body)
    assert taxes(agent(taxed, draft, set_lines=[a_line("1")]).body) == [("0.07", 70, "states@2", False)]
    assert confirm(taxed, draft).status == 201


def test_a_valid_quote_holds_its_taxes(taxed: World):
    draft = create(taxed, lines=[a_line("1")], ship_to=CHICAGO)
    assert quote(taxed, draft).status == 200
    a_table(taxed, [("IL", "", "0.07")])

    order = confirm(taxed, draft)

    assert (order.status, taxes(order.body)) == (201, [("0.0625", 63, "states@1", False)])


def test_the_order_of_a_draft_says_where_its_taxes_are_from(taxed: World):
    a_table(taxed, synthetic=True)
    lines = [a_line("1"), a_line("2", tax_rate="0.07")]
    draft = create(taxed, lines=lines, charges=[SHIPPING], ship_to=CHICAGO)

    order = confirm(taxed, draft).body

    assert taxes(order) == [("0.0625", 63, "states@2", True), ("0.07", 70, None, False)]
    (charge,) = order["charges"]
    assert (charge["tax"], charge["tax_table"], charge["tax_estimated"]) == (usd(10), "states@2", True)
    assert order["totals"] == draft["totals"]


def test_a_place_that_no_row_is_about_is_refused_by_line_class_and_place(taxed: World):
    draft = create(taxed, lines=[a_line("1"), a_line("2", "CUP-001")], ship_to=BERLIN)
    assert taxes(draft) == [("0", 0, "states@1", True)] * 2

    refused = confirm(taxed, draft)

    assert (refused.status, refused.errors) == (
        422,
        [("/lines/0/tax_rate", "no-tax-rate"), ("/lines/1/tax_rate", "no-tax-rate")],
    )
    assert "the class FOOD in DE" in str(refused.body)
    assert quote(taxed, draft).errors == refused.errors
    given = [a_line("1", tax_rate="0.19"), a_line("2", "CUP-001", tax_rate="0.07")]
    assert agent(taxed, draft, set_lines=given).status == 200
    assert confirm(taxed, draft).status == 201


def test_what_goes_nowhere_yet_is_quoted_and_not_ordered(taxed: World):
    draft = create(taxed, lines=[a_line("1", kind="SERVICE")])
    assert quote(taxed, draft).status == 200
    refused = confirm(taxed, draft)
    assert refused.errors == [("/lines/0/tax_rate", "no-tax-rate")]


def test_a_rate_of_a_thousand_percent_is_refused_by_its_field(taxed: World):
    draft = create(taxed, lines=[a_line("1")], ship_to=CHICAGO)
    assert agent(taxed, draft, set_lines=[a_line("1", tax_rate="10.0")]).errors[0][0] == "/set_lines/0/tax_rate"


@pytest.fixture
def limited(taxed: World) -> World:
    taxed.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"override_percent": 10})
    directory.forget()
    return taxed


def test_a_person_taxes_nothing_less_than_the_table(limited: World):
    draft = create(limited, lines=[a_line("1")], charges=[SHIPPING], ship_to=CHICAGO)

    less = agent(limited, draft, set_lines=[a_line("1", tax_rate="0.05"), a_line("2", "CUP-001", tax_rate="0.009")])
    as_much = agent(limited, draft, set_lines=[a_line("1", tax_rate="0.0625"), a_line("2", "CUP-001", tax_rate="0.01")])
    untaxed = agent(limited, draft, charges=[SHIPPING, {**SHIPPING, "kind": "WRAP", "tax_rate": "0"}])

    assert (less.status, less.errors) == (
        403,
        [("/set_lines/0/tax_rate", "above-limit"), ("/set_lines/1/tax_rate", "above-limit")],
    )
    assert as_much.status == 200
    assert untaxed.errors == [("/charges/1/tax_rate", "above-limit")]


def test_a_person_does_not_take_a_lower_tax_along_to_another_place(limited: World):
    draft = create(limited, who="sales", lines=[a_line("1", tax_rate="0.0625")], ship_to=CHICAGO)

    moved = agent(limited, draft, ship_to=AUSTIN)

    assert (moved.status, moved.errors) == (403, [("/lines/0/tax_rate", "above-limit")])
    assert agent(limited, draft, ship_to=AUSTIN, set_lines=[a_line("1")]).status == 200


def test_a_lower_tax_elsewhere_is_nothing_that_a_person_gives(limited: World):
    draft = create(limited, lines=[a_line("1")], charges=[SHIPPING], ship_to=AUSTIN)
    a_table(limited, [("IL", "", "0.01"), ("IL", "SHIPPING", "0"), ("TX", "", "0.0825"), ("TX", "SHIPPING", "0.02")])

    moved = agent(limited, draft, ship_to=CHICAGO)

    assert (moved.status, moved.body["totals"]["tax"]) == (200, usd(10))


def test_a_shop_moves_its_own_rate_which_is_an_estimate_then(taxed: World):
    draft = create(taxed, lines=[a_line("1", tax_rate="0.0625")], ship_to=CHICAGO)
    assert taxes(patch(taxed, draft, ship_to=AUSTIN).body) == [("0.0625", 63, None, True)]


def test_lines_of_a_channel_whose_table_is_gone_keep_their_rates(taxed: World):
    draft = create(taxed, lines=[a_line("1")], ship_to=CHICAGO)
    set_channel(taxed, tax_table=None)

    assert taxes(confirm(taxed, draft).body) == [("0.0625", 63, "states@1", False)]


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en-US", "Tax (an estimate)"),
        ("pt-BR", "Impostos (uma estimativa)"),
    ],
)
def test_a_customer_is_told_that_the_tax_of_a_quote_is_an_estimate(taxed: World, locale: str, says: str):
    offered = quote(taxed, create(taxed, lines=[a_line("1")], locale=locale))  # without an address
    taxed.settle()

    (mail,) = taxed.hops.sent
    assert says in mail["Content"]["Simple"]["Body"]["Html"]["Data"]
    assert says in page_of(offered).get().text


def test_a_tax_of_a_table_is_no_estimate_for_the_customer(taxed: World):
    quote(taxed, create(taxed, lines=[a_line("1")], ship_to=CHICAGO))
    taxed.settle()
    (mail,) = taxed.hops.sent
    assert "estimate" not in mail["Content"]["Simple"]["Body"]["Html"]["Data"]
