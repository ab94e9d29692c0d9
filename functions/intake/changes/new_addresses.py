"""
Read the new addresses of a change of an order: where they lie, what is wrong with them, and where the contact keeps them.

Called by   functions/intake/changes/of_moves.py, functions/intake/changes/changed_contact.py; imported only for changes with an address
Returns     changes as the domain knows them, holds of rules about addresses, and contacts
Raises      Invalid, naming each address that fits no place or to which the channel does not ship; NotFound without a contact
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.api.sale_contracts import Address
from comanda.aws.directory import directory, hold_types
from comanda.aws.geography import destinations
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.moving.wanted import NewAddress, NewShipTo
from comanda.domain.orders import hold_rules, rule_holds
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import RuleResult
from functions.intake import checks, hold_facts, line_addresses
from functions.intake.changes.change_contract import ChangeIn

type Contact = dict[str, Any]


def located(order: Order, changes: Sequence[ChangeIn], contact: Contact) -> dict[int, NewShipTo]:
    """Return the changes of addresses by their place. `contact` is the order's."""
    channel = directory.find(directory.CHANNEL, order.channel) or {"countries": ()}
    known = {line_addresses.key(Address(**address)): number for number, address in _addresses(contact)}
    first: dict[Any, int] = {}  # the place of the first change with an address
    found, wrong = dict[int, NewShipTo](), list[Problem]()
    for i, one in enumerate(changes):
        if one.ship_to is None:
            continue
        at = f"/changes/{i}/ship_to"
        wrong += _problems(order, one.ship_to, at, channel)
        try:
            to = destinations.locate(one.ship_to, pointer=at, unknown_places=channel.get("unknown_places"))
        except Invalid as error:
            wrong += [problem for problem in error.problems if problem not in wrong]
            continue
        key = line_addresses.key(one.ship_to)
        number, same_as = known.get(key), first.setdefault(key, i)
        found[i] = NewShipTo(to=to, line_id=one.line_id or "", number=number, same_as=None if same_as == i else same_as)
        if not one.line_id and number != 0:  # from now on the order's own address is another one
            known = {address: n for address, n in known.items() if n}
    if wrong:
        raise Invalid(*wrong)
    return found


def _problems(order: Order, address: Address, at: str, channel: Mapping[str, Any]) -> Iterator[Problem]:
    yield from checks.problems_of_address(at, address)
    if address.country not in channel["countries"]:
        yield Problem(pointer=f"{at}/country", code="not-shipped-to", message=f"{order.channel} does not ship there")


def _addresses(contact: Contact) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the addresses of a contact by their destination. The order's own comes last, so that it counts among equal ones."""
    yield from enumerate(contact.get("ship_tos", ()), 1)
    if contact.get("ship_to"):
        yield 0, contact["ship_to"]


def changed(contact: Contact, changes: Sequence[ChangeIn], addresses: Mapping[int, NewAddress]) -> Contact:
    """Return the contact with new addresses, by the place of their change."""
    own, further = contact.get("ship_to"), list(contact.get("ship_tos", ()))
    for i, new in addresses.items():
        if new.number:
            further.append(_plain(changes[i]))
            continue
        if new.kept is not None:
            further.append(own)
        own = _plain(changes[i])
    rest = {name: value for name, value in contact.items() if name not in ("ship_to", "ship_tos")}
    return {**rest, **({"ship_to": own} if own else {}), **({"ship_tos": further} if further else {})}


def _plain(change: ChangeIn) -> dict[str, Any]:
    return change.ship_to.model_dump(mode="json", exclude_none=True) if change.ship_to else {}


def rules_about_change(
    order: Order, change: ChangeIn, to: Destination, contact: Contact, now: datetime
) -> list[RuleResult]:
    """Return what rules about addresses place a hold on, because of the address of a change."""
    return rules_about(order, [_plain(change)], [to], contact, now)


def rules_about(
    order: Order, addresses: Sequence[Contact], places: Sequence[Destination], contact: Contact, now: datetime
) -> list[RuleResult]:
    """Return what rules about addresses place a hold on, judged as if the order went to the new addresses alone.

    What an active hold of the type has already is not held again: a person looks at it.
    """
    about = (kind for kind in hold_types.hold_types() if any(map(hold_rules.is_about_address, kind.conditions())))
    kinds = [kind for kind in about if kind.active]
    if not kinds or not addresses:
        return []
    alone = {**{name: value for name, value in contact.items() if name != "ship_to"}, "ship_tos": [*addresses]}
    there = replace(order, destination=places[0], destinations=tuple(places[1:]))
    hashes = hold_facts.identities(there, alone, kinds)
    products = directory.entries(directory.PRODUCT, {line.sku for line in order.as_sent()})
    facts = hold_facts.facts(there, alone, kinds, hashes, products, now)
    found = (one for kind in kinds if (one := rule_holds.judged(kind, there, facts)))
    new = (one for judged in found if (one := rule_holds.not_held_yet(judged, order)))
    return [one for each in new if (one := _of_lines_there(each, order, places))]


def _of_lines_there(found: RuleResult, order: Order, places: Sequence[Destination]) -> RuleResult | None:
    """Return the result of a type of lines with the lines that go to the new addresses alone, None if none does."""
    if not found.lines:
        return found
    there = {line.line_id for line in order.lines if order.destination_of(line.destination) in places}
    lines = tuple(line_id for line_id in found.lines if line_id in there)
    return replace(found, lines=lines) if lines else None
