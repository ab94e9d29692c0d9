"""
Seal the tokens of a session, which only its cookie opens, and a cookie, which only a device with a badge opens.

Called by   comanda.aws.console.sessions, comanda.aws.console.shifts
Raises      SealBroken for bytes that this secret did not seal at this place

The key is derived (HKDF-SHA-256) from secret bytes that the table does not hold. The item's key is sealed along (AES-GCM's
associated data), so bytes that are copied into another item do not open. The functions import the library when they are
called: most rooms never do.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

COOKIE_BYTES = 32
COOKIE_LENGTH = 43  # characters of these bytes in base64url, without padding
_NONCE_BYTES = 12
_OF_TOKENS = b"comanda console session tokens"
_OF_A_SHIFT = b"comanda console session of a shift"


class SealBroken(ValueError):
    """Say that the sealed bytes were changed, moved to another item, or sealed under another secret."""


def new_cookie() -> str:
    """Return a cookie's value that no one can guess."""
    return urlsafe_b64encode(os.urandom(COOKIE_BYTES)).decode().rstrip("=")


def seal(cookie: str, place: str, plain: bytes) -> bytes:
    """Return the bytes sealed for this cookie and this item."""
    return _seal(_cipher(_bytes_of(cookie), _OF_TOKENS), place, plain)


def unseal(cookie: str, place: str, sealed: bytes) -> bytes:
    """Return the bytes that were sealed for this cookie. Raises SealBroken."""
    return _unseal(_cipher(_bytes_of(cookie), _OF_TOKENS), place, sealed)


def seal_for_badge(device: str, badge: str, place: str, plain: bytes) -> bytes:
    """Return the bytes sealed for the secret of a device together with the code of a badge, and for this item."""
    return _seal(_cipher(f"{device} {badge}".encode(), _OF_A_SHIFT), place, plain)


def unseal_by_badge(device: str, badge: str, place: str, sealed: bytes) -> bytes:
    """Return the bytes that were sealed for this device and badge. Raises SealBroken."""
    return _unseal(_cipher(f"{device} {badge}".encode(), _OF_A_SHIFT), place, sealed)


def _bytes_of(cookie: str) -> bytes:
    return urlsafe_b64decode(cookie + "=")


def _seal(cipher: Any, place: str, plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + bytes(cipher.encrypt(nonce, plain, place.encode()))


def _unseal(cipher: Any, place: str, sealed: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return bytes(cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode()))
    except (InvalidTag, ValueError) as error:
        raise SealBroken(place) from error


def _cipher(secret: bytes, purpose: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret))
