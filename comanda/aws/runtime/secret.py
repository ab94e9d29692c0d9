"""The stage's one secret: it signs cursors and makes guests' ids from their e-mail."""

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
    """HMAC-SHA-256 of `text` under a key of its own for each purpose; 64 hex digits."""
    key = hmac.new(_secret(), purpose.encode(), sha256).digest()
    return hmac.new(key, text.encode(), sha256).hexdigest()


def guest_id(email: str) -> str:
    """The customer id of a guest: the same for the same e-mail, and telling nothing of it."""
    return f"g_{sign('guest', email.strip().casefold())[:32]}"
