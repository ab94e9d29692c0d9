"""
Show how the reports of a payment provider or a bank compare with what we moved in a month.

Called by   functions/console/handler.py: /console/reconciliation?provider=&month=&as=
Returns     the page, or the API's CSV file of the month
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.domain.reconciliation.movement import PROVIDERS
from comanda.domain.reconciliation.settlement import ASKS_A_PERSON
from functions.console.request import Request
from functions.console.view import spoken

_BESIDE = ("fees", "other", "converted")  # the statuses
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def show(request: Request) -> Reply:
    asked = request.parameter("provider"), request.parameter("month")
    provider = asked[0] if asked[0] in PROVIDERS else PROVIDERS[0]
    month = asked[1] if _MONTH.fullmatch(asked[1]) else f"{request.now:%Y-%m}"
    if request.parameter("as") == "csv":
        return _file(request, provider, month)
    found = request.door.get("/v1/books/reconciliation", provider=provider, month=month)
    if not found.ok:
        return request.failed(found, spoken("The reconciliation"))
    days = found.body["days"]
    return request.page(
        "reconciliation.html",
        provider=provider,
        providers=PROVIDERS,
        month=month,
        rows=_status_rows(days),
        others=[day for day in days if any(day[name]["amount"] for name in _BESIDE)],
    )


def _file(request: Request, provider: str, month: str) -> Reply:
    found = request.door.get("/v1/books/reconciliation-file", provider=provider, month=month)
    return request.save(found, f"reconciliation-{provider}-{month}", spoken("The reconciliation"))


def _status_rows(days: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each day and status; those that ask a person are marked."""
    return [
        {**one, "day": day["day"], "tone": "bad" if one["status"] in ASKS_A_PERSON else ""}
        for day in days
        for one in day["statuses"]
    ]
