"""
Decide what the page of an order offers for its shipments: reports of the carrier, recalls, answers about lost units. Pure.

Called by   functions/console/pages/order.py
Returns     plain values, which templates read; an order is the JSON that the API answers
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comanda.domain.lifecycle.parcels.lost_units import FOUND
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.status import AT_NODE, Status

type Order = Mapping[str, Any]

_AT_NODE = frozenset(status.value for status in AT_NODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reportable:
    """A shipment, or one of its parcels, about which the carrier may report. `parcel` is None for the whole shipment."""

    fulfillment: str
    node: str
    parcel: str | None = None
    tracking: str = ""

    @property
    def value(self) -> str:
        """Return the value of its option in a form."""
        return f"{self.fulfillment}/{self.parcel}" if self.parcel else self.fulfillment


def on_their_way(order: Order) -> list[Reportable]:
    """Return the shipments with units on their way or lost, each before those of its parcels that have not arrived."""
    found: list[Reportable] = []
    for one in order["fulfillments"]:
        if one["method"] != SHIP or not _has(one, {Status.SHIPPED.value, Status.LOST.value}):
            continue
        parcels = [p for p in one["packages"] if not p["delivered_at"]]
        found.append(Reportable(fulfillment=one["fulfillment_id"], node=one["node_id"]))
        if len(one["packages"]) > 1:
            found += [
                Reportable(
                    fulfillment=one["fulfillment_id"],
                    node=one["node_id"],
                    parcel=parcel["package_id"],
                    tracking=parcel["tracking_number"],
                )
                for parcel in parcels
            ]
    return found


def at_nodes(order: Order) -> list[Mapping[str, Any]]:
    """Return the work with units at a node, which the office may recall."""
    return [one for one in order["fulfillments"] if _has(one, _AT_NODE)]


def at_counters(order: Order) -> list[Mapping[str, Any]]:
    """Return the work with units that wait at a counter for the customer."""
    return [one for one in order["fulfillments"] if _has(one, {Status.READY_FOR_PICKUP.value})]


def open_losses(order: Order) -> list[Mapping[str, Any]]:
    """Return the losses that wait for an answer: not decided yet, or with units that were found after the decision.

    `waiting_item` is the id of the item of the queue `lost` that the answer ends.
    """
    waiting = (loss for loss in order["losses"] if not loss["answer"] or loss["found_at"])
    return [{**loss, "waiting_item": _waiting_item(loss)} for loss in waiting]


def _waiting_item(loss: Mapping[str, Any]) -> str:
    order_id, _, name = loss["item_id"].partition(".")
    return f"{order_id}.{FOUND}{name}" if loss["found_at"] else str(loss["item_id"])


def _has(work: Mapping[str, Any], statuses: frozenset[str] | set[str]) -> bool:
    return any(not statuses.isdisjoint(line["quantities"]) for line in work["lines"])
