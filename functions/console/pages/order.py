"""
Show one order whole, and take what the office decides about it.

Called by   functions/console/handler.py: /console/orders/{order_id}
Returns     the page; a part whose call failed is named, and the rest is shown
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer, get
from comanda.domain.cases.case import CaseKind
from comanda.domain.cases.terms import TEAMS
from functions.console import (
    case_rules,
    order_actions,
    order_addresses,
    order_rules,
    payment_ways,
    places,
    problems,
    reasons,
    shipment_rules,
)
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.shown_form import ShownForm

_MOST = "100"  # rows of a list of the API
_MOST_TRACKED = 5  # shipments of which the page shows the scans
_MOST_INVOICES = 10  # of which the page says until when they are to be paid
_PRECONDITION = 412


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown(ShownForm):
    """Keep what the page shows beside the order: what was typed, why it was refused, and a link that was just made."""

    link: Mapping[str, Any] | None = None

    def marked(self, do: str, name: str) -> tuple[str, ...]:
        """Return the values of the boxes that were ticked, if the button `do` sent the form."""
        return self.typed.fields.get(name, ()) if self.typed and self.did == do else ()


def show(request: Request) -> Reply:
    return _page(request, _Shown())


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key. A refusal shows the page again with what was typed."""
    form, order_id = request.form, request.values["order_id"]
    if form.do not in order_actions.ACTIONS:
        return request.missing()
    answer, done = order_actions.ACTIONS[form.do](request, form, f"/v1/orders/{order_id}")
    if isinstance(answer, Refusal):
        return _page(request, _Shown(refused=answer, typed=form))
    if answer.ok and form.do in order_actions.LINKS:
        return _page(request, _Shown(link=answer.body))
    if answer.ok:
        return request.done(f"orders/{order_id}", done)
    changes = problems.changed_since(request, order_id, form.version) if answer.status == _PRECONDITION else ()
    refused = problems.refusal(answer, order_actions.FIELDS, changes)
    return _page(request, _Shown(refused=refused, typed=form))


def _page(request: Request, shown: _Shown) -> Reply:
    path = f"/v1/orders/{request.values['order_id']}"
    older = request.parameter("events")  # the cursor of the page of events, "" for the newest ones
    more = {"cursor": older} if older else {}
    order, may, events, decisions, types, given, cases = request.door.ask(
        get(path),
        get(f"{path}/allowed-changes"),
        get(f"{path}/events", limit=_MOST, newest="true", locale=request.person.locale, **more),
        get(f"{path}/decisions", limit=_MOST),
        get("/v1/hold-types", limit=_MOST),
        reasons.CALL,
        get("/v1/cases", order_id=request.values["order_id"], limit=_MOST),
    )
    if not order.ok:
        return request.failed(order, "The order")
    return request.page(
        "order.html",
        title=order.body["external_id"] or order.body["order_id"],
        status=shown.status,
        order=order.body,
        version=order.etag,
        **_shown_facts(order.body),
        **_may(order.body, may),
        **_around(request, order.body, decisions),
        **_contact(request, path, asked=bool(shown.link) or request.parameter("customer") == "shown"),
        hold_types=_items(types) or [],
        holds_lines=order_rules.holds_lines(_items(types) or ()),
        not_mine=order_rules.not_resolved_by(order.body["holds"], _items(types) or (), request.person.roles),
        resolvers=order_rules.resolvers(order.body["holds"], _items(types) or ()),
        **_from_timeline(_items(events) or []),
        cancel_reasons=reasons.options(given, request.person.locale),
        reason_words=reasons.words(given, request.person.locale),
        cases=case_rules.toned(cases.body["items"]) if cases.ok else None,
        teams=tuple(map(str, TEAMS)),
        methods=order_rules.PAID_BY,
        asked_by=_asked_by(request, order.body),
        case_kinds=tuple(map(str, CaseKind)),
        events=_items(events),
        older_events=events.body["next"] if events.ok else None,
        at_newest=not older,
        refused=shown.refused,
        link=shown.link,
        did=shown.did,
        was=shown.was,
        marked=shown.marked,
        errors=shown.error,
    )


def _may(order: Mapping[str, Any], may: Answer) -> dict[str, Any]:
    """Return what may be done with the order. `cancellable` is None when that could not be read."""
    changes = may.body["changes"] if may.ok else ()
    return {
        "open": order_rules.is_open(order),
        "cancellable": order_rules.cancellable(order, changes) if may.ok else None,
        "denied_cancels": order_rules.denied_cancels(changes),
        "no_change": order_rules.takes_no_change(changes),
    }


