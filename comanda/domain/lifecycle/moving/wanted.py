"""
Define the changes of an order that move units, and what each of them does: the changed order, and the units to place again.

Called by   the modules of this package; functions/intake, which makes them of a request
Returns     values
Raises      nothing
"""

from dataclasses import dataclass
from typing import ClassVar

from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Allocation
from comanda.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShipTo:
    """Another address, of the order or of one line. The contact has it; the order has where it lies.

    `number` is the destination of the order that has this very address already, None if none has it. `same_as` is the place of
    an earlier change of the request that brings this very address.
    """

    modification: ClassVar = Modification.SHIP_TO
    to: Destination
    line_id: str = ""
    number: int | None = None
    same_as: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequested:
    """Other days for which the customer wants the order, as local dates of the destination. None: any day."""

    modification: ClassVar = Modification.REQUESTED
    line_id: ClassVar = ""  # it is of the whole order
    deliver_by: str | None = None
    not_before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewService:
    """Another service of the carriers, for the shipped lines of the order or for one line."""

    modification: ClassVar = Modification.SERVICE
    service: str
    line_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMethod:
    """Another method of one line: PICKUP at the counter of `node_id`, or SHIP.

    A line that is sent goes to the order's address, or to the one that lies at `to`; `number` and `same_as` are as those
    of `NewShipTo`.
    """

    modification: ClassVar = Modification.METHOD
    line_id: str
    method: str
    node_id: str = ""
    to: Destination | None = None
    number: int | None = None
    same_as: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStore:
    """Another counter of a pickup line."""

    modification: ClassVar = Modification.STORE
    line_id: str
    node_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNode:
    """The node that the office chooses for a line that is sent. `by` is who chose it."""

    modification: ClassVar = Modification.NODE
    line_id: str
    node_id: str
    by: str


type Move = NewShipTo | NewRequested | NewService | NewMethod | NewStore | NewNode
MOVES = (NewShipTo, NewRequested, NewService, NewMethod, NewStore, NewNode)

type Touched = tuple[tuple[str, Allocation], ...]  # (line id, units of it)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddress:
    """Say where the contact keeps a new address: as that of destination `number`.

    `kept` is the further destination that keeps the order's own earlier address, because parcels go there; None: none does.
    """

    number: int
    kept: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The result of one change before units are taken back: the order, the units that are in another place than it wants."""

    order: Order
    touched: Touched
    address: NewAddress | None = None
