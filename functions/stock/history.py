"""
Answer GET /v1/stock/{sku}/movements: the ledger of a sku at a node, month by month, in the order in which it was written.

Called by   functions/stock/handler.py
Returns     a page of movements
Raises      Invalid for a missing node or a text that is no month; NotFound
"""

from datetime import datetime
from typing import Any

from comanda.aws.api import callers
from comanda.aws.api.http import page, path_parameter, query
from comanda.aws.api.query_dates import utc_month
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.dynamodb import list_pages
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import ledger
from comanda.domain.errors import Invalid, NotFound, Problem

_SHOWN = ("kind", "source", "line", "at", "occurred", "lane", "free", "on_hand", "demand", "soft", "supplies", "reason")


def show(event: dict[str, Any]) -> Response[str]:
    """Answer with a page of movements of a month, by default the present one."""
    who, sku, parameters = callers.caller(event), path_parameter(event, "sku"), query(event)
    node = parameters.get("node_id", "")
    month = f"{utc_month(parameters.get('month') or f'{clock.now():%Y-%m}'):%Y%m}"
    if not node:
        raise Invalid(
            Problem(pointer="/node_id", code="missing", message="is missing: name the node whose ledger you want")
        )
    found = directory.find(directory.NODE, node)
    if found is None or not who.sees_node(node, found.get("partner_id")):
        raise NotFound("node", node)
    if directory.find(directory.PRODUCT, sku) is None:
        raise NotFound("product", sku)
    bound = f"{who.id}\n{sku}\n{node}\n{month}"
    rows, more = list_pages.page(
        "GSI1",
        ledger.month_pages(sku, node, month),
        list_pages.after(parameters, bound),
        list_pages.limit(parameters),
        table=settings.stock_table,
    )
    items = [_shown(row) for row in rows]
    return page(event, items, list_pages.cursor(more, bound) if more else None)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: clock.text(datetime.fromisoformat(row[name])) for name in ("at", "occurred") if name in row}
    return {"id": row["sk"]} | {name: row[name] for name in _SHOWN if name in row} | times
