"""
Define the part of a partner's entry that says which reports of money the partner brings.

Called by   functions/directory/contract.py
Returns     a model
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.aws.api.contracts import Contract, Day


class Settlements(Contract):
    """The reports of money that a partner brings: those of a payment provider, or statements of a bank."""

    provider: Literal["stripe", "bank"]
    since: Day
    missing_after_days: Annotated[int, Field(ge=1, le=120)]
