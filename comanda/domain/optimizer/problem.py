"""
Define the problem that the optimizer solves: one order as numbers.

Called by   comanda.domain.optimizer.solve and its siblings; pure, integers only
Returns     values
Raises      nothing
"""

from collections.abc import Callable, Sequence
from operator import mul

NEVER = 1 << 60  # the unit cost of a node that does not have the line; above any real cost
DEAREST = 1 << 59  # a plan that may cost so much, or more, is refused: sums with NEVER would make the proof wrong


def _unlimited(_numbers: int) -> bool:
    return False


class Problem:
    """One order, normalised. Lines i and nodes j are indices.

    A line's unit is a *set* of `size[i]` pieces when several must ship together. `take[i][j]` <= need[i]; `cost[i][j]`
    is NEVER where take is 0. `over`: pieces that may be left over.
    """

    __slots__ = ("cost", "fixed", "need", "over", "room", "size", "spends", "take", "whole")

    def __init__(
        self,
        *,
        need: list[int],
        size: list[int],
        fixed: list[int],
        cost: list[list[int]],
        take: list[list[int]],
        room: list[int] | None = None,
        over: int = 0,
        whole: bool = True,
        spends: Callable[[int], bool] = _unlimited,
    ) -> None:
        self.need, self.size, self.fixed, self.cost, self.take, self.room = need, size, fixed, cost, take, room
        self.over = over
        self.whole = whole  # False once a filling had too many ways to try all of them
        self.spends = spends  # counts the numbers that work reads, and returns True if the budget is used up

    @property
    def pieces(self) -> int:
        return sum(map(mul, self.need, self.size))

    def narrowed(self, nodes: Sequence[int]) -> "Problem":
        """Return the same order with these nodes only."""
        return Problem(
            need=self.need,
            size=self.size,
            fixed=[self.fixed[j] for j in nodes],
            cost=[[row[j] for j in nodes] for row in self.cost],
            take=[[row[j] for j in nodes] for row in self.take],
            room=None if self.room is None else [self.room[j] for j in nodes],
            over=self.over,
            whole=self.whole,
            spends=self.spends,
        )


Filling = list[dict[int, int]]  # for each line, units by node
