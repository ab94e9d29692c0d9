"""
Load drafts, let a rule decide on a draft, and save the decision: the draft, its event and the row for the sweeper.

Called by   functions/drafts, functions/intake, functions/customers, functions/notify, functions/sweep; comanda.aws.drafts
Returns     drafts as values of the domain
Raises      NotFound on load; StaleOrder when another process saved the draft first; Invalid for a draft that is too large

A draft is one item, and a step is one transaction. All rows of a draft are deleted a week after its end (`ttl`). Events have no
personal data, and stay a little longer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import FITS, pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.drafts import document, view
from comanda.domain.drafts.draft import LIVE, Draft
from comanda.domain.drafts.steps import DraftDecision
from comanda.domain.errors import Invalid, NotFound, Problem, StaleOrder

TRIES = 3  # decisions on a draft before a door answers 503
_AFTER_END = timedelta(days=7)
_EVENTS_KEPT = timedelta(days=400)  # a draft that is touched every day lives on; its first events must not go before it
_SOON = timedelta(minutes=5)  # then the sweeper looks whether the event is on the bus


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSaving:
    """A decision, and the writes that belong to it in the same transaction. `first` are those whose refusal says more than a
    stale version does."""

    decision: DraftDecision
    first: Sequence[Write] = ()
    also: Sequence[Write] = ()


def load(draft_id: str) -> Draft:
    """Return the draft as it is now, strongly consistent. Raises NotFound."""
    found = find(draft_id)
    if found is None:
        raise NotFound("draft", draft_id)
    return found


def find(draft_id: str) -> Draft | None:
    """Return the draft as it is now, None when there is none."""
    row = reads.get(settings.orders_table, keys.draft(draft_id))
    return draft_of_item(row) if row else None


def id_of_quote(number: str) -> str | None:
    """Return the id of the draft whose quote has this number, None when there is none."""
    row = reads.get(settings.orders_table, keys.quote_number(number))
    return row["draft"] if row else None


def find_many(draft_ids: Sequence[str]) -> dict[str, Draft]:
    """Return the drafts of these ids that exist, by id."""
    rows = reads.batch(settings.orders_table, map(keys.draft, draft_ids))
    return {keys.draft_id_of(row): draft_of_item(row) for row in rows}


def draft_of_item(row: dict[str, Any]) -> Draft:
    """Return the draft from the attributes of its item."""
    return document.to_draft(unpack(row["doc"]))


def save(saving: DraftSaving) -> Draft:
    """Write a decision whole, or not at all, and return the draft as saved."""
    transaction.commit(writes(saving))
    return saving.decision.draft


def writes(saving: DraftSaving) -> list[Write]:
    """Return all writes of a decision, for a transaction with others."""
    decision = saving.decision
    own = [_draft_write(decision.draft), _event_write(decision), _look_write(decision)]
    return [*saving.first, *own, *saving.also]


def decide(draft_id: str, rule: Callable[[Draft], DraftSaving | None]) -> Draft:
    """Load the draft, let the rule decide, and save. When another process saved first, the rule decides again.

    A rule that returns None finds nothing to do. Raises what the rule raises, and the last Busy error when three tries were
    not enough.
    """

    def load_and_save() -> Draft:
        draft = load(draft_id)
        decided = rule(draft)
        return draft if decided is None else save(decided)

    return retry(TRIES, load_and_save)


def ttl(draft: Draft) -> int:
    """Return when the rows of a draft are deleted, in seconds since 1970."""
    return int((draft.expires_at + _AFTER_END).timestamp())


def _draft_write(draft: Draft) -> Write:
    packed = pack(document.from_draft(draft))
    if len(packed) > FITS:
        message = f"the draft has {len(packed)} bytes when it is compressed, {FITS} are kept"
        raise Invalid(Problem(pointer="/lines", code="draft-too-large", message=message))
    values = {
        **keys.draft(draft.draft_id),
        "version": draft.version,
        "status": draft.status.value,
        "channel": draft.channel,
        "claimed_by": draft.claim.by if draft.claim else None,
        "claimed_until": views.time(draft.claim.until) if draft.claim else None,
        "ttl": ttl(draft),
        "doc": packed,
    }
    stale, version = StaleOrder(draft.draft_id), draft.version - 1
    if not version:
        return transaction.put_once(settings.orders_table, values, stale)
    return transaction.put(
        settings.orders_table, values, stale, condition="#v = :version", n_v="version", version=version
    )


def _event_write(decision: DraftDecision) -> Write:
    draft, event = decision.draft, decision.event
    values = {
        **keys.draft_event(draft.draft_id, draft.version),
        "draft_id": draft.draft_id,
        "version": draft.version,
        "step": event.step.value,
        "actor": event.actor,
        "at": views.time(event.at),
        "channel": draft.channel,
        "status": draft.status.value,
        "data": pack({**view.summary(draft, event.at), **event.data}),
        "ttl": int((event.at + _EVENTS_KEPT).timestamp()),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(draft.draft_id))


def _look_write(decision: DraftDecision) -> Write:
    """Return the write by which the sweeper looks at the draft soon, and then, when its event is on the bus, at its end."""
    draft, at = decision.draft, decision.event.at
    values: dict[str, Any] = {
        **keys.draft_look_due(at + _SOON, draft.draft_id),
        "latest": draft.version,
        "live": draft.status in LIVE,
        "end_sk": keys.draft_look_due(draft.expires_at, draft.draft_id)["gsi3sk"],
        "ttl": ttl(draft),
    }
    return transaction.update(
        settings.orders_table,
        keys.draft_look(draft.draft_id),
        "SET relayed = if_not_exists(relayed, :none), " + ", ".join(f"#{name} = :{name}" for name in values),
        StaleOrder(draft.draft_id),
        none=0,
        **values,
        **{f"n_{name}": name for name in values},
    )
