"""
Ask the tax table of a channel about a draft. The table is read once, whatever the number of lines.

Called by   functions/drafts, functions/intake; imported only for drafts whose channel has a table
Returns     what the rates of a draft depend on, and what the table says now
Raises      Invalid for lines and charges of which the table says no rate
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory, taxes
from comanda.domain.drafts import taxing
from comanda.domain.drafts.draft import Draft
from comanda.domain.errors import Invalid
from comanda.domain.taxes.quotes import Knowledge, Tax


def knowledge(channel: Mapping[str, Any], drafts: Iterable[Draft], now: datetime) -> Knowledge:
    """Return what the rates of versions of a draft depend on today, by UTC. `channel` is the document of its channel."""
    versions = tuple(drafts)
    named = {one.node_id for draft in versions for one in draft.deliveries().values() if one.node_id}
    return taxes.knowledge(channel, named, now, included=versions[-1].prices_include_tax)


def of_draft(draft: Draft, now: datetime) -> dict[str, Tax]:
    """Return what the table says now about the lines and charges that it has taxed, by their places in the draft. It is empty
    when the channel has no table any more: the rates stay."""
    channel = directory.find(directory.CHANNEL, draft.channel)
    if not channel or not channel.get("tax_table"):
        return {}
    known = knowledge(channel, [draft], now)
    asked = taxing.taxables(draft, known)
    return dict(zip(asked, known.quote(list(asked.values())), strict=True))


def require_rates(draft: Draft, now: datetime, *, nowhere: bool) -> None:
    """Raise Invalid for what the table has no rate for. `nowhere`: also for what has no place yet."""
    known = knowledge({}, [draft], now)  # no rate is asked for
    if wrong := list(taxing.without_rate(draft, taxing.taxables(draft, known), nowhere=nowhere)):
        raise Invalid(*wrong)
