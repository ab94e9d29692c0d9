"""
Enrol devices, make badges, and say whose badge was scanned.

Called by   functions/people/handler.py, for /v1/devices* and /v1/badges*
Raises      Invalid, NotFound, Forbidden; StaleBadge (Busy)

To open a badge nobody is signed in: the device may have been locked, or signed out, since its last shift. So the route is open
at the gateway, and the proof is the secret of the device, of 256 bits. Without it a caller learns nothing and costs one read.
"""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.contracts import Nothing
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory, writer
from comanda.aws.dynamodb import list_pages, transaction
from comanda.aws.people import badges, devices, people
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Forbidden, Invalid, NotFound, Problem
from comanda.domain.people import OFFICE
from functions.people import contract, rules

logger = Logger()

# One answer for an unknown or revoked device, an unknown, replaced or locked badge, a wrong PIN, and a person of another node.
NOT_OPENED = f"this badge, PIN and device do not fit; after {badges.MOST_MISSES} wrong PINs an admin unlocks the badge"


def enrol(event: dict[str, Any]) -> Response[str]:
    who, given, now = caller(event), http.read(event, contract.NewDevice), clock.now()
    rules.require_lead(who, given.node_id)
    if writer.read(directory.NODE, given.node_id) is None:
        raise Invalid(rules.unknown("/node_id", given.node_id, "node"))
    with idempotency.begin(event, who, settings.directory_table, now) as request:
        if request.replay() is None:
            device_id = devices.enrol(request, given.node_id, given.name, who.id, now)
            logger.info("device", extra={"device": device_id, "node": given.node_id})
    return _with(request.response(), lambda body: {"device_secret": devices.secret_of(request, body["enrolled_at"])})


def list_devices(event: dict[str, Any]) -> Response[str]:
    who, given = caller(event), http.query(event)
    node = given.get("node_id")
    if node is None:
        raise Invalid(Problem(pointer="/node_id", code="missing", message="is missing: devices are listed by node"))
    rules.require_lead(who, node)
    bound = f"{who.id} devices {node}"
    items, more = devices.list_page(node, list_pages.after(given, bound), list_pages.limit(given))
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def revoke(event: dict[str, Any], device_id: str) -> Response[str]:
    who = caller(event)
    try:
        rules.require_lead(who, devices.find(device_id)["node_id"])
    except NotFound as error:
        raise NotFound("device", device_id) from error  # whether it is another's or there is none
    devices.revoke(device_id, who.id, clock.now())
    logger.info("device revoked", extra={"device": device_id})
    return Response(status_code=204, body="")


def make_badge(event: dict[str, Any]) -> Response[str]:
    """Make a badge for the person who asks: nobody else ever types its PIN."""
    who, given, now = caller(event), http.read(event, contract.NewBadge), clock.now()
    if not who.person:
        raise Forbidden("only a person has a badge")
    with idempotency.begin(event, who, settings.directory_table, now, private=True) as request:
        if request.replay() is None:
            badges.make(request, who.id, given.pin, now)
            logger.info("badge", extra={"person": who.id})
    return _with(request.response(), lambda body: {"badge": badges.code_of(request, body["made_at"])})


def revoke_badge(event: dict[str, Any], sub: str) -> Response[str]:
    who = caller(event)
    rules.require_self_or_admin(who, sub)
    badges.revoke(sub)
    logger.info("badge revoked", extra={"person": sub, "by": who.id})
    return Response(status_code=204, body="")


def unlock_badge(event: dict[str, Any], sub: str) -> Response[str]:
    who = caller(event)
    with idempotency.begin(event, who, settings.directory_table, clock.now()) as request:
        http.read(event, Nothing)
        if request.replay() is None:
            unlocked = badges.unlock(sub)
            transaction.commit([request.record(Answer(status=200, body={"person_id": sub, **unlocked}))])
            logger.info("badge unlocked", extra={"person": sub, "by": who.id})
    return request.response()


def open_badge(event: dict[str, Any]) -> Response[str]:
    """Say whose badge it is. It opens nothing: the console decides which session of this shift it shows again."""
    given = http.read(event, contract.OpenBadge)
    device = devices.find_proven(given.device_secret)
    sub = None if device is None else badges.whose(given.badge, given.pin)
    if device is None or sub is None or not _works_at(sub, device["node_id"]):
        raise Forbidden(NOT_OPENED)
    logger.info("badge opened", extra={"person": sub, "device": device["device_id"]})
    return http.respond(Answer(status=200, body={"person_id": sub, "node_id": device["node_id"]}))


def _works_at(sub: str, node: str) -> bool:
    """Return True if the person still has rights, and works at the node of the device or in the office."""
    row = people.find_all([sub]).get(sub)
    if row is None:
        return False
    return not OFFICE.isdisjoint(row["roles"]) or node in directory.nodes_of(row.get("partner"), row.get("nodes", ()))


def _with(response: Response[str], secret_of: Callable[[dict[str, Any]], dict[str, str]]) -> Response[str]:
    """Return the answer with the secret that the kept answer does not have, and that is made from it."""
    body = json.loads(response.body or "{}")
    response.body = json.dumps({**body, **secret_of(body)}, ensure_ascii=False)
    return response
