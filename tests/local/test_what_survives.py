"""After a stop or a kill and a new start, every answered write is there, and no process stays behind."""

import contextlib
import json
import shutil
import subprocess
import threading
from typing import Any

import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local import emulator
from local.instance import Instance
from tests.local.world import EmbeddedWorld, an_instance, eventually, free_port

pytestmark = pytest.mark.system


def test_after_a_sigkill_in_the_middle_of_writes_every_answered_write_is_there(world: EmbeddedWorld) -> None:
    answered: list[tuple[str, int]] = []
    killed = threading.Event()
    writer = threading.Thread(target=keep_writing, args=(world, answered, killed))

    writer.start()
    eventually(lambda: len(answered) > 100, 60)
    emulator.kill(world.instance)
    killed.set()
    writer.join()
    emulator.start(world.instance)

    assert [found(world, kind, number) for kind, number in answered] == [True] * len(answered)
    # A write without an answer may be there, but half a transaction never is.
    last = max(number for kind, number in answered if kind == "transaction")
    for number in (last + 1, last + 2, last + 3):
        halves = [item(world, f"T#{number}", part) for part in ("a", "b", "c")]
        assert len({half is None for half in halves}) == 1


def test_a_restart_keeps_tables_buckets_clients_machines_mails_and_rights(world: EmbeddedWorld) -> None:
    world.put("O#kept", "E#kept", doc="whole")
    world.aws("s3").put_object(Bucket="probe-files", Key="kept", Body=b"first")
    world.aws("s3").put_object(Bucket="probe-files", Key="kept", Body=b"second")
    world.aws("events").put_events(
        Entries=[{"EventBusName": "probe", "Source": "s", "DetailType": "received", "Detail": '{"order": "kept"}'}]
    )
    eventually(lambda: "kept" in subjects(world))

    emulator.stop(world.instance)
    emulator.start(world.instance)

    assert world.sort_keys("O#kept") == ["E#kept"]
    versions = world.aws("s3").list_object_versions(Bucket="probe-files", Prefix="kept")["Versions"]
    bodies = {
        world.aws("s3").get_object(Bucket="probe-files", Key="kept", VersionId=one["VersionId"])["Body"].read()
        for one in versions
    }
    assert bodies == {b"first", b"second"}
    assert "kept" in subjects(world)
    assert token(world).status_code == 200
    assert world.aws("stepfunctions").describe_state_machine(stateMachineArn=world["Machine"])["status"] == "ACTIVE"
    assert world.as_a_function("lambda", "invoke", FunctionName="probe-reader")["refused"] == "AccessDeniedException"


def test_the_archives_of_layers_are_files_and_not_in_the_state_that_is_written_again_and_again(
    world: EmbeddedWorld,
) -> None:
    emulator.stop(world.instance)
    state = world.instance.state
    archives = sorted((state / "layers").iterdir())
    texts = (state / "lambda.json").read_text(encoding="utf-8")
    left = state / "layers" / "of-a-layer-that-is-gone.zip"
    left.write_bytes(b"")
    emulator.start(world.instance)

    assert [file.suffix for file in archives] == [".zip"]
    assert archives[0].name in texts
    assert len(texts) < 100_000
    assert not left.exists()
    assert len(world.aws("lambda").list_layers()["Layers"]) == 1
    assert world.as_a_function("lambda", "invoke", FunctionName="probe-reader")["refused"] == "AccessDeniedException"


def test_writes_after_a_restart_reach_the_readers_of_the_stream(world: EmbeddedWorld) -> None:
    world.put("O#4", "E#before")
    eventually(lambda: "read E#before" in world.sort_keys("READ"))
    emulator.stop(world.instance)
    emulator.start(world.instance)

    world.put("O#4", "E#after")

    eventually(lambda: "read E#after" in world.sort_keys("READ"))


