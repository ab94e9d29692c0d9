"""
Test that every field of the requests about people is used: another value makes a difference that a caller sees.

The difference is in what a person is shown and may do, in the list of devices, or in whose badge opens.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.people import badges
from functions.people import contract
from openapi.operations import OPERATIONS
from tests.functions.fields import Doc, Request, Row, fields_of, unused_fields
from tests.functions.people.desk import call_as, make_pool
from tests.functions.test_fields_of_the_directory import at_once
from tests.functions.world import World, usd


def begin(world: World) -> None:
    at_once(world)
    world.patch.setenv("USER_POOL_ID", make_pool())
    world.patch.setattr(badges, "_COST", 2)  # a PIN is hashed quickly
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["vendor-1"]})
    world.entry(directory.PARTNER, "rival", {"name": "Rival", "nodes": []})
    directory.forget()


def _seen(sub: str) -> list[Any]:
    """Return how a person is shown to themselves, and whose work they may list."""
    listed = [
        call_as(sub, "GET", "/v1/fulfillments", query={"node_id": node}).status for node in ("dc-1", "dc-2", "vendor-1")
    ]
    return [{**call_as(sub, "GET", "/v1/me").body, "id": ""}, listed]


def invited(world: World, sent: Doc) -> Any:
    reply = world.call("POST", "/v1/people", sent, who="office")
    return reply.body.get("errors") or [reply.body["email"], _seen(reply.body["person_id"])]


def regranted(world: World, sent: Doc) -> Any:
    """Give a worker of dc-1 other rights."""
    first = {"email": "ana@example.com", "name": "Ana", "roles": ["worker"], "nodes": ["dc-1"]}
    sub = world.call("POST", "/v1/people", first, who="office").body["person_id"]
    reply = world.call("PUT", f"/v1/people/{sub}", sent, who="office", if_match='"v1"')
    directory.forget()
    return reply.body.get("errors") or _seen(sub)


_RIGHTS: Doc = {
    "name": "Ana Lima",
    "roles": ["staff", "worker"],
    "desks": ["care"],
    "nodes": ["dc-1"],
    "channels": ["web"],
    "limits": {
        "appeasement": [usd(5_000)],
        "override_percent": 10,
        "gift_cards": [usd(9_000)],
        "customer_credit": [usd(9_000)],
    },
    "locale": "pt-BR",
}
_OF_A_WORKER: Doc = {"name": "Bo", "roles": ["worker"], "nodes": ["dc-1"]}
_OF_A_PARTNER: Doc = {"name": "Cy", "roles": ["partner"], "partner": "acme"}
_BY_MAIL = {"email": "ana.lima@example.com"}


def _of_rights(more: Doc) -> dict[str, Row]:
    return {
        "name": Row("Ana Costa"),
        "roles": Row(["admin", "worker"]),
        "desks": Row(["sales"]),
        "nodes": Row(["dc-2"], sent={**_OF_A_WORKER, **more}),
        "channels": Row(["outlet"]),
        "partner": Row("rival", sent={**_OF_A_PARTNER, **more}),
        "limits.appeasement.amount": Row(6_000),
        "limits.appeasement.currency": Row("EUR"),
        "limits.override_percent": Row(20),
        "limits.gift_cards.amount": Row(8_000),
        "limits.gift_cards.currency": Row("EUR"),
        "limits.customer_credit.amount": Row(8_000),
        "limits.customer_credit.currency": Row("EUR"),
        "locale": Row("es"),
    }


def settled(world: World, sent: Doc) -> Any:
    assert world.call("PUT", "/v1/me/settings", sent, who="sales").status == 200
    return world.call("GET", "/v1/me", who="sales").body["settings"]


def _device(world: World, **changes: Any) -> str:
    reply = world.call("POST", "/v1/devices", {"node_id": "dc-1", "name": "Till"} | changes, who="office")
    assert reply.status == 201, reply.body
    return str(reply.body["device_secret"])


def _badge(who: str, pin: str = "4711") -> str:
    reply = call_as(who, "POST", "/v1/badges", {"pin": pin})
    assert reply.status == 201, reply.body
    return str(reply.body["badge"])


def _opened(world: World, secret: str, badge: str, pin: str = "4711") -> Any:
    body = {"device_secret": secret, "badge": badge, "pin": pin}
    reply = world.call("POST", "/v1/badges/open", body, who="nobody", key=None)
    return reply.status, reply.body.get("person_id"), reply.body.get("node_id")


def enrolled(world: World, sent: Doc) -> Any:
    """Return the names of the devices of dc-1, and whose badge the new one opens."""
    secret = _device(world, **sent)
    devices = world.call("GET", "/v1/devices", query={"node_id": "dc-1"}, who="office").body["items"]
    return [one["name"] for one in devices], _opened(world, secret, _badge("picker"))


def badged(world: World, sent: Doc) -> Any:
    return _opened(world, _device(world), _badge("picker", sent["pin"]))


def scanned(world: World, sent: Doc) -> Any:
    """Open a badge on a device of the node that `device_secret` names, and the badge of the person whom `badge` names."""
    world.aws.put("Directory", **keys.user("packer"), name="Pat", roles=["worker"], nodes=["dc-1", "dc-2"])
    return _opened(world, _device(world, node_id=sent["device_secret"]), _badge(sent["badge"]), sent["pin"])


REQUESTS: Mapping[str, Request] = {
    "Invitation": Request(
        sent={**_RIGHTS, **_BY_MAIL}, do=invited, rows={**_of_rights(_BY_MAIL), "email": Row("ana@example.com")}
    ),
    "Rights": Request(sent=_RIGHTS, do=regranted, rows=_of_rights({})),
    "OwnSettings": Request(
        sent={"locale": "es", "theme": "DARK", "density": "COMPACT", "keys": False},
        do=settled,
        rows={"locale": Row("pt-BR"), "theme": Row("LIGHT"), "density": Row("COMFORTABLE"), "keys": Row(True)},
    ),
    "NewDevice": Request(
        sent={"node_id": "dc-1", "name": "Handheld 7"},
        do=enrolled,
        rows={"node_id": Row("dc-2"), "name": Row("Handheld 8")},
    ),
    "NewBadge": Request(sent={"pin": "4711"}, do=badged, rows={"pin": Row("4712")}),
    "OpenBadge": Request(
        sent={"device_secret": "dc-1", "badge": "packer", "pin": "4711"},
        do=scanned,
        rows={"device_secret": Row("dc-2"), "badge": Row("picker"), "pin": Row("4712")},
    ),
}


def _contracts() -> dict[str, Any]:
    bodies = {operation.body for operation in OPERATIONS.values() if operation.body}
    return {body.__name__: body for body in bodies if body.model_fields and body.__module__ == contract.__name__}


def test_every_request_about_people_has_a_table_here() -> None:
    assert _contracts().keys() == REQUESTS.keys()


@pytest.mark.parametrize("name", REQUESTS)
def test_every_field_of_a_request_about_people_is_used(world: World, name: str) -> None:
    request = REQUESTS[name]
    assert set(fields_of(_contracts()[name])) == set(request.rows)
    assert unused_fields(world, request, begin) == []
