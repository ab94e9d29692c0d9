"""
End a pickup that the customer did not collect: the units are cancelled, and go back on the shelf.

Called by   functions/fulfill
Returns     a decision with the event `no_show`
Raises      NotAllowed for units that do not wait at a counter, Held, Invalid, NotFound
"""

from comanda.domain.lifecycle.cancels.cancel import cancel_units
from comanda.domain.lifecycle.closing import end_if_no_unit_is_left
from comanda.domain.lifecycle.node_work.work import Step, chosen_units, open_fulfillment, unit_rows
from comanda.domain.orders import cancel_reasons
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.line import Units
from comanda.domain.orders.order import Order

ENDED = "NO_SHOW"


def no_show(order: Order, step: Step) -> Decision:
    """Cancel the units of the step, or all that wait at the counter. What was authorised for them is not captured."""
    fulfillment = open_fulfillment(order, step.number)
    order.require_unheld("no-show")
    units = chosen_units(order, "no-show", step)
    where, why = Units(fulfillment=step.number), cancel_reasons.NO_SHOW
    result = cancel_units(order, units, "no-show", step.at, where, ended=ENDED, why=why)
    after, ended = end_if_no_unit_is_left(result.order, step.actor, step.at)
    return Decision(
        order=after,
        event=Event(
            type=EventType.NO_SHOW,
            actor=step.actor,
            at=step.at,
            data={
                "fulfillment": step.number,
                "node": fulfillment.node,
                "lines": unit_rows(units),
                **why.facts(),
                "total": after.totals.total,
                "currency": after.currency,
                **({"along": unit_rows(result.along)} if result.along else {}),
            },
        ),
        stock=result.stock,
        tasks=result.tasks,
        done=(*result.done, *ended),
        capacity=result.capacity,
    )
