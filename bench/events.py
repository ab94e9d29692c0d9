"""
Make the scene of each measured handler: its event, and the tables' answers, as plain JSON.

The scene is made in a process of its own, so that its imports do not change a measured start-up.

Called by   bench/probe.py: python -m bench.events <module>[:<skus>]; prints {"event", "items", "pages", "always"}
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import promise_events, scenes, stock_events

Scene = dict[str, Any]


def scene_of(name: str) -> Scene:
    """
    Return the scene of a handler.

    `event` has `{n}` at places that must differ in each event; `items` and `pages` are by pk, `always` by operation.
    """
    module, _, size = name.partition(":")
    if module == "functions.intake.handler" and size:
        return _preview() if size == PREVIEW else _place_order(int(size))
    if size:
        return stock_events.scene_of(int(size))
    return {
        "bench.naive": _place_order,
        "functions.intake.handler": _place_order,
        "functions.fulfill.handler": _accept,
        "functions.tracking.handler": _scan,
        "functions.drafts.handler": _cart,
        "functions.route.handler": _route,
        "functions.wait.handler": _wait,
        "functions.conduct.handler": _conduct,
        "functions.relay.handler": _relay,
        "functions.promise.handler": promise_events.scene,
        "functions.console.handler": _page,
        "bench.naive_promise": promise_events.scene,
    }[module]()


PREVIEW = "preview"
ORDER_ID = "ord_us1_01J0000000000000000000000A"


def _order(*, routed: bool) -> Any:
    """Return a 10-line order as the domain makes it, saved as version 1 (2 when routed)."""
    from dataclasses import replace

    from comanda.aws.geography import destinations
    from comanda.domain.lifecycle import place
    from comanda.domain.routing.inputs import RouterInputs
    from comanda.domain.routing.route import route
    from comanda.domain.scheduling.schedule import schedule
    from functions.intake.contract import OrderIn
    from functions.intake.rules import to_order

    now = datetime.now(UTC) - timedelta(minutes=1)
    given = OrderIn.model_validate(scenes.order_body("W-1"))
    products = {f"SKU-{n:03d}": {"title": f"Product {n}", "weight_g": 300} for n in range(scenes.LINES)}
    to = destinations.locate(given.ship_to, pointer="/ship_to") if given.ship_to else None
    made = to_order(given, ORDER_ID, "c1", products, {}, now, to)
    order = replace(place.place_order(made, (), "shop", now).order, version=1)
    if routed:
        positions = _positions()
        plan = route(order, RouterInputs(positions=positions, nodes=_nodes()), now)
        order = replace(schedule(order, plan, positions, now).order, version=2)
    return order


def _nodes() -> Any:
    from comanda.domain.nodes.calendars import Calendar
    from comanda.domain.nodes.node import Node

    start, end = datetime.min.time(), datetime.max.time()
    calendar = Calendar(timezone="America/New_York", hours=tuple((day, start, end) for day in range(7)))
    return tuple(
        Node(
            node_id=f"node-{n:02d}",
            type="WAREHOUSE" if n < 2 else "STORE",
            country="US",
            latitude=30.0 + n / 4,
            longitude=-75.0 - n / 4,
            calendar=calendar,
        )
        for n in range(42)
    )


def _positions() -> Any:
    from comanda.domain.stock.stock import Position

    return tuple(
        Position(sku=f"SKU-{s:03d}", node=f"node-{n:02d}", on_hand=(("sellable", 50),), free=50)
        for s in range(scenes.LINES)
        for n in range(42)
    )


def _saved(order: Any) -> dict[str, Any]:
    """Return the order's item by its pk, as DynamoDB answers it: bytes are base64 text."""
    from base64 import b64encode

    from comanda.aws.dynamodb.items import item, pack
    from comanda.domain.orders import document

    row = item({"pk": f"O#{order.order_id}", "sk": "#", "doc": pack(document.from_order(order))})
    return {f"O#{order.order_id}": {k: {"B": b64encode(v["B"]).decode()} if "B" in v else v for k, v in row.items()}}


