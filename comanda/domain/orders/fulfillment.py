"""
Define a fulfillment: the work of one node for one order, and at most one shipment, with its packages.

Called by   comanda.domain.lifecycle and comanda.domain.scheduling
Returns     frozen values; amounts are integer minor units of the order's currency, times are aware UTC datetimes
Raises      nothing
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from comanda.domain.orders.methods import SHIP


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A carton, or a pallet that other packages stand on. `contents` are (line id, quantity). `label_cost` is the cost of its
    label in minor units of the order's currency; 0 means that the cost was not reported."""

    package_id: str
    contents: tuple[tuple[str, int], ...] = ()
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    weight_g: int = 0
    label_cost: int = 0
    carton: str = ""  # its id in the retailer's list of cartons
    dims_mm: tuple[int, int, int] | None = None
    sscc: str = ""  # the 18 digits of its label, which no other package of any order has
    parent: str = ""  # the id of the package of the fulfillment that it stands on
    delivered_at: datetime | None = None
    lost_at: datetime | None = None  # None again when it is found


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Units of a shipment that the carrier lost, and what a person decided about them.

    `units` are (line id, quantity); units that are found leave it. `item` is the name of its task.
    """

    item: str
    units: tuple[tuple[str, int], ...]
    reason: str
    at: datetime
    packages: tuple[str, ...] = ()
    answer: str = ""  # resend or refund; empty: no person has decided yet
    replacement: str = ""  # the id of the order that sends the units again
    found_at: datetime | None = None  # units of it were found after the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRequest:
    """Units that the node is asked to give back, as (line id, quantity). It may have fewer of them by now."""

    units: tuple[tuple[str, int], ...]
    reason: str
    until: datetime  # without an answer by then a person gets what the node has begun
    exclude_node: bool = False  # the router shall not choose the node again for these lines
    silent: bool = False  # `until` has passed, and a person was told
    for_change: bool = False  # the order was changed: the router places the units again, and no customer is asked


def plain_tracking_number(number: str) -> str:
    """Return a tracking number as it is looked up: capital letters and digits alone, because labels, scanners and people
    write the rest differently."""
    return "".join(filter(str.isalnum, number.upper()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfillment:
    """The work of one node for one order, and at most one shipment. Its units are the allocations that name it."""

    number: int
    node: str
    method: str
    service: str
    due: str  # the UTC day under which the stock is reserved
    offered_at: datetime
    accept_by: datetime
    ship_by: datetime
    version: int = 1
    partner: str | None = None
    store: bool = False
    packages: tuple[Package, ...] = ()
    shipment_id: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None  # of the last unit; None while a unit is on its way or lost
    losses: tuple[Loss, ...] = ()
    recall: RecallRequest | None = None
    misses: int = 0  # deadlines missed
    reminded: int = 0  # missed deadlines of which the node was reminded
    late: bool = False  # a person was given the late work
    recall_refused: bool = False  # a person was told that the node keeps recalled work
    ended: str | None = None  # how it ended, one of `comanda.domain.orders.status.ENDS`: no live unit is left
    invoice: int | None = None  # number of the invoice of its shipment
    to_capture: int = 0  # of an invoice that was issued before its goods left: it is captured once they have
    ship_on: str | None = None  # the node's local date that was planned
    destination: int = 0  # where it goes, as `Line.destination`: all its units go to one place
    deliver_on: str | None = None  # the destination's local date, in `zone`
    zone: str = ""
    # (the node's local day, units): the capacity that it took and has not given back. None where the node had no limit.
    work_days: tuple[tuple[str, int], ...] = ()

    @property
    def billed(self) -> bool:
        """Return True if its shipment is invoiced, and the capture of its money is decided."""
        return self.invoice is not None and not self.to_capture

    @property
    def invoiced_ahead(self) -> bool:
        """Return True if it is invoiced and its goods have not left."""
        return self.invoice is not None and self.shipped_at is None and not self.ended

    @property
    def leaves_by(self) -> str:
        """Return the transaction by which its units leave the node."""
        return "ship" if self.method == SHIP else "hand-over"


def to_capture_later(fulfillments: Iterable[Fulfillment]) -> int:
    """Return the sum of the invoices that were issued before their goods left, and whose capture waits for that."""
    return sum(fulfillment.to_capture for fulfillment in fulfillments)
