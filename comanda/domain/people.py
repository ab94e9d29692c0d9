"""
Check the rights of a person: the roles, desks, nodes, channels, partner and limits that fit each other. Pure.

Called by   functions/people
Returns     problems by pointer
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any

from comanda.domain.errors import Problem

STAFF, WORKER, PARTNER, ADMIN = "staff", "worker", "partner", "admin"
ROLES = (STAFF, WORKER, PARTNER, ADMIN)
OFFICE = frozenset((STAFF, ADMIN))

# A desk is a kind of work. It decides which pages a person sees first; it gives no right to a thing of another.
OFFICE_DESKS = ("sales", "care", "planner", "tower", "finance")
LEAD, COUNTER = "lead", "counter"
NODE_DESKS = (LEAD, COUNTER)
DESKS = (*OFFICE_DESKS, *NODE_DESKS)

# The role that each list of rights needs, in words, with the roles that may have it.
_NEEDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "nodes": (
        "only workers have nodes: the office sees all, a partner's person has the partner's",
        frozenset((WORKER,)),
    ),
    "channels": ("only staff and admins have channels", OFFICE),
    "partner": ("only a partner's person has a partner", frozenset((PARTNER,))),
    "limits": ("a partner's person has no limits: they give no money away", OFFICE | {WORKER}),
}


def misfits(rights: Mapping[str, Any], words: Collection[str] = ()) -> list[Problem]:
    """Return a problem for each right that does not fit the person's roles.

    `words` are roles beside the four, which hold types name.
    """
    roles = frozenset(rights["roles"])
    return [
        *_wrong_roles(rights["roles"], words),
        *_missing(roles, rights),
        *(
            Problem(pointer=f"/{name}", code="not-for-role", message=message)
            for name, (message, may) in _NEEDS.items()
            if rights.get(name) and roles.isdisjoint(may)
        ),
        *_wrong_desks(roles, rights.get("desks", ())),
    ]


def _wrong_roles(roles: Iterable[str], words: Collection[str]) -> list[Problem]:
    given = list(roles)
    problems = [
        Problem(
            pointer=f"/roles/{i}",
            code="unknown-role",
            message=f"is none of {', '.join(ROLES)}, and no hold type names it",
        )
        for i, role in enumerate(given)
        if role not in ROLES and role not in words
    ]
    if not set(given) & set(ROLES):
        problems.append(Problem(pointer="/roles", code="missing", message=f"takes at least one of {', '.join(ROLES)}"))
    if PARTNER in given and len(given) > 1:
        message = "a partner's person has no other role: it would show them what belongs to the retailer"
        problems.append(Problem(pointer="/roles", code="not-together", message=message))
    return problems


def _missing(roles: Collection[str], rights: Mapping[str, Any]) -> list[Problem]:
    wanted = {
        WORKER: ("nodes", "a worker has at least one node"),
        PARTNER: ("partner", "is missing for a partner's person"),
    }
    return [
        Problem(pointer=f"/{name}", code="missing", message=message)
        for role, (name, message) in wanted.items()
        if role in roles and not rights.get(name)
    ]


def _wrong_desks(roles: Collection[str], desks: Iterable[str]) -> list[Problem]:
    problems = []
    for i, desk in enumerate(desks):
        fits = WORKER in roles if desk in NODE_DESKS else not OFFICE.isdisjoint(roles)
        if not fits:
            message = f"the desk {desk} is for {'workers' if desk in NODE_DESKS else 'staff and admins'}"
            problems.append(Problem(pointer=f"/desks/{i}", code="not-for-role", message=message))
    return problems


def is_guessable(pin: str) -> bool:
    """Return True for four digits that are tried first: all the same, in a row up or down, or a pair twice."""
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return steps in ({0}, {1}, {-1}) or pin[:2] == pin[2:]
