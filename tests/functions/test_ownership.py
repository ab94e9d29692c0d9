"""Test at every door, for every kind of caller and thing, that another's thing is not found and not changed."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest

from comanda.aws.api.routes import CARRIER, CHANNEL, FORM, MAILBOX, NODE, PARTNER, WORKER, Route
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.orders import pick_waves
from comanda.aws.runtime.clients import client
from comanda.domain import ids
from functions.inbox.arrival import KINDS
from openapi import ownership, ownership_page
from openapi.ownership import ASKED, OWN, PART, THINGS
from tests.functions.crashes import Moment
from tests.functions.inbox.test_stock_files import BUCKET, as_csv, outcomes, send
from tests.functions.world import DENVER, START, Reply, World, a_body, usd

WHO = {
    CHANNEL: "shop",
    FORM: "form",
    NODE: "dc-1-system",
    WORKER: "picker",
    PARTNER: "acme",
    CARRIER: "ups",
    MAILBOX: "mailbox",
}
HOME = {NODE: "dc-1", WORKER: "dc-1", PARTNER: "vendor-1"}
ULID = "01J0000000000000000000000A"
TO = {"country": "US", "postal_code": "60601", "latitude": 41.88, "longitude": -87.63}
ONE = [{"line_id": "1", "quantity": 1}]
ONE_UNIT = {"modification": "quantity", "line_id": "1", "quantity": 1}


@dataclass
class Stage:
    """The ids of the things that each kind of caller owns, and of the things of others."""

    world: World
    own: dict[tuple[str, str], str] = field(default_factory=dict)
    others: dict[tuple[str, str], str] = field(default_factory=dict)

    def ids(self, thing: str, kind: str) -> tuple[str, str]:
        """Return the id of another's thing, and an unknown id. Parts and open nodes depend on the field that names them."""
        return self.others[thing, kind], NOBODYS[thing]


NOBODYS = {
    "package": "nobodys",
    "preview": "nothing",
    "order": f"ord_us1_{ULID}",
    "fulfillment": f"ful_us1_{ULID}-001",
    "reservation": f"rsv_us1_{ULID}",
    "promise": f"prm_us1_{ULID}",
    "option": "nothing",
    "channel": "nothing",
    "channel asked about": "nothing",
    "node": "nothing",
    "supply": "nothing",
    "request": "nothing",
    "line": "nothing",
    "pick wave": f"wav_us1_{ULID}",
    "picker": "nothing",
    "closure": "99",
    "person": "nothing",
    "device": "nothing",
    "item": f"ord_us1_{ULID}.put-back-001-6",
    "draft": f"drf_us1_{ULID}",
    "parcel": "NOBODYS",
    "carrier of the parcel": "nobody",
    "case": f"cas_us1_{ULID}-001",
    "fulfillment of the order": f"ful_us1_{ULID}-001",
    "invoice": f"inv_us1_{ULID}-001",
    "invoice of the order": f"inv_us1_{ULID}-001",
    "credit note": f"crn_us1_{ULID}-001",
}

DRAFTED = {
    "line_id": "1",
    "sku": "TEA-001",
    "quantity": 1,
    "unit_price": {"amount": 1000, "currency": "USD"},
}


_kept: list[tuple[Stage, Moment]] = []


@pytest.fixture
def stage(world: World) -> Stage:
    """Give two of each thing. They are made once in this process: each test begins with a copy."""
    if not _kept:
        made = filled(world)
        _kept.append((made, Moment(world)))
        return made
    made, moment = _kept[0]
    moment.back_in(world)
    return replace(made, world=world, own=dict(made.own), others=dict(made.others))


def credited(world: World, order_id: str) -> str:
    """Return the id of a credit note of a cent of the first invoice."""
    credit = {"invoice_id": f"inv_{order_id[4:]}-001", "credit": "AMOUNT", "amount": usd(1), "reason": "x"}
    reply = world.change(order_id, "credit-notes", credit)
    assert reply.status == 201
    return str(reply.body["credit_note_id"])


def pick_wave(node: str, kind: str) -> str:
    """Store a wave of no work."""
    wave_id = ids.pick_wave("us1", kind, node)
    values = {"members": [], "ship_by": START.isoformat(), "made_at": START.isoformat(), "made_by": "office"}
    transaction.commit([pick_waves.new_row(wave_id, node, START, values, START)])
    return wave_id


