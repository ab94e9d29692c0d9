"""
Find what has exactly the typed id or number, or a customer by e-mail, phone or name, and open it if it is one thing.

Called by   functions/console/handler.py: /console/find?q=
Returns     a redirect to the one hit; else the hits, or the page that says that there is none
"""

from typing import Any

from comanda.aws.api.replies import Reply
from functions.console import screens
from functions.console.request import Request

_LEAST_DIGITS, _LEAST_LETTERS = 6, 3  # of a phone number, of a name
_MOST = 254  # characters, as the box takes
_NO_HIT = frozenset({400, 404, 422})  # the text is too long, of another region, or no text
_WRONG_REGION = "wrong-region"


def show(request: Request) -> Reply:
    wanted = request.parameter("q")[:_MOST]
    if not wanted:
        return request.page("find.html", wanted="", hits=[], customers=[], elsewhere=False)
    answer = request.door.get("/v1/find", q=wanted)
    if not answer.ok and answer.status not in _NO_HIT:
        return request.failed(answer, "What was found")
    hits = [_hit(request, item) for item in answer.body["items"]] if answer.ok else []
    pages = {hit["path"] for hit in hits}
    if len(pages) == 1 and "" not in pages:
        return request.go(pages.pop())
    known = [] if hits else _customers(request, wanted)
    if len(known) == 1:
        return request.go(f"customers/{known[0]['customer_id']}")
    elsewhere = answer.problem == _WRONG_REGION
    return request.page("find.html", wanted=wanted, find_value=wanted, hits=hits, customers=known, elsewhere=elsewhere)


def _customers(request: Request, wanted: str) -> list[dict[str, Any]]:
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


def _hit(request: Request, item: dict[str, Any]) -> dict[str, Any]:
    """Return a hit with the path of the page that shows it, "" if no page of the person does."""
    path = f"orders/{item['order_id']}"
    return {**item, "path": path if item["links"]["order"] and screens.leads(request.person, path) else ""}
