"""
Make the scenes of long files of money: a provider's report and a carrier's invoice, each with the rows that its lines are about.

Called by   bench/events.py
Returns     scenes, as bench/first_events.py does

The answers to a file's lines are in the scene as its checkpoints have kept them, because its receipt is made of them.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import sample_order, scenes
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item, pack
from comanda.domain import ids
from functions.inbox.arrival import CARRIER_INVOICES, SETTLEMENTS, arrival
from functions.inbox.fields import APPLIED, RowAnswer
from functions.inbox.receipt import kept_answer

Scene = dict[str, Any]

LINES = 10_000
_CELL, _PARTNER, _PAYOUTS, _CHECKPOINT = "us1", "p1", 10, 500


def _report(count: int) -> Scene:
    """Return the scene of a report whose charges are captures of one order each, in ten payouts."""
    day = datetime.now(UTC) - timedelta(days=1)
    head = "balance_transaction_id,reporting_category,currency,gross,fee,net,created_utc,payment_intent_id,automatic_payout_id"
    lines = [
        f"txn_{n:08d},charge,usd,10.00,0.30,9.70,{day:%Y-%m-%d} 18:00:00,pi_{n:08d},po_{n % _PAYOUTS:08d}"
        for n in range(count)
    ]
    rows = [row for n in range(count) for row in _captured(ids.order(_CELL, ids.ulid(1, n)), f"pi_{n:08d}", day)]
    return _scene(SETTLEMENTS, [head, *lines], rows, {})


def _captured(order_id: str, payment: str, at: datetime) -> Iterable[Mapping[str, Any]]:
    capture = {"purpose": "capture", "number": 1, "state": "DONE", "provider": "stripe", "reference": payment}
    yield {**keys.payment("stripe", payment), "order_id": order_id}
    yield {**keys.money(order_id, "capture", 1), **capture, "amount": 1000, "currency": "USD", "at": at.isoformat()}


def _bills(count: int) -> Scene:
    """Return the scene of a carrier's invoice with a parcel of one order of ten lines in each row."""
    from comanda.domain.orders import document

    head = "tracking_number,carrier,invoice_id,amount,currency,billed_on,weight_g"
    day = datetime.now(UTC) + timedelta(minutes=1)
    lines = [f"1Z{n:08d},UPS,INV-1,7.35,USD,{day:%Y-%m-%d},900" for n in range(count)]
    shipped = sample_order.shipped()
    (fulfillment,) = shipped.fulfillments
    rows, pages = [], {}
    for n in range(count):
        order_id, number = ids.order(_CELL, ids.ulid(1, n)), f"1Z{n:08d}"
        parcel = replace(fulfillment.packages[0], tracking_number=number)
        order = replace(shipped, order_id=order_id, fulfillments=(replace(fulfillment, packages=(parcel,)),))
        rows.append({**keys.order(order_id), "doc": pack(document.from_order(order))})
        place = {"pk": keys.order(order_id)["pk"], "sk": ids.fulfillment(order_id, fulfillment.number)}
        pages[keys.tracking_page(number)] = [item(place)]
    return _scene(CARRIER_INVOICES, [head, *lines], rows, pages)


def _scene(kind: str, text: list[str], rows: Iterable[Mapping[str, Any]], pages: dict[str, Any]) -> Scene:
    now = datetime.now(UTC)
    name = {"key": f"inbox/{_PARTNER}/{kind}/today.csv", "version-id": "v1"}
    event: dict[str, Any] = {"time": f"{now:%Y-%m-%dT%H:%M:%SZ}", "detail": {"object": name}}
    received = datetime.fromisoformat(event["time"])
    file = keys.file(_PARTNER, received, arrival(name["key"], name["version-id"]).source)
    items = {f"{row['pk']} {row['sk']}": sample_order.as_answered(item(dict(row))) for row in rows}
    answered = [_answers(file, first) for first in range(2, len(text) + 1, _CHECKPOINT)]
    return {
        "event": event,
        "items": {**scenes.directory_rows(), **_partner(kind), **items},
        "pages": {**pages, answered[0]["pk"]["S"]: answered},
        "always": {"s3 GET": "\n".join(text) + "\n"},
    }


def _answers(file: keys.Key, first: int) -> dict[str, Any]:
    lines = [kept_answer(RowAnswer(line=line, status=APPLIED)) for line in range(first, first + _CHECKPOINT)]
    return sample_order.as_answered(item({**keys.file_answers(file, first), "answers": pack(lines)}))


def _partner(kind: str) -> dict[str, Any]:
    reports: dict[str, Any] = {"settlements": {"provider": "stripe"}}
    bills: dict[str, Any] = {"carrier_invoices": True}
    entry = {"name": "Finance", "nodes": [], **(reports if kind == SETTLEMENTS else bills)}
    row: dict[str, Any] = {
        "pk": f"PARTNER#{_PARTNER}",
        "sk": "#",
        "id": _PARTNER,
        "version": 1,
        "doc": json.dumps(entry),
    }
    return {str(row["pk"]): item(row)}


_KINDS: Mapping[str, Callable[[int], Scene]] = {"report": _report, "bills": _bills}


def scene(name: str) -> Scene:
    """Return the scene of `report` or `bills`, with another number of lines as in `report-500`."""
    kind, _, count = name.partition("-")
    return _KINDS[kind](int(count or LINES))
