"""
Make the codes of gift cards, and the ids of their accounts, by a secret key that signs nothing else.

Called by   comanda.aws.books, comanda.aws.orders; rooms that take codes
Returns     codes of 20 characters, ids of accounts
Raises      nothing
"""

from comanda.aws.runtime import secret
from comanda.aws.runtime.settings import settings
from comanda.domain.gift_cards import codes

DIGITS = 32
_DIGITS_OF_BITS = 24  # 96 bits; a code has 95


def keyed(purpose: str, text: str) -> str:
    """Return a keyed hash of a text, in hexadecimal digits."""
    return secret.sign_with(settings.gift_card_key_arn, purpose, text)


def id_of_code(code: str) -> str:
    """Return the id of the account of a gift card. The code must be as `codes.read` returns it."""
    return f"gc_{keyed('code', code)[:DIGITS]}"


def code_of_request(request_key: str) -> str:
    """Return the code of the card that a request issues: random to everybody without the key, and the same when the request
    is repeated. So a caller who lost the answer gets it again, and the code is stored nowhere."""
    return _code("request", request_key)


def code_of_order(order_id: str, provision: int, number: int) -> str:
    """Return the code of a card that an order sold. It is the same whenever it is asked for, and stored nowhere."""
    return _code("order", f"{order_id}/{provision}/{number}")


def _code(purpose: str, text: str) -> str:
    return codes.make(int(keyed(purpose, text)[:_DIGITS_OF_BITS], 16) >> 1)
