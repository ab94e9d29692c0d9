"""
Keep pre-orders in step with their supplies: release arrived units, move units with the supply's day, end lost promises.

Called by   functions/replenish/handler.py
Raises      the error of an order that cannot be saved, after the other orders were served

The moves of one order at all positions are one decision. A long order has a few decisions, each small enough to be undone
whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import batched

from comanda.aws.directory import directory
from comanda.aws.orders import orders
from comanda.aws.orders.backorder_rows import RowKey
from comanda.aws.reservations import expiry
from comanda.aws.routing import inputs
from comanda.aws.runtime.batch import do_all
from comanda.aws.stock import position_reads
from comanda.domain.lifecycle.backorders import preorders
from comanda.domain.lifecycle.backorders.preorders import PreorderedUnits, PreorderMove
from comanda.domain.orders import queues
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.route import arrivals
from comanda.domain.stock.stock import Position, expired

_ONE_DECISION = 200  # moves: each changes a position, and a plan of so many is made or undone in seconds

type SkuAtNode = tuple[str, str]


class PreorderRun:
    """One run over the pre-orders of some skus. `moved` counts the decisions that changed an order."""

    def __init__(self, now: datetime) -> None:
        self.now, self.moved = now, 0
        self._orders: dict[str, Order] = {}

    def serve(self, queue: Mapping[str, Mapping[PreorderedUnits, RowKey]]) -> None:
        """Move the pre-orders of each sku. An order that cannot be saved delays no other order: its error is raised at the
        end."""
        at: dict[SkuAtNode, list[PreorderedUnits]] = {}
        for sku, rows in queue.items():
            for row in rows:
                at.setdefault((sku, row.node), []).append(row)
        positions, by_order = self._positions(at), dict[str, list[PreorderMove]]()
        closed = {node.node_id for node in directory.nodes() if node.closed(self.now)}

        def gather_moves(sku: str, node: str, position: Position) -> None:
            moves = self._moves(position, at[sku, node], queue[sku])
            for move in preorders.without_shelf(moves) if node in closed else moves:
                by_order.setdefault(move.waiting.order_id, []).append(move)

        do_all(partial(gather_moves, *place, position) for place, position in positions.items())
        self._save(by_order, queue)

    def _positions(self, places: Iterable[SkuAtNode]) -> dict[SkuAtNode, Position]:
        """Return the positions, without the reservations whose time is over: these units belong to waiting orders."""
        found = position_reads.get_first_lanes(places)
        if over := [place for place, position in found.items() if expired(position, self.now)]:
            expiry.take_back(over, self.now)
            found |= position_reads.get_first_lanes(over)
        return found

    def _moves(
        self, position: Position, rows: Sequence[PreorderedUnits], keys: Mapping[PreorderedUnits, RowKey]
    ) -> Sequence[PreorderMove]:
        moves = preorders.reconcile(position, rows, self.now)
        if moves:  # few positions have moves: only then the rows are compared with their orders
            valid = [row for row in rows if self._is_valid(row, keys[row])]
            moves = preorders.reconcile(position, valid, self.now)
        return moves

    def _is_valid(self, row: PreorderedUnits, key: RowKey) -> bool:
        """Return True if the order still waits as its row says. Delete the row of an order that does not: a process ended
        before it deleted the row."""
        if row.order_id not in self._orders:
            self._orders[row.order_id] = orders.load(row.order_id)
        promised = queues.units_promised_later(self._orders[row.order_id])
        if promised.get((row.line_id, row.node, row.due)) == row.quantity:
            return True
        orders.correct_backorder_rows(row.order_id, [key])
        return False

    def _save(self, by_order: Mapping[str, Sequence[PreorderMove]], queue: Mapping[str, object]) -> None:
        if not by_order:
            return
        nodes = {move.waiting.node for moves in by_order.values() for move in moves}
        world = inputs.build((), {}, list(queue), self.now, at=nodes)
        turns = sorted(by_order.items(), key=lambda found: found[1][0].waiting.turn[:3])
        do_all(
            partial(self._save_order, order_id, some, world)
            for order_id, moves in turns
            for some in batched(moves, _ONE_DECISION, strict=False)
        )

    def _save_order(self, order_id: str, moves: Sequence[PreorderMove], world: RouterInputs) -> None:
        """Decide on one order with the positions as they are now: the orders before it have changed them."""

        def rule(order: Order) -> Decision | None:
            skus = {line.line_id: line.sku for line in order.lines}
            places = {(skus[move.waiting.line_id], move.waiting.node) for move in moves}
            kept = [m for m in moves if m.due is not None or m.ready]
            days = arrivals(
                order, [(m.waiting.line_id, m.waiting.node, m.quantity, m.due) for m in kept], world, self.now
            )
            return preorders.apply_moves(order, moves, position_reads.get_first_lanes(places).values(), self.now, days)

        self.moved += orders.decide(order_id, rule).changed
