"""
Remember under which key of the bucket a document of an order is stored.

Called by   functions/documents, functions/erase
Returns     keys of objects
Raises      nothing of its own

The row is written before the object: a crash in between leaves no object without a row, and the next request puts the object
under the same key. So whoever deletes the documents of an order finds them all. Both end by themselves, the object first.
"""

from datetime import datetime, timedelta

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.files import documents
from comanda.aws.runtime.settings import settings

_SURE = timedelta(days=documents.KEEP_DAYS - 1)  # after it S3 may have deleted the object
_LONGER = timedelta(days=documents.KEEP_DAYS + 10)


def stored(order_id: str, name: str, digest: str, now: datetime) -> str | None:
    """Return the key of the object if the document of this digest is stored, and will be for a day at least."""
    row = reads.get(settings.orders_table, keys.document(order_id, name, digest))
    if row is None or row.get("stored_until", "") <= now.isoformat():
        return None
    return str(row["object"])


def claim(order_id: str, name: str, digest: str, now: datetime) -> str:
    """Return the key under which the document is to be stored. All that make it at once get the same."""
    row, table = keys.document(order_id, name, digest), settings.orders_table
    single_writes.update(
        table,
        row,
        "SET #object = if_not_exists(#object, :new), #ttl = :ttl",
        n_object="object",
        n_ttl="ttl",
        new=documents.new_key(now),
        ttl=int((now + _LONGER).timestamp()),
    )
    found = reads.get(table, row)
    assert found is not None
    return str(found["object"])


def delete_all(order_id: str) -> None:
    """Delete every document of an order, each before the row that names it."""
    order, prefix = keys.order(order_id)["pk"], keys.DOCUMENTS
    rows = reads.query(
        settings.orders_table, "pk = :pk AND begins_with(sk, :prefix)", consistent=True, pk=order, prefix=prefix
    )
    for row in list(rows):
        documents.delete(row["object"])
        key = {"pk": row["pk"], "sk": row["sk"]}
        single_writes.delete(settings.orders_table, key, condition="attribute_exists(pk)")


def note_stored(order_id: str, name: str, digest: str, now: datetime) -> None:
    """Note that the object is there. `now` is a time before it was put."""
    row, until = keys.document(order_id, name, digest), (now + _SURE).isoformat()
    single_writes.update(settings.orders_table, row, "SET stored_until = :until", until=until)
