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
MOST_BUNDLES = 20


class Part(Contract):
    """A component of a bundle: its sku, which is one of `skus`, and its units in one set."""

    sku: Sku
    ratio: Annotated[int, Field(ge=1, le=100_000)]


class WantedBundle(Contract):
    """A bundle, by its sku and its components."""

    sku: Sku
    components: Annotated[list[Part], Field(min_length=1, max_length=MOST_SKUS)]


class Question(Contract):
    """A question about the units that may be sold: by each method over the whole network, and for pickup at each of
    `node_ids`. Without `channel`, the answer is for a channel without a policy of its own; without `date`, for today.

    There are as many sets of each of `bundles` as the scarcest of its components makes."""

    skus: Annotated[list[Sku], Field(min_length=1, max_length=MOST_SKUS), AfterValidator(unique)]
    channel: Id | None = None
    methods: Annotated[list[Literal["SHIP", "PICKUP"]], Field(min_length=1, max_length=2), AfterValidator(unique)] = [
        "SHIP",
        "PICKUP",
    ]
    node_ids: Annotated[list[Id], Field(max_length=MOST_NODES), AfterValidator(unique)] = []
    date: Day | None = None
    bundles: Annotated[list[WantedBundle], Field(max_length=MOST_BUNDLES)] = []
