"""Rule sets, as the API answers them."""

from typing import Annotated, Literal

from pydantic import Field

from functions.planning import contract as planning
from openapi.answers.orders import Answer, Method, Service, Time, Units

State = Literal["draft", "scheduled", "active", "ended", "shadow"]
Number = Annotated[int, Field(ge=1)]


class InForce(Answer):
    """A version holds from `starts` until `ends`, which is not included; null is for good."""

    version: Number
    starts: Time
    ends: Time | None
    by: str


class InShadow(Answer):
    version: Number
    until: Time


class RuleSetTimes(Answer):
    """A set: `version` is its newest, `in_force` the one that holds now. `state` is that of all versions together: active before shadow, scheduled, ended and
    draft."""

    id: str
    name: str
    version: Number
    state: State
    in_force: Number | None
    activations: list[InForce]
    shadow: InShadow | None


class RuleSet(planning.RuleSet):
    """One version, which never changes; `state` is its own. `newest` and the times are those of its set."""

    id: str
    version: Number
    newest: Number
    state: State
    by: str
    at: Time
    in_force: Number | None
    activations: list[InForce]
    shadow: InShadow | None


class TriedShipment(Answer):
    """`deliver_on` is the destination's local date, null where no carrier is known."""

    node_id: str
    method: Method
    service: Service
    units: Units
    deliver_on: str | None


class TrialSums(Answer):
    """Costs by component, in micro-units of currency: as the choice was made by, and as the real parcels are priced."""

    shipments: Units
    packages: Units
    left_over: Units
    carbon_g: Units
    modelled_micros: dict[str, int]
    priced_micros: dict[str, int]


class TriedOutcome(TrialSums):
    """`deliver_on` is the last date; null where one is not known. Units without a node are `left_over`."""

    fulfillments: list[TriedShipment]
    deliver_on: str | None


class TriedOrder(Answer):
    """`rule_sets` are those that speak now. `speaks`: whether the tried set would for any of its lines; where it would not,
    `then` is as `live`."""

    order_id: str
    rule_sets: list[str]
    speaks: bool
    differs: bool
    live: TriedOutcome
    then: TriedOutcome


class TriedSums(Answer):
    orders: Units
    differ: Units
    live: TrialSums
    then: TrialSums


class RuleSetTrial(Answer):
    """What would change. Orders of which everything is gone or cancelled are in `nothing_left`, those for which fifteen seconds
    were not enough in `not_tried`."""

    rule_set: str
    orders: list[TriedOrder]
    nothing_left: list[str]
    not_tried: list[str]
    sums: TriedSums
