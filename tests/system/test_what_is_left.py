"""Everything that the other tests of this tier left behind keeps the identities. These tests run last."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from comanda.aws.dynamodb.items import unpack
from infra import names
from local.journal import SNAPSHOT_SECONDS
from local.logs import messages
from tests.system.retailer import CANARY, line
from tests.system.world import DeployedWorld, eventually


@pytest.fixture(scope="module")
def order(world: DeployedWorld) -> Any:
    """One more order from its placing to its end, so that these tests have data when they run alone."""
    made = world.routed(world.place_order(line(world.sku(dc_east=1))))
    world.ship(made["fulfillments"][0]["fulfillment_id"])
    world.closed(made)
    world.mailed(made, 2)
    return world.order(made)


@pytest.fixture(scope="module")
def overheard(world: DeployedWorld, order: Any) -> list[Any]:
    def complete() -> bool:
        return any(
            one["detail-type"].endswith("completed.v1") and one["detail"]["subject"] == order["order_id"]
            for one in world.overheard()
        )

    eventually(complete, "the last event")
    return world.overheard()


def test_everything_that_must_always_be_true_is_true_of_the_deployed_tables(world: DeployedWorld, order: Any):
    world.rested()


def test_the_bus_has_every_version_of_the_order_in_order_and_repeats_events_unchanged(
    world: DeployedWorld, order: Any, overheard: list[Any]
):
    of_order = [one["detail"] for one in overheard if one["detail"]["subject"] == order["order_id"]]
    mine = [event for event in of_order if event["type"].startswith("comanda.order.")]  # others have no version of it
    by_id = defaultdict(list)
    for event in mine:
        by_id[event["id"]].append(event)

    assert sorted(int(events[0]["sequence"]) for events in by_id.values()) == list(range(1, order["version"] + 1))
    assert all(event == events[0] for events in by_id.values() for event in events)
    assert {event["specversion"] for event in mine} == {"1.0"}
    kinds = [event["type"] for event in mine]
    assert kinds[0] == "comanda.order.placed.v1"
    assert {"comanda.order.shipped.v1", "comanda.order.invoiced.v1"} <= set(kinds)


def test_personal_data_is_in_customers_and_nowhere_else(world: DeployedWorld, order: Any, overheard: list[Any]):
    snapshot = world.snapshot()
    assert CANARY in str([unpack(row["doc"]) for row in snapshot.customers if "doc" in row])
    assert world.mails(order)

    looked = 0
    for where, text in _everywhere(world, overheard):
        looked += 1
        assert CANARY.lower() not in text.lower(), f"in {where}: {text[:500]}"

    assert looked > 100


def _everywhere(world: DeployedWorld, overheard: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of all stored data but Customers and the mails."""
    snapshot = world.snapshot()
    for table in ("orders", "stock", "directory"):
        yield from ((table, _unpacked(row)) for row in getattr(snapshot, table))
    yield "the emulator's own log", world.instance.log.read_text(errors="replace")
    yield from (("the bus", json.dumps(event)) for event in overheard)
    yield from _logs(world.aws("logs"))
    yield from _executions(world.aws("stepfunctions"))
    for name in (names.FILES, names.FAILURES):
        yield from _objects(world.aws("s3"), world.deployed[name])
    sqs = world.aws("sqs")
    for url in sqs.list_queues(QueueNamePrefix="comanda").get("QueueUrls", ()):
        yield url, str(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages"))


def _logs(logs: Any) -> Iterator[tuple[str, str]]:
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            yield group["logGroupName"], "\n".join(messages(logs, group["logGroupName"]))


def _objects(s3: Any, bucket: str) -> Iterator[tuple[str, str]]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for found in page.get("Versions", ()):
            body = s3.get_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])["Body"].read()
            yield bucket, found["Key"] + body.decode(errors="replace")


def _executions(states: Any) -> Iterator[tuple[str, str]]:
    for machine in states.list_state_machines()["stateMachines"]:
        for page in states.get_paginator("list_executions").paginate(stateMachineArn=machine["stateMachineArn"]):
            for execution in page["executions"]:
                yield from _execution(states, execution["executionArn"])


def _execution(states: Any, arn: str) -> Iterator[tuple[str, str]]:
    described = states.describe_execution(executionArn=arn)
    yield arn, " ".join(str(described.get(name)) for name in ("name", "input", "output", "error", "cause"))
    yield arn, str(states.get_execution_history(executionArn=arn, maxResults=1000)["events"])


def _unpacked(row: dict[str, Any]) -> str:
    """Return the text of a row with its documents unpacked."""
    packed = ("doc", "body", "data", "changes")
    return str(
        {
            name: unpack(value) if name in packed and isinstance(value, str | bytes) else value
            for name, value in row.items()
        }
    )


def test_nothing_is_left_in_the_dead_letters(world: DeployedWorld, order: Any):
    sqs = world.aws("sqs")
    dead = [url for url in sqs.list_queues().get("QueueUrls", ()) if url.endswith(("-dead", "-undelivered"))]

    counts = {
        url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        for url in dead
    }

    assert dead
    assert dict.fromkeys(dead, 0) == {url: int(said["ApproximateNumberOfMessages"]) for url, said in counts.items()}


def test_files_of_the_emulator_with_secrets_are_readable_by_their_owner_only(world: DeployedWorld, order: Any):
    assert world.instance.clients.stat().st_mode & 0o077 == 0
    assert SNAPSHOT_SECONDS <= 2  # docs/embedded.md lists what a kill may lose
