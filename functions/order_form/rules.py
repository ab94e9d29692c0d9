"""
Compute what an order of the form costs, and make the order of it, exactly as POST /v1/orders checks it. Pure.

Called by   functions/order_form/pages.py
Returns     amounts in minor units of the form's currency; the body of the order

The tax of the goods is computed once for the whole order and spread over the lines by largest remainder, so the lines add up
to what the customer sees. Half a minor unit is rounded up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from comanda.domain import money
from functions.order_form.entry import Entry

SHIP, PICKUP = "SHIP", "PICKUP"
TAG = "order-form"  # of every order of a form: rules of holds find these orders by it
INVOICE = "INVOICE"  # the way to pay: nothing is authorised, a person sends a bill or a link after checking the order


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTerms:
    """The terms of a channel's form. `shipping` has the price of each service that it offers, in minor units."""

    channel: str
    name: str
    currency: str
    countries: tuple[str, ...]
    tax_rate: str
    prices_include_tax: bool
    shipping: Mapping[str, int]
    titles: Mapping[str, str]  # by language: the form is offered in these
    payment_notes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of the basket. `price` is that of one unit; None: the form does not sell the product."""

    sku: str
    title: str
    quantity: int
    price: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A way of delivery that the customer chose. `charge` is its price."""

    method: str
    service: str
    node_id: str | None
    charge: int
    promise_id: str | None = None
    option_id: str | None = None

    @property
    def value(self) -> str:
        """Return the choice as the value of a field."""
        return f"{self.method}.{self.node_id}" if self.method == PICKUP else f"{self.method}.{self.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """The totals of an order. `taxes` are those of the lines in their order."""

    goods: int
    taxes: tuple[int, ...]
    charge: int
    charge_tax: int
    tax: int
    total: int


def terms(channel: Mapping[str, Any]) -> FormTerms | None:
    """Return the terms of a channel's entry, or None if the channel has no form."""
    form = channel.get("order_form") or {}
    if not form.get("enabled"):
        return None
    return FormTerms(
        channel=channel["id"],
        name=channel["name"],
        currency=form["currency"],
        countries=tuple(form["countries"]),
        tax_rate=form["tax_rate"],
        prices_include_tax=bool(form.get("prices_include_tax")),
        shipping={service: price["amount"] for service, price in form["shipping"].items()},
        titles=form["titles"],
        payment_notes=form.get("payment_notes") or {},
    )


def bill(items: Sequence[Item], charge: int, terms: FormTerms) -> Bill:
    """Return the totals of the items with a shipping charge. Raises ValueError for an item without a price."""
    amounts = [_amount(item) for item in items]
    goods = sum(amounts)
    goods_tax = _tax(goods, terms)
    charge_tax = _tax(charge, terms)
    tax = goods_tax + charge_tax
    return Bill(
        goods=goods,
        taxes=money.spread(goods_tax, amounts) if amounts else (),
        charge=charge,
        charge_tax=charge_tax,
        tax=tax,
        total=goods + charge + (0 if terms.prices_include_tax else tax),
    )


def _amount(item: Item) -> int:
    if item.price is None:
        raise ValueError(f"{item.sku} has no price")
    return item.quantity * item.price


def _tax(amount: int, terms: FormTerms) -> int:
    """Return the tax of an amount, or the tax that is in it if prices include tax."""
    rate = Fraction(terms.tax_rate)
    exact = amount * rate / (1 + rate) if terms.prices_include_tax else amount * rate
    return int(exact + Fraction(1, 2))


def order(entry: Entry, items: Sequence[Item], choice: Choice, terms: FormTerms, locale: str) -> dict[str, Any]:
    """Return the body of POST /v1/orders. The same entry, prices and choice always give the same body."""
    found = bill(items, choice.charge, terms)

    def amount(minor: int) -> dict[str, Any]:
        return {"amount": minor, "currency": terms.currency}

    body: dict[str, Any] = {
        "external_id": f"form-{entry.key}",
        "channel": terms.channel,
        "currency": terms.currency,
        "locale": locale,
        "prices_include_tax": terms.prices_include_tax,
        "customer": {name: value for name, value in _customer(entry).items() if value},
        "ship_to": None if choice.method == PICKUP else _address(entry),
        "note": entry.note or None,
        "tags": [TAG],
        "promise_id": choice.promise_id,
        "option_id": choice.option_id,
        "lines": _lines(items, found.taxes, choice, terms),
        "charges": [{"kind": "SHIPPING", "amount": amount(found.charge), "tax": amount(found.charge_tax)}]
        if found.charge
        else [],
        "payments": [{"method": INVOICE, "reference": f"form-{entry.key}", "authorized": amount(found.total)}],
        "totals": {
            "goods": amount(found.goods),
            "discounts": amount(0),
            "charges": amount(found.charge),
            "tax": amount(found.tax),
            "total": amount(found.total),
        },
    }
    return {name: value for name, value in body.items() if value is not None}


def _lines(items: Sequence[Item], taxes: Sequence[int], choice: Choice, terms: FormTerms) -> list[dict[str, Any]]:
    delivery: dict[str, Any] = {"method": choice.method}
    delivery |= {"node_id": choice.node_id} if choice.method == PICKUP else {"service": choice.service}
    return [
        {
            "line_id": str(number),
            "sku": item.sku,
            "quantity": item.quantity,
            "unit_price": {"amount": item.price or 0, "currency": terms.currency},
            "tax": {"rate": terms.tax_rate, "amount": {"amount": tax, "currency": terms.currency}},
            "fulfillment": delivery,
        }
        for number, (item, tax) in enumerate(zip(items, taxes, strict=True), 1)
    ]


def _customer(entry: Entry) -> dict[str, str]:
    return {"name": entry.name, "email": entry.email, "phone": entry.phone}


def _address(entry: Entry) -> dict[str, str]:
    address = {name: getattr(entry, name) for name in ("line1", "line2", "city", "region", "postal_code", "country")}
    return {"name": entry.recipient or entry.name, **{name: value for name, value in address.items() if value}}


def offers(promise: Mapping[str, Any], terms: FormTerms) -> list[tuple[Choice, Mapping[str, Any]]]:
    """Return the ways of delivery that the form offers, each with the promise's option, the recommended one first.

    A service without a price on the form is not offered. Of two options with one method and service, the recommended or
    else the first is shown.
    """
    best = promise.get("recommended")
    found: dict[str, tuple[Choice, Mapping[str, Any]]] = {}
    for option in sorted(promise["options"], key=lambda one: one["option_id"] != best):
        pickup = option["method"] == PICKUP
        if not pickup and option["service"] not in terms.shipping:
            continue
        choice = Choice(
            method=option["method"],
            service=option["service"],
            node_id=option["node_id"],
            charge=0 if pickup else terms.shipping[option["service"]],
            promise_id=promise["promise_id"],
            option_id=option["option_id"],
        )
        found.setdefault(choice.value, (choice, option))
    return list(found.values())
