"""
Build pick waves of a node's accepted work, list and show them, give them to pickers and close them.

Called by   functions/fulfill/handler.py
Returns     the wave, with its pick list in the order of the walk where one wave is shown
Raises      Invalid, NotFound, NotAllowed; StaleOrder (Busy) where another request was faster

A wave holds no step of a fulfillment back: its members are picked, declined, recalled and cancelled as if there were no wave.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import callers, http, idempotency
from comanda.aws.api.callers import Caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages, transaction
from comanda.aws.dynamodb.items import unpack
from comanda.aws.orders import pick_waves
from comanda.aws.orders.pick_waves import Member
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import locations
from comanda.domain import ids
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem, StaleOrder
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import RANK, Status
from comanda.domain.picking import pick_wave, walk
from comanda.domain.picking.pick_wave import CLOSED, OPEN, Wanted
from functions.fulfill import contract

logger = Logger()

_PAGE = 100
_MOST_READ = 1_000  # fulfillments that a request looks through for a wave
_STEPS = ("start-pick", "pick")
_LOOKED_AT = 10  # open waves of the node, which a new one closes if they are finished

type Change = tuple[dict[str, Any], transaction.Write | None]  # what is new of a wave, and its write


def build(event: dict[str, Any]) -> Response[str]:
    """Answer POST /v1/pick-waves."""
    who, now = callers.caller(event), clock.now()
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        given = http.read(event, contract.PickWaveIn)
        node = _node(who, given.node_id)
        if request.replay() is None:
            _build(who, given, node, request, now)
    return request.response()


def _build(
    who: Caller, given: contract.PickWaveIn, node: dict[str, Any], request: IdempotentRequest, now: datetime
) -> None:
    wave_id = ids.pick_wave(settings.cell, who.id, str(request.key["pk"]))
    if pick_waves.read(wave_id):
        raise NotAllowed(f"this Idempotency-Key built {wave_id} before: send another one")
    _close_finished(given.node_id, now)
    works = _chosen(given, node, wave_id, now)
    if not works:
        raise NotAllowed("no accepted work of this node fits that is free of holds and in no open wave")
    claims = pick_waves.read_claims(works)
    pick_waves.claim(works, wave_id, claims, now)
    members = [work["fulfillment_id"] for work in works.values()]
    ship_by = min(work["ship_by"] for work in works.values())
    row = {"members": members, "ship_by": ship_by, "made_at": clock.text(now), "made_by": who.id, "picker": None}
    answer = Answer(status=201, body=_facts({**row, "wave": wave_id, "node": given.node_id, "state": OPEN}))
    stored = pick_waves.new_row(wave_id, given.node_id, datetime.fromisoformat(ship_by), row, now)
    transaction.commit([request.record(answer), stored])
    logger.info("pick wave", extra={"wave_id": wave_id, "node": given.node_id, "fulfillments": len(members)})


def _close_finished(node_id: str, now: datetime) -> None:
    """Close the most urgent open waves of a node of which nothing is left to pick."""
    rows, _ = list_pages.page("GSI3", [keys.open_waves(node_id)], "", _LOOKED_AT)
    for row in rows:
        statuses = pick_waves.read_statuses(ids.parse("ful", member, settings.cell) for member in row["members"])
        if not any(map(pick_wave.is_left, statuses)):
            with suppress(StaleOrder):  # somebody closed it meanwhile
                transaction.commit([pick_waves.close(row["wave"], now)])


def _chosen(
    given: contract.PickWaveIn, node: dict[str, Any], wave_id: str, now: datetime
) -> dict[Member, dict[str, Any]]:
    """Return the most urgent work that fits, that no other open wave has and that no hold stops."""
    wanted = Wanted(lines=given.kind, service=given.service, method=given.method, ship_by=given.ship_by)
    chosen: dict[Member, dict[str, Any]] = {}
    for page in _accepted(given.node_id, node):
        fitting = {
            ids.parse("ful", work["fulfillment_id"], settings.cell): work
            for work in page
            if pick_wave.fits(work, wanted)
        }
        claims = pick_waves.read_claims(fitting)
        free = [member for member in fitting if claims.is_free(member, wave_id, now)][: given.most - len(chosen)]
        known = pick_waves.read_orders(order_id for order_id, _ in free)
        chosen |= {m: fitting[m] for m in free if m[0] in known and _may_start(known[m[0]], m[1])}
        if len(chosen) >= given.most:
            break
    return chosen


def _accepted(node_id: str, node: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Yield the accepted work of a node page by page, the most urgent first."""
    partitions, after, seen = list_pages.node(node_id, "open", node["type"] == "STORE"), "", 0
    while seen < _MOST_READ:
        prefix = f"{RANK[Status.ACCEPTED]:02d}#"
        rows, more = list_pages.page("GSI3", partitions, after, _PAGE, prefix=prefix)
        yield [unpack(row["doc"]) for row in rows]
        if not more:
            return
        after, seen = more, seen + len(rows)


def _may_start(order: Order, number: int) -> bool:
    """Return True if the work is still accepted and no hold of the order or of a line stops it."""
    if order.fulfillment_status(number) != pick_wave.ACCEPTED:
        return False
    lines = {line.line_id for line, _ in order.units_of(number)}
    return not any(order.blocked(step) or any(order.hold_of_line(line, step) for line in lines) for step in _STEPS)


