"""
Check the payments of orders and move their money by payment providers, and activate the gift cards that they have paid.
It alone may read the providers' keys.

Called by   a queue that the bus feeds with the CloudEvents of orders that have money to move (`to_move`);
            the sweeper, with {"orders": [order ids]}: their operations are due, or a look at their payments, with "noticed";
            notices, with {"orders": [order id], "noticed": true}: the provider has told that something happened
Returns     nothing; the rows `P#` and the orders have the result
Raises      the last error, after all orders were tried; a queue's batch comes again as a whole. NotConnected while the stage has no
            account at a provider
"""

import json
from functools import partial
from typing import Any

from comanda.aws.books import frozen_accounts
from comanda.aws.directory import hold_types
from comanda.aws.orders import bought_cards, payment_checks, payment_disputes, payment_movements, payments
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.room import room
from functions.pay import accounts


@room
def handler(event: dict[str, Any], _context: object) -> None:
    if "Records" in event:
        found = [json.loads(record["body"])["detail"]["subject"] for record in event["Records"]]
    else:
        found = event["orders"]
    noticed = bool(event.get("noticed"))
    do_all([partial(_work_on, order_id, noticed=noticed) for order_id in dict.fromkeys(found)])


def _work_on(order_id: str, *, noticed: bool) -> None:
    """Check the payments of an order, then move its money: that of providers, and that which the shop moves itself.

    Gift cards that it has paid are then active."""
    payment_checks.check(order_id, accounts.provider)
    if noticed:
        payment_checks.ask_about_open(order_id, accounts.provider)
        payment_disputes.check(order_id, accounts.provider, frozen_accounts.freeze)
    payment_movements.advance(order_id, accounts.provider, hold_types.find_hold_type, noticed=noticed)
    payments.perform(order_id)
    bought_cards.activate(order_id)
