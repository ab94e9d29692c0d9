"""Every way of giving something away before the sale, and how it is bound: a person has 10 percent.

The shop's cart has two teas at 900, which the list has at 1,000, a cup of 500 as a gift, a pot that no list has at 300, and
charges 400 for the shipping.
"""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.drafts.acts import a_cart, create, get, patch
from tests.functions.drafts.test_confirm import confirm, ready
from tests.functions.drafts.test_quotes import quote
from tests.functions.intake.changes.test_changes import change_order
from tests.functions.world import Reply, World, usd

LIMITS = {"override_percent": 10, "appeasement": [usd(150)]}
SHIPPING = {"kind": "SHIPPING", "amount": usd(400)}
PRICES = {"TEA-001": 1_000, "CUP-001": 500, "TEA-002": 2_000}


def line(line_id: str, sku: str, price: int | None = None, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    priced = {} if price is None else {"unit_price": usd(price), "price_reason": "as agreed"}
    return {"line_id": line_id, "sku": sku, "quantity": quantity, **priced, **fields}


def lines(*sent: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"set_lines": list(sent), **more}


def off(amount: int, code: str = "OFF") -> dict[str, Any]:
    return {"code": code, "amount": usd(amount)}


def pair(
    price: int | None,
    sku: str = "TEA-001",
    shares: tuple[int, int] = (666_667, 333_333),
    tea: str = "TEA-001",
    rate: str = "0",
) -> dict[str, Any]:
    """Return the step that sets a bundle of a tea and a cup, which are 1,500 by themselves."""
    part = {"quantity": 1, "kind": "COMPONENT", "parent_line_id": "p", "ratio": 1}
    parts = (("p1", tea, shares[0]), ("p2", "CUP-001", shares[1]))
    components = ({"line_id": name, "sku": of, "price_share": share, **part} for name, of, share in parts)
    return lines(line("p", sku, price, kind="BUNDLE", tax_rate=rate), *components)


def priced_at_0(made: dict[str, Any]) -> dict[str, Any]:
    """Return the step with a price of 0 of each component."""
    bundle, *parts = made["set_lines"]
    return lines(bundle, *({**part, "unit_price": usd(0)} for part in parts))


TEAS, GIFT, POT = line("1", "TEA-001", 900, 2), line("2", "CUP-001", 0), line("3", "POT-001", 300)

# The way: the steps before, each within the limits, the last step, and the field that is refused. "": it is allowed.
WAYS: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    "the list's price": ([], lines(line("9", "TEA-001")), ""),
    "a price within the limit": ([], lines(line("9", "TEA-001", 900)), ""),
    "a price below the limit": ([], lines(line("9", "TEA-001", 899)), "/set_lines/0/unit_price"),
    "a price lowered twice": ([lines(line("9", "TEA-001", 900))], lines(line("9", "TEA-001", 810)), "/set_lines/0/unit_price"),
    "a price raised first": ([lines(line("9", "TEA-001", 9_000))], lines(line("9", "TEA-001", 899)), "/set_lines/0/unit_price"),
    "a discount against a raised price": ([lines(line("9", "TEA-001", 9_000))], {"discounts": [off(311)]}, "/discounts"),
    "a discount within the limit": ([lines(line("9", "TEA-001"))], {"discounts": [off(310)]}, ""),
    "a price and a discount": ([lines(line("9", "TEA-001", 900))], {"discounts": [off(10)]}, "/discounts"),
    "a price and a discount within the limit": ([lines(line("9", "TEA-001", 950))], {"discounts": [off(150)]}, ""),
    "a discount and a price": ([lines(line("9", "TEA-001")), {"discounts": [off(310)]}], lines(line("9", "TEA-001", 990)), "/set_lines/0/unit_price"),
    "a discount, then a price": ([{"discounts": [off(100)]}], lines(line("9", "CUP-001", 480)), ""),
    "a discount, then goods removed": ([{"discounts": [off(210)]}], {"remove_lines": ["3"]}, "/lines"),
    "a line's discount": ([], lines(line("9", "TEA-001", None, 1, discounts=[off(101)])), "/set_lines/0/discounts"),
    "a line's discount and the draft's": (
        [lines(line("9", "TEA-001", None, 1, discounts=[off(100)]))], {"discounts": [off(10)]}, "/discounts",
    ),
    "the shop's prices": ([], lines(TEAS, GIFT, POT), ""),
    "the shop's prices for fewer units": ([], lines(line("1", "TEA-001", 900)), ""),
    "below the shop's price": ([], lines(line("1", "TEA-001", 809, 2)), "/set_lines/0/unit_price"),
    "a shop's price lowered twice": ([lines(line("1", "TEA-001", 810, 2))], lines(line("1", "TEA-001", 729, 2)), "/set_lines/0/unit_price"),
    "units beyond the shop's": ([], lines(line("1", "TEA-001", 860, 3)), ""),
    "units beyond the shop's below the limit": ([], lines(line("1", "TEA-001", 810, 3)), "/set_lines/0/unit_price"),
    "units of a gift": ([], lines(line("2", "CUP-001", 0, 2)), "/set_lines/0/unit_price"),
    "a gift as a line of its own": ([], lines(line("9", "CUP-001", 0)), "/set_lines/0/unit_price"),
    "a gift taken out and in": ([{"remove_lines": ["2"]}], lines(GIFT), "/set_lines/0/unit_price"),
    "another article for a gift": ([], lines(line("2", "TEA-001", 0)), "/set_lines/0/unit_price"),
    "units that no list has": ([], lines(line("3", "POT-001", 300, 5)), ""),
    "units that no list has, below the shop's": ([], lines(line("9", "POT-001", 269)), "/set_lines/0/unit_price"),
    "an article that nothing prices": ([], lines(line("9", "SET-001", 9_000)), "/set_lines/0/unit_price"),
    "all lines sent anew": ([], {"lines": [line("1", "TEA-001", 809, 2), GIFT]}, "/lines/0/unit_price"),
    "a bundle cheaper than its components": ([], pair(1_349), "/set_lines/0/unit_price"),
    "a bundle under the name of a cheap article": ([], pair(None, "CUP-001"), "/set_lines/0/unit_price"),
    "a bundle within the limit": ([], pair(1_350), ""),
    "a bundle that gives a component no price": ([], pair(1_500, "TEA-001", (0, 1_000_000)), "/set_lines/0/unit_price"),
    "a bundle whose components are sent at 0, as those of orders": ([], priced_at_0(pair(1_350)), ""),
    "a bundle below the limit whose components are sent at 0": ([], priced_at_0(pair(1_349)), "/set_lines/0/unit_price"),
    "another article in a bundle": (
        [pair(1_500)],
        lines({"line_id": "p2", "sku": "TEA-002", "quantity": 1, "kind": "COMPONENT", "parent_line_id": "p", "ratio": 1, "price_share": 333_333}),
        "/lines",
    ),
    "a charge dropped": ([], {"charges": None}, "/charges"),
    "a charge under the name of a line": ([], lines(line("charge SHIPPING", "TEA-001"), charges=None), "/charges"),
    "a charge under another name": ([], {"charges": [{**SHIPPING, "kind": "WRAP"}]}, "/charges"),
    "a charge lowered within the limit": ([], {"charges": [{**SHIPPING, "amount": usd(360)}]}, ""),
    "a charge lowered twice": (
        [{"charges": [{**SHIPPING, "amount": usd(360)}]}], {"charges": [{**SHIPPING, "amount": usd(359)}]}, "/charges",
    ),
    "an own charge dropped": ([{"charges": [SHIPPING, {"kind": "WRAP", "amount": usd(500)}]}], {"charges": [SHIPPING]}, ""),
    "a charge below nothing": ([], {"charges": [{**SHIPPING, "amount": usd(-1)}]}, "/charges/0/amount/amount"),
    "a tax below the list's": ([], lines(line("9", "TEA-002", None, 1, tax_rate="0")), "/set_lines/0/tax_rate"),
    "the list's tax": ([], lines(line("9", "TEA-002")), ""),
    "a taxed article in an untaxed bundle": ([], pair(2_500, "TEA-001", (800_000, 200_000), "TEA-002"), "/set_lines/0/tax_rate"),
    "a bundle taxed as its parts": ([], pair(2_500, "TEA-001", (800_000, 200_000), "TEA-002", "0.1"), ""),
}  # fmt: skip


