"""Test that a badge opens with its PIN on an enrolled device of its person's node, and that five misses lock it."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, single_writes
from comanda.aws.people import badges, people
from tests.functions.people.desk import call_as, make_pool
from tests.functions.world import Reply, World

PIN, WRONG = "4711", "4712"
COST = badges._COST  # before the tests lower it
NO_SECRET, NO_BADGE = "0" * 64, "CB-" + "0" * 32


@pytest.fixture(autouse=True)
def lead(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give dc-1 a lead, and the stage a pool. PINs are hashed quickly: their real cost is that of `test_a_pin_is_hashed_slowly`."""
    monkeypatch.setattr(badges, "_COST", 2)
    monkeypatch.setenv("USER_POOL_ID", make_pool())
    world.aws.put("Directory", **keys.user("lena"), name="Lena", roles=["worker"], nodes=["dc-1"], desks=["lead"])
    return "lena"


def enrol(world: World, node: str = "dc-1", who: str = "lena", key: str = "") -> Reply:
    return call_as(who, "POST", "/v1/devices", {"node_id": node, "name": "Handheld 7"}, key=key)


def device(world: World, node: str = "dc-1") -> str:
    reply = world.call("POST", "/v1/devices", {"node_id": node, "name": "Till"}, who="office")
    assert reply.status == 201, reply.body
    return str(reply.body["device_secret"])


def badge(who: str = "picker", pin: str = PIN) -> str:
    reply = call_as(who, "POST", "/v1/badges", {"pin": pin})
    assert reply.status == 201, reply.body
    return str(reply.body["badge"])


def scan(world: World, secret: str, code: str, pin: str = PIN) -> Reply:
    """Open a badge as the gateway passes the request on: without a token."""
    body = {"device_secret": secret, "badge": code, "pin": pin}
    return world.call("POST", "/v1/badges/open", body, who="nobody", key=None)


def test_a_badge_with_its_pin_on_a_device_of_its_node_names_its_person(world: World):
    reply = scan(world, device(world), badge())

    assert (reply.status, reply.body) == (200, {"person_id": "picker", "node_id": "dc-1"})


def test_no_table_has_the_code_the_pin_or_the_secret_of_a_device(world: World):
    secret, code = device(world), badge(pin="8352")

    rows = json.dumps(world.aws.items("Directory"), default=str)
    assert secret not in rows
    assert code not in rows
    assert "8352" not in [value for row in world.aws.items("Directory") for value in row.values()]


def test_no_hash_in_a_table_gives_a_pin_away_to_whoever_tries_all_of_them(world: World):
    badge(pin="8352")

    stored = json.dumps(world.aws.items("Directory"), default=str)
    for body in ('{"pin": "8352"}', "8352"):
        for text in (f"/v1/badges\n{body}", body):
            assert sha256(text.encode()).hexdigest() not in stored


def test_a_pin_is_hashed_slowly_with_a_salt_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(badges, "_COST", COST)

    assert COST * badges._BLOCK * 128 == 16 * 1024 * 1024  # bytes of memory for each try
    first, second = (badges._hash(PIN, bytes([n]) * 16) for n in range(2))
    assert first != second


def test_whatever_does_not_fit_gets_one_and_the_same_refusal(world: World):
    secret, other_node, code, gone = device(world), device(world, "dc-2"), badge(), badge("other-picker")
    revoked = enrol(world).body
    assert call_as("lena", "DELETE", f"/v1/devices/{revoked['device_id']}").status == 204
    assert call_as("other-picker", "DELETE", "/v1/badges/other-picker").status == 204

    refused = [
        scan(world, NO_SECRET, code),
        scan(world, revoked["device_secret"], code),
        scan(world, secret, NO_BADGE),
        scan(world, secret, code, WRONG),
        scan(world, secret, gone),
        scan(world, other_node, code),
    ]

    assert {reply.status for reply in refused} == {403}
    assert len({json.dumps({**reply.body, "trace_id": ""}) for reply in refused}) == 1


def test_the_office_opens_its_badge_on_any_device(world: World):
    assert scan(world, device(world, "dc-2"), badge("sales")).body["person_id"] == "sales"


