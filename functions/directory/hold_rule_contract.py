"""
Define the rules of hold types: conditions over a new order and its customer, and scores.

Called by   functions/directory/contract.py; openapi
Returns     pydantic models
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from comanda.aws.api.contracts import Amount, Contract, Country, Id, Sku, Word, unique, wrong_field

Channels = Annotated[list[Id], Field(max_length=1000), AfterValidator(unique)]
Countries = Annotated[list[Country], Field(max_length=250), AfterValidator(unique)]
Words = Annotated[list[Word], Field(max_length=50), AfterValidator(unique)]
Skus = Annotated[list[Sku], Field(max_length=500), AfterValidator(unique)]
Precision = Literal["GIVEN", "POSTAL_CODE", "POSTAL_PREFIX", "CITY", "REGION", "NOWHERE"]

_LONGEST_VELOCITY = 24 * 90  # the rows of earlier orders are kept for 90 days
_MOST_POINTS = 1000


class HoldVelocity(Contract):
    """Many orders, or much value, within hours. The new order counts too; orders in another currency add no value."""

    per: Literal["CUSTOMER", "EMAIL", "PHONE", "ADDRESS"]
    hours: Annotated[int, Field(ge=1, le=_LONGEST_VELOCITY)]
    orders_at_least: Annotated[int, Field(ge=2, le=100)] | None = None
    total_at_least: Amount | None = None

    @model_validator(mode="after")
    def _limited(self) -> "HoldVelocity":
        if self.orders_at_least is None and self.total_at_least is None:
            raise wrong_field("orders_at_least", "needs orders_at_least or total_at_least")
        return self


class AppliesWhen(Contract):
    """The condition of a rule. It is true of a new order if all its fields are; a list, if one of its values is. Without a
    field, it is true of every order. `skus` and `classes` are those of one of its lines, or of each line that is held."""

    total_at_least: Amount | None = None
    units_at_least: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    lines_at_least: Annotated[int, Field(ge=1, le=1000)] | None = None
    channels: Channels = []
    tags: Words = []
    skus: Skus = []
    classes: Words = []
    payment_methods: Words = []
    countries: Countries = []
    precisions: Annotated[list[Precision], Field(max_length=6), AfterValidator(unique)] = []
    addresses_differ: bool | None = None
    first_order: bool | None = None
    velocity: HoldVelocity | None = None


class HoldScoreRule(Contract):
    """Points that an order gets when the condition is true of it. Negative points speak for the order."""

    id: Id
    points: Annotated[int, Field(ge=-_MOST_POINTS, le=_MOST_POINTS)]
    when: AppliesWhen


def _with_own_ids(rules: list[HoldScoreRule]) -> list[HoldScoreRule]:
    ids = [rule.id for rule in rules]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise PydanticCustomError("named_twice", "has several rules of the id {ids}", {"ids": ", ".join(twice)})
    return rules


class HoldScore(Contract):
    """A sum of points from which an order is held. The hold keeps the points of each rule that was true."""

    at_least: Annotated[int, Field(ge=1, le=_MOST_POINTS)]
    rules: Annotated[list[HoldScoreRule], Field(min_length=1, max_length=50), AfterValidator(_with_own_ids)]

    @model_validator(mode="after")
    def _possible(self) -> "HoldScore":
        most = sum(max(0, rule.points) for rule in self.rules)
        if most < self.at_least:
            raise wrong_field("at_least", f"the rules give at most {most} points, so the score is never reached")
        return self
