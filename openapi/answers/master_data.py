"""
Model the answers about stock, the directory's entries and the API's clients.

Called by   openapi/operations.py, openapi/description.py
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from comanda.aws.api.contracts import SafetyStock
from comanda.aws.api.routes import SCOPES
from functions.directory import (
    cancel_reasons,
    carriers,
    carton_contract,
    costs,
    decline_reasons,
    legal_entity_contract,
    matrix_contract,
    tax_contract,
)
from functions.directory import contract as directory
from functions.stock import contract as stock
from openapi.answers.base import Answer, Time, Units
from openapi.answers.prices import PriceList

ScopeName = Annotated[str, Field(json_schema_extra={"enum": [*SCOPES]})]


class Demand(Answer):
    """The units that are promised for a UTC day."""

    due: str
    quantity: Units


class Expected(Answer):
    """A supply that is on its way; `eta` is a UTC day."""

    supply_id: str
    type: Literal["PURCHASE_ORDER", "TRANSFER", "IN_TRANSIT", "RETURN"]
    eta: str
    quantity: Units


class AvailableFrom(Answer):
    """The units that a new order due on this UTC day, or later, may take."""

    date: str
    available: Units


class OwnPolicy(Answer):
    """The policy of this sku at this node alone, in the words of `POST /v1/stock/policies`. A value that was not set is missing."""

    safety: dict[str, SafetyStock] | None = None
    protected: dict[str, Units] | None = None
    ship: bool | None = None
    pickup: bool | None = None
    reorder_point: Units | None = None


class Position(Answer):
    """The stock of a sku at a node. `hard` units are promised to orders, by day in `demand`; `soft` units are in carts, until they
    expire. `free` are the units, on hand and expected, that are not promised on the worst day from now on: below zero after a
    count that found too few, or when a supply does not come. `safety` of them are kept back; `available` are the units that a
    new order may take now, and `dates` has those of later days."""

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
    policy: OwnPolicy | None = None  # only the office gets it


class Stock(Answer):
    sku: str
    positions: list[Position]


class AdjustedRow(stock.Row):
    status: Literal["APPLIED", "REFUSED"]
    reason: str | None = None


class Adjusted(Answer):
    """The result of every row of the request. A refused row has a reason, and was not applied."""

    adjustment_id: str
    rows: list[AdjustedRow]


class Health(Answer):
    status: Literal["ok"]
    cell: str


type LabelsByValue = dict[str, str]


class Labels(Answer):
    """The labels of all enumerations in one language: kind, value, words."""

    locale: Literal["en-US", "pt-BR", "es"]
    labels: dict[str, LabelsByValue]


class _Rights(Answer):
    name: str
    kind: Literal["channel", "form", "partner", "node", "carrier", "mailbox", "admin"]
    channels: list[str] | None = None
    nodes: list[str] | None = None
    partner: str | None = None
    carrier: str | None = None


class Client(_Rights):
    """A client: its kind, the things that it owns, and the scopes of its tokens."""

    client_id: str
    scopes: list[ScopeName] | None = None  # the stage's first client was not made through the API


class NewClient(_Rights):
    """A new client with its secret. Only this answer and its repetitions with the same key have the secret."""

    client_id: str
    client_secret: str | None = None
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


class ModificationMatrix(matrix_contract.ModificationMatrix):
    id: str
    version: Annotated[int, Field(ge=1)]


class ListedCarton(carton_contract.ListedCarton):
    id: str
    version: Annotated[int, Field(ge=1)]


class CancelReason(cancel_reasons.CancelReason):
    id: str
    version: Annotated[int, Field(ge=0)]


class DeclineReason(decline_reasons.DeclineReason):
    id: str
    version: Annotated[int, Field(ge=0)]


class CaseTerms(directory.CaseTerms):
    id: str
    version: Annotated[int, Field(ge=1)]


class TaxTable(tax_contract.TaxTable):
    id: str
    version: Annotated[int, Field(ge=1)]


class LegalEntity(legal_entity_contract.LegalEntity):
    id: str
    version: Annotated[int, Field(ge=1)]


# Path of a kind of entry -> the model of its answer.
ENTRIES: dict[str, type[BaseModel]] = {
    "nodes": Node,
    "products": Product,
    "partners": Partner,
    "channels": Channel,
    "calendars": Calendar,
    "hold-types": HoldType,
    "stock-policies": StockPolicy,
    "carriers": Carrier,
    "cartons": ListedCarton,
    "rate-cards": RateCard,
    "routing-costs": RoutingCosts,
    "modification-matrices": ModificationMatrix,
    "cancel-reasons": CancelReason,
    "decline-reasons": DeclineReason,
    "price-lists": PriceList,
    "case-terms": CaseTerms,
    "tax-tables": TaxTable,
    "legal-entities": LegalEntity,
}
