"""
Decide which changes an order may take after the sale: by the modification, its level, the statuses that it touches, the channel.

A retailer's rules are data, and the first that names a case decides it. The built-in matrix decides all other cases. No rule
makes possible what the table of statuses does not: a unit that has left is not cancelled.

Called by   comanda.domain.lifecycle.modifications and .changes; comanda.aws.directory.modification_matrices, which reads a matrix;
            functions/intake and functions/selfservice (cancels), functions/directory (checks a matrix), openapi
Returns     statuses that a modification may touch
Raises      nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from comanda.domain.orders.status import CANCELLABLE, GONE, HOLDABLE, TRANSACTIONS, Status


class Modification(StrEnum):
    """A change that an order may take after the sale. The values are stored in matrices."""

    CANCEL = "cancel"  # units of a line, or everything
    NOTE = "note"
    PRIORITY = "priority"
    TAGS = "tags"
    TAX_ID = "tax_id"  # of the customer
    PRICE = "price"  # of a line's units
    DISCOUNT = "discount"  # off the order
    APPEASEMENT = "appeasement"  # off the order, because something went wrong
    CHARGE = "charge"  # on the order
    QUANTITY = "quantity"  # more or fewer units of a line
    SHIP_TO = "ship_to"  # of the order or of a line
    REQUESTED = "requested"  # the days for which the customer wants the order
    SERVICE = "service"  # of the order or of a line
    METHOD = "method"  # of a line: shipped, or collected at a counter
    STORE = "store"  # the counter of a pickup line
    NODE = "node"  # from which a line is sent, chosen by the office
    ADD_LINE = "add_line"
    REPLACE = "replace"  # units of a line by units of another sku


class Level(StrEnum):
    """Name what a modification is of: the whole order, or one of its lines."""

    ORDER = "order"
    LINE = "line"


# Those that move units: what is touched is taken from where it is, and placed again.
MOVING = frozenset(
    {
        Modification.SHIP_TO,
        Modification.REQUESTED,
        Modification.SERVICE,
        Modification.METHOD,
        Modification.STORE,
        Modification.NODE,
    }
)
# The modifications of one line, of which `cancel`, `ship_to` and `service` are of the order too; all others are of the order.
_OF_LINES_ALONE = frozenset(
    {
        Modification.PRICE,
        Modification.QUANTITY,
        Modification.REPLACE,
        Modification.METHOD,
        Modification.STORE,
        Modification.NODE,
    }
)
OF_LINES = _OF_LINES_ALONE | {Modification.CANCEL, Modification.SHIP_TO, Modification.SERVICE}
OF_ORDERS = frozenset(Modification) - _OF_LINES_ALONE
LEVELS: Mapping[Modification, tuple[Level, ...]] = {
    one: tuple(level for level, names in ((Level.ORDER, OF_ORDERS), (Level.LINE, OF_LINES)) if one in names)
    for one in Modification
}

# What a hold can block: steps of units, and modifications. A hold of a line blocks nothing that is of the whole order.
BLOCKABLE = tuple(dict.fromkeys((*HOLDABLE, *sorted(Modification))))
OF_WHOLE_ORDERS = frozenset({"confirm", "reject"}) | (OF_ORDERS - OF_LINES)

_LIVE = frozenset(Status) - {Status.CANCELLED}
_HERE = _LIVE - GONE  # not left yet
# The statuses that a modification can touch at all, and those of them that the built-in matrix allows.
POSSIBLE: Mapping[Modification, frozenset[Status]] = {
    Modification.CANCEL: frozenset(TRANSACTIONS["cancel"].takes),
    Modification.NOTE: _LIVE,
    Modification.PRIORITY: _HERE,
    Modification.TAGS: _LIVE,
    Modification.TAX_ID: _LIVE,
    Modification.PRICE: _HERE,
    Modification.DISCOUNT: _HERE,
    Modification.APPEASEMENT: _HERE,
    Modification.CHARGE: _HERE,
    Modification.QUANTITY: _HERE,
    Modification.ADD_LINE: _HERE,
    Modification.REPLACE: frozenset(TRANSACTIONS["cancel"].takes),
    **dict.fromkeys(MOVING, _HERE),
}
# Labels are on, and goods at a counter wait for their customer.
_BEFORE_PACKED = _HERE - {Status.PACKED, Status.READY_FOR_PICKUP}
BUILT_IN: Mapping[Modification, frozenset[Status]] = {
    **POSSIBLE,
    Modification.CANCEL: CANCELLABLE,
    Modification.REPLACE: CANCELLABLE,
    **dict.fromkeys(MOVING, _BEFORE_PACKED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of a matrix. Without levels it is for both, without channels for all."""

    modification: Modification
    allow: bool
    statuses: frozenset[Status]
    levels: frozenset[Level] = frozenset()
    channels: frozenset[str] = frozenset()
    reason: str = ""  # the retailer's own words

    def decides(self, modification: Modification, level: Level, status: Status, channel: str) -> bool:
        """Return True if the rule names this case."""
        return (
            modification is self.modification
            and status in self.statuses
            and (not self.levels or level in self.levels)
            and (not self.channels or channel in self.channels)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A retailer's rules, the first of which decides a case that it names. Without rules it is the built-in matrix."""

    rules: tuple[Rule, ...] = ()

    def rule(self, modification: Modification, level: Level, status: Status, channel: str) -> Rule | None:
        """Return the rule that decides a case, None if the built-in matrix does."""
        return next((one for one in self.rules if one.decides(modification, level, status, channel)), None)

    def allowed(self, modification: Modification, level: Level, channel: str) -> frozenset[Status]:
        """Return the statuses that the modification may touch."""
        found = set()
        for status in POSSIBLE[modification]:
            rule = self.rule(modification, level, status, channel)
            if rule.allow if rule else status in BUILT_IN[modification]:
                found.add(status)
        return frozenset(found)

    def cancels(self, level: Level, channel: str) -> frozenset[Status]:
        """Return the statuses in which units may be cancelled. A line is left with fewer units, which its `quantity` must allow."""
        may = self.allowed(Modification.CANCEL, level, channel)
        return may & self.allowed(Modification.QUANTITY, level, channel) if level is Level.LINE else may

    def reason(self, modification: Modification, level: Level, status: Status, channel: str) -> str:
        """Return the retailer's words for a denial, empty if it wrote none."""
        rule = self.rule(modification, level, status, channel)
        return rule.reason if rule and not rule.allow else ""
