"""Nodes report counts and supplies over the API and in files, and the audit finds no difference afterwards."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from infra import names
from ops import audit
from tests.system.retailer import ACME, EAST, WEST, line
from tests.system.world import DeployedWorld, eventually


def _now() -> str:
    return datetime.now(UTC).isoformat()  # to the second, it would be before the shelf was filled


def _day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


def _tell(world: DeployedWorld, name: str, action: str, fields: Any, *lines: Any) -> list[str]:
    step = {"supply_id": name, "reference": uuid.uuid4().hex[:8], "action": action, "lines": list(lines), **fields}
    return [row["status"] for row in world.office.post("/v1/stock/supplies", step)["rows"]]


def _statuses(receipt: list[Any]) -> list[str]:
    return [row["status"] + (f" {row['code']}" if "code" in row else "") for row in receipt[:-1]]


def test_a_count_over_the_api_allows_for_an_open_pick_and_reports_missing_units(world: DeployedWorld):
    sku = world.sku(dc_east=5)
    order = world.routed(world.place_order(line(sku, 4)))

    counted = {"reference": f"C-{sku}", "counted_at": _now(), "rows": [{"sku": sku, "node_id": EAST, "quantity": 3}]}
    world.office.post("/v1/stock/snapshots", counted)

    def missing() -> Any:
        rows = world.office.pages("/v1/stock-alerts", kind="VARIANCE")
        return [row["quantity"] for row in rows if row["sku"] == sku]

    assert eventually(missing, "a variance") == [1]
    assert world.stock(sku)[EAST] == {"free": -1, "reserved": 4, "on_hand": 3}
    assert world.change(order, "cancel", {"reason": "not enough"}).is_success
    eventually(lambda: world.stock(sku)[EAST]["free"] == 3, "the units that are there")


def test_a_file_of_counts_and_one_of_supplies_are_answered_line_by_line(world: DeployedWorld):
    sku = world.sku()
    stock = f"reference,sku,node,mode,quantity,counted_at\nC-{sku},{sku},{WEST},count,7,{_now()}\nC-1,NOTHING,{WEST},count,1,\n"
    header = "reference,supply_id,line,action,type,sku,node,quantity,eta\n"
    made = f"{header}A-1,PO-{sku},1,CREATE,PURCHASE_ORDER,{sku},{WEST},10,{_day(5)}\n"
    came = f"{header}R-1,PO-{sku},1,RECEIVE,,,,4,\nR-1,PO-{sku},1,RECEIVE,,,,4,\n"

    receipts = [
        _statuses(world.drop(ACME, f"{sku}.csv", content, kind))
        for content, kind in ((stock, "stock"), (made, "supplies"), (came, "supplies"))
    ]

    assert receipts == [["APPLIED", "REJECTED unknown-sku"], ["APPLIED"], ["APPLIED", "DUPLICATE applied-before"]]
    assert world.stock(sku)[WEST] == {"free": 11, "reserved": 0, "on_hand": 11}
    seen = world.office.get(f"/v1/stock/supplies/PO-{sku}")
    assert (seen["status"], seen["lines"][0]["received"]) == ("PARTLY_RECEIVED", 4)


def test_a_transfer_leaves_one_node_and_reaches_the_other(world: DeployedWorld):
    sku = world.sku(dc_east=9)
    to = {"sku": sku, "node_id": WEST, "quantity": 6, "eta": _day(3)}
    transfer = {"type": "TRANSFER", "origin_node_id": EAST}

    said = [
        _tell(world, f"T-{sku}", "CREATE", transfer, {"line": 1, **to}),
        _tell(world, f"T-{sku}", "SHIP", {}, {"line": 1, "quantity": 6}),
        _tell(world, f"T-{sku}", "RECEIVE", {}, {"line": 1, "quantity": 6}),
    ]

    assert said == [["APPLIED"]] * 3
    assert {node: row["on_hand"] for node, row in world.stock(sku).items()} == {EAST: 3, WEST: 6}
    moved = world.office.get(f"/v1/stock/{sku}/movements", node_id=WEST)["items"]
    assert sorted(item["kind"] for item in moved) == ["supply", "supply", "transfer_in"]


def test_a_partner_requests_units_of_another_node_and_moves_none(world: DeployedWorld):
    sku = world.sku(dc_east=9)
    name = f"T-{sku}"
    header = "reference,supply_id,line,action,type,sku,node,origin_node,quantity,eta\n"
    rows = f"A,{name},1,CREATE,TRANSFER,{sku},{WEST},{EAST},6,{_day(3)}\nR,{name},1,RECEIVE,,,,,6,\n"

    receipt = _statuses(world.drop(ACME, f"{sku}.csv", header + rows, "supplies"))
    waiting = [item for item in world.office.pages("/v1/queues/transfers") if item["supply_id"] == name]
    (strange,) = [i for i in world.office.pages("/v1/queues/transfer-differences") if i["supply_id"] == name]
    agreed = world.office.post(f"/v1/stock/supplies/{name}/approve", {})
    resolve = f"/v1/queues/transfer-differences/items/{strange['item_id']}/resolve"
    before = {node: row["on_hand"] for node, row in world.stock(sku).items()}
    explained = world.office.post(resolve, {"answer": "sent"})

    assert receipt == ["APPLIED transfer-requested", "APPLIED transfer-difference"]
    assert [item["data"]["told_by"] for item in waiting] == [f"partner:{ACME}"]
    assert (agreed["status"], before) == ("APPROVED", {EAST: 9, WEST: 0})
    assert (explained["status"], explained["rows"]) == ("CLOSED", [{"line": 1, "status": "APPLIED"}])
    assert {node: row["on_hand"] for node, row in world.stock(sku).items()} == {EAST: 3, WEST: 6}


def test_a_policy_releases_units_and_the_months_figures_count_them(world: DeployedWorld):
    sku = world.sku(dc_east=9)
    for reference, units in (("raise", 8), ("lower", 3)):
        row = {"sku": sku, "node_id": EAST, "safety": {"*": {"units": units}}}
        world.office.post("/v1/stock/policies", {"reference": f"{reference}-{sku}", "rows": [row]})

    figures = world.office.get("/v1/stock/kpis")["safety_released"]

    assert [row["released"] for row in figures["rows"] if row["sku"] == sku] == [5]


def test_the_audit_rebuilds_every_position_from_its_ledger(world: DeployedWorld):
    world.routed(world.place_order(line(world.sku(dc_east=2))))

    positions, differs = audit.of_table(world.aws("dynamodb"), world.deployed[names.STOCK])

    assert positions > 0
    assert differs == []