def _asked_by(request: Request, order: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ways in which the customer may be asked to pay what the order lacks: those that its channel offers."""
    ways = payment_ways.asked_by(order)
    channel = request.door.get(f"/v1/channels/{order['channel']}") if ways else None
    offered = channel.body.get("payment_providers") if channel and channel.ok else None
    return tuple(way for way in ways if way in (offered or ()))


def _contact(request: Request, path: str, *, asked: bool) -> dict[str, Any]:
    """Return the contact of the order if a person needs it: names and addresses are read for nobody else."""
    answer = request.door.get(f"{path}/contact") if asked else None
    known = answer.body if answer and answer.ok else None
    return {
        "asked_contact": asked,
        "contact": known,
        "address": order_addresses.address(known) if known else [],
        "line_addresses": order_addresses.line_addresses(known) if known else [],
    }


def _shown_facts(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page shows of the order itself."""
    return {
        "groups": order_rules.groups(order),
        "bundles": order_rules.bundles(order),
        "units": sum(order["quantities"].values()),
        "promise": order_rules.promise(order),
        "zone": order_rules.zone(order),
        "holds": order_rules.active_holds(order),
        "review": order_rules.waits_for_review(order),
        "sent": shipment_rules.on_their_way(order),
        "at_nodes": shipment_rules.at_nodes(order),
        "at_counters": shipment_rules.at_counters(order),
        "losses": shipment_rules.open_losses(order),
        "to_provide": order_rules.to_provide(order),
        "provide_held": order_rules.hold_of_providing(order),
    }


def _from_timeline(events: list[Any]) -> dict[str, Any]:
    """Return what the timeline tells of other parts of the page: who people are, and what the change that waits is about."""
    return {
        "people": {event["actor"]: event["words"]["actor"] for event in events},
        "pending_words": next((row["words"]["text"] for row in events if row["type"] == "change_pending"), ""),
    }


def _items(answer: Answer) -> list[Any] | None:
    """Return the rows of a list, or None for a list that could not be read."""
    return list(answer.body["items"]) if answer.ok else None


def _around(request: Request, order: Mapping[str, Any], decisions: Answer) -> dict[str, Any]:
    """Return why the order's nodes were chosen, these nodes and those compared with them by id, its carriers' pages, the days until
    which its last invoices are to be paid, and the scans of its parcels. A part that cannot be read is empty."""
    rows = _items(decisions)
    why = rows if rows is None else order_rules.reasons(rows)
    compared = order_rules.nodes_of_reasons(why or ())
    wanted = places.calls(dict.fromkeys([*order_rules.nodes_of(order), *compared]))
    calls = [get("/v1/carriers", limit=_MOST)] if order_rules.carriers_of(order) else []
    tracked = [f"/v1/fulfillments/{name}/tracking" for name in order_rules.sent_in_parcels(order)[:_MOST_TRACKED]]
    invoices = [get(f"/v1/invoices/{name}") for name in order["invoices"][-_MOST_INVOICES:]]
    answers = request.door.ask(*wanted, *calls, *invoices, *(get(path, limit=_MOST) for path in tracked))
    of_carriers, rest = answers[len(wanted) :][: len(calls)], answers[len(wanted) + len(calls) :]
    billed, of_parcels = rest[: len(invoices)], rest[len(invoices) :]
    carriers, scans = ([row for a in some if a.ok for row in a.body["items"]] for some in (of_carriers, of_parcels))
    return {
        "reasons": why,
        "currency": (rows or [{}])[-1].get("currency"),
        "nodes": places.read(answers[: len(wanted)]),
        "links": _links(order, carriers),
        "due_on": {one.body["invoice_id"]: one.body["due_on"] for one in billed if one.ok and one.body["due_on"]},
        "scans": scans,
        "last_scans": order_rules.last_scans(scans),
    }


def _links(order: Mapping[str, Any], carriers: list[Mapping[str, Any]]) -> dict[str, str]:
    """Return the address of each parcel's page at its carrier, by package id."""
    pages = {carrier["id"].lower(): carrier.get("tracking_url") for carrier in carriers}
    found = {
        package["package_id"]: order_rules.tracking_link(
            pages.get((package["carrier"] or "").strip().lower()), package["tracking_number"]
        )
        for fulfillment in order["fulfillments"]
        for package in fulfillment["packages"]
    }
    return {package: link for package, link in found.items() if link}
