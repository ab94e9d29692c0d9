"""
Show one customer: the people and addresses of their orders, their money with us, and the orders in every channel.

Called by   functions/console/handler.py: /console/customers/{customer_id}
Returns     the page
"""

from collections.abc import Iterable
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer, Call, get
from comanda.domain.cases.terms import TEAMS
from functions.console import case_rules, order_addresses, screens
from functions.console.request import Request
from functions.console.view import spoken

_ROWS = "25"
_MOST_KNOWN = 4  # channels whose accounts of the customer are shown


def show(request: Request) -> Reply:
    customer_id = request.values["customer_id"]
    cursor = request.parameter("cursor")
    customer = request.door.get(f"/v1/customers/{customer_id}", limit=_ROWS, **({"cursor": cursor} if cursor else {}))
    if not customer.ok:
        return request.failed(customer, spoken("The customer"))
    people, known_as = customer.body["people"], customer.body["known_as"][:_MOST_KNOWN]
    accounts = request.door.ask(*(call for known in known_as for call in _of_accounts(known)))
    return request.page(
        "customer.html",
        title=people[0]["name"] if people else customer_id,
        customer=customer.body,
        addresses=[order_addresses.parts_of(address) for address in customer.body["addresses"]],
        cursor=cursor,
        cases=case_rules.toned(customer.body["cases"]),
        known_as=known_as,
        own_money=_items(accounts[::2]),
        credit=_items(accounts[1::2]),
        may_issue=screens.leads(request.person, "gift-cards"),
        may_open_credit=screens.leads(request.person, "credit-accounts"),
        teams=tuple(map(str, TEAMS)),
        may_erase=screens.leads(request.person, f"customers/{customer_id}/erase"),
    )


def _of_accounts(known: dict[str, str]) -> tuple[Call, Call]:
    """Return the calls for the store credits and the credit accounts of a customer, by a channel's own id."""
    return (
        Call(method="POST", path="/v1/gift-cards/find", body=known),
        get("/v1/credit-accounts", channel=known["channel"], customer_id=known["customer_id"]),
    )


def _items(answers: Iterable[Answer]) -> list[Any] | None:
    """Return the rows of several lists, or None if one of them could not be read."""
    found = list(answers)
    return [row for answer in found for row in answer.body["items"]] if all(answer.ok for answer in found) else None
