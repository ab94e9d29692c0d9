"""
Read which lines of an order are changed: their units and their prices. Pure.

Called by   functions/console/change_form.py
Returns     the changes
"""

from collections.abc import Iterator

from functions.console.typed_fields import AMOUNT, Change, TypedFields, number

OF_LINES = ("line", "quantity", "was_quantity", "price", "was_price")


def quantities(form: TypedFields) -> Iterator[Change]:
    for place, line_id in form.lines():
        name = f"quantity.{place}"
        if not _differs(form, "quantity", place) or (units := form.units(name)) is None:
            continue
        yield Change(
            body={"modification": "quantity", "line_id": line_id, "quantity": units},
            fields={"quantity": name, "line_id": name},
            of=form.names.get(line_id, line_id),
            kind="number",
            before=number(form.text(f"was_quantity.{place}")),
            after=units,
        )


def prices(form: TypedFields) -> Iterator[Change]:
    for place, line_id in form.lines():
        name = f"price.{place}"
        if not _differs(form, "price", place):
            continue
        price, was = form.amount(name), form.amount(f"was_price.{place}")
        if price is None:
            form.wrong.setdefault(name, AMOUNT)
        elif price != was:
            yield Change(
                body={"modification": "price", "line_id": line_id, "unit_price": form.money(price)},
                fields={"unit_price": name, "line_id": name},
                of=form.names.get(line_id, line_id),
                kind="money",
                before=was,
                after=price,
            )


def _differs(form: TypedFields, name: str, place: str) -> bool:
    return form.differs(f"{name}.{place}")
