"""
Decide what the page of an order shows: its units by what became of them, the promise against now, and what may be done. Pure.

Called by   functions/console/pages/order.py, functions/console/pages/review.py
Returns     plain values, which templates read; an order is the JSON that the API answers
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from comanda.domain.orders.holds import EVENT, LINE
from comanda.domain.orders.line import PROVIDED_KINDS
from comanda.domain.orders.provision import BLOCKED_BY
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import UNPLACED, Status
from comanda.domain.orders.tender import PAID_AT_HAND_OVER

type Order = Mapping[str, Any]

# What a person should look at first. A status that is not here comes at the end.
_ORDER_OF_GROUPS = (
    "UNSCHEDULED", "BACKORDERED", "DRAFT", "CREATED", "SCHEDULED", "RELEASED", "ACCEPTED", "PICKING", "PICKED", "PACKED",
    "READY_FOR_PICKUP", "SHIPPED", "PICKED_UP", "DELIVERED", "PROVIDED", "LOST", "CANCELLED",
)  # fmt: skip
# Ways to pay what a change adds.
PAID_BY = ("CARD", "PIX", "GIFT_CARD", "STORE_CREDIT", "ON_ACCOUNT", *PAID_AT_HAND_OVER, "REFERENCE")
_NOT_PLACED = frozenset(map(str, (*UNPLACED, Status.BACKORDERED)))
_OVER = frozenset({"SHIPPED", "PICKED_UP", "DELIVERED", "PROVIDED", "LOST", "CANCELLED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Units of one line. `day` is the local day at the customer's door, `due` the day of the supply that they wait for."""

    line_id: str
    sku: str
    title: str
    bundle: str  # the title of the bundle of which the units are a part
    quantity: int
    day: str | None
    due: str | None
    cancel_on: str | None
    because: str | None = None  # why they have no node
    cancelled: str | None = None  # the code of the reason for which they were cancelled
    blame: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Units of an order that have come equally far at one place."""

    status: str
    node: str | None
    fulfillment: str | None
    queue: str | None  # the queue in which they wait
    rows: tuple[Row, ...]

    @property
    def units(self) -> int:
        return sum(row.quantity for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The day that the customer was promised or asked for, against the day on which everything arrives now.

    `now` is None while the day of a unit is unknown, and once no unit is on its way. `late` are the days of difference:
    negative when it is earlier.
    """

    promised: str | None
    wanted: str | None
    now: str | None
    zone: str
    unknown: int  # units whose day is not known

    @property
    def late(self) -> int | None:
        against = self.promised or self.wanted
        if not (against and self.now):
            return None
        return (date.fromisoformat(self.now) - date.fromisoformat(against)).days


def groups(order: Order) -> tuple[Group, ...]:
    """Return the units of an order by what became of them: what needs a look first, what is over last."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    names = bundle_names(order)
    for line in order["lines"]:
        for allocation in line["allocations"]:
            waits = line["waits_in"] if allocation["status"] not in _OVER and not allocation["fulfillment_id"] else None
            key = (allocation["status"], allocation["node_id"], allocation["fulfillment_id"], waits)
            found.setdefault(key, []).append(
                Row(
                    line_id=line["line_id"],
                    sku=line["sku"],
                    title=line.get("title") or "",
                    bundle=names.get(line.get("parent_line_id"), ""),
                    quantity=allocation["quantity"],
                    day=allocation["deliver_on"],
                    due=allocation["due"],
                    cancel_on=line["cancel_on"] if waits else None,
                    because=line["waits_because"] if allocation["status"] in _NOT_PLACED else None,
                    cancelled=allocation.get("cancel_reason"),
                    blame=allocation.get("blame"),
                )
            )
    made = [
        Group(status=status, node=node, fulfillment=fulfillment, queue=queue, rows=tuple(rows))
        for (status, node, fulfillment, queue), rows in found.items()
    ]
    return tuple(sorted(made, key=lambda group: (_urgency(group.status), group.fulfillment or "", group.node or "")))


def bundle_names(order: Order) -> dict[str | None, str]:
    """Return the titles of the bundles of an order by line id."""
    return {line["line_id"]: line.get("title") or line["sku"] for line in bundles(order)}


def bundles(order: Order) -> list[Mapping[str, Any]]:
    """Return the bundles of an order."""
    return [line for line in order["lines"] if line["kind"] == "BUNDLE"]


def _urgency(status: str) -> int:
    return _ORDER_OF_GROUPS.index(status) if status in _ORDER_OF_GROUPS else len(_ORDER_OF_GROUPS)


def promise(order: Order) -> Promise:
    """Return the promise of an order against the day on which its last unit arrives now."""
    sent = [line for line in order["lines"] if line["kind"] not in PROVIDED_KINDS]
    kept = [a for line in sent for a in line["allocations"] if a["status"] != "CANCELLED"]
    days = [a["deliver_on"] for a in kept]
    promised = order["promised"] or {}
    return Promise(
        promised=promised.get("deliver_on"),
        wanted=order["requested"]["deliver_by"],
        now=max(days) if days and all(days) else None,
        zone=zone(order),
        unknown=sum(a["quantity"] for a in kept if not a["deliver_on"]),
    )


def zone(order: Order) -> str:
    """Return the time zone of the customer's door, "UTC" where it is not known."""
    zones = [f["zone"] for f in order["fulfillments"]] + [(order["promised"] or {}).get("zone")]
    return next((name for name in zones if name), "UTC")


