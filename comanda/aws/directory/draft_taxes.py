"""
Ask the tax table or the tax service of a channel about a draft. It is asked once, whatever the number of lines.

Called by   functions/drafts, functions/intake; imported only for drafts whose channel has a table or a service
Returns     what the rates of a draft depend on, and what the table or the service says now
Raises      Invalid for lines and charges of which it says no rate
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from comanda.aws.directory import directory, taxes
from comanda.aws.directory.tax_sources import source
from comanda.domain.drafts import taxing
from comanda.domain.drafts.draft import Draft
from comanda.domain.errors import Invalid, NoTaxAnswer
from comanda.domain.taxes.quotes import Knowledge, Tax


def knowledge(
    channel: Mapping[str, Any],
    drafts: Iterable[Draft],
    now: datetime,
    contact: Mapping[str, Any] = MappingProxyType({}),
    *,
    exact: bool = False,
) -> Knowledge:
    """Return what the rates of versions of a draft depend on today, by UTC. `channel` is the document of its channel; `contact` and
    `exact` are for a tax service (`taxes.port`)."""
    versions = tuple(drafts)
    draft = versions[-1]
    named = {one.node_id for version in versions for one in version.deliveries().values() if one.node_id}
    buyer = taxes.Buyer(customer=contact.get("customer", {}).get("id"), addresses=list(_addresses(contact)))
    included = draft.prices_include_tax
    sale = taxes.Sale(channel=channel, currency=draft.currency, included=included, buyer=buyer)
    return taxes.knowledge(sale, named, now, exact=exact)


def _addresses(contact: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the addresses to which the draft of a contact goes."""
    yield from (one["ship_to"] for one in (contact, *contact.get("lines", ())) if one.get("ship_to"))


def of_draft(draft: Draft, contact: Callable[[], Mapping[str, Any]], now: datetime) -> dict[str, Tax]:
    """Return what the table or the service says now about the lines and charges that it has taxed, by their places in the draft.

    `contact` reads that of the draft, for a service. The answer is empty when the channel has none any more, or while the service does not answer: the rates stay.
    """
    channel = directory.find(directory.CHANNEL, draft.channel) or {}
    if not source(channel):
        return {}
    told = contact() if channel.get("tax_service") else {}
    known = knowledge(channel, [draft], now, told, exact=True)
    asked = taxing.taxables(draft, known)
    try:
        return dict(zip(asked, known.quote(list(asked.values())), strict=True))
    except NoTaxAnswer:
        return {}


def require_rates(draft: Draft, now: datetime, *, nowhere: bool) -> None:
    """Raise Invalid for what the table has no rate for. `nowhere`: also for what has no place yet."""
    known = knowledge({}, [draft], now)  # no rate is asked for
    if wrong := list(taxing.without_rate(draft, taxing.taxables(draft, known), nowhere=nowhere)):
        raise Invalid(*wrong)
