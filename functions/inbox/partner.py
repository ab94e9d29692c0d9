"""
Find a partner and the nodes that it runs.

Called by   functions/inbox/handler.py, which finds the partner by the file's place; every kind of file
Returns     a Partner, or None for an unknown name
"""

from dataclasses import dataclass

from comanda.aws.directory import directory
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.text import ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """The partner that sent a file, and the ids of its nodes. `settles` is the payment provider, or `bank`, whose reports it
    brings; empty for most partners."""

    id: str
    nodes: frozenset[str]
    settles: str = ""
    bills: bool = False  # it brings the invoices of carriers

    def has(self, fulfillment: Fulfillment) -> bool:
        """Return True if the partner ships the fulfillment."""
        return fulfillment.partner == self.id or fulfillment.node in self.nodes


def find(name: str) -> Partner | None:
    """Return the partner of this name, or None if there is none."""
    if not ID.fits(name):
        return None
    found = directory.find(directory.PARTNER, name)
    if found is None:
        return None
    settles = (found.get("settlements") or {}).get("provider", "")
    return Partner(id=name, nodes=directory.nodes_of(name), settles=settles, bills=bool(found.get("carrier_invoices")))
