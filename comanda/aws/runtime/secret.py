"""Sign with the one secret of the stage. Cursors and guests' ids are made with it."""

import hmac
from functools import cache
from hashlib import sha256

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings


@cache
def _secret() -> bytes:
    answer = client("secretsmanager").get_secret_value(SecretId=settings.secret_arn)
    return str(answer["SecretString"]).encode()


def sign(purpose: str, text: str) -> str:
    """Return the HMAC-SHA-256 of the text, as 64 hex digits. Each purpose has a key of its own."""
    key = hmac.new(_secret(), purpose.encode(), sha256).digest()
    return hmac.new(key, text.encode(), sha256).hexdigest()


def guest_id(email: str) -> str:
    """Return the customer id of a guest. The same e-mail always has the same id, and the id does not show the e-mail."""
    return f"g_{sign('guest', email.strip().casefold())[:32]}"
