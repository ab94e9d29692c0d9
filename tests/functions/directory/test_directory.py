"""Test the doors of the directory, and the packs of the router that its stream keeps up to date."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from comanda.aws.api import app_clients, form_clients
from comanda.aws.api.routes import SCOPES
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from functions.directory.handler import handler
from tests.functions import user_pool

CALENDAR = {
    "timezone": "America/New_York",
    "hours": [{"weekday": d, "opens": "08:00", "closes": "20:00"} for d in range(7)],
}
NODE = {
    "type": "STORE",
    "name": "Boston",
    "country": "US",
    "latitude": 42.36,
    "longitude": -71.06,
    "calendar": "us-east",
    "ship": True,
    "pickup": True,
    "accept_minutes": 60,
    "ship_minutes": 1440,
}
CHANNEL = {"name": "Web shop", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}

Call = Callable[..., tuple[int, dict[str, Any], dict[str, str]]]


@pytest.fixture
def pool(aws: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the stage a user pool with all scopes, and return its id."""
    made = user_pool.make_pool()
    user_pool.add_scopes(made)
    monkeypatch.setenv("USER_POOL_ID", made)
    return made


@pytest.fixture
def call(aws: Any) -> Call:
    """Return a function that calls the directory as the gateway would, and returns (status, body, headers)."""
    aws.put("Directory", **keys.client("office"), kind="admin", name="office")

    def send(
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str = "office",
        headers: dict[str, str] | None = None,
        claims: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        kind, _, name = path.removeprefix("/v1/").partition("/")
        event = {
            "httpMethod": method,
            "resource": f"/v1/{kind}/{{id}}" if name else f"/v1/{kind}",
            "path": path,
            "pathParameters": {"id": name} if name else None,
            "headers": headers or {},
            "queryStringParameters": None,
            "body": None if body is None else json.dumps(body),
            "requestContext": {"requestId": "r1", "authorizer": {"claims": {"client_id": who, **(claims or {})}}},
        }
        answer = handler(event, None)
        assert answer is not None
        flat = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        return answer["statusCode"], json.loads(answer["body"] or "{}"), flat

    return send


def problem(answer: tuple[int, dict[str, Any], Any]) -> tuple[int, list[tuple[str, str]]]:
    return answer[0], [(found["pointer"], found["code"]) for found in answer[1]["errors"]]


def rebuild_packs(*pks: str) -> None:
    """Call the room with the stream's records of these entries, as after a change."""
    images = [{"pk": {"S": pk}, "sk": {"S": "#"}, "id": {"S": pk.split("#")[1]}} for pk in pks]
    assert handler({"Records": [{"dynamodb": {"NewImage": image}} for image in images]}, None) is None


def test_an_entry_is_read_as_it_was_put_with_its_version(call: Call) -> None:
    created = call("PUT", "/v1/channels/web", CHANNEL)
    read = call("GET", "/v1/channels/web")

    assert created[0] == 201
    assert created[2]["ETag"] == '"v1"'
    assert read[0] == 200
    assert read[1] == {"id": "web", "version": 1, **CHANNEL, "breakable": False, "gift_cards_on_account": False}


def test_the_same_document_put_again_makes_no_version(call: Call, aws: Any) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)
    before = aws.items("Directory", "CHANNEL#web")

    again = call("PUT", "/v1/channels/web", CHANNEL)

    assert (again[0], again[1]["version"]) == (200, 1)
    assert aws.items("Directory", "CHANNEL#web") == before


def test_a_changed_document_is_a_new_version_and_the_old_one_stays(call: Call, aws: Any) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)

    changed = call("PUT", "/v1/channels/web", CHANNEL | {"name": "Shop"})

    rows = {row["sk"]: json.loads(row["doc"])["name"] for row in aws.items("Directory", "CHANNEL#web")}
    assert (changed[0], changed[1]["version"]) == (200, 2)
    assert rows == {"#": "Shop", "V#000001": "Web shop", "V#000002": "Shop"}


