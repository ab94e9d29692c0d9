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
from decimal import Decimal
from typing import TYPE_CHECKING

from comanda.domain.drafts import giving
from comanda.domain.drafts.draft import Draft, DraftLine, DraftStatus, PriceSource, Quote
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
from comanda.domain.orders.bundle_lines import BUNDLE, COMPONENT
from comanda.domain.orders.claims import Claim

if TYPE_CHECKING:  # few channels have a tax table
    from comanda.domain.taxes.quotes import Tax

USUAL = timedelta(days=14)
LONGEST = timedelta(days=366)

_NOTHING: "Mapping[str, Tax]" = {}
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no letter is read as another one or as a digit
NUMBERS = len(_DIGITS) ** 8


class QuoteExpired(DraftEnded):
    """Refuse to make an order of a quote whose validity is over."""

    code = "quote-expired"


class PriceChanged(NotAllowed):
    """Refuse a draft with prices of lists or taxes of a table that have changed since, and that nothing holds: carries each."""

    code = "price-changed"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("prices or taxes have changed since they were set: set these lines anew")
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
    taxes: "Mapping[str, Tax]" = _NOTHING,
    mailed: bool,
) -> DraftDecision:
    """Offer a draft at its prices. `base` is the number of its first quote.

    None for `valid_until` is two weeks, or until its prices are held, if that is sooner.
    """
    require_mine(draft, actor, now)
    held = draft.prices_until if draft.prices_until is not None and now < draft.prices_until else now + USUAL
    until = valid_until or min(now + USUAL, held)
    if wrong := list(_problems(draft, until, now)):
        raise Invalid(*wrong)
    if draft.prices_until is None or draft.prices_until < until:  # prices are held longer than they were
        require_prices(replace(draft, prices_until=None), listed, now, taxes=taxes, held_by_quote=False)
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
    draft: Draft,
    listed: Mapping[str, ListedPrice],
    now: datetime,
    *,
    taxes: "Mapping[str, Tax]" = _NOTHING,
    held_by_quote: bool = True,
) -> None:
    """Raise PriceChanged if prices of lists, or rates of the tax table, have changed since. `listed` are the prices of the
    lists now, and `taxes` what the table says now of lines and charges, by their places in the draft.

    A valid quote holds the prices of its draft; without `held_by_quote` it does not, because another one is about to be made.
    """
    if are_held(draft, now, by_quote=held_by_quote):
        return
    found = [problem for i, line in enumerate(draft.lines) for problem in _changed(draft, i, line, listed)]
    if taxes:
        from comanda.domain.drafts import taxing

        found += taxing.changed(draft, taxes)
    if found:
        raise PriceChanged(*found)


def _changed(draft: Draft, i: int, line: DraftLine, listed: Mapping[str, ListedPrice]) -> Iterator[Problem]:
    """Yield a problem if the list has another price or rate of tax by now than when the line was set."""
    now = listed.get(line.sku)
    says = "no list has a price" if now is None else f"{now.price_list} says {now.amount} minor units"
    if line.price.source is PriceSource.LIST and (now is None or now.amount != line.price.amount):
        message = f"is {line.price.amount} by {line.price.price_list}, and {says} now"
        yield Problem(pointer=f"/lines/{i}/unit_price", code="price-changed", message=message)
    elif line.price.listed is not None and line.kind != COMPONENT and _usual(draft, line, listed) != line.price.listed:
        message = f"was set when it usually cost {line.price.listed} minor units, and {says} now"
        yield Problem(pointer=f"/lines/{i}/unit_price", code="price-changed", message=message)
    if now is not None and line.price.listed_rate is not None:
        rate = now.tax_rate or "0"
        if Decimal(rate) != Decimal(line.price.listed_rate):
            message = f"is taxed by {line.tax_rate}, and {now.price_list} says {rate} now"
            yield Problem(pointer=f"/lines/{i}/tax_rate", code="price-changed", message=message)


def _usual(draft: Draft, line: DraftLine, listed: Mapping[str, ListedPrice]) -> int | None:
    amounts = {sku: one.amount for sku, one in listed.items()}
    return giving.set_price_of(line, draft.lines, amounts) if line.kind == BUNDLE else amounts.get(line.sku)


def are_held(draft: Draft, now: datetime, *, by_quote: bool = True) -> bool:
    """Return True if the prices of the draft hold, whatever lists say by now."""
    quoted = by_quote and draft.status_at(now) is DraftStatus.QUOTED
    return quoted or (draft.prices_until is not None and now < draft.prices_until)


def held_until(draft: Draft, now: datetime) -> datetime | None:
    """Return until when the prices of the draft hold, whatever lists say by then. None: nothing holds them."""
    quote = draft.quote.valid_until if draft.quote and draft.status_at(now) is DraftStatus.QUOTED else None
    named = draft.prices_until if draft.prices_until is not None and now < draft.prices_until else None
    return max((one for one in (quote, named) if one is not None), default=None)


def confirm(draft: Draft, order_id: str, actor: Actor, now: datetime) -> DraftDecision:
    """Note that an order was made of the draft. `require_confirmable` and `require_prices` have allowed it."""
    after = replace(ended(draft, DraftStatus.CONFIRMED), version=draft.version + 1, order_id=order_id)
    data = {"number": draft.quote.number} if draft.quote and draft.status is DraftStatus.QUOTED else {}
    return DraftDecision(draft=after, event=DraftEvent(step=Step.CONFIRMED, actor=actor.id, at=now, data=data))
