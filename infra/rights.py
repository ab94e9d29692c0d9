"""
List the rights of each room on each table: exactly the operations that its code reaches, and the indexes that it queries.

Called by   infra/shared.py, which makes the room's grants of it. tests/infra/test_rights.py compares it with the code: an
            operation that no code of the room can reach is not granted. The system tests run under it with IAM enforced.
"""

from dataclasses import dataclass

from infra import names

GET, BATCH, QUERY = "GetItem", "BatchGetItem", "Query"
# TransactWriteItems is authorised as the operations inside it.
PUT, UPDATE, DELETE, CHECK = "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"
BATCH_WRITE = "BatchWriteItem"  # the prices of a list, before a transaction makes them count


@dataclass(frozen=True, slots=True)
class Access:
    """Operations on one table, and the numbers of the indexes that are queried. `QUERY` is a query of the table itself."""

    operations: tuple[str, ...]
    indexes: tuple[int, ...] = ()

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(f"dynamodb:{operation}" for operation in self.operations)

    @property
    def writes(self) -> bool:
        return not {PUT, UPDATE, DELETE, BATCH_WRITE}.isdisjoint(self.operations)


_SAVE = (GET, PUT, UPDATE, DELETE)  # an order with its event, children and work items, in one transaction
_PLAN = (*_SAVE, QUERY, CHECK)  # the same, also in steps under a plan
# Positions of stock are read, then changed under conditions; lanes give units to each other under a check of their number.
_MOVE = (GET, BATCH, PUT, UPDATE, DELETE, CHECK)
_LOOK_UP = (GET, BATCH)  # entries by their ids; Directory's index lists the ids of a kind, as of channels with sellers