def filled(world: World) -> Stage:
    """Make two of each thing: one of the web shop and one of the outlet, or one of each of dc-1, dc-2 and the vendor."""
    made = Stage(world)
    world.node("vendor-2", DENVER, type="VENDOR", partner_id="rival")
    world.stocked("TEA-001", dc_1=50)
    world.stocked("TEA-002", dc_2=50)
    world.stocked("CUP-001", vendor_1=50)
    body = a_body(("TEA-002", 2), channel="outlet")
    outlet = world.call("POST", "/v1/orders", body, who="other-shop").body["order_id"]
    digital = {"line_id": "digital", "sku": "POT-001", "quantity": 2, "kind": "DIGITAL"}
    web, vendor = world.placed(("TEA-001", 2), digital), world.placed(("CUP-001", 2))
    world.settle()
    provided = {"line_id": "digital", "quantity": 1, "proof": {"kind": "NOTE", "text": "done"}}
    assert world.change(web, "provide", provided).status == 200  # so that the order has an invoice
    world.settle()
    for thing in ("invoice", "invoice of the order"):
        made.own |= {(thing, CHANNEL): f"inv_{web[4:]}-001"}
        made.others |= {(thing, CHANNEL): f"inv_{outlet[4:]}-001"}
    made.own |= {("credit note", CHANNEL): credited(world, web)}
    made.others |= {("credit note", CHANNEL): f"crn_{outlet[4:]}-001"}
    items = {sku: put_back(world, sku) for sku in ("TEA-001", "TEA-002", "CUP-001")}
    of = {order: f"ful_{order[4:]}-001" for order in (outlet, web, vendor)}
    made.own |= {("order", CHANNEL): web, ("channel", CHANNEL): "web"}
    made.others |= {("order", CHANNEL): outlet, ("channel", CHANNEL): "outlet", ("line", CHANNEL): "2"}
    made.others |= {("channel asked about", CHANNEL): "outlet"}
    preview = {"preview": True, "reason": "x", "changes": [ONE_UNIT]}
    made.others |= {("preview", CHANNEL): world.change(outlet, "changes", preview).body["preview_id"]}
    made.others |= {("fulfillment of the order", CHANNEL): of[outlet], ("case", CHANNEL): opened_case(world, outlet)}
    made.own |= {("fulfillment of the order", CHANNEL): of[web], ("case", CHANNEL): opened_case(world, web)}
    for kind, mine, theirs in ((NODE, web, outlet), (WORKER, web, outlet), (PARTNER, vendor, web)):
        made.own |= {("fulfillment", kind): of[mine], ("node", kind): HOME[kind]}
        made.others |= {("fulfillment", kind): of[theirs], ("node", kind): "dc-2", ("line", kind): "2"}
        made.own |= {("item", kind): items["CUP-001" if kind == PARTNER else "TEA-001"]}
        made.own |= {("pick wave", kind): pick_wave(HOME[kind], kind)}
        made.others |= {
            ("closure", kind): "1",
            ("item", kind): items["TEA-002"],
            ("pick wave", kind): pick_wave("dc-2", kind),
            ("picker", kind): "other-picker",
        }
    for who, where in (("shop", made.own), ("other-shop", made.others)):
        where |= {("draft", CHANNEL): drafted(world, who)}
        where |= {("reservation", CHANNEL): kept(world, who), **promised(world, who)}
    made.own |= {("channel", FORM): "web", **of_form(promised(world, "form"))}
    made.own |= {("reservation", FORM): made.own["reservation", CHANNEL]}  # a form makes none: it may use no one's
    made.others |= {("channel", FORM): "outlet", ("channel asked about", FORM): "outlet", ("line", FORM): "2"}
    made.others |= {
        ("reservation", FORM): made.others["reservation", CHANNEL],
        **of_form(promised(world, "other-form")),
    }
    for kind, home in HOME.items():
        made.own |= {("supply", kind): purchase_order(world, home), ("request", kind): transfer_request(world, home)}
        made.others |= {
            ("supply", kind): purchase_order(world, "dc-2"),
            ("package", kind): "theirs",
            ("request", kind): transfer_request(world, "dc-2"),
        }
    parcels = {sku: shipped_parcel(world, sku, carrier) for sku, carrier in (("TEA-001", "dhl"), ("CUP-001", "ups"))}
    for kind in (PARTNER, CARRIER):
        made.own |= {("parcel", kind): parcels["CUP-001"], ("carrier of the parcel", kind): "ups"}
        made.others |= {("parcel", kind): parcels["TEA-001"], ("carrier of the parcel", kind): "dhl"}
    enrolled = world.call("POST", "/v1/devices", {"node_id": "dc-2", "name": "Till"}, who="office").body["device_id"]
    made.others |= {("person", kind): "other-picker" for kind in (WORKER, PARTNER)} | {("device", WORKER): enrolled}
    made.own |= {("person", WORKER): "picker"}
    card = {"channel": "web", "amount": usd(500), "reason": "x"}
    assert world.call("POST", "/v1/store-credits", {**card, "customer_id": "c-9"}).status == 201
    made.own |= {("gift card", CHANNEL): world.call("POST", "/v1/gift-cards", card).body["code"]}
    assert world.call("POST", "/v1/nodes/dc-2/closures", {"reason": "x"}, who="office").status == 201
    return made


