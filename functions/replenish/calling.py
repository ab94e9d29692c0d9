"""
Serve backorders: the lines that wait for these skus are routed for trial, in turn over all of them. Each gets exactly
the units that the router would place now.

An order is decided on once, however many of its lines are served. Positions are read a page of skus at a time.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import batched, groupby

from comanda.aws.directory import directory
from comanda.aws.orders import orders
from comanda.aws.orders.backorder_queue import Backorder
from comanda.aws.orders.backorder_rows import RowKey
from comanda.aws.routing import inputs
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.stock import position_reads
from comanda.domain.lifecycle import kits, preorders
from comanda.domain.orders import queues
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from functions.replenish.rules import Calls

_TOGETHER = 100  # skus whose positions at every node are held at once
_MOST_SECONDS = 15.0  # of search for one order, as when it is routed
_ALL_SECONDS = (
    150.0  # of search for all orders, of the 300 that the function has: then every search ends with its first
)


class Calling:
    """Call orders for stock that is there. `units` counts the units that were released to the router."""

    def __init__(self, now: datetime) -> None:
        self.now, self.units = now, 0
        self._calls = Calls(now)
        self._all_late = clock.time_limit(_ALL_SECONDS)
        self._called: dict[str, dict[str, int]] = {}
        self._over: dict[str, list[RowKey]] = {}
        self._kits: set[tuple[str, str]] = set()

    def call(self, backorders: Mapping[str, Sequence[Backorder]]) -> None:
        """Serve these, by sku. An order that cannot be saved holds up none of the others: its error is raised after them."""
        turns = [partial(self._look, skus, backorders) for skus in batched(sorted(backorders), _TOGETHER, strict=False)]
        do_all([*turns, self._save])

    def _look(self, skus: Sequence[str], backorders: Mapping[str, Sequence[Backorder]]) -> None:
        self._know(skus)
        rows = sorted((row for sku in skus for row in backorders[sku]), key=lambda row: row.turn)
        of_orders = [(order_id, list(mine)) for order_id, mine in groupby(rows, key=lambda row: row.order_id)]
        do_all(partial(self._serve, order_id, mine) for order_id, mine in of_orders)

    def _know(self, skus: Sequence[str], *, beside: bool = False) -> None:
        found, prices = position_reads.load_with_prices(skus, self.now, consistent=True)
        world, offers = inputs.build(found, prices, skus, self.now), directory.offers(skus)
        self._calls.know(skus, world, offers, beside=beside)

    def _serve(self, order_id: str, rows: Sequence[Backorder]) -> None:
        """Call the units of this order that the router would place now, when it is the order's turn."""
        if not any(self._calls.anything_left(row.sku) for row in rows):
            return
        order = orders.load(order_id)
        lines = {line.line_id: line for line in order.lines}
        waits = [row for row in rows if row.line_id in lines and lines[row.line_id].waiting()]
        if over := [row.row for row in rows if row not in waits]:
            self._over.setdefault(order_id, []).extend(over)
        if order.kept_from_router:
            return
        free = self._called.setdefault(order_id, {})
        late = clock.time_limit(_MOST_SECONDS)
        for together in self._parts(order, lines, waits):
            placed = self._calls.place(order, together, lambda: late() or self._all_late())
            # Units that were set free before will take their part.
            free |= {line.line_id: n for line in together if (n := placed[line.line_id] - _set_free(line)) > 0}

    def _parts(self, order: Order, lines: Mapping[str, Line], waits: Sequence[Backorder]) -> Iterator[Collection[Line]]:
        """Yield the lines that are placed together, those of a kit or one alone, as long as any stock is left for
        them."""
        groups = kits.by_group(order)
        for row in waits:
            line = lines[row.line_id]
            if not self._calls.anything_left(row.sku):
                continue
            if line.group is None or line.group not in groups:
                yield (line,)
            elif (order.order_id, line.group) not in self._kits:
                self._kits.add((order.order_id, line.group))
                kit = [lines[line_id] for line_id in groups[line.group]]
                if more := self._calls.unknown(one.sku for one in kit):
                    self._know(more, beside=True)
                yield kit

    def _save(self) -> None:
        """Save each order once, the orders with few lines first, so that they do not wait until a long one is
        written."""
        called = sorted(((len(free), order_id) for order_id, free in self._called.items() if free))
        do_all(
            [
                *(partial(self._set_free, order_id, self._called[order_id]) for _, order_id in called),
                *(partial(orders.correct_backorder_rows, order_id, rows) for order_id, rows in self._over.items()),
            ]
        )

    def _set_free(self, order_id: str, units: Mapping[str, int]) -> None:
        orders.decide(order_id, partial(preorders.receive_stock, quantities=units, now=self.now))
        self.units += sum(units.values())


def _set_free(line: Line) -> int:
    """Return the units of the line that wait for the router already."""
    return line.waiting() - queues.backordered(line)
