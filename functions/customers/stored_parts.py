"""
List what is stored of a person in small parts, each with its place, so that a page of an export may end behind any of them.

First come the cases without an order and what the person's addresses wrote to others, then the drafts, then order by order.

Called by   functions/customers/customer_export.py
Returns     parts; nothing of a person who is being erased but orders that were placed since
Raises      nothing
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from comanda.aws.api import http
from comanda.aws.cases import cases
from comanda.aws.customers import customer_lookup, customer_rows, customers
from comanda.aws.drafts import draft_contacts, drafts, open_carts
from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders, pending_changes
from comanda.aws.runtime import clock
from comanda.domain import views
from comanda.domain.cases import views as case_views
from comanda.domain.cases.case import Case, CaseText
from comanda.domain.drafts import view
from comanda.domain.orders.customer_merge import Person
from comanda.domain.orders.order import Order

_CASES, _DRAFTS, _ORDERS = "1", "2", "3"
_TOGETHER = 20  # texts, and orders, that are read at once


@dataclass(slots=True)
class Page:
    """A page of an export. A case, or an order, of which the page before had a part is named again."""

    cases: list[dict[str, Any]] = field(default_factory=list)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0  # bytes, at most

    def put(self, into: list[dict[str, Any]], value: dict[str, Any]) -> dict[str, Any]:
        into.append(value)
        self.size += http.sent_bytes(value)
        return value

    def case(self, into: list[dict[str, Any]], case: Case) -> dict[str, Any]:
        """Return the case that is the last one of a list, or comes behind it."""
        if into and into[-1]["case_id"] == case.case_id:
            return into[-1]
        return self.put(into, {**case_views.case(case, clock.now()), "words": []})

    def item(self, order: Order) -> dict[str, Any]:
        """Return the item of the order that is the last one, or comes behind it."""
        if self.items and self.items[-1]["order"]["order_id"] == order.order_id:
            return self.items[-1]
        return self.put(
            self.items,
            {"order": views.order(order, clock.now()), "contacts": [], "proofs": [], "changes": [], "cases": []},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of what is stored, and how it comes to a page. `order_id` is that of an order's part."""

    place: str
    put: Callable[[Page], object]
    order_id: str | None = None


def parts(person: Person, after: str) -> Iterator[Part]:
    """Yield the parts behind a place, "" for all of them."""
    stage, _, place = after.partition("#")
    if stage in ("", _CASES) and not person.erasing:
        yield from _of_cases(person, place)
        place = ""
    if stage in ("", _CASES, _DRAFTS) and not person.erasing:
        yield from _of_drafts(person, place)
        place = ""
    yield from _of_orders(person, place)


def _of_cases(person: Person, after: str) -> Iterator[Part]:
    """Yield the cases without an order, and those of others to which the person's addresses wrote: of these, the mails alone."""
    members = [one.customer_id for one in person.members]
    all_orders = {order_id for one in members for order_id in customer_lookup.all_orders_of(one)}
    guests = _guests(members, all_orders)
    own = {keys.case_id_of(row) for one in members for row in cases.listed_for_customer(one)}
    written = {keys.case_id_of(row) for one in guests for row in cases.listed_for_guest(one)}
    from_id, _, number = after.partition("#")
    for case_id in sorted(name for name in own | written if name >= from_id):
        case = cases.find(case_id)
        if case is None or case.order_id in all_orders:
            continue
        keep = _anything if case_id in own or _began(case, guests) else lambda text: _wrote(text, guests)
        behind = int(number) if case_id == from_id else None
        yield from _of_case(f"{_CASES}#{case_id}", case, behind, lambda page: page.cases, keep)


def _guests(members: Sequence[str], order_ids: set[str]) -> set[str]:
    """Return the customers that guests with the person's e-mail addresses are: their mails are listed there."""
    names = [draft_id for one in members for draft_id, _ in draft_contacts.of_customer(one)]
    contacts = [*customers.load_many(dict.fromkeys(order_ids, 1)).values(), *draft_contacts.find_many(names).values()]
    people = (contact.get("customer", {}) for contact in contacts)
    return {*members, *(customer_rows.guest_of(person["email"]) for person in people if person.get("email"))}


def _began(case: Case, guests: set[str]) -> bool:
    """Return True if a mail of the person opened the case, which is about no order or about that of somebody else."""
    return any(_wrote(text, guests) for text in cases.texts(case.case_id, 0, 1) if text.number == 1)


