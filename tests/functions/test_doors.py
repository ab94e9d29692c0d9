"""Test the rules of every door: idempotency keys, If-Match, pages, and that no caller sees the things of another."""

import base64
import json
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

from comanda.aws.api import http
from comanda.aws.api.json_body import MOST_BYTES
from comanda.aws.api.problems import PROBLEM
from comanda.aws.api.routes import (
    ADMIN,
    CARRIER,
    CHANNEL,
    EVERYONE,
    FORM,
    MAILBOX,
    NODE,
    PARTNER,
    ROUTES,
    STAFF,
    WORKER,
    Route,
)
from comanda.aws.customers import customers
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.room import logger
from tests.faults import service_id
from tests.functions.cases.desk import opened
from tests.functions.world import World, a_body, at_counter, request


def test_the_same_request_again_gets_the_same_answer(world: World):
    body = a_body()
    first = world.call("POST", "/v1/orders", body, key="k-1")
    before = world.tables()

    again = world.call("POST", "/v1/orders", body, key="k-1")

    assert (again.status, again.body, again.etag) == (first.status, first.body, first.etag)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert world.tables() == before


def test_a_key_is_refused_with_another_body_or_without_one(world: World):
    world.call("POST", "/v1/orders", a_body(external_id="A"), key="k-1")
    before = world.tables()

    other = world.call("POST", "/v1/orders", a_body(external_id="B"), key="k-1")
    missing = world.call("POST", "/v1/orders", a_body(external_id="C"), key=None)
    endless = world.call("POST", "/v1/orders", a_body(external_id="D"), key="k" * 256)

    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    assert (missing.status, missing.problem) == (400, "idempotency-key-missing")
    assert (endless.status, endless.problem) == (400, "idempotency-key-missing")
    assert world.tables() == before


def test_two_clients_may_use_one_key(world: World):
    mine = world.call("POST", "/v1/orders", a_body(), key="k-1", who="shop")
    theirs = world.call("POST", "/v1/orders", a_body(channel="outlet"), key="k-1", who="other-shop")

    assert (mine.status, theirs.status) == (201, 201)
    assert mine.body["order_id"] != theirs.body["order_id"]


def test_a_repeated_change_gets_its_first_answer_even_if_it_could_not_be_made_again(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()

    for step in ("accept", "pick", "pack", "ship"):
        first = world.step(order_id, step, key=step)
        again = world.step(order_id, step, key=step)
        assert first.status == 200
        assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (200, first.body, "true")


def test_a_cancel_that_is_sent_twice_with_its_old_version_gets_the_first_answer(world: World):
    order_id = world.placed()

    first = world.call("POST", f"/v1/orders/{order_id}/cancel", {"reason": "x"}, key="k", if_match='"v1"')
    again = world.call("POST", f"/v1/orders/{order_id}/cancel", {"reason": "x"}, key="k", if_match='"v1"')

    assert (first.status, again.status, again.body) == (200, 200, first.body)


def test_two_hundred_simultaneous_requests_with_one_key_make_one_order(world: World):
    body = a_body()
    together = threading.Barrier(20)

    def post(_: int) -> Any:
        together.wait()
        return world.call("POST", "/v1/orders", body, key="k-1")

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(post, range(200)))

    assert {reply.status for reply in replies} == {201}
    assert len({reply.body["order_id"] for reply in replies}) == 1
    assert sum("Idempotent-Replayed" not in reply.headers for reply in replies) == 1
    assert len([row for row in world.aws.items("Orders") if row["pk"].startswith("O#") and row["sk"] == "#"]) == 1


def test_simultaneous_requests_with_one_external_id_make_one_order(world: World):
    bodies = [a_body(("TEA-001", n), external_id="WEB-1") for n in range(1, 21)]

    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda body: world.call("POST", "/v1/orders", body), bodies))

    assert sorted(reply.status for reply in replies) == [201] + [409] * 19
    assert len({reply.body["order_id"] for reply in replies}) == 1


@pytest.mark.parametrize(
    ("given", "status", "problem"),
    [
        (None, 428, "if-match-missing"),
        ('"v7"', 412, "if-match-stale"),
        ('W/"v7"', 412, "if-match-stale"),
        ("*", 400, "malformed-request"),
        ('"v²"', 400, "malformed-request"),
        ('"v' + "9" * 5000 + '"', 400, "malformed-request"),
    ],
)
def test_a_change_of_an_order_must_name_the_version_that_its_caller_read(
    world: World, given: str | None, status: int, problem: str
):
    order_id = world.placed()
    before = world.tables()

    reply = world.call("POST", f"/v1/orders/{order_id}/cancel", {"reason": "x"}, if_match=given)

    assert (reply.status, reply.problem) == (status, problem)
    assert world.tables() == before


