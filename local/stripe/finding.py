"""
List, search and expand objects.

Called by   local/stripe/endpoints.py, api.py
Returns     pages of objects
Raises      Refused for a query that cannot be read, and for a field that cannot be expanded
"""

import re
from collections.abc import Mapping
from typing import Any

from local.stripe import balance
from local.stripe.account import Account
from local.stripe.refusals import Refused
from local.stripe.shapes import listing
from local.stripe.store import Thing

PAGE = 10
MOST = 100
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_CLAUSE = re.compile(
    r"""\s*(?:metadata\[(["'])(?P<key>[^"']{1,40})\1\]|(?P<field>[a-z_]+))\s*(?P<sign>:|>=|<=|>|<)\s*"""
    r"""(?:(["'])(?P<text>[^"']*)\5|(?P<number>\d+))\s*(?:AND\s+|$)"""
)
_TEXTS = ("currency", "customer", "status")
_NUMBERS = ("amount", "created")
_MOST_DEEP = 4


def page(account: Account, kind: str, url: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return one page of a kind's objects, newest first, that pass the filters."""
    found = account.store.matching(kind, list(_conditions(params)))
    if "types" in params:
        found = [thing for thing in found if thing["type"] in params["types"]]
    if kind == balance.KIND:
        found = [balance.shown(account, thing) for thing in found]
    if "starting_after" in params:
        found = found[_position(found, params, "starting_after") + 1 :]
    elif "ending_before" in params:
        found = found[: _position(found, params, "ending_before")]
    limit = _limit(params)
    if "ending_before" in params:
        return listing(found[-limit:], url, more=len(found) > limit)
    return listing(found[:limit], url, more=len(found) > limit)


def _conditions(params: Mapping[str, Any]) -> Any:
    for name, value in params.items():
        if name == "created":
            yield from (("$.created", _COMPARISONS[sign], bound) for sign, bound in value.items())
        elif name == "payout":
            yield "$._payout", "=", value
        elif name in ("charge", "currency", "customer", "payment_intent", "source", "status", "type"):
            yield f"$.{name}", "=", value


def _position(found: list[Thing], params: Mapping[str, Any], param: str) -> int:
    names = [thing["id"] for thing in found]
    if params[param] not in names:
        raise Refused(f"No such object: '{params[param]}'", code="resource_missing", param=param)
    return names.index(params[param])


def _limit(params: Mapping[str, Any]) -> int:
    limit: int = params.get("limit", PAGE)
    if not 1 <= limit <= MOST:
        raise Refused.unread(f"limit is a number from 1 to {MOST}", "limit", "parameter_invalid_integer")
    return limit


def search(account: Account, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payments that meet every clause of a query. A payment is found `search_delay` seconds after it was made."""
    conditions = list(_clauses(params["query"]))
    seen = account.now - account.terms["search_delay"]
    found = [thing for thing in account.store.matching("payment_intent", conditions) if thing["created"] <= seen]
    start = int(params["page"]) if params.get("page", "").isdigit() else 0
    limit = _limit(params)
    end = start + limit
    return {
        "object": "search_result",
        "data": found[start:end],
        "has_more": len(found) > end,
        "next_page": str(end) if len(found) > end else None,
        "url": "/v1/payment_intents/search",
    }


def _clauses(query: str) -> Any:
    spot = 0
    while spot < len(query):
        clause = _CLAUSE.match(query, spot)
        if clause is None or not _readable(clause):
            raise Refused.unread(
                "The query cannot be read: clauses such as status:'succeeded', created>1700000000 and "
                "metadata['key']:'value' are joined by AND.",
                "query",
            )
        path = f'$.metadata."{clause["key"]}"' if clause["key"] else f"$.{clause['field']}"
        value = clause["text"] if clause["number"] is None else int(clause["number"])
        yield path, "=" if clause["sign"] == ":" else clause["sign"], value
        spot = clause.end()


def _readable(clause: re.Match[str]) -> bool:
    if clause["key"] or clause["field"] in _TEXTS:
        return clause["text"] is not None and clause["sign"] == ":"
    return clause["field"] in _NUMBERS and clause["number"] is not None


def expanded(account: Account, answer: Thing, paths: list[str]) -> Thing:
    """Return the answer with the objects themselves where `paths` name their ids, such as `latest_charge`."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > _MOST_DEEP:
            raise Refused.unread(f"An expansion is at most {_MOST_DEEP} levels deep.", "expand")
        answer = _expand(account, answer, parts, path)
    return answer


def _expand(account: Account, value: Any, parts: list[str], path: str) -> Any:
    if isinstance(value, list):
        return [_expand(account, entry, parts, path) for entry in value]
    if not parts:
        return value
    if not isinstance(value, dict) or parts[0] not in value:
        raise Refused.unread(f"This property cannot be expanded ({path}).", "expand")
    inner = value[parts[0]]
    if isinstance(inner, str):
        inner = account.store.find_any(inner)
        if inner is None:
            raise Refused.unread(f"This property cannot be expanded ({path}).", "expand")
    if inner is None:
        return value
    return value | {parts[0]: _expand(account, inner, parts[1:], path)}