def test_a_change_of_a_version_that_is_no_longer_active_is_refused(call: Call) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)
    call("PUT", "/v1/channels/web", CHANNEL | {"name": "Shop"})

    stale = call("PUT", "/v1/channels/web", CHANNEL | {"name": "Other"}, headers={"If-Match": '"v1"'})

    assert stale[0] == 412
    assert call("GET", "/v1/channels/web")[1]["name"] == "Shop"


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        ("/v1/channels/web", CHANNEL | {"colour": "red"}, [("/colour", "extra-forbidden")]),
        ("/v1/channels/web", CHANNEL | {"currencies": ["USD", "BGN"]}, [("/currencies/1", "unknown-currency")]),
        ("/v1/channels/web", CHANNEL | {"currencies": ["usd"]}, [("/currencies/0", "string-pattern-mismatch")]),
        ("/v1/channels/web", CHANNEL | {"locales": ["en-US", "en-US"]}, [("/locales", "named-twice")]),
        ("/v1/channels/a b", CHANNEL, [("/id", "malformed-id")]),
        ("/v1/stock-policies/mine", {}, [("/id", "malformed-id")]),
        (
            "/v1/stock-policies/default",
            {"safety": {"channels": {"nowhere": {"units": 1}}}},
            [("/safety/channels/nowhere", "unknown-channel")],
        ),
        (
            "/v1/stock-policies/default",
            {"safety": {"default": {"units": 1, "percent": 1}}},
            [("/safety/default", "value-error")],
        ),
        (
            "/v1/products/TEA",
            {"title": "Tea", "weight_g": 1, "class": "x", "safety_by_channel": {"nowhere": {"units": 1}}},
            [("/safety_by_channel/nowhere", "unknown-channel")],
        ),
        ("/v1/products/TEA", {"title": "Tea", "weight_g": "1", "class": "x"}, [("/weight_g", "int-type")]),
        ("/v1/products/TEA", {"title": "Tea", "weight_g": 1}, [("/class", "missing")]),
        ("/v1/products/" + "x" * 129, {"title": "Tea", "weight_g": 1, "class": "x"}, [("/id", "malformed-id")]),
        ("/v1/products/" + "茶" * 128, {"title": "Tea", "weight_g": 1, "class": "x"}, [("/id", "malformed-id")]),
        ("/v1/nodes/boston", NODE | {"latitude": 142.36}, [("/latitude", "less-than-equal")]),
        ("/v1/nodes/boston", NODE | {"longitude": 71.06}, [("/longitude", "far-from-time-zone")]),
        ("/v1/nodes/boston", NODE | {"calendar": "none"}, [("/calendar", "unknown-calendar")]),
        ("/v1/nodes/boston", NODE | {"partner_id": "nobody"}, [("/partner_id", "unknown-partner")]),
        ("/v1/nodes/boston", NODE | {"postal_code": "021081"}, [("/postal_code", "malformed")]),
        ("/v1/nodes/boston", NODE | {"accept_minutes": 0}, [("/accept_minutes", "greater-than-equal")]),
        ("/v1/calendars/x", CALENDAR | {"timezone": "Mars/Olympus"}, [("/timezone", "value-error")]),
        ("/v1/calendars/x", CALENDAR | {"closed": ["2026-02-30"]}, [("/closed/0", "not-a-day")]),
        (
            "/v1/calendars/x",
            CALENDAR | {"hours": [{"weekday": 7, "opens": "9:00", "closes": "10:00"}]},
            [("/hours/0/weekday", "less-than-equal"), ("/hours/0/opens", "string-pattern-mismatch")],
        ),
        (
            "/v1/hold-types/X",
            {"blocks": ["teleport"], "reason": "r", "queue": "nowhere"},
            [("/blocks/0", "value-error"), ("/queue", "value-error")],
        ),
        (
            "/v1/hold-types/X",
            {
                "blocks": ["schedule"],
                "reason": "r",
                "queue": "holds",
                "applies_when": {"total_at_least": {"amount": 1, "currency": "USD"}, "channels": ["moon"]},
            },
            [("/applies_when/channels/0", "unknown-channel")],
        ),
        (
            "/v1/hold-types/X",
            {"blocks": ["release"], "reason": "r", "queue": "holds", "roles": ["staff", "satff"]},
            [("/roles/1", "unknown-role")],
        ),
        (
            "/v1/hold-types/X",
            {"blocks": ["release"], "reason": "r", "queue": "holds", "resolved_by": "schedule"},
            [("/expires_hours", "value-error")],
        ),
        (
            "/v1/hold-types/X",
            {"blocks": ["ship", "ship"], "reason": "r", "queue": "holds"},
            [("/blocks", "named-twice")],
        ),
        (
            "/v1/hold-types/X",
            {"blocks": ["release"], "reason": "r", "queue": "holds", "on_expiry": "ASK"},
            [("/on_expiry", "value-error")],
        ),
        (
            "/v1/hold-types/X",
            {"blocks": ["release"], "reason": "r", "queue": "holds", "expires_hours": 1, "expires_minutes": 60},
            [("/expires_minutes", "value-error")],
        ),
        (
            "/v1/hold-types/X",
            {"blocks": ["confirm"], "reason": "r", "queue": "holds", "level": "line"},
            [("/blocks", "value-error")],
        ),
        (
            "/v1/hold-types/X",
            {
                "blocks": ["release"],
                "reason": "r",
                "queue": "holds",
                "applies_when": {"velocity": {"per": "EMAIL", "hours": 1}},
            },
            [("/applies_when/velocity/orders_at_least", "value-error")],
        ),
        (
            "/v1/hold-types/X",
            {
                "blocks": ["release"],
                "reason": "r",
                "queue": "holds",
                "score": {"at_least": 9, "rules": [{"id": "a", "points": 1, "when": {}}]},
            },
            [("/score/at_least", "value-error")],
        ),
        (
            "/v1/hold-types/X",
            {
                "blocks": ["release"],
                "reason": "r",
                "queue": "holds",
                "applies_when": {},
                "score": {"at_least": 1, "rules": [{"id": "a", "points": 1, "when": {}}]},
            },
            [("/score", "value-error")],
        ),
        ("/v1/channels/x", CHANNEL | {"countries": ["US", "ZZ"]}, [("/countries/1", "unknown-country")]),
        ("/v1/nodes/x", NODE | {"country": "ZZ"}, [("/country", "unknown-country")]),
    ],
)
def test_a_wrong_entry_is_refused_by_field_and_not_written(
    call: Call, aws: Any, path: str, body: Any, pointers: list[tuple[str, str]]
) -> None:
    call("PUT", "/v1/calendars/us-east", CALENDAR)
    before = aws.items("Directory")

    answer = call("PUT", path, body)

    assert problem(answer) == (422, pointers)
    assert aws.items("Directory") == before


