"""
Check a person's rights: that they fit the roles, and that the names in them exist.

Called by   functions/people/accounts.py, before rights are written
Raises      Invalid with every problem
"""

from collections.abc import Iterator, Mapping
from typing import Any

from comanda.aws.api.routes import APPLICATIONS
from comanda.aws.directory import directory, writer
from comanda.domain import people
from comanda.domain.errors import Invalid, Problem
from functions.people import rules


def check(rights: dict[str, Any]) -> None:
    """Raise Invalid if rights do not fit each other, or name what does not exist."""
    strange = set(rights["roles"]) - set(people.ROLES)
    words = _words_of_hold_types() - APPLICATIONS if strange else set()
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
        *_strange_currencies(rights.get("limits") or {}),
    ]
    if problems:
        raise Invalid(*problems)


def _words_of_hold_types() -> set[str]:
    """Return the roles that hold types name, also those that were put a moment ago."""
    kinds = writer.read_all(directory.HOLD_TYPE, directory.names(directory.HOLD_TYPE))
    return {role for kind in kinds.values() for role in kind.doc.get("roles", ())}


def _strange_currencies(limits: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each limit in a currency in which no channel sells: it would allow nothing."""
    amounts = [(name, i, one) for name in rules.AMOUNTS for i, one in enumerate(limits.get(name) or ())]
    sold = writer.currencies_of_channels() if amounts else {}
    currencies = {currency for of_channel in sold.values() for currency in of_channel}
    for name, i, amount in amounts:
        if currencies and amount["currency"] not in currencies:
            message = f"no channel sells in {amount['currency']}"
            yield Problem(pointer=f"/limits/{name}/{i}/currency", code="not-of-the-channel", message=message)
