"""Test the options for a basket, and that the recommended one is the plan of the router."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.orders.destination import Destination
from comanda.domain.orders.order import Promised
from comanda.domain.promise.promise import Basket, options
from comanda.domain.routing.costs import Costs
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Limits, Rules, Want
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import LINE, Goods, NodeFilter, OrderFacts, Rest, Rule, RuleSet, Splits
from comanda.domain.stock.stock import Supply
from tests.builders import CHICAGO, DENVER, NEW_YORK, a_line, a_node, a_position, an_order, placed
from tests.domain.models.journeys import EVERY_DAY, a_calendar, a_carrier, a_shop, daily, standard_and_express

NOW = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)  # a Thursday, ten in the morning in Chicago
TO = Destination(country="US", region="IL", postal_prefix="606", latitude=CHICAGO[0], longitude=CHICAGO[1])
NEAR, FAR = (41.7, -87.8), DENVER
ROAD = a_carrier(*standard_and_express())
COMING = Supply(supply_id="po-1", type="PURCHASE_ORDER", eta="2026-12-01", quantity=10)


def a_basket(*wanted, **changes):
    lines = wanted or (("TEA", 1),)
    wants = tuple(
        Want(line_id=str(n), sku=sku, quantity=units, weight_g=500) for n, (sku, units) in enumerate(lines, 1)
    )
    return Basket(wants=wants, **({"to": TO} | changes))


def a_world(positions, *nodes, **changes):
    fields = {"carriers": (ROAD,), "rules": Rules(), "costs": Costs(), "limits": Limits()}
    return RouterInputs(positions=positions, nodes=nodes or (a_shop(),), **(fields | changes))


def a_store(node_id="store-1", at=NEAR, **changes):
    return a_shop(node_id, at=at, type="STORE", **changes)


def found(basket, world, now=NOW):
    promise = options(basket, world, now)
    return {option.option_id: option for option in promise.options}, promise


def sent(option):
    return [(f.node.node_id, {line.line_id: line.quantity for line in f.lines}) for f in option.fulfillments]


def test_a_basket_in_stock_may_be_shipped_standard_or_express_or_picked_up():
    world = a_world([a_position("TEA"), a_position("TEA", "store-1")], a_shop(), a_store())

    by_id, promise = found(a_basket(), world)

    assert list(by_id) == ["standard", "express", "pickup-store-1"]
    assert [(o.kind, o.deliver_on) for o in by_id.values()] == [
        ("STANDARD", "2026-11-24"),
        ("EXPRESS", "2026-11-20"),
        ("PICKUP", "2026-11-19"),
    ]
    assert (by_id["express"].cost_micros, by_id["standard"].cost_micros) == (15_000_000, 5_000_000)
    assert by_id["express"].carbon_g >= by_id["standard"].carbon_g
    assert (promise.recommended, promise.reason.code) == ("standard", "CHEAPEST")


def test_an_option_has_the_time_until_which_its_date_holds():
    carrier = a_carrier(dc_1=daily(time(16)))

    by_id, _ = found(a_basket(methods=("SHIP",)), a_world([a_position("TEA")], carriers=(carrier,)))

    order_by = by_id["standard"].order_by
    assert order_by == datetime(
        2026, 11, 19, 20, 0, tzinfo=UTC
    )  # the cut-off at two, before the carrier's at half past three


def test_a_split_basket_is_offered_in_one_shipment_too_when_some_node_will_have_it_all():
    positions = [
        a_position("TEA", "dc-1", 1),
        a_position("POT", "dc-2", 1),
        a_position("POT", "dc-1", 0, supplies=(COMING,)),
    ]
    nodes = (a_shop(), a_shop("dc-2", at=FAR, region="CO"))

    by_id, promise = found(a_basket(("TEA", 1), ("POT", 1), methods=("SHIP",)), a_world(positions, *nodes))

    assert sent(by_id["standard"]) == [("dc-1", {"1": 1}), ("dc-2", {"2": 1})]
    assert by_id["standard"].packages == 2
    assert sent(by_id["standard-whole"]) == [("dc-1", {"1": 1, "2": 1})]
    assert by_id["standard-whole"].kind == "WHOLE"
    assert (by_id["standard-whole"].deliver_on, by_id["standard-whole"].packages) == ("2026-12-04", 1)
    assert promise.recommended == "standard"  # the router would not wait


def test_a_basket_that_no_node_has_alone_is_not_offered_in_one_shipment():
    positions = [a_position("TEA", "dc-1", 1), a_position("TEA", "dc-2", 1)]

    by_id, _ = found(a_basket(("TEA", 2), methods=("SHIP",)), a_world(positions, a_shop(), a_shop("dc-2", at=FAR)))

    assert "standard-whole" not in by_id


def test_missing_units_may_be_preordered_for_the_first_day_on_which_the_network_has_them():
    positions = [a_position("TEA", "dc-1", 2, supplies=(COMING,))]

    by_id, promise = found(a_basket(("TEA", 5), methods=("SHIP",)), a_world(positions))

    now, ahead = by_id["standard"], by_id["preorder"]
    assert (now.kind, now.deliver_on, now.complete) == ("BACKORDER", None, False)
    assert [(line.now, line.later, line.undated) for line in now.lines] == [(2, (), 3)]
    assert (ahead.kind, ahead.deliver_on, ahead.complete) == ("PREORDER", "2026-12-04", True)
    assert [(line.now, line.later, line.undated) for line in ahead.lines] == [(2, (("2026-12-01", 3),), 0)]
    assert [f.due for f in ahead.fulfillments] == [None, "2026-12-01"]
    assert (promise.recommended, promise.reason.code) == ("standard", "MOST_UNITS")


def test_where_the_rules_look_ahead_the_standard_option_is_the_pre_order():
    positions = [a_position("TEA", "dc-1", 2, supplies=(COMING,))]

    by_id, promise = found(a_basket(("TEA", 5), methods=("SHIP",)), a_world(positions, rules=Rules(future_days=30)))

    assert set(by_id) == {"standard", "express", "standard-whole"}
    assert (by_id["standard"].kind, by_id["standard"].deliver_on) == ("PREORDER", "2026-12-04")
    assert promise.recommended == "standard"


def test_a_supply_beyond_the_horizon_is_no_date():
    positions = [a_position("TEA", "dc-1", 0, supplies=(COMING,))]

    by_id, _ = found(a_basket(methods=("SHIP",)), a_world(positions, preorder_days=5))

    assert set(by_id) == {"standard"}


def test_units_that_no_node_has_or_expects_have_no_date():
    by_id, promise = found(a_basket(), a_world([]))

    assert [(o.option_id, o.kind, o.deliver_on) for o in by_id.values()] == [("standard", "BACKORDER", None)]
    assert (promise.recommended, promise.reason.code) == (None, "NOTHING")


# Counters


def test_only_counters_within_reach_are_shown_the_nearest_first():
    stores = [a_store(f"store-{n}", (41.9 + n / 10, -87.6)) for n in (3, 1, 2, 9)]
    positions = [a_position("TEA", store.node_id) for store in stores]

    by_id, _ = found(a_basket(methods=("PICKUP",)), a_world(positions, *stores, radius_km=50, most_stores=2))

    assert list(by_id) == ["pickup-store-1", "pickup-store-2"]
    assert by_id["pickup-store-1"].km == 11.1


def test_a_named_store_is_shown_however_far_it_is_with_its_stock():
    far = a_store("store-9", FAR)

    by_id, promise = found(
        a_basket(("TEA", 2), ("POT", 1), stores=("store-9",), methods=("PICKUP",)),
        a_world([a_position("TEA", "store-9", 1), a_position("POT", "store-9", 1)], far),
    )

    option = by_id["pickup-store-9"]
    assert [(line.now, line.there, line.undated) for line in option.lines] == [(0, 1, 2), (1, 1, 0)]
    assert [(x.line_id, x.queue, x.reason) for x in option.leftovers] == [("1", "customer-care", "pickup-out-of-stock")]
    assert (option.complete, promise.reason.code) == (False, "MOST_UNITS")


def test_without_coordinates_only_named_stores_are_shown():
    nowhere = Destination(country="US", region="IL")
    world = a_world([a_position("TEA", "store-1")], a_store())

    assert list(found(a_basket(to=nowhere, methods=("PICKUP",)), world)[0]) == []
    assert list(found(a_basket(to=nowhere, methods=("PICKUP",), stores=("store-1",)), world)[0]) == ["pickup-store-1"]


# Routes without a carrier


def test_express_is_only_offered_where_a_carrier_has_it():
    by_id, _ = found(a_basket(methods=("SHIP",)), a_world([a_position("TEA")], carriers=(a_carrier(),)))

    assert list(by_id) == ["standard"]


def test_without_any_carrier_there_is_a_node_and_no_date():
    by_id, promise = found(a_basket(methods=("SHIP",)), a_world([a_position("TEA")], carriers=()))

    option = by_id["standard"]
    assert (sent(option), option.deliver_on, option.packages, option.cost_micros) == ([("dc-1", {"1": 1})], None, 1, 0)
    assert (promise.recommended, promise.reason.code) == ("standard", "ONLY_ONE")


# With unchanged inputs the recommended option is the plan of the route

SKUS = ("TEA", "POT", "CUP")
PLACES = {"dc-1": CHICAGO, "dc-2": DENVER, "dc-3": NEW_YORK, "store-1": NEAR, "store-2": (41.95, -87.6)}
STOCK = st.dictionaries(
    st.tuples(st.sampled_from(SKUS), st.sampled_from(sorted(PLACES))),
    st.tuples(st.integers(0, 5), st.none() | st.integers(1, 6), st.booleans(), st.booleans()),
    max_size=15,
)


def stocked(stock):
    return [
        a_position(
            sku,
            node,
            units,
            ship=ship,
            pickup=pickup,
            supplies=() if coming is None else (replace(COMING, quantity=coming, eta=f"2026-12-0{coming}"),),
        )
        for (sku, node), (units, coming, ship, pickup) in stock.items()
    ]


NEAREST = Rule(name="near", rank=("distance",), nodes=NodeFilter(max_km=900), rest=Rest(then="next"))
POLICIES = (
    (),
    (RuleSet(rule_set_id="a", version=1, rules=(NEAREST, Rule(name="any", splits=Splits(most=2)))),),
    (RuleSet(rule_set_id="b", version=1, rules=(Rule(name="worth", splits=Splits(min_value=(3_000, "USD"))),)),),
    (RuleSet(rule_set_id="c", version=1, rules=(Rule(name="line", rank=("coverage", "cost"), splits=Splits(complete=LINE)),)),),
    (RuleSet(rule_set_id="d", version=1, rules=(replace(NEAREST, release="wave"), Rule(name="any", release="wave"))),),
)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 7)), min_size=1, max_size=4),
    STOCK,
    st.sampled_from((0, 30)),
    st.sampled_from((("SHIP", "PICKUP"), ("PICKUP", "SHIP"), ("SHIP",))),
    st.integers(1, 4),
    st.none() | st.dates(date(2026, 11, 19), date(2026, 12, 10)),
    st.integers(0, 8),
    st.integers(0, 60 * 24 * 9),
    st.sampled_from(POLICIES),
    st.booleans(),
)
def test_an_order_placed_as_recommended_is_routed_as_promised(
    wanted, stock, future_days, methods, splits, deliver_by, busy, minutes, policy, kit
):
    nodes = [
        a_node(
            node_id,
            at,
            type="STORE" if node_id.startswith("store") else "WAREHOUSE",
            calendar=a_calendar("America/Chicago", EVERY_DAY, "2026-11-26"),
            cut_off=time(15),
            units_per_day=10 if node_id == "dc-1" else None,
            tags=("cold",) if node_id in ("dc-2", "store-1") else (),
        )
        for node_id, at in PLACES.items()
    ]
    world = a_world(
        stocked(stock),
        *nodes,
        carriers=(ROAD, a_carrier(carrier_id="other", dc_2=daily(time(16)))),
        rules=Rules(sets=policy, future_days=future_days),
        limits=Limits(splits=splits),
        taken={("dc-1", "2026-11-20"): busy},
        goods={"CUP": Goods(requires=("cold",), dims_mm=(300, 300, 300)), "TEA": Goods(dims_mm=(90, 90, 90))},
        prices={("TEA", "dc-2"): 700_000},
    )
    basket = a_basket(
        *wanted,
        methods=methods,
        deliver_by=deliver_by and deliver_by.isoformat(),
        facts=OrderFacts(channel="web", currency="USD", value=sum(1_000 * units for _, units in wanted)),
    )
    grouped = "kit" if kit else None
    basket = replace(basket, wants=tuple(replace(want, group=grouped, value=1_000) for want in basket.wants))
    now = datetime.fromtimestamp(NOW.timestamp() + 60 * minutes, UTC)

    promise = options(basket, world, now)

    for option in promise.options:
        order = placed(
            an_order(
                *(
                    a_line(
                        w.sku,
                        w.quantity,
                        weight_g=500,
                        method=option.method,
                        service=option.service,
                        node=option.node_id,
                        group=grouped,
                    )
                    for w in basket.wants
                ),
                destination=TO,
            )
        )
        if option.option_id == "standard-whole":
            promised = Promised(promise_id="p", option_id=option.option_id, deliver_on=None, zone="", nodes=())
            order = replace(order, promised=promised)
        asked_for = (("deliver_by", basket.deliver_by),) if basket.deliver_by and option.method == "SHIP" else ()
        plan = route(replace(order, requested=asked_for), world, now)
        as_ordered = option.as_routed or option.option_id == "standard-whole"
        assert not as_ordered or (plan.fulfillments, plan.leftovers) == (option.fulfillments, option.leftovers)
        assert option.as_routed or option.option_id != promise.recommended
        if option.as_routed and option.deliver_on and option.method == "SHIP":
            kept = Promised(promise_id="p", option_id="x", deliver_on=option.deliver_on, zone="", nodes=())
            again = route(replace(order, promised=kept), world, now)
            assert [(f.node, f.lines, f.deliver_on) for f in again.fulfillments] == [
                (f.node, f.lines, f.deliver_on) for f in option.fulfillments
            ]
        assert sum(line.quantity for line in option.lines) == sum(w.quantity for w in basket.wants)
        assert all(line.undated >= 0 for line in option.lines)
    assert promise.recommended is None or promise.recommended in {o.option_id for o in promise.options}