def opened_case(world: World, order_id: str) -> str:
    reply = world.call("POST", f"/v1/orders/{order_id}/cases", {"kind": "LATE", "text": "x"}, who="office")
    return str(reply.body["case_id"])


def put_back(world: World, sku: str) -> str:
    """Cancel units that are picked at the node that has the sku, and return the id of the item in `put-back`."""
    order_id = world.placed((sku, 1))
    world.settle()
    world.steps(order_id, "accept", "pick")
    assert world.change(order_id, "cancel", {"reason": "x"}).status == 200
    world.settle()
    (row,) = world.order_items(order_id, "W#put-back")
    return f"{order_id}.{row['item']}"


def shipped_parcel(world: World, sku: str, carrier: str) -> str:
    """Ship a unit in a parcel of a carrier, and return its tracking number."""
    order_id, number = world.placed((sku, 1)), f"PARCEL-{carrier.upper()}"
    world.settle()
    sent = {"packages": [{"package_id": "p", "carrier": carrier, "tracking_number": number}]}
    assert world.step(order_id, "ship", body=sent).status == 200
    world.settle()
    return number


def kept(world: World, who: str) -> str:
    line = {"sku": "TEA-001", "quantity": 1, "node_id": "dc-1"}
    reply = world.call("POST", "/v1/reservations", {"request_id": "r", "lines": [line]}, who=who)
    assert reply.status == 201, reply.body
    return str(reply.body["reservation_id"])


def drafted(world: World, who: str) -> str:
    channel = "web" if who == "shop" else "outlet"
    body = {"channel": channel, "currency": "USD", "locale": "en-US", "lines": [DRAFTED], "customer": {"name": "Ada"}}
    body["ship_to"] = {"name": "Ada", "line1": "12 Main St", "city": "Chicago", "country": "US"} | TO
    reply = world.call("POST", "/v1/drafts", body, who=who)
    assert reply.status == 201, reply.body
    return str(reply.body["draft_id"])


