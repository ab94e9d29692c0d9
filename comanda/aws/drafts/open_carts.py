"""
Keep the pointer from a customer of a channel to their open cart. It moves to another draft under a condition.

Called by   functions/drafts, functions/customers
Returns     ids of drafts; the writes that move the pointer
Raises      Claimed while another caller has claimed the cart that would be replaced

The pointer is judged by the draft that it names: a draft that has ended, or that is another customer's now, is no open cart,
and keeps nobody from having one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from comanda.aws.drafts import drafts
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.drafts.draft import Draft
from comanda.domain.drafts.steps import Actor
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.claims import require_free


def are_open(found: Iterable[Draft]) -> Mapping[str, bool]:
    """Return for each draft, by id, whether it is the cart that its customer has in its channel now."""
    pointers = {draft.draft_id: _pointer(draft) for draft in found}
    wanted = {key["pk"]: key for key in pointers.values() if key}
    rows = reads.batch(settings.orders_table, wanted.values()) if wanted else ()
    named = {row["pk"]: row["draft"] for row in rows}
    return {draft_id: key is not None and named.get(key["pk"]) == draft_id for draft_id, key in pointers.items()}


def _pointer(draft: Draft) -> keys.Key | None:
    """Return the key of the pointer that names the draft if it is an open cart. None: it is no cart."""
    if not draft.cart or draft.customer_id is None:
        return None
    return keys.open_cart(draft.channel, draft.customer_id)


def move(draft: Draft, actor: Actor, now: datetime) -> list[Write]:
    """Return the writes that make a draft its customer's open cart, instead of another one that nobody has claimed."""
    if draft.customer_id is None:
        return []
    key = keys.open_cart(draft.channel, draft.customer_id)
    row = reads.get(settings.orders_table, key)
    before = row["draft"] if row else None
    values = {**key, "draft": draft.draft_id, "ttl": drafts.ttl(draft)}
    stale = StaleOrder(draft.draft_id)
    if before is None:
        return [transaction.put_once(settings.orders_table, values, stale)]
    moved = transaction.put(
        settings.orders_table, values, stale, condition="draft = :before OR attribute_not_exists(pk)", before=before
    )
    return [moved] if before == draft.draft_id else [moved, _require_free(before, draft, actor, now)]


def _require_free(before: str, after: Draft, actor: Actor, now: datetime) -> Write:
    """Return the check that the draft that was the open cart stays as it was judged here. Raises Claimed for a cart of the
    same customer that another caller has claimed."""
    found = drafts.find(before)
    if found is not None and _pointer(found) == _pointer(after):
        require_free(found.claim_at(now), actor.id, now, names=actor.office)
    key, stale = keys.draft(before), StaleOrder(after.draft_id)
    if found is None:
        return transaction.check(settings.orders_table, key, "attribute_not_exists(pk)", stale)
    return transaction.check(settings.orders_table, key, "#v = :version", stale, n_v="version", version=found.version)
