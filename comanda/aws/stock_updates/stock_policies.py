"""
What holds for one sku at one node before anything more general: its safety stock, switches, segments and reorder point.

Called by   functions/stock (POST /v1/stock/policies, GET /v1/stock/{sku})
Returns     a Verdict, with the units that a lowered safety stock released
Raises      StockConflict (Busy) when somebody else changed the position three times, RowTaken (Busy)

It lives in the position's item, where `comanda.aws.stock_views.sku_view` reads it: `levels`, `protected`, `ship`, `pickup`, `low`. No unit
moves by it, so the ledger has no line of it; `rev` rises, because what was decided on the position may be decided otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.files import applied_rows as book_of_rows
from comanda.aws.files.applied_rows import Book, Kept
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items
from comanda.aws.stock_updates import stock_facts
from comanda.aws.stock_updates.row_batches import APPLIED, CONFLICT, DUPLICATE, OTHER_CONTENT, Verdict
from comanda.domain.days import utc_day
from comanda.domain.errors import StockConflict
from comanda.domain.evaluation.service_level import SPAN
from comanda.domain.stock import safety
from comanda.domain.stock import stock as shelf
from comanda.domain.stock.safety import Safety

TRIES = 3
FIELDS = ("levels", "protected", "ship", "pickup", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`said`: by attribute of the position, its new value, or None to take it away; what is not named stays, also within a
    map. Known by its `reference`, sku and node; `line` is its number in its request."""

    line: int
    reference: str
    sku: str
    node: str
    said: Mapping[str, Any]
    content: str

    @property
    def identity(self) -> str:
        return f"{self.reference}\n{self.sku}\n{self.node}"


def say(policy: Policy, book: Book, source: str, now: datetime) -> tuple[Verdict, int]:
    """Write the policy, once: what became of it, and the units that it released."""
    for _ in range(TRIES):
        seen = book_of_rows.look(book, [policy.identity])
        if policy.identity in seen.applied:
            return _known(policy, seen.applied[policy.identity], source)
        row = reads.get(settings.stock_table, keys.position(policy.sku, policy.node))
        before = {name: row[name] for name in FIELDS if row and name in row}
        after = _merged(before, policy.said)
        released, facts = _released(policy, row, after, now) if row is not None else (0, [])
        kept = Kept(
            identity=policy.identity, content=policy.content, source=source, line=policy.line, effect=str(released)
        )
        changed = [_write(policy, row, after)] if row is None or after != before else []
        try:
            transaction.commit([*book_of_rows.short_batch(book, [kept], seen.left), *changed, *facts])
        except StockConflict:
            continue
        return Verdict(line=policy.line, status=APPLIED), released
    raise StockConflict(f"{policy.sku} at {policy.node}: policy")


def of_sku(sku: str, node: str | None = None) -> dict[str, dict[str, Any]]:
    """By node what its position says for itself, in the item's words; at one node, or at all."""
    prefix = keys.position(sku, node or "")
    condition = "pk = :pk AND begins_with(sk, :sk)"
    rows = reads.query(settings.stock_table, condition, only=("node", *FIELDS), pk=prefix["pk"], sk=prefix["sk"])
    return {row["node"]: row for row in rows if len(row) > 1}


def _known(policy: Policy, kept: Kept, source: str) -> tuple[Verdict, int]:
    released = int(kept.effect or 0)
    if kept.source == source and kept.line == policy.line:
        return Verdict(line=policy.line, status=APPLIED), released
    if kept.content == policy.content:
        reason = "the row was applied before"
        return Verdict(line=policy.line, status=DUPLICATE, code="applied-before", reason=reason), released
    return Verdict(line=policy.line, status=CONFLICT, code="other-content", reason=OTHER_CONTENT), 0


def _merged(before: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What holds then: maps are merged name by name, and one that says nothing more is gone."""
    after = dict(before)
    for name, value in said.items():
        if isinstance(value, Mapping):
            together = {**before.get(name, {}), **value}
            after[name] = {one: units for one, units in together.items() if units is not None} or None
        else:
            after[name] = value
    return {name: value for name, value in after.items() if value is not None}


def _released(policy: Policy, row: dict[str, Any], after: Mapping[str, Any], now: datetime) -> tuple[int, list[Write]]:
    """The units that may be sold because less is kept, and the fact with how the shelf served until now."""
    position = position_items.to_position(row)
    net = shelf.least(shelf.net(position, now), utc_day(now))
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
    name = f"{policy.sku}.{policy.node}.{policy.reference}"
    return released, [stock_facts.fact(stock_facts.SAFETY, name, now, values)]


def _kept(policy: Policy, said: Mapping[str, Any], own: int) -> Safety:
    """What an order by the methods that the position is open for leaves, protected segments apart."""
    levels = safety.read_levels(
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
        values["glance"] = position_items.glance(position_items.to_position(values))
        return transaction.put_once(settings.stock_table, values, stale)
    then = {name: value for name, value in row.items() if name not in FIELDS} | dict(after)
    names: dict[str, Any] = {f"n_{name}": name for name in policy.said}
    sets = [f"#{name} = :{name}" for name in policy.said if name in after]
    removes = [f"#{name}" for name in policy.said if name not in after]
    return transaction.update(
        settings.stock_table,
        key,
        "SET "
        + ", ".join(["rev = rev + :one", "glance = :glance", *sets])
        + (" REMOVE " + ", ".join(removes) if removes else ""),
        stale,
        condition="rev = :was",
        one=1,
        was=row["rev"],
        glance=position_items.glance(position_items.to_position(then)),
        **names,
        **{name: after[name] for name in policy.said if name in after},
    )
