"""
Run a rule set on stored orders without effect: choose the orders, read the router's inputs for each, and write the answer.

Called by   functions/planning/handler.py
Returns     dry runs, and their JSON
Raises      Invalid for orders and channels that do not exist
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages, reads
from comanda.aws.orders import orders
from comanda.aws.reservations import reservations
from comanda.aws.routing import inputs
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.evaluation import dry_run
from comanda.domain.evaluation.dry_run import DryRun
from comanda.domain.orders.order import Order
from comanda.domain.reservations.reservations import (
    OwnReservation,
    ReservationEnded,
    ReservationExpired,
    ReservationPending,
)
from comanda.domain.rules.rule_sets import RuleSet
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit
from functions.planning import contract

SECONDS = 15.0  # the API has twenty


def load_orders(request: contract.Trial) -> list[Order]:
    """Return the named orders in the order of the request, or the first orders of a day. Raises Invalid."""
    if request.channel is not None and request.day is not None:
        if directory.find(directory.CHANNEL, request.channel) is None:
            message = f"there is no channel {request.channel}"
            raise Invalid(Problem(pointer="/channel", code="unknown-channel", message=message))
        pages = list_pages.days(request.channel, request.day.replace("-", ""))
        rows, _ = list_pages.page("GSI2", pages, "", request.limit)
        return [orders.order_of_item(row) for row in rows]
    names = request.orders or []
    places = {name: keys.order(name) for name in names if _is_ours(name)}
    found = {row["pk"]: row for row in reads.batch(settings.orders_table, places.values(), consistent=False)}
    wrong = [
        Problem(pointer=f"/orders/{i}", code="unknown-order", message=f"there is no order {name}")
        for i, name in enumerate(names)
        if name not in places or places[name]["pk"] not in found
    ]
    if wrong:
        raise Invalid(*wrong)
    return [orders.order_of_item(found[places[name]["pk"]]) for name in names]


def _is_ours(name: str) -> bool:
    try:
        ids.parse("ord", name, settings.cell)
    except NotFound:
        return False
    return True


def dry_run_order(order: Order, rule_set: RuleSet, now: datetime, late: TimeLimit) -> DryRun | None:
    """Make both plans for the rest of the order. Returns None if nothing is left of it."""
    whole = dry_run.without_assignments(order)
    wanted = inputs.wanted_methods(whole)
    if not wanted:
        return None
    kept = (*dry_run.reserved_units(order), *_reserved_before(order, now))
    _, router_inputs = inputs.for_order(order.channel, wanted, kept, now, at={units.node for units in kept})
    if rule_set.applies_to.sellers:  # the sellers are read only if a set in force tests them
        router_inputs = replace(router_inputs, sellers=directory.sellers())
    return dry_run.dry_run(order, dry_run.with_room(order, router_inputs), rule_set, now, late)


def dry_runs(chosen: Sequence[Order], rule_set: RuleSet, now: datetime) -> list[DryRun | None]:
    """Return the dry runs of the first orders, as many as there is time for before the API must answer; one at
    least."""
    late = clock.time_limit(SECONDS)
    trials: list[DryRun | None] = []
    for order in chosen:
        if trials and late():
            break
        trials.append(dry_run_order(order, rule_set, now, late))
    return trials


def _reserved_before(order: Order, now: datetime) -> tuple[ReservedUnits, ...]:
    """Return the units that a reservation keeps for the order and that it has not taken yet."""
    found = reservations.find(order.reservation_id) if order.reservation_id else None
    if found is None:
        return ()
    try:
        return OwnReservation(found, now, order.order_id).units()
    except (ReservationEnded, ReservationExpired, ReservationPending):
        return ()


def dry_run_json(rule_set: RuleSet, chosen: Sequence[Order], trials: Sequence[DryRun | None]) -> dict[str, Any]:
    """Return the answer as JSON: order by order, and the sums. Orders of which nothing is left, and orders without
    time, are named apart."""
    made = [one for one in trials if one is not None]
    return {
        "rule_set": rule_set.key,
        "orders": [
            {
                "order_id": one.order_id,
                "rule_sets": list(one.rule_sets),
                "speaks": one.tried is not None,
                "differs": one.differs,
                "live": _outcome_json(one.live),
                "then": _outcome_json(one.then),
            }
            for one in made
        ],
        "nothing_left": [order.order_id for order, one in zip(chosen, trials, strict=False) if one is None],
        "not_tried": [order.order_id for order in chosen[len(trials) :]],
        "sums": {
            "orders": len(made),
            "differ": sum(one.differs for one in made),
            "live": dry_run.summed(one.live for one in made),
            "then": dry_run.summed(one.then for one in made),
        },
    }


def _outcome_json(of: Mapping[str, Any]) -> dict[str, Any]:
    names = ("node_id", "method", "service", "units", "deliver_on")
    return {**of, "fulfillments": [dict(zip(names, row, strict=True)) for row in of["fulfillments"]]}
