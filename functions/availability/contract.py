"""
Define the question about availability. Unknown fields, wrong types and values out of range are refused by pointer.

Called by   functions/availability; openapi
Returns     a pydantic model
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import Contract, Day, Id, Sku, unique

MOST_SKUS = 100
MOST_NODES = 10


class Question(Contract):
    """A question about the units that may be sold: by each method over the whole network, and for pickup at each of
    `node_ids`. Without `channel`, the answer is for a channel without a policy of its own; without `date`, for today."""

    skus: Annotated[list[Sku], Field(min_length=1, max_length=MOST_SKUS), AfterValidator(unique)]
    channel: Id | None = None
    methods: Annotated[list[Literal["SHIP", "PICKUP"]], Field(min_length=1, max_length=2), AfterValidator(unique)] = [
        "SHIP",
        "PICKUP",
    ]
    node_ids: Annotated[list[Id], Field(max_length=MOST_NODES), AfterValidator(unique)] = []
    date: Day | None = None
