"""
Replenish: give what arrived to who waits for it, in order of priority, then of time. Pre-orders are released when their
supply is on the shelf, move with its day, and lose it when it does not come; backorders are set free for the router as far
as it could place them now, and no further.

Called by   the Stock stream (positions only), at least once; functions/daily, with {"skus": [...]}: what it may have missed
Returns     nothing: what changed is on the orders, whose own stream wakes their machines
Raises      an error, after every other sku of the batch was looked at: the stream delivers the batch again
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws import clock, directory, expiring, orders, sourcing, stock, streams, waiting
from comanda.aws.batches import do_all
from comanda.aws.leaving import room
from comanda.aws.waiting_rows import Place
from comanda.domain import kits, preorders, queues
from comanda.domain.decision import Decision
from comanda.domain.order import Order
from comanda.domain.preorders import Move, Waiting
from comanda.domain.stock import Position, expired
from functions.replenish.rules import Calls

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    skus = event["skus"] if "skus" in event else streams.skus_that_moved(event["Records"])
    do_all(partial(replenish, sku) for sku in skus)


def replenish(sku: str) -> None:
    """Look at everyone who waits for one sku."""
    queue, now = waiting.for_sku(sku), clock.now()
    if not queue.preorders and not queue.backorders:
        return
    moved = sum(_follow(sku, node, queue.preorders, now) for node in sorted({row.node for row in queue.preorders}))
    called = _call(sku, queue.backorders, now) if queue.backorders else 0
    if moved or called:
        logger.info("replenished", extra={"sku": sku, "preorders": moved, "backordered_units": called})
        metrics.add_metric("OrdersReplenished", MetricUnit.Count, moved)
        metrics.add_metric("UnitsCalled", MetricUnit.Count, called)


def _follow(sku: str, node: str, queue: Mapping[Waiting, Place], now: datetime) -> int:
    """Keep the promises of later days at one node true. Returns how many orders changed."""
    position = stock.position(sku, node)
    if position is not None and expired(position, now):
        expiring.take_back([(sku, node)], now)  # carts whose time is over keep no promised unit from its order
        position = stock.position(sku, node)
    if position is None:
        return 0
    rows = [row for row in queue if row.node == node]
    moves = preorders.reconcile(position, rows, now)
    if moves:  # seldom: then it is worth a look whether everybody is still there who takes a part
        moves = preorders.reconcile(position, [row for row in rows if _stands(row, queue[row])], now)
    shut = bool(moves) and any(one.node_id == node and one.closed(now) for one in directory.nodes())
    of_order: dict[str, list[Move]] = {}
    for move in preorders.without_shelf(moves) if shut else moves:
        of_order.setdefault(move.waiting.order_id, []).append(move)
    return sum(_followed(order_id, mine, sku, node, now) for order_id, mine in of_order.items())


def _stands(row: Waiting, place: Place) -> bool:
    """Whether its order still waits so. A row may be left over by who ended before he could delete it: it is dropped."""
    order = orders.load(row.order_id)
    if queues.awaited(order).get((row.line_id, row.node, row.due)) == row.quantity:
        return True
    orders.forget_row(*place)
    return False


def _followed(order_id: str, moves: Sequence[Move], sku: str, node: str, now: datetime) -> bool:
    """Each order on the position as it is then: the ones before it have changed it."""
    versions = []

    def rule(order: Order) -> Decision | None:
        versions.append(order.version)
        position: Position | None = stock.position(sku, node)
        return None if position is None else preorders.follow(order, moves, position, now)

    return orders.decide(order_id, rule).version > versions[-1]


def _call(sku: str, rows: Sequence[waiting.Backorder], now: datetime) -> int:
    """Set free the backordered units that a route would place now. Returns how many."""
    calls = _calls([sku], now)
    units = 0
    for row in rows:
        if not calls.anything_left():
            break
        order = orders.load(row.order_id)
        if not order.line(row.line_id).waiting():
            orders.forget_row(*row.row)
            continue
        if order.kept_from_router:
            continue
        placed = calls.place(order, row.line_id)[row.line_id]
        if kit := _kit(order, row.line_id):
            units += _call_kit(order, kit, now) if placed else 0
            continue
        free = placed - row.called  # those were set free before, and will take their part
        if free > 0:
            orders.decide(row.order_id, partial(preorders.receive, line_id=row.line_id, quantity=free, now=now))
            units += free
    return units


def _calls(skus: Sequence[str], now: datetime) -> Calls:
    found, prices = stock.positions_and_prices(skus, now, consistent=True)
    return Calls(sourcing.world(found, prices, skus, now), directory.offers(skus), now)


def _kit(order: Order, line_id: str) -> Sequence[str]:
    """The lines that this one stays together with, itself among them; none where it goes alone."""
    group = order.line(line_id).group
    return tuple(kits.of(order).get(group or "", ()))


def _call_kit(order: Order, kit: Sequence[str], now: datetime) -> int:
    """Set free the sets that a route would place now, all their lines at once. Returns how many units."""
    placed = _calls(sorted({order.line(line_id).sku for line_id in kit}), now).place(order, *kit)
    free = {line_id: n for line_id in kit if (n := placed[line_id] - _called(order, line_id)) > 0}
    if not free:
        return 0
    orders.decide(order.order_id, partial(preorders.receive_together, quantities=free, now=now))
    return sum(free.values())


def _called(order: Order, line_id: str) -> int:
    line = order.line(line_id)
    return line.waiting() - queues.backordered(line)
