"""
Find the optimum by HiGHS, a solver of mixed-integer programs. The router's own answers are compared with it, in tests and
figures only. The model is the usual strong one: a node is open or not, and a piece comes only from an open node.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import process_time
from typing import Any

import highspy
import numpy as np

from comanda.domain.optimizer.solve import Instance

_MICROS = 1_000_000
_INFINITE = highspy.kHighsInf


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The optimum: pieces left over, cost in micro-units (not rounded), whether HiGHS finished, its seconds of processor time."""

    left: int
    cost: float
    bound: float
    closed: bool
    seconds: float


@dataclass(slots=True)
class _Model:
    """A mixed-integer program, row by row."""

    costs: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[float, float, list[tuple[int, float]]]] = field(default_factory=list)

    def column(self, cost: float, upper: float, *, whole: bool) -> int:
        self.costs.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.costs) - 1

    def row(self, low: float, high: float, entries: list[tuple[int, float]]) -> None:
        self.rows.append((low, high, entries))

    def solved(self, costs: Sequence[float], seconds: float) -> tuple[float, float, bool, float]:
        """Return (value, bound, closed, seconds of the run alone)."""
        program: Any = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(costs), len(self.rows)
        program.col_cost_ = np.array(costs, float)
        program.col_lower_, program.col_upper_ = np.zeros(len(costs)), np.array(self.upper, float)
        program.row_lower_ = np.array([low for low, _, _ in self.rows], float)
        program.row_upper_ = np.array([high for _, high, _ in self.rows], float)
        starts = np.cumsum([0, *(len(entries) for _, _, entries in self.rows)])
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = starts
        matrix.index_ = np.array([column for _, _, entries in self.rows for column, _ in entries])
        matrix.value_ = np.array([value for _, _, entries in self.rows for _, value in entries], float)
        kinds = highspy.HighsVarType
        program.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in self.whole]
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # published without annotations here
        solver.silent()
        for option, value in (("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-7), ("time_limit", seconds), ("threads", 1)):
            solver.setOptionValue(option, value)
        solver.passModel(program)
        begun = process_time()
        solver.run()
        took = process_time() - begun
        info = solver.getInfo()
        closed = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return info.objective_function_value, info.mip_dual_bound, closed, took


def optimum(instance: Instance, seconds: float = 60.0) -> Optimum:
    """Return the optimum: the fewest pieces left over first, then the least cost."""
    model, left = _Model(), list[tuple[int, float]]()
    opened = [model.column(cost / _MICROS, 1, whole=True) for cost in instance.fixed]
    loads: list[list[tuple[int, float]]] = [[] for _ in opened]
    joined = {line for group in instance.together for line in group.lines}
    groups = [(group.lines, group.sets) for group in instance.together]
    groups += [((line,), count) for line, count in enumerate(instance.quantity) if line not in joined]
    for lines, sets in groups:
        pieces = {line: instance.quantity[line] // sets for line in lines}
        size = sum(pieces.values())
        served = []
        for j, node in enumerate(opened):
            most = min([sets, *(instance.stock[line][j] // count for line, count in pieces.items())])
            if most > 0:
                each = sum(instance.cost[line][j] * count for line, count in pieces.items())
                column = model.column(each / _MICROS, most, whole=size > 1 and instance.capacity is not None)
                model.row(-_INFINITE, 0, [(column, 1.0), (node, -float(most))])
                loads[j].append((column, float(size)))
                served.append((column, 1.0))
        nobody = model.column(0, sets, whole=False)
        left.append((nobody, float(size)))
        model.row(sets, sets, [*served, (nobody, 1.0)])
    for j, room in enumerate(instance.capacity or ()):
        if room is not None:
            model.row(-_INFINITE, 0, [*loads[j], (opened[j], -float(max(0, room)))])
    if instance.max_nodes is not None:
        model.row(-_INFINITE, instance.max_nodes, [(node, 1.0) for node in opened])
    weights = [0.0] * len(model.costs)
    for column, pieces_left in left:
        weights[column] = pieces_left
    fewest = 0
    if instance.capacity is not None or instance.max_nodes is not None or _short(instance):
        fewest = round(model.solved(weights, seconds)[0])
    model.row(-_INFINITE, fewest, left)
    cost, bound, closed, took = model.solved(model.costs, seconds)
    return Optimum(left=fewest, cost=cost * _MICROS, bound=bound * _MICROS, closed=closed, seconds=took)


def _short(instance: Instance) -> bool:
    """Return whether all nodes together lack pieces of a line, or a line ships in sets."""
    held = zip(instance.quantity, instance.stock, strict=True)
    return bool(instance.together) or any(sum(row) < wanted for wanted, row in held)
