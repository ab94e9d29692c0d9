"""
Make the pages of a link: the order, and the messages of links that open nothing.

Called by   functions/selfservice/handler.py
Returns     replies, which no cache keeps and which tell other sites nothing of their address
Raises      nothing
"""

from collections.abc import Iterator, Mapping
from typing import Any

from comanda.aws.api.replies import Reply, page
from comanda.aws.customers import customers
from comanda.aws.directory import directory
from comanda.aws.orders import parcel_standings
from comanda.aws.runtime import formats
from comanda.domain.orders.order import Order
from comanda.domain.orders.order_link import Purpose
from functions.selfservice import facts, render
from functions.selfservice.visits import Visit, VisitOutcome

# The address of the page opens the order, so no other site gets it. Browsers then send `Origin: null` with the page's own
# form: what proves a form here is its value, and not its origin.
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_UNAVAILABLE, _RETRY_SECONDS = 503, 5


def show(visit: Visit, done: VisitOutcome | None = None) -> Reply:
    """Show the order, and what became of an act."""
    order, opened = visit.opened.order, visit.opened
    locale = formats.chosen(order.locale, visit.channel.get("locales") or ())
    may, (kind, known) = visit.cancellable(), facts.proof_of(order, visit.contact)
    shown = {
        "shop": str(visit.channel.get("name") or order.channel),
        "number": order.external_id or order.order_id,
        "first_name": facts.first_name(visit.contact),
        "placed_on": order.placed_at.date().isoformat(),
        "currency": order.currency,
        "to_pay": _to_pay(order),
        "summary": facts.summary(order),
        "lines": facts.lines(order, may),
        "totals": facts.totals(order),
        "parcels": _parcels(visit),
        "counters": _counters(visit),
        "whole": visit.may_cancel_all,
        "may_cancel": bool(may),
        "may_reveal": bool(opened.link.purposes & Purpose.CONTACT),
        "provable": bool(known),
        "proof": kind,
        "locked": opened.locked,
        "value": opened.one_time_value(visit.now),
        "done": done,
        "addresses": _addresses(visit, locale) if done and done.revealed else [],
        "proofs": _proofs(visit) if done and done.revealed else [],
        "papers": _papers(visit) if done and done.revealed else [],
    }
    html = render.page("order.html", locale, title=shown["shop"], **shown)
    return page(html, status=done.status if done else 200, headers=HEADERS)


def message(event: Mapping[str, Any], kind: str, status: int) -> Reply:
    """Return a page that only says something, in the language of the browser. It knows nothing of any order."""
    language = render.language_of_browser(event.get("headers") or {})
    headers = {**HEADERS, **({"Retry-After": str(_RETRY_SECONDS)} if status == _UNAVAILABLE else {})}
    return page(render.page("message.html", language, title="Comanda", kind=kind), status=status, headers=headers)


def _addresses(visit: Visit, locale: str) -> list[list[str]]:
    countries = formats.of_locale(locale).locale.territories
    return facts.addresses(visit.opened.order, visit.contact, countries)


def _to_pay(order: Order) -> list[dict[str, Any]]:
    """Return what the customer is asked to pay. A code is drawn, too."""
    found = facts.to_pay(order)
    if any(one["code"] for one in found):
        from comanda.aws.api import qr_code  # few orders are paid by a code

        return [{**one, "picture": qr_code.picture(one["code"]) if one["code"] else ""} for one in found]
    return found


def _parcels(visit: Visit) -> list[dict[str, Any]]:
    order = visit.opened.order
    sent = facts.sent_packages(order)
    if not sent:
        return []
    carriers = directory.entries(directory.CARRIER, facts.carrier_ids(order))
    standings = {f.number: parcel_standings.read(order.order_id, f.number) for f, _ in sent}
    return [
        {
            "carrier": package.carrier,
            "number": package.tracking_number,
            "link": facts.tracking_page(package, carriers),
            "scan": parcel_standings.latest(standings[f.number], package.tracking_number),
            "delivered": package.delivered_at is not None,
            "lost": package.lost_at is not None,
            "expected": f.deliver_on,
        }
        for f, package in sent
    ]


def _counters(visit: Visit) -> list[str]:
    wanted = facts.counters(visit.opened.order)
    found = directory.entries(directory.NODE, wanted) if wanted else {}
    return [str(found.get(node, {}).get("name") or node) for node in wanted]


def _papers(visit: Visit) -> list[dict[str, Any]]:
    """Return the addresses of the order's invoices and credit notes as PDF, relative to the page. A channel without a seller
    has none."""
    if not visit.channel.get("legal_entity"):
        return []
    opened = visit.opened
    found = (
        ("invoice", "invoices", len(opened.order.invoices)),
        ("credit-note", "credit-notes", len(opened.order.credits)),
    )
    return [
        {
            "kind": kind,
            "number": n,
            "address": f"{opened.token}/{path}/{n}?proof={opened.paper_proof(kind, n, visit.now)}",
        }
        for kind, path, count in found
        for n in range(1, count + 1)
    ]


def _proofs(visit: Visit) -> list[dict[str, Any]]:
    order = visit.opened.order
    titles = {line.line_id: line.title or line.sku for line in order.lines}
    return [
        {"title": titles[proof["line_id"]], "kind": proof["kind"], "rows": proof["text"].splitlines()}
        for proof in (*customers.load_proofs(order), *_cards(order))
    ]


def _cards(order: Order) -> Iterator[dict[str, Any]]:
    """Yield the codes of the gift cards that the order sold."""
    for made in order.provisions:
        if made.cards is None:
            continue
        from comanda.aws.orders import bought_cards  # few orders sell gift cards

        if proof := bought_cards.proof(order, made.number):
            yield {"line_id": made.line_id, **proof}
