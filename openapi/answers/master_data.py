"""Stock, the directory's entries and the API's clients, as the API answers them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from comanda.aws.api.contracts import SafetyStock
from comanda.aws.api.routes import SCOPES
from functions.directory import carriers, costs
from functions.directory import contract as directory
from functions.stock import contract as stock
from openapi.answers.orders import Answer, Time, Units

ScopeName = Annotated[str, Field(json_schema_extra={"enum": [*SCOPES]})]


class Demand(Answer):
    """Units promised for a UTC day."""

    due: str
    quantity: Units


class Expected(Answer):
    """A supply that is on its way; `eta` is a UTC day."""

    supply_id: str
    type: Literal["PURCHASE_ORDER", "TRANSFER", "IN_TRANSIT", "RETURN"]
    eta: str
    quantity: Units


class AvailableFrom(Answer):
    """What a new order due on this UTC day, or later, may take."""

    date: str
    available: Units


class OwnPolicy(Answer):
    """What was said of this sku at this node alone, as `POST /v1/stock/policies` takes it; what is not said is missing."""

    safety: dict[str, SafetyStock] | None = None
    protected: dict[str, Units] | None = None
    ship: bool | None = None
    pickup: bool | None = None
    reorder_point: Units | None = None


class Position(Answer):
    """`hard` units are promised to orders, by day in `demand`; `soft` ones are in carts, until they expire. `free` is what is
    left of what is there and expected on the worst day from now on: below zero after a count that found too few, or when a
    supply does not come. `safety` of it is kept back; `available` is what a new order may take now, `dates` from when on."""

    node_id: str
    on_hand: dict[str, Units]
    hard: Units
    soft: Units
    demand: list[Demand]
    supplies: list[Expected]
    free: int
    safety: Units
    available: Units
    dates: list[AvailableFrom]
    counted_at: Time | None
    policy: OwnPolicy | None = None  # for the office


class Stock(Answer):
    sku: str
    positions: list[Position]


class AdjustedRow(stock.Row):
    status: Literal["APPLIED", "REFUSED"]
    reason: str | None = None


class Adjusted(Answer):
    """Every row of the request; a refused one says why, and was not applied."""

    adjustment_id: str
    rows: list[AdjustedRow]


class Health(Answer):
    status: Literal["ok"]
    cell: str


class _Rights(Answer):
    name: str
    kind: Literal["channel", "partner", "node", "admin"]
    channels: list[str] | None = None
    nodes: list[str] | None = None
    partner: str | None = None


class Client(_Rights):
    """What it is, what is its own, and the scopes of its tokens."""

    client_id: str
    scopes: list[ScopeName] | None = None  # the stage's first client was not made through the API


class NewClient(_Rights):
    """The only answer that holds the secret, and its repetitions with the same key."""

    client_id: str
    client_secret: str
    scopes: list[ScopeName]


class Node(directory.Node):
    id: str
    version: Annotated[int, Field(ge=1)]


class Product(directory.Product):
    id: str
    version: Annotated[int, Field(ge=1)]


class Partner(directory.Partner):
    id: str
    version: Annotated[int, Field(ge=1)]


class Channel(directory.Channel):
    id: str
    version: Annotated[int, Field(ge=1)]


class Calendar(directory.Calendar):
    id: str
    version: Annotated[int, Field(ge=1)]


class HoldType(directory.HoldType):
    id: str
    version: Annotated[int, Field(ge=1)]


class StockPolicy(directory.StockPolicy):
    id: str
    version: Annotated[int, Field(ge=1)]


class Carrier(carriers.Carrier):
    id: str
    version: Annotated[int, Field(ge=1)]


class RateCard(costs.RateCard):
    id: str
    version: Annotated[int, Field(ge=1)]


class RoutingCosts(costs.RoutingCosts):
    id: str
    version: Annotated[int, Field(ge=1)]


# Path of a kind of entry -> what is answered.
ENTRIES: dict[str, type[BaseModel]] = {
    "nodes": Node,
    "products": Product,
    "partners": Partner,
    "channels": Channel,
    "calendars": Calendar,
    "hold-types": HoldType,
    "stock-policies": StockPolicy,
    "carriers": Carrier,
    "rate-cards": RateCard,
    "routing-costs": RoutingCosts,
}