def list_open(event: dict[str, Any]) -> Response[str]:
    """Answer GET /v1/pick-waves: a page of a node's open waves, the most urgent first."""
    who, query = callers.caller(event), http.query(event)
    if "node_id" not in query:
        raise Invalid(
            Problem(pointer="/node_id", code="missing", message="is missing: name the node whose waves you want")
        )
    node_id = query["node_id"]
    _node(who, node_id)
    bound = f"{who.id} {node_id} waves"
    rows, more = list_pages.page(
        "GSI3", [keys.open_waves(node_id)], list_pages.after(query, bound), list_pages.limit(query)
    )
    return http.page(event, [_facts(row) for row in rows], list_pages.cursor(more, bound) if more else None)


def show(event: dict[str, Any], wave_id: str) -> Response[str]:
    """Answer GET /v1/pick-waves/{wave_id}: its members as they are now, and what is left to pick in the order of the walk."""
    row = _wave(callers.caller(event), wave_id)
    works, claims = _members(row)
    here = {m: work for m, work in works.items() if claims.rows.get(m, {}).get("wave") == wave_id}
    to_pick = pick_wave.rows_to_pick(here.values())
    places = locations.find(row["node"], to_pick)
    shown = [
        {"fulfillment_id": work["fulfillment_id"], "status": work["status"], "in_wave": member in here}
        for member, work in works.items()
    ]
    rows = []
    for sku in walk.in_order(places):
        where = places[sku]
        rows.append({**to_pick[sku], "location": {**asdict(where), "bin": where.bin or None} if where else None})
    return http.respond(Answer(status=200, body={**_facts(row), "fulfillments": shown, "rows": rows}))


def _members(row: dict[str, Any]) -> tuple[dict[Member, dict[str, Any]], pick_waves.Claims]:
    members = [ids.parse("ful", member, settings.cell) for member in row["members"]]
    found = pick_waves.read_works(members)
    return {member: found[member] for member in members if member in found}, pick_waves.read_claims(members)


def assign(event: dict[str, Any], wave_id: str) -> Response[str]:
    """Answer POST /v1/pick-waves/{wave_id}/assign."""

    def change(row: dict[str, Any]) -> Change:
        picker = http.read(event, contract.PickerIn).picker_id
        if picker is not None and not _may_pick(picker, row["node"]):
            message = f"nobody of the node {row['node']} has the id {picker}"
            raise Invalid(Problem(pointer="/picker_id", code="unknown-picker", message=message))
        if row["state"] != OPEN:
            raise NotAllowed(f"{wave_id} is closed")
        return {"picker": picker}, pick_waves.assign(wave_id, picker)

    return _changed(event, wave_id, change)


def close(event: dict[str, Any], wave_id: str) -> Response[str]:
    """Answer POST /v1/pick-waves/{wave_id}/close. What is not picked is free for other waves."""

    def change(row: dict[str, Any]) -> Change:
        http.read(event, contract.CloseWaveIn)
        if row["state"] != OPEN:
            return {}, None
        return {"state": CLOSED}, pick_waves.close(wave_id, clock.now())

    return _changed(event, wave_id, change)


def _changed(event: dict[str, Any], wave_id: str, change: Callable[[dict[str, Any]], Change]) -> Response[str]:
    """Change an open wave once, and answer with it."""
    who, now = callers.caller(event), clock.now()
    with idempotency.begin(event, who, settings.orders_table, now, require_own=lambda: _wave(who, wave_id)) as request:
        row = _wave(who, wave_id)
        after, write = change(row)
        record = request.record(Answer(status=200, body=_facts({**row, **after})))
        transaction.commit([record, *([write] if write else [])])
    return request.response()


def _may_pick(picker: str, node_id: str) -> bool:
    node = directory.find(directory.NODE, node_id) or {}
    for kind in ("user", "client"):
        row = directory.caller_row(kind, picker)
        if row is not None and "removed_at" not in row:
            return callers.of_row(picker, row).sees_node(node_id, node.get("partner_id"))
    return False


def _wave(who: Caller, wave_id: str) -> dict[str, Any]:
    """Return the row of a wave of one of the caller's nodes. Raises NotFound otherwise."""
    row = pick_waves.read(ids.parse_pick_wave(wave_id, settings.cell))
    if row is None or not _sees(who, row["node"]):
        raise NotFound("pick wave", wave_id)
    return row


def _sees(who: Caller, node_id: str) -> bool:
    found = directory.find(directory.NODE, node_id)
    return found is not None and who.sees_node(node_id, found.get("partner_id"))


def _node(who: Caller, node_id: str) -> dict[str, Any]:
    """Return the entry of a node of the caller's. Raises Invalid otherwise, as if there were no such node."""
    found = directory.find(directory.NODE, node_id)
    if found is None or not who.sees_node(node_id, found.get("partner_id")):
        raise NotFound("node", node_id)
    return found


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "wave_id": row["wave"],
        "node_id": row["node"],
        "status": row["state"],
        "picker_id": row.get("picker"),
        "ship_by": row["ship_by"],
        "made_at": row["made_at"],
        "made_by": row["made_by"],
        "fulfillment_count": len(row["members"]),
    }
