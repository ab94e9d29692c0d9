"""
Define the order form of a channel, and check it and the prices of products against the channel. The checks are pure.

Called by   functions/directory/contract.py, functions/directory/checks.py; openapi
Returns     pydantic models; problems by pointer

The form's prices are `prices` of a product and the fields here. Price lists are for what people sell.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import Amount, Contract, Country, Currency, TaxRate, TextOf, Title, unique
from comanda.domain import text
from comanda.domain.errors import Problem

type FormLanguage = Literal["en-US", "pt-BR", "es"]
type Note = Annotated[str, TextOf(text.TEXT)]


class OrderForm(Contract):
    """The public order form of a channel: its languages, and what it adds to the prices of products.

    `titles` are the form's name by language, and the form is offered in these languages. `shipping` has the price of each
    service that is offered, without tax unless prices include it; the tax rate is that of goods and of shipping.
    `payment_notes` tell the customer by language how to pay.
    """

    enabled: bool
    titles: Annotated[dict[FormLanguage, Title], Field(min_length=1)]
    countries: Annotated[list[Country], Field(min_length=1, max_length=50), AfterValidator(unique)]
    currency: Currency
    tax_rate: TaxRate
    prices_include_tax: bool
    shipping: Annotated[dict[Literal["STANDARD", "EXPRESS"], Amount], Field(min_length=1)]
    payment_notes: Annotated[dict[FormLanguage, Note], Field(min_length=1)] | None = None


def problems_of_form(channel: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each field of the channel's form that does not fit the channel or the form's currency."""
    form = channel.get("order_form")
    return list(_misfits(form, channel)) if form else []


def _misfits(form: Mapping[str, Any], channel: Mapping[str, Any]) -> Iterator[Problem]:
    at = "/order_form"
    if form["currency"] not in channel["currencies"]:
        message = f"{form['currency']} is not one of the channel's currencies: {', '.join(channel['currencies'])}"
        yield Problem(pointer=f"{at}/currency", code="not-of-the-channel", message=message)
    for i, country in enumerate(form["countries"]):
        if country not in channel["countries"]:
            message = f"{country} is not one of the channel's countries: {', '.join(channel['countries'])}"
            yield Problem(pointer=f"{at}/countries/{i}", code="not-of-the-channel", message=message)
    for service, price in form["shipping"].items():
        if price["currency"] != form["currency"]:
            message = f"{price['currency']} is not the form's currency, {form['currency']}"
            yield Problem(pointer=f"{at}/shipping/{service}/currency", code="mixed-currencies", message=message)
    for language in form.get("payment_notes", {}):
        if language not in form["titles"]:
            message = f"the form has no title in {language}, so it is not offered in it"
            yield Problem(pointer=f"{at}/payment_notes/{language}", code="not-of-the-form", message=message)


def problems_of_prices(
    prices: Mapping[str, Mapping[str, Any]], channels: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    """Return a problem for each price that is not above zero, or not in a currency of its channel.

    `channels` are the documents of the channels that exist; a price of another channel is a problem of its own.
    """
    found = []
    for name, price in prices.items():
        if not price["amount"]:
            message = "is above zero; a product without a price is not on the form"
            found.append(Problem(pointer=f"/prices/{name}/amount", code="not-positive", message=message))
        currencies = channels[name]["currencies"] if name in channels else [price["currency"]]
        if price["currency"] not in currencies:
            message = f"{price['currency']} is not one of the channel's currencies: {', '.join(currencies)}"
            found.append(Problem(pointer=f"/prices/{name}/currency", code="not-of-the-channel", message=message))
    return found
