"""
Read the addresses that lines of an order have of their own: one order, many destinations.

Called by   functions/intake/checks.py, orders.py; imported only for orders with such lines
Returns     problems, destinations, and the addresses of the contact
Raises      Invalid, naming each address that fits no place

A line's address that is the order's own is no other destination. Equal addresses are one destination, in the order of their
first lines.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from comanda.aws.api.sale_contracts import Address
from comanda.aws.geography import destinations
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.destination import MOST_DESTINATIONS, Destination
from comanda.domain.orders.line import PROVIDED_KINDS
from comanda.domain.orders.methods import PICKUP
from functions.intake.contract import LineIn, OrderIn

_Key = tuple[Any, ...]


def problems(given: OrderIn, channel: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Yield a problem for each line whose address it cannot have, and for too many destinations."""
    numbers = numbers_of_lines(given)
    for i, line in enumerate(given.lines):
        at = f"/lines/{i}/ship_to"
        if line.ship_to is None or line.kind in PROVIDED_KINDS:
            continue
        if line.fulfillment.method == PICKUP:
            yield _problem(at, "picked-up", "a pickup line goes to its counter, and to no address")
        elif channel is not None and line.ship_to.country not in channel["countries"]:
            yield _problem(f"{at}/country", "not-shipped-to", f"{given.channel} does not ship there")
    yield from _mixed(given.lines, numbers)
    if max(numbers.values(), default=0) + (given.ship_to is not None) > MOST_DESTINATIONS:
        yield _problem("/lines", "too-many-destinations", f"at most {MOST_DESTINATIONS} addresses in one order")
    if given.promise_id and any(numbers.values()):
        yield _problem("/promise_id", "one-destination", "a promise is about one address, and the lines name others")


def _mixed(lines: list[LineIn], numbers: Mapping[str, int]) -> Iterator[Problem]:
    """Yield a problem for each line that goes to another address than the first line of its group, or than its bundle."""
    firsts: dict[str, str] = {}
    for i, line in enumerate(lines):
        group, with_it = line.fulfillment.group, None
        if line.kind == "COMPONENT":
            with_it, code = line.parent_line_id, "mixed-bundle"
        elif group is not None:
            with_it, code = firsts.setdefault(group, line.line_id), "mixed-group"
        if with_it is not None and numbers.get(line.line_id, 0) != numbers.get(with_it, 0):
            yield _problem(f"/lines/{i}/ship_to", code, f"differs from that of line {with_it}, with which it leaves")


def numbers_of_lines(given: OrderIn) -> dict[str, int]:
    """Return the number of the destination of each line with an address of its own: 0 is the order's own."""
    found: dict[_Key, int] = {} if given.ship_to is None else {key(given.ship_to): 0}
    first = 1 if given.ship_to is None else 0
    return {
        line.line_id: found.setdefault(key(line.ship_to), len(found) + first)
        for line in given.lines
        if line.ship_to is not None and line.fulfillment.method != PICKUP and line.kind not in PROVIDED_KINDS
    }


def addresses(given: OrderIn) -> list[tuple[str, Address]]:
    """Return the addresses of the further destinations by their number, each with the pointer of its first line."""
    numbers = numbers_of_lines(given)
    found: dict[int, tuple[str, Address]] = {}
    for i, line in enumerate(given.lines):
        if line.ship_to is not None and (number := numbers.get(line.line_id, 0)):
            found.setdefault(number, (f"/lines/{i}/ship_to", line.ship_to))
    return [found[number] for number in sorted(found)]


def locate(given: OrderIn, unknown_places: str | None) -> tuple[Destination, ...]:
    """Return the further destinations. Raises Invalid with every address that is at fault."""
    made: list[Destination] = []
    wrong: list[Problem] = []
    for pointer, address in addresses(given):
        try:
            made.append(destinations.locate(address, pointer=pointer, unknown_places=unknown_places))
        except Invalid as error:
            wrong += error.problems
    if wrong:
        raise Invalid(*wrong)
    return tuple(made)


def of_contact(given: OrderIn) -> list[dict[str, Any]]:
    """Return the addresses as the contact keeps them: the n-th is that of destination n."""
    return [address.model_dump(mode="json", exclude_none=True) for _, address in addresses(given)]


def key(address: Address) -> _Key:
    """Return what makes two addresses one: every field, where no value and an empty text are alike."""
    return tuple("" if value is None else value for value in address.model_dump().values())


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)