def test_a_node_has_one_partner_whichever_entry_is_written_second(call: Call, aws: Any) -> None:
    call("PUT", "/v1/calendars/us-east", CALENDAR)
    for partner, nodes in (("acme", ["boston"]), ("rival", [])):
        assert call("PUT", f"/v1/partners/{partner}", {"name": partner, "nodes": nodes})[0] == 201
    assert call("PUT", "/v1/nodes/boston", NODE | {"partner_id": "acme"})[0] == 201
    before = aws.items("Directory")

    listed = call("PUT", "/v1/partners/rival", {"name": "rival", "nodes": ["salem", "boston"]})
    named = call("PUT", "/v1/nodes/boston", NODE | {"partner_id": "rival"})

    assert problem(listed) == (422, [("/nodes/1", "another-partners")])
    assert listed[1]["errors"][0]["message"].endswith("the node boston names the partner acme as its partner_id")
    assert problem(named) == (422, [("/partner_id", "another-partners")])
    assert named[1]["errors"][0]["message"].endswith("the partner acme lists it in its nodes")
    assert aws.items("Directory") == before


def test_two_partners_cannot_list_one_node_and_a_node_moves_between_them_in_steps(call: Call) -> None:
    call("PUT", "/v1/calendars/us-east", CALENDAR)
    steps = [
        call("PUT", "/v1/partners/acme", {"name": "Acme", "nodes": ["boston"]}),
        call("PUT", "/v1/nodes/boston", NODE | {"partner_id": None}),
        call("PUT", "/v1/partners/rival", {"name": "Rival", "nodes": ["boston"]}),
        call("PUT", "/v1/partners/acme", {"name": "Acme", "nodes": []}),
        call("PUT", "/v1/partners/rival", {"name": "Rival", "nodes": ["boston"]}),
        call("PUT", "/v1/nodes/boston", NODE | {"partner_id": "rival"}),
    ]

    assert [step[0] for step in steps] == [201, 201, 422, 200, 201, 200]
    assert problem(steps[2]) == (422, [("/nodes/0", "another-partners")])


@pytest.mark.parametrize("sku", ["A#B", "A/B", "chá 1%", "V#000001"])
def test_a_sku_with_the_separator_of_keys_is_an_entry_of_its_own(call: Call, sku: str) -> None:
    product = {"title": "Tea", "weight_g": 120, "class": "STANDARD", "gtin": "4006381333931"}
    path = f"/v1/products/{sku.replace('%', '%25')}"

    assert call("PUT", path, product)[0] == 201

    assert call("GET", path)[1] == {"id": sku, "version": 1, **product}


