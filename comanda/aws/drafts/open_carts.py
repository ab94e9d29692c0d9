"""
Keep the pointer from a customer of a channel to their open cart. It moves to another draft under a condition.

Called by   functions/drafts
Returns     ids of drafts; the writes that move the pointer
Raises      Claimed while another caller has claimed the cart that would be replaced

The pointer is judged by the draft that it names: a draft that has ended, or that is another customer's now, is no open cart.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from comanda.aws.drafts import drafts
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.drafts.draft import Draft
from comanda.domain.drafts.steps import Actor
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.claims import require_free

_FREE = "attribute_not_exists(pk) OR attribute_not_exists(claimed_until) OR claimed_until <= :now OR claimed_by = :by"


def are_open(found: Iterable[Draft]) -> Mapping[str, bool]:
    """Return for each draft, by id, whether it is the cart that its customer has in its channel now."""
    own = {draft.draft_id: draft for draft in found}
    carts = {(d.channel, d.customer_id) for d in own.values() if d.cart and d.customer_id}
    wanted = [keys.open_cart(*cart) for cart in sorted(carts)]
    named = {row["draft"] for row in reads.batch(settings.orders_table, wanted)} if wanted else set()
    return {draft_id: draft.cart and draft_id in named for draft_id, draft in own.items()}


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
    return [moved] if before == draft.draft_id else [moved, _require_free(before, actor, now, stale)]


def _require_free(draft_id: str, actor: Actor, now: datetime, stale: StaleOrder) -> Write:
    """Return the check that nobody else has claimed the cart that is replaced. Raises Claimed."""
    found = drafts.find(draft_id)
    if found is not None:
        require_free(found.claim_at(now), actor.id, now, names=actor.office)
    return transaction.check(
        settings.orders_table, keys.draft(draft_id), _FREE, stale, now=views.time(now), by=actor.id
    )