def test_a_step_of_work_needs_no_version_and_is_refused_with_an_old_one(world: World):
    world.stocked("TEA-001", dc_1=3)
    world.stocked("TEA-001", dc_2=2)
    order_id = world.placed(("TEA-001", 5))
    world.settle()
    world.steps(order_id, "accept", number=1)

    assert world.step(order_id, "accept", 2).status == 200
    path = f"/v1/fulfillments/ful_{order_id[4:]}-001"
    seen = world.call("GET", path, who="office").etag
    assert world.call("POST", f"{path}/pick", {}, who="office", if_match=seen).status == 200
    assert world.call("POST", f"{path}/pack", {}, who="office", if_match=seen).problem == "if-match-stale"


# Pages


def test_a_list_is_read_page_by_page_without_a_gap_or_a_repetition(world: World):
    ids = [world.placed(customer={"id": "cus-1", "name": "A", "email": "a@b.example"}) for _ in range(7)]
    for query in ({"customer_id": "cus-1"}, {"channel": "web", "day": "2026-11-19"}):
        seen, cursor = [], {}
        while True:
            page = world.call("GET", "/v1/orders", query={**query, "limit": "3", **cursor})
            assert page.status == 200, page.body
            seen += [order["order_id"] for order in page.body["items"]]
            if page.body["next"] is None:
                break
            assert page.body["next"] in page.headers["Link"]
            cursor = {"cursor": page.body["next"]}
        assert sorted(seen) == sorted(ids)


def test_a_cursor_is_refused_with_another_caller_or_other_filters(world: World):
    for _ in range(3):
        world.placed(customer={"id": "cus-1", "name": "A", "email": "a@b.example"})
    query = {"customer_id": "cus-1", "limit": "1"}
    cursor = world.call("GET", "/v1/orders", query=query).body["next"]
    turned = base64.urlsafe_b64decode(cursor)
    wrong = (
        ("office", {**query, "cursor": cursor}),
        ("shop", {**query, "customer_id": "cus-2", "cursor": cursor}),
        ("shop", {**query, "cursor": cursor[:-4] + "AAAA"}),
        ("shop", {**query, "cursor": base64.urlsafe_b64encode(turned[:32] + b"99").decode()}),
        ("shop", {**query, "cursor": base64.urlsafe_b64encode("ü".encode() * 40).decode()}),
        ("shop", {**query, "cursor": "ü"}),
        ("shop", {**query, "cursor": "!"}),
    )

    assert world.call("GET", "/v1/orders", query={**query, "cursor": cursor}).status == 200
    for who, asked in wrong:
        reply = world.call("GET", "/v1/orders", who=who, query=asked)
        assert (reply.status, reply.problem) == (400, "bad-cursor"), (who, asked)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        (None, "/"),
        ({"channel": "web"}, "/"),
        ({"channel": "web", "day": "yesterday"}, "/day"),
        ({"channel": "web", "day": "2026-13-45"}, "/day"),
        ({"channel": "web", "day": "²²²²²²²²"}, "/day"),
        ({"customer_id": "c", "limit": "0"}, "/limit"),
        ({"customer_id": "c", "limit": "101"}, "/limit"),
        ({"customer_id": "c", "limit": "²"}, "/limit"),
        ({"customer_id": "c", "limit": "9" * 5000}, "/limit"),
    ],
)
def test_a_list_of_orders_needs_a_filter_that_an_index_serves(world: World, query: dict[str, str] | None, pointer: str):
    reply = world.call("GET", "/v1/orders", query=query)

    assert (reply.status, reply.body["errors"][0]["pointer"]) == (422, pointer)


# Ownership


def test_a_body_over_a_megabyte_is_refused_before_it_is_read(world: World):
    reply = world.call("POST", "/v1/orders", raw="x" * (MOST_BYTES + 1))

    assert (reply.status, reply.problem) == (413, "body-too-large")


STRANGER_OF = {CHANNEL: "other-shop", FORM: "other-form", NODE: "dc-2-system", PARTNER: "rival", WORKER: "other-picker"}
OF_ONE = [
    (route, who)
    for route in ROUTES
    if route.room in ("intake", "customers", "fulfill", "tracking", "documents", "cases") and "{" in route.path
    for who in (CHANNEL, NODE, PARTNER, WORKER, STAFF, ADMIN)
]


