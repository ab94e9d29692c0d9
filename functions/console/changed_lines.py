"""
Read which lines of an order are changed: their units, their prices, other articles instead, and further articles. Pure.

Called by   functions/console/change_form.py
Returns     the changes
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from comanda.domain.money import tax_of
from functions.console.typed_fields import AMOUNT, CHOOSE, TypedChange, TypedFields, number
from functions.console.view import spoken

OF_LINES = ("line", "quantity", "was_quantity", "price", "was_price")
OF_REPLACED = ("instead_of", "instead_units", "instead_sku", "instead_price")
OF_ADDED = ("add_sku", "add_units", "add_price", "add_rate")
MOST_ADDED = 10  # articles of one form
_RATE = re.compile(r"([0-9]{1,2})(?:[.,]([0-9]{1,4}))?")


def quantities(form: TypedFields) -> Iterator[TypedChange]:
    for place, line_id in form.lines():
        name = f"quantity.{place}"
        if not form.differs(name) or (units := form.units(name)) is None:
            continue
        yield TypedChange(
            body={"modification": "quantity", "line_id": line_id, "quantity": units},
            fields={"quantity": name, "line_id": name},
            of=form.names.get(line_id, line_id),
            kind="number",
            before=number(form.text(f"was_quantity.{place}")),
            after=units,
        )


def prices(form: TypedFields) -> Iterator[TypedChange]:
    for place, line_id in form.lines():
        name = f"price.{place}"
        if not form.differs(name):
            continue
        price, was = form.amount(name), form.amount(f"was_price.{place}")
        if price is None:
            form.wrong.setdefault(name, AMOUNT)
        elif price != was:
            yield TypedChange(
                body={"modification": "price", "line_id": line_id, "unit_price": form.money(price)},
                fields={"unit_price": name, "line_id": name},
                of=form.names.get(line_id, line_id),
                kind="money",
                before=was,
                after=price,
            )


def replaced(form: TypedFields) -> Iterator[TypedChange]:
    """Yield units of a line that become units of another article. Without a price they cost what the old ones did."""
    line_id, sku = form.text("instead_of"), form.text("instead_sku")
    if not line_id and not sku:
        return
    if not line_id:
        form.wrong["instead_of"] = CHOOSE
        return
    units, price = form.units("instead_units"), form.amount("instead_price")
    if units is None:
        return
    yield TypedChange(
        body={
            "modification": "replace",
            "line_id": line_id,
            "quantity": units,
            "sku": sku,
            "new_line_id": next(_new_line_ids(form.names)),
            **({"unit_price": form.money(price)} if price is not None else {}),
        },
        fields={"quantity": "instead_units", "line_id": "instead_of", "sku": "instead_sku"}
        | {"unit_price": "instead_price", "new_line_id": "instead_sku"},
        of=form.names.get(line_id, line_id),
        after=f"{units} \u00d7 {sku}",
    )


def added(form: TypedFields) -> Iterator[TypedChange]:
    """Yield the further articles, each as a line. The tax is that of the typed rate, or of the tax table."""
    names = _new_line_ids(form.names)
    if form.text("instead_of"):
        next(names)
    for place in range(MOST_ADDED):
        sku = form.text(f"add_sku.{place}")
        if sku and (line := _new_line(form, place, sku, next(names))):
            fields = {"sku": "add_sku", "quantity": "add_units", "unit_price": "add_price", "tax": "add_rate"}
            yield TypedChange(
                body={"modification": "add_line", "lines": [line]},
                fields={"lines": f"add_sku.{place}"}
                | {f"lines/0/{name}": f"{field}.{place}" for name, field in fields.items()},
                of=sku,
                kind="money",
                after=line["quantity"] * line["unit_price"]["amount"],
            )


def _new_line(form: TypedFields, place: int, sku: str, line_id: str) -> dict[str, Any] | None:
    units, price = form.units(f"add_units.{place}"), form.amount(f"add_price.{place}")
    typed = form.text(f"add_rate.{place}")
    untaxed = not typed and is_taxed_by_table(form.order)
    rate = rate_of(typed or usual_rate(form.order["lines"]))
    if price is None:
        form.wrong.setdefault(f"add_price.{place}", spoken("No price list has this article: write its price."))
    if rate is None:
        form.wrong[f"add_rate.{place}"] = spoken("Write a rate in percent, such as 8.25.")
    if units is None or price is None or rate is None:
        return None
    line = {"line_id": line_id, "sku": sku, "quantity": units, "unit_price": form.money(price)}
    if untaxed:
        return line
    tax = tax_of(units * price, rate, included=form.order["prices_include_tax"])
    return line | {"tax": {"rate": rate, "amount": form.money(tax)}}


def is_taxed_by_table(order: Mapping[str, Any]) -> bool:
    """Return True if a tax table says the taxes of an order: that of a further article, too."""
    return any(line["tax_table"] for line in order["lines"])


def rate_of(percent: str) -> str | None:
    """Return a typed rate in percent as a part of one, None for another text: 8.25 is 0.0825."""
    found = _RATE.fullmatch(percent.strip())
    return f"{Decimal(f'{found[1]}.{found[2] or 0}').scaleb(-2).normalize():f}" if found else None


def usual_rate(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return the tax rate that most lines of an order have, in percent."""
    rates = [line["tax"]["rate"] for line in lines]
    return percent_of(max(rates, key=rates.count)) if rates else "0"


def percent_of(rate: str) -> str:
    """Return a rate in percent, as a person types it."""
    return f"{Decimal(rate).scaleb(2).normalize():f}"


def _new_line_ids(names: Iterable[str]) -> Iterator[str]:
    """Yield names of new lines: the numbers after the largest one of the order."""
    following = max((found for name in names if (found := number(name, 6)) is not None), default=0) + 1
    while True:
        yield str(following)
        following += 1


def without_price(fields: Mapping[str, str]) -> list[int]:
    """Return the places of the added articles whose price is left to the price lists."""
    return [n for n in range(MOST_ADDED) if fields.get(f"add_sku.{n}", "").strip() and not fields.get(f"add_price.{n}")]
