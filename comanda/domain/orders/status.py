"""
Define the statuses of units, the table of transactions that may move them, and how an order's status follows.

Units have a status, not orders: an allocation is (line, quantity, status). `Line.move` guards the table.

Called by   comanda.domain.orders.line and all rules
Returns     names and tables
Raises      nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    DRAFT = "DRAFT"  # being written, by phone or as a quote: nothing is promised
    CREATED = "CREATED"  # accepted from the channel; no node works on it yet
    UNSCHEDULED = "UNSCHEDULED"  # has no node any more, or stock came for it: the router places it next
    BACKORDERED = "BACKORDERED"  # no stock anywhere: waits in its queue for a receipt
    SCHEDULED = "SCHEDULED"  # has a node and a stock reservation; the node may not work on it yet
    RELEASED = "RELEASED"  # offered to the node
    ACCEPTED = "ACCEPTED"  # the node has agreed
    PICKING = "PICKING"  # the node has begun to pick
    PICKED = "PICKED"  # in the tote
    PACKED = "PACKED"  # in the carton, label on
    READY_FOR_PICKUP = "READY_FOR_PICKUP"  # packed, at the counter; the customer got a mail
    SHIPPED = "SHIPPED"  # the carrier has it
    DELIVERED = "DELIVERED"  # the carrier says that the customer has it
    PICKED_UP = "PICKED_UP"  # handed over at the counter
    PROVIDED = "PROVIDED"  # a service done, a digital item sent
    LOST = "LOST"  # the carrier lost it
    CANCELLED = "CANCELLED"  # will not be delivered


S = Status

# The order of progress. A rank is stored: it is the two digits in the sort key of a node's work in the index GSI3
# (`comanda.aws.dynamodb.keys`), and readers select work by it. So the numbers stay as they are: another number would leave
# stored rows behind. A status that is added later takes the rank of the status below it.
RANK: Mapping[Status, int] = {
    S.DRAFT: 0,
    S.CREATED: 1,
    S.UNSCHEDULED: 2,
    S.BACKORDERED: 2,
    S.SCHEDULED: 3,
    S.RELEASED: 4,
    S.ACCEPTED: 5,
    S.PICKING: 6,
    S.PICKED: 7,
    S.PACKED: 8,
    S.READY_FOR_PICKUP: 9,
    S.SHIPPED: 9,
    S.DELIVERED: 10,
    S.PICKED_UP: 10,
    S.PROVIDED: 10,
    S.LOST: 10,
}

# The name of an order whose highest rank is shared by two statuses.
_WINNER: Mapping[int, str] = {2: S.BACKORDERED, 9: S.SHIPPED, 10: "COMPLETED"}

GONE = frozenset({S.SHIPPED, S.DELIVERED, S.PICKED_UP, S.PROVIDED, S.LOST})  # the unit has left the node
AT_NODE = (S.RELEASED, S.ACCEPTED, S.PICKING, S.PICKED, S.PACKED, S.READY_FOR_PICKUP)  # reserved, the node has work
# How a fulfillment ends of which no unit leaves.
ENDS = ("DECLINED", "SHORTED", "RECALLED", "HANDED_BACK", "NO_SHOW", "CANCELLED")
# The statuses of a fulfillment: at the node, on its way, or how it ended.
WORK_STATUSES = ("OFFERED", *AT_NODE[1:], S.SHIPPED, S.DELIVERED, S.LOST, S.PICKED_UP, *ENDS)
UNPLACED = (S.CREATED, S.UNSCHEDULED)  # the router places these


@dataclass(frozen=True, slots=True)
class Transaction:
    """One row of the table: the statuses from which it takes units, in this order, and the statuses in which it leaves them."""

    name: str
    takes: tuple[Status, ...]
    leaves: tuple[Status, ...]


TRANSACTIONS: Mapping[str, Transaction] = {
    t.name: t
    for t in (
        Transaction("confirm", (S.DRAFT, S.CREATED), (S.CREATED,)),
        Transaction("reject", (S.DRAFT, S.CREATED), (S.CANCELLED,)),
        Transaction("schedule", (S.CREATED, S.UNSCHEDULED, S.BACKORDERED), (S.SCHEDULED, S.BACKORDERED)),
        Transaction("unschedule", (S.SCHEDULED,), (S.UNSCHEDULED,)),
        Transaction("receipt", (S.BACKORDERED,), (S.UNSCHEDULED,)),
        Transaction("release", (S.SCHEDULED,), (S.RELEASED,)),
        Transaction("accept", (S.RELEASED,), (S.ACCEPTED,)),
        Transaction("decline", (S.RELEASED, S.ACCEPTED), (S.UNSCHEDULED,)),
        Transaction(
            "recall",
            (S.RELEASED, S.ACCEPTED, S.PICKING, S.PICKED, S.PACKED, S.READY_FOR_PICKUP),
            (S.UNSCHEDULED,),
        ),
        Transaction("start-pick", (S.ACCEPTED,), (S.PICKING,)),
        Transaction("pick", (S.ACCEPTED, S.PICKING), (S.PICKED,)),
        Transaction("short-pick", (S.ACCEPTED, S.PICKING, S.PICKED, S.PACKED), (S.UNSCHEDULED, S.CANCELLED)),
        Transaction("pack", (S.PICKED,), (S.PACKED,)),
        Transaction("ready", (S.PACKED,), (S.READY_FOR_PICKUP,)),
        Transaction("ship", (S.PACKED, S.PICKED, S.PICKING, S.ACCEPTED, S.RELEASED), (S.SHIPPED,)),
        Transaction(
            "hand-over",
            (S.READY_FOR_PICKUP, S.PACKED, S.PICKED, S.PICKING, S.ACCEPTED, S.RELEASED),
            (S.PICKED_UP,),
        ),
        Transaction("deliver", (S.SHIPPED, S.LOST), (S.DELIVERED,)),
        Transaction("lose", (S.SHIPPED,), (S.LOST,)),
        Transaction("provide", (S.SCHEDULED,), (S.PROVIDED,)),
        Transaction("no-show", (S.READY_FOR_PICKUP,), (S.CANCELLED,)),
        Transaction(
            "hand-back",
            (S.ACCEPTED, S.PICKING, S.PICKED, S.PACKED, S.READY_FOR_PICKUP),
            (S.UNSCHEDULED, S.CANCELLED),
        ),
        # The least advanced units go first. `comanda.domain.lifecycle.cancels.cancel` denies packed units.
        Transaction(
            "cancel",
            (
                S.DRAFT,
                S.CREATED,
                S.UNSCHEDULED,
                S.BACKORDERED,
                S.SCHEDULED,
                S.RELEASED,
                S.ACCEPTED,
                S.PICKING,
                S.PICKED,
                S.PACKED,
                S.READY_FOR_PICKUP,
            ),
            (S.CANCELLED,),
        ),
    )
}
_FACTS = frozenset(
    ("deliver", "lose", "receipt", "unschedule")
)  # they happen without asking, and no hold prevents them
# What the modification matrix lets be cancelled by default: up to PICKED, and READY_FOR_PICKUP. A packed unit has its label on.
CANCELLABLE = frozenset(TRANSACTIONS["cancel"].takes) - {Status.PACKED}
HOLDABLE = tuple(sorted(TRANSACTIONS.keys() - _FACTS))  # what a hold may block


def derived(quantities: Mapping[Status, int]) -> str:
    """Return the order's status from the number of its units in each status.

    If all live units have one rank, the status of that rank; else PARTIALLY_<status of the highest rank>. Cancelled units count
    only if all units are cancelled. If two statuses share the rank, BACKORDERED and SHIPPED win; rank 10 is COMPLETED.
    """
    live = {status for status, quantity in quantities.items() if quantity and status is not S.CANCELLED}
    if not live:
        return S.CANCELLED.value
    ranks = {RANK[status] for status in live}
    top = max(ranks)
    of_top = [status for status in live if RANK[status] == top]
    name = of_top[0].value if len(of_top) == 1 and top != 10 else str(_WINNER[top])
    return name if len(ranks) == 1 else f"PARTIALLY_{name}"