def test_five_misses_lock_a_badge_until_an_admin_unlocks_it(world: World):
    secret, code = device(world), badge()

    missed = [scan(world, secret, code, WRONG).status for _ in range(5)]
    locked = scan(world, secret, code)

    assert [*missed, locked.status] == [403] * 6
    assert badges.of_person("picker") == {"made_at": "2026-11-19T12:00:00.000Z", "locked": True}
    assert call_as("lena", "POST", "/v1/badges/picker/unlock", {}).status == 403
    unlocked = world.call("POST", "/v1/badges/picker/unlock", {}, who="office", key="k")
    assert (unlocked.status, unlocked.body["locked"]) == (200, False)
    assert world.call("POST", "/v1/badges/picker/unlock", {}, who="office", key="k").body == unlocked.body
    assert scan(world, secret, code).status == 200


def test_a_right_pin_forgets_the_misses_before_it(world: World):
    secret, code = device(world), badge()

    for _ in range(2):
        assert [scan(world, secret, code, WRONG).status for _ in range(4)] == [403] * 4
        assert scan(world, secret, code).status == 200


def test_any_number_of_tries_at_once_has_five_misses_together(world: World, monkeypatch: pytest.MonkeyPatch):
    secret, code, compared = device(world), badge(), []
    together, digest = threading.Barrier(20), badges._hash

    def counted(pin: str, salt: bytes) -> bytes:
        compared.append(salt)
        return digest(pin, salt)

    def guess(n: int) -> int:
        together.wait()
        return scan(world, secret, code, f"{n:04d}").status

    monkeypatch.setattr(badges, "_hash", counted)
    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(guess, range(1000, 1020))) == {403}

    assert len(compared) == 20  # each does the same work
    (row,) = [row for row in world.aws.items("Directory") if row["pk"].startswith("BADGE#")]
    assert row["misses"] == 5
    assert scan(world, secret, code).status == 403


def test_the_right_pin_opens_no_locked_badge_however_often_it_is_tried_at_once(world: World):
    secret, code = device(world), badge()
    for _ in range(5):
        scan(world, secret, code, WRONG)

    with ThreadPoolExecutor(8) as threads:
        assert {r.status for r in threads.map(lambda _: scan(world, secret, code), range(8))} == {403}


def test_a_key_that_is_used_again_when_it_was_forgotten_makes_no_lost_badge_valid_again(world: World):
    secret = device(world)
    lost = call_as("picker", "POST", "/v1/badges", {"pin": PIN}, key="k").body["badge"]
    assert call_as("picker", "DELETE", "/v1/badges/picker").status == 204
    for row in world.aws.items("Directory"):
        if row["pk"].startswith("IDEM#picker"):
            single_writes.delete("Directory", {"pk": row["pk"], "sk": row["sk"]}, condition="attribute_exists(pk)")
    world.pass_time(3 * 24 * 3600)

    again = call_as("picker", "POST", "/v1/badges", {"pin": PIN}, key="k").body["badge"]

    assert again != lost
    assert scan(world, secret, lost).status == 403
    assert scan(world, secret, again).status == 200


def test_a_new_badge_replaces_the_one_before(world: World):
    secret, first = device(world), badge()
    second = badge(pin="9305")

    assert first != second
    assert scan(world, secret, first).status == 403
    assert scan(world, secret, second, "9305").status == 200
    assert len([row for row in world.aws.items("Directory") if row["pk"].startswith("BADGE#")]) == 1


def test_two_badges_made_at_once_leave_one(world: World):
    together = threading.Barrier(4)

    def make(_: int) -> int:
        together.wait()
        return call_as("picker", "POST", "/v1/badges", {"pin": PIN}).status

    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(make, range(4)))

    assert replies.count(201) >= 1
    assert set(replies) <= {201, 503}
    assert len([row for row in world.aws.items("Directory") if row["pk"].startswith("BADGE#")]) == 1


def test_a_repeated_request_gets_the_same_badge_and_the_same_secret(world: World):
    first, again = (call_as("picker", "POST", "/v1/badges", {"pin": PIN}, key="k") for _ in range(2))
    one, two = (enrol(world, key="k") for _ in range(2))

    assert again.body == first.body
    assert two.body == one.body
    assert two.headers["Idempotent-Replayed"] == "true"
    assert call_as("picker", "POST", "/v1/badges", {"pin": "8352"}, key="k").status == 422
    assert len(world.call("GET", "/v1/devices", query={"node_id": "dc-1"}, who="office").body["items"]) == 1


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("0000", "guessable"),
        ("1234", "guessable"),
        ("8765", "guessable"),
        ("1212", "guessable"),
        ("471", "string-pattern-mismatch"),
        ("47110", "string-pattern-mismatch"),
        ("4 71", "string-pattern-mismatch"),
        ("\u0664\u0667\u0661\u0661", "string-pattern-mismatch"),
        (4711, "string-type"),
        ("", "string-too-short"),
    ],
)
def test_a_pin_is_four_digits_that_are_not_the_first_to_be_tried(world: World, pin: Any, code: str):
    refused = call_as("picker", "POST", "/v1/badges", {"pin": pin})

    assert (refused.status, refused.errors) == (422, [("/pin", code)])
    assert str(pin) == "" or str(pin) not in refused.body["detail"]