def active_holds(order: Order) -> list[Mapping[str, Any]]:
    return [hold for hold in order["holds"] if hold["active"]]


def not_resolved_by(
    holds: Iterable[Mapping[str, Any]], types: Iterable[Mapping[str, Any]], roles: frozenset[str]
) -> dict[str, list[str]]:
    """Return who alone resolves holds that a person of these roles may not, by hold id: roles, or none for another system."""
    known = {one["id"]: one for one in types}
    found: dict[str, list[str]] = {}
    for hold in holds:
        kind = known.get(hold["type"], {})
        of_roles, by_system = kind.get("roles") or [], kind.get("resolved_by") == EVENT
        if by_system or (of_roles and roles.isdisjoint(of_roles)):
            found[hold["hold_id"]] = [] if by_system else list(of_roles)
    return found


def resolvers(holds: Iterable[Mapping[str, Any]], types: Iterable[Mapping[str, Any]]) -> dict[str, list[str] | None]:
    """Return the roles that may resolve each hold, by hold id: none of them is everyone, None is another system."""
    known = {one["id"]: one for one in types}
    kinds = {hold["hold_id"]: known.get(hold["type"], {}) for hold in holds}
    return {
        name: None if kind.get("resolved_by") == EVENT else list(kind.get("roles") or [])
        for name, kind in kinds.items()
    }


def holds_lines(types: Iterable[Mapping[str, Any]]) -> bool:
    """Return True if a type of hold is for lines, so that a form must name them."""
    return any(one.get("level") == LINE for one in types)


def takes_no_change(changes: Iterable[Mapping[str, Any]]) -> str:
    """Return the code of the first denial if an order takes no change any more beside a cancel, else an empty text."""
    others = [row for row in changes if row["modification"] not in ("cancel", "replace")]
    if not others or any(row["allowed"] for row in others):
        return ""
    return next((str(denial["code"]) for row in others for denial in row["denials"]), "nothing-left")


def waits_for_review(order: Order) -> bool:
    """Return True if sales may confirm or reject the order: it is a draft, or a hold in their queue is active."""
    return bool(order["draft"]) or any(hold["queue"] == Queue.SALES_REVIEW for hold in active_holds(order))


def is_open(order: Order) -> bool:
    """Return True if a unit of the order has not left and is not cancelled."""
    return any(a["status"] not in _OVER for line in order["lines"] for a in line["allocations"])


