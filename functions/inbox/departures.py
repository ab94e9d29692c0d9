"""
Decide which rows of a shipment leave, and as which fulfillments; refuse the rows of holds and of broken kits.

Called by   functions/inbox/apply_shipments.py
Returns     Departures, and a RowAnswer for each row that does not leave

All rows are of one shipment and one order, as far as the file has them together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from comanda.domain.lifecycle.node_work import kits
from comanda.domain.orders.order import Order
from functions.inbox.fields import REJECTED, RowAnswer
from functions.inbox.loading import Departure, Loading
from functions.inbox.partner import Partner
from functions.inbox.row_answers import refuse, refuse_rows
from functions.inbox.shipment_rows import ShipmentRow


def departures(order: Order, partner: Partner, rows: Sequence[ShipmentRow]) -> tuple[list[Departure], list[RowAnswer]]:
    """Return one departure for each fulfillment that ships, and the answers to all other rows.

    Rows that name a line choose first, so that rows that name only a sku share the rest. A refused row has used no
    identity: a later row with other content, such as its correction, is decided as if the refused row were not there.
    """
    by_choice = sorted(rows, key=lambda row: (not row.line_id, row.line))
    refused: dict[int, RowAnswer] = {}
    while True:
        loading = Loading(order, partner)
        left = [(row, loading.load(row)) for row in by_choice if row.line not in refused]
        leaving = [loading.loaded[number] for number in sorted(loading.loaded)]
        refused_now = {
            a.line: a
            for departure in leaving
            for a in (*_refuse_broken_sets(order, departure), *_refuse_held(order, departure))
        }
        if not refused_now:
            return leaving, [*refused.values(), *(answer for _, answer in left if answer is not None)]
        alike = {(row.identity, row.content): refused_now[row.line] for row, _ in left if row.line in refused_now}
        refused |= {
            row.line: replace(alike[row.identity, row.content], line=row.line)
            for row, _ in left
            if (row.identity, row.content) in alike
        }


def refuse_departure(
    departure: Departure, rows: Iterable[ShipmentRow], answers: Sequence[RowAnswer], code: str, message: str
) -> list[RowAnswer]:
    """Return the answers, with each row of the departure refused, and each row that was answered as a repetition of one."""
    identities = {row.identity for row in departure.rows}
    had = {answer.line for answer in answers if answer.status == REJECTED}
    again = refuse_rows((row for row in rows if row.identity in identities and row.line not in had), code, message)
    lines = {answer.line for answer in again}
    return [answer for answer in answers if answer.line not in lines] + again


def _refuse_held(order: Order, departure: Departure) -> list[RowAnswer]:
    """Refuse the rows of lines that have a hold on shipping."""
    kept = {line.line_id for line in order.lines if "ship" in line.held}
    return [
        refuse(row, "line_id" if row.line_id else "sku", "held", "is on hold")
        for row, lines in zip(departure.rows, departure.lines, strict=True)
        if not lines.isdisjoint(kept)
    ]


def _refuse_broken_sets(order: Order, departure: Departure) -> list[RowAnswer]:
    """Refuse the rows with a part of a kit's set if the rest of the set would stay at the node."""
    broken = kits.lines_of_broken_sets(order, departure.number, departure.units)
    message = f"a kit leaves in whole sets: {kits.describe_sets(order, broken)}"
    return [
        refuse(row, "quantity", kits.INCOMPLETE, message)
        for row, lines in zip(departure.rows, departure.lines, strict=True)
        if not lines.isdisjoint(broken)
    ]
