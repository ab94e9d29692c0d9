"""
Store the numbers of invoices and credit notes: a batch of a series in one transaction, and the rows by which they are found.

A document without a number has a place in an index by the time of its issue, which the transaction takes away. One that a tax
service is to have gets a place by the time of its number, until it is known what became of it (`tax_records`).

Called by   functions/number, which gives the numbers; functions/sweep, intake and inbox; comanda.aws.orders: invoices, credit_notes
Returns     documents with and without numbers; attributes of their rows
Raises      StaleOrder when another writer numbered one of the documents, or drew numbers of the series, first
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice, zip_longest
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.billing.document_numbers import DocumentKind, IssuedDocument, written
from comanda.domain.errors import StaleOrder

MOST = 1000  # documents of one shard in one run of the sweeper; the next run goes on
_KEYS = {DocumentKind.INVOICE: keys.invoice, DocumentKind.CREDIT_NOTE: keys.credit_note}
_PREFIXES = {DocumentKind.INVOICE: "inv", DocumentKind.CREDIT_NOTE: "crn"}


def issued(document: IssuedDocument) -> dict[str, Any]:
    """Return the attributes that the row of a document has when it is issued, with its key."""
    return {
        **_KEYS[document.kind](document.order_id, document.number),
        **keys.unnumbered(document.issued_at, document.document_id),
        **keys.document_of_day(document.channel, document.issued_at, document.document_id, document.order_id),
        "series": document.series,
        "channel": document.channel,
    }


def shown(kind: DocumentKind, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a row as the API shows it, with the number that it has by now."""
    found: dict[str, Any] = unpack(row["doc"])
    return {**found, "number": written(kind, row["series"], row["number"])} if "number" in row else found


def load(document_ids: Iterable[str], cell: str) -> list[IssuedDocument]:
    """Return the documents with these ids; strongly consistent. An id without a document has none."""
    wanted = {}
    for document_id in dict.fromkeys(document_ids):
        kind = next(kind for kind, prefix in _PREFIXES.items() if document_id.startswith(prefix))
        order_id, number = ids.parse(_PREFIXES[kind], document_id, cell)
        key = _KEYS[kind](order_id, number)
        wanted[key["pk"], key["sk"]] = (key, kind, order_id, number)
    rows = reads.batch(settings.orders_table, [key for key, *_ in wanted.values()])
    return [_document(row, *wanted[row["pk"], row["sk"]][1:]) for row in rows]


def _document(row: Mapping[str, Any], kind: DocumentKind, order_id: str, number: int) -> IssuedDocument:
    return IssuedDocument(
        kind=kind,
        order_id=order_id,
        number=number,
        channel=row.get("channel", ""),  # documents of before got their number with their issue
        series=row["series"],
        issued_at=datetime.fromisoformat(unpack(row["doc"])["issued_at"]),
        serial=row.get("number"),
    )


def of_invoices(invoices: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return the numbers of invoices by order and number within it. One that has none yet is left out."""
    wanted = {tuple(keys.invoice(*one).values()): one for one in invoices}
    of_keys = [keys.invoice(*one) for one in wanted.values()]
    rows = reads.batch(settings.orders_table, of_keys, only=("pk", "sk", "series", "number"))
    return {
        wanted[row["pk"], row["sk"]]: written(DocumentKind.INVOICE, row["series"], row["number"])
        for row in rows
        if "number" in row
    }


def missed(before: datetime | None) -> list[str]:
    """Return the ids of documents that were issued before a time and have no number. None: of all."""
    return _waiting(keys.UNNUMBERED, before)


def unrecorded(before: datetime | None) -> list[str]:
    """Return the ids of documents that were numbered before a time and that a tax service is still to be told of. None: of all."""
    return _waiting(keys.UNRECORDED, before)


def _waiting(queue: str, before: datetime | None) -> list[str]:
    """Return the ids of documents in a queue of the sweeper, with a place before a time.

    The oldest of each shard come first, those of all shards in turn: one that stays for ever keeps back its own shard alone.
    """
    found: list[list[str]] = []
    for shard in range(keys.SHARDS):
        values: dict[str, Any] = {"pk": keys.queue_page(queue, shard)}
        condition = "gsi3pk = :pk"
        if before is not None:
            condition, values = "gsi3pk = :pk AND gsi3sk < :before", {**values, "before": keys.time(before)}
        rows = reads.query(settings.orders_table, condition, index="GSI3", together=MOST, **values)
        found.append([keys.id_of_document(row) for row in islice(rows, MOST)])
    return [one for of_shards in zip_longest(*found) for one in of_shards if one is not None]


def last(kind: DocumentKind, series: str) -> int:
    """Return the last number of a series, 0 before the first; strongly consistent."""
    row = reads.get(settings.directory_table, keys.series(kind, series))
    return int(row["last"]) if row else 0


def give(documents: Sequence[IssuedDocument], recorded: Collection[str], now: datetime) -> None:
    """Store the numbers of a batch of one series, all of them or none. A tax service is to be told of the `recorded` ids."""
    first = documents[0]
    writes = [_draw(first.kind, first.series, len(documents), (first.serial or 0) - 1)]
    for document in documents:
        writes += [_number(document, now if document.document_id in recorded else None), _found_by(document)]
    transaction.commit(writes)


def _draw(kind: DocumentKind, series: str, count: int, before: int) -> Write:
    """Return the write that takes numbers of a series. It holds only while `before` is the last one."""
    key, refused = keys.series(kind, series), StaleOrder(f"series {series}")
    if not before:
        return transaction.put_once(settings.directory_table, {**key, "last": count}, refused)
    return transaction.update(
        settings.directory_table,
        key,
        "SET #last = :next",
        refused,
        condition="#last = :last",
        n_last="last",
        last=before,
        next=before + count,
    )


def _number(document: IssuedDocument, to_record: datetime | None) -> Write:
    """Return the write that gives an issued document its number. It holds only while the document has none.

    `to_record`: its place among those of which a tax service is to be told, None if none is.
    """
    place = {} if to_record is None else keys.unrecorded(to_record, document.document_id)
    after = (
        "SET #number = :serial, gsi3pk = :gsi3pk, gsi3sk = :gsi3sk"
        if place
        else "SET #number = :serial REMOVE gsi3pk, gsi3sk"
    )
    return transaction.update(
        settings.orders_table,
        _KEYS[document.kind](document.order_id, document.number),
        after,
        StaleOrder(document.order_id),
        condition="attribute_exists(pk) AND attribute_not_exists(#number)",
        n_number="number",
        serial=document.serial,
        **place,
    )


def _found_by(document: IssuedDocument) -> Write:
    """Return the write of the row by which a document is found by its number."""
    key = key_of_number(document.kind, document.series, document.serial or 0)
    values = {**key, "order_id": document.order_id, str(document.kind): document.number}
    return transaction.put_once(settings.orders_table, values, StaleOrder(document.order_id))


def key_of_number(kind: DocumentKind, series: str, serial: int) -> keys.Key:
    """Return the key of the row that names the order of a number."""
    return keys.invoice_number(kind, series, serial)
