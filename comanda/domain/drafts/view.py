"""
Build the JSON that callers see of a draft. It has no personal data: the contact has a route of its own.

Called by   functions/drafts, functions/customers; comanda.aws.drafts.drafts (`summary`)
Returns     plain JSON
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.domain import views
from comanda.domain.drafts.draft import Delivery, Draft, DraftLine, DraftStatus
from comanda.domain.drafts.totals import taxes


def draft(draft: Draft, now: datetime, *, open_cart: bool, office: bool) -> dict[str, Any]:
    """Return a draft. `open_cart`: it is the cart that its customer has in its channel now. The office sees whose a claim
    is."""
    currency = draft.currency
    return {
        "draft_id": draft.draft_id,
        "channel": draft.channel,
        "status": draft.status_at(now).value,
        "version": draft.version,
        "change_version": draft.change_version,
        "currency": currency,
        "locale": draft.locale,
        "prices_include_tax": draft.prices_include_tax,
        "open_cart": open_cart and draft.is_live(now),
        "customer_id": draft.customer_id,
        "created_at": views.time(draft.created_at),
        "updated_at": views.time(draft.updated_at),
        "expires_at": views.time(draft.expires_at),
        "prices_until": views.time(draft.prices_until),
        "quote": _quote(draft, now),
        "claim": _claim(draft, now, office=office),
        "destination": views.destination(draft.destination) if draft.destination else None,
        "fulfillment": _delivery(draft.delivery),
        **_lines_and_charges(draft),
        "discounts": [{"code": d.code, "amount": views.money(d.amount, currency)} for d in draft.discounts],
        "totals": views.totals(draft.totals, currency),
        "tags": list(draft.tags),
        "promise_id": draft.promise_id,
        "option_id": draft.option_id,
        "reservation_id": draft.reservation_id,
        "order_id": draft.order_id,
        "links": {
            "self": f"/v1/drafts/{draft.draft_id}",
            "events": f"/v1/drafts/{draft.draft_id}/events",
            "contact": f"/v1/drafts/{draft.draft_id}/contact",
        },
    }


def _lines_and_charges(draft: Draft) -> dict[str, Any]:
    """Return the lines and the charges with their taxes."""
    of_lines, of_charges = taxes(draft)
    deliveries = draft.deliveries()
    return {
        "lines": [
            _line(line, tax, deliveries[line.line_id], draft.currency)
            for line, tax in zip(draft.lines, of_lines, strict=True)
        ],
        "charges": [
            {
                "kind": charge.kind,
                "amount": views.money(charge.amount, draft.currency),
                "tax_rate": charge.tax_rate,
                "tax": views.money(tax, draft.currency),
                **views.source_of_tax(charge),
            }
            for charge, tax in zip(draft.charges, of_charges, strict=True)
        ],
    }


def _claim(draft: Draft, now: datetime, *, office: bool) -> Mapping[str, Any] | None:
    found = draft.claim_at(now)
    return {"until": views.time(found.until), "by": found.by if office else None} if found else None


def _quote(draft: Draft, now: datetime) -> dict[str, Any] | None:
    """Return the quote that the customer may rely on, or that was the last word when the draft ended. None: there is none."""
    quote = draft.quote
    if quote is None or draft.status_at(now) is DraftStatus.OPEN:
        return None
    return {
        "number": quote.number,
        "quoted_at": views.time(quote.quoted_at),
        "valid_until": views.time(quote.valid_until),
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in ("method", "node_id", "service", "group")}


def _line(line: DraftLine, tax: int, delivery: Delivery, currency: str) -> dict[str, Any]:
    component = {"parent_line_id": line.parent_line_id, "ratio": line.ratio, "price_share": line.price_share}
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "title": line.title or None,
        "kind": line.kind,
        "quantity": line.quantity,
        "unit_price": views.money(line.price.amount, currency),
        "price": {
            "source": line.price.source.value,
            "reason": line.price.reason or None,
            "price_list": line.price.price_list or None,
        },
        "tax": {"rate": line.tax_rate, "amount": views.money(tax, currency)},
        **views.source_of_tax(line),
        "discounts": [{"code": d.code, "amount": views.money(d.amount, currency)} for d in line.discounts],
        "fulfillment": _delivery(delivery),
        "destination": views.destination(line.destination) if line.destination else None,
        "gift": {"wrap": line.wrap} if line.gift else None,
        **(component if line.parent_line_id is not None else {}),
    }


def summary(draft: Draft, now: datetime) -> dict[str, Any]:
    """Return what each event of a draft says of it: counts, amounts, ids and times, and nothing of a person."""
    found = draft.claim_at(now)
    return {
        "change_version": draft.change_version,
        "lines": len(draft.lines),
        "units": sum(line.quantity for line in draft.lines),
        "total": draft.totals.total,
        "currency": draft.currency,
        "expires_at": views.time(draft.expires_at),
        "claimed_until": views.time(found.until) if found else None,
        "order_id": draft.order_id,
    }
