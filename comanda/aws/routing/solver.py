"""
Solve programs with HiGHS. No other module that runs on AWS imports it, and only two rooms have its packages.

HiGHS and numpy are imported with the first program, as a run that finds nothing to solve need not wait for them.

Called by   functions/price, functions/wave; bench, which measures with the same calls
Returns     the objective and the duals of the rows; for whole numbers, the columns
Raises      Unsolved when the solver ends without an answer. Prices then stay until their time is over, and no order is moved
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from comanda.domain.network_optimization.price_program import Program


class Unsolved(Exception):
    """The solver stopped: its time was over, or the program has no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer. `duals` of the rows are of a linear program; no plan in whole numbers costs less than `bound`."""

    cost: float
    columns: Sequence[float]
    duals: Sequence[float]
    bound: float


def solve(program: Program, *, seconds: float, whole: bool = False) -> Answer:
    """Return the least cost, on one thread. `whole`: columns are 0 or 1, and the best answer found in time is good
    enough."""
    import highspy

    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # published without annotations here
    solver.silent()
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("threads", 1)
    solver.passModel(_model(program, whole=whole))
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    in_time = status == highspy.HighsModelStatus.kOptimal
    if not in_time and not (whole and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible):
        raise Unsolved(str(status))
    found = solver.getSolution()
    cost = info.objective_function_value
    return Answer(
        cost=cost,
        columns=list(found.col_value),
        duals=list(found.row_dual),
        bound=info.mip_dual_bound if whole else cost,
    )


def _model(program: Program, *, whole: bool) -> Any:
    import highspy
    import numpy as np

    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.costs), len(program.rows)
    lp.col_cost_, lp.col_lower_ = np.array(program.costs), np.zeros(len(program.costs))
    lp.col_upper_ = np.full(len(program.costs), 1.0 if whole else highspy.kHighsInf)
    lp.row_lower_ = np.array([least for least, _, _ in program.rows])
    lp.row_upper_ = np.array([most for _, most, _ in program.rows], float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(entries) for _, _, entries in program.rows)])
    lp.a_matrix_.index_ = np.array([column for _, _, entries in program.rows for column, _ in entries])
    lp.a_matrix_.value_ = np.array([factor for _, _, entries in program.rows for _, factor in entries])
    if whole:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(program.costs)
    return lp
