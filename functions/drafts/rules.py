"""
Make a draft and its contact of the fields of a request. Pure.

Called by   functions/drafts
Returns     values of the domain
Raises      Invalid, Forbidden for the prices of lines
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from comanda.aws.api import sale_contracts
from comanda.domain.drafts import line_steps
from comanda.domain.drafts.draft import Delivery, Draft, DraftCharge, DraftLine, DraftPrice, PriceSource
from comanda.domain.drafts.pricing import AskedPrice, ListedPrice, price_of_line
from comanda.domain.errors import Invalid
from comanda.domain.orders.bundle_lines import COMPONENT
from comanda.domain.orders.line import Discount
from functions.drafts import contract

OF_CONTACT = ("customer", "ship_to", "bill_to", "note", "attributes")
OF_LINES = frozenset({"ship_to", "gift"})  # what lines have in the contact
_PLAIN = ("promise_id", "option_id", "reservation_id", "prices_until")
_NO_PRICE = DraftPrice(amount=0, source=PriceSource.CALLER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """The products and the prices of lists by sku, which decide the prices of lines. `person`: the caller is one.

    `shipping` is the amount of charges without one, in minor units. `tax_table` is that of the channel, which says the rates of
    what is sent without one; empty: it has none.
    """

    products: Mapping[str, Mapping[str, Any]]
    listed: Mapping[str, ListedPrice]
    person: bool
    shipping: int = 0
    tax_table: str = ""

    def table_of(self, sent: contract.DraftLine | contract.DraftCharge) -> str:
        """Return the tax table that says the rate of a line or charge. Empty: it was sent, or comes from elsewhere."""
        return "" if sent.tax_rate is not None or sent.kind == COMPONENT else self.tax_table

    def tax_rate(self, line: contract.DraftLine) -> str:
        """Return the rate of a line's tax: what the caller sends, else that of the price list if no table says it. A component
        has its bundle's."""
        listed = None if line.kind == COMPONENT or self.tax_table else self.listed.get(line.sku)
        return line.tax_rate or (listed.tax_rate if listed else None) or "0"

    def listed_rate(self, line: contract.DraftLine) -> str | None:
        """Return the rate of the price list if it is that of the line."""
        listed = None if line.kind == COMPONENT or self.tax_table else self.listed.get(line.sku)
        rate = (listed.tax_rate or "0") if listed else None
        return rate if rate is not None and Decimal(rate) == Decimal(self.tax_rate(line)) else None


def given_lines(given: contract.DraftFields) -> Iterator[tuple[str, contract.DraftLine]]:
    """Yield every line of a request with its pointer."""
    for name in ("lines", "set_lines"):
        for i, line in enumerate(getattr(given, name, None) or ()):
            yield f"/{name}/{i}", line


def names_people(line: contract.DraftLine) -> bool:
    """Return True if a line of a request says anything of an address or a gift."""
    return not OF_LINES.isdisjoint(line.model_fields_set)


def places(given: contract.DraftFields) -> dict[str, str]:
    """Return the pointers of the lines of a request, by their ids."""
    return {line.line_id: at for at, line in given_lines(given)}


def computed_charges(given: contract.DraftFields) -> set[str]:
    """Return the kinds of the charges that a request leaves to the promise."""
    return {charge.kind for charge in given.charges or () if charge.amount is None}


def with_fields(draft: Draft, given: contract.DraftFields, pricing: Pricing) -> Draft:
    """Return the draft with the fields of the request. Its contact, and what follows from that, is not changed here."""
    values: dict[str, Any] = {name: getattr(given, name) for name in _PLAIN if name in given.model_fields_set}
    if "fulfillment" in given.model_fields_set:
        values["delivery"] = _delivery(given.fulfillment) or Delivery()
    if "charges" in given.model_fields_set:
        values["charges"] = tuple(
            DraftCharge(
                kind=c.kind,
                amount=c.amount.amount if c.amount else pricing.shipping,
                tax_rate=c.tax_rate or "0",
                tax_table=pricing.table_of(c),
                zero_rate_reason=c.zero_rate_reason or "",
            )
            for c in given.charges or ()
        )
    if "discounts" in given.model_fields_set:
        values["discounts"] = _discounts(given.discounts or ())
    if "tags" in given.model_fields_set:
        values["tags"] = tuple(given.tags or ())
    if "lines" in given.model_fields_set:
        values["lines"] = tuple(_line(f"/lines/{i}", line, pricing) for i, line in enumerate(given.lines or ()))
    return replace(draft, **values)


def with_line_steps(draft: Draft, given: contract.DraftChange, pricing: Pricing) -> tuple[Draft, tuple[DraftLine, ...]]:
    """Return the draft with the lines that the request sets, without those that it removes, and the lines that it sets."""
    wanted = tuple(_line(f"/set_lines/{i}", line, pricing) for i, line in enumerate(given.set_lines or ()))
    lines = line_steps.with_lines(draft.lines, wanted, given.remove_lines or ())
    return replace(draft, lines=lines), wanted


def as_sent(refused: Invalid, draft: Draft, wanted: Sequence[DraftLine]) -> Invalid:
    """Return a refusal with its problems at their places in the request."""
    return Invalid(*(line_steps.as_sent(problem, draft.lines, wanted) for problem in refused.problems))


def _line(at: str, line: contract.DraftLine, pricing: Pricing) -> DraftLine:
    return DraftLine(
        line_id=line.line_id,
        sku=line.sku,
        quantity=line.quantity,
        price=replace(_price(at, line, pricing), listed_rate=pricing.listed_rate(line)),
        kind=line.kind,
        parent_line_id=line.parent_line_id,
        ratio=line.ratio,
        price_share=line.price_share,
        tax_rate=pricing.tax_rate(line),
        tax_table=pricing.table_of(line),
        zero_rate_reason=line.zero_rate_reason or "",
        discounts=_discounts(line.discounts),
        delivery=_delivery(line.fulfillment),
        title=str(pricing.products[line.sku]["title"]),
    )


def _price(at: str, line: contract.DraftLine, pricing: Pricing) -> DraftPrice:
    listed = pricing.listed.get(line.sku)
    if line.kind == COMPONENT and (line.unit_price is None or not line.unit_price.amount):
        return (
            replace(_NO_PRICE, person=True, listed=listed.amount if listed else None) if pricing.person else _NO_PRICE
        )
    asked = AskedPrice(
        amount=line.unit_price.amount if line.unit_price else None,
        reason=line.price_reason or "",
        person=pricing.person and line.kind != COMPONENT,
    )
    return price_of_line(asked, listed, pointer=at)


def _discounts(given: Sequence[sale_contracts.DiscountIn]) -> tuple[Discount, ...]:
    return tuple(Discount(code=d.code, amount=d.amount.amount) for d in given)


def _delivery(given: sale_contracts.Delivery | None) -> Delivery | None:
    return None if given is None else Delivery(**given.model_dump())


def contact(before: Mapping[str, Any], given: contract.DraftFields) -> dict[str, Any]:
    """Return the contact with the fields of the request. An empty field is not kept."""
    named = given.model_fields_set.intersection(OF_CONTACT)
    new = given.model_dump(mode="json", include=named, exclude_none=True)
    new["customer"] = {name: value for name, value in new.get("customer", {}).items() if value}
    kept = {name: value for name, value in before.items() if name not in named}
    return {**kept, **{name: new[name] for name in OF_CONTACT if name in named and new.get(name)}}
