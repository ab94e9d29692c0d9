"""
Read the entries of the directory that a form offers to choose from, whole or not at all.

Called by   functions/console/pages/person.py
Returns     the entries of each kind; None for a kind with too many entries, or whose list cannot be read: ids are typed then
"""

from collections.abc import Mapping, Sequence
from typing import Any

from comanda.aws.api_client.calls import Answer, Call, get
from functions.console.request import Request

_ROWS, _MOST_PAGES = "100", 5  # more than five hundred entries are too many to choose from

type Entries = list[Mapping[str, Any]]


def read(request: Request, kinds: Sequence[str], *more: Call) -> tuple[dict[str, Entries | None], tuple[Answer, ...]]:
    """Return the entries by kind, such as "nodes", and the answers to other calls of the page, which run beside them."""
    answers = request.door.ask(*(get(f"/v1/{kind}", limit=_ROWS) for kind in kinds), *more)
    found = {kind: _whole(request, kind, first) for kind, first in zip(kinds, answers, strict=False)}
    return found, answers[len(kinds) :]


def _whole(request: Request, kind: str, page: Answer) -> Entries | None:
    found: Entries = []
    for _ in range(_MOST_PAGES):
        if not page.ok:
            return None
        found += page.body["items"]
        if page.body["next"] is None:
            return found
        page = request.door.get(f"/v1/{kind}", limit=_ROWS, cursor=page.body["next"])
    return None