RIGHTS: dict[str, dict[str, Access]] = {
    "intake": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(1, 2, 3)),
        # An order brings its reservation; a cancel gives units back; two queues are of transfers.
        names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)),
        # Previews promise what a change adds or moves, by all nodes and rules.
        names.DIRECTORY: Access((*_LOOK_UP, QUERY), indexes=(1,)),
        # Counts a customer's earlier orders, and tries rules on stored ones; keeps the copy of an invoice that it credits.
        names.CUSTOMERS: Access((GET, PUT, UPDATE, QUERY, BATCH)),
    },
    # Reads orders, and names the customer of one that has none. It moves no stock and erases no customer.
    "customers": {
        names.ORDERS: Access((GET, BATCH, QUERY, PUT, UPDATE), indexes=(2,)),
        names.DIRECTORY: Access(_LOOK_UP, indexes=(1,)),
        names.CUSTOMERS: Access((GET, PUT, UPDATE, QUERY, BATCH)),
    },
    "fulfill": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(3,)),
        names.STOCK: Access(_MOVE),
        # Lists cartons, and draws the numbers of packages.
        names.DIRECTORY: Access((*_LOOK_UP, QUERY, UPDATE), indexes=(1,)),
    },
    # Saves an order when its units are delivered, or when a person is asked. It moves no stock.
    "tracking": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(1,)),
        names.DIRECTORY: Access(_LOOK_UP),
    },
    # Saves cases beside their orders, and their texts; it changes no order.
    "cases": {
        names.ORDERS: Access((GET, BATCH, QUERY, PUT), indexes=(3,)),
        names.DIRECTORY: Access(_LOOK_UP),
        names.CUSTOMERS: Access((GET, BATCH, QUERY, PUT, UPDATE, CHECK)),
    },
    # The only room that deletes people from Customers. An order is saved without its customer in the same transaction.
    "erase": {
        names.ORDERS: Access((*_PLAN, BATCH)),
        names.DIRECTORY: Access(_LOOK_UP),
        names.CUSTOMERS: Access((GET, QUERY, PUT, UPDATE, DELETE, CHECK)),
    },
    "credit": {
        names.ORDERS: Access((*_SAVE, QUERY)),
        names.DIRECTORY: Access(_LOOK_UP),
        # How long the law keeps the buyer of the invoice that is credited.
        names.CUSTOMERS: Access((GET, UPDATE)),
    },
    # Notes what a provider told, and finds the order of a payment. It changes no order.
    "notices": {names.ORDERS: Access((GET, UPDATE))},
    # Puts money on accounts, shows their ledgers, and counts wrong codes.
    "gift_cards": {names.ORDERS: Access((GET, QUERY, PUT, UPDATE, CHECK)), names.DIRECTORY: Access(_LOOK_UP)},
    # Sets what customers may owe, books what they pay, and shows their ledgers.
    "credit_accounts": {
        names.ORDERS: Access((GET, BATCH, QUERY, PUT, UPDATE, CHECK)),
        names.DIRECTORY: Access(_LOOK_UP),
    },
    # Reads trial balances that are added up already, and the documents of a legal entity's channels by day.
    # Keeps how far the taxes of many documents are added up.
    "books": {
        names.ORDERS: Access((GET, BATCH, QUERY, UPDATE), indexes=(2,)),
        names.DIRECTORY: Access(_LOOK_UP, indexes=(1,)),
    },
    # Notes under which key a document is stored. The contact is read for documents that are made, and whoever opens one is noted.
    # The copy of an invoice gets what its NF-e was made of, if that was authorised before this was kept.
    "documents": {
        names.ORDERS: Access((GET, QUERY, UPDATE)),
        names.STOCK: Access((BATCH,)),  # where the skus of a pick list lie
        names.DIRECTORY: Access((GET, BATCH)),
        names.CUSTOMERS: Access((GET, PUT, UPDATE)),
    },
    # Reads the ledger by time for months and fill rates, and the nodes for the units that they keep back.
    "stock": {names.STOCK: Access((*_MOVE, QUERY), indexes=(1,)), names.DIRECTORY: Access((*_LOOK_UP, QUERY))},
    # Saves drafts with their contacts. It deletes rows of a contact when a draft gets another customer or is given up; a claim renews the
    # reservation that its draft names.
    "drafts": {
        names.ORDERS: Access((GET, BATCH, QUERY, PUT, UPDATE, CHECK)),
        names.STOCK: Access((*_MOVE, QUERY)),
        names.DIRECTORY: Access(_LOOK_UP),
        names.CUSTOMERS: Access((GET, BATCH, QUERY, PUT, DELETE)),
    },
    # Takes back expired reservations when they are in the way. It finds them by the index.
    "reserve": {names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)), names.DIRECTORY: Access((*_LOOK_UP, QUERY))},
    # Reads positions sku by sku, and keeps what it promised.
    "promise": {names.STOCK: Access((QUERY, BATCH, PUT)), names.DIRECTORY: Access((*_LOOK_UP, QUERY), indexes=(1,))},
    "availability": {names.STOCK: Access((BATCH, QUERY), indexes=(3,)), names.DIRECTORY: Access(_LOOK_UP)},
    "directory": {names.DIRECTORY: Access((*_LOOK_UP, QUERY, PUT, UPDATE, DELETE, BATCH_WRITE), indexes=(1,))},
    # Signs people out everywhere: finds the sessions of a person, and deletes them.
    "people": {
        names.DIRECTORY: Access((*_LOOK_UP, PUT, UPDATE, DELETE, CHECK), indexes=(1,)),
        names.SESSIONS: Access((QUERY, DELETE)),
    },
    # A trial of rules reads orders and stock, and writes neither.
    "planning": {
        names.ORDERS: Access((BATCH,), indexes=(2,)),
        names.STOCK: Access((QUERY, BATCH)),
        names.DIRECTORY: Access((*_LOOK_UP, QUERY, PUT), indexes=(1,)),
    },
    # Sessions only: the person's own token opens everything else, through the API.
    "console": {names.SESSIONS: Access((GET, PUT, UPDATE, DELETE))},
    "outages": {names.DIRECTORY: Access((*_LOOK_UP, PUT))},
    # Counts visitors and used challenges. It reads everything else by the API, with a client of its own for each channel.
    "order_form": {names.FORMS: Access((GET, UPDATE))},
    # Reads one order and its contact, and cancels units of it as every caller's cancel does. It writes no contact.
    "selfservice": {
        names.ORDERS: Access(_PLAN),
        names.STOCK: Access((*_MOVE, QUERY)),  # a cancel gives back the reservation of an order that is not routed yet
        names.DIRECTORY: Access((BATCH,)),
        names.CUSTOMERS: Access((GET,)),
    },
    "inbox": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(1,)),  # parcels are found by their number
        names.STOCK: Access((*_MOVE, QUERY)),  # a count reads the ledger since
        # How far each file has come, and the prices of lists.
        names.DIRECTORY: Access((*_LOOK_UP, QUERY, PUT, UPDATE, BATCH_WRITE), indexes=(1,)),
    },
    "route": {
        names.ORDERS: Access(_PLAN),
        names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)),  # expired reservations are found by the index
        names.DIRECTORY: Access((BATCH, QUERY), indexes=(1,)),
    },
    "wait": {names.ORDERS: Access((*_SAVE, QUERY))},  # the order may have a plan that is half applied
    "release": {names.ORDERS: Access(_SAVE)},
    # The copy of the buyer is written with the invoice.
    "invoice": {
        names.ORDERS: Access((*_SAVE, QUERY)),
        names.DIRECTORY: Access((BATCH,)),
        names.CUSTOMERS: Access((GET, PUT)),
    },
    # The only room that draws numbers of Directory's series. It gives them to documents and changes no order.
    "number": {names.ORDERS: Access((BATCH, PUT, UPDATE)), names.DIRECTORY: Access((*_LOOK_UP, PUT, UPDATE))},
    # An operation is saved before and after each call of its provider, and one that fails is taken back from its order.
    # Units that wait for stock are routed again when a payment holds them no more: their rows are over.
    # The type PAYMENT of the directory says when a hold of missing money expires.
    "pay": {
        names.ORDERS: Access((*_SAVE, QUERY)),
        names.STOCK: Access((PUT, DELETE)),
        names.DIRECTORY: Access((BATCH,)),
    },
    # Tells an outside service of documents and notes what became of them. A question that it asks for a door needs no table.
    "taxes": {
        names.ORDERS: Access((GET, UPDATE)),
        names.DIRECTORY: Access((BATCH,)),
        names.CUSTOMERS: Access((GET,)),
    },
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
    # Serves waiting orders: plans routes, and moves units that were promised.
    "replenish": {
        names.ORDERS: Access(_PLAN),
        names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)),
        names.DIRECTORY: Access((BATCH, QUERY), indexes=(1,)),
    },
    # Takes work back that nodes have not begun, after it has packed the network.
    "reroute": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(3,)),
        names.STOCK: Access(_MOVE),
        names.DIRECTORY: Access((*_LOOK_UP, QUERY, PUT, DELETE), indexes=(1,)),
    },
    # Changes positions for which a day is over, and packs the network again.
    "daily": {
        names.STOCK: Access((BATCH, QUERY, PUT, UPDATE, DELETE, CHECK), indexes=(1,)),
        names.DIRECTORY: Access((BATCH, QUERY, PUT, DELETE), indexes=(1,)),
    },
    # Counts the demand of days that are over, once. Writes nothing else but prices.
    "price": {
        names.ORDERS: Access((BATCH,), indexes=(2, 3)),
        names.STOCK: Access((BATCH, QUERY, PUT, UPDATE, DELETE)),
        names.DIRECTORY: Access((BATCH, QUERY), indexes=(1,)),
    },
    # Plans the orders that wait for a wave together, moves units where that pays, and releases the orders.
    "wave": {
        names.ORDERS: Access(_PLAN, indexes=(3,)),
        names.STOCK: Access((*_MOVE, QUERY)),
        names.DIRECTORY: Access((BATCH, QUERY), indexes=(1,)),
    },
    # Adds journals up by channel and day, and writes nothing else.
    "tally": {names.ORDERS: Access((GET, BATCH, PUT), indexes=(2,)), names.DIRECTORY: Access((), indexes=(1,))},
    # Gives units back that a crashed plan took or that expired.
    "sweep": {
        names.ORDERS: Access((*_PLAN, BATCH), indexes=(2, 3)),
        names.STOCK: Access((*_MOVE, QUERY), indexes=(3,)),
        names.DIRECTORY: Access((QUERY, BATCH), indexes=(1,)),
    },
}
