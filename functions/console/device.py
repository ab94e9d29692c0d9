"""
Know a device that people of a node share by its cookie, which an admin or a lead puts into the device's own browser.

Called by   functions/console/switch.py, sign_in.py, handler.py, pages/devices.py

The cookie holds the secret that `POST /v1/devices` answered. No page shows it, and no script reads it.
"""

import re

from functions.console.incoming import Incoming
from functions.console.session import cookie_name, set_cookie

_SECONDS = 400 * 24 * 3600  # browsers keep no cookie longer
_SECRET = re.compile(r"[0-9a-f]{64}")


def secret_of(asked: Incoming) -> str:
    """Return the secret of the device, "" for a browser that was not enrolled. The API alone knows whether it counts."""
    value = asked.cookie(_name())
    return value if _SECRET.fullmatch(value) else ""


def cookie_of(secret: str) -> str:
    """Return the Set-Cookie value that enrols this browser."""
    return set_cookie(_name(), secret, _SECONDS)


def forget() -> str:
    """Return the Set-Cookie value after which this browser is no device any more."""
    return set_cookie(_name(), "", 0)


def _name() -> str:
    return f"{cookie_name()}-device"
