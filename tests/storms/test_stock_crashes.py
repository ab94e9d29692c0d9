"""
A process ends before and after each of its AWS calls while it applies a count, a receipt, a transfer, or a file of them.

The caller sends the request again, and the file's event is delivered again. Each change is made once and whole, and the ledger
rebuilds every counter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.runtime.clients import client
from comanda.aws.stock import position_reads
from comanda.domain.errors import Busy
from functions.inbox.handler import handler as inbox
from ops import audit
from tests.faults import Crash, conflicts
from tests.functions.crashes import Crashes, Moment
from tests.functions.inbox.test_stock_files import BUCKET, a_row, as_csv, outcomes, put, receipt
from tests.functions.world import START, World

SKUS = tuple(f"SKU-{n:02d}" for n in range(20))  # more than one transaction takes


@dataclass(frozen=True)
class Telling:
    """The state before, the request or file, and the state that the shelves must reach."""

    before: Callable[[World], Any]
    act: Callable[[World, Any], list[str]]
    shelves: dict[tuple[str, str], tuple[int, int]]  # (sku, node): sellable, expected


def stocked(world: World) -> None:
    for sku in SKUS:
        world.product(sku)
    world.stocked("TEA-001", dc_1=10)
    world.pass_time(60)


def ordered(world: World) -> None:
    stocked(world)
    lines = [
        {"line": n, "sku": sku, "node_id": "dc-1", "quantity": 5, "eta": "2026-11-25"} for n, sku in enumerate(SKUS, 1)
    ]
    send_supply(world, "PO-1", "CREATE", lines, type="PURCHASE_ORDER")


def to_be_sent(world: World) -> None:
    stocked(world)
    line = {"line": 1, "sku": "TEA-001", "node_id": "dc-2", "quantity": 6, "eta": "2026-11-25"}
    send_supply(world, "T-1", "CREATE", [line], type="TRANSFER", origin_node_id="dc-1")


def send_supply(world: World, name: str, action: str, lines: list[Any], **more: Any) -> list[str]:
    body = {"supply_id": name, "reference": f"{action}-1", "action": action, "lines": lines, **more}
    reply = world.call("POST", "/v1/stock/supplies", body, who="office", key=f"{name}-{action}")
    assert reply.status == 200, reply.body
    return [row["status"] for row in reply.body["rows"]]


def differing(world: World) -> None:
    to_be_sent(world)
    send_supply(world, "T-1", "RECEIVE", [{"line": 1, "quantity": 4}])


def explained(world: World, _: Any) -> list[str]:
    return answered(world, "/v1/queues/transfer-differences/items/T-1~1~RECEIVE-1/resolve", {"answer": "sent"})


def transfer_requested(world: World) -> None:
    stocked(world)
    lines = [
        {"line": n, "sku": sku, "node_id": "dc-2", "quantity": 5, "eta": "2026-11-25"}
        for n, sku in enumerate(SKUS[:12], 1)
    ]
    body = {"supply_id": "T-2", "reference": "A", "action": "CREATE", "lines": lines, "type": "TRANSFER"}
    reply = world.call("POST", "/v1/stock/supplies", {**body, "origin_node_id": "dc-1"}, who="dc-2-system")
    assert reply.status == 200, reply.body


def agreed(world: World, _: Any) -> list[str]:
    return answered(world, "/v1/stock/supplies/T-2/approve", {})


def answered(world: World, path: str, body: Any) -> list[str]:
    reply = world.call("POST", path, body, who="office", key="answer")
    assert reply.status == 200, reply.body
    return [row["status"] for row in reply.body["rows"]]


def counts(world: World, _: Any) -> list[str]:
    rows = [{"sku": sku, "node_id": "dc-1", "quantity": 7} for sku in (*SKUS, "TEA-001")]
    body = {"reference": "C-1", "counted_at": "2026-11-19T12:00:30Z", "rows": rows}
    reply = world.call("POST", "/v1/stock/snapshots", body, who="office", key="count")
    assert reply.status == 200, reply.body
    return [row["status"] for row in reply.body["rows"]]


def a_file(world: World) -> Any:
    stocked(world)
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.entry("PARTNER", "acme", {"name": "Acme", "nodes": ["dc-1"]})
    at = (START + timedelta(seconds=30)).isoformat()
    return put(world, as_csv(*(a_row(7, sku=sku, counted_at=at) for sku in (*SKUS, "TEA-001"))))


def apply_file(_: World, event: Any) -> list[str]:
    inbox(event, None)
    return outcomes(receipt(event))


TELLINGS = {
    "count 21 shelves": Telling(stocked, counts, {(sku, "dc-1"): (7, 0) for sku in (*SKUS, "TEA-001")}),
    "receive 20 lines": Telling(
        ordered,
        lambda world, _: send_supply(world, "PO-1", "RECEIVE", [{"line": n, "quantity": 3} for n in range(1, 21)]),
        {(sku, "dc-1"): (3, 2) for sku in SKUS},
    ),
    "a receipt of what nobody shipped": Telling(
        to_be_sent,
        lambda world, _: send_supply(world, "T-1", "RECEIVE", [{"line": 1, "quantity": 4}]),
        {("TEA-001", "dc-1"): (10, 0), ("TEA-001", "dc-2"): (0, 6)},
    ),
    "a difference that the origin had sent": Telling(
        differing, explained, {("TEA-001", "dc-1"): (6, 0), ("TEA-001", "dc-2"): (4, 2)}
    ),
    "a transfer of 12 lines that its origin agrees to": Telling(
        transfer_requested, agreed, {(sku, "dc-2"): (0, 5) for sku in SKUS[:12]}
    ),
    "a file of 21 counts": Telling(a_file, apply_file, {(sku, "dc-1"): (7, 0) for sku in (*SKUS, "TEA-001")}),
}  # fmt: skip


@pytest.mark.parametrize("name", TELLINGS)
def test_a_crash_at_any_call_applies_every_row_once(world: World, name: str, capsys: pytest.CaptureFixture[str]):
    telling = TELLINGS[name]
    given = telling.before(world)
    runs = Crashes(world, Moment(world).back, lambda crash, _: heard(world, crash, telling, given))
    wrong = []
    for crash, _, answers in runs:
        found = [*map(str, audit.of_rows(world.aws.items("Stock"))), *otherwise(telling)]
        if set(answers) != {"APPLIED"} or found:
            wrong.append((crash.happened, answers, found))

    with capsys.disabled():
        print(f"\ncrash: {name}: {2 * len(runs.counted.calls)} points, {len(runs)} of them different")  # noqa: T201  # a published figure
    assert wrong == []


def heard(world: World, crash: Crash, telling: Telling, given: Any) -> list[str]:
    crash.begin("told")
    return crash.outlived(lambda: telling.act(world, given))


def otherwise(telling: Telling) -> Iterator[str]:
    for (sku, node), expected in telling.shelves.items():
        position = position_reads.get(sku, node)
        assert position is not None
        there = (position.bucket("sellable"), sum(supply.quantity for supply in position.supplies))
        if there != expected:
            yield f"{sku} at {node}: {there}, not {expected}"


@pytest.mark.parametrize("name", TELLINGS)
def test_conflicts_and_throttling_delay_and_change_nothing(world: World, name: str):
    telling = TELLINGS[name]
    given = telling.before(world)

    answers: list[str] = []
    with conflicts(seed=7) as injected:
        for _ in range(20):
            try:
                answers = telling.act(world, given)
                break
            except (Busy, AssertionError):
                continue

    assert injected
    assert set(answers) == {"APPLIED"}
    assert [*audit.of_rows(world.aws.items("Stock")), *otherwise(telling)] == []
