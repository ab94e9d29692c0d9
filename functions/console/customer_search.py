"""
Find customers by what a person typed: an e-mail, a phone or the beginning of a name.

Called by   functions/console/pages/find.py, functions/console/pages/customer_merge.py
Returns     the customers as the API answers them, none for a text that is nothing of these
"""

from typing import Any

from functions.console import screens
from functions.console.request import Request

_LEAST_DIGITS, _LEAST_LETTERS = 6, 3  # of a phone number, of a name


def customers(request: Request, wanted: str) -> list[dict[str, Any]]:
    """Return the customers with this e-mail, phone or beginning of a name, if the person may see customers."""
    by = _way(wanted)
    if not by or screens.OFFICE.isdisjoint(request.person.roles):
        return []
    answer = request.door.get("/v1/customers", **{by: wanted})
    return list(answer.body["items"]) if answer.ok else []


def _way(wanted: str) -> str:
    """Return what a text looks like: email, phone or name; "" for none of them, such as a number of an order."""
    letters, digits = sum(map(str.isalpha, wanted)), sum(map(str.isdecimal, wanted))
    if "@" in wanted:
        return "email"
    if digits >= _LEAST_DIGITS and not letters:
        return "phone"
    return "name" if letters >= _LEAST_LETTERS and not digits else ""
