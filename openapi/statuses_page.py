"""
Write docs/statuses.md from the table of transactions, the routes and the ranks.

Called by   local/cli.py (`comanda statuses`); tests/infra/test_statuses_page.py compares the file with `page`
Returns     the text, or the path of the file
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from comanda.aws.api.routes import ROUTES, Route
from comanda.domain.lifecycle.cancels.customer_cancel import CANCELLABLE
from comanda.domain.orders.status import RANK, TRANSACTIONS, Status, Transaction

FILE = Path(__file__).parent.parent / "docs" / "statuses.md"

# What takes a transaction without a person's call of a route of the same name.
_BY_ITSELF: Mapping[str, str] = {
    "schedule": "the router",
    "unschedule": "a supply that is late or gone",
    "receipt": "stock that arrives; `retry` in the queue `backorder`",
    "release": "the router, a wave, or the supply that arrives",
    "decline": "a third missed deadline",
    "recall": "`recall-agree` of the node; its silence; a node that closes",
    "ship": "a partner's file of shipments",
    "deliver": "a carrier's scan",
    "cancel": "the end of a hold that says CANCEL, or of the time that units may wait for stock",
}
_BY_LINK = {"cancel": CANCELLABLE}  # what a customer takes by the link of a mail, and from which statuses
_HEAD = """# Statuses of units, and what may happen to them
<!-- `comanda statuses` writes this page from comanda/domain/orders/status.py and comanda/aws/api/routes.py; a test compares it. -->

Units have a status, not orders: [api.md](api.md#statuses) says how an order's status follows.
A transaction takes units from some statuses, and leaves them in others.
Every other pair of a status and a transaction is refused with 409 `not-allowed`, and changes nothing.
Callers other than the office take part only with what is their own: [ownership.md](ownership.md).
A hold may block a transaction until it is resolved, but not what happens without asking: deliver, lose, receipt and unschedule.
Packed units are cancelled only where the retailer's [matrix](changes.md#the-modification-matrix) allows it: the built-in one denies it.
A customer's link cancels only units of which no node knows.

## Transactions

| transaction | takes units from | leaves them in | route | callers | by itself |
|---|---|---|---|---|---|""".splitlines()
_MIDDLE = """
## Statuses
The rank is the order of progress; cancelled units have none.

| status | rank | transaction | becomes | callers, or by itself |
|---|---|---|---|---|""".splitlines()


def page() -> str:
    """Return the text of docs/statuses.md."""
    return "\n".join([*_HEAD, *map(_transaction, TRANSACTIONS.values()), *_MIDDLE, *_statuses()]) + "\n"


def _route(name: str) -> Route | None:
    """Return the route by which callers take a transaction."""
    paths = [f"/v1/orders/{{order_id}}/{name}", f"/v1/fulfillments/{{fulfillment_id}}/{name}"]
    return next((route for route in ROUTES if route.path in paths), None)


def _transaction(row: Transaction) -> str:
    route = _route(row.name)
    path = f"`{route.path}`" if route else ""
    who = ", ".join([*(route.who if route else ()), *(["customer by link"] if row.name in _BY_LINK else ())])
    return (
        f"| {row.name} | {_list(row.takes)} | {_list(row.leaves)} | {path} | {who} | {_BY_ITSELF.get(row.name, '')} |"
    )


def _statuses() -> Iterator[str]:
    for status in Status:
        rows = [row for row in TRANSACTIONS.values() if status in row.takes]
        rank = RANK.get(status, "")
        if not rows:
            yield f"| {status} | {rank} | none | | |"
        for row in rows:
            route = _route(row.name)
            linked = ["customer by link"] if status in _BY_LINK.get(row.name, ()) else []
            alone = [_BY_ITSELF[row.name]] if row.name in _BY_ITSELF else []
            doers = [*(route.who if route else ()), *linked, *alone]
            yield f"| {status} | {rank} | {row.name} | {_list(row.leaves)} | {', '.join(doers)} |"


def _list(statuses: tuple[Status, ...]) -> str:
    return ", ".join(statuses)


def write() -> Path:
    """Write the page. Returns its path."""
    FILE.write_text(page(), encoding="utf-8")
    return FILE
