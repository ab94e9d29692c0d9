"""Two agents with limits do what they can, in any order: what an order costs is never further below the lists than they may give.

The oracle knows nothing of how limits are kept: it compares what is left of the order with the list and with the shop's cart.
"""

from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.drafts.acts import CHICAGO, create, get, patch
from tests.functions.drafts.test_confirm import confirm
from tests.functions.intake.changes.test_changes import change_order
from tests.functions.world import Reply, World, usd

PERCENT, AMOUNT = 10, 150
LISTED = {"TEA-001": 1_000, "CUP-001": 501, "TEA-002": 1_999}
SHOP = {("1", "TEA-001"): (2, 900), ("2", "CUP-001"): (1, 0), ("3", "POT-001"): (1, 300)}  # line, sku: units, price
AGENTS = ("sales", "picker")
PAID = {"method": "CARD", "authorized": usd(10_000_000)}

SKUS = st.sampled_from(("TEA-001", "CUP-001", "TEA-002", "POT-001"))
LINES = st.sampled_from(("1", "2", "3", "4", "b"))
UNITS = st.integers(1, 6)
CODES = st.sampled_from(("A", "B"))
SHARES = st.sampled_from((0, 1, 333_334, 400_000, 500_000, 1_000_000))
# Prices near the limits, above the list, and next to nothing.
PRICES = st.one_of(
    st.sampled_from([n * LISTED[sku] // 100 + d for sku in LISTED for n in (90, 95, 100, 300) for d in (0, 1)]),
    st.integers(0, 6_000),
)
SMALL = st.one_of(st.integers(0, 200), st.integers(0, 2_000))


def sent(line_id: str, sku: str, quantity: int, price: int | None = None, **more: Any) -> dict[str, Any]:
    priced = {} if price is None else {"unit_price": usd(price)}
    return {"line_id": line_id, "sku": sku, "quantity": quantity, **priced, **more}


@st.composite
def bundles(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw a set of two articles, with a price and shares of it."""
    sets, share = draw(st.integers(1, 3)), draw(SHARES)
    part = {"kind": "COMPONENT", "parent_line_id": "b", "ratio": 1}
    components = [
        sent(f"b{n}", draw(SKUS), sets, **part, price_share=mine) for n, mine in enumerate((share, 1_000_000 - share))
    ]
    return [sent("b", draw(SKUS), sets, draw(PRICES), kind="BUNDLE"), *components]


@st.composite
def discounted(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [{"code": code, "amount": usd(draw(SMALL))} for code in draw(st.lists(CODES, max_size=2, unique=True))]


LINE = st.builds(sent, LINES.filter(lambda one: one != "b"), SKUS, UNITS, st.none() | PRICES, discounts=discounted())
DRAFT_STEPS = st.one_of(
    st.fixed_dictionaries({"set_lines": st.lists(LINE, min_size=1, max_size=2, unique_by=lambda one: one["line_id"])}),
    st.fixed_dictionaries({"set_lines": bundles()}),
    st.fixed_dictionaries({"remove_lines": st.lists(LINES, min_size=1, max_size=2, unique=True)}),
    st.fixed_dictionaries({"discounts": discounted()}),
    st.fixed_dictionaries({"discounts": discounted(), "set_lines": st.lists(LINE, min_size=1, max_size=1)}),
)


def change(modification: str, **fields: Any) -> Any:
    return st.fixed_dictionaries({"modification": st.just(modification), **fields})


def changes(there: list[str], new: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return the changes of an order with these lines. `new` is the id of a line that joins."""
    line, money = st.sampled_from(there), PRICES.map(usd)
    instead = {"line_id": line, "quantity": UNITS, "sku": SKUS, "new_line_id": st.just(new)}
    joining = st.builds(sent, st.just(new), SKUS, UNITS, PRICES, discounts=discounted())
    return st.one_of(
        change("price", line_id=line, unit_price=money),
        change("price", line_id=line, unit_price=money),
        change("quantity", line_id=line, quantity=st.integers(0, 8)),
        change("discount", code=CODES, amount=SMALL.map(usd)),
        change("appeasement", why=st.just("LATE"), amount=SMALL.map(usd)),
        change("charge", kind=st.just("WRAP"), amount=SMALL.map(usd)),
        change("replace", **instead),
        change("replace", **instead, unit_price=money),
        change("add_line", lines=joining.map(lambda one: [one])),
        change("add_line", lines=bundles()),
    )


def retailer(world: World, *, keeps: bool) -> None:
    prices = [{"sku": sku, "unit_price": usd(n)} for sku, n in LISTED.items()]
    doc = {"name": "Usual", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01", "prices": prices}
    assert world.call("PUT", "/v1/price-lists/usual", doc, who="office").status in (200, 201)
    web = {"name": "web", "currencies": ["USD", "EUR"], "countries": ["US"], "locales": ["en-US", "pt-BR"]}
    policy = {"discount_after_cancel": "KEEP"} if keeps else {}
    world.entry(directory.CHANNEL, "web", {**web, "breakable": True, **policy})
    limits = {"override_percent": PERCENT, "appeasement": [usd(AMOUNT)]}
    for name in AGENTS:
        world.aws.put("Directory", **keys.user(name), roles=["staff"], limits=limits)
    directory.forget()


def draft_of(world: World, data: st.DataObject, *, of_shop: bool) -> dict[str, Any]:
    if of_shop:
        lines = [sent(line_id, sku, units, price) for (line_id, sku), (units, price) in SHOP.items()]
        return create(world, lines=lines, ship_to=CHICAGO)
    return create(world, who="sales", lines=[sent("1", "TEA-001", 2)], ship_to=CHICAGO)


def change_as_drawn(world: World, order_id: str, data: st.DataObject, n: int) -> Reply:
    """Make one or two changes, perhaps later, or cancel units."""
    who = data.draw(st.sampled_from(AGENTS))
    there = [row["line_id"] for row in world.order(order_id)["lines"]]
    if data.draw(st.integers(0, 4)) == 0:
        rows = [{"line_id": data.draw(st.sampled_from(there)), "quantity": data.draw(UNITS)}]
        return world.change(order_id, "cancel", {"reason": "x", "lines": rows}, who=who)
    asked = [data.draw(changes(there, f"n{n}.{i}")) for i in range(data.draw(st.integers(1, 2)))]
    if data.draw(st.integers(0, 3)) == 0:
        pending = change_order(world, order_id, *asked, who=who, pending=True)
        between = data.draw(changes(there, f"n{n}.9"))
        change_order(world, order_id, between, who=who, payments=[{**PAID, "reference": f"between-{n}"}])
        payments = {"payments": [{**PAID, "reference": f"late-{n}"}]}
        world.call("POST", f"/v1/orders/{order_id}/payments", payments, who="shop")
        return pending
    return change_order(world, order_id, *asked, who=who, payments=[{**PAID, "reference": f"change-{n}"}])


def worth(order: dict[str, Any], *, of_shop: bool) -> int:
    """Return what the units that are left cost by the list, and those of the shop's cart by the shop."""
    found = 0
    for row in order["lines"]:
        units = sum(a["quantity"] for a in row["allocations"] if a["status"] != "CANCELLED")
        told = SHOP.get((row["line_id"], row["sku"])) if of_shop else None
        mine = min(units, told[0]) if told else 0
        # The pot is in no list: the shop's price is all there is.
        found += mine * (told[1] if told else 0) + (units - mine) * LISTED.get(row["sku"], 300)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_an_order_costs_what_its_goods_usually_cost_less_what_agents_may_give(world: World, data: st.DataObject):
    of_shop = data.draw(st.booleans())
    retailer(world, keeps=data.draw(st.booleans()))
    draft = draft_of(world, data, of_shop=of_shop)
    for _ in range(data.draw(st.integers(0, 6))):
        step = data.draw(DRAFT_STEPS)
        for line in step.get("set_lines", ()):
            line["price_reason"] = "as agreed"
        reply = patch(world, get(world, draft), who=data.draw(st.sampled_from(AGENTS)), **step)
        event(f"draft {'+'.join(sorted(step))} {reply.status}")
    placed = confirm(world, draft, payments=[{**PAID, "reference": "first"}])
    if placed.status != 201:
        return
    order_id = placed.body["order_id"]
    for n in range(data.draw(st.integers(0, 8))):
        reply = change_as_drawn(world, order_id, data, n)
        event(f"change {reply.status}")
        order = world.order(order_id)
        assert reply.status < 500, reply.body
        totals = {name: money["amount"] for name, money in order["totals"].items()}
        rounding = 2 * len(order["lines"])
        least = worth(order, of_shop=of_shop) * (100 - PERCENT) // 100 - AMOUNT - rounding
        assert totals["goods"] - totals["discounts"] >= least, order