def test_an_unknown_entry_is_not_found(call: Call) -> None:
    assert call("GET", "/v1/nodes/boston")[0] == 404


def test_the_pack_has_every_node_with_its_calendar(call: Call) -> None:
    call("PUT", "/v1/calendars/us-east", CALENDAR)
    call("PUT", "/v1/nodes/boston", NODE)
    call("PUT", "/v1/nodes/albany", NODE | {"name": "Albany", "latitude": 42.65, "longitude": -73.75})

    rebuild_packs("NODE#boston", "NODE#albany")

    nodes = directory.nodes()
    assert [(node.node_id, node.latitude, node.calendar.timezone) for node in nodes] == [
        ("albany", 42.65, "America/New_York"),
        ("boston", 42.36, "America/New_York"),
    ]


def test_a_changed_calendar_reaches_the_pack(call: Call) -> None:
    call("PUT", "/v1/calendars/us-east", CALENDAR)
    call("PUT", "/v1/nodes/boston", NODE)
    rebuild_packs("NODE#boston")

    call("PUT", "/v1/calendars/us-east", CALENDAR | {"closed": ["2026-12-25"]})
    rebuild_packs("CALENDAR#us-east")

    assert directory.nodes()[0].calendar.closed == {"2026-12-25"}


def test_records_that_come_twice_and_late_leave_the_pack_as_it_is(call: Call, aws: Any) -> None:
    call("PUT", "/v1/calendars/us-east", CALENDAR)
    call("PUT", "/v1/nodes/boston", NODE)
    call("PUT", "/v1/nodes/boston", NODE | {"ship": False})
    rebuild_packs("NODE#boston")
    before = aws.items("Directory", "PACK#nodes")

    rebuild_packs("NODE#boston", "CALENDAR#us-east")

    assert aws.items("Directory", "PACK#nodes") == before
    assert directory.nodes()[0].ship is False


def test_a_large_network_is_packed_in_chunks_that_fit_an_item(
    call: Call, aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comanda.aws.directory.packs.MOST_BYTES", 2_000)
    call("PUT", "/v1/calendars/us-east", CALENDAR)
    for n in range(12):
        call("PUT", f"/v1/nodes/store-{n:02d}", NODE)

    rebuild_packs("NODE#store-00")
    chunks = aws.items("Directory", "PACK#nodes")
    read = [node.node_id for node in directory.nodes()]
    monkeypatch.setattr("comanda.aws.directory.packs.MOST_BYTES", 300_000)
    rebuild_packs("NODE#store-00")

    assert len(chunks) > 2
    assert read == [f"store-{n:02d}" for n in range(12)]
    assert len(aws.items("Directory", "PACK#nodes")) == 1


@pytest.mark.usefixtures("pool")
def test_a_client_gives_no_scope_that_it_does_not_have(call: Call, aws: Any) -> None:
    every = {"name": "boss", "kind": "admin", "scopes": list(SCOPES)}
    limited = {"name": "helper", "kind": "admin", "scopes": ["clients/admin", "directory/read"]}
    helper = call("POST", "/v1/clients", limited, headers={"Idempotency-Key": "k1"})[1]["client_id"]
    before = aws.items("Directory")

    made = call("POST", "/v1/clients", every, who=helper, headers={"Idempotency-Key": "k2"})
    seller = {**SHOP, "channels": [], "kind": "admin"}
    sold = call("POST", "/v1/clients", seller, who=helper, headers={"Idempotency-Key": "k3"})

    assert (made[0], made[1]["type"]) == (403, "urn:comanda:problem:forbidden")
    assert {code for _, code in problem(made)[1]} == {"not-yours-to-give"}
    assert len(problem(made)[1]) == len(SCOPES) - 2
    assert problem(sold) == (403, [("/scopes/0", "not-yours-to-give"), ("/scopes/1", "not-yours-to-give")])
    assert aws.items("Directory") == before
    same = call("POST", "/v1/clients", limited, who=helper, headers={"Idempotency-Key": "k4"})
    assert (same[0], same[1]["scopes"]) == (201, limited["scopes"])
    assert call("POST", "/v1/clients", every, headers={"Idempotency-Key": "k5"})[0] == 201


@pytest.mark.usefixtures("pool")
def test_a_token_of_fewer_scopes_gives_fewer_scopes(call: Call) -> None:
    narrow = {"scope": "clients/admin"}
    made = call(
        "POST",
        "/v1/clients",
        {"name": "reader", "kind": "admin", "scopes": ["orders/read"]},
        headers={"Idempotency-Key": "k1"},
        claims=narrow,
    )

    assert problem(made) == (403, [("/scopes/0", "not-yours-to-give")])


SHOP = {"name": "shop", "kind": "channel", "channels": ["web"], "scopes": ["orders/write", "orders/read"]}


@pytest.mark.usefixtures("pool")
def test_a_new_client_gets_its_secret_and_may_call_its_own_routes(call: Call) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)

    status, made, headers = call("POST", "/v1/clients", SHOP, headers={"Idempotency-Key": "k1"})

    kept = directory.caller_row("client", made["client_id"])
    assert status == 201
    assert headers["Location"] == f"/v1/clients/{made['client_id']}"
    assert made["client_secret"] == app_clients.secret(made["client_id"])
    assert kept is not None
    assert (kept["kind"], kept["channels"]) == ("channel", ["web"])


