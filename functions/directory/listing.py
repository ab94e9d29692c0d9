"""
List the entries of a kind in the directory, and the applications, by id and in pages.

Called by   functions/directory/handler.py, for GET /v1/<kind> and GET /v1/clients
Returns     pages
Raises      problems of a query, such as a cursor of another list

Each entry is in the index since it was first written. Applications are listed by the user pool, which has each of them. No
table is scanned.
"""

from collections.abc import Sequence
from typing import Any

from comanda.aws.api import app_clients
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import page, query
from comanda.aws.api.resolver import Response
from comanda.aws.api.routes import CHANNEL, FORM
from comanda.aws.directory import directory, writer
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.dynamodb.items import compact, unpack
from comanda.aws.runtime.settings import settings
from functions.directory import cancel_reasons, decline_reasons, product_search, visibility

_MOST_BYTES = 4_000_000  # of a page; an answer of API Gateway has at most ten million, one of Lambda at most six

# The path of a kind that has built-in entries -> the kind, and the module that shows them.
_WITH_BUILT_IN = {
    "cancel-reasons": (directory.CANCEL_REASON, cancel_reasons),
    "decline-reasons": (directory.DECLINE_REASON, decline_reasons),
}


def list_entries(event: dict[str, Any], path: str, kind: str) -> Response[str]:
    """Return a page of the entries of a kind that the caller may see, each as `GET /v1/<kind>/{id}` shows it."""
    who, given = caller(event), query(event)
    if product_search.is_search(given):
        items = [{"id": one.id, "version": one.version, **one.doc} for one in product_search.found(given)]
        return page(event, [visibility.shown(who, path, item) for item in items], None)
    prefix = given.get("prefix", "")
    bound = f"{who.id} {path} {prefix}"
    after, limit = list_pages.after(given, bound), list_pages.limit(given)
    own = _own(who, path)
    found, more = (
        _page_of_all(kind, prefix, after, limit) if own is None else _page_of_own(kind, own, prefix, after, limit)
    )
    shown, cut = _cut_to_size([(key, visibility.shown(who, path, entry)) for key, entry in found])
    more = cut or more
    return page(event, shown, list_pages.cursor(more, bound) if more else None)


def _own(who: Caller, path: str) -> frozenset[str] | None:
    """Return the ids of a kind that the caller sees, or None when the caller sees all that are stored."""
    if path in _WITH_BUILT_IN:
        kind, reasons = _WITH_BUILT_IN[path]
        return frozenset((*directory.names(kind), *reasons.BUILT_IN))
    if who.office:
        return None
    match path:
        case "channels":
            return frozenset(name for name in who.channels if who.sees_channel(name))
        case "partners":
            return frozenset([who.partner] if who.partner else [])
        case "nodes" if who.kinds.isdisjoint((CHANNEL, FORM)):
            known = directory.node_documents().items() if who.partner else ()
            return who.nodes | {name for name, doc in known if who.sees_node(name, doc.get("partner_id"))}
    return None


type Found = list[tuple[str, dict[str, Any]]]  # (the key after which the list continues, the entry)


def _page_of_all(kind: str, prefix: str, after: str, limit: int) -> tuple[Found, str | None]:
    pages = [keys.entries_page(kind, shard) for shard in range(keys.ENTRY_SHARDS)]
    table = settings.directory_table
    rows, more = list_pages.page("GSI1", pages, after, limit, table=table, prefix=keys.text(prefix))
    return [(row["gsi1sk"], {"id": row["id"], "version": row["version"], **unpack(row["doc"])}) for row in rows], more


def _page_of_own(kind: str, own: frozenset[str], prefix: str, after: str, limit: int) -> tuple[Found, str | None]:
    names, more = list_pages.whole([name for name in own if name.startswith(prefix)], after, limit)
    there = read_all(kind, names)
    found = ((name, there[name]) for name in names if name in there)
    return [(name, {"id": one.id, "version": one.version, **one.doc}) for name, one in found], more


def read_all(kind: str, names: Sequence[str]) -> dict[str, writer.Entry]:
    """Return the active versions of entries by name. A built-in reason that nobody replaced has version 0."""
    built_in = {
        name: reasons.entry(name)
        for of, reasons in _WITH_BUILT_IN.values()
        if of == kind
        for name in names
        if name in reasons.BUILT_IN
    }
    return {**built_in, **writer.read_all(kind, names)}


def _cut_to_size(found: Found) -> tuple[list[dict[str, Any]], str | None]:
    """Return as many entries as one answer holds, at least one, and the key after which the list continues.

    The key is None if all entries fit.
    """
    shown: list[dict[str, Any]] = []
    left, last = _MOST_BYTES, None
    for key, entry in found:
        left -= len(compact(entry).encode())
        if left < 0 and shown:
            return shown, last
        shown.append(entry)
        last = key
    return shown, None


def list_clients(event: dict[str, Any]) -> Response[str]:
    """Return a page of the applications that have rights here, each as `GET /v1/clients/{id}` shows it."""
    who, given = caller(event), query(event)
    bound = f"{who.id} clients"
    items, more = app_clients.list_page(list_pages.after(given, bound), list_pages.limit(given))
    return page(event, items, list_pages.cursor(more, bound) if more else None)
