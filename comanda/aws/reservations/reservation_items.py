"""
Write reservations as items of the Stock table, and read them back: a header, and the chunks of a long reservation.

Called by   comanda.aws.reservations
Returns     Writes that refuse with StockConflict if the item changed since it was read; a Reservation

The header of a short reservation holds its lines.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StockConflict
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.reservations import Chunk, LinePart, Reservation, ReservedLine

_KEPT = timedelta(days=30)  # after its end, so that a repeated request finds it


def header_write(after: Reservation, now: datetime | None = None, *, new: bool = False) -> Write:
    """Write the header, on condition that it is as it was read. Give `now` if the reservation may have ended."""
    values = _header(after, now)
    refused = StockConflict(f"reservation {after.reservation_id}")
    if new:
        return transaction.put_once(settings.stock_table, values, refused)
    return transaction.put(settings.stock_table, values, refused, condition="rev = :rev", rev=after.rev)


def _header(after: Reservation, now: datetime | None) -> dict[str, Any]:
    place = keys.expiring(after.next_look, after.reservation_id, many=after.many) if after.next_look else {}
    ended = after.state in (rules.RELEASED, rules.EXPIRED) or after.order_id is not None
    return {
        **keys.reservation(after.reservation_id),
        **place,
        "owner": after.owner,
        "content": after.content,
        "kind": after.kind,
        "state": after.state,
        "created": after.created.isoformat(),
        "expires": _text(after.expires),
        "look": _text(after.next_look),
        "many": after.many,
        "made": after.made,
        "following": after.next_line,
        "refused": after.refused or None,
        "wanted_by": after.wanted_by,
        "order_id": after.order_id,
        "channel": after.channel,
        "rev": after.rev + 1,
        "doc": None if after.many else pack([_chunk_document(chunk) for chunk in after.chunks]),
        "ttl": int((now + _KEPT).timestamp()) if ended and now and after.next_look is None else None,
    }


def chunk_write(found: Reservation, chunk: Chunk, now: datetime | None = None) -> Write:
    """Write a chunk, on condition that it is as it was read. A chunk with `rev` 0 is new."""
    values = {
        **keys.chunk(found.reservation_id, chunk.number),
        "rev": chunk.rev,
        "doc": pack(_chunk_document(chunk)),
        "ttl": int((now + _KEPT).timestamp()) if now and chunk.state == rules.GIVEN else None,
    }
    refused = StockConflict(f"chunk {chunk.number} of reservation {found.reservation_id}")
    if not chunk.rev:
        return transaction.put_once(settings.stock_table, values, refused)
    return transaction.put(settings.stock_table, values, refused, condition="rev = :before", before=chunk.rev - 1)


def _chunk_document(chunk: Chunk) -> dict[str, Any]:
    return {
        "number": chunk.number,
        "state": chunk.state,
        "expires": _text(chunk.expires),
        "rev": chunk.rev,
        "lines": [
            [
                line.number,
                line.rows,
                line.sku,
                line.wanted,
                line.due,
                [[part.node, part.quantity, part.lane] for part in line.parts],
            ]
            for line in chunk.lines
        ],
    }


def to_reservation(header: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Reservation:
    """Return the reservation of a header and the items of its chunks."""
    documents = [unpack(row["doc"]) for row in rows] if header["many"] else unpack(header["doc"])
    return Reservation(
        reservation_id=keys.reservation_id_of(header),
        owner=header["owner"],
        content=header["content"],
        kind=header["kind"],
        state=header["state"],
        created=datetime.fromisoformat(header["created"]),
        expires=_moment(header.get("expires")),
        next_look=_moment(header.get("look")),
        many=header["many"],
        made=header["made"],
        next_line=header["following"],
        refused=header.get("refused", 0),
        chunks=tuple(_chunk(document) for document in documents),
        wanted_by=header.get("wanted_by"),
        order_id=header.get("order_id"),
        channel=header.get("channel"),
        rev=header["rev"],
    )


def _chunk(document: dict[str, Any]) -> Chunk:
    return Chunk(
        number=document["number"],
        state=document["state"],
        expires=_moment(document["expires"]),
        rev=document["rev"],
        lines=tuple(
            ReservedLine(
                number=number,
                rows=tuple(rows),
                sku=sku,
                wanted=wanted,
                due=due,
                parts=tuple(LinePart(node=node, quantity=quantity, lane=lane) for node, quantity, lane in parts),
            )
            for number, rows, sku, wanted, due, parts in document["lines"]
        ),
    )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
