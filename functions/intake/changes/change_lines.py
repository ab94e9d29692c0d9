"""
Make the lines that changes add to an order, by the rules for lines of a new order, and their part of the contact.

Called by   functions/intake/changes/asked_changes.py and its parts, for changes that add lines or replace units only
Returns     changes as the domain knows them, and the contact with the messages and addresses of their lines
Raises      Invalid with a problem for each wrong field, by its pointer in the request
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from comanda.aws.api.contracts import Amount
from comanda.aws.api.sale_contracts import Address
from comanda.aws.customers import customers
from comanda.aws.directory import directory
from comanda.aws.directory.tax_sources import source
from comanda.aws.geography import destinations
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.changes.wanted_changes import WantedChange
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.destination import MOST_DESTINATIONS, Destination
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order, Totals
from functions.intake import bundle_lines, checks, included_taxes, line_addresses, line_gifts, rules
from functions.intake.changes.change_contract import ChangeIn
from functions.intake.changes.change_rules import ADDING
from functions.intake.contract import LineIn, OrderIn, TotalsIn

_MOST_LINES = 1000

type Contact = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Hold what a change adds to the contact: messages of gifts, and the addresses of further destinations."""

    gifts: list[Contact] = field(default_factory=list)
    addresses: list[Contact] = field(default_factory=list)

    def joined(self, contact: Contact) -> Contact:
        """Return the contact with it."""
        lists = {"gifts": self.gifts, "ship_tos": self.addresses}
        return contact | {name: [*contact.get(name, ()), *rows] for name, rows in lists.items() if rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedLines:
    """The changes of a request that add lines or replace units, by their place.

    `contact` is that of the order with what the lines add to it; `added` is what the change at a place adds to it.
    """

    wanted: Mapping[int, WantedChange]
    contact: Contact
    added: Mapping[int, Added]

    def places(self, i: int) -> tuple[Destination, ...]:
        """Return where the new addresses of the change at a place lie."""
        one = self.wanted[i]
        return one.destinations if isinstance(one, NewLines) else ()


def read(order: Order, changes: Sequence[ChangeIn], actor: str, now: datetime) -> AddedLines:
    """Return the changes that add lines or replace units, in their order. `actor` is the caller's id."""
    maker = _LineMaker(order, changes, actor, now)
    wanted = {i: maker.make(i, one) for i, one in enumerate(changes) if one.modification in ADDING}
    return AddedLines(wanted=wanted, contact=maker.contact, added=maker.added)


class _LineMaker:
    """Make the changes of a request one after the other: each line id, group and address of an earlier one is taken by then."""

    def __init__(self, order: Order, changes: Sequence[ChangeIn], actor: str, now: datetime) -> None:
        self.order, self.actor, self.now = order, actor, now
        self.contact: Contact = customers.load(order.order_id, order.contact)
        self.added: dict[int, Added] = {}
        self.channel = directory.find(directory.CHANNEL, order.channel)
        another = any(one.ship_to is not None and one.line_id is None for one in changes)
        self.places = _Places(self.contact, own_stays=not another)
        self.line_ids = {line.line_id for line in order.as_sent()}
        self.groups = {line.group for line in order.lines if line.group is not None}

    def make(self, i: int, one: ChangeIn) -> WantedChange:
        """Return the change at a place of the request, which adds lines or replaces units."""
        return self._replacement(i, one) if one.lines is None else self._lines(i, one.lines)

    def _replacement(self, i: int, one: ChangeIn) -> Replacement:
        at = f"/changes/{i}"
        sku, new, quantity = str(one.sku), str(one.new_line_id), one.quantity or 0
        product = directory.find(directory.PRODUCT, sku)
        wrong = [*self._names([new], lambda _: f"{at}/new_line_id")]
        if product is None:
            wrong.append(_problem(f"{at}/sku", "unknown-sku", f"there is no product {sku}"))
        if not quantity:
            wrong.append(_problem(f"{at}/quantity", "too-small", "at least one unit is replaced"))
        if (product or {}).get("gift_card") or any(x.gift_card for x in self.order.lines if x.line_id == one.line_id):
            wrong.append(
                _problem(f"{at}/sku", "not-for-gift-cards", "gift cards replace nothing, and nothing replaces them")
            )
        if wrong or product is None:
            raise Invalid(*wrong)
        message = next((gift for gift in self.contact.get("gifts", ()) if gift["line_id"] == one.line_id), None)
        if message:
            self._keep(i, Added(gifts=[{**message, "line_id": new}]))
        return Replacement(
            line_id=one.line_id or "",
            quantity=quantity,
            new_line_id=new,
            sku=sku,
            title=product["title"],
            gtin=product.get("gtin") or "",
            weight_g=product.get("weight_g") or 0,
            unit_price=one.unit_price.amount if one.unit_price else None,
            contact=bool(message),
        )

    def _lines(self, i: int, sent: Sequence[LineIn]) -> NewLines:
        with _below(f"/changes/{i}"):
            given = self._as_order(sent)
            if any(line.kind == "COMPONENT" for line in sent):
                given = bundle_lines.as_they_go(given)
            products = directory.entries(directory.PRODUCT, {line.sku for line in given.lines})
            counters = {line.fulfillment.node_id for line in given.lines if line.fulfillment.node_id}
            nodes = directory.entries(directory.NODE, counters)
            wrong = [*checks.problems_of_lines(given, products, nodes, self.channel), *self._misfits(given)]
            if given.prices_include_tax:
                wrong += included_taxes.of_lines(given)
            if wrong:
                raise Invalid(*wrong)
            numbers, added, addresses = self.places.numbers_of(given, (self.channel or {}).get("unknown_places"))
        made = rules.to_order(
            given,
            self.order.order_id,
            self.order.customer_id,
            products,
            nodes,
            self.now,
            self.order.destination,
            breakable=rules.breakable(self.channel),
        )
        made = line_gifts.with_gifts(made, given)
        gifts = line_gifts.of_contact(given)
        self._keep(i, Added(gifts=gifts, addresses=addresses))
        table = source(self.channel or {})
        tables = {line.line_id: table for line in given.lines if line.tax is None and line.kind != "COMPONENT"}
        return NewLines(
            lines=tuple(
                replace(self._own(line, tables), destination=numbers.get(line.line_id, 0)) for line in made.lines
            ),
            bundles=tuple(self._own(bundle, tables) for bundle in made.bundles),
            destinations=added,
            known=len(self.order.destinations),
            contact=bool(gifts or added),
        )

    def _own[Sold: (Line, Bundle)](self, row: Sold, tables: Mapping[str, str]) -> Sold:
        """Return a further line, whose discounts the caller gives after the sale. `tables` say the taxes of lines that come
        without one."""
        discounts = tuple(replace(d, by=self.actor) for d in row.discounts)
        return replace(row, discounts=discounts, tax_table=tables.get(row.line_id, ""))

    def _keep(self, i: int, added: Added) -> None:
        self.added[i] = added
        self.contact = added.joined(self.contact)

    def _as_order(self, sent: Sequence[LineIn]) -> OrderIn:
        """Return the lines as an order of their own, so that the rules of new orders read them."""
        order = self.order
        return OrderIn.model_construct(
            external_id=order.external_id,
            channel=order.channel,
            currency=order.currency,
            locale=order.locale,
            prices_include_tax=order.prices_include_tax,
            ship_to=self.places.own,
            lines=list(sent),
            totals=TotalsIn(**dict.fromkeys(Totals.__slots__, Amount(amount=0, currency=order.currency))),
        )

    def _misfits(self, given: OrderIn) -> Iterator[Problem]:
        """Yield a problem for each line that does not fit the order that it joins."""
        yield from self._names([line.line_id for line in given.lines], lambda i: f"/lines/{i}/line_id")
        if len(self.line_ids) > _MOST_LINES:
            yield _problem("/lines", "too-many", f"an order has at most {_MOST_LINES} lines")
        for i, line in enumerate(given.lines):
            if line.fulfillment.group in self.groups:
                message = "the order has a group of this name: its sets stay as they are"
                yield _problem(f"/lines/{i}/fulfillment/group", "group-of-other-lines", message)
            if line.ship_to is None and given.ship_to is None and checks.is_shipped(line):
                yield _problem(f"/lines/{i}/ship_to", "missing", "the order has no address: a shipped line needs one")
            if line.discounts and sum(d.amount.amount for d in line.discounts) > line.quantity * line.unit_price.amount:
                yield _problem(f"/lines/{i}/discounts", "too-large", "discounts exceed the line's goods")
        self.groups |= {line.fulfillment.group for line in given.lines if line.fulfillment.group is not None}

    def _names(self, line_ids: Sequence[str], at: Any) -> Iterator[Problem]:
        """Yield a problem for each line id that the order has already, and note them all."""
        for i, line_id in enumerate(line_ids):
            if line_id in self.line_ids:
                yield _problem(at(i), "duplicate", f"the order has a line {line_id} already")
        self.line_ids |= set(line_ids)


class _Places:
    """The addresses of an order's contact by the number of their destination.

    Without `own_stays` the order gets another address in the same request, so no line goes to its own by being alike.
    """

    def __init__(self, contact: Contact, *, own_stays: bool) -> None:
        self.own = Address.model_validate(contact["ship_to"]) if contact.get("ship_to") else None
        self.most = len(contact.get("ship_tos", ()))
        self.numbers = {line_addresses.key(self.own): 0} if self.own and own_stays else {}
        for number, address in enumerate(contact.get("ship_tos", ()), 1):
            self.numbers.setdefault(line_addresses.key(Address.model_validate(address)), number)

    def numbers_of(
        self, given: OrderIn, unknown_places: str | None
    ) -> tuple[dict[str, int], tuple[Destination, ...], list[Contact]]:
        """Return the numbers of the lines' destinations by line id, and the further destinations with their addresses."""
        numbers: dict[str, int] = {}
        own = dict(self.numbers)
        made: list[Destination] = []
        addresses: list[Contact] = []
        named = line_addresses.numbers_of_lines(given)
        for i, line in enumerate(given.lines):
            if line.ship_to is None or line.line_id not in named:
                continue
            key = line_addresses.key(line.ship_to)
            if key not in own:
                at = f"/lines/{i}/ship_to"
                made.append(destinations.locate(line.ship_to, pointer=at, unknown_places=unknown_places))
                addresses.append(line.ship_to.model_dump(mode="json", exclude_none=True))
                own[key] = self.most + len(made)
            numbers[line.line_id] = own[key]
        if self.most + len(made) + (self.own is not None) > MOST_DESTINATIONS:
            message = f"at most {MOST_DESTINATIONS} addresses in one order"
            raise Invalid(_problem("/lines", "too-many-destinations", message))
        return numbers, tuple(made), addresses


@contextmanager
def _below(at: str) -> Iterator[None]:
    """Put the pointer of a change before the pointers of its problems."""
    try:
        yield
    except Invalid as error:
        raise Invalid(*(replace(p, pointer=f"{at}{p.pointer}") for p in error.problems)) from error


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)
