"""
Compute the actual cost of sent shipments, beside the price in their decision.

Called by   ops/routing_report.py
Returns     costs in micro-units
Raises      nothing

The actual cost is what carriers billed if every parcel was billed, or that of the labels if every package has one. Another figure is the price of the packages that were shipped,
by weight, at the cards that hold now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from comanda.domain.orders.fulfillment import Fulfillment, plain_tracking_number
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import GONE
from comanda.domain.shipping.carriers import Carrier
from comanda.domain.shipping.cartons import Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualCost:
    """The cost of the shipments of one node, order and service, in micro-units. `labels`, `repriced` and `billed` are None if
    not known."""

    node: str
    priced: int
    labels: int | None
    repriced: int | None
    billed: int | None = None


def actual_costs(
    order: Order,
    decisions: Sequence[Mapping[str, Any]],
    carriers: Mapping[str, Carrier],
    regions: Mapping[str, str],
    digits: int = 2,
    bills: Mapping[tuple[int, str], int] = MappingProxyType({}),
) -> list[ActualCost]:
    """Return the actual cost for each node, service and destination that was decided once and has sent exactly that.

    `regions` by node; `bills` are what carriers billed for parcels, by fulfillment and tracking number, in minor units; `digits` of the minor unit of the order's currency.
    """
    found: list[ActualCost] = []
    decided_by_node: dict[tuple[str, str, int], list[Mapping[str, Any]]] = {}
    for decision in decisions:
        if decision.get("currency") != order.currency:
            continue  # labels are in the order's currency
        for one in decision["fulfillments"]:
            if one["method"] == SHIP:
                work = (one["node"], one["service"], decision.get("destination", 0))
                decided_by_node.setdefault(work, []).append(one)
    for (node, service, to), ways in decided_by_node.items():
        goes = (node, service, to, SHIP)
        sent = [f for f in order.fulfillments if (f.node, f.service, f.destination, f.method) == goes]
        if len(ways) != 1 or not sent or not all(f.shipped_at and f.packages for f in sent):
            continue
        decided = sum(row[2] for row in ways[0]["lines"])
        if sum(_shipped(order, f) for f in sent) == decided:
            labels = _label_costs(sent, digits)
            again = _reprice(order, sent, ways[0], carriers, regions)
            priced = ways[0]["priced_micros"].get("shipping", 0)
            billed = _billed_cost(sent, bills, digits)
            found.append(ActualCost(node=node, priced=priced, labels=labels, repriced=again, billed=billed))
    return found


def _shipped(order: Order, fulfillment: Fulfillment) -> int:
    return sum(a.quantity for _, a in order.units_of(fulfillment.number) if a.status in GONE)


def _billed_cost(sent: Iterable[Fulfillment], bills: Mapping[tuple[int, str], int], digits: int) -> int | None:
    """Return what carriers billed for the shipments, None unless each parcel was billed."""
    parcels = {(f.number, plain_tracking_number(package.tracking_number)) for f in sent for package in f.packages}
    return sum(bills[parcel] for parcel in parcels) * 10 ** (6 - digits) if parcels <= bills.keys() else None


def _label_costs(sent: Iterable[Fulfillment], digits: int) -> int | None:
    costs = [package.label_cost for f in sent for package in f.packages]
    return sum(costs) * 10 ** (6 - digits) if all(costs) else None


def _reprice(
    order: Order,
    sent: Sequence[Fulfillment],
    one: Mapping[str, Any],
    carriers: Mapping[str, Carrier],
    regions: Mapping[str, str],
) -> int | None:
    """Return the price of the shipped packages at today's cards.

    Returns None if the carrier is gone, or packages have neither a weight nor contents.
    """
    carrier = carriers.get(one.get("carrier", ""))
    offer = carrier.services.get(one["service"]) if carrier else None
    grams = {line.line_id: line.weight_g for line in order.lines}
    parcels = [
        Parcel(grams=package.weight_g or sum(grams.get(line_id, 0) * units for line_id, units in package.contents))
        for f in sent
        for package in f.packages
        if package.weight_g or package.contents
    ]
    if offer is None or len(parcels) < sum(len(f.packages) for f in sent):
        return None
    to = order.destination_of(sent[0].destination)
    return offer.quote(
        parcels, regions.get(one["node"], ""), to.region, to.postal_prefix, one["km"], placed=to.latitude is not None
    )
