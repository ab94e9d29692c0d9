"""
Keep pick waves, and the claims that say in which wave a fulfillment is: rows of the Orders table.

Called by   functions/fulfill
Returns     rows, and writes that hold only while nobody else changed what was read
Raises      StaleOrder (Busy) where another wave took a fulfillment first; Throttled

The claim of a fulfillment is the truth: whoever has it has the fulfillment. A wave whose claims are written and that is not stored yet
is finished by the same request; otherwise its claims are free again after `LEASE`. A closed wave has no hold on its claims. So to close
a wave is one write.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import unpack
from comanda.aws.dynamodb.transaction import MOST_ITEMS
from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.order import Order
from comanda.domain.picking.pick_wave import CLOSED, OPEN

LEASE = timedelta(minutes=15)
KEPT = timedelta(days=90)

type Member = tuple[str, int]  # an order, and the number of its fulfillment


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of fulfillments, and those of them that another wave may not take."""

    rows: Mapping[Member, Mapping[str, Any]]
    waves: Mapping[str, Mapping[str, Any]]

    def is_free(self, member: Member, wave_id: str, now: datetime) -> bool:
        """Return True if the wave has the fulfillment, or may take it."""
        row = self.rows.get(member)
        if row is None or row["wave"] == wave_id:
            return True
        wave = self.waves.get(row["wave"])
        if wave is None:
            return datetime.fromisoformat(row["at"]) + LEASE < now
        return bool(wave["state"] != OPEN)


def read_claims(members: Iterable[Member]) -> Claims:
    """Return the claims of these fulfillments, with the waves that have them."""
    wanted = list(members)
    found = {_key_of(row): row for row in reads.batch(settings.orders_table, [keys.wave_claim(*one) for one in wanted])}
    rows = {one: found[place] for one in wanted if (place := _key_of(keys.wave_claim(*one))) in found}
    of_waves = [keys.pick_wave(wave) for wave in {row["wave"] for row in rows.values()}]
    waves = reads.batch(settings.orders_table, of_waves, only=("wave", "state"))
    return Claims(rows, {row["wave"]: row for row in waves})


def claim(members: Iterable[Member], wave_id: str, claims: Claims, now: datetime) -> None:
    """Take fulfillments that were free for a wave. A crash leaves some taken, and the same call takes the rest."""
    for group in batched(members, MOST_ITEMS, strict=False):
        transaction.commit([_claim(member, wave_id, claims, now) for member in group])


def _claim(member: Member, wave_id: str, claims: Claims, now: datetime) -> transaction.Write:
    row = claims.rows.get(member)
    values = {**keys.wave_claim(*member), "wave": wave_id, "at": now.isoformat(), "ttl": int((now + KEPT).timestamp())}
    return transaction.put(
        settings.orders_table,
        values,
        StaleOrder(member[0]),
        condition="attribute_not_exists(pk) OR wave = :mine OR wave = :before",
        mine=wave_id,
        before=row["wave"] if row else wave_id,
    )


def read_orders(order_ids: Iterable[str]) -> dict[str, Order]:
    """Return orders as they are now, by id."""
    wanted = [keys.order(order_id) for order_id in dict.fromkeys(order_ids)]
    return {keys.order_id_of(row): orders.order_of_item(row) for row in reads.batch(settings.orders_table, wanted)}


def read_works(members: Iterable[Member]) -> dict[Member, dict[str, Any]]:
    """Return fulfillments as their node sees them."""
    wanted = [keys.fulfillment(*member) for member in members]
    rows = reads.batch(settings.orders_table, wanted, only=("pk", "sk", "doc"))
    return {(keys.order_id_of(row), keys.fulfillment_number_of(row)): unpack(row["doc"]) for row in rows}


def read_statuses(members: Iterable[Member]) -> list[str]:
    """Return the status of each of these fulfillments, in any order."""
    wanted = [keys.fulfillment(*member) for member in members]
    return [row["status"] for row in reads.batch(settings.orders_table, wanted, only=("status",))]


def read(wave_id: str) -> dict[str, Any] | None:
    return reads.get(settings.orders_table, keys.pick_wave(wave_id))


def new_row(wave_id: str, node: str, ship_by: datetime, values: Mapping[str, Any], now: datetime) -> transaction.Write:
    """Return the write of a wave that does not exist yet."""
    row = {
        **keys.pick_wave(wave_id),
        **keys.open_wave(node, ship_by, wave_id),
        **values,
        "wave": wave_id,
        "node": node,
        "state": OPEN,
        "ttl": int((now + KEPT).timestamp()),
    }
    return transaction.put_once(settings.orders_table, row, StaleOrder(wave_id))


def assign(wave_id: str, picker: str | None) -> transaction.Write:
    """Return the write that gives an open wave to a picker, or to nobody."""
    return transaction.update(
        settings.orders_table,
        keys.pick_wave(wave_id),
        "SET picker = :picker",
        StaleOrder(wave_id),
        condition="#state = :open",
        n_state="state",
        open=OPEN,
        picker=picker,
    )


def close(wave_id: str, now: datetime) -> transaction.Write:
    """Return the write that closes an open wave and takes it from its node's list."""
    return transaction.update(
        settings.orders_table,
        keys.pick_wave(wave_id),
        "SET #state = :closed, closed_at = :at REMOVE gsi3pk, gsi3sk",
        StaleOrder(wave_id),
        condition="#state = :open",
        n_state="state",
        open=OPEN,
        closed=CLOSED,
        at=clock.text(now),
    )


def _key_of(key: Mapping[str, Any]) -> tuple[str, str]:
    return str(key["pk"]), str(key["sk"])
