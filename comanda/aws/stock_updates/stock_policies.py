"""
Write the policy of one sku at one node: its safety stock, switches, protected segments and reorder point.

Called by   functions/stock (POST /v1/stock/policies, GET /v1/stock/{sku})
Returns     a Verdict, with the units that a lowered safety stock released
Raises      StockConflict (Busy) when other writers changed the position three times, RowTaken (Busy)

This policy wins over the policies of the product, the node and the retailer. It lives in the position's item, in `levels`,
`protected`, `ship`, `pickup` and `low`, where `comanda.aws.stock_views.sku_view` reads it. It moves no unit, so the ledger has
no line of it. `rev` rises, because a decision on the position may now have another result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.files import applied_rows
from comanda.aws.files.applied_rows import AppliedRow, Book
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
    """New values by attribute of the position; None removes a value. Other attributes and other names of a map stay.

    The reference, sku and node identify a policy. `line` is its number in the request.
    """

    line: int
    reference: str
    sku: str
    node: str
    values: Mapping[str, Any]
    content: str

    @property
    def identity(self) -> str:
        return f"{self.reference}\n{self.sku}\n{self.node}"


def put(policy: Policy, book: Book, source: str, now: datetime) -> tuple[Verdict, int]:
    """Write the policy once, and return the verdict with the units that it released."""
    for _ in range(TRIES):
        seen = applied_rows.find(book, [policy.identity])
        if policy.identity in seen.applied:
            return _answer_repeated(policy, seen.applied[policy.identity], source)
        row = reads.get(settings.stock_table, keys.position(policy.sku, policy.node))
        before = {name: row[name] for name in FIELDS if row and name in row}
        after = _merged(before, policy.values)
        released, facts = _released(policy, row, after, now) if row is not None else (0, [])
        kept = AppliedRow(
            identity=policy.identity, content=policy.content, source=source, line=policy.line, effect=str(released)
        )
        changed = [_write(policy, row, after)] if row is None or after != before else []
        try:
            transaction.commit([*applied_rows.short_batch(book, [kept], seen.uncommitted), *changed, *facts])
        except StockConflict:
            continue
        return Verdict(line=policy.line, status=APPLIED), released
    raise StockConflict(f"{policy.sku} at {policy.node}: policy")


def find(sku: str, node: str | None = None) -> dict[str, dict[str, Any]]:
    """Return the policies of a sku by node, as attributes of the items: at one node, or at all nodes."""
    prefix = keys.position(sku, node or "")
    condition = "pk = :pk AND begins_with(sk, :sk)"
    rows = reads.query(settings.stock_table, condition, only=("node", *FIELDS), pk=prefix["pk"], sk=prefix["sk"])
    return {row["node"]: row for row in rows if len(row) > 1}


def _answer_repeated(policy: Policy, kept: AppliedRow, source: str) -> tuple[Verdict, int]:
    released = int(kept.effect or 0)
    if kept.source == source and kept.line == policy.line:
        return Verdict(line=policy.line, status=APPLIED), released
    if kept.content == policy.content:
        reason = "the row was applied before"
        return Verdict(line=policy.line, status=DUPLICATE, code="applied-before", reason=reason), released
    return Verdict(line=policy.line, status=CONFLICT, code="other-content", reason=OTHER_CONTENT), 0


def _merged(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes after the change. Maps are merged name by name, and an empty map is removed."""
    after = dict(before)
    for name, value in values.items():
        if isinstance(value, Mapping):
            together = {**before.get(name, {}), **value}
            after[name] = {one: units for one, units in together.items() if units is not None} or None
        else:
            after[name] = value
    return {name: value for name, value in after.items() if value is not None}


def _released(policy: Policy, row: dict[str, Any], after: Mapping[str, Any], now: datetime) -> tuple[int, list[Write]]:
    """Return the units that a smaller safety stock releases for sale, and the fact with the position's service until now."""
    position = position_items.to_position(row)
    net = shelf.least(shelf.net(position, now), utc_day(now))
    before, then = _safety(policy, row, position.safety), _safety(policy, after, position.safety)
    released = then.left(net) - before.left(net)
    if released <= 0:
        return 0, []
    service = stock_facts.measure_service(policy.sku, policy.node, now - SPAN, now)
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


def _safety(policy: Policy, attributes: Mapping[str, Any], own: int) -> Safety:
    """Return the safety stock that an order by any method must leave, without protected segments."""
    levels = safety.read_levels(
        position={**({safety.ANY_METHOD: {"units": own}} if own else {}), **attributes.get("levels", {})},
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
    names: dict[str, Any] = {f"n_{name}": name for name in policy.values}
    sets = [f"#{name} = :{name}" for name in policy.values if name in after]
    removes = [f"#{name}" for name in policy.values if name not in after]
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
        **{name: after[name] for name in policy.values if name in after},
    )
