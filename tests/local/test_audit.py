"""The audit finds no difference in the rooms' own writes, and names each number that differs from its ledger."""

from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from comanda.aws.stock import position_reads, stock_changes
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, Request
from ops import audit
from tests.functions.world import World, world
from tests.moto_aws import aws

__all__ = ["aws", "world"]


@pytest.fixture
def busy(world: World) -> World:
    """A world with a shelf that has demand, a reservation, a supply that came in part, a transfer on its way and a count."""
    world.stocked(dc_1=20)
    for n, (expires, quantity) in enumerate(((None, 3), ("20261119T1300Z", 2))):
        position = position_reads.get("TEA-001", "dc-1")
        assert position is not None
        wanted = Request(quantity=quantity, source=f"o{n}", line="1", n="1", due="2026-11-19", expires=expires)
        change = movements.reserve(position, wanted, world.now)
        assert isinstance(change, Change)
        stock_changes.apply([change], [])
    made = {"sku": "TEA-001", "quantity": 5, "eta": "2026-11-25"}
    tell(world, "PO-1", "CREATE", {"type": "PURCHASE_ORDER"}, {**made, "node_id": "dc-1"})
    tell(world, "PO-1", "RECEIVE", {}, {"quantity": 2})
    tell(world, "T-1", "CREATE", {"type": "TRANSFER", "origin_node_id": "dc-1"}, {**made, "node_id": "dc-2"})
    tell(world, "T-1", "SHIP", {}, {"quantity": 4})
    row = {"sku": "TEA-001", "node_id": "dc-1", "quantity": 18}
    counted = {"reference": "c", "counted_at": "2026-11-19T12:00:00Z", "rows": [row]}
    assert world.call("POST", "/v1/stock/snapshots", counted, who="office").status == 200
    return world


def tell(world: World, name: str, action: str, fields: Any, line: Any) -> None:
    body = {"supply_id": name, "reference": action, "action": action, "lines": [{"line": 1, **line}], **fields}
    reply = world.call("POST", "/v1/stock/supplies", body, who="office")
    assert reply.body["rows"][0]["status"] == "APPLIED", reply.body


def found(world: World) -> list[str]:
    at_once = audit.of_rows(world.aws.items("Stock"))
    _, at_rest = audit.of_table(client("dynamodb"), "Stock")
    assert sorted(map(str, at_once)) == sorted(map(str, at_rest))
    return sorted(map(str, at_once))


def item(world: World, node: str = "dc-1") -> dict[str, Any]:
    (row,) = world.aws.items("Stock", "S#TEA-001", f"P#{node}")
    return dict(row)


def test_the_rooms_own_writes_have_no_difference(busy: World):
    assert found(busy) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"on_hand": {"sellable": 99}}, ["TEA-001 at dc-1: on_hand sellable is 99, its ledger says 18"]),
        ({"free": 7}, ["TEA-001 at dc-1: free is 7, its ledger says 13"]),
        ({"hard": {"2026-11-19": 4}}, ["TEA-001 at dc-1: hard 2026-11-19 is 4, its ledger says 3"]),
        (
            {"soft": {}},
            ["TEA-001 at dc-1: soft 2026-11-19|20261119T1300Z is 0, its ledger says 2"],
        ),
        (
            {"supplies": {}},
            [
                "TEA-001 at dc-1: supplies PO-1.1 is 0, its ledger says 3",
                "TEA-001 at dc-1: supplies PO-1.1 is 0, its open line says 3",
            ],
        ),
    ],
)
def test_each_counter_that_differs_from_its_ledger_is_named(busy: World, change: Any, says: list[str]):
    busy.aws.put("Stock", **{**item(busy), **change})

    assert found(busy) == says


def test_a_movement_that_was_lost_and_a_position_without_a_ledger_are_named(busy: World):
    lost = next(row for row in busy.aws.items("Stock") if row.get("kind") == "transfer_out")
    client("dynamodb").delete_item(TableName="Stock", Key={"pk": {"S": lost["pk"]}, "sk": {"S": lost["sk"]}})
    made_up = {**item(busy), **keys.position("TEA-001", "moon"), "node": "moon", "hard": {}, "soft": {}, "supplies": {}}
    busy.aws.put("Stock", **made_up)

    differs = found(busy)

    assert "TEA-001 at moon: on_hand sellable is 18, its ledger says 0" in differs
    assert "TEA-001 at dc-1: on_hand sellable is 18, its ledger says 22" in differs


def test_a_position_that_moved_while_the_table_was_read_does_not_differ(busy: World, monkeypatch: pytest.MonkeyPatch):
    real, done = audit.Audit.add, []

    def an_older_one(self: audit.Audit, row: Any) -> None:
        if not done and (row["pk"], row["sk"]) == ("S#TEA-001", "P#dc-1"):
            done.append(True)
            row = {**row, "free": row["free"] - 1}
        real(self, row)

    monkeypatch.setattr(audit.Audit, "add", an_older_one)

    assert audit.of_table(client("dynamodb"), "Stock")[1] == []
    assert done
