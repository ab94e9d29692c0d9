"""
Answer the tax of a sale before it is made: by the tax service or the tax table of its channel, or by the rates of the question.

Called by   functions/directory/handler.py: POST /v1/tax-quotes
Returns     the tax of each line and charge, and their sum
Raises      Invalid for an unknown channel, node, sku or region, and for an amount in another currency; NoTaxAnswer
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory, tax_sources, taxes
from comanda.aws.geography import regions
from comanda.aws.runtime import clock
from comanda.domain import days, views
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.destination import postal_prefix
from comanda.domain.taxes.places import Place
from comanda.domain.taxes.quotes import Tax, Taxable
from functions.directory import rules
from functions.directory.tax_quote_contract import TaxQuestion


def quote(event: dict[str, Any]) -> Response[str]:
    who, asked = caller(event), http.read(event, TaxQuestion)
    channel = _channel(who, asked)
    products = directory.entries(directory.PRODUCT, {line.sku for line in asked.lines})
    if problems := list(_problems(asked, products)):
        raise Invalid(*problems)
    place, node = _taxed_at(asked)
    day, amounts = asked.day or days.utc_day(clock.now()), _amounts(asked, products, place)
    buyer = taxes.Buyer(addresses=[asked.ship_to.model_dump()] if asked.ship_to else ())
    port = taxes.port(channel, currency=asked.currency, buyer=buyer, nodes=[node] if node else ())
    found = port.quote(amounts, day, included=asked.prices_include_tax)
    return http.respond(Answer(status=200, body=_answer(asked, channel, day, place, amounts, found)))


def _channel(who: Caller, asked: TaxQuestion) -> Mapping[str, Any]:
    """Return the entry of the channel. Another caller's channel counts as unknown."""
    found = directory.find(directory.CHANNEL, asked.channel) if who.sees_channel(asked.channel) else None
    if found is None:
        raise Invalid(rules.unknown("/channel", asked.channel, "channel"))
    return found


def _problems(asked: TaxQuestion, products: Mapping[str, Any]) -> Iterator[Problem]:
    amounts = {f"/lines/{i}": line.amount for i, line in enumerate(asked.lines)}
    amounts |= {f"/charges/{i}": charge.amount for i, charge in enumerate(asked.charges)}
    for at, amount in amounts.items():
        if amount.currency != asked.currency:
            message = f"is in {amount.currency}, the sale is in {asked.currency}"
            yield Problem(pointer=f"{at}/amount/currency", code="mixed-currencies", message=message)
    for i, line in enumerate(asked.lines):
        if line.sku not in products:
            yield rules.unknown(f"/lines/{i}/sku", line.sku, "sku")


def _taxed_at(asked: TaxQuestion) -> tuple[Place | None, Mapping[str, Any] | None]:
    """Return where the sale is taxed: where the goods are delivered, or at the node where they are picked up, which is returned."""
    if asked.pickup_node_id:
        node = directory.find(directory.NODE, asked.pickup_node_id)
        if node is None:
            raise Invalid(rules.unknown("/pickup_node_id", asked.pickup_node_id, "node"))
        return taxes.place_of_node(node), node
    if (to := asked.ship_to) is None:
        return None, None
    region = regions.region_code(to.country, to.region, to.postal_code, pointer="/ship_to")
    return Place(country=to.country, region=region, postal_prefix=postal_prefix(to.postal_code)), None


def _amounts(asked: TaxQuestion, products: Mapping[str, Any], place: Place | None) -> list[Taxable]:
    """Return what is taxed: first the lines, then the charges."""
    lines = [
        Taxable(
            amount=line.amount.amount,
            tax_class=products[line.sku].get("tax_class") or "",
            rate=line.tax_rate,
            to=place,
        )
        for line in asked.lines
    ]
    charges = [
        Taxable(amount=charge.amount.amount, tax_class=charge.kind, rate=charge.tax_rate, to=place)
        for charge in asked.charges
    ]
    return [*lines, *charges]


def _answer(
    asked: TaxQuestion,
    channel: Mapping[str, Any],
    day: str,
    place: Place | None,
    amounts: Sequence[Taxable],
    found: Sequence[Tax],
) -> dict[str, Any]:
    shown = [_shown(one, tax, asked.currency) for one, tax in zip(amounts, found, strict=True)]
    lines, charges = shown[: len(asked.lines)], shown[len(asked.lines) :]
    return {
        "channel": asked.channel,
        "currency": asked.currency,
        "prices_include_tax": asked.prices_include_tax,
        "day": day,
        "place": None
        if place is None
        else {"country": place.country, "region": place.region, "postal_prefix": place.postal_prefix},
        "tax_table": tax_sources.source(channel) or None,
        "lines": [{"sku": line.sku, **one} for line, one in zip(asked.lines, lines, strict=True)],
        "charges": [{"kind": charge.kind, **one} for charge, one in zip(asked.charges, charges, strict=True)],
        "tax": views.money(sum(tax.amount for tax in found), asked.currency),
        "tax_estimated": any(tax.estimated for tax in found),
    }


def _shown(one: Taxable, tax: Tax, currency: str) -> dict[str, Any]:
    return {
        "amount": views.money(one.amount, currency),
        "tax_class": one.tax_class or None,
        "tax": {"rate": tax.rate, "amount": views.money(tax.amount, currency)},
        "name": tax.name or None,
        "zero_rate_reason": tax.zero_rate_reason or None,
        "tax_estimated": tax.estimated,
    }
