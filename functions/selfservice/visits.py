"""
Define a request with a link that opens an order, and what became of an act of its form.

Called by   functions/selfservice/handler.py, functions/selfservice/pages.py, functions/selfservice/acts.py
Returns     values
Raises      NotFound for an order whose contact was erased
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers
from comanda.aws.directory import directory
from comanda.aws.directory.modification_matrices import modification_matrix
from comanda.aws.orders.order_links import Opened
from comanda.domain.lifecycle.cancels import cancellable, customer_cancel
from comanda.domain.lifecycle.cancels.customer_cancel import Allowed
from comanda.domain.lifecycle.modifications.modification_matrix import Level
from comanda.domain.orders.order_link import Purpose
from comanda.domain.orders.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request with a link that opens an order. `minutes`: how long its channel lets customers cancel, None for no end."""

    opened: Opened
    contact: Mapping[str, Any]
    channel: Mapping[str, Any]
    now: datetime

    @property
    def minutes(self) -> int | None:
        minutes = self.channel.get("customer_cancel_minutes")
        return None if minutes is None else int(minutes)

    def may_cancel(self, level: Level) -> Allowed:
        """Return what the channel and the modification matrix allow with this link."""
        may = frozenset[Status]()
        if self.opened.link.purposes & Purpose.CANCEL:
            may = modification_matrix().cancels(level, self.opened.order.channel)
        steps = cancellable.OF_ORDERS if level is Level.ORDER else cancellable.OF_LINES
        return Allowed(may=may, minutes=self.minutes, steps=steps)

    def cancellable(self, level: Level = Level.LINE) -> dict[str, int]:
        """Return the units that the customer may cancel now: of chosen lines, or of the whole order at once."""
        return customer_cancel.cancellable(self.opened.order, self.may_cancel(level), self.now)

    @property
    def may_cancel_all(self) -> bool:
        """Return True if the customer may cancel the whole order now."""
        return customer_cancel.is_whole(self.opened.order, self.cancellable(Level.ORDER))


def visit(opened: Opened, now: datetime) -> Visit:
    """Return what the pages of a request need. Raises NotFound when the contact was erased."""
    order = opened.order
    contact = customers.load(order.order_id, order.contact)
    channel = directory.find(directory.CHANNEL, order.channel) or {}
    return Visit(opened=opened, contact=contact, channel=channel, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOutcome:
    """Hold what became of an act. `typed` is what the customer wrote for the postal code, to write it again."""

    visit: Visit
    notice: str
    status: int = 200
    problem: str = ""  # of the field of the postal code
    typed: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)  # the units that were chosen, by line
    revealed: bool = False
