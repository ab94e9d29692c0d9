"""
Merge another customer into one, after both were looked at, and undo a merge.

Called by   functions/console/handler.py: /console/customers/{customer_id}/merge?q=
Returns     the page with the customers that were found; after an action, the customer
"""

from comanda.aws.api.replies import Reply
from functions.console import customer_search, order_addresses, problems
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_MOST = 254  # characters, as the box that finds takes
_ROWS = "25"


def show(request: Request) -> Reply:
    return _page(request, request.parameter("q")[:_MOST])


def act(request: Request) -> Reply:
    """Make the other customer a pointer to this one, or end that. The API decides whether both may be one person."""
    form, customer_id = request.form, request.values["customer_id"]
    if form.do not in ("merge", "undo"):
        return request.missing()
    fields = form.take("other", "q")
    if form.do == "undo":
        answer = request.door.send("POST", f"/v1/customers/{fields['other']}/unmerge", {}, key=form.key)
        done = spoken("The merge was undone.")
    else:
        into = {"into": customer_id}
        answer = request.door.send("POST", f"/v1/customers/{fields['other']}/merge", into, key=form.key)
        done = spoken("The customers are one person now.")
    if answer.ok:
        return request.done(f"customers/{customer_id}", done)
    return _page(request, fields["q"][:_MOST], problems.refusal(answer))


def _page(request: Request, wanted: str, refused: Refusal | None = None) -> Reply:
    customer_id = request.values["customer_id"]
    customer = request.door.get(f"/v1/customers/{customer_id}", limit=_ROWS)
    if not customer.ok:
        return request.failed(customer, spoken("The customer"))
    known = {customer_id, *(one["customer_id"] for one in customer.body["merged"])}
    found = customer_search.customers(request, wanted) if wanted else []
    return request.page(
        "customer_merge.html",
        status=refused.status if refused else 200,
        customer=customer.body,
        addresses=[order_addresses.parts_of(address) for address in customer.body["addresses"]],
        wanted=wanted,
        found=[one for one in found if one["customer_id"] not in known],
        refused=refused,
    )
