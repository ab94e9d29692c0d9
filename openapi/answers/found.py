"""
Model the answer about what is found by its key.

Called by   openapi/operations.py; functions/intake/find.py makes the answer
"""

from typing import Literal

from openapi.answers.base import Answer, OrderId


class FoundLinks(Answer):
    self: str
    order: str | None


class FoundThing(Answer):
    """A thing that has exactly the text that was asked for. A caller that may not read a parcel's fulfillment is shown
    its order."""

    kind: Literal["order", "fulfillment", "invoice", "credit_note"]
    id: str
    order_id: OrderId
    found_by: Literal["id", "external_id", "tracking_number", "number", "sscc"]
    links: FoundLinks


class Found(Answer):
    items: list[FoundThing]
