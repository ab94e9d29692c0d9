"""Declare the body of POST /v1/drafts/{draft_id}/confirm: what an order has and a draft has not."""

from typing import Annotated

from pydantic import Field

from comanda.aws.api.contracts import Contract, Name
from functions.intake.contract import PaymentIn


class DraftConfirmIn(Contract):
    """The payments of the order that a draft becomes. Without an `external_id`, the order has the id of its draft for one."""

    external_id: Name | None = None
    payments: Annotated[list[PaymentIn], Field(max_length=10)] = []
