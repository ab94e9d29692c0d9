"""
Define what a change of an order is: each modification is a class of its own. Here are those that are about no amount and no unit.

A new modification is a class with `fact` and `applied`, a member of `Modification`, and a row in functions/intake/changes/change_rules.py.
Those that move units to another place or day are values of `comanda.domain.lifecycle.moving`, which applies them.

Called by   comanda.domain.lifecycle.changes.change; functions/intake, which makes them of a request
Returns     values, and changed orders
Raises      Invalid with the pointer of the field that does not fit the order
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, override

from comanda.domain.errors import Problem
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.lifecycle.moving.wanted import Move
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChange(ABC):
    """A change that an order may be asked to take: of the whole order, unless it names a line.

    `repeats`: it may stand several times in one request. `raises`: its field that makes sums of the order higher.
    """

    modification: ClassVar[Modification]
    repeats: ClassVar[bool] = False
    raises: ClassVar[str] = ""
    line_id: str = ""

    def same(self, order: Order) -> str:  # noqa: ARG002  # those that add something need no order for it
        """Return the field that is as the order has it already, empty if the change changes something."""
        return ""

    @abstractmethod
    def fact(self, order: Order) -> dict[str, Any]:
        """Return what the event says of the change, beside its modification and line: never a text about the customer."""

    @abstractmethod
    def applied(self, order: Order, actor: str, at: str) -> Order:
        """Return the order with the change, but for units that are cancelled: they go last. `at` is its pointer.

        Its totals and header amounts are those before, if the change `raises` sums: `ChangeBuilder` values it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange(WantedChange):
    """A change that may cancel units of its line."""

    @abstractmethod
    def problems(self, order: Order, at: str) -> Iterator[Problem]:
        """Yield a problem for each field that does not fit the line. `at` is the pointer of the change."""

    @abstractmethod
    def cancelled(self, order: Order) -> int:
        """Return the units of the line, or sets of the bundle, that the change cancels."""


type Wanted = WantedChange | Move


def sold(order: Order, line_id: str) -> Line | Bundle:
    """Return the line, or the bundle, that was sold under this id. The order has it."""
    return next(line for line in order.as_sent() if line.line_id == line_id)


def live(order: Order, line_id: str) -> int:
    """Return the live units of a line, or the sets of a bundle of which a unit is live."""
    line = sold(order, line_id)
    if isinstance(line, Line):
        return line.live
    from comanda.domain.orders import bundles  # few orders have bundles

    return max((-(-part.live // bundles.ratio(part)) for part in bundles.components(order, line_id)), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewText(WantedChange):
    """Another text of the contact, or none: it is in the next version of the contact, and in no event. `kept`: the contact has it."""

    kept: bool = False

    @override
    def same(self, order: Order) -> str:
        return str(self.modification) if self.kept else ""

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        return replace(order, contact=order.contact + 1)


class NewNote(_NewText):
    """Another note, or none."""

    modification: ClassVar = Modification.NOTE


class NewTaxId(_NewText):
    """Another tax id of the customer."""

    modification: ClassVar = Modification.TAX_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPriority(WantedChange):
    modification: ClassVar = Modification.PRIORITY
    priority: int

    @override
    def same(self, order: Order) -> str:
        return "priority" if self.priority == order.priority else ""

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {"before": order.priority, "after": self.priority}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        return replace(order, priority=self.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTags(WantedChange):
    modification: ClassVar = Modification.TAGS
    tags: tuple[str, ...]

    @override
    def same(self, order: Order) -> str:
        return "tags" if sorted(self.tags) == sorted(order.tags) else ""

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {"before": list(order.tags), "after": list(self.tags)}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        return replace(order, tags=self.tags)
