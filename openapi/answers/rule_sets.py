"""
Model the answers about rule sets.

Called by   openapi/operations.py
"""

from typing import Annotated, Literal

from pydantic import Field

from functions.planning import contract as planning
from openapi.answers.base import Answer, Method, Service, Time, Units

State = Literal["draft", "scheduled", "active", "ended", "shadow"]
Number = Annotated[int, Field(ge=1)]


class InForce(Answer):
    """The time in which a version is in force: from `starts` until `ends`, which is not included. Null has no end."""

    version: Number
    starts: Time
    ends: Time | None
    by: str


class InShadow(Answer):
    version: Number
    until: Time


class RuleSetTimes(Answer):
    """A rule set. `version` is its newest version, `in_force` the one in force now. `state` is the first of all versions' states
    in the order active, shadow, scheduled, ended, draft."""

    id: str
    name: str
    version: Number
    state: State
    in_force: Number | None
    activations: list[InForce]
    shadow: InShadow | None


class RuleSet(planning.RuleSet):
    """One version of a rule set, which never changes. `state` is the version's own; `newest` and the times are those of the
    set."""

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
    """A shipment of a trial. `deliver_on` is the destination's local date, null where no carrier is known."""

    node_id: str
    method: Method
    service: Service
    units: Units
    deliver_on: str | None


class TrialSums(Answer):
    """The sums of a trial. Costs are by component in micro-units of currency: modelled as for the choice, and priced for the real
    parcels."""

    shipments: Units
    packages: Units
    left_over: Units
    carbon_g: Units
    modelled_micros: dict[str, int]
    priced_micros: dict[str, int]


class TriedOutcome(TrialSums):
    """The result for an order. `deliver_on` is the last date, null where a date is not known. `left_over` units have no node."""

    fulfillments: list[TriedShipment]
    deliver_on: str | None


class TriedOrder(Answer):
    """An order of a trial. `rule_sets` are the sets of its lines now. `speaks` is true if the tried set would be the set of any
    line; if not, `then` equals `live`."""

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
    """The results of a trial. `nothing_left` are orders without open units; `not_tried` are orders for which fifteen seconds were
    not enough."""

    rule_set: str
    orders: list[TriedOrder]
    nothing_left: list[str]
    not_tried: list[str]
    sums: TriedSums