def test_a_malformed_badge_or_secret_is_refused_by_its_field_without_repeating_it(world: World):
    refused = world.call(
        "POST", "/v1/badges/open", {"device_secret": "s3cret", "badge": "B-1", "pin": "1"}, who="nobody", key=None
    )

    assert (refused.status, [pointer for pointer, _ in refused.errors]) == (422, ["/device_secret", "/badge", "/pin"])
    assert "s3cret" not in json.dumps(refused.body)


def test_an_application_has_no_badge(world: World):
    assert world.call("POST", "/v1/badges", {"pin": PIN}, who="office").status == 403
    assert world.call("POST", "/v1/badges", {"pin": PIN}, who="acme").status == 403


def test_a_badge_of_a_person_who_was_removed_opens_nothing(world: World):
    secret, code = device(world), badge()
    people.take_rights("picker", world.now)

    assert scan(world, secret, code).status == 403


def test_leads_enrol_list_and_revoke_the_devices_of_their_nodes_alone(world: World):
    mine, theirs = (
        enrol(world).body,
        world.call("POST", "/v1/devices", {"node_id": "dc-2", "name": "T"}, who="office").body,
    )

    assert enrol(world, "dc-2").status == 404
    assert enrol(world, "moon").status == 404
    assert enrol(world, who="picker").status == 404  # works there, and leads nothing
    assert call_as("lena", "DELETE", f"/v1/devices/{theirs['device_id']}").problem == "not-found"
    assert call_as("lena", "DELETE", f"/v1/devices/{'0' * 64}").problem == "not-found"
    listed = world.call("GET", "/v1/devices", query={"node_id": "dc-1"}, who="office").body["items"]
    assert listed == [{name: value for name, value in mine.items() if name != "device_secret"}]
    assert call_as("lena", "DELETE", f"/v1/devices/{mine['device_id']}").status == 204
    assert call_as("lena", "DELETE", f"/v1/devices/{mine['device_id']}").status == 204
    (revoked,) = world.call("GET", "/v1/devices", query={"node_id": "dc-1"}, who="office").body["items"]
    assert revoked["revoked_at"] == "2026-11-19T12:00:00.000Z"


def test_devices_are_listed_in_pages_by_node(world: World):
    for _ in range(3):
        world.pass_time(1)
        device(world)
    directory.forget()

    seen: list[str] = []
    query = {"node_id": "dc-1", "limit": "2"}
    while True:
        page = world.call("GET", "/v1/devices", query=query, who="office").body
        seen += [one["device_id"] for one in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]

    assert len(set(seen)) == 3
    missing = world.call("GET", "/v1/devices", who="office")
    assert (missing.status, missing.errors) == (422, [("/node_id", "missing")])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"node_id": "moon", "name": "T"}, ("/node_id", "unknown-node")),
        ({"node_id": "dc 1", "name": "T"}, ("/node_id", "string-pattern-mismatch")),
        ({"node_id": "dc-1", "name": ""}, ("/name", "string-too-short")),
        ({"node_id": "dc-1", "name": "x" * 1000}, ("/name", "string-too-long")),
        ({"node_id": "dc-1"}, ("/name", "missing")),
    ],
)
def test_an_impossible_device_is_refused_by_field(world: World, body: dict[str, Any], error: tuple[str, str]):
    refused = world.call("POST", "/v1/devices", body, who="office")

    assert (refused.status, refused.errors) == (422, [error])


def test_people_revoke_their_own_badge_and_admins_any(world: World):
    badge()
    badge("other-picker")

    assert call_as("picker", "DELETE", "/v1/badges/other-picker").status == 404
    assert call_as("picker", "DELETE", "/v1/badges/picker").status == 204
    assert call_as("picker", "DELETE", "/v1/badges/picker").status == 404
    assert world.call("DELETE", "/v1/badges/other-picker", who="office").status == 204
