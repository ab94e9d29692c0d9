"""
Keep shipments above a minimum value: move pieces to a shipment that is worth too little from shipments that can spare them.

Called by   comanda.domain.routing.solve_stage; pure, deterministic
Returns     the value of each node's shipment; a plan of the same nodes
Raises      nothing
"""

from collections.abc import Collection, Sequence

from comanda.domain.time_limit import TimeLimit

Pieces = tuple[tuple[int, int, int], ...]  # (line, node, pieces)


def shipment_values(value: Sequence[int], assignment: Pieces) -> dict[int, int]:
    """Return the value of the pieces that each node sends."""
    values: dict[int, int] = {}
    for i, j, pieces in assignment:
        values[j] = values.get(j, 0) + value[i] * pieces
    return values


def pieces_sent(assignment: Pieces) -> int:
    """Return the number of pieces sent."""
    return sum(pieces for _, _, pieces in assignment)


def all_reach_minimum(assignment: Pieces, value: Sequence[int], quantity: Sequence[int], least: int) -> bool:
    """Return True if every shipment, and the pieces that are still to be sent, are worth `least`. One shipment of
    everything always is."""
    values = shipment_values(value, assignment)
    rest = sum(v * q for v, q in zip(value, quantity, strict=True)) - sum(values.values())
    left = sum(quantity) - pieces_sent(assignment)
    if not left and len(values) <= 1:
        return True
    return all(each >= least for each in (*values.values(), *([rest] if left else [])))


def enlarge_shipments(
    assignment: Pieces,
    value: Sequence[int],
    least: int,
    cost: Sequence[Sequence[int]],
    stock: Sequence[Sequence[int]],
    capacity: Sequence[int | None] | None,
    fast: Collection[int],
    late: TimeLimit,
) -> Pieces:
    """Return the plan with pieces moved to shipments worth less than `least`, the pieces that are cheapest to move for
    their value first.

    A shipment may stay too small; the caller checks again. Lines that are `fast` do not move. No piece moves after the
    time limit is over.
    """
    units = {(i, j): pieces for i, j, pieces in assignment}
    values = shipment_values(value, assignment)
    for to in sorted(values, key=lambda j: (values[j], j)):
        while 0 < values[to] < least and not late():
            load = sum(pieces for (_, j), pieces in units.items() if j == to)
            room = None if capacity is None else capacity[to]
            moves = [
                ((cost[i][to] - cost[i][j]) / value[i], i, j)
                for (i, j), pieces in units.items()
                if j != to and pieces and i not in fast and value[i] > 0
                if units.get((i, to), 0) < stock[i][to] and (values[j] < least or values[j] - value[i] >= least)
            ]
            if not moves or (room is not None and load >= room):
                break
            _, i, giver = min(moves)
            units[i, giver] -= 1
            units[i, to] = units.get((i, to), 0) + 1
            values[giver] -= value[i]
            values[to] += value[i]
    return tuple((i, j, pieces) for (i, j), pieces in sorted(units.items()) if pieces)
