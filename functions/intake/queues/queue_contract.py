"""Declare the bodies of the requests of queues: claims, and answers to items. They are apart, because placing an order needs none."""

from typing import Annotated, Any

from pydantic import Field

from comanda.aws.api.contracts import Contract, Id, Name, Remark, TextOf
from comanda.domain import text


def _named_answers(schema: dict[str, Any]) -> None:
    """List the answers of all queues in the published description. The door checks the answers of the item's own queue."""
    from comanda.domain.lifecycle.resume import ANSWERS, ANSWERS_OF_NO_ORDER

    schema["enum"] = sorted({answer for answers in (ANSWERS | ANSWERS_OF_NO_ORDER).values() for answer in answers})


class NextIn(Contract):
    """The node of whose part of the queue the next item is claimed. A node's own callers have to name it."""

    node_id: Id | None = None


class AnswerIn(Contract):
    """An answer. Of a claim against a carrier, `reference` is the carrier's own id of the claim. `reason` says why money is
    given up; the write-off of a lost dispute needs it."""

    answer: Annotated[Id, Field(json_schema_extra=_named_answers)]
    reference: Annotated[str, TextOf(text.REFERENCE)] | None = None
    reason: Remark | None = None


def _named_answers_to_chosen(schema: dict[str, Any]) -> None:
    """List the answers to chosen items in the published description. The door checks the answers of their queue."""
    from comanda.domain.lifecycle.resume import answers_to_chosen
    from comanda.domain.orders.queues import ALL

    schema["enum"] = sorted({answer for queue in ALL for answer in answers_to_chosen(queue)})


class ChosenItemsIn(Contract):
    """The items of a queue that get one answer. `reject` needs a `reason`, and `resolve` a `resolution`. The `write-off` of a
    lost dispute needs a `reason`, too."""

    items: Annotated[list[Name], Field(min_length=1, max_length=100)]
    answer: Annotated[Id, Field(json_schema_extra=_named_answers_to_chosen)]
    reason: Remark | None = None
    resolution: Remark | None = None