def _wrote(text: CaseText, guests: set[str]) -> bool:
    return text.sender is not None and customer_rows.guest_of(text.sender) in guests


def _anything(_: CaseText) -> bool:
    return True


def _of_case(
    place: str,
    case: Case,
    behind: int | None,
    into: Callable[[Page], list[dict[str, Any]]],
    keep: Callable[[CaseText], bool] = _anything,
    order_id: str | None = None,
) -> Iterator[Part]:
    """Yield a case and its texts behind a number. None: the case itself comes first."""
    if behind is None:
        yield Part(place=f"{place}#000", put=lambda page: page.case(into(page), case), order_id=order_id)
    for text in _texts(case.case_id, behind or 0):
        if keep(text):
            yield Part(place=f"{place}#{text.number:03d}", put=_text(case, text, into), order_id=order_id)


def _text(case: Case, text: CaseText, into: Callable[[Page], list[dict[str, Any]]]) -> Callable[[Page], object]:
    return lambda page: page.put(page.case(into(page), case)["words"], case_views.text(text))


def _texts(case_id: str, after: int) -> Iterator[CaseText]:
    while found := cases.texts(case_id, after, _TOGETHER):
        yield from found
        after = found[-1].number


def _of_drafts(person: Person, after: str) -> Iterator[Part]:
    names = [draft_id for one in person.members for draft_id, _ in draft_contacts.of_customer(one.customer_id)]
    for name in sorted(name for name in names if name > after):
        for draft in drafts.find_many([name]).values():
            shown = view.draft(draft, clock.now(), open_cart=open_carts.are_open([draft])[name], office=True)
            value = {"draft": shown, "contact": draft_contacts.find(name)}
            yield Part(place=f"{_DRAFTS}#{name}", put=_draft(value))


def _draft(value: dict[str, Any]) -> Callable[[Page], object]:
    return lambda page: page.put(page.drafts, value)


def _of_orders(person: Person, after: str) -> Iterator[Part]:
    """Yield the parts of the orders, the newest order first."""
    order_id, _, behind = after.partition("#")
    if order_id and order_id > max(person.hidden().values()):
        yield from _of_order(order_id, behind)
    following: str | None = keys.order_of_customer("", order_id)["sk"] if order_id else ""
    while following is not None:
        found, following = customer_lookup.orders_of(person.hidden(), _every_channel, following, _TOGETHER)
        for one in found:
            yield from _of_order(one, "")


def _every_channel(_: str) -> bool:
    return True


def _of_order(order_id: str, behind: str) -> Iterator[Part]:
    """Yield the parts of an order behind a place: the order, versions of its contact, proofs, the change that waits, cases."""
    order = orders.load(order_id)

    def part(sub: str, put: Callable[[Page], object]) -> Part:
        return Part(place=f"{_ORDERS}#{order_id}#{sub}", put=put, order_id=order_id)

    if not behind:
        yield part("a", lambda page: page.item(order))
    for name, sub, value in (*_contacts(order_id), *_proofs(order), *_changes(order_id)):
        if sub > behind:
            yield part(sub, _value(order, name, value))
    number, _, text = behind.removeprefix("t").partition("#") if behind.startswith("t") else ("", "", "")
    for case in cases.of_order(order_id):
        own = case.case_id.rpartition("-")[2]
        if own >= number:
            last = int(text) if own == number else None
            place = f"{_ORDERS}#{order_id}#t{own}"
            yield from _of_case(place, case, last, lambda page: page.item(order)["cases"], order_id=order_id)


def _value(order: Order, name: str, value: dict[str, Any]) -> Callable[[Page], object]:
    return lambda page: page.put(page.item(order)[name], value)


def _contacts(order_id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for version, at, contact in customers.versions(order_id):
        value = {"version": version, "at": views.time(datetime.fromisoformat(at)), **contact}
        yield "contacts", f"c{version:06d}", value


def _proofs(order: Order) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for proof in customers.load_proofs(order):
        yield "proofs", f"p{proof['number']:06d}", proof


def _changes(order_id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the change that waits for its payment, or that waited for it last."""
    if (asked := pending_changes.stored(order_id)) is not None:
        yield "changes", "q", {**asked, "until": views.time(datetime.fromisoformat(asked["until"]))}
