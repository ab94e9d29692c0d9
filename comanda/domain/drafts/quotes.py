"""
Quote a draft, and make it an order: the two steps that bind its prices.

A quote offers the draft at its prices until a time. A change of the draft ends it, and the next quote has another number. A
draft is confirmed at the prices that its customer was told. Prices of lists are held by a valid quote, and until
`prices_until`. Prices that nothing holds must still be those of the lists.

Called by   functions/drafts, functions/intake
Returns     the draft after the step, with its event; whether prices are held
Raises      Invalid, QuoteExpired, PriceChanged, DraftEnded, Claimed
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.drafts.draft import Draft, DraftStatus, PriceSource, Quote
from comanda.domain.drafts.pricing import ListedPrice
from comanda.domain.drafts.steps import (
    LEASE,
    Actor,
    DraftDecision,
    DraftEnded,
    DraftEvent,
    Step,
    ended,
    require_mine,
)
from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.orders.claims import Claim

USUAL = timedelta(days=14)
LONGEST = timedelta(days=366)

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no letter is read as another one or as a digit
NUMBERS = len(_DIGITS) ** 8


class QuoteExpired(DraftEnded):
    """Refuse to make an order of a quote whose validity is over."""

    code = "quote-expired"


class PriceChanged(NotAllowed):
    """Refuse a draft with prices of lists that have changed since, and that nothing holds: carries each of them."""

    code = "price-changed"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("prices of lists have changed since they were set: set these lines anew")
        self.problems = problems


def new_number(chance: int) -> str:
    """Return the number of a draft's first quote. `chance` is a random number from 0 on, below NUMBERS."""
    digits = ""
    for _ in range(8):
        chance, digit = divmod(chance, len(_DIGITS))
        digits += _DIGITS[digit]
    return f"Q-{digits[:4]}-{digits[4:]}"


def quote(
    draft: Draft,
    actor: Actor,
    now: datetime,
    *,
    base: str,
    valid_until: datetime | None,
    listed: Mapping[str, ListedPrice],
    mailed: bool,
) -> DraftDecision:
    """Offer a draft at its prices. `base` is the number of its first quote; None for `valid_until` is two weeks."""
    require_mine(draft, actor, now)
    until = valid_until or now + USUAL
    if wrong := list(_problems(draft, until, now)):
        raise Invalid(*wrong)
    require_prices(draft, listed, now, held_by_quote=False)
    made = Quote(
        base=draft.quote.base if draft.quote else base,
        revision=draft.quote.revision + 1 if draft.quote else 1,
        quoted_at=now,
        valid_until=until,
    )
    claim = draft.claim_at(now)
    after = replace(
        draft,
        version=draft.version + 1,
        change_version=draft.version + 1,
        status=DraftStatus.QUOTED,
        expires_at=until,
        quote=made,
        claim=Claim(by=claim.by, until=now + LEASE) if claim else None,
    )
    data = {"number": made.number, "mailed": mailed}
    return DraftDecision(draft=after, event=DraftEvent(step=Step.QUOTED, actor=actor.id, at=now, data=data))


def _problems(draft: Draft, until: datetime, now: datetime) -> Iterator[Problem]:
    if not draft.lines:
        yield Problem(pointer="/lines", code="missing", message="a quote has at least one line: add lines first")
    if not now < until <= now + LONGEST:
        message = f"lies in the past, or more than {LONGEST.days} days from now"
        yield Problem(pointer="/valid_until", code="out-of-range", message=message)


def require_confirmable(draft: Draft, actor: Actor, now: datetime) -> None:
    """Raise QuoteExpired, DraftEnded or Claimed for a draft of which this caller can make no order now."""
    if (
        draft.quote is not None
        and draft.status_at(now) is DraftStatus.EXPIRED
        and draft.expires_at == draft.quote.valid_until
    ):
        raise QuoteExpired(
            f"the quote {draft.quote.number} was valid until {draft.quote.valid_until:%Y-%m-%d %H:%M} UTC"
        )
    require_mine(draft, actor, now)


def require_prices(
    draft: Draft, listed: Mapping[str, ListedPrice], now: datetime, *, held_by_quote: bool = True
) -> None:
    """Raise PriceChanged if lines have prices of lists that have changed since. `listed` are the prices of the lists now.

    A valid quote holds the prices of its draft; without `held_by_quote` it does not, because another one is about to be made.
    """
    if are_held(draft, now, by_quote=held_by_quote):
        return
    found = []
    for i, line in enumerate(draft.lines):
        price = listed.get(line.sku)
        if line.price.source is PriceSource.LIST and (price is None or price.amount != line.price.amount):
            says = "no list has a price" if price is None else f"{price.price_list} says {price.amount} minor units"
            message = f"is {line.price.amount} by {line.price.price_list}, and {says} now"
            found.append(Problem(pointer=f"/lines/{i}/unit_price", code="price-changed", message=message))
    if found:
        raise PriceChanged(*found)


def are_held(draft: Draft, now: datetime, *, by_quote: bool = True) -> bool:
    """Return True if the prices of the draft hold, whatever lists say by now."""
    quoted = by_quote and draft.status_at(now) is DraftStatus.QUOTED
    return quoted or (draft.prices_until is not None and now < draft.prices_until)


def confirm(draft: Draft, order_id: str, actor: Actor, now: datetime) -> DraftDecision:
    """Note that an order was made of the draft. `require_confirmable` and `require_prices` have allowed it."""
    after = replace(ended(draft, DraftStatus.CONFIRMED), version=draft.version + 1, order_id=order_id)
    data = {"number": draft.quote.number} if draft.quote and draft.status is DraftStatus.QUOTED else {}
    return DraftDecision(draft=after, event=DraftEvent(step=Step.CONFIRMED, actor=actor.id, at=now, data=data))