def test_no_caller_gets_anothers_order_by_any_door(world: World, subtests: pytest.Subtests):
    world.stocked("TEA-001", dc_1=5)
    world.stocked("TEA-001", store_1=5)
    world.hold_type()
    order_id = world.placed(("TEA-001", 2), at_counter("TEA-001"))
    world.settle()
    world.steps(order_id, "accept", "hand-over")
    world.settle()
    assert world.order(order_id)["invoices"]
    opened(world, order_id)
    before = world.tables()
    asked = 0
    for route, kind in OF_ONE:
        if kind not in STRANGER_OF:
            continue
        path, who = _filled(route, order_id), STRANGER_OF[kind]
        reply = world.call(route.method, path, {}, who=who, if_match='"v1"')
        asked += 1
        assert world.call(route.method, path, {}, who=who, key=None).status == reply.status
        with subtests.test(f"{kind}: {route.method} {route.path}"):
            assert reply.status == (404 if kind in route.who else 403), reply.body
            assert order_id not in str(reply.body.get("order_id", ""))
    assert world.tables() == before
    print(f"isolation: {asked} of {asked} refused")  # noqa: T201  # a published figure


# An unknown id of each kind, beside the ones of `_filled`.
NOBODYS = {
    "order_id": "ord_us1_01J0000000000000000000000A",
    "fulfillment_id": "ful_us1_01J0000000000000000000000A-001",
    "invoice_id": "inv_us1_01J0000000000000000000000A-001",
    "reservation_id": "rsv_us1_01J0000000000000000000000A",
    "customer_id": f"cus_{'0' * 32}",
    "case_id": "cas_us1_01J0000000000000000000000A-001",
    "id": "nobodys",
}


def test_anothers_thing_is_answered_in_the_words_of_a_thing_that_does_not_exist(
    world: World, subtests: pytest.Subtests
):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept", "ship")
    world.settle()
    wanted = {"request_id": "r-1", "lines": [{"sku": "TEA-001", "quantity": 1, "node_id": "dc-1"}]}
    kept = world.call("POST", "/v1/reservations", wanted).body["reservation_id"]
    arrives = {"line": 1, "sku": "TEA-001", "node_id": "dc-1", "quantity": 1, "eta": "2026-11-25"}
    supply = {"supply_id": "PO-1", "reference": "A", "action": "CREATE", "type": "PURCHASE_ORDER", "lines": [arrives]}
    assert world.call("POST", "/v1/stock/supplies", supply, who="office").status == 200
    theirs = {"order_id": order_id, "reservation_id": kept, "customer_id": str(customers.customer_of(order_id))}
    theirs |= {name: f"{name[:3]}_{order_id[4:]}-001" for name in ("fulfillment_id", "invoice_id")}
    theirs["case_id"] = opened(world, order_id)
    of_path = {"channels": "web", "partners": "acme", "nodes": "dc-1", "stock": "PO-1"}
    asked = 0
    for route in ROUTES:
        named = next((name for name in (*theirs, "id") if f"{{{name}}}" in route.path), None)
        for kind, who in STRANGER_OF.items():
            if named is None or kind not in route.who:
                continue
            id_ = theirs.get(named) or of_path.get(route.path.split("/")[2], "dc-1")
            foreign, nothing = (
                world.call(route.method, _filled(route, order_id, {named: name}), {}, who=who, if_match='"v1"')
                for name in (id_, NOBODYS[named])
            )
            if foreign.status == 200:  # everyone's: products, calendars, nodes as the directory shows them
                assert route.method == "GET"
                continue
            asked += 1
            with subtests.test(f"{kind}: {route.method} {route.path}"):
                said = str({**foreign.body, "trace_id": ""}).replace(id_, NOBODYS[named])
                assert (foreign.status, said) == (404, str({**nothing.body, "trace_id": ""}))
    assert asked > 30


def test_another_nodes_fulfillment_is_answered_like_an_unknown_one(world: World):
    world.stocked("TEA-001", dc_1=3)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    path = f"/v1/fulfillments/ful_{order_id[4:]}-"

    none = world.call("GET", f"{path}009", who="dc-1-system")
    another = world.call("GET", f"{path}001", who="dc-2-system")

    assert none.body["detail"].replace("009", "001") == another.body["detail"]


