"""
Make the scene of each measured handler: its event, and the tables' answers, as plain JSON.

The scene is made in a process of its own, so that its imports do not change a measured start-up.

Called by   bench/probe.py: python -m bench.events <module>[:<skus>]; prints {"event", "items", "pages", "always"}
"""

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bench import books, first_events, money_files, promise_events, sample_order, scenes, stock_events

Scene = dict[str, Any]


def scene_of(name: str) -> Scene:
    """
    Return the scene of a handler.

    `event` has `{n}` at places that must differ in each event; `items` and `pages` are by pk, `always` by operation.
    """
    module, _, size = name.partition(":")
    if module == "functions.intake.handler" and size:
        return _preview() if size == PREVIEW else _place_order(int(size))
    if module == "functions.promise.handler" and size:
        return promise_events.scene(int(size))
    if module == "functions.inbox.handler" and size:
        return money_files.scene(size)
    if module == "functions.fulfill.handler" and size:
        return _pick_scan()
    if module == "functions.books.handler" and size:
        return books.scene()
    if size:
        return stock_events.scene_of(int(size))
    if module == "bench.naive":
        return _place_order()
    if module == "bench.naive_promise":
        return promise_events.scene()
    return scenes_of_rooms()[module.split(".")[1]]()


def scenes_of_rooms() -> Mapping[str, Callable[[], Scene]]:
    """Return the scene of each room."""
    return {
        **first_events.SCENES,
        "conduct": _conduct,
        "console": _page,
        "drafts": _cart,
        "fulfill": _accept,
        "intake": _place_order,
        "promise": promise_events.scene,
        "relay": _relay,
        "route": _route,
        "tracking": _scan,
        "wait": _wait,
    }


PREVIEW = "preview"


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
    path = f"/v1/fulfillments/{sample_order.ORDER_ID.replace('ord', 'ful')}-001/accept"
    admin = {"pk": {"S": "CLIENT#shop"}, "sk": {"S": "#"}, "kind": {"S": "admin"}}
    return {
        "event": scenes.gateway_event("POST", resource, path, {}),
        "items": {"CLIENT#shop": admin, **sample_order.saved(sample_order.order(routed=True))},
    }


def _pick_scan() -> Scene:
    """Return the scene of a scanned unit of a 10-line order that is being picked, of which others are scanned."""
    from comanda.aws.dynamodb import keys
    from comanda.aws.dynamodb.items import item, pack
    from comanda.domain.lifecycle.node_work.work import Step, advance

    now, order_id = datetime.now(UTC), sample_order.ORDER_ID
    order = sample_order.order(routed=True)
    for step in ("accept", "start-pick"):
        order = advance(order, step, Step(number=1, actor="shop", at=now)).saved
    _, last = (line for line, _ in list(order.units_of(1))[-2:])
    session = {"units": {last.line_id: 1}, "steps": [[last.line_id, 1, "shop", now.isoformat()]], "claims": {}}
    key = keys.pick_session(order_id, 1)
    row = {**key, "version": 1, "doc": pack(session)}
    path = f"/v1/fulfillments/{order_id.replace('ord', 'ful')}-001/scans"
    admin = {"pk": {"S": "CLIENT#shop"}, "sk": {"S": "#"}, "kind": {"S": "admin"}}
    return {
        "event": scenes.gateway_event(
            "POST", "/v1/fulfillments/{fulfillment_id}/scans", path, {"code": next(order.units_of(1))[0].sku}
        ),
        "items": {
            "CLIENT#shop": admin,
            **sample_order.saved(order),
            f"{key['pk']} {key['sk']}": sample_order.as_answered(item(row)),
        },
    }


def _preview() -> Scene:
    """Return the scene of a preview of ten changes of prices, one for each line of a 10-line order at its nodes."""
    resource = "/v1/orders/{order_id}/changes"
    order = sample_order.order(routed=True)
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
        "event": scenes.gateway_event("POST", resource, f"/v1/orders/{sample_order.ORDER_ID}/changes", body),
        "items": {"CLIENT#shop": admin, **sample_order.saved(order)},
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
    admin = {"pk": {"S": "CLIENT#shop"}, "sk": {"S": "#"}, "kind": {"S": "admin"}}
    row = {"pk": {"S": "TRK#UPS#1Z999"}, "sk": {"S": f"{sample_order.ORDER_ID.replace('ord', 'ful')}-001"}}
    scan = {
        "tracking_number": "1Z 999",
        "status": "IN_TRANSIT",
        "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return {
        "event": scenes.gateway_event("POST", "/v1/tracking-events", "/v1/tracking-events", {"events": [scan]}),
        "items": {"CLIENT#shop": admin, **sample_order.saved(sample_order.shipped())},
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
        for node in sample_order.nodes()
    ]
    by_sku: dict[str, list[dict[str, Any]]] = {}
    for p in sample_order.positions():
        row = {"sku": p.sku, "node": p.node, "on_hand": dict(p.on_hand), "hard": {}, "free": p.free, "rev": 1}
        by_sku.setdefault(f"S#{p.sku}", []).append(item(row))

    by_sku["PACK#nodes"] = [item({"doc": json.dumps(pack)})]
    return {
        "event": {"order_id": sample_order.ORDER_ID, "state": "Route"},
        "items": sample_order.saved(sample_order.order(routed=False)),
        "pages": by_sku,
    }


def _wait() -> Scene:
    event = {"order_id": sample_order.ORDER_ID, "wait": "order", "state": "UntilSettled", "token": "t"}
    return {"event": event, "items": sample_order.saved(sample_order.order(routed=True))}


def _stream() -> dict[str, Any]:
    image = {
        "pk": {"S": f"O#{sample_order.ORDER_ID}"},
        "sk": {"S": "E#00000002"},
        "order_id": {"S": sample_order.ORDER_ID},
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
    return {"event": _stream(), "items": sample_order.saved(sample_order.order(routed=True))}


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
