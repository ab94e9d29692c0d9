"""
Follow the supplies of pre-orders. Their units are released when their supply is on the shelf, move with its day, and
lose it when it does not come.

What is found at all positions for one order is one decision; for a long order it is a few, each small enough to be given
back whole.
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
from comanda.domain.lifecycle import preorders
from comanda.domain.lifecycle.preorders import Move, Waiting
from comanda.domain.orders import queues
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.route import arrivals
from comanda.domain.stock.stock import Position, expired

_ONE_DECISION = 200  # moves: each changes a position, and a plan of so many is made or undone in seconds

type At = tuple[str, str]  # sku, node


class Following:
    """Move pre-orders with their supplies and release what has arrived. `moved` counts the decisions that changed an order."""

    def __init__(self, now: datetime) -> None:
        self.now, self.moved = now, 0
        self._orders: dict[str, Order] = {}

    def follow(self, queue: Mapping[str, Mapping[Waiting, RowKey]]) -> None:
        """Keep the promises of later days true, by sku. An order that cannot be saved holds up none of the others: its error
        is raised after them."""
        at: dict[At, list[Waiting]] = {}
        for sku, rows in queue.items():
            for row in rows:
                at.setdefault((sku, row.node), []).append(row)
        positions, of_order = self._positions(at), dict[str, list[Move]]()
        shut = {node.node_id for node in directory.nodes() if node.closed(self.now)}

        def gather_moves(place: At, position: Position) -> None:
            moves = self._moves(position, at[place], queue[place[0]])
            for move in preorders.without_shelf(moves) if place[1] in shut else moves:
                of_order.setdefault(move.waiting.order_id, []).append(move)

        do_all(partial(gather_moves, place, position) for place, position in positions.items())
        self._save(of_order, queue)

    def _positions(self, places: Iterable[At]) -> dict[At, Position]:
        found = position_reads.get_first_lanes(places)
        if over := [place for place, position in found.items() if expired(position, self.now)]:
            expiry.take_back(over, self.now)  # carts whose time is over keep no promised unit from its order
            found |= position_reads.get_first_lanes(over)
        return found

    def _moves(self, position: Position, rows: Sequence[Waiting], places: Mapping[Waiting, RowKey]) -> Sequence[Move]:
        moves = preorders.reconcile(position, rows, self.now)
        if moves:  # seldom: then it is worth a look whether everybody is still there who takes a part
            there = [row for row in rows if self._stands(row, places[row])]
            moves = preorders.reconcile(position, there, self.now)
        return moves

    def _stands(self, row: Waiting, place: RowKey) -> bool:
        """Say whether the order still waits as its row says. A row that a stopped process has left over is deleted."""
        if row.order_id not in self._orders:
            self._orders[row.order_id] = orders.load(row.order_id)
        if (
            queues.units_promised_later(self._orders[row.order_id]).get((row.line_id, row.node, row.due))
            == row.quantity
        ):
            return True
        orders.correct_backorder_rows(row.order_id, [place])
        return False

    def _save(self, of_order: Mapping[str, Sequence[Move]], queue: Mapping[str, object]) -> None:
        if not of_order:
            return
        nodes = {move.waiting.node for moves in of_order.values() for move in moves}
        world = inputs.build((), {}, list(queue), self.now, at=nodes)
        turns = sorted(of_order.items(), key=lambda found: found[1][0].waiting.turn[:3])
        do_all(
            partial(self._followed, order_id, some, world)
            for order_id, moves in turns
            for some in batched(moves, _ONE_DECISION, strict=False)
        )

    def _followed(self, order_id: str, moves: Sequence[Move], world: RouterInputs) -> None:
        """Decide one order on the positions as they are now: the orders before it have changed them."""

        def rule(order: Order) -> Decision | None:
            skus = {line.line_id: line.sku for line in order.lines}
            places = {(skus[move.waiting.line_id], move.waiting.node) for move in moves}
            kept = [m for m in moves if m.due is not None or m.ready]
            days = arrivals(
                order, [(m.waiting.line_id, m.waiting.node, m.quantity, m.due) for m in kept], world, self.now
            )
            return preorders.apply_moves(order, moves, position_reads.get_first_lanes(places).values(), self.now, days)

        self.moved += orders.decide(order_id, rule).changed
