"""
Seal the tokens of a session so that only its cookie opens them.

Called by   comanda.aws.console.sessions
Raises      SealBroken for bytes that this cookie did not seal at this place

The key is derived (HKDF-SHA-256) from the cookie's 32 random bytes, which the table does not hold. The item's key is sealed
along (AES-GCM's associated data), so tokens that are copied into another item do not open. The functions import the library
when they are called: most rooms never do.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

COOKIE_BYTES = 32
COOKIE_LENGTH = 43  # characters of these bytes in base64url, without padding
_NONCE_BYTES = 12
_PURPOSE = b"comanda console session tokens"


class SealBroken(ValueError):
    """Say that the sealed bytes were changed, moved to another item, or sealed under another cookie."""


def new_cookie() -> str:
    """Return a cookie's value that no one can guess."""
    return urlsafe_b64encode(os.urandom(COOKIE_BYTES)).decode().rstrip("=")


def seal(cookie: str, place: str, plain: bytes) -> bytes:
    """Return the bytes sealed for this cookie and this item."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + bytes(_cipher(cookie).encrypt(nonce, plain, place.encode()))


def unseal(cookie: str, place: str, sealed: bytes) -> bytes:
    """Return the bytes that were sealed. Raises SealBroken."""
    from cryptography.exceptions import InvalidTag

    try:
        return bytes(_cipher(cookie).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode()))
    except (InvalidTag, ValueError) as error:
        raise SealBroken(place) from error


def _cipher(cookie: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    secret = urlsafe_b64decode(cookie + "=")
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret))
