"""
Sign events, and deliver them to the endpoints that are registered.

Called by   local/stripe/endpoints.py, clockwork.py
Returns     endpoints; whether a delivery is done
Raises      Refused for an endpoint that is not on this machine

A delivery that fails is tried again after 5 seconds, a minute, ten minutes, and so on for about three days of the account's time.
"""

import hashlib
import hmac
import http.client
import json
import math
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from local.stripe.account import VERSION, Account, new_id
from local.stripe.faults import WEBHOOKS, Fault, Faults
from local.stripe.refusals import Refused
from local.stripe.store import Thing, public

KIND = "webhook_endpoint"
HERE = ("127.0.0.1", "localhost")
PAUSES = (5, 60, 600, 3_600, 10_800, 43_200, 86_400, 86_400)  # seconds between tries
PATIENCE = 10  # seconds that a receiver has


def register(account: Account, _faults: Faults, params: Mapping[str, Any]) -> Thing:
    """Register an endpoint. Its secret is in this answer, and in no later one."""
    if not _is_here(params["url"]):
        raise Refused("This server calls http://127.0.0.1 only.", code="url_invalid", param="url")
    endpoint = {
        "id": new_id("we"),
        "object": KIND,
        "api_version": params.get("api_version", VERSION),
        "application": None,
        "created": account.now,
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "status": "enabled",
        "url": params["url"],
        "_secret": f"whsec_{secrets.token_hex(24)}",
    }
    account.put(endpoint)
    return endpoint | {"secret": endpoint["_secret"]}


def _is_here(url: str) -> bool:
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:  # a port that is none
        return False
    return address.scheme == "http" and address.hostname in HERE and port != 0


def remove(account: Account, name: str) -> dict[str, Any]:
    account.get(KIND, name)
    account.store.forget(name)
    return {"id": name, "object": KIND, "deleted": True}


def signature(body: bytes, secret: str, at: int) -> str:
    """Return the header Stripe-Signature for a body that is sent at this time."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def faulted(account: Account, faults: Faults, delivery: Thing) -> bool:
    """Let a fault happen to a delivery that has not met one yet. Returns whether it must not be sent now."""
    if delivery.get("_faulted"):
        return False
    event = account.get("event", delivery["_event"])
    fault = faults.pick(WEBHOOKS, event["type"])
    delivery |= {"_faulted": True}
    if fault is None:
        return False
    if fault.kind == "webhook_lost":
        account.store.forget(delivery["id"])
    elif fault.kind == "webhook_duplicate":
        account.store.put("delivery", delivery | {"id": new_id("dlv")})
        account.store.put("delivery", delivery)
    else:
        account.store.put("delivery", delivery | _postponed(account, faults, fault))
    return True


def _postponed(account: Account, faults: Faults, fault: Fault) -> dict[str, Any]:
    """Return when a late delivery is due. Shuffled ones of the same span are due together, in a random order."""
    if fault.kind == "webhook_late":
        return {"_due": account.moment + fault.seconds}
    span = fault.seconds or 1.0
    return {"_due": (math.floor(account.moment / span) + 1) * span, "_rank": faults.rank()}


def send(account: Account, delivery: Thing) -> bool:
    """Send an event to its endpoint. Returns whether the endpoint took it: it answered 2xx in time."""
    endpoint = account.store.find(KIND, delivery["_parent"])
    event = account.store.find("event", delivery["_event"])
    if endpoint is None or event is None:
        return True
    body = json.dumps(public(event), separators=(",", ":")).encode()
    # The receivers' clock is the machine's, whatever the account's is.
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(body, endpoint["_secret"], int(time.time())),
        "User-Agent": "Stripe/1.0 (local)",
    }
    address = urlsplit(endpoint["url"])
    connection = http.client.HTTPConnection(address.hostname or HERE[0], address.port, timeout=PATIENCE)
    path = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
    try:
        connection.request("POST", path, body, headers)
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def note(account: Account, delivery: Thing, *, taken: bool) -> None:
    """Write down how a delivery went: done, to be tried again, or given up."""
    tries = delivery["_tries"]
    event = account.store.find("event", delivery["_event"])
    if taken or tries >= len(PAUSES):
        account.store.forget(delivery["id"])
        if taken and event is not None:
            account.put(event | {"pending_webhooks": max(0, event["pending_webhooks"] - 1)})
    else:
        account.store.put("delivery", delivery | {"_tries": tries + 1, "_due": account.moment + PAUSES[tries]})
