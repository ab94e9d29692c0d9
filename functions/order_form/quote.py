"""
Find out what the entry costs and how it can be delivered, from the prices and promises of now.

Called by   functions/order_form/pages.py
Returns     a Quote, also for an entry that is half typed
Raises      NoAnswer when the API does not answer
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comanda.domain import text
from comanda.domain.labels.problem_text import FieldProblemText
from functions.order_form import entry as entries
from functions.order_form import rules
from functions.order_form.entry import Entry, Problems
from functions.order_form.rules import Bill, Choice, Item
from functions.order_form.shop import Shop

type Offer = tuple[Choice, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """An entry's lines and ways of delivery, the chosen way and its total, and what is wrong with the fields.

    `choice` and `bill` are None as long as nothing can be chosen or priced.
    """

    items: tuple[Item, ...] = ()
    offers: tuple[Offer, ...] = ()
    choice: Choice | None = None
    bill: Bill | None = None
    located: bool = False
    problems: Problems


def make(shop: Shop, entry: Entry) -> Quote:
    """Return the quote of the entry. A way of delivery that is not offered any more is not the choice."""
    problems = entries.row_problems(entry)
    if "lines" in problems:
        return Quote(problems=problems)
    items = tuple(shop.items(entry.rows))
    problems |= {f"quantity-{i}": entries.NOT_SOLD for i, item in enumerate(items) if item.price is None}
    located = entries.is_located(entry, shop.terms.countries)
    if problems or not items or not located:
        return Quote(items=items, problems=problems, located=located)
    answer = shop.promise(entry, items)
    if not answer.ok:
        problems |= problems_of(answer.errors)
        return Quote(items=items, problems=problems, located=located)
    offers = tuple(rules.offers(answer.body, shop.terms))
    choices = [choice for choice, _ in offers]
    chosen = next((one for one in choices if one.value == entry.option), None)
    if chosen is None and not entry.option:
        chosen = next(iter(choices), None)
    bill = rules.bill(items, chosen.charge, shop.terms) if chosen else None
    return Quote(items=items, offers=offers, choice=chosen, bill=bill, problems=problems, located=located)


def reviewed(shop: Shop, entry: Entry) -> Quote:
    """Return the quote of an entry that was reviewed: with the way of delivery and the promise that the review showed.

    The API compares the promise with the order. Only the prices are those of now.
    """
    problems = entries.row_problems(entry)
    if problems or not entry.rows:
        return Quote(problems=problems or {"lines": entries.NO_LINES})
    items = tuple(shop.items(entry.rows))
    problems |= {f"quantity-{i}": entries.NOT_SOLD for i, item in enumerate(items) if item.price is None}
    choice = _choice(entry, shop.terms.shipping)
    if choice is None:
        problems["option"] = entries.NO_OPTION
    bill = rules.bill(items, choice.charge, shop.terms) if choice and not problems else None
    return Quote(items=items, choice=choice, bill=bill, problems=problems)


def _choice(entry: Entry, shipping: Mapping[str, int]) -> Choice | None:
    method, _, which = entry.option.partition(".")
    pickup = method == rules.PICKUP and text.ID.fits(which)
    if not pickup and (method != rules.SHIP or which not in shipping):
        return None
    return Choice(
        method=method,
        service="STANDARD" if pickup else which,
        node_id=which if pickup else None,
        charge=0 if pickup else shipping[which],
        promise_id=entry.promise if text.ID.fits(entry.promise) else None,
        option_id=entry.chosen if text.ID.fits(entry.chosen) else None,
    )


def problems_of(errors: list[dict[str, Any]]) -> Problems:
    """Return the problems of the form's fields that the API's problem names, told in the visitor's language by templates."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in errors:
        field = entries.field_of(str(one.get("pointer", "")))
        found.setdefault(field, []).append((str(one.get("code", "")), str(one.get("message", ""))))
    return {field: FieldProblemText(*parts) for field, parts in found.items() if field}
