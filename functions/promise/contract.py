"""
Define the request for a promise. Unknown fields, wrong types and values out of range are refused by pointer.

Called by   functions/promise/handler.py, openapi
Returns     pydantic models
Raises      pydantic's ValidationError, which becomes Invalid
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import Contract, Country, Currency, Day, Id, LineId, Sku, TextOf, Word, unique
from comanda.domain import text

MOST_LINES = 1_000
MOST_UNITS = 100_000
MOST_STORES = 10


class To(Contract):
    """The destination. Coordinates are taken as they are; without them they are looked up, as precisely as the address
    allows."""

    country: Country
    region: Annotated[str, TextOf(text.LINE.upto(64, least=0))] = ""
    city: Annotated[str, TextOf(text.LINE.upto(200, least=0))] = ""
    postal_code: Annotated[str, TextOf(text.POSTAL_CODE.upto(16, least=0))] = ""
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None


class Wanted(Contract):
    """One wanted line. `group`: lines of one group are a kit and leave one node together, in sets.

    `unit_price` is in minor units of the basket's currency. Only rules that test the worth of an order or a shipment
    need it. A BUNDLE and its COMPONENT lines are as those of an order; components have no price.
    """

    line_id: LineId
    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS)]
    kind: Literal["PRODUCT", "BUNDLE", "COMPONENT", "SERVICE", "DIGITAL"] = "PRODUCT"
    parent_line_id: LineId | None = None
    ratio: Annotated[int, Field(ge=1, le=MOST_UNITS)] | None = None
    price_share: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    group: Word | None = None
    unit_price: Annotated[int, Field(ge=0, le=1_000_000_000_000)] | None = None


class Basket(Contract):
    """A basket for which a customer asks a promise. `methods` are in the order of the customer's preference; `node_ids`
    are counters to show, however far they are.

    `deliver_by` is a local date of the destination: the cheapest option that keeps it is recommended. Nothing arrives before
    the local date `not_before`.
    """

    channel: Id
    currency: Currency | None = None
    lines: Annotated[list[Wanted], Field(min_length=1, max_length=MOST_LINES)]
    to: To | None = None
    methods: Annotated[list[Literal["SHIP", "PICKUP"]], Field(min_length=1, max_length=2), AfterValidator(unique)] = [
        "SHIP",
        "PICKUP",
    ]
    node_ids: Annotated[list[Id], Field(max_length=MOST_STORES), AfterValidator(unique)] = []
    deliver_by: Day | None = None
    not_before: Day | None = None
    sourcing_class: Word | None = None  # a word of the channel's that rule sets know
