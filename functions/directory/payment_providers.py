"""
Declare who moves the money of a channel's payments, by their methods.

Called by   functions/directory/contract.py
Returns     a type of pydantic
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import Word
from comanda.domain.gift_cards.account import KINDS
from comanda.domain.orders.tender import ON_ACCOUNT, OWN

_METHODS = (*KINDS, ON_ACCOUNT)  # that accounts of ours can pay


def _of_our_accounts(providers: dict[str, str]) -> dict[str, str]:
    for method, provider in providers.items():
        if provider == OWN and method not in _METHODS:
            raise ValueError(f"{method}: {OWN} is the provider of {', '.join(_METHODS)} alone")
    return providers


PaymentProviders = Annotated[
    dict[Word, Literal["stripe", "comanda"]], Field(max_length=20), AfterValidator(_of_our_accounts)
]
