"""Every route of the API is refused with another tenant's ids, with the wrong kind of client, and without its scope."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comanda.aws.api.routes import CHANNEL, NODE, PARTNER, ROUTES, SCOPES, Route
from ops.client import Client
from tests.system.people import a_person
from tests.system.retailer import GLOBEX, MARKET, STORE_2, WEB, line, usd
from tests.system.world import WORK, DeployedWorld

STRANGERS: dict[str, dict[str, Any]] = {
    CHANNEL: {"channels": [MARKET]},
    NODE: {"nodes": [STORE_2]},
    PARTNER: {"partner": GLOBEX},
}
TERMS = {"channel": WEB, "customer_id": "c-1", "limit": usd(500), "payment_days": 30, "reason": "known"}
_ONE = {"lines": [{"line_id": "1", "quantity": 1}]}
BODIES: dict[str, Any] = {
    "reject": {"reason": "no"},
    "cancel": {"reason": "no"},
    "holds": {"type": "PAYMENT", "reason": "no"},
    "decline": {"reason": "NO_STOCK"},
    "short-pick": {"reason": "NOT_FOUND", **_ONE},
    "extend": {"ttl_seconds": 600},
    "adjustments": {"adjustment_id": "a", "reason": "r", "rows": [{"sku": "x", "node_id": "dc-east", "quantity": 1}]},
}
# Every caller of the right kind may read master data and products. Entries of other channels and partners are not for it.
SHARED = ("nodes", "products", "calendars", "hold-types", "stock")


@dataclass(frozen=True)
class Theirs:
    """Another tenant's order with everything under it, and clients of each kind with every scope that their kind may have."""

    ids: dict[str, str]
    customer: str
    email: str
    strangers: dict[str, Client]


@pytest.fixture(scope="module")
def theirs(world: DeployedWorld) -> Iterator[Theirs]:
    tea = world.sku(dc_east=5)
    order = world.routed(world.place_order(line(tea)))
    fulfillment = order["fulfillments"][0]["fulfillment_id"]
    world.work(fulfillment, "accept", by="admin")
    wave = world.office.post("/v1/pick-waves", {"node_id": "dc-east"})
    world.ship(fulfillment, steps=WORK[1:])
    order = world.invoiced(order)
    world.numbered(order)
    path = f"/v1/orders/{order['order_id']}"
    etag = world.office.send("GET", path).headers["etag"]
    credit = {"invoice_id": order["invoices"][0], "credit": "AMOUNT", "amount": usd(1), "reason": "late"}
    headers = {"Idempotency-Key": f"credit-{tea}", "If-Match": etag}
    credited = world.office.send("POST", f"{path}/credit-notes", body=credit, headers=headers)
    assert credited.status_code == 201, credited.text
    email = world.office.get(f"/v1/orders/{order['order_id']}/contact")["customer"]["email"]
    ordered = {
        "line": 1,
        "sku": tea,
        "node_id": "dc-east",
        "quantity": 1,
        "eta": f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}",
    }
    supply = {"supply_id": "PO-theirs", "reference": tea, "action": "CREATE", "type": "PURCHASE_ORDER"}
    world.office.post("/v1/stock/supplies", {**supply, "lines": [ordered]})
    prices = {"name": "Usual", "channels": [WEB], "currency": "USD", "valid_from": "2026-01-01"}
    world.office.put("/v1/price-lists/usual", {**prices, "prices": [{"sku": tea, "unit_price": usd(900)}]})
    rate = {"country": "US", "valid_from": "2026-01-01", "rate": "0.05", "name": "Sales tax"}
    world.office.put("/v1/tax-tables/states", {"name": "States", "synthetic": True, "rows": [rate]})
    world.office.put("/v1/case-terms/default", {"kinds": {"LATE": {"due_hours": 1}}})
    case = world.office.post(f"/v1/orders/{order['order_id']}/cases", {"kind": "LATE", "text": "Where?"})
    cart = {
        "channel": WEB,
        "currency": "USD",
        "locale": "en-US",
        "customer": {"name": "Berenice Canary", "email": email},
    }
    kept = {"request_id": f"theirs-{tea}", "lines": [{"sku": tea, "quantity": 1, "node_id": "dc-east"}]}
    strangers = {}
    for kind, rights in STRANGERS.items():
        # A route that every scope admits gives none of them to a kind.
        routes = [route for route in ROUTES if kind in route.who and route.scopes != SCOPES]
        scopes = sorted({scope for route in routes for scope in route.scopes})
        made = world.office.post("/v1/clients", {"name": f"strange {kind}", "kind": kind, "scopes": scopes, **rights})
        addresses = (world.deployed.base_url, world.deployed.token_url)
        strangers[kind] = Client(*addresses, made["client_id"], made["client_secret"])
    ids = {
        "order_id": order["order_id"],
        "case_id": case["case_id"],
        "draft_id": world.shop.post("/v1/drafts", {**cart, "lines": [{"line_id": "1", "sku": tea, "quantity": 1}]})[
            "draft_id"
        ],
        "customer_id": world.office.get("/v1/customers", email=email)["items"][0]["customer_id"],
        "hold_id": "h-1",
        "fulfillment_id": fulfillment,
        "wave_id": wave["wave_id"],
        "name": "packing-slip",
        "invoice_id": order["invoices"][0],
        "credit_note_id": credited.json()["credit_note_id"],
        "queue": "exceptions",
        "item_id": f"{order['order_id']}.x",
        "sku": tea,
        "closure_id": "1",
        "day": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}",
        "reservation_id": world.shop.post("/v1/reservations", kept)["reservation_id"],
        "person_id": world.office.post("/v1/people", a_person())["person_id"],
        "account_id": world.office.post("/v1/gift-cards", {"channel": WEB, "amount": usd(500), "reason": "sold"})[
            "account_id"
        ],
        "credit_account_id": world.office.post("/v1/credit-accounts", TERMS)["credit_account_id"],
        "device_id": world.office.post("/v1/devices", {"node_id": "dc-east", "name": "Till"})["device_id"],
    }
    yield Theirs(ids, order["customer_id"], email, strangers)
    for client in strangers.values():
        client.close()


