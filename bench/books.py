"""
Measure how long the door of the books works on the largest file of documents that it answers, with AWS stubbed at the wire.

Called by   bench/run.py (`make bench ONLY=books`); bench/events.py makes the scene
Returns     figures: CPU without the import, calls, the memory that Python's objects take, and the whole with slow answers, one after
            another: at most half of the door's time
"""

import json
from datetime import UTC, datetime
from typing import Any

from bench import first_events, sample_order
from bench.figures import Figure
from bench.shipped import probe
from comanda.aws.directory.directory import CHANNEL, LEGAL_ENTITY
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item, pack
from comanda.domain import ids, invoice_view
from comanda.domain.orders import document
from functions.books.handler import MOST_DOCUMENTS
from functions.invoice.rules import bill
from infra.rooms import ROOMS

_CELL, _ENTITY, _CHANNEL = "us1", "tea-co", "web"
_SLOW_SECONDS = 0.01
_PART = 2  # of the door's time: it answers people who wait


def figures() -> list[Figure]:
    scene = "functions.books.handler:taxes"
    found, memory = probe(scene, 0), probe(scene, 0, traced=True)["grown_mb"]
    spent = (found["first_ms"] - found["import_ms"] - found["answers_ms"]) / 1_000
    calls = sum(found["calls_first"].values())
    what = f"books: taxes of a month with {MOST_DOCUMENTS:,} invoices of 10 lines,"
    return [
        Figure(figure=f"{what} CPU", value=round(spent, 2), unit="s"),
        Figure(figure=f"{what} calls", value=calls, unit="calls"),
        Figure(figure=f"{what} memory", value=round(memory, 1), unit="MB", bar=100),
        Figure(
            figure=f"{what} with slow calls one by one",
            value=round(spent + calls * _SLOW_SECONDS, 1),
            unit="s",
            bar=ROOMS["books"].seconds / _PART,
        ),
    ]


def scene(count: int = MOST_DOCUMENTS) -> dict[str, Any]:
    """Return the scene of a month whose documents were all issued today, one invoice for each order."""
    now = datetime.now(UTC)
    billed = bill(sample_order.shipped(), 1, now)
    assert billed is not None
    order, shown = billed[0].order, invoice_view.shown(billed[1])
    packed = pack(document.from_order(order)), pack(shown | {"number": "dc-1-000001"})
    items: dict[str, Any] = {}
    pages: dict[str, list[Any]] = {}
    for n in range(count):
        order_id = ids.order(_CELL, ids.ulid(1, n))
        place = keys.document_of_day(_CHANNEL, now, ids.invoice(order_id, 1), order_id)
        invoice = {**keys.invoice(order_id, 1), "series": "dc-1", "number": n + 1, "channel": _CHANNEL}
        pages.setdefault(place["gsi2pk"], []).append(item({**keys.invoice(order_id, 1), **place}))
        for row in ({**keys.order(order_id), "doc": packed[0]}, {**invoice, "doc": packed[1]}):
            items[f"{row['pk']} {row['sk']}"] = sample_order.as_answered(item(row))
    asked = first_events.office_request(
        "GET", "/v1/books/taxes-file", query={"legal_entity": _ENTITY, "month": f"{now:%Y-%m}"}, items=items
    )
    entries: dict[tuple[str, str], dict[str, str]] = {
        (CHANNEL, _CHANNEL): {"name": _CHANNEL, "legal_entity": _ENTITY},
        (LEGAL_ENTITY, _ENTITY): {},
    }
    for (kind, name), doc in entries.items():
        row = {"pk": f"{kind}#{name}", "sk": "#", "id": name, "version": 1, "doc": json.dumps(doc)}
        asked["items"][str(row["pk"])] = item(row)
    return {**asked, "pages": {**pages, keys.entries_page(CHANNEL, 0): [item({"gsi1sk": _CHANNEL})]}}
