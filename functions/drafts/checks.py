"""
Check the fields of a request for a draft, beyond the shape of single fields.

Called by   functions/drafts
Returns     a problem for each wrong field
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.api import sale_contracts
from comanda.aws.api.contracts import Amount
from comanda.aws.directory import counters
from comanda.domain.documents import electronic_ids
from comanda.domain.errors import Problem
from comanda.domain.geography import countries, postal_codes
from functions.drafts import contract, rules

_LONGEST_HELD = timedelta(days=366)

type Documents = Mapping[str, Mapping[str, Any]]


def problems(
    given: contract.DraftFields,
    channel: Mapping[str, Any],
    currency: str,
    products: Documents,
    nodes: Documents,
    now: datetime,
) -> Iterator[Problem]:
    """Yield a problem for each unknown name, mixed currency and wrong time of the request. `channel` is the draft's entry in the
    directory, `products` and `nodes` are those that the request names."""
    for at, line in rules.given_lines(given):
        if line.sku not in products:
            yield _problem(f"{at}/sku", "unknown-sku", f"there is no product {line.sku}")
    for at, delivery in _deliveries(given):
        yield from _node_problems(f"{at}/node_id", delivery, nodes, channel)
    for at, amount in _amounts(given):
        if amount.currency != currency:
            yield _problem(at, "mixed-currencies", f"{amount.currency}, the draft is in {currency}")
    yield from _address_problems(given, channel)
    yield from electronic_ids.problems_of_attributes(given.attributes or {})
    if given.prices_until is not None and not now < given.prices_until <= now + _LONGEST_HELD:
        message = f"lies in the past, or more than {_LONGEST_HELD.days} days from now"
        yield _problem("/prices_until", "out-of-range", message)
    if "lines" in given.model_fields_set:
        for name in given.model_fields_set & {"set_lines", "remove_lines"}:
            yield _problem(f"/{name}", "beside-lines", "lines replaces all lines: send one of the two")


def _address_problems(given: contract.DraftFields, channel: Mapping[str, Any]) -> Iterator[Problem]:
    of_lines = [(f"{at}/ship_to", line.ship_to) for at, line in rules.given_lines(given)]
    for at, address in (("/ship_to", given.ship_to), *of_lines):
        if address and address.country not in channel["countries"]:
            yield _problem(f"{at}/country", "not-shipped-to", "the channel does not ship there")
    for at, address in (("/ship_to", given.ship_to), ("/bill_to", given.bill_to), *of_lines):
        if address is None:
            continue
        if (address.latitude is None) != (address.longitude is None):
            yield _problem(at, "half-a-coordinate", "latitude and longitude come together")
        if wrong := postal_codes.problem(address.country, address.postal_code, f"{at}/postal_code"):
            yield wrong
    if given.bill_to and (wrong := countries.problem(given.bill_to.country, "/bill_to/country")):
        yield wrong


def _node_problems(
    at: str, delivery: sale_contracts.Delivery, nodes: Documents, channel: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield a problem for a node that is no counter of a country where the channel sells."""
    name = delivery.node_id
    if name is None or delivery.method != "PICKUP":
        return
    if wrong := counters.problem(at, name, nodes.get(name), channel["countries"]):
        yield wrong


def named_nodes(given: contract.DraftFields) -> set[str]:
    """Return the nodes that the request names."""
    return {delivery.node_id for _, delivery in _deliveries(given) if delivery.node_id}


def _deliveries(given: contract.DraftFields) -> Iterator[tuple[str, sale_contracts.Delivery]]:
    """Yield the draft's own way of delivery and those of its lines, with their pointers."""
    if given.fulfillment:
        yield "/fulfillment", given.fulfillment
    for at, line in rules.given_lines(given):
        if line.fulfillment:
            yield f"{at}/fulfillment", line.fulfillment


def _amounts(given: contract.DraftFields) -> Iterator[tuple[str, Amount]]:
    """Yield every amount of money in the request with its pointer."""
    for at, line in rules.given_lines(given):
        if line.unit_price:
            yield f"{at}/unit_price", line.unit_price
        for i, discount in enumerate(line.discounts):
            yield f"{at}/discounts/{i}/amount", discount.amount
    for i, charge in enumerate(given.charges or ()):
        if charge.amount:
            yield f"/charges/{i}/amount", charge.amount
    for i, discount in enumerate(given.discounts or ()):
        yield f"/discounts/{i}/amount", discount.amount


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)
