"""
Convert a draft to a plain JSON document, and back. Fields with their default value are left out.

Called by   comanda.aws.drafts
Returns     documents and drafts
Raises      ValueError for a document of a newer version
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from comanda.domain.drafts.draft import (
    Delivery,
    Draft,
    DraftCharge,
    DraftLine,
    DraftPrice,
    DraftStatus,
    PriceSource,
    Quote,
    Told,
)
from comanda.domain.orders.claims import Claim
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Discount
from comanda.domain.orders.order import Totals

VERSION = 1

type Converter = tuple[Callable[[Any], Any], Callable[[Any], Any]]

_CONVERTERS: dict[type, Mapping[str, Converter]] = {}
_AS_IS: Mapping[str, Converter] = {}


def _encode(value: Any) -> dict[str, Any]:
    converters, out = _CONVERTERS.get(type(value), _AS_IS), dict[str, Any]()
    for one in fields(value):
        found = getattr(value, one.name)
        if one.default is MISSING or found != one.default:
            out[one.name] = converters[one.name][0](found) if one.name in converters and found is not None else found
    return out


def _decode(kind: type, document: Mapping[str, Any]) -> Any:
    converters = _CONVERTERS.get(kind, _AS_IS)
    return kind(
        **{
            name: converters[name][1](value) if name in converters and value is not None else value
            for name, value in document.items()
        }
    )


def _one(kind: type) -> Converter:
    return _encode, lambda value: _decode(kind, value)


def _many(kind: type) -> Converter:
    return lambda values: [_encode(v) for v in values], lambda values: tuple(_decode(kind, v) for v in values)


_TIME: Converter = (datetime.isoformat, datetime.fromisoformat)

# (to JSON, from JSON) for every field that is not a plain JSON value already.
_CONVERTERS |= {
    Claim: {"until": _TIME},
    Quote: dict.fromkeys(("quoted_at", "valid_until"), _TIME),
    DraftPrice: {"source": (str, PriceSource)},
    DraftLine: {
        "price": _one(DraftPrice),
        "discounts": _many(Discount),
        "delivery": _one(Delivery),
        "destination": _one(Destination),
        "told": _one(Told),
    },
    Draft: {
        **dict.fromkeys(("created_at", "updated_at", "expires_at", "prices_until"), _TIME),
        "status": (str, DraftStatus),
        "destination": _one(Destination),
        "delivery": _one(Delivery),
        "lines": _many(DraftLine),
        "charges": _many(DraftCharge),
        "usual_charges": _many(DraftCharge),
        "discounts": _many(Discount),
        "tags": (list, tuple),
        "quote": _one(Quote),
        "claim": _one(Claim),
        "totals": _one(Totals),
    },
}


def from_draft(draft: Draft) -> dict[str, Any]:
    """Return the document of a draft."""
    return {"v": VERSION, **_encode(draft)}


def to_draft(document: Mapping[str, Any]) -> Draft:
    """Return the draft of a document. Raises ValueError for a document of a newer version."""
    plain = dict(document)
    if (shape := plain.pop("v")) > VERSION:
        raise ValueError(f"draft document of shape {shape}, this code reads up to {VERSION}")
    decoded: Draft = _decode(Draft, plain)
    return decoded
