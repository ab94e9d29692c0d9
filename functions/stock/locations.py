"""
Answer PUT and GET /v1/nodes/{id}/locations: where the skus of a node lie.

Called by   functions/stock/handler.py
Returns     a result for each row that was sent; a page of skus with their locations
Raises      Invalid for unknown skus, a sku that is named twice and a time in the future; NotFound; StockConflict (Busy)
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer, page, path_parameter, query, read, respond
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.dynamodb import list_pages
from comanda.aws.runtime import clock
from comanda.aws.stock import locations
from comanda.aws.stock_updates.row_batches import APPLIED, CONFLICT
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.picking.location import Location
from comanda.domain.stock.counts import CLOCKS_DIFFER, IN_THE_FUTURE
from functions.stock import named_documents
from functions.stock.contract import LocationIn, Locations
from functions.stock.named_documents import Named

logger = Logger()


def put(event: dict[str, Any]) -> Response[str]:
    """Store the locations of a list. The same list twice leaves what it left once, so it needs no idempotency key."""
    who, node = caller(event), path_parameter(event, "id")
    _require_own(who, node)
    wanted = read(event, Locations)
    named = [Named(pointer=f"/rows/{i}", sku=row.sku) for i, row in enumerate(wanted.rows)]
    problems = [*named_documents.load(who, named).problems(named), *_mistakes(wanted, clock.now())]
    if problems:
        raise Invalid(*problems)
    newer = locations.store(node, {row.sku: _location(row.location) for row in wanted.rows}, wanted.as_of)
    logger.info("locations stored", extra={"node": node, "rows": len(wanted.rows), "refused": len(newer)})
    rows = [{"sku": row.sku, **_result(row.sku in newer)} for row in wanted.rows]
    return respond(Answer(status=200, body={"node_id": node, "rows": rows}))


def show(event: dict[str, Any]) -> Response[str]:
    """Answer with a page of a node's locations, by sku."""
    who, node, parameters = caller(event), path_parameter(event, "id"), query(event)
    _require_own(who, node)
    bound = f"{who.id}\nlocations\n{node}"
    rows, more = locations.page(node, list_pages.after(parameters, bound), list_pages.limit(parameters))
    items = [{"sku": sku, "location": _shown(where)} for sku, where in rows]
    return page(event, items, list_pages.cursor(more, bound) if more else None)


def _require_own(who: Caller, node: str) -> None:
    found = directory.find(directory.NODE, node)
    if found is None or not who.sees_node(node, found.get("partner_id")):
        raise NotFound("node", node)


def _mistakes(wanted: Locations, now: datetime) -> Iterator[Problem]:
    if wanted.as_of > now + CLOCKS_DIFFER:
        yield Problem(pointer="/as_of", code=IN_THE_FUTURE, message="is later than now")
    seen: set[str] = set()
    for i, row in enumerate(wanted.rows):
        if row.sku in seen:
            message = f"{row.sku} has another row: a sku has one location at a node"
            yield Problem(pointer=f"/rows/{i}/sku", code="duplicate", message=message)
        seen.add(row.sku)


def _location(given: LocationIn | None) -> Location | None:
    return Location(given.zone, given.aisle, given.rack, given.bin or "") if given else None


def _shown(where: Location) -> dict[str, Any]:
    return {"zone": where.zone, "aisle": where.aisle, "rack": where.rack, "bin": where.bin or None}


def _result(is_newer: bool) -> dict[str, str]:
    if not is_newer:
        return {"status": APPLIED}
    return {"status": CONFLICT, "code": "newer-list", "reason": "a newer list has this sku"}
