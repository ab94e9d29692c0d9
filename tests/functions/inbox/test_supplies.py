"""Ordered or sent units are expected at their position and received in parts, and every unit stays accounted for."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.stock import lanes, ledger, position_reads, receipt_counters, stock_changes
from comanda.aws.stock_updates import supplies
from comanda.domain.stock import movements
from comanda.domain.stock import stock as rules
from comanda.domain.stock.changes import ReservedUnits, undo
from comanda.domain.stock.stock import SELLABLE
from tests.functions.stock.test_snapshots import a_row as counted_row
from tests.functions.stock.test_snapshots import count, moment
from tests.functions.world import START, Reply, World

SOON, LATER = "2026-11-25", "2026-12-02"
HOUR = timedelta(hours=1)


def a_line(n: int = 1, quantity: int = 10, sku: str = "TEA-001", node: str = "dc-1", eta: str = SOON) -> dict[str, Any]:
    return {"line": n, "sku": sku, "node_id": node, "quantity": quantity, "eta": eta}


def tell(world: World, action: str, *lines: Any, name: str = "PO-1", who: str = "office", **more: Any) -> Reply:
    """A step of lines: numbers, (number, quantity), or documents."""
    said = [
        line
        if isinstance(line, dict)
        else {"line": line}
        if isinstance(line, int)
        else {"line": line[0], "quantity": line[1]}
        for line in lines
    ]
    more.setdefault("reference", f"{action}-{world.now:%H%M%S}")
    body = {"supply_id": name, "action": action, "lines": said, **more}
    return world.call("POST", "/v1/stock/supplies", body, who=who, key=more.pop("key", ""))


def create(world: World, *lines: Any, **more: Any) -> Reply:
    return tell(world, "CREATE", *(lines or (a_line(),)), **{"type": "PURCHASE_ORDER", **more})


def transfer(world: World, quantity: int = 10) -> Reply:
    return create(world, a_line(quantity=quantity, node="dc-2"), type="TRANSFER", origin_node_id="dc-1", name="T-1")


def statuses(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [row["status"] + (f" {row['code']}" if "code" in row else "") for row in reply.body["rows"]]


def position(node: str = "dc-1", sku: str = "TEA-001") -> Any:
    found = position_reads.get(sku, node)
    assert found is not None
    return found


def expected(node: str = "dc-1", sku: str = "TEA-001") -> dict[str, tuple[str, str, int]]:
    return {s.supply_id: (s.type, s.eta, s.quantity) for s in position(node, sku).supplies}


def shown(world: World, name: str = "PO-1", who: str = "office") -> dict[str, Any]:
    found: dict[str, Any] = world.call("GET", f"/v1/stock/supplies/{name}", who=who).body
    return found


def the_ledger_adds_up(node: str = "dc-1", sku: str = "TEA-001") -> bool:
    there, lines = position(node, sku), ledger.movements(sku, node)
    coming: dict[str, int] = {}
    for line in lines:
        for name, units in line.get("supplies", {}).items():
            coming[name] = coming.get(name, 0) + units
    assert {name: n for name, n in coming.items() if n} == {s.supply_id: s.quantity for s in there.supplies}
    assert sum(line["free"] for line in lines) == there.free
    assert sum(line["on_hand"].get(SELLABLE, 0) for line in lines) == there.bucket(SELLABLE)
    return True


def test_an_order_to_a_supplier_is_expected_and_nothing_is_on_the_shelf(world: World):
    reply = create(world, a_line(quantity=10), a_line(2, quantity=5, sku="CUP-001"), supplier="Tea Garden")

    assert statuses(reply) == ["APPLIED", "APPLIED"]
    assert expected() == {"PO-1.1": ("PURCHASE_ORDER", SOON, 10)}
    assert (position().on_hand, position().free) == ((), 0)
    assert [rules.available(position(), world.now, day) for day in ("2026-11-24", SOON)] == [0, 10]
    seen = shown(world)
    assert (seen["status"], seen["supplier"], [line["status"] for line in seen["lines"]]) == (
        "CREATED",
        "Tea Garden",
        ["CREATED", "CREATED"],
    )
    assert the_ledger_adds_up()


def test_a_supply_is_confirmed_with_another_day_and_quantity_and_its_position_follows(world: World):
    create(world)

    reply = tell(world, "CONFIRM", {"line": 1, "quantity": 8, "eta": LATER})

    assert statuses(reply) == ["APPLIED"]
    assert expected() == {"PO-1.1": ("PURCHASE_ORDER", LATER, 8)}
    assert shown(world)["status"] == "CONFIRMED"
    assert the_ledger_adds_up()


def test_units_are_received_in_parts_until_the_line_closes_by_itself(world: World):
    create(world)

    first = tell(world, "RECEIVE", (1, 4), reference="R-1")
    between = (expected(), position().bucket(SELLABLE), position().free, shown(world)["status"])
    last = tell(world, "RECEIVE", (1, 6), reference="R-2")

    assert (statuses(first), statuses(last)) == (["APPLIED"], ["APPLIED"])
    assert between == ({"PO-1.1": ("PURCHASE_ORDER", SOON, 6)}, 4, 4, "PARTLY_RECEIVED")
    assert (expected(), position().bucket(SELLABLE), position().free) == ({}, 10, 10)
    assert [line["status"] for line in shown(world)["lines"]] == ["RECEIVED"]
    assert receipt_counters.load(["TEA-001"]) == {"TEA-001": 2}
    assert the_ledger_adds_up()


def test_a_receipt_is_applied_once_for_every_sender_and_idempotency_key(world: World):
    create(world)
    tell(world, "RECEIVE", (1, 4), reference="R-1")

    again = tell(world, "RECEIVE", (1, 4), reference="R-1", who="dc-1-system")
    other = tell(world, "RECEIVE", (1, 5), reference="R-1")

    assert (statuses(again), statuses(other)) == (["DUPLICATE applied-before"], ["CONFLICT other-content"])
    assert position().bucket(SELLABLE) == 4


def test_a_little_more_than_ordered_is_received_as_far_as_the_order_allows(world: World):
    create(world, a_line(quantity=100), over_receipt_percent=5)

    first = tell(world, "RECEIVE", (1, 100), reference="R-1")
    more = tell(world, "RECEIVE", (1, 5), reference="R-2")
    too_many = tell(world, "RECEIVE", (1, 1), reference="R-3")

    assert (statuses(first), statuses(more), statuses(too_many)) == (
        ["APPLIED"],
        ["APPLIED"],
        ["REJECTED more-than-announced"],
    )
    assert position().bucket(SELLABLE) == 105


def test_the_policy_sets_the_excluded_part_of_a_supply_and_the_node_its_receiving_days(world: World):
    world.entry("STOCKPOLICY", "default", {"supplies": {"RETURN": {"excluded_percent": 40, "grace_days": 1}}})
    world.entry("NODE", "dc-1", {"type": "WAREHOUSE", "receiving_days": 2})
    directory.forget()

    create(world, type="RETURN")

    (supply,) = position().supplies
    assert (supply.excluded, supply.grace_days, supply.receiving_days) == (40, 1, 2)


def test_units_received_into_quarantine_are_on_hand_and_not_free(world: World):
    create(world)

    tell(world, "RECEIVE", {"line": 1, "quantity": 10, "bucket": "quarantine"})

    assert (dict(position().on_hand), position().free) == ({"quarantine": 10}, 0)
    assert receipt_counters.load(["TEA-001"]) == {"TEA-001": 0}
    assert the_ledger_adds_up()


def test_a_transfer_leaves_one_shelf_is_on_its_way_and_reaches_the_other(world: World):
    world.stocked(dc_1=10)
    transfer(world, 6)
    announced = expected("dc-2")

    tell(world, "SHIP", (1, 6), name="T-1")
    on_its_way = (position().bucket(SELLABLE), expected("dc-2"))
    tell(world, "RECEIVE", (1, 6), name="T-1")

    kinds = {line["kind"]: line["on_hand"] for node in ("dc-1", "dc-2") for line in ledger.movements("TEA-001", node)}
    assert announced == {"T-1.1": ("TRANSFER", SOON, 6)}
    assert on_its_way == (4, {"T-1.1.sent": ("IN_TRANSIT", SOON, 6)})
    assert (position("dc-2").bucket(SELLABLE), expected("dc-2")) == (6, {})
    assert (kinds["transfer_out"], kinds["transfer_in"]) == ({"sellable": -6}, {"sellable": 6})
    assert the_ledger_adds_up("dc-1")
    assert the_ledger_adds_up("dc-2")


def test_units_received_beyond_the_shipped_units_do_not_move_the_origin(world: World):
    world.stocked(dc_1=10)
    transfer(world, 6)
    tell(world, "SHIP", (1, 2), name="T-1")

    reply = tell(world, "RECEIVE", (1, 5), name="T-1")

    assert statuses(reply) == ["APPLIED transfer-difference"]
    assert (position("dc-1").bucket(SELLABLE), position("dc-2").bucket(SELLABLE)) == (8, 2)
    assert expected("dc-2") == {"T-1.1": ("TRANSFER", SOON, 4)}
    assert shown(world, "T-1")["lines"][0]["differing"] == 3
    assert the_ledger_adds_up("dc-1")
    assert the_ledger_adds_up("dc-2")


def test_a_node_cannot_send_what_it_does_not_have(world: World):
    world.stocked(dc_1=3)
    transfer(world, 6)

    reply = tell(world, "SHIP", (1, 6), name="T-1")

    assert statuses(reply) == ["REJECTED out-of-stock"]
    assert (position().bucket(SELLABLE), shown(world, "T-1")["status"]) == (3, "CREATED")


def test_a_transfer_may_take_the_units_of_all_lanes_of_its_origin(world: World):
    world.stocked(dc_1=40)
    lanes.split("TEA-001", "dc-1", 3, world.now)
    transfer(world, quantity=25)

    shipped = tell(world, "SHIP", (1, 25), name="T-1")
    too_many = create(
        world, a_line(quantity=16, node="dc-2"), type="TRANSFER", origin_node_id="dc-1", name="T-2", reference="again"
    )
    refused = tell(world, "SHIP", (1, 16), name="T-2", reference="too-many")

    left = position_reads.get_joined([("TEA-001", "dc-1")])["TEA-001", "dc-1"]
    assert [statuses(shipped), statuses(too_many), statuses(refused)] == [
        ["APPLIED"],
        ["APPLIED"],
        ["REJECTED out-of-stock"],
    ]
    assert (left.bucket(SELLABLE), left.free) == (15, 15)


def test_a_transfer_of_promised_units_raises_an_alert_of_exactly_the_missing_units(world: World):
    world.stocked(dc_1=5)
    promised = ReservedUnits(sku="TEA-001", node="dc-1", quantity=4, due="2026-11-19", source="o", line="1", n="1")
    stock_changes.apply([undo(movements.release(promised, world.now))], [])
    transfer(world, 3)

    tell(world, "SHIP", (1, 3), name="T-1")

    assert position().free == -2
    assert [r["quantity"] for r in world.aws.items("Stock", "S#TEA-001", "AL#OVER_RESERVED#")] == [2]


def test_units_that_came_or_left_before_a_count_are_not_moved_again(world: World):
    world.stocked(dc_1=10)
    create(world)
    transfer(world, 4)
    world.pass_time(7200)
    count(world, counted_row(16), at=START + HOUR)

    tell(world, "RECEIVE", (1, 10), occurred_at=moment(START + HOUR / 2))
    tell(world, "SHIP", (1, 4), name="T-1", occurred_at=moment(START + HOUR / 2))

    assert (position().bucket(SELLABLE), position().free) == (16, 16)
    assert expected("dc-2") == {"T-1.1.sent": ("IN_TRANSIT", SOON, 4)}
    assert the_ledger_adds_up()
    assert the_ledger_adds_up("dc-2")


def test_a_closed_line_is_expected_no_more_and_a_cancelled_one_never_came(world: World):
    create(world, a_line(1), a_line(2, sku="CUP-001"))
    tell(world, "RECEIVE", (1, 4))

    refused = tell(world, "CANCEL", 1, 2)
    closed = tell(world, "CLOSE", 1)

    assert statuses(refused) == ["REJECTED already-moved", "APPLIED"]
    assert statuses(closed) == ["APPLIED"]
    assert (expected(), expected(sku="CUP-001")) == ({}, {})
    assert (shown(world)["status"], [line["status"] for line in shown(world)["lines"]]) == (
        "CLOSED",
        ["CLOSED", "CANCELLED"],
    )
    assert statuses(tell(world, "RECEIVE", (1, 1), reference="R-9")) == ["REJECTED not-open"]


def test_more_than_a_transactions_worth_of_lines_are_applied_and_each_is_answered(world: World):
    skus = [f"SKU-{n:02d}" for n in range(30)]
    for sku in skus:
        world.product(sku)

    made = create(world, *(a_line(n, sku=sku) for n, sku in enumerate(skus, 1)))
    received = tell(world, "RECEIVE", *((n, 10) for n in range(1, 31)))

    assert (set(statuses(made)), set(statuses(received))) == ({"APPLIED"}, {"APPLIED"})
    assert all(position(sku=sku).bucket(SELLABLE) == 10 for sku in skus)
    assert shown(world)["status"] == "CLOSED"


def test_two_lines_of_one_position_are_two_supplies(world: World):
    create(world, a_line(1, 10), a_line(2, 5, eta=LATER))

    assert expected() == {"PO-1.1": ("PURCHASE_ORDER", SOON, 10), "PO-1.2": ("PURCHASE_ORDER", LATER, 5)}
    assert the_ledger_adds_up()


def test_a_position_waits_for_fifty_lines_and_no_more(world: World):
    reply = create(world, *(a_line(n, 1) for n in range(1, 53)))

    assert statuses(reply) == ["APPLIED"] * 50 + ["REJECTED too-many-supplies"] * 2
    assert len(position().supplies) == 50


def test_the_positions_of_late_lines_are_set_anew(world: World):
    create(world)
    tell(world, "CREATE", a_line(eta=LATER), name="PO-2", type="PURCHASE_ORDER")
    # Promised for the day on which it should come.
    promised = ReservedUnits(sku="TEA-001", node="dc-1", quantity=10, due=SOON, source="o", line="1", n="1")
    stock_changes.apply([undo(movements.release(promised, world.now))], [])
    tell(world, "CANCEL", 1, name="PO-2")
    before = position().free
    world.pass_time(10 * 24 * 3600)

    moved = supplies.reevaluate("TEA-001", "dc-1", world.now)

    assert (before, moved, position().free) == (0, True, -10)
    assert not supplies.reevaluate("TEA-001", "dc-1", world.now)
    assert the_ledger_adds_up()


def test_units_had_sooner_for_money_are_a_fact_with_its_cost_and_cause(world: World):
    paid = {"cost": {"amount": 12_500, "currency": "USD"}, "cause": "LATE_SUPPLY"}
    create(world)

    tell(world, "CHANGE", {"line": 1, "eta": "2026-11-23"}, expedited=paid)

    seen = world.call("GET", "/v1/stock/kpis", who="office", query={"month": "2026-11"}).body
    assert seen["expedited"] == {
        "count": 1,
        "without_cost": 0,
        "costs": [{"amount": 12_500, "currency": "USD"}],
        "causes": {"LATE_SUPPLY": 1},
        "kinds": {"SUPPLY": 1},
    }


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"lines": [a_line(quantity=-1)]}, [("/lines/0/quantity", "greater-than-equal")]),
        ({"lines": [a_line() | {"quantity": 2.5}]}, [("/lines/0/quantity", "int-type")]),
        ({"lines": [a_line(sku="NOTHING")]}, [("/lines/0/sku", "unknown-sku")]),
        ({"lines": [a_line(), a_line(2, node="moon")]}, [("/lines/1/node_id", "unknown-node")]),
        ({"lines": [a_line() | {"uom": "PALLET"}]}, [("/lines/0/uom", "unknown-uom")]),
        ({"lines": [a_line(eta="2026-11-18")]}, [("/lines/0/eta", "eta-in-the-past")]),
        ({"lines": [a_line(eta="9999-12-31")]}, [("/lines/0/eta", "eta-too-far")]),
        ({"lines": [a_line(), a_line()]}, [("/lines/1/line", "line-twice")]),
        ({"lines": [{"line": 1, "quantity": 1}]}, [(f"/lines/0/{f}", "missing") for f in ("sku", "node_id", "eta")]),
        ({"action": "CLOSE", "type": None}, [(f"/lines/0/{f}", "not-taken") for f in ("eta", "node_id", "quantity", "sku")]),
        ({"type": None}, [("/type", "missing")]),
        ({"origin_node_id": "moon"}, [("/origin_node_id", "unknown-node")]),
        ({"lines": [a_line(n) for n in range(1, 502)]}, [("/lines", "too-long")]),
        ({"lines": [a_line()] * 10_000}, [("/lines", "too-long")]),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_with_all_its_errors_and_nothing_is_applied(world: World, change: Any, wrong: Any):
    body = {"supply_id": "PO-1", "reference": "A", "action": "CREATE", "type": "PURCHASE_ORDER", "lines": [a_line()]}

    reply = world.call("POST", "/v1/stock/supplies", {n: v for n, v in (body | change).items() if v}, who="office")

    assert (reply.status, sorted(reply.errors)) == (422, sorted(wrong))
    assert world.aws.items("Stock") == []


def test_a_transfer_needs_another_node_to_come_from_and_nothing_else_does(world: World):
    here = create(world, a_line(node="dc-1"), type="TRANSFER", origin_node_id="dc-1")
    nowhere = create(world, a_line(), type="TRANSFER", name="PO-2")
    from_a_node = create(world, a_line(), origin_node_id="dc-2", name="PO-3")

    assert [statuses(r) for r in (here, nowhere, from_a_node)] == [
        ["REJECTED no-origin"],
        ["REJECTED no-origin"],
        ["REJECTED no-transfer"],
    ]


def test_a_caller_without_a_node_at_either_end_does_not_see_a_supply(world: World):
    world.stocked(dc_1=10)
    transfer(world)
    create(world, name="PO-1")

    seen = {
        who: world.call("GET", "/v1/stock/supplies/T-1", who=who).status
        for who in ("dc-1-system", "dc-2-system", "acme")
    }
    receives = tell(world, "RECEIVE", (1, 1), name="T-1", who="dc-1-system", reference="R-1")
    ships = tell(world, "SHIP", (1, 1), name="T-1", who="dc-2-system", reference="S-1")
    strange = tell(world, "RECEIVE", (1, 1), who="acme", reference="R-2")
    nothing = tell(world, "RECEIVE", (1, 1), who="acme", reference="R-2", name="PO-9")

    assert seen == {"dc-1-system": 200, "dc-2-system": 200, "acme": 404}
    assert [statuses(r) for r in (receives, ships, strange, nothing)] == [["REJECTED unknown-supply"]] * 4


def test_a_line_cannot_be_added_to_another_callers_supply_and_the_refusal_reveals_nothing(world: World):
    create(world, a_line(), supplier="Leaf and Co")

    theirs = a_line(2, node="dc-2")
    added = create(world, theirs, who="dc-2-system", reference="A")
    taken = create(world, a_line(1, node="dc-2"), who="dc-2-system", reference="B")
    typed = create(world, theirs, who="dc-2-system", reference="C", type="IN_TRANSIT")
    by_its_own = create(world, a_line(2), who="dc-1-system", reference="D")

    assert statuses(added) == statuses(taken) == statuses(typed) == ["REJECTED unknown-supply"]
    assert added.body["rows"][0]["reason"] == taken.body["rows"][0]["reason"] == typed.body["rows"][0]["reason"]
    assert "under an id of your own" in added.body["rows"][0]["reason"]
    assert world.call("GET", "/v1/stock/supplies/PO-1", who="dc-2-system").status == 404
    assert statuses(by_its_own) == ["APPLIED"]


def test_a_supply_id_that_one_partner_used_first_does_not_open_it_to_another(world: World):
    """One id names one supply for everybody: of one type, from one origin and one supplier."""
    first = create(world, a_line(node="vendor-1"), who="acme", supplier="Acme", name="PO-7")
    others = create(
        world, a_line(1, node="dc-2"), who="dc-2-system", supplier="Leaf and Co", name="PO-7", reference="B"
    )
    office = create(world, a_line(2), supplier="Leaf and Co", name="PO-7", reference="C")
    said_nothing = create(world, a_line(3), name="PO-7", reference="D")
    own = create(world, a_line(1, node="dc-2"), who="dc-2-system", supplier="Leaf and Co", name="DC2-7")

    assert statuses(first) == statuses(own) == statuses(said_nothing) == ["APPLIED"]
    assert statuses(others) == ["REJECTED unknown-supply"]
    assert statuses(office) == ["REJECTED another-supplier"]
    shown = world.call("GET", "/v1/stock/supplies/PO-7", who="acme").body
    assert (shown["supplier"], [line["line"] for line in shown["lines"]]) == ("Acme", [1])


def test_the_supplier_is_kept_whichever_line_says_it_first(world: World):
    create(world, a_line())
    named = create(world, a_line(2), a_line(3), supplier="Leaf and Co", reference="B")
    other = create(world, a_line(4), supplier="Tea Garden", reference="C")

    assert statuses(named) == ["APPLIED"] * 2
    assert statuses(other) == ["REJECTED another-supplier"]
    assert world.call("GET", "/v1/stock/supplies/PO-1", who="office").body["supplier"] == "Leaf and Co"


def test_the_ledger_is_read_month_by_month_by_whom_the_node_is(world: World):
    create(world)
    for n in range(3):
        tell(world, "RECEIVE", (1, 2), reference=f"R-{n}")

    path = "/v1/stock/TEA-001/movements"
    first = world.call("GET", path, who="dc-1-system", query={"node_id": "dc-1", "month": "2026-11", "limit": "2"})
    rest = world.call(
        "GET",
        path,
        who="dc-1-system",
        query={"node_id": "dc-1", "month": "2026-11", "limit": "9", "cursor": first.body["next"]},
    )
    kinds = [item["kind"] for item in (*first.body["items"], *rest.body["items"])]

    assert sorted(kinds) == ["receive", "receive", "receive", "supply"]
    assert first.body["items"][0]["at"].startswith("2026-11-19")
    assert world.call("GET", path, who="dc-2-system", query={"node_id": "dc-1"}).status == 404
    assert world.call("GET", path, who="office", query={"node_id": "dc-1", "month": "11-2026"}).status == 422
    assert world.call("GET", path, who="office", query={"node_id": "dc-1", "month": "2026-10"}).body["items"] == []