def test_a_stop_leaves_no_process_behind_nor_does_the_start_after_a_kill(world: EmbeddedWorld) -> None:
    world.aws("lambda").invoke(FunctionName="probe-hello")
    assert len(processes(world.instance)) >= 2

    emulator.kill(world.instance)
    emulator.start(world.instance)
    assert len(processes(world.instance)) == 1

    world.aws("lambda").invoke(FunctionName="probe-hello")
    emulator.stop(world.instance)
    assert processes(world.instance) == []
    emulator.start(world.instance)


def test_a_stop_lets_the_functions_that_run_end_and_starts_none(world: EmbeddedWorld) -> None:
    world.put("O#ends", "E#until a stop")  # its reader saves a row, waits, asks as a stranger, and saves another
    eventually(lambda: "E#until a stop" in world.sort_keys("SLEEPS"))
    assert "read E#until a stop" not in world.sort_keys("READ")

    emulator.stop(world.instance)
    emulator.start(world.instance)

    # No stream outlives a stop, so no reader gets this record again.
    (read,) = (row for row in world.items_of("READ") if row["sk"]["S"] == "read E#until a stop")
    assert read["found"]["S"] == "503 urn:comanda:problem:unavailable"


def test_after_a_sigkill_in_the_middle_of_sends_every_answered_message_is_there(world: EmbeddedWorld) -> None:
    sqs = world.aws("sqs")
    url = sqs.create_queue(QueueName="kept")["QueueUrl"]
    saved = world.instance.state / "sqs.json"  # the queue itself is configuration
    eventually(lambda: saved.exists() and url in saved.read_text())
    sent: list[str] = []
    killed = threading.Event()

    def keep_sending() -> None:
        hasty = world.instance.client("sqs", config=Config(retries={"total_max_attempts": 1}, read_timeout=5))
        while not killed.is_set():
            with contextlib.suppress(BotoCoreError):
                hasty.send_message(QueueUrl=url, MessageBody=f"message {len(sent)}")
                sent.append(f"message {len(sent)}")

    sender = threading.Thread(target=keep_sending)
    sender.start()
    eventually(lambda: len(sent) > 100, 60)
    emulator.kill(world.instance)
    killed.set()
    sender.join()
    emulator.start(world.instance)

    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in messages]
    assert set(sent) <= set(found)
    assert len(found) <= len(sent) + 1  # at most the one that was not answered
    assert len(set(found)) == len(found)


def test_a_message_whose_reader_was_stopped_is_visible_at_once_after_the_start(world: EmbeddedWorld) -> None:
    sqs = world.aws("sqs")
    url = sqs.create_queue(QueueName="patient", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    for body, delay in (("taken", 0), ("delayed", 600)):
        sqs.send_message(QueueUrl=url, MessageBody=body, DelaySeconds=delay)
    sqs.receive_message(QueueUrl=url)

    emulator.stop(world.instance)
    emulator.start(world.instance)

    again = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in again] == ["taken"]


def test_two_instances_run_side_by_side_with_separate_state(world: EmbeddedWorld) -> None:
    with pytest.MonkeyPatch.context() as patch:
        other = an_instance(f"test-{free_port()}", patch)
    try:
        emulator.start(other)
        other.client("s3").create_bucket(Bucket="only-there")

        assert other.port != world.instance.port
        assert "only-there" not in [bucket["Name"] for bucket in world.aws("s3").list_buckets()["Buckets"]]
        assert [bucket["Name"] for bucket in other.client("s3").list_buckets()["Buckets"]] == ["only-there"]
    finally:
        emulator.reset(other)
        shutil.rmtree(other.home)


@pytest.mark.skipif(shutil.which("ss") is None, reason="ss lists who listens; this machine has none")
def test_everything_listens_on_the_loopback_address_only(world: EmbeddedWorld) -> None:
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout  # noqa: S607  where it lies differs by system
    pid = json.loads(world.instance.record.read_text())["pid"]

    ours = [line.split()[3] for line in listening.splitlines() if f"pid={pid}," in line]

    assert ours == [f"127.0.0.1:{world.instance.port}"]


