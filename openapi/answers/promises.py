"""Promises, as the API answers them."""

from typing import Annotated, Literal

from pydantic import Field

from comanda.domain.promise.recommend import REASONS
from openapi.answers.orders import Answer, LineUnits, Method, Precision, Service, Time, Units

Code = Annotated[str, Field(json_schema_extra={"enum": [*REASONS]})]
Kind = Literal["STANDARD", "EXPRESS", "PICKUP", "WHOLE", "PREORDER", "BACKORDER"]


class Reason(Answer):
    """Why this one: `numbers` holds its cost in micro-units, its carbon, and how it stands beside the others."""

    code: Code
    numbers: dict[str, int | str]


class Later(Answer):
    date: str
    quantity: Units


class LineAnswer(Answer):
    """Units on hand, units by the UTC day of their supply, units without a date. `there`: what the counter has of it."""

    line_id: str
    sku: str
    quantity: Units
    now: Units
    later: list[Later]
    undated: Units
    there: Units | None = None


class Cost(Answer):
    """Micro-units of the carriers' currency; of a pickup too, so that options can be compared."""

    micros: int
    currency: str


class Shipment(Answer):
    """`ship_at` is UTC, `ship_on` the node's date, `deliver_on` a date in `zone`. `guesses`: what no file had a row for."""

    node_id: str
    method: Method
    service: Service
    due: str | None
    carrier: str | None
    ship_at: Time | None
    ship_on: str | None
    deliver_on: str | None
    zone: str | None
    packages: Units
    km: float | None
    guesses: list[str]
    lines: list[LineUnits]


class Option(Answer):
    """One way to have the basket. `deliver_on` is null while any unit has no date."""

    option_id: str
    kind: Kind
    method: Method
    service: Service
    node_id: str | None
    km: float | None
    complete: bool
    deliver_on: str | None
    zone: str | None
    order_by: Time | None
    order_within_minutes: int | None
    cost: Cost
    carbon_g: Units
    packages: Units
    lines: list[LineAnswer]
    shipments: list[Shipment]


class PromisedTo(Answer):
    """As coarse as it is kept."""

    country: str
    region: str | None = None
    postal_prefix: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: Precision | None = None


class Promise(Answer):
    """The recommended option, if any, is what the router does with an order in its words, as long as nothing changes."""

    promise_id: str
    as_of: Time
    valid_until: Time
    to: PromisedTo
    recommended: str | None
    reason: Reason
    options: list[Option]
