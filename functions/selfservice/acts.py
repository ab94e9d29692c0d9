"""
Take what a customer decides on the page of a link: cancel units, or see the address and what was provided.

Called by   functions/selfservice/handler.py
Returns     an VisitOutcome, which the page shows
Raises      Busy when the order changes at every try; TooLarge

Each act needs the value of the page's form, which is right for one version of the order, and the postal code of the order. A
form that is sent twice acts once: the second one finds another version, and shows what became of the first.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from comanda.aws.api import form_fields
from comanda.aws.orders import order_links, orders
from comanda.aws.orders.orders import Saving
from comanda.aws.reservations import of_order
from comanda.domain.errors import Held, NotAllowed
from comanda.domain.lifecycle.cancels import customer_cancel
from comanda.domain.lifecycle.modifications.modification_matrix import Level
from comanda.domain.orders.order import Order
from comanda.domain.orders.order_link import Purpose
from functions.selfservice import facts
from functions.selfservice.visits import Visit, VisitOutcome

CANCEL_ALL, CANCEL_SOME, REVEAL = "cancel-all", "cancel-some", "reveal"
_PURPOSES = {CANCEL_ALL: Purpose.CANCEL, CANCEL_SOME: Purpose.CANCEL, REVEAL: Purpose.CONTACT}
_FIELDS = 1200  # a line of the order has one, and an order has at most a thousand
_FORBIDDEN, _CONFLICT, _WRONG = 403, 409, 422


def act(visit: Visit, event: Mapping[str, Any]) -> VisitOutcome:
    """Do what the form says, or say why not."""
    fields = dict(form_fields.read(_body(event), _FIELDS))
    said, typed = fields.get("do", ""), fields.get("proof", "").strip()
    chosen = {name: value for name, value in fields.items() if name.startswith(facts.LINE)}
    refused = _refusal(visit, said, fields.get("value", ""), chosen, typed)
    if refused is None:
        return _done(visit, said, chosen)
    return replace(refused, typed="" if refused.problem == "wrong" else typed, chosen=chosen)


def _refusal(visit: Visit, said: str, value: str, chosen: Mapping[str, str], typed: str) -> VisitOutcome | None:
    """Return why nothing is done, None if the customer may do it. Only a form that is right costs a try."""
    opened = visit.opened
    wanted = _PURPOSES.get(said)
    if wanted is None or not opened.link.purposes & wanted:
        return VisitOutcome(visit=visit, notice="unknown", status=_WRONG)
    if not opened.is_one_time_value(value, visit.now):
        return VisitOutcome(visit=visit, notice="changed", status=_CONFLICT)
    if said == CANCEL_SOME and not facts.chosen_units(opened.order, chosen):
        return VisitOutcome(visit=visit, notice="nothing-chosen", status=_WRONG)
    if said == CANCEL_ALL and not visit.may_cancel_all:
        return VisitOutcome(visit=visit, notice="too-late", status=_CONFLICT)
    if opened.locked:
        return VisitOutcome(visit=visit, notice="locked", status=_FORBIDDEN)
    if not typed:
        return VisitOutcome(visit=visit, notice="check", status=_WRONG, problem="blank")
    if order_links.is_proven(opened, typed, facts.proof_of(opened.order, visit.contact)[1]):
        return None
    after = replace(visit, opened=replace(opened, tries=opened.tries + 1))
    if after.opened.locked:
        return VisitOutcome(visit=after, notice="locked", status=_FORBIDDEN)
    return VisitOutcome(visit=after, notice="check", status=_WRONG, problem="wrong")


def _done(visit: Visit, said: str, chosen: Mapping[str, str]) -> VisitOutcome:
    if said == REVEAL:
        return VisitOutcome(visit=visit, notice="revealed", revealed=True)
    order = visit.opened.order
    level = Level.ORDER if said == CANCEL_ALL else Level.LINE
    units = visit.cancellable(level) if said == CANCEL_ALL else facts.chosen_units(order, chosen)

    def decide(current: Order) -> Saving | None:
        decision = customer_cancel.cancel_units(current, units, visit.may_cancel(level), order.version, visit.now)
        if decision is None:
            return None
        decision, also = of_order.settle(current, decision, visit.now)
        return Saving(decision=decision, also=also)

    try:
        saved = orders.decide(order.order_id, decide)
    except (NotAllowed, Held):
        return VisitOutcome(visit=visit, notice="too-late", status=_CONFLICT)
    after = replace(visit, opened=replace(visit.opened, order=saved.order, tries=0))
    if not saved.changed:
        return VisitOutcome(visit=after, notice="changed", status=_CONFLICT)
    return VisitOutcome(visit=after, notice="cancelled")


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    return b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