def _place_order(hold_types: int = 1) -> Scene:
    """Return a 10-line order placed, beside so many types of holds, none of which applies."""
    names = scenes.hold_type_names(hold_types)
    listed = [{"pk": {"S": f"HOLDTYPE#{name}"}, "sk": {"S": "#"}, "gsi1sk": {"S": name}} for name in names]
    return {
        "event": scenes.place_event(),
        "items": scenes.directory_rows(hold_types),
        "pages": {"HOLDTYPE#0": listed},
        "always": {"GetSecretValue": {"SecretString": "x" * 64}},
    }


def _accept() -> Scene:
    resource = "/v1/fulfillments/{fulfillment_id}/accept"
    path = f"/v1/fulfillments/{ORDER_ID.replace('ord', 'ful')}-001/accept"
    admin = {"pk": {"S": "CLIENT#shop"}, "sk": {"S": "#"}, "kind": {"S": "admin"}}
    return {
        "event": scenes.gateway_event("POST", resource, path, {}),
        "items": {"CLIENT#shop": admin, **_saved(_order(routed=True))},
    }


def _preview() -> Scene:
    """Return the scene of a preview of ten changes of prices, one for each line of a 10-line order at its nodes."""
    resource = "/v1/orders/{order_id}/changes"
    order = _order(routed=True)
    changes = [
        {
            "modification": "price",
            "line_id": line.line_id,
            "unit_price": {"amount": line.unit_price + 100, "currency": order.currency},
        }
        for line in order.lines
    ]
    body = {"preview": True, "reason": "asked to", "changes": changes}
    admin = {"pk": {"S": "CLIENT#shop"}, "sk": {"S": "#"}, "kind": {"S": "admin"}}
    return {
        "event": scenes.gateway_event("POST", resource, f"/v1/orders/{ORDER_ID}/changes", body),
        "items": {"CLIENT#shop": admin, **_saved(order)},
        "always": {"GetSecretValue": {"SecretString": "x" * 64}},
    }


def _cart() -> Scene:
    """Return the scene of a 10-line cart that a shop stores."""
    sent = scenes.order_body("")
    body = {name: sent[name] for name in ("channel", "currency", "locale", "customer", "ship_to", "discounts")}
    lines = [{**line, "tax_rate": line["tax"]["rate"]} for line in sent["lines"]]
    body["lines"] = [{name: value for name, value in line.items() if name != "tax"} for line in lines]
    return {
        "event": scenes.gateway_event("POST", "/v1/drafts", "/v1/drafts", {**body, "open_cart": True}),
        "items": scenes.directory_rows(1),
        "always": {"GetSecretValue": {"SecretString": "x" * 64}},
    }


def _scan() -> Scene:
    """Return the scene of one scan of the parcel of a 10-line order, which moves no unit."""
    from comanda.domain.lifecycle.node_work.ship import Shipment, ship
    from comanda.domain.lifecycle.node_work.work import Step
    from comanda.domain.orders.fulfillment import Package

    now = datetime.now(UTC)
    parcel = Package(package_id="p-1", carrier="UPS", tracking_number="1Z999")
    shipment = Shipment(shipment_id="s-1", shipped_at=now, packages=(parcel,))
    shipped = ship(_order(routed=True), Step(number=1, actor="shop", at=now), shipment).saved
    admin = {"pk": {"S": "CLIENT#shop"}, "sk": {"S": "#"}, "kind": {"S": "admin"}}
    row = {"pk": {"S": "TRK#UPS#1Z999"}, "sk": {"S": f"{ORDER_ID.replace('ord', 'ful')}-001"}}
    scan = {"tracking_number": "1Z 999", "status": "IN_TRANSIT", "occurred_at": now.isoformat(timespec="seconds")}
    return {
        "event": scenes.gateway_event("POST", "/v1/tracking-events", "/v1/tracking-events", {"events": [scan]}),
        "items": {"CLIENT#shop": admin, **_saved(shipped)},
        "pages": {"TRK#1Z999": [row]},
    }


