"""Partners' files that a stop, a kill or a lost event has left without an answer are found and resumed."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from moto.s3.models import s3_backends

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import pack
from comanda.aws.files import bucket
from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client
from functions.inbox import apply_shipments, recovery
from functions.inbox import handler as room
from functions.inbox.arrival import KINDS
from functions.inbox.handler import handler
from tests.builders import a_line, later
from tests.faults import Crash, Crashed
from tests.functions.inbox import shipment_files
from tests.functions.inbox.shipment_files import (
    BUCKET,
    PartnerFiles,
    Snapshot,
    a_file_of_many_kinds,
    a_row,
    as_csv,
    killed_at_third,
    outcomes,
    shipped,
    statuses,
)

world = shipment_files.world

FAILURES = "comanda-test-failures"
PUT = later(hours=20)


class Clock:
    """The time that every module reads."""

    def __init__(self) -> None:
        self.now = PUT

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Clock:
    there = Clock()
    monkeypatch.setattr(clock, "now", lambda: there.now)
    return there


@pytest.fixture
def invoked(world: PartnerFiles) -> Iterator[list[dict[str, Any]]]:
    """The events with which the room invoked itself, in place of runs of it."""
    found: list[dict[str, Any]] = []

    def invoke(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        found.append(json.loads(params["body"]))
        return SimpleNamespace(status_code=202), {"StatusCode": 202}

    client("lambda").meta.events.register("before-call.lambda.Invoke", invoke, unique_id="recovery")
    yield found
    client("lambda").meta.events.unregister("before-call.lambda.Invoke", unique_id="recovery")


def put(
    world: PartnerFiles, content: bytes | str, key: str = "inbox/acme/shipments/today.csv", at: datetime = PUT
) -> Any:
    """Put a file at a time, and lose its event; gives it for looking at the receipt."""
    event = world.put(content, key)
    (backend,) = [b for account in s3_backends.values() for b in account.values() if BUCKET in b.buckets]
    for version in backend.buckets[BUCKET].keys.getlist(key):
        if version.version_id == event["detail"]["object"]["version-id"]:
            version.last_modified = at.replace(tzinfo=None)
    return event


def search(*, everything: bool = False) -> None:
    handler({"look": {"all": everything}}, None)


def run(invoked: list[dict[str, Any]]) -> int:
    """Let the runs happen that were asked for; how many."""
    events = list(invoked)
    invoked.clear()
    for event in events:
        handler(event, None)
    return len(events)


def answered(event: dict[str, Any]) -> bool:
    found = event["detail"]["object"]
    prefix = f"outbox/{found['key'].removeprefix('inbox/')}.{found['version-id'][:8]}"
    return bool(client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)["KeyCount"])


def notices(folder: str = "") -> list[dict[str, Any]]:
    listed = client("s3").list_objects_v2(Bucket=FAILURES, Prefix=f"files/{folder}").get("Contents", ())
    return [json.loads(client("s3").get_object(Bucket=FAILURES, Key=entry["Key"])["Body"].read()) for entry in listed]


def file_rows(world: PartnerFiles) -> list[dict[str, Any]]:
    return [row for row in world.aws.items("Directory") if row["pk"].startswith("FILE#") and "state" in row]


# A file of which nothing is known


def test_a_file_whose_event_was_lost_is_resumed_and_answered_once(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    order = world.order(a_line("TEA-001", 2))
    event = put(world, as_csv(a_row(order, quantity="2")))
    now.pass_by(minutes=21)

    search()
    assert run(invoked) == 1
    search()

    assert run(invoked) == 0
    assert statuses(world.receipt(event)) == ["APPLIED"]
    assert shipped(order) == 2


def test_a_file_that_came_just_now_is_left_to_its_event_except_after_a_restart(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    event = put(world, as_csv(a_row(world.order(a_line("TEA-001", 1)))))
    now.pass_by(minutes=5)

    search()
    assert run(invoked) == 0

    search(everything=True)
    assert run(invoked) == 1
    assert statuses(world.receipt(event)) == ["APPLIED"]


def test_two_files_of_one_name_whose_events_were_lost_are_both_answered(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    one, other = world.order(a_line("TEA-001", 1)), world.order(a_line("TEA-001", 1), n=8)
    first, second = put(world, as_csv(a_row(one))), put(world, as_csv(a_row(other, shipment_id="S2")))
    now.pass_by(minutes=21)

    search()

    assert run(invoked) == 2
    assert statuses(world.receipt(first)) == statuses(world.receipt(second)) == ["APPLIED"]


def test_a_file_with_a_receipt_is_never_resumed(world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock) -> None:
    good = put(world, as_csv(a_row(world.order(a_line("TEA-001", 1)))))
    bad = put(world, "nonsense", "inbox/acme/shipments/bad.csv")
    lost = put(world, "nonsense", "inbox/nobody/shipments/x.csv")
    folder = put(world, "", "inbox/acme/shipments/")
    for event in (good, bad, lost, folder):
        handler(event, None)
    now.pass_by(hours=1)

    search()
    search(everything=True)

    assert invoked == []


def test_a_file_that_is_older_than_a_month_is_left(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    put(world, "nonsense", at=PUT - timedelta(days=31))
    now.pass_by(hours=1)

    search()

    assert invoked == []


def test_a_search_reads_a_few_pages_and_the_next_search_continues_behind_them(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "PAGE", 2)
    monkeypatch.setattr(recovery, "PAGES", 2)
    events = [put(world, "nonsense", f"inbox/acme/shipments/{n}.csv") for n in range(5)]
    now.pass_by(minutes=21)

    found = []
    for _ in range(3):
        search()
        found.append(run(invoked))

    assert found == [4, 1, 0]
    assert all(map(answered, events))


def test_a_file_that_came_behind_the_place_of_a_round_is_found_by_the_next_one(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "PAGE", 1)
    monkeypatch.setattr(recovery, "PAGES", 1)
    for name in "bcd":
        put(world, "nonsense", f"inbox/acme/shipments/{name}.csv")
    now.pass_by(minutes=21)
    search()
    late = put(world, "nonsense", "inbox/acme/shipments/a.csv", at=now.now)

    for _ in range(8):
        now.pass_by(minutes=21)
        search()
        run(invoked)

    assert answered(late)


def test_a_search_resumes_no_more_files_than_its_limit(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "PAGE", 1)
    monkeypatch.setattr(recovery, "MOST_FILES", 2)
    for n in range(5):
        put(world, "nonsense", f"inbox/acme/shipments/{n}.csv")
    now.pass_by(minutes=21)

    found = []
    for _ in range(3):
        search()
        found.append(run(invoked))

    assert found == [2, 2, 1]


# A file that somebody has begun


@pytest.mark.parametrize("everything", [False, True], ids=["by the schedule", "after a restart"])
def test_a_file_whose_run_was_killed_at_any_call_ends_as_if_nothing_had_happened(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 4)
    event = a_file_of_many_kinds(world)
    put_at = put_again(event)
    before = Snapshot.take(world)
    points = before.points(event)
    receipt = world.receipt_text(event)

    for n, after in points[:: 3 if everything else 5]:
        before.restore()
        now.now = put_at
        with Crash(n, after=after), pytest.raises(Crashed):
            handler(event, None)

        now.pass_by(minutes=1 if everything else 21)
        search(everything=everything)
        run(invoked)

        assert world.receipt_text(event) == receipt, f"call {n}, after={after}"
        assert {row["state"] for row in file_rows(world)} == {"DONE"}, f"call {n}, after={after}"


def put_again(event: dict[str, Any]) -> datetime:
    """Say that the file was put when its event says so."""
    at = datetime.fromisoformat(event["time"])
    found = event["detail"]["object"]
    (backend,) = [b for account in s3_backends.values() for b in account.values() if BUCKET in b.buckets]
    for version in backend.buckets[BUCKET].keys.getlist(found["key"]):
        version.last_modified = at.replace(tzinfo=None)
    return at


def test_a_file_that_is_applying_for_too_long_is_resumed_and_applies_no_row_twice(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 1)
    placed = [world.order(a_line("TEA-001", 2), n=n) for n in (1, 2, 3)]
    event = put(world, as_csv(*(a_row(order, shipment_id=f"S{i}") for i, order in enumerate(placed))))
    killed_at_third(event, monkeypatch)
    assert [(row["state"], row["line"]) for row in file_rows(world)] == [("APPLYING", 3)]
    now.pass_by(minutes=10)

    search()
    assert run(invoked) == 0
    now.pass_by(minutes=11)
    search()
    assert run(invoked) == 1

    assert statuses(world.receipt(event)) == 3 * ["APPLIED"]
    assert [shipped(order) for order in placed] == [1, 1, 1]
    assert [row["state"] for row in file_rows(world)] == ["DONE"]


def test_an_invocation_that_is_lost_as_well_is_made_again(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    event = put(world, as_csv(a_row(world.order(a_line("TEA-001", 1)))))
    now.pass_by(minutes=21)
    search()
    invoked.clear()

    now.pass_by(minutes=21)
    search()

    assert run(invoked) == 1
    assert statuses(world.receipt(event)) == ["APPLIED"]


def test_a_search_that_is_killed_at_any_call_loses_no_file(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    event = put(world, as_csv(a_row(world.order(a_line("TEA-001", 1)))))
    before = Snapshot.take(world)
    now.pass_by(minutes=21)
    with Crash() as counted:
        search()

    for n in range(1, len(counted.calls) + 1):
        for after in (False, True):
            before.restore()
            now.now = PUT + timedelta(minutes=21)
            with Crash(n, after=after), pytest.raises(Crashed):
                search()
            invoked.clear()

            now.pass_by(minutes=21)
            search()
            run(invoked)

            assert answered(event), f"call {n}, after={after}"


def test_a_file_that_cannot_be_resumed_three_times_is_given_to_a_person(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    event = put(world, as_csv(a_row(world.order(a_line("TEA-001", 1)))))

    tries = []
    for _ in range(6):
        now.pass_by(minutes=21)
        search()
        tries.append(len(invoked))
        invoked.clear()  # each run dies before it does anything

    assert tries == [1, 1, 1, 0, 0, 0]
    key, version = event["detail"]["object"]["key"], event["detail"]["object"]["version-id"]
    assert notices("given-up/") == [{"file": key, "version": version, "tries": 3}]
    assert [row["state"] for row in file_rows(world)] == ["GIVEN_UP"]


def tags(event: dict[str, Any]) -> list[str]:
    found = event["detail"]["object"]
    kept = client("s3").get_object_tagging(Bucket=BUCKET, Key=found["key"], VersionId=found["version-id"])["TagSet"]
    return [f"{tag['Key']}={tag['Value']}" for tag in kept]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_any_kind_that_is_given_up_ends_soon(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock, kind: str
) -> None:
    key = f"inbox/acme/{kind}/today.csv"
    event, other = put(world, "a", key), put(world, "b", key, at=PUT + timedelta(days=1))
    for _ in range(4):
        now.pass_by(minutes=21)
        search()

    assert [row["state"] for row in file_rows(world)] == ["GIVEN_UP"]
    assert (tags(event), tags(other)) == ([bucket.UNTAKEN], [])


def test_a_file_whose_version_is_gone_when_it_is_given_up_is_given_up(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    found = put(world, "a")["detail"]["object"]
    for n in range(4):
        now.pass_by(minutes=21)
        if n == 3:
            client("s3").delete_object(Bucket=BUCKET, Key=found["key"], VersionId=found["version-id"])
        search()

    assert [row["state"] for row in file_rows(world)] == ["GIVEN_UP"]


def test_a_long_file_that_comes_a_page_further_with_each_run_is_never_given_up(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 1)
    placed = [world.order(a_line("TEA-001", 1), n=n) for n in range(1, 8)]
    event = put(world, as_csv(*(a_row(order, shipment_id=f"S{i}") for i, order in enumerate(placed))))
    real = apply_shipments.ShipmentApplier.apply

    def one_page_a_run(self: Any, rows: Any) -> Any:
        if turns:
            raise Crashed
        turns.append(True)
        return real(self, rows)

    runs = 0
    with monkeypatch.context() as patched:
        patched.setattr(apply_shipments.ShipmentApplier, "apply", one_page_a_run)
        while not answered(event):
            now.pass_by(minutes=21)
            search()
            turns: list[bool] = []
            try:
                runs += run(invoked)
            except Crashed:
                runs += 1
            assert runs < 20

    assert statuses(world.receipt(event)) == 7 * ["APPLIED"]
    assert [shipped(order) for order in placed] == 7 * [1]
    assert notices() == []


def test_a_file_that_was_given_up_is_answered_when_its_event_comes_after_all(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    order = world.order(a_line("TEA-001", 1))
    event = put(world, as_csv(a_row(order)))
    for _ in range(4):
        now.pass_by(minutes=21)
        search()

    handler(event, None)

    assert statuses(world.receipt(event)) == ["APPLIED"]
    assert shipped(order) == 1


def test_restarts_that_follow_each_other_quickly_are_no_tries(
    world: PartnerFiles, invoked: list[dict[str, Any]], now: Clock
) -> None:
    put(world, as_csv(a_row(world.order(a_line("TEA-001", 1)))))

    for _ in range(6):
        now.pass_by(seconds=20)
        search(everything=True)

    assert len(invoked) == 6
    assert notices() == []


# Wrong places


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("inbox/today.csv", "unknown-place"),
        ("inbox/acme/shipments/today.csv/", "unknown-place"),
        ("inbox/acme/shipments/", "unknown-place"),
        ("inbox/nobody/shipments/today.csv", "unknown-partner"),
        ("inbox/acme/shipment/today.csv", "unknown-kind"),
        (f"inbox/{'x' * 900}/shipments/today.csv", "unknown-partner"),
    ],
    ids=lambda value: value[:40],
)
def test_the_retailer_is_notified_of_a_file_in_a_wrong_place(
    world: PartnerFiles, invoked: list[dict[str, Any]], key: str, code: str
) -> None:
    order = world.order(a_line("TEA-001", 1))
    event = world.put(as_csv(a_row(order)), key)

    handler(event, None)
    handler(event, None)

    (notice,) = notices("misplaced/")
    assert (notice["file"], notice["code"]) == (key, code)
    assert tags(event) == [bucket.UNTAKEN]
    assert shipped(order) == 0


def test_rows_in_an_object_whose_name_ends_like_a_folder_are_not_ignored(
    world: PartnerFiles, invoked: list[dict[str, Any]]
) -> None:
    event = world.put(as_csv(a_row(world.order(a_line("TEA-001", 1)))), "inbox/acme/shipments/today.csv/")

    handler(event, None)

    assert outcomes(world.receipt(event)) == [(None, "REFUSED", "unknown-place")]


def test_a_partners_policy_lets_it_read_the_receipt_of_the_longest_name(
    world: PartnerFiles, invoked: list[dict[str, Any]]
) -> None:
    prefix = "inbox/acme/shipments/"
    order = world.order(a_line("TEA-001", 1))

    handler(world.put(as_csv(a_row(order)), prefix + "n" * (1024 - len(prefix))), None)

    (found,) = client("s3").list_objects_v2(Bucket=BUCKET)["Contents"][1:]
    assert found["Key"].startswith("outbox/acme/shipments/")
    assert shipped(order) == 1


def test_a_partner_that_is_entered_later_has_its_file_taken_when_it_is_put_again(
    world: PartnerFiles, invoked: list[dict[str, Any]]
) -> None:
    key = "inbox/late/stock/today.csv"
    handler(world.put("reference,sku\n", key), None)
    directory.forget()
    world.aws.put("Directory", **keys.entry("PARTNER", "late"), id="late", version=1, doc=pack({"name": "L"}))

    handler(event := world.put("reference,sku\n", key), None)

    assert outcomes(world.receipt(event))[0][2] == "missing-column"
