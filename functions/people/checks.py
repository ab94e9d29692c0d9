"""
Check a person's rights: that they fit the roles, and that the names in them exist.

Called by   functions/people/accounts.py, before rights are written
Raises      Invalid with every problem
"""

from typing import Any

from comanda.aws.api.routes import CARRIER, CHANNEL, FORM, NODE
from comanda.aws.directory import directory, hold_types, writer
from comanda.domain import people
from comanda.domain.errors import Invalid
from functions.people import rules

# Kinds of callers that no person is, even if a hold type names them.
OF_APPLICATIONS = frozenset((CHANNEL, FORM, NODE, CARRIER))


def check(rights: dict[str, Any]) -> None:
    """Raise Invalid if rights do not fit each other, or name what does not exist."""
    strange = set(rights["roles"]) - set(people.ROLES)
    words = {role for kind in hold_types.hold_types() for role in kind.roles} - OF_APPLICATIONS if strange else set()
    channels, nodes = rights.get("channels", []), rights.get("nodes", [])
    partner = rights.get("partner")
    problems = [
        *people.misfits(rights, words),
        *rules.missing("/nodes", nodes, writer.read_all(directory.NODE, nodes), "node"),
        *rules.missing("/channels", channels, writer.read_all(directory.CHANNEL, channels), "channel"),
        *(
            []
            if partner is None or writer.read(directory.PARTNER, partner)
            else [rules.unknown("/partner", partner, "partner")]
        ),
    ]
    if problems:
        raise Invalid(*problems)
