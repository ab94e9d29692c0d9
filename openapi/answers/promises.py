"""
Model the answers about promises.

Called by   openapi/operations.py
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.domain.promise.recommend import REASONS
from openapi.answers.base import Answer, LineUnits, Method, Precision, Service, Time, Units

Code = Annotated[str, Field(json_schema_extra={"enum": [*REASONS]})]
Kind = Literal["STANDARD", "EXPRESS", "PICKUP", "WHOLE", "PREORDER", "BACKORDER"]


class Reason(Answer):
    """The reason of the recommendation. `numbers` holds the option's cost in micro-units, its carbon, and its differences from
    the other options."""

    code: Code
    numbers: dict[str, int | str]


class Later(Answer):
    date: str
    quantity: Units


class LineAnswer(Answer):
    """The units of a line: `now` on hand, `later` by the UTC day of their supply, `undated` without a date. `there` are the units
    at the counter."""

    line_id: str
    sku: str
    quantity: Units
    now: Units
    later: list[Later]
    undated: Units
    there: Units | None = None


class Cost(Answer):
    """A cost in micro-units of the carriers' currency. A pickup has one too, so that options can be compared."""

    micros: int
    currency: str


class Shipment(Answer):
    """A shipment of an option. `ship_at` is UTC, `ship_on` the node's date, `deliver_on` a date in `zone`. `guesses` names the
    values for which no file had a row."""

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
    """A way to deliver the basket. `deliver_on` is null while any unit has no date."""

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
    """The destination of a promise, as coarse as it is stored."""

    country: str
    region: str | None = None
    postal_prefix: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: Precision | None = None


class Promise(Answer):
    """The options for a basket. The router follows the recommended one for an order that repeats it, if nothing has changed."""

    promise_id: str
    as_of: Time
    valid_until: Time
    to: PromisedTo
    recommended: str | None
    reason: Reason
    options: list[Option]