def of_form(things: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Return the things of a shop as things of a form."""
    return {(thing, FORM): name for (thing, _), name in things.items()}


def promised(world: World, who: str) -> dict[tuple[str, str], str]:
    channel = "web" if who in ("shop", "form") else "outlet"
    lines = [{"line_id": "1", "sku": "TEA-001", "quantity": 1}]
    reply = world.call("POST", "/v1/promises", {"channel": channel, "lines": lines, "to": TO}, who=who)
    assert reply.status == 200, reply.body
    return {
        ("promise", CHANNEL): reply.body["promise_id"],
        ("option", CHANNEL): reply.body["recommended"] if who in ("shop", "form") else "another",
    }


def purchase_order(world: World, node: str) -> str:
    """Make a purchase order for a node, and return its id."""
    return tell_supply(world, {"type": "PURCHASE_ORDER"}, node)


def transfer_request(world: World, node: str) -> str:
    """Request a transfer from a node, and return its id."""
    return tell_supply(world, {"type": "TRANSFER", "origin_node_id": node}, "vendor-2", who="rival")


def tell_supply(world: World, more: dict[str, Any], node: str, who: str = "office") -> str:
    name = f"S-{uuid4().hex[:8]}"
    line = {"line": 1, "sku": "TEA-001", "node_id": node, "quantity": 5, "eta": "2026-11-25"}
    body = {"supply_id": name, "reference": "A", "action": "CREATE", "lines": [line], **more}
    reply = world.call("POST", "/v1/stock/supplies", body, who=who)
    assert reply.body["rows"][0]["status"] == "APPLIED", reply.body
    return name


def bodies(stage: Stage, route: Route, kind: str) -> list[dict[str, Any]]:
    """Return requests that the caller may make. Together they name every thing that the door takes."""
    own = {thing: name for (thing, of), name in stage.own.items() if of == kind}
    place = {"sku": "TEA-001", "node_id": HOME.get(kind, ""), "quantity": 1}
    wanted = {"request_id": "mine", "channel": "web", "lines": [{"sku": "TEA-001", "quantity": 1, "nodes": ["dc-1"]}]}
    option = {"promise_id": own.get("promise"), "option_id": own.get("option")}
    packed = {"lines": ONE, "packages": [{"package_id": "p", "contents": ONE}]}
    came = {"reference": "B", "action": "RECEIVE", "lines": [{"line": 1, "quantity": 1}]}
    made = {"reference": "A", "action": "CREATE", "type": "TRANSFER", "origin_node_id": "dc-2"}
    coming = [{"line": 1, **place, "eta": "2026-11-25"}]
    known: dict[str, list[dict[str, Any]]] = {
        "orders": [a_body(("TEA-001", 1), reservation_id=own.get("reservation"), **option)],
        "reservations": [wanted, {"request_id": "mine-2", "channel": "web", **option}],
        "drafts": [
            {"channel": "web", "currency": "USD", "locale": "en-US", "lines": [DRAFTED], **option},
            {"channel": "web", "currency": "USD", "locale": "en-US", "reservation_id": own.get("reservation")},
        ],
        "quote": [{"mail": False}],
        "confirm": [{"payments": [{"method": "CARD", "reference": "x", "authorized": usd(100_000)}]}],
        "{draft_id}": [
            {"set_lines": [{**DRAFTED, "line_id": "8"}], **option},
            {"reservation_id": own.get("reservation")},
            {"remove_lines": ["1"]},
        ],
        "promises": [{"channel": "web", "lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 1}], "to": TO}],
        "availability": [{"skus": ["TEA-001"], "channel": "web"}],
        "tax-quotes": [{"channel": "web", "currency": "USD", "lines": [{"sku": "TEA-001", "amount": usd(1_000)}]}],
        "gift-cards": [{"channel": "web", "amount": usd(500), "reason": "x"}],
        "credit-accounts": [
            {"channel": "web", "customer_id": "c-1", "limit": usd(500), "payment_days": 30, "reason": "x"}
        ],
        "store-credits": [{"channel": "web", "customer_id": "c-1", "amount": usd(500), "reason": "x"}],
        "find": [{"code": own.get("gift card")}],
        "freeze": [{"reason": "x"}],
        "unfreeze": [{"reason": "x"}],
        "expire": [{"reason": "x"}],
        "balance": [
            {"code": own.get("gift card"), "currency": "USD"},
            {"channel": "web", "customer_id": "c-9", "currency": "USD"},
        ],
        "cancel": [{"reason": "x", "lines": ONE}],
        "credit-notes": [
            {
                "invoice_id": own.get("invoice of the order"),
                "credit": "LINES",
                "lines": [{"line_id": "digital", "quantity": 1}],
                "reason": "x",
            }
        ],
        "nfe": [{"result": "REFUSED", "key": "35261111222333000181550010000000171142701500", "code": "778"}],
        "links": [{"revoke": True}],
        "provide": [{"line_id": "digital", "quantity": 1, "proof": {"kind": "NOTE", "text": "done"}}],
        "decline": [{"reason": "OTHER", "lines": ONE}],
        "short-pick": [{"reason": "NOT_FOUND", "lines": ONE}],
        "pack": [packed],
        "repack": [{"packages": packed["packages"]}],
        "deliver": [{"lines": ONE}, {"packages": ["p"]}],
        "hand-back": [{"lines": ONE, "reason": "OTHER"}],
        "recall-refuse": [{"reason": "OTHER"}],
        "collect": [{"amount": {"amount": 1, "currency": "USD"}, "reference": "r"}],
        "lose": [{"lines": ONE, "reason": "DESTROYED"}, {"packages": ["p"], "reason": "DESTROYED"}],
        "ship": [packed],
        **{
            step: [{"lines": ONE}]
            for step in ("accept", "start-pick", "pick", "ready", "hand-over", "recall-agree", "no-show")
        },
        "extend": [{"ttl_seconds": 600}],
        "changes": [{"reason": "x", "changes": [ONE_UNIT], "preview_id": None}],
        "payments": [
            {"payments": [{"method": "CARD", "reference": "a2", "authorized": {"amount": 1, "currency": "USD"}}]}
        ],
        "payment-links": [{"method": "LINK"}],
        "withdraw": [{"reason": "x"}],
        "adjustments": [{"adjustment_id": "a", "reason": "x", "rows": [place]}],
        "locations": [
            {
                "as_of": "2026-11-19T12:00:00Z",
                "rows": [{"sku": "TEA-001", "location": {"zone": "A", "aisle": 1, "rack": 1}}],
            }
        ],
        "snapshots": [{"reference": "a", "counted_at": "2026-11-19T12:00:00Z", "rows": [place]}],
        "supplies": [
            {"supply_id": own.get("supply"), **came},
            {"supply_id": f"N-{kind}", **made, "lines": coming},
        ],
        "cases": [
            {
                "kind": "LATE",
                "text": "x",
                "line_ids": ["1"],
                "fulfillment_ids": [own.get("fulfillment of the order")],
            }
        ],
        "note": [{"text": "x"}],
        "case-mails": [{"message_id": "<1@x>", "from": "ada@example.org", "text": "x"}],
        "tracking-events": [
            {
                "events": [
                    {
                        "tracking_number": own.get("parcel"),
                        "carrier": own.get("carrier of the parcel"),
                        "status": "IN_TRANSIT",
                        "occurred_at": "2026-11-19T12:00:00Z",
                    }
                ]
            }
        ],
        "approve": [{"lines": [1]}],
        "refuse": [{"lines": [1]}],
        "claim": [{}] if "{item_id}" in route.path else [{"node_id": HOME.get(kind)}],
        "resolve": [
            {"answer": "done"} if "{item_id}" in route.path else {"items": [own.get("item")], "answer": "done"}
        ],
        "closures": [{"reason": "x"}],
        "pick-waves": [{"node_id": HOME.get(kind)}],
        "assign": [{"picker_id": "picker" if kind != PARTNER else None}] if "{wave_id}" in route.path else [{}],
        "devices": [{"node_id": HOME.get(kind, ""), "name": "Till"}],
        "badges": [{"pin": "4711"}],
        "{day}": [{"units": 5}],
    }
    return known.get(route.path.rsplit("/", 1)[-1], [{}])


def path_of(stage: Stage, route: Route, kind: str, changed: dict[str, str]) -> str:
    things = ownership.named(route)
    values = {"{day}": "2026-11-20", "{closure_id}": "1", "{queue}": "put-back"}
    values |= {place: stage.own.get((things[place], kind), "") for place in things if place.startswith("{")} | changed
    path = route.path
    for place, value in values.items():
        path = path.replace(place, value or "1")
    return path


def put_at(body: dict[str, Any], place: str, value: str) -> dict[str, Any] | None:
    """Return the body with another value of a field, or None if it does not have the field."""
    made = deepcopy(body)
    at: Any = made
    *way, last = place.strip("/").split("/")
    for part in way:
        at = at[0] if part == "*" and isinstance(at, list) else at.get(part) if isinstance(at, dict) else None
        if at is None:
            return None
    if last == "*":
        at[0] = value if isinstance(at[0], str) else int(value) if value.isdecimal() else 77
    elif last not in at:
        return None
    else:
        at[last] = 77 if last == "line" else value
    return made


def send_to(stage: Stage, route: Route, kind: str, path: str, body: Any, **how: Any) -> Reply:
    etag = None
    if route.method == "PATCH":
        draft = stage.world.call("GET", path, who=WHO[kind])
        etag = draft.etag if draft.status == 200 else '"v1"'
    if route.path.startswith("/v1/drafts/") and route.path.endswith(("/quote", "/confirm")):
        draft = stage.world.call("GET", path.rsplit("/", 1)[0], who=WHO[kind])
        etag = draft.etag if draft.status == 200 else '"v1"'
    if route.path.endswith(("/cancel", "/changes", "/credit-notes", "/payment-links", "/pending-change/withdraw")):
        etag = '"v1"'
        order = stage.world.call("GET", "/".join(path.split("/")[:4]), who=WHO[kind])
        etag = order.etag if order.status == 200 else '"v1"'
    return stage.world.call(route.method, path, body, who=WHO[kind], if_match=etag, **how)


def refused(reply: Reply) -> bool:
    if reply.status == 200 and "rows" in reply.body:
        return all(row["status"] in ("REJECTED", "refused") for row in reply.body["rows"])
    return reply.status in (403, 404, 409, 422)


def without_keys(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the tables without the rows of idempotency keys."""
    return {name: [row for row in rows if not row["pk"].startswith("IDEM#")] for name, rows in tables.items()}


def attempts(stage: Stage, route: Route, kind: str) -> Iterator[tuple[str, str, str, Any, str, Any]]:
    """Yield (field, thing, path and body that name another's, path and body with an unknown id)."""
    for place, thing in ownership.named(route).items():
        if THINGS[thing].rule(kind) not in (OWN, PART) or thing == "telling":
            continue
        if (thing, kind) not in stage.others:
            assert thing == "line", (route.path, place, thing)
            continue
        theirs, nobodys = stage.ids(thing, kind)
        for body in bodies(stage, route, kind):
            if body.get("action") == "CREATE" and thing in ("supply", "line"):
                continue  # it makes them: tests/functions/inbox/test_supplies.py says that it makes none in another's supply
            if place.startswith("{"):
                paths = [path_of(stage, route, kind, {place: name}) for name in (theirs, nobodys)]
                yield place, thing, paths[0], body, paths[1], body
            elif (changed := put_at(body, place, theirs)) is not None:
                path = path_of(stage, route, kind, {})
                yield place, thing, path, changed, path, put_at(body, place, nobodys)


CASES = [(route, kind) for route in ownership.writes() for kind in ownership.kinds(route)]


def test_no_caller_changes_by_any_door_what_belongs_to_another(stage: Stage, subtests: pytest.Subtests):
    before = without_keys(stage.world.tables())
    tried: set[tuple[str, str, str]] = set()
    for route, kind in CASES:
        for place, thing, path, body, nowhere, nothing in attempts(stage, route, kind):
            theirs, nobodys = stage.ids(thing, kind)
            there = send_to(stage, route, kind, path, body)
            absent = send_to(stage, route, kind, nowhere, nothing)
            tried.add((route.path, kind, place))
            with subtests.test(f"{kind}: {route.method} {route.path} {place}"):
                assert refused(there), there.body
                assert there.status == absent.status
                assert words(there).replace(theirs, nobodys) == words(absent).replace(theirs, nobodys)
                assert without_keys(stage.world.tables()) == before
    must = {
        (route.path, kind, place)
        for route, kind in CASES
        for place, thing in ownership.named(route).items()
        if THINGS[thing].rule(kind) == OWN
    }
    assert must <= tried
    print(f"ownership: {len(tried)} things of others tried")  # noqa: T201  # a published figure


def words(reply: Reply) -> str:
    return (
        json.dumps({**reply.body, "trace_id": ""}, sort_keys=True) if isinstance(reply.body, dict) else str(reply.body)
    )


def test_the_same_requests_are_taken_if_all_things_are_the_callers(stage: Stage, subtests: pytest.Subtests):
    """This proves that the test above refuses a request for its changed field alone."""
    taken = 0
    # An order takes the reservation that a draft names, too, and a hard one is not taken there.
    last = ("release", "cancel", "promote", "/v1/orders", "/v1/drafts/{draft_id}/confirm")
    for route, kind in sorted(CASES, key=lambda case: case[0].path.endswith(last)):
        if kind == WORKER:  # it has the work of its node's system, which has done it by then
            continue
        if route.room == "people":  # for people alone; `acme` is an application
            continue
        for body in bodies(stage, route, kind):
            if kind == FORM and "reservation_id" in body:
                body = {**body, "reservation_id": None}  # noqa: PLW2901  a form has no reservation of its own
            reply = send_to(stage, route, kind, path_of(stage, route, kind, {}), body)
            with subtests.test(f"{kind}: {route.method} {route.path}"):
                # The work has gone on meanwhile: then its status forbids the step, which is seen only where it is theirs.
                # An item that is answered is gone.
                places = ("capacity", "{closure_id}", "{item_id}")
                assert reply.status in (200, 201, 409) or any(place in route.path for place in places), reply.body
                taken += reply.status in (200, 201)
    assert taken > 15


def test_the_office_may_name_the_things_of_everybody(stage: Stage):
    for (thing, kind), name in stage.others.items():
        if thing in ("order", "reservation"):
            path = {"order": "/v1/orders/", "reservation": "/v1/reservations/"}[thing] + name
            assert stage.world.call("GET", path, who="office").status == 200, (thing, kind)


@pytest.mark.parametrize(("kind", "who"), [(NODE, "dc-1-system"), (PARTNER, "acme"), (WORKER, "picker")])
def test_a_transfer_from_anothers_node_is_asked_and_moves_no_stock(stage: Stage, kind: str, who: str):
    assert THINGS["origin"].rule(kind) == ASKED
    world, name = stage.world, f"T-{kind}"
    line = {"line": 1, "sku": "TEA-002", "node_id": HOME[kind], "quantity": 5, "eta": "2026-11-25"}
    made = {"supply_id": name, "reference": "A", "action": "CREATE", "type": "TRANSFER", "origin_node_id": "dc-2"}
    before = world.call("GET", "/v1/stock/TEA-002", who="office").body

    asked_for = world.call("POST", "/v1/stock/supplies", {**made, "lines": [line]}, who=who)
    for action in ("SHIP", "RECEIVE"):
        step = {"supply_id": name, "reference": action, "action": action, "lines": [{"line": 1, "quantity": 5}]}
        world.call("POST", "/v1/stock/supplies", step, who=who)
    nowhere = world.call("POST", "/v1/stock/supplies", {**made, "lines": [line], "origin_node_id": "moon"}, who=who)

    assert asked_for.body["rows"][0]["code"] == "transfer-requested"
    assert world.call("GET", "/v1/stock/TEA-002", who="office").body == before
    assert (nowhere.status, nowhere.errors) == (422, [("/origin_node_id", "unknown-node")])


def test_the_same_name_from_two_callers_names_two_things(world: World):
    world.stocked("TEA-001", dc_1=5)
    world.stocked("TEA-001", dc_2=5)
    orders = [
        world.call("POST", "/v1/orders", a_body(channel=channel, external_id="WEB-1"), who=who)
        for who, channel in (("shop", "web"), ("other-shop", "outlet"))
    ]
    wanted = {"request_id": "r-1", "lines": [{"sku": "TEA-001", "quantity": 1, "node_id": "dc-1"}]}
    reservations = [world.call("POST", "/v1/reservations", wanted, who=who) for who in ("shop", "other-shop")]
    rows = {
        who: [{"sku": "TEA-001", "node_id": node, "quantity": 2}]
        for who, node in (("dc-1-system", "dc-1"), ("dc-2-system", "dc-2"))
    }
    adjusted = [
        world.call("POST", "/v1/stock/adjustments", {"adjustment_id": "a", "reason": "x", "rows": row}, who=who)
        for who, row in rows.items()
    ]
    counted = [
        world.call(
            "POST",
            "/v1/stock/snapshots",
            {"reference": "c", "counted_at": "2026-11-19T12:00:00Z", "rows": [{**row[0], "node_id": "dc-1"}]},
            who=who,
        )
        for who, row in (("dc-1-system", rows["dc-1-system"]), ("office", rows["dc-1-system"]))
    ]

    assert [reply.status for reply in (*orders, *reservations)] == [201] * 4
    assert orders[0].body["order_id"] != orders[1].body["order_id"]
    assert reservations[0].body["reservation_id"] != reservations[1].body["reservation_id"]
    assert [reply.body["rows"][0]["status"] for reply in adjusted] == ["APPLIED", "APPLIED"]
    assert [reply.status for reply in counted] == [200, 200]
    assert "DUPLICATE" not in str(counted[1].body)


def test_a_partner_has_the_same_nodes_in_its_calls_as_in_its_files(world: World):
    """They are the nodes that its entry lists, and the nodes that name it as their partner."""
    world.aws.put("Directory", **keys.client("acme-2"), kind="partner", partner="acme")
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["dc-2"]})
    counted = {"counted_at": "2026-11-19T12:00:00Z"}

    said = {
        node: world.call(
            "POST",
            "/v1/stock/snapshots",
            {**counted, "reference": node, "rows": [{"sku": "TEA-001", "node_id": node, "quantity": 1}]},
            who="acme-2",
        ).status
        for node in ("dc-1", "dc-2", "vendor-1")
    }

    assert said == {"dc-1": 422, "dc-2": 200, "vendor-1": 200}