@pytest.fixture
def cart(world: World) -> dict[str, Any]:
    world.entry(directory.PRODUCT, "SET-001", {"title": "A set", "weight_g": 100, "class": "goods"})
    a_list(world, PRICES)
    for name in ("sales", "picker"):
        world.aws.put("Directory", **keys.user(name), roles=["staff"], limits=LIMITS)
    directory.forget()
    return ready(world, lines=[TEAS, GIFT, POT], charges=[SHIPPING])


def a_list(world: World, prices: dict[str, int], rate: str = "0.1") -> None:
    rates = {"TEA-002": {"tax_rate": rate}}
    rows = [{"sku": sku, "unit_price": usd(n), **rates.get(sku, {})} for sku, n in prices.items()]
    doc = {"name": "Usual", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01", "prices": rows}
    assert world.call("PUT", "/v1/price-lists/usual", doc, who="office").status in (200, 201)
    directory.forget()


def step(world: World, draft: dict[str, Any], who: str = "sales", **fields: Any) -> Reply:
    return patch(world, get(world, draft), who=who, **fields)


@pytest.mark.parametrize("way", WAYS)
def test_a_way_of_giving_is_bound(world: World, cart: dict[str, Any], way: str):
    before, last, refused = WAYS[way]
    for fields in before:
        made = step(world, cart, **fields)
        assert made.status == 200, made.body

    reply = step(world, cart, who="picker", **last)

    if refused:
        assert [pointer for pointer, _ in reply.errors] == [refused], reply.body
        assert reply.status == (422 if refused.count("/") == 4 else 403)
    else:
        assert reply.status == 200, reply.body
        assert step(world, cart, who="picker", tags=["vip"]).status == 200  # what was given stands
    if reply.status == 403:
        assert step(world, cart, who="shop", **last).status == 200  # an application has no limit


@pytest.mark.parametrize(
    "chosen",
    [{"prices_include_tax": True}, {"currency": "EUR"}, {"channel": "outlet"}],
    ids=["tax", "currency", "channel"],
)
def test_where_no_list_fits_a_person_sets_no_price(world: World, cart: dict[str, Any], chosen: dict[str, Any]):
    money = {"amount": 9_999, "currency": chosen.get("currency", "USD")}
    own = {**line("1", "TEA-001"), "unit_price": money, "price_reason": "as agreed"}

    reply = world.call("POST", "/v1/drafts", a_cart(lines=[own], open_cart=False, **chosen), who="sales")

    assert (reply.status, reply.errors) == (403, [("/lines/0/unit_price", "above-limit")])


def test_a_price_that_is_held_is_held_no_longer_than_it_was(world: World, cart: dict[str, Any]):
    assert step(world, cart, **lines(line("9", "TEA-001")), prices_until="2026-11-25T00:00:00Z").status == 200
    a_list(world, {**PRICES, "TEA-001": 1_500})

    longer = step(world, cart, prices_until="2026-11-26T00:00:00Z")
    quoted = quote(world, cart, who="sales", valid_until="2026-11-26T00:00:00Z")
    as_long = quote(world, cart, who="sales")

    assert (longer.problem, longer.errors[0][0]) == ("price-changed", "/lines/3/unit_price")
    assert quoted.problem == "price-changed"
    assert as_long.body["quote"]["valid_until"] == "2026-11-25T00:00:00.000Z"
    assert step(world, cart, prices_until="2026-11-24T00:00:00Z").status == 200


def test_a_persons_price_is_set_anew_when_the_list_has_changed(world: World, cart: dict[str, Any]):
    assert step(world, cart, **lines(line("9", "TEA-001", 900))).status == 200
    assert step(world, cart, **pair(1_400)).status == 200
    a_list(world, {**PRICES, "TEA-001": 2_000})

    refused = confirm(world, cart)

    changed = [("/lines/3/unit_price", "price-changed"), ("/lines/4/unit_price", "price-changed")]
    assert (refused.status, refused.errors) == (409, changed)
    again = step(world, cart, **lines(line("9", "TEA-001", 900)))
    assert again.errors == [("/set_lines/0/unit_price", "above-limit")]
    assert step(world, cart, **lines(line("9", "TEA-001", 1_800)), remove_lines=["p", "p1", "p2"]).status == 200
    assert confirm(world, cart).status == 201


def test_a_tax_of_the_list_is_of_today_when_a_draft_is_confirmed(world: World, cart: dict[str, Any]):
    assert step(world, cart, **lines(line("8", "TEA-002"), line("9", "TEA-002", 1_900))).status == 200
    a_list(world, PRICES, rate="0.2")

    refused = confirm(world, cart)

    assert refused.problem == "price-changed"
    assert [at for at, _ in refused.errors] == ["/lines/3/tax_rate", "/lines/4/tax_rate"]
    assert step(world, cart, **lines(line("8", "TEA-002"), line("9", "TEA-002", 1_900))).status == 200
    assert confirm(world, cart).status == 201


@pytest.mark.parametrize(
    ("given", "more"),
    [
        ({"set_lines": [line("9", "TEA-001", 900)]}, 899),
        ({"set_lines": [line("9", "TEA-001")], "discounts": [off(310)]}, 990),
    ],
    ids=["a price", "a discount"],
)
def test_what_a_draft_gave_counts_after_the_sale(world: World, cart: dict[str, Any], given: dict[str, Any], more: int):
    assert step(world, cart, **given).status == 200
    order_id = confirm(world, cart).body["order_id"]
    cheaper = {"modification": "price", "line_id": "9", "unit_price": usd(more)}

    refused = change_order(world, order_id, cheaper, who="picker")

    assert refused.errors == [("/changes/0/unit_price", "above-limit")], refused.body
    assert change_order(world, order_id, cheaper, who="office").status == 200


def test_a_persons_discount_is_shared_by_the_goods_whatever_the_channel_says(world: World, cart: dict[str, Any]):
    row = world.call("GET", "/v1/channels/web", who="office")
    doc = {"name": "web", "currencies": ["USD", "EUR"], "countries": ["US"], "locales": ["en-US", "pt-BR"]}
    world.entry(directory.CHANNEL, "web", {**doc, "discount_after_cancel": "KEEP"})
    assert row.status == 200
    draft = create(
        world, who="sales", ship_to=cart_address(world, cart), lines=[line("1", "TEA-001"), line("2", "TEA-002")]
    )
    assert step(world, draft, discounts=[off(300)]).status == 200
    order_id = confirm(world, draft).body["order_id"]

    gone = change_order(world, order_id, {"modification": "quantity", "line_id": "2", "quantity": 0}, who="sales")

    assert gone.status == 200, gone.body
    assert gone.body["totals"]["discounts"] == usd(100)


def cart_address(world: World, cart: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = get(world, cart, below="/contact")["ship_to"]
    return found


def test_a_new_order_of_a_person_keeps_to_their_limit(world: World, cart: dict[str, Any]):
    def placed(*sent: dict[str, Any], who: str = "sales", **more: Any) -> list[str]:
        reply = world.place_order(*sent, who=who, **more)
        assert reply.status in (201, 403), reply.body
        return [at for at, _ in reply.errors] if reply.status == 403 else []

    assert placed({"sku": "TEA-001", "quantity": 2, "unit_price": usd(900)}) == []
    cheap = {"sku": "TEA-001", "quantity": 2, "unit_price": usd(899)}
    assert placed({"sku": "CUP-001", "quantity": 1, "unit_price": usd(500)}, cheap) == ["/lines/1/unit_price"]
    assert placed(cheap, who="shop") == []
    assert placed({"sku": "POT-001", "quantity": 1}) == ["/lines/0/unit_price"]
    assert placed({"sku": "TEA-002", "quantity": 1, "unit_price": usd(2_000)}) == ["/lines/0/tax"]
    totals = {"goods": usd(1_000), "discounts": usd(101), "charges": usd(0), "tax": usd(0), "total": usd(899)}
    assert placed(("TEA-001", 1), discounts=[off(101)], totals=totals) == ["/discounts"]


def test_who_gives_by_a_price_list_does_not_write_it(world: World, cart: dict[str, Any]):
    doc = {"name": "Mine", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-02"}
    cheap = {**doc, "prices": [{"sku": "TEA-001", "unit_price": usd(1)}]}

    assert world.call("PUT", "/v1/price-lists/mine", cheap, who="sales").status == 403
    world.aws.put("Directory", **keys.user("sales"), roles=["admin"])
    directory.forget()
    assert world.call("PUT", "/v1/price-lists/mine", cheap, who="sales").status == 201


def test_a_charge_of_a_promise_is_of_the_option_that_the_draft_has(
    world: World, cart: dict[str, Any], monkeypatch: Any
):
    options = {"pickup": {"cost_micros": 0, "currency": "USD"}, "ship": {"cost_micros": 4_000_000, "currency": "USD"}}
    found = {"channel": "web", "recommended": "ship", "options": options}
    monkeypatch.setattr("comanda.aws.routing.promises.load", lambda *_: found)
    asked = {"promise_id": "prm_us1_01M7STV3G0D2FQG0YTJ893ZCCZ", "option_id": "pickup"}

    assert step(world, cart, **asked, charges=[{"kind": "SHIPPING"}]).body["charges"][0]["amount"] == usd(0)
    assert step(world, cart, option_id="ship").errors == [("/charges", "above-limit")]
    assert step(world, cart, option_id="ship", charges=[{"kind": "SHIPPING"}]).body["charges"][0]["amount"] == usd(400)
