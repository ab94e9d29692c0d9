"""Orders are late, and none is lost, when readers stop, workers die or the emulator ends."""

import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from infra import names
from local import emulator
from tests.system.retailer import ACME, WEST, line
from tests.system.world import WORK, DeployedWorld, eventually, together

SWEEPS = 300  # seconds: the next two sweeps of the schedule reach the orders that the sweep of `up` did not, on a slow machine too
AGAIN = 480  # seconds: a mail whose room failed, on a machine that is too busy, is tried again after six minutes
LEASE = 20  # seconds that a claim of a mail has left: long enough for its event to come first


def _placed(world: DeployedWorld, count: int) -> list[Any]:
    sku = world.sku(dc_east=count)
    return together([lambda: world.place_order(line(sku))] * count, threads=4)


def _all_followed(world: DeployedWorld, orders: list[Any]) -> list[Any]:
    """Check that each order is routed once, and that its customer got one mail about it."""
    routed = [world.routed(order) for order in orders]
    for order in routed:
        assert world.timeline(order).count("routed") == 1
        world.mailed(order, 1, AGAIN)
    return routed


def _finished(world: DeployedWorld, orders: list[Any], most: int = 1) -> None:
    """Assert that the orders were shipped and closed, and that the mail of that came, at most so many times."""
    for order in orders:
        timeline = world.closed(order, SWEEPS)
        assert [timeline.count(fact) for fact in ("shipped", "invoiced", "completed")] == [1, 1, 1]
        placed, *sent = world.mailed(order, 2, AGAIN)
        assert len({placed, *sent}) == 2
        assert len(sent) <= most


def test_orders_that_came_while_conduct_and_relay_stood_still_follow_when_they_go_on(world: DeployedWorld):
    readers, client = world.mappings("conduct", "relay"), world.aws("lambda")
    for reader in readers:
        client.update_event_source_mapping(UUID=reader, Enabled=False)
    try:
        orders = _placed(world, 5)
        assert {world.order(order)["status"] for order in orders} == {"CREATED"}
        assert not any(world.executions(order) for order in orders)
    finally:
        for reader in readers:
            client.update_event_source_mapping(UUID=reader, Enabled=True)

    _all_followed(world, orders)


def test_orders_follow_though_the_processes_of_conduct_and_relay_are_killed_in_the_middle_of_batches(
    world: DeployedWorld,
):
    killed = 0

    def kill_again_and_again() -> int:
        nonlocal killed
        deadline = time.monotonic() + 20
        while killed < 6 and time.monotonic() < deadline:
            for pid in _workers(world, "conduct", "relay"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
            time.sleep(0.05)  # until the next batch has found a new process
        return killed

    orders, _ = together([lambda: _placed(world, 8), kill_again_and_again])

    assert killed >= 2
    _all_followed(world, orders)


def _workers(world: DeployedWorld, *rooms: str) -> list[int]:
    """Return the processes of this instance that run these rooms."""
    mark = f"{world.instance.scratch}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            ours = mark in (process / "cmdline").read_bytes()
            if ours and (process / "comm").read_text().strip() in rooms:
                found.append(int(process.name))
    return found


def test_a_stop_of_the_emulator_between_commit_and_effect_loses_no_order(world: DeployedWorld):
    shipping = [world.routed(order) for order in _placed(world, 3)]
    for order in shipping:
        world.mailed(order, 1)
        world.work(order["fulfillments"][0]["fulfillment_id"], *WORK)
    orders = _placed(world, 5)
    together([lambda f=o["fulfillments"][0]["fulfillment_id"]: world.work(f, "ship") for o in shipping])

    assert emulator.stop(world.instance)
    world.restart()

    _all_followed(world, orders)
    _finished(world, shipping)


def test_a_mail_that_a_killed_process_claimed_goes_out_when_the_lease_is_over_and_not_six_minutes_later(
    world: DeployedWorld,
):
    order = world.routed(*_placed(world, 1))
    world.mailed(order, 1)
    claim = keys.mail(order["order_id"], f"cancelled-{order['version'] + 1}", "customer")
    row = {**claim, "state": "claimed", "lease": int(time.time()) + LEASE, "attempts": 1}
    world.aws("dynamodb").put_item(TableName=world.deployed[names.ORDERS], Item=item(row))

    assert world.change(order, "cancel", {"reason": "not wanted"}).is_success

    assert len(world.mailed(order, 2)) == 2


MANY, FEW = 700, 20  # rows, each a transaction of its own: more than a page of a file, and a part of one


def _deltas(sku: str, count: int) -> str:
    rows = [f"D-{n}-{sku},{sku},{WEST},delta,1" for n in range(count)]
    return "\n".join(["reference,sku,node,mode,quantity", *rows]) + "\n"


def _put(world: DeployedWorld, name: str, content: str) -> str:
    """Put a stock file, without waiting. Returns the key of its receipt."""
    key = f"{ACME}/stock/{name}"
    bucket = world.deployed[names.FILES]
    version = world.aws("s3").put_object(Bucket=bucket, Key=f"inbox/{key}", Body=content.encode())["VersionId"]
    return f"outbox/{key}.{version[:8]}.receipt.jsonl"


def _totals(world: DeployedWorld, receipt: str) -> Any:
    def written() -> Any:
        listed = world.aws("s3").list_objects_v2(Bucket=world.deployed[names.FILES], Prefix=receipt)
        return listed["KeyCount"] and world.aws("s3").get_object(Bucket=world.deployed[names.FILES], Key=receipt)

    body = eventually(written, "a receipt", SWEEPS)["Body"].read()
    return json.loads(body.splitlines()[-1])["totals"]


def _lines_done(world: DeployedWorld, name: str) -> int:
    """Return how many lines of the file are done, by its row in the directory."""
    answer = world.aws("dynamodb").query(
        TableName=world.deployed[names.DIRECTORY],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"FILE#{ACME}"}},
    )
    rows = [row for row in answer["Items"] if f"/{name}@" in row["source"]["S"]]
    return max((int(row["line"]["N"]) for row in rows), default=0)


def test_a_kill_of_the_emulator_loses_no_order_between_commit_and_effect_and_applies_every_row_of_files_once(
    world: DeployedWorld,
):
    shipping = [world.routed(order) for order in _placed(world, 3)]
    for order in shipping:
        world.mailed(order, 1)
        world.work(order["fulfillments"][0]["fulfillment_id"], *WORK)
    applied, waiting = world.sku(), world.sku()
    half = _put(world, "half.csv", _deltas(applied, MANY))
    eventually(lambda: _lines_done(world, "half.csv") >= 500, "a checkpoint")
    unseen = _put(world, "unseen.csv", _deltas(waiting, FEW))
    orders = _placed(world, 3)
    together([lambda f=o["fulfillments"][0]["fulfillment_id"]: world.work(f, "ship") for o in shipping])

    emulator.kill(world.instance)
    world.restart()

    _all_followed(world, orders)
    _finished(world, shipping, most=2)  # a mail that SES had accepted when the process ended is sent again
    assert [_totals(world, receipt) for receipt in (half, unseen)] == [_all_applied(MANY), _all_applied(FEW)]
    assert [world.stock(sku)[WEST]["on_hand"] for sku in (applied, waiting)] == [MANY, FEW]
    world.rested(AGAIN)


def _all_applied(rows: int) -> dict[str, int]:
    return {"lines": rows, "APPLIED": rows, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 0}
