"""
Read a notice of Stripe's, after its signature was checked.

Called by   functions/notices
Returns     a Notice
Raises      NotSigned; NotUnderstood for a signed body that is no event of Stripe's
"""

import json
from collections.abc import Sequence
from datetime import datetime

from comanda.aws.payments import stripe_signature
from comanda.aws.payments import stripe_words as words
from comanda.domain.payments.answer import Notice, NotUnderstood

SIGNATURE = "stripe-signature"  # the header


def read(body: bytes, signature: str, secrets: Sequence[str], now: datetime) -> Notice:
    """Return the notice in a body. `secrets` are those of the endpoint: two while one takes the place of the other."""
    stripe_signature.check(body, signature, secrets, now)
    try:
        return words.notice_of(json.loads(body))
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise NotUnderstood("the body is no event of Stripe's") from error
