"""
Serve backorders: route the lines that wait for some skus for trial, and release what the router would assign now.

Called by   functions/replenish/handler.py
Raises      the error of an order that cannot be saved, after the other orders were served

The lines of all skus are served in one order: priority, then time. An order is saved once, however many of its lines are
served. Positions are read a page of skus at a time.
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
from comanda.domain.lifecycle.backorders import preorders
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.orders import queues
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from functions.replenish.rules import TrialStock

_TOGETHER = 100  # skus whose positions at every node are held at once
_SECONDS_AN_ORDER = 15.0  # of search for one order, as when it is routed
# Seconds of search for all orders, of the 300 that the function has. Later searches end with their first plan.
_SECONDS_IN_ALL = 150.0


class BackorderRun:
    """One run over the backorders of some skus. `units` counts the units that were released to the router."""

    def __init__(self, now: datetime) -> None:
        self.now, self.units = now, 0
        self._stock = TrialStock(now)
        self._out_of_time = clock.time_limit(_SECONDS_IN_ALL)
        self._released: dict[str, dict[str, int]] = {}  # order id -> line id -> units
        self._stale_rows: dict[str, list[RowKey]] = {}  # by order id
        self._kits: set[tuple[str, str]] = set()  # (order id, group) of the kits that were routed

    def serve(self, backorders: Mapping[str, Sequence[Backorder]]) -> None:
        """Serve the backorders of each sku. An order that cannot be saved delays no other order: its error is raised at the
        end."""
        pages = batched(sorted(backorders), _TOGETHER, strict=False)
        do_all([*(partial(self._serve_page, skus, backorders) for skus in pages), self._save])

    def _serve_page(self, skus: Sequence[str], backorders: Mapping[str, Sequence[Backorder]]) -> None:
        self._load(skus)
        rows = sorted((row for sku in skus for row in backorders[sku]), key=lambda row: row.turn)
        by_order = [(order_id, list(own)) for order_id, own in groupby(rows, key=lambda row: row.order_id)]
        do_all(partial(self._serve_order, order_id, own) for order_id, own in by_order)

    def _load(self, skus: Sequence[str], *, beside: bool = False) -> None:
        """Load the positions of these skus, instead of or `beside` the loaded ones."""
        found, prices = position_reads.load_with_prices(skus, self.now, consistent=True)
        world, offers = inputs.build(found, prices, skus, self.now), directory.offers(skus)
        self._stock.load(skus, world, offers, beside=beside)

    def _serve_order(self, order_id: str, rows: Sequence[Backorder]) -> None:
        """Route the order's waiting lines for trial, and note the units that the router would assign."""
        if not any(self._stock.has_free_units(row.sku) for row in rows):
            return
        order = orders.load(order_id)
        lines = {line.line_id: line for line in order.lines}
        waits = [row for row in rows if row.line_id in lines and lines[row.line_id].waiting()]
        if stale := [row.row_key for row in rows if row not in waits]:
            self._stale_rows.setdefault(order_id, []).extend(stale)
        if order.kept_from_router:
            return
        released = self._released.setdefault(order_id, {})
        out_of_time = clock.time_limit(_SECONDS_AN_ORDER)
        for together in self._parts(order, lines, waits):
            assigned = self._stock.route_for_trial(order, together, lambda: out_of_time() or self._out_of_time())
            # Units that were released before will take their part of the assigned units.
            released |= {x.line_id: n for x in together if (n := assigned[x.line_id] - _released_before(x)) > 0}

    def _parts(self, order: Order, lines: Mapping[str, Line], waits: Sequence[Backorder]) -> Iterator[Collection[Line]]:
        """Yield the lines that are routed together, the lines of a kit or one line, while any of their stock is left."""
        groups = kits.by_group(order)
        for row in waits:
            line = lines[row.line_id]
            if not self._stock.has_free_units(row.sku):
                continue
            if line.group is None or line.group not in groups:
                yield (line,)
            elif (order.order_id, line.group) not in self._kits:
                self._kits.add((order.order_id, line.group))
                kit = [lines[line_id] for line_id in groups[line.group]]
                if more := self._stock.not_loaded(one.sku for one in kit):
                    self._load(more, beside=True)
                yield kit

    def _save(self) -> None:
        """Save each order once, the orders with few lines first, so that they do not wait until a long one is
        written."""
        released = sorted(((len(units), order_id) for order_id, units in self._released.items() if units))
        do_all(
            [
                *(partial(self._release, order_id, self._released[order_id]) for _, order_id in released),
                *(partial(orders.correct_backorder_rows, name, rows) for name, rows in self._stale_rows.items()),
            ]
        )

    def _release(self, order_id: str, units: Mapping[str, int]) -> None:
        orders.decide(order_id, partial(preorders.receive_stock, quantities=units, now=self.now))
        self.units += sum(units.values())


def _released_before(line: Line) -> int:
    """Return the units of the line that wait for the router already."""
    return line.waiting() - queues.backordered(line)
