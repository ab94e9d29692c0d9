"""
Decide rows of one supply, one after the other, each on the state that the rows before it leave.

Called by   comanda.aws.stock_updates.supplies
Returns     a StepResult or a Refusal for each row, and the units that lanes must bring together first

The rules are `comanda.domain.stock.supplies` and `supply_terms`; nothing here reads or writes a table.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.stock_updates.supply_reads import SupplyState
from comanda.aws.stock_updates.supply_rows import SupplyRow
from comanda.domain.stock import supplies, units_of_measure
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.count_corrections import counted_since, with_correction
from comanda.domain.stock.stock import Position
from comanda.domain.stock.supply_line import CREATE, SENT, SHIP, Refusal, Shelves, Step, StepResult, SupplyLine
from comanda.domain.stock.supply_terms import (
    NO_SUCH_LINE,
    NOT_YOUR_SUPPLY,
    differs_from_supply,
    may_take_step,
    with_terms,
)


class SupplyDecisions:
    """Decide the rows of one supply as it was read. `owns` tests whether a node is the caller's.

    `header` has the type, origin and supplier that the supply has after the rows. `scattered` has the lanes of origins, as
    they were read, with the units that leave them and may lie in other lanes.
    """

    def __init__(self, state: SupplyState, owns: Callable[[str], bool], now: datetime) -> None:
        self.header: dict[str, Any] | None = (
            {name: state.header.get(name) for name in ("type", "origin", "supplier")} if state.header else None
        )
        self.scattered: list[tuple[Position, int]] = []
        self._state, self._owns, self._now = state, owns, now
        self._lines = dict(state.lines)
        self._positions = dict(state.positions)

    def decide(self, row: SupplyRow) -> StepResult | Refusal:
        """Decide one row, and keep its result for the rows after it."""
        result = self._take_step(row)
        if isinstance(result, StepResult):
            self._keep(row, result)
        return result

    def _take_step(self, row: SupplyRow) -> StepResult | Refusal:
        line = self._create_line(row) if row.step.action == CREATE else self._lines.get(row.number)
        if isinstance(line, Refusal):
            return line
        if line is None or not may_take_step(line, row.step.action, self._owns):
            return NO_SUCH_LINE
        units = self._state.products.get(line.sku, {}).get("units") or {}
        pieces = units_of_measure.pieces(row.uom, units)
        if pieces is None:
            return Refusal("uom", "unknown-uom", units_of_measure.unknown_unit_message(units))
        quantity = row.step.quantity * pieces if row.step.quantity is not None else None
        has_origin = not line.origin or self._owns(line.origin)
        step = replace(row.step, quantity=quantity, has_origin=has_origin)
        if row.step.action == CREATE:
            line = replace(line, quantity=quantity or 0)
        self._note_scattered(line, step)
        origin = self._positions.get((line.sku, line.origin))
        shelves = Shelves(destination=self._position(line.sku, line.node), origin=origin)
        return supplies.take_step(line, step, shelves, self._now)

    def _create_line(self, row: SupplyRow) -> SupplyLine | Refusal:
        """Return the line that a CREATE announces, under the terms of today."""
        if not self._state.may_add:
            return NOT_YOUR_SUPPLY
        line = SupplyLine(
            supply_id=row.supply_id,
            number=row.number,
            type=row.type,
            sku=row.sku,
            node=row.node,
            origin=row.origin,
            eta=row.step.eta,
            quantity=row.step.quantity or 0,
        )
        if row.number in self._lines:
            return Refusal("line", "line-taken", "is in this supply already")
        if self.header is not None and (other := differs_from_supply(line, row.supplier, self.header)):
            return other
        node = self._state.nodes.get(row.node, {})
        return with_terms(line, self._state.policy, node, over_percent=row.over_percent)

    def _note_scattered(self, line: SupplyLine, step: Step) -> None:
        """Note the units that leave an origin with lanes. They may lie in all of them, and leave from the first."""
        origin, units = self._positions.get((line.sku, line.origin)), 0
        if step.action == SHIP:
            units = step.quantity or 0
        elif step.action == SENT and step.difference is not None:
            units = step.difference.quantity
        if origin is not None and origin.lanes and not counted_since(origin, step.occurred):
            self.scattered.append((origin, units))

    def _position(self, sku: str, node: str) -> Position:
        return self._positions.get((sku, node), Position(sku=sku, node=node))

    def _keep(self, row: SupplyRow, result: StepResult) -> None:
        """Keep the line, the positions and the header as they are after a step."""
        for change in result.changes:
            position = self._position(change.sku, change.node)
            for part in with_correction(position, change):
                position = apply_change(position, part)
            self._positions[change.sku, change.node] = position
        line = result.line
        self._lines[line.number] = line
        if self.header is None:
            self.header = {"type": line.type, "origin": line.origin or None, "supplier": None}
        if row.supplier and not self.header["supplier"]:
            self.header["supplier"] = row.supplier
