"""
Find what has exactly the typed id or number, or a customer by e-mail, phone or name, and open it if it is one thing.

Called by   functions/console/handler.py: /console/find?q=
Returns     a redirect to the one hit; else the hits, or the page that says that there is none
"""

from typing import Any

from comanda.aws.api.replies import Reply
from functions.console import customer_search, screens
from functions.console.request import Request

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
    known = [] if hits else customer_search.customers(request, wanted)
    if len(known) == 1:
        return request.go(f"customers/{known[0]['customer_id']}")
    elsewhere = answer.problem == _WRONG_REGION
    return request.page("find.html", wanted=wanted, find_value=wanted, hits=hits, customers=known, elsewhere=elsewhere)


def _hit(request: Request, item: dict[str, Any]) -> dict[str, Any]:
    """Return a hit with the path of the page that shows it, "" if no page of the person does."""
    path = f"orders/{item['order_id']}"
    return {**item, "path": path if item["links"]["order"] and screens.leads(request.person, path) else ""}
