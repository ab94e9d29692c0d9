"""Sign with a secret of the stage. Cursors are made with the one that most rooms read, what customers are found by with another."""

import hmac
import secrets
from functools import cache

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain import ids


@cache
def _secret(arn: str) -> bytes:
    answer = client("secretsmanager").get_secret_value(SecretId=arn)
    return str(answer["SecretString"]).encode()


@cache
def _key(arn: str, purpose: str) -> bytes:
    return hmac.digest(_secret(arn), purpose.encode(), "sha256")


def sign(purpose: str, text: str) -> str:
    """Return the HMAC-SHA-256 of the text, as 64 hex digits. Each purpose has a key of its own."""
    return sign_with(settings.secret_arn, purpose, text)


def sign_with(arn: str, purpose: str, text: str) -> str:
    """Return the HMAC-SHA-256 of the text by another secret than the one that most rooms read."""
    return hmac.digest(_key(arn, purpose), text.encode(), "sha256").hex()


def sign_customer(purpose: str, text: str) -> str:
    """Return 32 hex digits of the HMAC by the secret of customers, which signs nothing else."""
    return sign_with(settings.customers_secret_arn, purpose, text)[:32]


def guest_id(email: str | None) -> str:
    """Return the customer id of a guest. The same e-mail always has the same id, and the id does not show the e-mail. Each
    order without an e-mail has another one."""
    return f"{ids.GUEST}{sign_customer('guest', email.strip().casefold()) if email else secrets.token_hex(16)}"