@pytest.mark.usefixtures("pool")
def test_a_clients_secret_is_in_no_table_and_no_other_answer(call: Call, aws: Any) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)

    made = call("POST", "/v1/clients", SHOP, headers={"Idempotency-Key": "k1"})[1]

    assert made["client_secret"] not in str(aws.items("Directory"))
    assert "client_secret" not in call("GET", f"/v1/clients/{made['client_id']}")[1]


@pytest.mark.usefixtures("pool")
def test_the_same_key_makes_one_client_and_answers_the_same(call: Call) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)

    first = call("POST", "/v1/clients", SHOP, headers={"Idempotency-Key": "k1"})
    again = call("POST", "/v1/clients", SHOP, headers={"Idempotency-Key": "k1"})

    assert again[:2] == first[:2]
    assert again[2]["Idempotent-Replayed"] == "true"
    assert len(_app_clients()) == 1


@pytest.mark.usefixtures("pool")
def test_a_key_that_is_being_served_is_refused_as_in_progress(call: Call, aws: Any) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)
    key = keys.idempotency("office", "POST /v1/clients", "k1")
    aws.put("Directory", **keys.lease(key), until=10**10)

    busy = call("POST", "/v1/clients", SHOP, headers={"Idempotency-Key": "k1"})

    assert (busy[0], busy[2]["Retry-After"]) == (409, "1")
    assert busy[1]["type"] == "urn:comanda:problem:in-progress"
    assert _app_clients() == []


@pytest.mark.usefixtures("pool")
def test_a_key_whose_process_died_is_resumed_with_the_client_that_it_made(call: Call, aws: Any) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)
    lost = client("cognito-idp").create_user_pool_client(UserPoolId=_pool(), ClientName="shop", GenerateSecret=True)[
        "UserPoolClient"
    ]["ClientId"]
    aws.put("Directory", **keys.lease(keys.idempotency("office", "POST /v1/clients", "k1")), until=1, client_id=lost)

    resumed = call("POST", "/v1/clients", SHOP, headers={"Idempotency-Key": "k1"})

    assert (resumed[0], resumed[1]["client_id"]) == (201, lost)
    assert len(_app_clients()) == 1


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"scopes": ["orders/fly"]}, [("/scopes/0", "value-error")]),
        ({"scopes": ["clients/admin"]}, [("/scopes/0", "not-for-kind")]),
        ({"channels": ["moon"]}, [("/channels/0", "unknown-channel")]),
        ({"channels": []}, [("/channels", "missing")]),
        ({"kind": "node", "scopes": ["fulfillments/work"]}, [("/channels", "not-for-kind"), ("/nodes", "missing")]),
        ({"kind": "king"}, [("/kind", "literal-error")]),
    ],
)
def test_an_impossible_client_is_refused(call: Call, change: dict[str, Any], pointers: list[tuple[str, str]]) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)

    refused = call("POST", "/v1/clients", SHOP | change, headers={"Idempotency-Key": "k1"})

    assert problem(refused) == (422, pointers)
    assert _app_clients() == []


FORM = {"name": "form", "kind": "form", "channels": ["web"], "scopes": ["orders/write", "promises/read"]}