def _route() -> Scene:
    """Return the scene of a route: ten skus at 42 nodes each, which are 420 positions."""
    from comanda.aws.dynamodb.items import item

    calendar = {
        "timezone": "America/New_York",
        "hours": [{"weekday": day, "opens": "00:00", "closes": "23:59"} for day in range(7)],
    }
    pack = [
        {
            "id": node.node_id,
            "type": node.type,
            "country": "US",
            "latitude": node.latitude,
            "longitude": node.longitude,
            "ship": True,
            "pickup": False,
            "accept_minutes": 60,
            "ship_minutes": 600,
            "calendar": calendar,
        }
        for node in _nodes()
    ]
    by_sku: dict[str, list[dict[str, Any]]] = {}
    for p in _positions():
        row = {"sku": p.sku, "node": p.node, "on_hand": dict(p.on_hand), "hard": {}, "free": p.free, "rev": 1}
        by_sku.setdefault(f"S#{p.sku}", []).append(item(row))

    by_sku["PACK#nodes"] = [item({"doc": json.dumps(pack)})]
    return {
        "event": {"order_id": ORDER_ID, "state": "Route"},
        "items": _saved(_order(routed=False)),
        "pages": by_sku,
    }


def _wait() -> Scene:
    event = {"order_id": ORDER_ID, "wait": "order", "state": "UntilSettled", "token": "t"}
    return {"event": event, "items": _saved(_order(routed=True))}


def _stream() -> dict[str, Any]:
    image = {
        "pk": {"S": f"O#{ORDER_ID}"},
        "sk": {"S": "E#00000002"},
        "order_id": {"S": ORDER_ID},
        "version": {"N": "2"},
        "type": {"S": "routed"},
        "actor": {"S": "router"},
        "at": {"S": "2026-11-22T10:00:00.000Z"},
        "channel": {"S": "web"},
        "status": {"S": "RELEASED"},
        "data": {"S": '{"fulfillments":[{"fulfillment":1,"node":"node-01"}]}'},
    }
    return {"Records": [{"eventName": "INSERT", "dynamodb": {"NewImage": image}}]}


def _conduct() -> Scene:
    return {"event": _stream(), "items": _saved(_order(routed=True))}


def _relay() -> Scene:
    return {"event": _stream(), "always": {"PutEvents": {"FailedEntryCount": 0, "Entries": []}}}


def _page() -> Scene:
    """Return a request of a signed-in person for a page that makes no call of the API: to find, with nothing typed yet."""
    from base64 import b64encode

    from comanda.aws.console import sessions
    from comanda.aws.dynamodb import transaction
    from comanda.aws.dynamodb.items import attributes, item

    now, person = (
        int(datetime.now(UTC).timestamp()),
        {"id": "ana", "name": "Ana", "roles": ["staff"], "desks": ["sales"]},
    )
    looks = {"nodes": [], "locale": "pt-BR", "theme": "auto", "density": "roomy", "keys": True}
    tokens = sessions.Tokens(access="a" * 1_000, ends=now + 900, refresh="r" * 1_700, person=person | looks)
    written: list[dict[str, Any]] = []
    transaction.commit = lambda writes: written.extend(write.operation["Put"]["Item"] for write in writes)
    session = sessions.begin("ana", tokens, handheld=False, now=now)
    row = item({**attributes(written[0]), "minute": 0})
    addresses = {
        "console-url": "https://x.test/console",
        "sign-in-url": "https://y.test",
        "console-client": "c",
        "api-url": "https://x.test",
    }
    return {
        "event": {
            "httpMethod": "GET",
            "resource": "/console/{page+}",
            "path": "/console/find",
            "pathParameters": {"page": "find"},
            "headers": {"Cookie": f"__Host-comanda-us1={session.cookie}"},
            "requestContext": {"requestId": "r"},
        },
        "items": {row["pk"]["S"]: {**row, "sealed": {"B": b64encode(row["sealed"]["B"]).decode()}}},
        "always": {
            "GetParameters": {
                "Parameters": [{"Name": f"/comanda/bench/{name}", "Value": value} for name, value in addresses.items()]
            }
        },
    }


if __name__ == "__main__":
    scenes.set_environment()
    print(json.dumps(scene_of(sys.argv[1])))
