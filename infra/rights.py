"""
What each room may do with each table: exactly the operations that its code reaches, and the indexes that it queries.

Called by   infra/shared.py, which makes the room's grants of it. tests/infra/test_rights.py holds it to the code: what no
            code of the room can reach is not granted; the system tests run under it with IAM enforced.
"""

from dataclasses import dataclass

from infra import names

GET, BATCH, QUERY = "GetItem", "BatchGetItem", "Query"
# TransactWriteItems is authorised as the operations inside it.
PUT, UPDATE, DELETE, CHECK = "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"


@dataclass(frozen=True, slots=True)
class Access:
    """Operations on one table; the numbers of the indexes that are queried, which is not to query the table itself."""

    operations: tuple[str, ...]
    indexes: tuple[int, ...] = ()

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(f"dynamodb:{operation}" for operation in self.operations)

    @property
    def writes(self) -> bool:
        return not {PUT, UPDATE, DELETE}.isdisjoint(self.operations)


_SAVE = (GET, PUT, UPDATE, DELETE)  # an order with its event, children and work items, in one transaction
_PLAN = (*_SAVE, QUERY, CHECK)  # the same, also in steps under a plan
# Stock: positions read, then changed under their conditions; lanes give each other units while there are so many lanes.
_MOVE = (GET, BATCH, PUT, UPDATE, DELETE, CHECK)
_LOOK_UP = (GET, BATCH)  # entries by their ids

RIGHTS: dict[str, dict[str, Access]] = {
    "intake": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(1, 2, 3)),
        # An order brings its reservation; a cancel gives units back; two queues are of transfers.
        names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)),
        names.DIRECTORY: Access(_LOOK_UP, indexes=(1,)),
        names.CUSTOMERS: Access((GET, PUT)),
    },
    "fulfill": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(3,)),
        names.STOCK: Access(_MOVE),
        names.DIRECTORY: Access(_LOOK_UP),
    },
    "documents": {names.ORDERS: Access((GET,)), names.DIRECTORY: Access((GET,))},
    # The ledger by time is read for its months and for fill rates; what is kept back is said by the network's nodes.
    "stock": {names.STOCK: Access((*_MOVE, QUERY), indexes=(1,)), names.DIRECTORY: Access((*_LOOK_UP, QUERY))},
    # Takes back what has expired when it is in the way, which it finds by the index.
    "reserve": {names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)), names.DIRECTORY: Access((*_LOOK_UP, QUERY))},
    # Reads positions sku by sku, and keeps what it promised.
    "promise": {names.STOCK: Access((QUERY, BATCH, PUT)), names.DIRECTORY: Access((*_LOOK_UP, QUERY))},
    "availability": {names.STOCK: Access((BATCH, QUERY), indexes=(3,)), names.DIRECTORY: Access(_LOOK_UP)},
    "directory": {names.DIRECTORY: Access((*_LOOK_UP, QUERY, PUT, UPDATE, DELETE), indexes=(1,))},
    # A trial of rules reads orders and what is on the shelves, and writes nothing of either.
    "planning": {
        names.ORDERS: Access((BATCH,), indexes=(2,)),
        names.STOCK: Access((QUERY, BATCH)),
        names.DIRECTORY: Access((*_LOOK_UP, QUERY, PUT), indexes=(1,)),
    },
    "outages": {names.DIRECTORY: Access((*_LOOK_UP, PUT))},
    "inbox": {
        names.ORDERS: Access((*_PLAN, BATCH)),
        names.STOCK: Access((*_MOVE, QUERY)),  # a count reads the ledger since
        names.DIRECTORY: Access((*_LOOK_UP, QUERY, PUT, UPDATE), indexes=(1,)),  # how far each file has come
    },
    "route": {
        names.ORDERS: Access(_PLAN),
        names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)),  # what has expired is found by the index
        names.DIRECTORY: Access((BATCH, QUERY)),
    },
    "wait": {names.ORDERS: Access((*_SAVE, QUERY))},  # an order that is asked about may have a plan half applied
    "release": {names.ORDERS: Access(_SAVE)},
    # The number is drawn in the invoice's own transaction, from Directory's series.
    "invoice": {names.ORDERS: Access((*_SAVE, QUERY)), names.DIRECTORY: Access((GET, PUT, UPDATE))},
    "notify": {
        # Mails are claimed, and noted when they are sent; one that fails is an event of its order, with an item of a queue.
        names.ORDERS: Access((*_SAVE, QUERY)),
        names.CUSTOMERS: Access((GET,)),
        names.DIRECTORY: Access((BATCH,)),
    },
    # Drops the task tokens that it spent, and writes nothing else.
    "conduct": {names.ORDERS: Access((GET, QUERY, DELETE))},
    # Notes how far an order's events are on the bus, and takes completed orders off the sweeper's list.
    "relay": {names.ORDERS: Access((GET, QUERY, UPDATE, DELETE))},
    # Writes summaries and alerts; moves nothing.
    "watch": {
        names.STOCK: Access((QUERY, BATCH, PUT, UPDATE, DELETE, CHECK)),
        names.DIRECTORY: Access((BATCH, QUERY), indexes=(1,)),
    },
    # Serves who waits: routes for trial, and moves what was promised.
    "replenish": {
        names.ORDERS: Access(_PLAN),
        names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)),
        names.DIRECTORY: Access((BATCH, QUERY)),
    },
    # Takes back what nodes have not begun, and packs the network before it does.
    "reroute": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(3,)),
        names.STOCK: Access(_MOVE),
        names.DIRECTORY: Access((*_LOOK_UP, QUERY, PUT, DELETE), indexes=(1,)),
    },
    # What time alone does to positions; the network is packed again.
    "daily": {
        names.STOCK: Access((BATCH, QUERY, PUT, UPDATE, DELETE, CHECK), indexes=(1,)),
        names.DIRECTORY: Access((BATCH, QUERY, PUT, DELETE), indexes=(1,)),
    },
    # Counts what was asked for on days that are over, once; writes nothing else but prices.
    "price": {
        names.ORDERS: Access((BATCH,), indexes=(2, 3)),
        names.STOCK: Access((BATCH, QUERY, PUT, UPDATE, DELETE)),
        names.DIRECTORY: Access((BATCH, QUERY), indexes=(1,)),
    },
    # Looks at the orders that wait for it together, moves what pays and lets them go.
    "wave": {
        names.ORDERS: Access(_PLAN, indexes=(3,)),
        names.STOCK: Access((*_MOVE, QUERY)),
        names.DIRECTORY: Access((BATCH, QUERY)),
    },
    # Gives back what a crashed plan took, and what expired.
    "sweep": {
        names.ORDERS: Access(_PLAN, indexes=(3,)),
        names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)),
        names.DIRECTORY: Access((QUERY, BATCH), indexes=(1,)),
    },
}
