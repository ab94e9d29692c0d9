"""
Claim the beginnings of numbers for legal entities: each prefix has one row, which names its entity for ever.

Called by   functions/directory
Returns     problems; writes for `writer.put`
Raises      Invalid, when the write meets a prefix that another entity claimed meanwhile

The row stays when its entity gives the prefix up, as numbers of invoices begin with it: another entity would share their series.
Entities that were stored before there were such rows have none until they are put again.
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.directory import directory, writer
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, Problem


def problem(name: str, prefix: str | None) -> Problem | None:
    """Return a problem for the prefix that another entity has or had, None for any other."""
    holder = None if prefix is None else _holder(prefix)
    return _duplicate(f"{holder} begins its numbers with it, or did") if holder not in (None, name) else None


def _holder(prefix: str) -> str | None:
    """Return the entity that has claimed a prefix, or that has it without a row. None: it is free."""
    row = reads.get(settings.directory_table, keys.number_prefix(prefix))
    if row is not None:
        return str(row["id"])
    entities = writer.read_all(directory.LEGAL_ENTITY, directory.names(directory.LEGAL_ENTITY))
    return next((one.id for one in entities.values() if one.doc.get("number_prefix") == prefix), None)


def claims(name: str, doc: Mapping[str, Any]) -> list[transaction.Write]:
    """Return the writes that claim the prefix of an entity, if it has one, and the one that it gives up."""
    now = writer.read(directory.LEGAL_ENTITY, name)
    before = now.doc.get("number_prefix") if now else None
    given_up = before if before != doc.get("number_prefix") and problem(name, before) is None else None
    return [_claim(name, prefix) for prefix in (doc.get("number_prefix"), given_up) if prefix is not None]


def _claim(name: str, prefix: str) -> transaction.Write:
    row = {**keys.number_prefix(prefix), "id": name}
    refused = Invalid(_duplicate("another entity has just taken it"))
    condition = "attribute_not_exists(pk) OR #id = :id"
    return transaction.put(settings.directory_table, row, refused, condition=condition, n_id="id", id=name)


def _duplicate(message: str) -> Problem:
    return Problem(pointer="/number_prefix", code="duplicate", message=message)