def _body(route: Route, order: Any) -> Any:
    last = route.path.rsplit("/", 1)[-1]
    if route.path == "/v1/orders":
        return order
    return BODIES.get(
        last, {"resolution": "x"} if "hold_id" in route.path else {"answer": "x"} if last == "resolve" else {}
    )


def _their_own(route: Route) -> dict[str, str]:
    """Return an id for a path of the directory, or of a supply, that belongs to another tenant."""
    ids = {"/v1/channels/{id}": WEB, "/v1/partners/{id}": "acme"}
    supply = "PO-theirs" if route.path.startswith("/v1/stock/supplies/") else "dc-east"
    return {"id": ids.get(route.path, supply)}


@pytest.mark.parametrize("kind", STRANGERS)
@pytest.mark.parametrize("route", [r for r in ROUTES if "{" in r.path], ids=lambda r: f"{r.method} {r.path}")
def test_another_tenants_things_are_not_found(world: DeployedWorld, theirs: Theirs, route: Route, kind: str):
    stranger = theirs.strangers[kind]
    path = route.path.format(**theirs.ids, **_their_own(route))
    headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"v1"'}

    body = _body(route, None) if route.method in ("POST", "PUT") else None
    query = {"node_id": "dc-east"} if path.endswith("/movements") else None
    answer = stranger.send(route.method, path, body=body, query=query, headers=headers)

    assert answer.headers["Content-Type"].startswith(("application/problem+json", "application/json"))
    if kind not in route.who:
        assert answer.status_code in (401, 403), answer.text  # the scope is not for its kind, or the route is not
    elif route.path.split("/")[2] in SHARED:
        assert answer.status_code in (200, 404), answer.text
        if kind == NODE and "positions" in answer.text:
            assert answer.json()["positions"] == []
    else:
        assert answer.status_code == 404, answer.text
        assert answer.json()["type"].endswith("not-found")


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.method == "GET" and "clients" not in r.path], ids=lambda r: r.path
)
def test_the_office_sees_things_that_other_callers_do_not_see(world: DeployedWorld, theirs: Theirs, route: Route):
    of_a_node = ("/v1/fulfillments", "/v1/pick-waves", "/v1/stock/{sku}/movements", "/v1/devices")
    at_east = {path: {"node_id": "dc-east"} for path in of_a_node}
    query = {
        "/v1/orders": {"customer_id": theirs.customer},
        "/v1/customers": {"email": theirs.email},
        "/v1/drafts": {"email": theirs.email},
        "/v1/audit": {"order": theirs.ids["order_id"]},
        "/v1/stock-alerts": {"kind": "LOW"},
        "/v1/cases": {"order_id": theirs.ids["order_id"]},
        "/v1/find": {"q": theirs.ids["order_id"]},
        "/v1/list-prices": {"channel": WEB, "sku": theirs.ids["sku"]},
        "/v1/credit-accounts": {"channel": WEB},
        "/v1/credit-accounts/{credit_account_id}/statement-file": {"month": "2026-11"},
        "/v1/books/trial-balance": {"channel": WEB, "day": "2026-11-01"},
        "/v1/books/trial-balance-file": {"channel": WEB, "month": "2026-11"},
        "/v1/books/documents-file": {"legal_entity": "tea-co", "month": "2026-11"},
        "/v1/books/taxes-file": {"legal_entity": "tea-co", "day": "2026-11-01"},
        "/v1/books/reconciliation": {"provider": "stripe", "month": "2026-11"},
        "/v1/books/reconciliation-file": {"provider": "stripe", "month": "2026-11"},
        **at_east,
    }.get(route.path)
    ids = _their_own(route) | {"/v1/products/{id}": {"id": theirs.ids["sku"]}}.get(route.path, {})
    named = {
        "calendars": "always",
        "hold-types": "PAYMENT",
        "carriers": "road",
        "cartons": "box",
        "cancel-reasons": "fraud",
        "decline-reasons": "CLOSED",
        "case-terms": "default",
        "modification-matrices": "default",
        "price-lists": "usual",
        "tax-tables": "states",
        "legal-entities": "tea-co",
        "rate-cards": "road",
        "routing-costs": "default",
        "stock-policies": "default",
        "rule-sets": "west-only",
    }
    ids |= {"/v1/price-lists/{id}/prices": {"id": "usual"}}.get(route.path, {})
    ids |= {f"/v1/{kind}/{{id}}": {"id": name} for kind, name in named.items()}.get(route.path, {})

    # The invoice is there, and its seller has no VAT number and says nothing of NF-e. Nothing of the work is left to pick.
    seen = (
        (409,) if route.path.endswith(("/xml", "/nfe")) else (404,) if route.path.endswith("/pick-list") else (200, 303)
    )
    assert world.office.send("GET", route.path.format(**theirs.ids, **ids), query=query).status_code in seen


