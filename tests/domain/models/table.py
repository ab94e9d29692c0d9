"""
List the transactions of the design a second time: transaction -> (statuses it takes from, statuses it leaves in).

Tests and the model judge by this table, so an unintended change of `comanda.domain.orders.status` fails them.
"""

from comanda.domain.orders.status import Status

S = Status

_AT_NODE = {S.RELEASED, S.ACCEPTED, S.PICKING, S.PICKED, S.PACKED}

TABLE: dict[str, tuple[set[S], tuple[S, ...]]] = {
    "confirm": ({S.DRAFT, S.CREATED}, (S.CREATED,)),
    "reject": ({S.DRAFT, S.CREATED}, (S.CANCELLED,)),
    "schedule": ({S.CREATED, S.BACKORDERED, S.UNSCHEDULED}, (S.SCHEDULED, S.BACKORDERED)),
    "unschedule": ({S.SCHEDULED}, (S.UNSCHEDULED,)),
    "receipt": ({S.BACKORDERED}, (S.UNSCHEDULED,)),
    "release": ({S.SCHEDULED}, (S.RELEASED,)),
    "accept": ({S.RELEASED}, (S.ACCEPTED,)),
    "decline": ({S.RELEASED, S.ACCEPTED}, (S.UNSCHEDULED,)),
    "recall": (_AT_NODE | {S.READY_FOR_PICKUP}, (S.UNSCHEDULED,)),
    "start-pick": ({S.ACCEPTED}, (S.PICKING,)),
    "pick": ({S.ACCEPTED, S.PICKING}, (S.PICKED,)),
    "short-pick": ({S.ACCEPTED, S.PICKING, S.PICKED, S.PACKED}, (S.UNSCHEDULED, S.CANCELLED)),
    "pack": ({S.PICKED}, (S.PACKED,)),
    "ready": ({S.PACKED}, (S.READY_FOR_PICKUP,)),
    "ship": (_AT_NODE, (S.SHIPPED,)),
    "hand-over": (_AT_NODE | {S.READY_FOR_PICKUP}, (S.PICKED_UP,)),
    "deliver": ({S.SHIPPED, S.LOST}, (S.DELIVERED,)),
    "lose": ({S.SHIPPED}, (S.LOST,)),
    "provide": ({S.SCHEDULED}, (S.PROVIDED,)),
    "no-show": ({S.READY_FOR_PICKUP}, (S.CANCELLED,)),
    "cancel": (
        {
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
        },
        (S.CANCELLED,),
    ),
    "hand-back": (_AT_NODE - {S.RELEASED} | {S.READY_FOR_PICKUP}, (S.UNSCHEDULED, S.CANCELLED)),
}

# What the modification matrix allows by default of what the table does: no packed unit is cancelled.
CANCELLABLE = TABLE["cancel"][0] - {S.PACKED}
