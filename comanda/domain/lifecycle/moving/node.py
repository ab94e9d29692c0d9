"""
Let a person choose the node of a line: its units are taken back from other nodes, and the router places them at that one alone.

The choice holds for the next route of these units. If the node cannot send them then, a person decides again.

Called by   comanda.domain.lifecycle.moving.apply
Returns     the order with the choice, and the units to place again
Raises      nothing
"""

from dataclasses import replace

from comanda.domain.lifecycle.moving.allowed import lines_of, units_here
from comanda.domain.lifecycle.moving.wanted import Moved, NewNode
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order


def moved(order: Order, wanted: NewNode) -> Moved:
    """Return the order with the chosen node. Units that are there already stay."""
    lines = lines_of(order, wanted.modification, wanted.line_id)
    elsewhere = tuple((line_id, a) for line_id, a in units_here(lines) if a.node != wanted.node_id)
    return Moved(order=order.with_lines(_chosen(line, wanted) for line in lines), touched=elsewhere)


def _chosen(line: Line, wanted: NewNode) -> Line:
    return replace(
        line,
        chosen=wanted.node_id,
        chosen_by=wanted.by,
        excluded=tuple(node for node in line.excluded if node != wanted.node_id),
        attempts=0,
        waits_in=None,
        because="",
    )