def keep_writing(world: EmbeddedWorld, answered: list[tuple[str, int]], killed: threading.Event) -> None:
    """Use every write interface in turn until the emulator is killed. Only answered writes are noted."""
    impatient = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)
    tables, bucket = (world.instance.client(service, config=impatient) for service in ("dynamodb", "s3"))
    table = world["Table"]

    def keyed(pk: str, sk: str) -> dict[str, Any]:
        return {"pk": {"S": pk}, "sk": {"S": sk}}

    for number in range(100_000):
        writes = {
            "put": lambda n=number: tables.put_item(TableName=table, Item=keyed("P", str(n))),
            "update": lambda n=number: tables.update_item(
                TableName=table,
                Key=keyed("U", "one"),
                UpdateExpression="SET n = :n",
                ExpressionAttributeValues={":n": {"N": str(n)}},
            ),
            "batch": lambda n=number: tables.batch_write_item(
                RequestItems={table: [{"PutRequest": {"Item": keyed(f"B#{n}", part)}} for part in ("a", "b")]}
            ),
            "transaction": lambda n=number: tables.transact_write_items(
                TransactItems=[{"Put": {"TableName": table, "Item": keyed(f"T#{n}", part)}} for part in ("a", "b", "c")]
            ),
            "delete": lambda n=number: (
                tables.put_item(TableName=table, Item=keyed("D", str(n))),
                tables.delete_item(TableName=table, Key=keyed("D", str(n))),
            ),
            "object": lambda n=number: bucket.put_object(Bucket="probe-files", Key=f"o/{n}", Body=str(n).encode()),
        }
        for kind, write in writes.items():
            try:
                write()
            except (BotoCoreError, ClientError):
                if killed.wait(1):
                    return
                continue
            answered.append((kind, number))


def found(world: EmbeddedWorld, kind: str, number: int) -> bool:
    match kind:
        case "put":
            return item(world, "P", str(number)) is not None
        case "update":
            kept = item(world, "U", "one")
            return kept is not None and int(kept["n"]["N"]) >= number
        case "batch":
            return all(item(world, f"B#{number}", part) for part in ("a", "b"))
        case "transaction":
            return all(item(world, f"T#{number}", part) for part in ("a", "b", "c"))
        case "delete":
            return item(world, "D", str(number)) is None
        case "object":
            body: bytes = world.aws("s3").get_object(Bucket="probe-files", Key=f"o/{number}")["Body"].read()
            return body == str(number).encode()
    raise AssertionError(kind)


def item(world: EmbeddedWorld, pk: str, sk: str) -> dict[str, Any] | None:
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    kept: dict[str, Any] | None = world.aws("dynamodb").get_item(TableName=world["Table"], Key=key).get("Item")
    return kept


def subjects(world: EmbeddedWorld) -> list[str]:
    told = httpx.get(f"{world.instance.endpoint}/_ministack/ses/messages").json()["messages"]
    return [mail["Subject"] for account in told.values() for mail in account]


def token(world: EmbeddedWorld) -> httpx.Response:
    described = world.aws("cognito-idp").describe_user_pool_client(UserPoolId=world["Pool"], ClientId=world["Client"])
    client = described["UserPoolClient"]
    return httpx.post(
        f"{world.instance.endpoint}/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(client["ClientId"], client["ClientSecret"]),
    )


def processes(instance: Instance) -> list[str]:
    """Return the processes of this instance: the emulator and its workers."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout  # noqa: S607  where it lies differs by system
    mine = [line for line in listed.splitlines() if str(instance.scratch) in line]
    pid = json.loads(instance.record.read_text())["pid"] if instance.record.exists() else None
    if pid is not None and emulator.is_running(instance):
        mine.append(f"emulator {pid}")
    return mine
