"""
Show one customer: the people and addresses of their orders, and the orders in every channel.

Called by   functions/console/handler.py: /console/customers/{customer_id}
Returns     the page
"""

from comanda.aws.api.replies import Reply
from comanda.domain.cases.terms import TEAMS
from functions.console import case_rules, order_addresses, screens
from functions.console.request import Request
from functions.console.view import spoken

_ROWS = "25"


def show(request: Request) -> Reply:
    customer_id = request.values["customer_id"]
    cursor = request.parameter("cursor")
    customer = request.door.get(f"/v1/customers/{customer_id}", limit=_ROWS, **({"cursor": cursor} if cursor else {}))
    if not customer.ok:
        return request.failed(customer, spoken("The customer"))
    people = customer.body["people"]
    return request.page(
        "customer.html",
        title=people[0]["name"] if people else customer_id,
        customer=customer.body,
        addresses=[order_addresses.parts_of(address) for address in customer.body["addresses"]],
        cursor=cursor,
        cases=case_rules.toned(customer.body["cases"]),
        teams=tuple(map(str, TEAMS)),
        may_erase=screens.leads(request.person, f"customers/{customer_id}/erase"),
    )
