"""
Show one order whole, and take what the office decides about it: confirm, reject, hold, resolve a hold, cancel units, provide,
recall, and what the carrier did.

Called by   functions/console/handler.py: /console/orders/{order_id}
Returns     the page; a part whose call failed is named, and the rest is shown
"""

from collections.abc import Mapping, Sequence
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer, get
from functions.console import order_rules, places, problems, shipment_actions, shipment_rules
from functions.console.forms import Form
from functions.console.places import Place
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.shipment_actions import Done
from functions.console.view import spoken

_MOST = "100"  # rows of a list of the API
_MOST_TRACKED = 5  # shipments of which the page shows the scans
_PRECONDITION = 412


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key. A refusal shows the page again with what was typed."""
    form, order_id = request.form, request.values["order_id"]
    if form.do not in _ACTIONS:
        return request.missing()
    answer, done = _ACTIONS[form.do](request, form, f"/v1/orders/{order_id}")
    if isinstance(answer, Refusal):
        return _page(request, refused=answer, typed=form)
    if answer.ok:
        return request.done(f"orders/{order_id}", done)
    changes = problems.changed_since(request.door, order_id, form.version) if answer.status == _PRECONDITION else ()
    return _page(request, refused=problems.refusal(answer, changes=changes), typed=form)


def _confirm(request: Request, form: Form, path: str) -> Done:
    form.take()
    return _send(request, form, f"{path}/confirm", {}), spoken("The order was confirmed.")


def _reject(request: Request, form: Form, path: str) -> Done:
    return _send(request, form, f"{path}/reject", form.take("reason")), spoken("The order was rejected.")


def _hold(request: Request, form: Form, path: str) -> Done:
    return _send(request, form, f"{path}/holds", form.take("type", "reason")), spoken("The order is held.")


def _resolve(request: Request, form: Form, path: str) -> Done:
    fields = form.take("hold_id", "resolution")
    body = {"resolution": fields["resolution"]}
    return _send(request, form, f"{path}/holds/{fields['hold_id']}/resolve", body), spoken("The hold was resolved.")


def _cancel(request: Request, form: Form, path: str) -> Done:
    """Cancel the typed units. The lines are those of the order as it is now; the version refuses an older form."""
    order = request.door.get(path)
    if not order.ok:
        return order, ""
    may = request.door.get(f"{path}/allowed-changes")
    if not may.ok:
        return may, ""
    lines = order_rules.cancellable(order.body, may.body["changes"])
    fields = form.take("reason", *(f"quantity.{i}" for i in range(len(form.fields))))
    try:
        chosen = order_rules.chosen_lines(fields, lines)
    except ValueError as error:
        return _wrong(str(error), spoken("Write a whole number, at most the units that are left.")), ""
    if chosen == []:
        return _wrong("quantity.0", spoken("Write how many units are to be cancelled.")), ""
    body: dict[str, Any] = {"reason": fields["reason"], **({} if chosen is None else {"lines": chosen})}
    return _send(request, form, f"{path}/cancel", body), spoken("The units were cancelled.")


def _provide(request: Request, form: Form, path: str) -> Done:
    fields = form.take("line_id", "quantity", "kind", "text")
    typed = fields["quantity"].strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 6):
        return _wrong("quantity", spoken("Write a whole number, at most the units that are left.")), ""
    proof = {"kind": fields["kind"], "text": fields["text"]}
    body = {"line_id": fields["line_id"], "quantity": int(typed), "proof": proof}
    return _send(request, form, f"{path}/provide", body), spoken("The units were provided. The customer gets a mail.")


_ACTIONS = {
    "confirm": _confirm,
    "reject": _reject,
    "hold": _hold,
    "resolve": _resolve,
    "cancel": _cancel,
    "provide": _provide,
    **shipment_actions.ACTIONS,
}


def _send(request: Request, form: Form, path: str, body: Mapping[str, Any]) -> Answer:
    return request.door.send("POST", path, body, key=form.key, version=form.version)


def _wrong(field: str, sentence: str) -> Refusal:
    return problems.own_refusal(spoken("Nothing was changed."), {field: sentence})


def _page(request: Request, refused: Refusal | None = None, typed: Form | None = None) -> Reply:
    path = f"/v1/orders/{request.values['order_id']}"
    older = request.parameter("events")  # the cursor of the page of events, "" for the newest ones
    order, may, events, decisions, types = request.door.ask(
        get(path),
        get(f"{path}/allowed-changes"),
        get(f"{path}/events", limit=_MOST, newest="true", **({"cursor": older} if older else {})),
        get(f"{path}/decisions", limit=_MOST),
        get("/v1/hold-types", limit=_MOST),
    )
    if not order.ok:
        return request.failed(order, "The order")
    facts = order.body
    why = _latest_reasons(decisions)
    nodes, carriers, scans = _around(request, facts, order_rules.nodes_of_reasons(why or ()))
    asked_contact = request.parameter("customer") == "shown"  # names and addresses are read when a person needs them
    contact = request.door.get(f"{path}/contact") if asked_contact else None
    known = contact.body if contact and contact.ok else None
    return request.page(
        "order.html",
        title=facts["external_id"] or facts["order_id"],
        status=refused.status if refused else 200,
        order=facts,
        version=order.etag,
        **_shown_facts(facts),
        open=order_rules.is_open(facts),
        cancellable=order_rules.cancellable(facts, may.body["changes"]) if may.ok else None,
        denied_cancels=order_rules.denied_cancels(may.body["changes"]) if may.ok else [],
        hold_types=[row["id"] for row in types.body["items"]] if types.ok else [],
        nodes=nodes,
        asked_contact=asked_contact,
        contact=known,
        address=order_rules.address(known) if known else [],
        line_addresses=order_rules.line_addresses(known) if known else [],
        links=_links(facts, carriers),
        scans=scans,
        last_scans=order_rules.last_scans(scans),
        events=_items(events),
        older_events=events.body["next"] if events.ok else None,
        at_newest=not older,
        reasons=why,
        currency=(_items(decisions) or [{}])[-1].get("currency"),
        refused=refused,
        did=typed.do if typed else "",
        was=lambda do, name, otherwise="": typed.typed(do, name, otherwise) if typed else otherwise,
        errors=lambda do, name: refused.fields.get(name, "") if refused and typed and typed.do == do else "",
    )


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


def _items(answer: Answer) -> list[Any] | None:
    """Return the rows of a list, or None for a list that could not be read."""
    return list(answer.body["items"]) if answer.ok else None


def _latest_reasons(decisions: Answer) -> list[Any] | None:
    rows = _items(decisions)
    return rows[-1]["why"] if rows else rows


def _around(
    request: Request, order: Mapping[str, Any], compared: Sequence[str]
) -> tuple[dict[str, Place], list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the order's nodes and those `compared` with them by id, the carriers, and the scans of its parcels. A part that
    cannot be read is empty."""
    wanted = places.calls(dict.fromkeys([*order_rules.nodes_of(order), *compared]))
    calls = [get("/v1/carriers", limit=_MOST)] if order_rules.carriers_of(order) else []
    tracked = [f"/v1/fulfillments/{name}/tracking" for name in order_rules.sent_in_parcels(order)[:_MOST_TRACKED]]
    answers = request.door.ask(*wanted, *calls, *(get(path, limit=_MOST) for path in tracked))
    of_carriers, of_parcels = answers[len(wanted) :][: len(calls)], answers[len(wanted) + len(calls) :]
    carriers, scans = ([row for a in some if a.ok for row in a.body["items"]] for some in (of_carriers, of_parcels))
    return places.read(answers[: len(wanted)]), carriers, scans


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
