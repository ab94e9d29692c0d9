"""
Answer what a visitor does with the form: look, search, fill the basket, look at the order, send it.

Called by   functions/order_form/handler.py
Returns     replies; each shows everything that was typed, also after an error
Raises      NoAnswer when the API does not answer a question of the page; NoForm

The form has no session: its fields hold all that is known, and the server computes every amount anew from the prices of now.
"""

import secrets
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from comanda.aws.api.replies import Reply, page
from comanda.domain import ids, text
from functions.order_form import entry as entries
from functions.order_form import proof, quote, render, rules, visits
from functions.order_form.entry import Entry, Problems, Row
from functions.order_form.quote import Quote
from functions.order_form.rules import Choice
from functions.order_form.shop import Shop

_NAMES = {"en-US": "English", "pt-BR": "Português", "es": "Español"}
_OK, _CONFLICT, _WRONG, TOO_MANY = 200, 409, 422, 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request to the form of a channel. `visitor` stands for the address, which is not kept. `part` is the part of the
    page that the script asks for, "" for all of it."""

    shop: Shop
    language: str
    visitor: str
    part: str = ""

    def show(self, template: str, status: int = _OK, **facts: Any) -> Reply:
        terms, left = self.shop.terms, visits.seconds_left(self.shop.now)
        html = render.page(
            template,
            self.language,
            title=terms.titles.get(self.language, terms.name),
            languages=[(tag, _NAMES[tag]) for tag in terms.titles if tag in _NAMES],
            terms=terms,
            payment_note=terms.payment_notes.get(self.language, ""),
            seconds=left,
            **facts,
        )
        return page(html, status=status, headers={"Retry-After": str(left)} if status == TOO_MANY else {})


def new(visit: Visit) -> Reply:
    """Show an empty form with a key of its own."""
    return form(visit, Entry(key=new_key(visit), country=visit.shop.terms.countries[0]))


def change(visit: Visit, entry: Entry, action: str) -> Reply:
    """Do what a button of the form says, and show the form or the review."""
    verb, _, what = action.partition(" ")
    match verb:
        case "add":
            return form(visit, replace(entry, rows=_with(entry.rows, what)))
        case "remove":
            rows = tuple(row for i, row in enumerate(entry.rows) if str(i) != what)
            return form(visit, replace(entry, rows=rows))
        case "review":
            return review(visit, entry)
    # Without a script, Enter in the search box presses the first button of the form, which is `update`.
    return form(visit, entry, searched=verb == "search" or (verb == "update" and not visit.part))


def new_key(visit: Visit) -> str:
    return ids.ulid(int(visit.shop.now.timestamp() * 1000), secrets.randbits(80))


def _with(rows: tuple[Row, ...], sku: str) -> tuple[Row, ...]:
    """Return the lines with one more unit of a product."""
    if any(row.sku == sku for row in rows):
        return tuple(replace(row, quantity=str((row.units or 0) + 1)) if row.sku == sku else row for row in rows)
    return (*rows, Row(sku=sku, quantity="1"))


def form(
    visit: Visit,
    entry: Entry,
    *,
    searched: bool = False,
    problems: Problems | None = None,
    notice: str = "",
    status: int = _OK,
) -> Reply:
    """Show the form, or the part of it that the script asks for."""
    terms = visit.shop.terms
    words = entry.q.strip()
    searched = searched and bool(words)
    facts: dict[str, Any] = {
        "entry": entry,
        "countries": render.countries(terms.countries, visit.language),
        "searched": searched,
        "found": visit.shop.search(words) if searched else [],
    }
    if visit.part == "found":
        return visit.show("_found.html", **facts)
    made = quote.make(visit.shop, entry)
    facts |= _quoted(visit, made)
    facts["problems"] = defaultdict(str, {**made.problems, **(problems or {})})
    if visit.part == "options":
        return visit.show("_options.html", **facts)
    facts["lines"] = _lines(visit, entry, made)
    if visit.part == "basket":
        return visit.show("_basket.html", **facts)
    return visit.show("form.html", status, notice=notice, **facts)


def review(visit: Visit, entry: Entry, notice: str = "", status: int = _OK) -> Reply:
    """Show the whole order with its total before it is sent, or the form again with what is wrong."""
    shop = visit.shop
    problems = entries.problems(entry, shop.terms.countries, shipped=not entry.option.startswith(rules.PICKUP))
    made = quote.make(shop, entry)
    problems |= made.problems
    if not problems and made.choice is None:
        problems["option"] = entries.NO_OPTION
    if problems or made.choice is None or made.bill is None:
        return form(visit, entry, problems=problems, notice=notice or "check", status=status if notice else _WRONG)
    option = next(option for choice, option in made.offers if choice == made.choice)
    entry = replace(
        entry,
        option=made.choice.value,
        promise=made.choice.promise_id or "",
        chosen=made.choice.option_id or "",
        day=(option["deliver_on"] or "") if option["complete"] else "",
    )
    return review_again(visit, entry, made, notice, status)


def review_again(visit: Visit, entry: Entry, made: Quote, notice: str, status: int) -> Reply:
    """Show the review of a quote, with a new challenge. The promise stays, so that sending it again is the same order."""
    shop = visit.shop
    if made.choice is None or made.bill is None:
        raise ValueError("a review shows an order with a total")
    bits = proof.bits(visits.orders_lately(shop.terms.channel, entry.key, shop.now))
    challenge = proof.challenge(shop.terms.channel, bits, shop.now, secrets.token_hex(16), visits.sign)
    entry = replace(entry, total=str(made.bill.total), challenge=challenge, nonce="")
    day = entry.day if text.DAY.fits(entry.day) else None
    return visit.show(
        "review.html",
        status,
        entry=entry,
        lines=made.items,
        bill=made.bill,
        offer=_offer(visit, made.choice, day, made.choice),
        hidden=_hidden(entry),
        notice=notice,
        bits=bits,
    )


def _hidden(entry: Entry) -> list[tuple[str, str]]:
    """Return all fields of the entry, for the review to send."""
    rows = [pair for row in entry.rows for pair in (("sku", row.sku), ("quantity", row.quantity))]
    plain = [(name, getattr(entry, name)) for name in entries.PLAIN if name not in ("q", "nonce")]
    return rows + [(name, value) for name, value in plain if value]


def _lines(visit: Visit, entry: Entry, made: Quote) -> list[dict[str, Any]]:
    """Return the lines of the basket as they were typed, with titles, prices and stock where they are known."""
    known = dict(enumerate(made.items))
    stock = visit.shop.availability(list(dict.fromkeys(item.sku for item in made.items if item.price is not None)))
    return [
        {
            "sku": row.sku,
            "typed": row.quantity,
            "title": known[i].title if i in known else row.sku,
            "price": known[i].price if i in known else None,
            "quantity": row.units or 0,
            "available": stock.get(row.sku),
        }
        for i, row in enumerate(entry.rows)
    ]


def _quoted(visit: Visit, made: Quote) -> dict[str, Any]:
    """Return the facts that templates show of a quote."""
    return {
        "items": made.items,
        "located": made.located,
        "bill": made.bill,
        "offers": [
            _offer(visit, choice, option["deliver_on"] if option["complete"] else None, made.choice)
            for choice, option in made.offers
        ],
    }


def _offer(visit: Visit, choice: Choice, day: str | None, chosen: Choice | None) -> dict[str, Any]:
    return {
        "value": choice.value,
        "chosen": choice == chosen,
        "pickup": choice.method == rules.PICKUP,
        "express": choice.service == "EXPRESS",
        "store": visit.shop.node_name(choice.node_id) if choice.node_id else "",
        "day": day,
        "charge": choice.charge,
    }