def test_every_door_refuses_a_caller_that_the_directory_does_not_know(world: World, subtests: pytest.Subtests):
    order_id = world.placed()
    for route in ROUTES:
        if not route.who:
            continue
        reply = world.call(route.method, _filled(route, order_id), {}, who="nobody")
        with subtests.test(f"{route.method} {route.path}"):
            assert (reply.status, reply.problem) == (403, "forbidden")


def test_an_id_in_a_path_is_read_however_it_is_encoded_and_without_blanks_around_it(world: World) -> None:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    fulfillment = f"{order_id.replace('ord', 'ful', 1)}-001"

    for spelt in (f"{order_id}%20", f"%C2%A0{order_id}", order_id.replace("_", "%5F")):
        assert world.call("GET", f"/v1/orders/{spelt}").body["order_id"] == order_id
        assert world.call("GET", f"/v1/orders/{spelt}/events").body["items"][0]["type"] == "placed"
    for spelt in (f"{fulfillment}%20", fulfillment.replace("-", "%2D")):
        assert world.call("POST", f"/v1/fulfillments/{spelt}/start-pick", {}, who="dc-1-system").status != 404
    assert world.call("GET", "/v1/nodes/dc%2D1/capacity", who="office").status == 200
    assert world.call("GET", "/v1/queues/back%6Frder", who="office").status == 200
    for spelt in (f"{order_id}%00", f"{order_id}%E2%80%8B", f"{order_id}%23x", "%20", "%2E%2E%2F"):
        assert world.call("GET", f"/v1/orders/{spelt}").problem == "not-found"


def test_a_slash_at_the_end_of_a_path_changes_no_answer(world: World, subtests: pytest.Subtests):
    """A REST API of AWS finds the resource without the slash, and passes the path on as it was sent."""
    order_id = world.placed()
    for route in (route for route in ROUTES if route.method == "GET"):
        event = request("GET", _filled(route, order_id), who="office")
        handler = import_module(f"functions.{event.pop('room')}.handler").handler
        plain, slashed = handler(event, None), handler({**event, "path": event["path"] + "/"}, None)
        with subtests.test(route.path):
            assert (slashed["statusCode"], slashed["body"]) == (plain["statusCode"], plain["body"])


def test_malformed_ids_are_not_found(world: World, subtests: pytest.Subtests):
    order_id = world.placed()
    other_cell = order_id.replace("_us1_", "_eu1_")
    for given in ("nonsense", order_id.lower(), order_id + "-001", "ord_us1_" + "0" * 26, "O%23x", other_cell):
        for route in (r for r in ROUTES if "{order_id}" in r.path):
            reply = world.call(route.method, _filled(route, given), {"reason": "x"}, who="office", if_match='"v1"')
            with subtests.test(f"{route.method} {route.path} {given}"):
                assert reply.status in (404, 422), reply.body
                if reply.status == 422:
                    assert route.method == "POST"
    wrong = world.call("GET", f"/v1/orders/{other_cell}")
    assert (wrong.status, wrong.problem, wrong.body["cell"]) == (404, "wrong-region", "eu1")


