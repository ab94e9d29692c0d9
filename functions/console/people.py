"""
Turn what `GET /v1/me` says of a person into what a session keeps and what pages show.

Called by   functions/console/sign_in.py, functions/console/switch.py, functions/console/request.py, functions/console/handler.py
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.api.routes import ADMIN, PARTNER, STAFF, WORKER
from functions.console.view import Person

_OFFICE = frozenset({STAFF, ADMIN, PARTNER})


# The words of `GET /v1/me` for looks, and those of the style sheet.
_THEMES = {"SYSTEM": "auto", "LIGHT": "light", "DARK": "dark"}
_DENSITIES = {"COMFORTABLE": "roomy", "COMPACT": "dense"}


def kept(me: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """Return the facts about the person that the session keeps, sealed with its tokens.

    `me` is the answer of `GET /v1/me`, `name` the provider's name for a person whose row has none.
    """
    own = me["settings"]
    return {
        "id": me["id"],
        "name": me["name"] or name,
        "roles": me["kinds"],
        "desks": me["desks"],
        "nodes": me["nodes"],
        "channels": me["channels"],
        "locale": own["locale"] or "en-US",
        "theme": _THEMES[own["theme"]],
        "density": _DENSITIES[own["density"]],
        "keys": own["keys"],
    }


def has_handheld(person: Mapping[str, Any]) -> bool:
    """Return True for a person of a node only: they work with a handheld all through a shift."""
    return WORKER in person["roles"] and _OFFICE.isdisjoint(person["roles"])


def first_page(person: Mapping[str, Any]) -> str:
    """Return the path of the page on which a person begins: the day of their node for people of one node only, else home."""
    return f"nodes/{person['nodes'][0]}" if has_handheld(person) and len(person["nodes"]) == 1 else ""


def person_of(facts: Mapping[str, Any]) -> Person:
    """Return the person of a session. A session that an earlier version began may lack a fact, which is then the usual one."""
    looks = {name: facts[name] for name in ("locale", "theme", "density", "keys") if name in facts}
    return Person(
        id=facts["id"],
        name=facts["name"],
        roles=frozenset(facts["roles"]),
        desks=frozenset(facts["desks"]),
        nodes=tuple(facts["nodes"]),
        channels=tuple(facts.get("channels", ())),
        **looks,
    )
