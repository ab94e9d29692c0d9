"""
Ask whether a customer is to be erased, name what is erased, and erase them.

Called by   functions/console/handler.py: /console/customers/{customer_id}/erase
Returns     the question; the home page after the erasure; the open orders that forbid it
"""

from typing import Any

from comanda.aws.api.replies import Reply
from comanda.domain.errors import NeedsCustomer
from functions.console import order_addresses, problems
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_MOST = "100"  # orders that the question counts
_LATER = 202


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    """Erase the customer. A form without the mark that it is meant erases nothing."""
    form = request.form
    if not form.take("sure")["sure"]:
        return _page(
            request, problems.own_refusal(spoken("Nothing was erased."), {"sure": spoken("Mark that it is meant.")})
        )
    answer = request.door.send("DELETE", _path(request), key=form.key)
    if answer.ok and answer.status == _LATER:
        return request.done("", spoken("The customer is hidden. The last of their orders are erased within minutes."))
    if answer.ok:
        return request.done("", spoken("The customer was erased."))
    still = [
        (str(error["message"]).partition(" ")[0], str(error["code"]))
        for error in answer.errors
        if error.get("code") in NeedsCustomer.CODES
    ]
    if still:
        refused = problems.own_refusal(spoken("Nothing was erased: these orders are open, and need their customer."))
        return _page(request, refused, still)
    return _page(request, problems.refusal(answer))


def _path(request: Request) -> str:
    return f"/v1/customers/{request.values['customer_id']}"


def _page(request: Request, refused: Refusal | None = None, still: list[tuple[str, str]] | None = None) -> Reply:
    answer = request.door.get(_path(request), limit=_MOST)
    if not answer.ok:
        return request.failed(answer, spoken("The customer"))
    customer: dict[str, Any] = answer.body
    names = {order["order_id"]: order["external_id"] for order in customer["items"]}
    return request.page(
        "customer_erase.html",
        status=refused.status if refused else 200,
        customer=customer,
        addresses=[order_addresses.parts_of(address) for address in customer["addresses"]],
        refused=refused,
        still=[{"order_id": one, "name": names.get(one) or one, "why": why} for one, why in still or ()],
    )