def test_a_node_or_partner_reads_the_contact_of_an_order_only_while_it_ships_it(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    path = f"/v1/orders/{order_id}/contact"
    assert world.call("GET", path, who="dc-1-system").status == 404

    world.settle()
    assert world.call("GET", path, who="dc-1-system").body["ship_to"]["line1"] == "12 Main St"
    assert world.call("GET", path, who="dc-2-system").status == 404
    assert world.call("GET", path, who="rival").status == 404

    assert world.step(order_id, "decline", 1, {"reason": "CLOSED"}).status == 200
    assert world.call("GET", path, who="dc-1-system").status == 404


def test_a_list_shows_a_channel_its_own_orders_only(world: World):
    customer = {"id": "cus-1", "name": "A", "email": "a@b.example"}
    mine = world.placed(customer=customer)
    reply = world.call("POST", "/v1/orders", a_body(channel="outlet", customer=customer), who="other-shop")
    assert reply.status == 201
    seen = world.call("GET", "/v1/orders", query={"customer_id": "cus-1"}).body["items"]
    assert [order["order_id"] for order in seen] == [mine]
    assert world.call("GET", "/v1/orders", query={"channel": "outlet", "day": "2026-11-19"}).status == 404
    named = {"channel": "outlet", "external_id": reply.body["external_id"]}
    assert world.call("GET", "/v1/orders", query=named).status == 404


def test_no_cursor_names_another_channels_order(world: World):
    customer = {"id": "cus-1", "name": "A", "email": "a@b.example"}
    mine: list[str] = []
    others: list[str] = []
    for _ in range(3):
        mine.append(world.placed(customer=customer))
        for _ in range(2):
            body = a_body(channel="outlet", customer=customer)
            others.append(world.call("POST", "/v1/orders", body, who="other-shop").body["order_id"])

    seen: list[str] = []
    query = {"customer_id": "cus-1", "limit": "1"}
    while True:
        page = world.call("GET", "/v1/orders", query=query).body
        seen += [order["order_id"] for order in page["items"]]
        if page["next"] is None:
            break
        named = base64.urlsafe_b64decode(page["next"]).decode()
        assert not any(order_id in named for order_id in others)
        query = {**query, "cursor": page["next"]}

    assert sorted(seen) == sorted(mine)


def _filled(route: Route, order_id: str, given: dict[str, str] | None = None) -> str:
    values = {
        "order_id": order_id,
        "fulfillment_id": f"ful_{order_id[4:]}-001",
        "invoice_id": f"inv_{order_id[4:]}-001",
        "credit_note_id": f"crn_{order_id[4:]}-001",
        "account_id": "gc_" + "0" * 26,
        "credit_account_id": "ac_" + "0" * 32,
        "reservation_id": f"rsv_{order_id[4:]}",
        "customer_id": customers.customer_of(order_id) or NOBODYS["customer_id"],
        "draft_id": f"drf_{order_id[4:]}",
        "case_id": f"cas_{order_id[4:]}-001",
        "hold_id": "h1",
        "wave_id": f"wav_{order_id[4:]}",
        "queue": "backorder",
        "item_id": f"{order_id}.backorder",
        "sku": "TEA-001",
        "id": "dc-1",
        "closure_id": "1",
        "day": "2026-11-20",
        "person_id": "picker",
        "device_id": "0" * 64,
        "name": "packing-slip",
    }
    return route.path.format(**values | (given or {}))


def test_the_matrix_of_rights_has_every_kind_of_caller():
    assert set(EVERYONE) == {CHANNEL, PARTNER, NODE, ADMIN, STAFF, WORKER}
    assert {kind for route in ROUTES for kind in route.who} <= {*EVERYONE, FORM, CARRIER, MAILBOX}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.scopes], ids=lambda r: f"{r.method} {r.path}")
def test_a_door_that_lacks_a_right_answers_a_problem_and_logs_it(world: World, route: Route):
    refused = {"Error": {"Code": "AccessDeniedException", "Message": "comanda-dev-intake may not"}}
    name, logged = f"before-call.{service_id('dynamodb')}", StringIO()
    (handler,) = (one for one in logging.getLogger(logger.name).handlers if isinstance(one, logging.StreamHandler))
    before = handler.setStream(logged)

    def refuse(**_: Any) -> Any:
        return SimpleNamespace(status_code=400), {**refused, "ResponseMetadata": {}}

    client("dynamodb").meta.events.register_first(name, refuse, unique_id="refuse")
    try:
        reply = world.call(route.method, re.sub(r"{\w+}", "x", route.path), {}, who="office")
    finally:
        client("dynamodb").meta.events.unregister(name, unique_id="refuse")
        handler.setStream(before)

    assert (reply.status, reply.problem, reply.headers["Content-Type"]) == (500, "internal", PROBLEM)
    assert "may not" not in json.dumps(reply.body)
    line = json.loads(logged.getvalue().splitlines()[0])
    assert (line["level"], line["error"], line["route"]) == ("ERROR", "AccessDeniedException", route.path)


def test_a_door_that_is_made_within_a_test_has_its_context_afterwards():
    assert vars(http.door())["context"] == {}


def test_threads_of_a_test_get_the_answers_of_their_own_paths(world: World, monkeypatch: pytest.MonkeyPatch):
    """Powertools keeps the arguments of a path on the door: here both threads have put theirs there before either is answered."""
    order_ids = [world.placed(("TEA-001", 1)) for _ in range(2)]
    both = threading.Barrier(2, timeout=60)
    monkeypatch.setattr(http, "check_query", lambda _: both.wait())

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda order_id: world.call("GET", f"/v1/orders/{order_id}"), order_ids))

    assert [reply.body.get("order_id") for reply in replies] == order_ids
