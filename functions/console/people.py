"""
Turn what `GET /v1/me` says of a person into what a session keeps and what pages show.

Called by   functions/console/sign_in.py, functions/console/handler.py
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.api.routes import ADMIN, PARTNER, STAFF, WORKER
from functions.console.view import Person

_OFFICE = frozenset({STAFF, ADMIN, PARTNER})


def kept(me: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts about the person that the session keeps, sealed with its tokens."""
    return {
        "id": str(claims["sub"]),
        "name": str(me.get("name") or claims.get("name") or claims.get("email") or ""),
        "roles": sorted(me.get("roles", ())),
        "desks": sorted(me.get("desks", ())),
        "nodes": sorted(me.get("nodes", ())),
        "locale": str(me.get("locale") or "en-US"),
        "theme": str(me.get("theme") or "auto"),
        "density": str(me.get("density") or "roomy"),
    }


def has_handheld(person: Mapping[str, Any]) -> bool:
    """Return True for a person of a node only: they work with a handheld all through a shift."""
    return WORKER in person["roles"] and _OFFICE.isdisjoint(person["roles"])


def person_of(facts: Mapping[str, Any]) -> Person:
    """Return the person of a session."""
    return Person(
        id=facts["id"],
        name=facts["name"],
        roles=frozenset(facts["roles"]),
        desks=frozenset(facts["desks"]),
        nodes=tuple(facts["nodes"]),
        locale=facts["locale"],
        theme=facts["theme"],
        density=facts["density"],
    )
