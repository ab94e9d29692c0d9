"""
Decide who changes which person, and show people as the API does. Pure.

Called by   functions/people/accounts.py, functions/people/checks.py, functions/people/devices.py, functions/people/own.py
Raises      Forbidden, NotAllowed, NotFound
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.api.routes import ROUTES
from comanda.domain.errors import Forbidden, NotAllowed, NotFound, Problem
from comanda.domain.people import ADMIN, LEAD

AMOUNTS = ("appeasement", "gift_cards", "customer_credit")  # limits of money
_LISTS = ("desks", "nodes", "channels")
_PERCENT = "override_percent"  # the limit that is no money
_NOT_YOURS = "not-yours-to-give"


def unknown(pointer: str, name: str, what: str) -> Problem:
    """Return the problem that there is no `what`, such as "node", of this name."""
    return Problem(pointer=pointer, code=f"unknown-{what}", message=f"there is no {what} {name}")


def missing(pointer: str, names: Iterable[str], known: Collection[str], what: str) -> list[Problem]:
    """Return a problem for each name of a list that is not known."""
    return [unknown(f"{pointer}/{i}", name, what) for i, name in enumerate(names) if name not in known]


def require_roles_to_give(who: Caller, roles: Iterable[str], had: Collection[str] = ()) -> None:
    """Raise Forbidden for each new role whose routes the scopes of an application do not admit.

    `had` are the roles that the person has already. People have no scopes of their own: what they may do follows from their
    roles, and an admin has all of them.
    """
    problems = [
        Problem(
            pointer=f"/roles/{i}",
            code=_NOT_YOURS,
            message=f"you have no {beyond[0]}, so you cannot give the role {role}",
        )
        for i, role in enumerate(roles)
        if role not in had and (beyond := _scopes_beyond(who.scopes, role))
    ]
    if problems and not who.person:
        raise Forbidden("an application gives no role whose scopes it does not have itself", *problems)


def _scopes_beyond(held: Collection[str], role: str) -> list[str]:
    """Return a scope of each route that is for people of the role and that `held` does not admit."""
    routes = [route for route in ROUTES if role in route.who and route.scopes]
    return sorted(route.scopes[0] for route in routes if not set(route.scopes) & set(held))


def require_limits_to_give(
    who: Caller, sub: str, wanted: Mapping[str, Any] | None, had: Mapping[str, Any] | None
) -> None:
    """Raise Forbidden for each limit that a person raises for themselves. Both are limits as they are stored."""
    if not (who.person and who.id == sub):
        return
    before, after = had or {}, wanted or {}
    message = "is more than your own limit: ask another admin"
    problems = [
        Problem(pointer=f"/limits/{name}/{i}/amount", code=_NOT_YOURS, message=message)
        for name in AMOUNTS
        for i, one in enumerate(after.get(name) or ())
        if int(one["amount"]) > _amounts(before.get(name)).get(one["currency"], 0)
    ]
    if int(after.get(_PERCENT) or 0) > int(before.get(_PERCENT) or 0):
        problems.append(Problem(pointer=f"/limits/{_PERCENT}", code=_NOT_YOURS, message=message))
    if problems:
        raise Forbidden("a person does not raise their own limits", *problems)


def _amounts(stored: Iterable[Mapping[str, Any]] | None) -> dict[str, int]:
    return {one["currency"]: int(one["amount"]) for one in stored or ()}


def require_other(who: Caller, sub: str, what: str) -> None:
    """Raise NotAllowed if people would do this to themselves: there may be no one left who can take it back."""
    if who.person and who.id == sub:
        raise NotAllowed(f"a person does not {what}: ask another admin")


def require_self_or_admin(who: Caller, sub: str) -> None:
    """Raise NotFound, as if there were no such person, for a caller who is neither the person nor an admin."""
    if ADMIN not in who.kinds and not (who.person and who.id == sub):
        raise NotFound("person", sub)


def require_lead(who: Caller, node: str) -> None:
    """Raise NotFound for a caller who is neither an admin nor a lead of the node."""
    if ADMIN not in who.kinds and not (LEAD in who.desks and node in who.nodes):
        raise NotFound("node", node)


def shown(sub: str, row: Mapping[str, Any], email: str, accepted: bool) -> dict[str, Any]:
    """Return a person as lists show them."""
    return {
        "person_id": sub,
        "version": int(row.get("version", 0)),
        "email": email,
        "status": "ACTIVE" if accepted else "INVITED",
        "invited_at": row.get("invited_at"),
        **rights(row),
    }


def rights(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a person's rights with every field."""
    return {
        "name": row.get("name", ""),
        "roles": list(row["roles"]),
        **{name: list(row.get(name, ())) for name in _LISTS},
        "partner": row.get("partner"),
        "limits": limits(row),
        "locale": row.get("locale"),
    }


def limits(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits with every field: a list without amounts is nothing at all."""
    found = row.get("limits") or {}
    return {
        "appeasement": list(found.get("appeasement", ())),
        "override_percent": int(found.get("override_percent", 0)),
        "gift_cards": list(found.get("gift_cards", ())),
        "customer_credit": list(found.get("customer_credit", ())),
    }


def me(who: Caller, row: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caller as the caller sees itself. `own` are the person's own settings, which go before the row's."""
    return {
        "id": who.id,
        "person": who.person,
        "name": row.get("name", ""),
        "kinds": sorted(who.kinds),
        "desks": sorted(who.desks),
        "nodes": sorted(who.nodes),
        "channels": sorted(who.channels),
        "partner": who.partner,
        "carrier": who.carrier,
        "limits": limits(row),
        "scopes": sorted(who.scopes),
        "settings": settings(row, own),
    }


def settings(row: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the console with every field. `locale` is null if neither the person nor an admin chose one."""
    return {
        "locale": own.get("locale") or row.get("locale"),
        "theme": own.get("theme", "SYSTEM"),
        "density": own.get("density", "COMFORTABLE"),
        "keys": own.get("keys", True),
    }