@pytest.mark.usefixtures("pool")
def test_the_secret_of_a_forms_client_is_kept_for_the_form_and_shown_to_nobody(call: Call) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)

    status, made, _ = call("POST", "/v1/clients", FORM, headers={"Idempotency-Key": "k1"})

    assert (status, "client_secret" in made) == (201, False)
    assert form_clients.read("web") == (made["client_id"], app_clients.secret(made["client_id"]))
    assert form_clients.read("outlet") is None


@pytest.mark.usefixtures("pool")
def test_a_new_client_of_a_form_takes_the_place_of_the_old_one_which_is_then_removed(call: Call) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)
    old = call("POST", "/v1/clients", FORM, headers={"Idempotency-Key": "k1"})[1]["client_id"]
    new = call("POST", "/v1/clients", FORM, headers={"Idempotency-Key": "k2"})[1]["client_id"]
    assert call("POST", "/v1/clients", FORM, headers={"Idempotency-Key": "k1"})[1]["client_id"] == old

    assert call("DELETE", f"/v1/clients/{old}")[0] == 204
    assert (form_clients.read("web") or ("",))[0] == new
    assert call("DELETE", f"/v1/clients/{new}")[0] == 204
    assert form_clients.read("web") is None


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"channels": []}, [("/channels", "missing")]),
        ({"channels": ["web", "outlet"]}, [("/channels", "one-only")]),
        ({"scopes": ["orders/read"]}, [("/scopes/0", "not-for-kind")]),
        ({"nodes": ["dc-1"]}, [("/nodes", "not-for-kind")]),
    ],
)
def test_a_client_of_a_form_is_of_one_channel_and_reads_no_order(
    call: Call, change: dict[str, Any], pointers: list[tuple[str, str]]
) -> None:
    for channel in ("web", "outlet"):
        call("PUT", f"/v1/channels/{channel}", CHANNEL)

    refused = call("POST", "/v1/clients", FORM | change, headers={"Idempotency-Key": "k1"})

    found = {error["pointer"]: error["code"] for error in refused[1]["errors"]}
    assert (refused[0], [found[pointer] for pointer, _ in pointers]) == (422, [code for _, code in pointers])


@pytest.mark.usefixtures("pool")
def test_a_deleted_client_has_neither_tokens_nor_rights(call: Call) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)
    made = call("POST", "/v1/clients", SHOP, headers={"Idempotency-Key": "k1"})[1]["client_id"]

    deleted = call("DELETE", f"/v1/clients/{made}")

    assert deleted[0] == 204
    assert _app_clients() == []
    assert call("GET", f"/v1/clients/{made}")[0] == 404
    assert call("DELETE", f"/v1/clients/{made}")[0] == 404


def test_a_client_cannot_delete_itself(call: Call) -> None:
    assert call("DELETE", "/v1/clients/office")[0] == 409


@pytest.mark.usefixtures("pool")
def test_a_shop_reads_the_directory_and_neither_changes_it_nor_sees_other_channels(call: Call, aws: Any) -> None:
    call("PUT", "/v1/channels/web", CHANNEL)
    call("PUT", "/v1/channels/rival", CHANNEL)
    call("PUT", "/v1/partners/acme", {"name": "Acme", "nodes": []})
    aws.put("Directory", **keys.client("shop"), kind="channel", channels=["web"])

    assert call("GET", "/v1/channels/web", who="shop")[0] == 200
    assert call("GET", "/v1/channels/rival", who="shop")[0] == 404
    assert call("GET", "/v1/partners/acme", who="shop")[0] == 404
    assert call("PUT", "/v1/channels/web", CHANNEL, who="shop")[0] == 403
    assert call("POST", "/v1/clients", SHOP, who="shop")[0] == 403


def _pool() -> str:
    return str(client("cognito-idp").list_user_pools(MaxResults=5)["UserPools"][0]["Id"])


def _app_clients() -> list[Any]:
    return list(client("cognito-idp").list_user_pool_clients(UserPoolId=_pool(), MaxResults=60)["UserPoolClients"])


def test_a_hold_type_names_a_queue_of_orders(call: Call) -> None:
    hold = {"blocks": ["ship"], "reason": "asked to", "queue": "transfers"}

    refused = call("PUT", "/v1/hold-types/ASKED", hold)

    assert problem(refused) == (422, [("/queue", "value-error")])
    assert call("PUT", "/v1/hold-types/ASKED", {**hold, "queue": "holds"})[0] == 201