def cancellable(order: Order, changes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines with units that may be cancelled, each with their number. The units of a bundle are its sets.

    `changes` is what the API says that the order may take. The components of a breakable bundle stand here, not the bundle.
    """
    may = {row["line_id"]: row["units"] for row in changes if row["modification"] == "cancel" and row["line_id"]}
    by_parts = {line["line_id"] for line in bundles(order) if line["breakable"]}
    return [
        {"line_id": line["line_id"], "sku": line["sku"], "title": line.get("title") or "", "units": units}
        for line in order["lines"]
        if (units := may.get(line["line_id"], 0)) and line["line_id"] not in by_parts
    ]


def denied_cancels(changes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the reasons why units of an order's lines, or all of them, may not be cancelled, each once."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in changes:
        for denial in row["denials"] if row["modification"] == "cancel" and row["line_id"] else ():
            if denial["code"] not in ("bundle", "nothing-left"):
                found[denial["line_id"], denial["code"], denial["status"], denial["hold_id"]] = denial
    return [*found.values()]


def to_provide(order: Order) -> list[dict[str, Any]]:
    """Return the digital lines and services with units that wait to be provided, each with their number."""
    found = []
    for line in order["lines"]:
        units = sum(a["quantity"] for a in line["allocations"] if a["status"] == "SCHEDULED")
        if units and line["kind"] in PROVIDED_KINDS:
            found.append({"line_id": line["line_id"], "name": line.get("title") or line["sku"], "units": units})
    return found


def hold_of_providing(order: Order) -> str | None:
    """Return the type of an active hold of the whole order that keeps its units from being provided, or None."""
    blocking = (hold for hold in active_holds(order) if not set(BLOCKED_BY).isdisjoint(hold["blocks"]))
    held = (hold for hold in blocking if not hold["line_ids"])
    return next((str(hold["type"]) for hold in held), None)


def nodes_of(order: Order) -> list[str]:
    """Return the nodes of an order, each once, in the order of its shipments and lines."""
    named = [f["node_id"] for f in order["fulfillments"]]
    named += [a["node_id"] for line in order["lines"] for a in line["allocations"]]
    return list(dict.fromkeys(node for node in named if node))


def reasons(decisions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return why the order's nodes were chosen: what the newest decision that chose any says, of each address in its turn."""
    newest = {row.get("destination", 0): row["why"] for row in decisions if row["why"]}
    return [one for _, why in sorted(newest.items()) for one in why]


def nodes_of_reasons(why: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the nodes that the reasons of a decision compare with the chosen ones, each once: the next best first."""
    named = [one["next_best"]["node_id"] for one in why if one["next_best"]]
    named += [row["node_id"] for one in why for row in one["more_stock"]]
    return list(dict.fromkeys(named))


def carriers_of(order: Order) -> list[str]:
    """Return the carriers of the parcels of an order, each once."""
    named = (package["carrier"] for f in order["fulfillments"] for package in f["packages"])
    return list(dict.fromkeys(carrier for carrier in named if carrier))


def sent_in_parcels(order: Order) -> list[str]:
    """Return the ids of the fulfillments that left in parcels with a number, the last first."""
    return [
        str(f["fulfillment_id"])
        for f in reversed(order["fulfillments"])
        if f["shipped_at"] and any(package["tracking_number"] for package in f["packages"])
    ]


def last_scans(scans: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the last scan with a status by tracking number."""
    known = [scan for scan in scans if scan["status"]]
    return {scan["tracking_number"]: scan for scan in sorted(known, key=lambda scan: str(scan["occurred_at"]))}


def tracking_link(pattern: str | None, number: str | None) -> str | None:
    """Return the carrier's page of a parcel. Only a web address of the carrier's entry becomes a link."""
    from urllib.parse import quote

    if not (pattern and number and pattern.startswith(("https://", "http://")) and "{number}" in pattern):
        return None
    return pattern.replace("{number}", quote(number, safe=""))


def chosen_lines(fields: Mapping[str, str], lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """Return the lines of a cancel from the typed quantities by place: `quantity.0`. None if every unit is meant.

    Raises ValueError with the name of the field whose quantity is not a number from 0 to the units of its line.
    """
    wanted, whole = [], True
    for i, line in enumerate(lines):
        name = f"quantity.{i}"
        typed = fields.get(name, "").strip()
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 6 and int(typed) <= line["units"]):
            raise ValueError(name)
        units = int(typed) if typed else 0
        whole = whole and units == line["units"]
        if units:
            wanted.append({"line_id": line["line_id"], "quantity": units})
    return None if whole else wanted


def shipment(order: Order, fulfillment_id: str) -> Mapping[str, Any] | None:
    """Return the fulfillment of an order with this id, None if the order has none."""
    return next((one for one in order["fulfillments"] if one["fulfillment_id"] == fulfillment_id), None)


def invoice_rows(invoice: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the lines of an invoice, with each bundle in a row before its components.

    The row of a bundle has its price and its sets; the amounts are in the rows of the components.
    """
    sold = {bundle["line_id"]: bundle for bundle in invoice.get("bundles") or ()}
    found: list[Mapping[str, Any]] = []
    for line in invoice["lines"]:
        bundle = sold.pop(line.get("parent_line_id"), None)
        if bundle:
            parts = [one for one in invoice["lines"] if one.get("parent_line_id") == bundle["line_id"]]
            found += [
                {**bundle, "row": "bundle"},
                *({**part, "row": "part", "of": bundle["title"] or bundle["sku"]} for part in parts),
            ]
        elif not line.get("parent_line_id"):
            found.append({**line, "row": "line"})
    return found


def titles(order: Order) -> dict[str, str]:
    """Return the titles of an order's lines by line id, without the lines that have none."""
    return {line["line_id"]: line["title"] for line in order["lines"] if line.get("title")}
