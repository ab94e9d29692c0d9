"""
Claim the beginnings of numbers for legal entities: each prefix has one row, which names its entity for ever.

Called by   functions/directory, functions/inbox
Returns     the prefixes of all entities, at most a minute old; problems; writes for `writer.put`
Raises      Invalid, when the write meets a prefix that another entity claimed meanwhile

The row stays when its entity gives the prefix up, as numbers of invoices begin with it: another entity would share their series.
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, Problem


def all_prefixes() -> list[str]:
    """Return the prefixes that the numbers of legal entities begin with."""
    found = directory.entries(directory.LEGAL_ENTITY, directory.names(directory.LEGAL_ENTITY)).values()
    return sorted(prefix for doc in found if (prefix := doc.get("number_prefix")))


def problem(name: str, prefix: str | None) -> Problem | None:
    """Return a problem for the prefix that another entity has or had, None for any other."""
    if prefix is None:
        return None
    row = reads.get(settings.directory_table, keys.number_prefix(prefix))
    return _duplicate(f"{row['id']} begins its numbers with it, or did") if row and row["id"] != name else None


def claims(name: str, doc: Mapping[str, Any]) -> list[transaction.Write]:
    """Return the write that claims the prefix of an entity, if it has one."""
    if doc.get("number_prefix") is None:
        return []
    row = {**keys.number_prefix(doc["number_prefix"]), "id": name}
    refused = Invalid(_duplicate("another entity has just taken it"))
    condition = "attribute_not_exists(pk) OR #id = :id"
    return [transaction.put(settings.directory_table, row, refused, condition=condition, n_id="id", id=name)]


def _duplicate(message: str) -> Problem:
    return Problem(pointer="/number_prefix", code="duplicate", message=message)
