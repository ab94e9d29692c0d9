"""
Name the people of the example retailer: one for each desk and kind of work.

Called by   local/invitations.py, which invites them; tests/local/test_retailer.py
"""

from typing import Any

STORE = "store-new-york"


def people() -> dict[str, dict[str, Any]]:
    """Return the bodies of `POST /v1/people`, by the name under which `people.json` keeps address and password."""
    return {
        "sales": _office("Sara Lopez", "sales", "en-US", override_percent=15),
        "care": _office("Carla Souza", "care", "pt-BR", appeasement=[_money(2500, "USD"), _money(10_000, "BRL")]),
        "planner": _office("Pablo Reyes", "planner", "es"),
        "tower": _office("Tess Young", "tower", "en-US"),
        "finance": _office("Fay Chen", "finance", "en-US"),
        "lead": _worker("Leo Martin", "dc-east", "lead"),
        "picker": _worker("Pia Novak", "dc-east"),
        "counter": _worker("Cody Reed", STORE, "counter"),
        "partner": _person("Pat Ridge", roles=["partner"], partner="ridgeline", locale="en-US"),
        "admin": _person("Ada Minton", roles=["admin"], locale="en-US"),
    }


def address(name: str) -> str:
    """Return the address that this person signs in with. Mail to it goes nowhere."""
    return f"{name}@example.com"


def _office(name: str, desk: str, locale: str, **limits: Any) -> dict[str, Any]:
    return _person(name, roles=["staff"], desks=[desk], locale=locale, **({"limits": limits} if limits else {}))


def _worker(name: str, node: str, *desks: str) -> dict[str, Any]:
    return _person(name, roles=["worker"], nodes=[node], desks=list(desks), locale="en-US")


def _person(name: str, **rights: Any) -> dict[str, Any]:
    return {"name": name, **rights}


def _money(amount: int, currency: str) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}
