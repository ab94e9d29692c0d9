"""
Convert an order to a plain JSON document, and back.

Fields with their default value are left out, so that new code reads old documents, and an order of a thousand lines stays
small. A document names its version in `v`; code refuses a document of a newer version.

Called by   comanda.aws.orders, ops
Returns     documents and orders
Raises      ValueError for a document of a newer version
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.component import Component, SetAmount
from comanda.domain.orders.credit import Credit
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.dispute import Dispute
from comanda.domain.orders.fulfillment import Fulfillment, Loss, Package, RecallRequest
from comanda.domain.orders.line import Added, Allocation, Discount, HeaderPart, Line
from comanda.domain.orders.nfe_result import NfeResult
from comanda.domain.orders.order import Charge, Hold, Order, Promised, Question, Replaced, Totals
from comanda.domain.orders.pending_change import PendingChange
from comanda.domain.orders.provision import Cards, Provision
from comanda.domain.orders.status import Status
from comanda.domain.orders.tender import Collected, FailedMovement, Tender

VERSION = 1

Converter = Callable[[Any], Any]

_CONVERTERS: dict[type, Mapping[str, tuple[Converter, Converter]]] = {}
_AS_IS: Mapping[str, tuple[Converter, Converter]] = {}


@cache
def _field_plan(kind: type[Any]) -> tuple[tuple[str, Any, Converter | None], ...]:
    converters = _CONVERTERS.get(kind, _AS_IS)
    return tuple((f.name, f.default, converters[f.name][0] if f.name in converters else None) for f in fields(kind))


def encode(value: Any) -> dict[str, Any]:
    """Return a domain value as a dict of JSON values, without the fields that have their default."""
    out: dict[str, Any] = {}
    for name, default, convert in _field_plan(type(value)):  # type: ignore[arg-type]  # a class is hashable
        field = getattr(value, name)
        # Most fields are their default itself. MISSING, for a field without a default, differs from every value.
        if field is not default and field != default:
            out[name] = field if convert is None or field is None else convert(field)
    return out


def _decode(kind: type, document: Mapping[str, Any]) -> Any:
    converters = _CONVERTERS.get(kind, _AS_IS)
    return kind(
        **{
            name: converters[name][1](value) if name in converters and value is not None else value
            for name, value in document.items()
        }
    )


def _many(kind: type) -> tuple[Converter, Converter]:
    return lambda values: [encode(v) for v in values], lambda values: tuple(_decode(kind, v) for v in values)


def _one(kind: type) -> tuple[Converter, Converter]:
    return encode, lambda value: _decode(kind, value)


def _pairs(value: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(pair) for pair in value)


_TIME: tuple[Converter, Converter] = (datetime.isoformat, datetime.fromisoformat)
_STATUS: tuple[Converter, Converter] = (str, Status)
_WORDS: tuple[Converter, Converter] = (list, tuple)
_PAIRS: tuple[Converter, Converter] = (list, _pairs)

# (to JSON, from JSON) for every field that is not a plain JSON value already.
_CONVERTERS |= {
    Allocation: {"status": _STATUS, "implied": _WORDS},
    Line: {
        "discounts": _many(Discount),
        "allocations": _many(Allocation),
        "header": _one(HeaderPart),
        "header_billed": _one(HeaderPart),
        "excluded": _WORDS,
        "held": _WORDS,
        "dims_mm": _WORDS,
        "tax_share": _WORDS,
        "tax_parts": _PAIRS,
        "standing": _PAIRS,
        "component": _one(Component),
        "added": _many(Added),
    },
    Component: {name: _one(SetAmount) for name in ("goods", "discount", "tax")},
    Added: {"set_tax": _one(SetAmount)},
    Bundle: {"discounts": _many(Discount), "tax_share": _WORDS, "added": _many(Added)},
    Package: {"contents": _PAIRS, "dims_mm": _WORDS, "delivered_at": _TIME, "lost_at": _TIME},
    RecallRequest: {"units": _PAIRS, "until": _TIME},
    Loss: {"units": _PAIRS, "at": _TIME, "packages": _WORDS, "found_at": _TIME},
    Fulfillment: {
        "offered_at": _TIME,
        "accept_by": _TIME,
        "ship_by": _TIME,
        "shipped_at": _TIME,
        "delivered_at": _TIME,
        "losses": _many(Loss),
        "recall": _one(RecallRequest),
        "packages": _many(Package),
        "work_days": _PAIRS,
    },
    Tender: {"expires_at": _TIME, "pay_until": _TIME},
    Collected: {"at": _TIME},
    Hold: {
        "blocks": _WORDS,
        "lines": _WORDS,
        "contributions": _PAIRS,
        "seen": _PAIRS,
        "at": _TIME,
        "expires": _TIME,
        "expired_at": _TIME,
        "resolved_at": _TIME,
    },
    Question: {"at": _TIME},
    NfeResult: {"at": _TIME, "cancel_until": _TIME},
    Provision: {"at": _TIME, "cards": _one(Cards)},
    Cards: {"voided": _WORDS, "accounts": _WORDS},
    PendingChange: {"modifications": _WORDS, "limits": _WORDS, "until": _TIME, "at": _TIME},
    Promised: {"nodes": _WORDS},
    Order: {
        "promised": _one(Promised),
        "pending": _one(PendingChange),
        "placed_at": _TIME,
        "lines": _many(Line),
        "bundles": _many(Bundle),
        "totals": _one(Totals),
        "destination": _one(Destination),
        "destinations": _many(Destination),
        "fulfillments": _many(Fulfillment),
        "provisions": _many(Provision),
        "charges": _many(Charge),
        "discounts": _many(Discount),
        "payments": _many(Tender),
        "failed_money": _many(FailedMovement),
        "collected": _many(Collected),
        "disputes": _many(Dispute),
        "holds": _many(Hold),
        "questions": _many(Question),
        "invoices": _WORDS,
        "credits": _many(Credit),
        "nfes": _many(NfeResult),
        "requested": _PAIRS,
        "tags": _WORDS,
        "replaces": _many(Replaced),
    },
}


def from_order(order: Order) -> dict[str, Any]:
    """Return the document of an order."""
    return {"v": VERSION, **encode(order)}


def to_order(document: Mapping[str, Any]) -> Order:
    """Return the order of a document. Raises ValueError for a document of a newer version."""
    plain = dict(document)
    if (shape := plain.pop("v")) > VERSION:
        raise ValueError(f"order document of shape {shape}, this code reads up to {VERSION}")
    decoded: Order = _decode(Order, plain)
    return decoded
