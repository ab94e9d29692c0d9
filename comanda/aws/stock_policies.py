"""
What holds for one sku at one node before anything more general: its safety stock, switches, segments and reorder point.

Called by   functions/stock (POST /v1/stock/policies)
Returns     the units that a lowered safety stock released
Raises      StockConflict (Busy) when somebody else changed the position three times

It lives in the position's item, where `comanda.aws.shelves` reads it: `levels`, `protected`, `ship`, `pickup`, `low`. No unit
moves by it, so the ledger has no line of it; `rev` rises, because what was decided on the position may be decided otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws import directory, keys, reads, stock, stock_facts, transaction
from comanda.aws.settings import settings
from comanda.aws.transaction import Write
from comanda.domain import safety
from comanda.domain import stock as shelf
from comanda.domain.errors import StockConflict
from comanda.domain.figures import SPAN
from comanda.domain.safety import Safety

TRIES = 3
FIELDS = ("levels", "protected", "ship", "pickup", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`said`: by attribute of the position, its new value, or None to take it away; what is not named stays."""

    sku: str
    node: str
    said: Mapping[str, Any]


def say(policy: Policy, reference: str, now: datetime) -> int:
    """Write the policy; said again it changes nothing. Returns the units that it released."""
    name = f"{policy.sku}.{policy.node}.{reference}"
    for _ in range(TRIES):
        row = reads.get(settings.stock_table, keys.position(policy.sku, policy.node))
        after = {**{name: row[name] for name in FIELDS if row and name in row}, **policy.said}
        after = {name: value for name, value in after.items() if value is not None}
        if row is not None and after == {name: row[name] for name in FIELDS if name in row}:
            told = stock_facts.find(stock_facts.SAFETY, name, now)
            return told["released"] if told else 0
        released, facts = _released(policy, row, after, name, now) if row is not None else (0, [])
        try:
            transaction.commit([_write(policy, row, after), *facts])
        except StockConflict:
            continue
        return released
    raise StockConflict(f"{policy.sku} at {policy.node}: policy")


def _released(
    policy: Policy, row: dict[str, Any], after: Mapping[str, Any], name: str, now: datetime
) -> tuple[int, list[Write]]:
    """The units that may be sold because less is kept, and the fact with how the shelf served until now."""
    position = stock.of_row(row)
    net = shelf.least(shelf.net(position, now), shelf.day(now))
    before, then = _kept(policy, row, position.safety), _kept(policy, after, position.safety)
    released = then.left(net) - before.left(net)
    if released <= 0:
        return 0, []
    service = stock_facts.served(policy.sku, policy.node, now - SPAN, now)
    values = {
        "sku": policy.sku,
        "node": policy.node,
        "released": released,
        "shipped": service.shipped,
        "not_found": service.not_found,
        "waiting": service.waiting,
    }
    return released, [stock_facts.fact(stock_facts.SAFETY, name, now, values)]


def _kept(policy: Policy, said: Mapping[str, Any], own: int) -> Safety:
    """What an order by the methods that the position is open for leaves, protected segments apart."""
    levels = safety.levels(
        position={**({safety.ANY_METHOD: {"units": own}} if own else {}), **said.get("levels", {})},
        product=directory.find(directory.PRODUCT, policy.sku) or {},
        node=directory.find(directory.NODE, policy.node) or {},
        policy=directory.find(directory.STOCK_POLICY, directory.THE_POLICY) or {},
    )
    return safety.resolve(levels, methods=("SHIP", "PICKUP"))


def _write(policy: Policy, row: dict[str, Any] | None, after: Mapping[str, Any]) -> Write:
    key, stale = keys.position(policy.sku, policy.node), StockConflict(f"{policy.sku} at {policy.node}: policy")
    if row is None:
        values = {
            **key,
            **keys.position_of_node(policy.node, policy.sku),
            "sku": policy.sku,
            "node": policy.node,
            "on_hand": {},
            "hard": {},
            "soft": {},
            "supplies": {},
            "free": 0,
            "rev": 1,
            **after,
        }
        return transaction.put_once(settings.stock_table, values, stale)
    names: dict[str, Any] = {f"n_{name}": name for name in policy.said}
    sets = [f"#{name} = :{name}" for name in policy.said if name in after]
    removes = [f"#{name}" for name in policy.said if name not in after]
    return transaction.update(
        settings.stock_table,
        key,
        "SET " + ", ".join(["rev = rev + :one", *sets]) + (" REMOVE " + ", ".join(removes) if removes else ""),
        stale,
        condition="rev = :was",
        one=1,
        was=row["rev"],
        **names,
        **{name: after[name] for name in policy.said if name in after},
    )