def test_a_node_belongs_to_the_partner_that_it_names_although_another_one_lists_it(world: World):
    """Entries that were stored before they were compared may contradict one another. The node's own entry then wins."""
    world.aws.put("Directory", **keys.client("rival-2"), kind="partner", partner="rival", nodes=["vendor-1"])
    world.entry(directory.PARTNER, "rival", {"name": "Rival", "nodes": ["vendor-1", "dc-2"]})
    world.stocked("CUP-001", vendor_1=5)
    order_id = world.placed(("CUP-001", 1))
    world.settle()
    count = {"counted_at": "2026-11-19T12:00:00Z", "reference": "c"}
    count |= {"rows": [{"sku": "TEA-001", "node_id": "vendor-1", "quantity": 1}]}
    fulfillment = f"/v1/fulfillments/ful_{order_id[4:]}-001"
    ledger = {"node_id": "vendor-1"}

    def answers(who: str) -> list[int]:
        return [
            world.call("GET", "/v1/fulfillments", who=who, query={"node_id": "vendor-1"}).status,
            world.call("GET", fulfillment, who=who).status,
            world.call("GET", f"/v1/orders/{order_id}/contact", who=who).status,
            world.call("GET", "/v1/stock/CUP-001/movements", who=who, query=ledger).status,
            world.call("POST", "/v1/stock/snapshots", count, who=who).status,
        ]

    assert answers("rival-2") == [404, 404, 404, 404, 422]
    assert answers("acme") == [200] * 5
    assert directory.nodes_of("rival") == {"dc-2"}
    for who, theirs in (("rival-2", {"vendor-1": False, "dc-2": True}), ("acme", {"vendor-1": True, "dc-2": False})):
        listed = {item["id"] for item in world.call("GET", "/v1/nodes", who=who).body["items"]}
        assert {node: node in listed for node in theirs} == theirs


