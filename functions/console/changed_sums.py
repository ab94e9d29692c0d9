"""
Read what is taken off an order or added to it, and the payment of what is added. Pure.

Called by   functions/console/change_form.py
Returns     the changes; payments
"""

from collections.abc import Iterator, Mapping
from typing import Any

from comanda.domain.orders.tender import ON_ACCOUNT, PAID_AT_HAND_OVER
from functions.console.typed_fields import AMOUNT, BOTH, TypedChange, TypedFields

FIELDS = (
    "appease_why",
    "appease_amount",
    "discount_code",
    "discount_amount",
    "charge_kind",
    "charge_amount",
    "charge_tax",
)
WITHOUT_NUMBER = (
    "STORE_CREDIT",
    ON_ACCOUNT,
    *PAID_AT_HAND_OVER,
)  # ways to pay that need neither a reference nor a code
OF_PAYMENT = ("pay_method", "pay_reference", "pay_code", "pay_amount")


def discount(form: TypedFields) -> Iterator[TypedChange]:
    yield from _sum(form, "discount", "code", "discount_code", "discount_amount")


def appeasement(form: TypedFields) -> Iterator[TypedChange]:
    """Yield a discount because something went wrong. Its reason is one of a list, and without an amount there is none."""
    amount = form.amount("appease_amount")
    if amount is not None:
        why = form.text("appease_why")
        yield TypedChange(
            body={"modification": "appeasement", "why": why, "amount": form.money(amount)},
            fields={"amount": "appease_amount", "why": "appease_why"},
            kind="money",
            after=amount,
        )


def charge(form: TypedFields) -> Iterator[TypedChange]:
    yield from _sum(form, "charge", "kind", "charge_kind", "charge_amount", tax="charge_tax")


def _sum(
    form: TypedFields, modification: str, word: str, word_field: str, field: str, tax: str = ""
) -> Iterator[TypedChange]:
    """Yield a discount or a charge. An amount needs its word, and the word its amount."""
    said, amount = form.text(word_field), form.amount(field)
    more = form.amount(tax) if tax else None
    if not said and not form.text(field) and more is None:
        return
    if not said:
        form.wrong[word_field] = BOTH
    if amount is None:
        form.wrong.setdefault(field, BOTH)
    elif said:
        body: dict[str, Any] = {"modification": modification, word: said, "amount": form.money(amount)}
        yield TypedChange(
            body=body | ({"tax": form.money(more)} if more is not None else {}),
            fields={word: word_field, "amount": field, **({"tax": tax} if tax else {})},
            of=said,
            kind="money",
            after=amount,
        )


def payments(form: TypedFields) -> Iterator[Mapping[str, Any]]:
    """Yield the payment of what the changes add. A reference or a code says that there is one, or a way to pay that has neither."""
    method, reference, code = (form.text(name) for name in ("pay_method", "pay_reference", "pay_code"))
    if not reference and not code and method not in WITHOUT_NUMBER:
        return
    amount = form.amount("pay_amount")
    if amount is None:
        form.wrong.setdefault("pay_amount", AMOUNT)
        return
    yield payment(method, reference, code, form.money(amount))


def payment(method: str, reference: str, code: str, authorized: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payment of the API. A field that was left blank is not sent: the API says if its method needs it."""
    given = {"reference": reference, "code": code}
    return {"method": method, **{name: text for name, text in given.items() if text}, "authorized": authorized}