def test_lists_and_new_things_stay_within_what_is_the_callers_own(world: DeployedWorld, theirs: Theirs):
    market, node = theirs.strangers[CHANNEL], theirs.strangers[NODE]

    assert market.get("/v1/orders", customer_id=theirs.customer)["items"] == []
    day = world.order({"order_id": theirs.ids["order_id"]})["placed_at"][:10]
    assert market.send("GET", "/v1/orders", query={"channel": WEB, "day": day}).status_code == 404
    assert market.send("GET", "/v1/orders", query={"channel": WEB, "external_id": "T-1"}).status_code == 404
    assert node.send("GET", "/v1/fulfillments", query={"node_id": "dc-east"}).status_code == 404
    stock = BODIES["adjustments"] | {"rows": [{"sku": theirs.ids["sku"], "node_id": "dc-east", "quantity": 1}]}
    refused = node.send("POST", "/v1/stock/adjustments", body=stock, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown-node")


def test_a_new_clients_secret_is_answered_once_and_a_removed_client_has_no_rights(world: DeployedWorld):
    wanted = {"name": "short-lived", "kind": "channel", "channels": [WEB], "scopes": ["orders/read"]}
    made = world.office.post("/v1/clients", wanted)
    assert "client_secret" not in world.office.get(f"/v1/clients/{made['client_id']}")

    world.office.delete(f"/v1/clients/{made['client_id']}")

    with Client(world.deployed.base_url, world.deployed.token_url, made["client_id"], made["client_secret"]) as gone:
        assert world.office.send("GET", f"/v1/clients/{made['client_id']}").status_code == 404
        with pytest.raises(Exception, match="token"):
            gone.get("/v1/orders", customer_id="c")


def test_a_price_of_another_tenants_order_cannot_be_guessed_from_the_answer(world: DeployedWorld, theirs: Theirs):
    stranger = theirs.strangers[CHANNEL]
    none = "ord_us1_00000000000000000000000000"

    real, made_up = (stranger.send("GET", f"/v1/orders/{one}") for one in (theirs.ids["order_id"], none))

    told = [answer.json() | {"trace_id": ""} for answer in (real, made_up)]
    assert str(told[0]).replace(theirs.ids["order_id"], none) == str(told[1])
    assert str(usd(1000)) not in real.text
