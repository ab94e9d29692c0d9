"""What strangers may send to stock: unknown fields, wrong types and values out of range are named by pointer."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from comanda.aws.contracts import Contract, Id

MOST_ROWS = 500
MOST_UNITS = 1_000_000


def _moves(quantity: int) -> int:
    if quantity == 0:
        raise ValueError("a row of 0 units says nothing")
    return quantity


def _no_card(text: str) -> str:
    if sum(character.isdigit() for character in text) >= 13:
        raise ValueError("holds a number as long as a card's")
    return text


class Row(Contract):
    """So many units more, or fewer, in one bucket of a sku at a node."""

    sku: Annotated[str, Field(min_length=1, max_length=128)]
    node_id: Id
    bucket: Literal["sellable", "open_box", "quarantine", "damaged"] = "sellable"
    quantity: Annotated[int, Field(ge=-MOST_UNITS, le=MOST_UNITS), AfterValidator(_moves)]


class Adjustment(Contract):
    """`adjustment_id` is the caller's own: the same one is applied once, however often it is sent."""

    adjustment_id: Id
    reason: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_no_card)]
    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_ROWS)]