# Files


def test_no_file_changes_what_belongs_to_another(stage: Stage, subtests: pytest.Subtests):
    world = stage.world
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["vendor-1"]})
    listed = {"name": "Web", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01"}
    assert world.call("PUT", "/v1/price-lists/not-theirs", listed, who="office").status == 201
    theirs, own = stage.others["fulfillment", PARTNER], stage.own["fulfillment", PARTNER]
    left = {"shipment_id": "s", "quantity": 1, "shipped_at": "2026-11-19T12:00:00Z"}
    counted = {"reference": "c", "sku": "TEA-001", "mode": "count", "quantity": 1}
    made = {"supply_id": "N-1", "line": 1, "reference": "A", "action": "CREATE", "type": "PURCHASE_ORDER"}
    made |= {"sku": "TEA-001", "node": "vendor-1", "quantity": 1, "eta": "2026-11-25"}
    came = {"line": 1, "reference": "B", "action": "RECEIVE", "quantity": 1}
    scanned = {"status": "IN_TRANSIT", "occurred_at": "2026-11-19T12:00:00Z"}
    pairs: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {
        ("shipments", "order_id"): (
            {**left, "order_id": f"ord_{theirs[4:-4]}", "line_id": "1"},
            {**left, "order_id": NOBODYS["order"], "line_id": "1"},
        ),
        ("shipments", "fulfillment_id"): (
            {**left, "fulfillment_id": theirs, "line_id": "1"},
            {**left, "fulfillment_id": NOBODYS["fulfillment"], "line_id": "1"},
        ),
        ("shipments", "line_id"): (
            {**left, "fulfillment_id": own, "line_id": "2"},
            {**left, "fulfillment_id": own, "line_id": "77"},
        ),
        ("shipments", "sku"): (
            {**left, "fulfillment_id": own, "sku": "TEA-001"},
            {**left, "fulfillment_id": own, "sku": "NOTHING"},
        ),
        ("stock", "node"): ({**counted, "node": "dc-1"}, {**counted, "node": "moon"}),
        ("tracking", "tracking_number"): (
            {**scanned, "tracking_number": stage.others["parcel", PARTNER]},
            {**scanned, "tracking_number": "NOBODYS"},
        ),
        ("tracking", "carrier"): (
            {**scanned, "tracking_number": stage.own["parcel", PARTNER], "carrier": "dhl"},
            {**scanned, "tracking_number": stage.own["parcel", PARTNER], "carrier": "nobody"},
        ),
        ("prices", "price_list"): (
            {"sku": "TEA-001", "unit_price": 100, "currency": "USD", "price_list": "not-theirs"},
            {"sku": "TEA-001", "unit_price": 100, "currency": "USD", "price_list": "nobodys"},
        ),
        ("supplies", "node"): ({**made, "node": "dc-1"}, {**made, "node": "moon"}),
        ("supplies", "supply_id"): (
            {**came, "supply_id": stage.others["supply", PARTNER]},
            {**came, "supply_id": "nothing"},
        ),
        ("supplies", "line"): (
            {**came, "supply_id": stage.own["supply", PARTNER], "line": 2},
            {**came, "supply_id": stage.own["supply", PARTNER], "line": 77},
        ),
    }
    before = {name: without_keys(world.tables())[name] for name in ("Orders", "Stock")}
    for (kind, column), rows in pairs.items():
        lines = send(world, as_csv(*rows), kind)
        with subtests.test(f"{kind}: {column}"):
            assert [line["status"] for line in lines if "totals" not in line] == ["REJECTED", "REJECTED"]
            assert {**lines[0], "line": 0} == {**lines[1], "line": 0}
            assert {name: without_keys(world.tables())[name] for name in ("Orders", "Stock")} == before
    must = {
        (kind, column)
        for kind in KINDS
        for column, thing in ownership.columns(kind).items()
        if THINGS[thing].rule(PARTNER) in (OWN, PART) and thing != "telling"
    }
    assert must == pairs.keys()
    assert outcomes(send(world, as_csv({**left, "fulfillment_id": own, "line_id": "1"}), "shipments")) == ["APPLIED"]


def test_a_receipt_says_the_same_of_anothers_node_as_of_an_unknown_node(stage: Stage):
    world = stage.world
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["vendor-1", "vendor-2"]})
    count = {"reference": "c", "sku": "TEA-001", "mode": "count", "quantity": 1}
    left = {"shipment_id": "s", "quantity": 1, "shipped_at": "2026-11-19T12:00:00Z", "line_id": "1"}
    world.stocked("POT-001", vendor_2=5)
    order_id = world.placed(("POT-001", 1))
    world.settle()

    counted = send(world, as_csv({**count, "node": "vendor-2"}, {**count, "node": "vendor-1"}), "stock")
    sent = send(world, as_csv({**left, "order_id": order_id}), "shipments")

    assert outcomes(counted) == ["REJECTED unknown-node", "APPLIED"]
    assert outcomes(sent) == ["REJECTED unknown-order"]


# The table itself


def test_every_field_of_every_door_and_every_column_has_a_row_of_ownership():
    for route in ownership.writes():
        for place, thing in ownership.named(route).items():
            for kind in ownership.kinds(route):
                assert THINGS[thing].rule(kind) != ownership.NOBODY, (route.path, place, kind)
    used = {thing for route in ownership.writes() for thing in ownership.named(route).values()}
    used |= {thing for kind in KINDS for thing in ownership.columns(kind).values()}
    assert used == set(THINGS)


def test_a_field_without_a_row_of_ownership_is_named():
    with pytest.raises(KeyError, match="name its owner in openapi"):
        ownership._thing("/v1/orders", "/lines/*/warehouse_id")


def test_the_page_of_ownership_has_the_rows_of_the_table():
    assert ownership_page.FILE.read_text(encoding="utf-8") == ownership_page.page(), "run `comanda ownership`"
