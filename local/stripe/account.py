"""
Hold one account: its objects, its clock, what it may do, and the events that its changes make.

Called by   every part of local/stripe that changes something
Returns     objects
Raises      Refused for an id that names nothing
"""

import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.stripe.refusals import Refused
from local.stripe.store import Store, Thing, public

VERSION = "2026-10-28.endive"  # the version whose shapes are answered: that of the SDK which judges them
DAY = 86_400
NOUNS = {
    "charge": "charge",
    "checkout.session": "checkout session",
    "customer": "customer",
    "payment_intent": "payment_intent",
    "payment_method": "PaymentMethod",
}
# What an account may do, and its terms. `POST /_account` changes any of them.
TERMS: dict[str, Any] = {
    "multi_capture": False,  # several captures of one authorisation
    "incremental": False,  # a larger amount for an authorisation
    "pix": True,
    "authorization_days": 7,
    "settlement_days": 2,  # until money of a charge is available
    "search_delay": 0,  # seconds until a search finds a new payment
    "fee_basis_points": 290,
    "fee_fixed": {"usd": 30, "brl": 39, "eur": 25, "gbp": 20, "jpy": 0},
}


class Account:
    """An account and its objects. Whoever changes something does it within `store.transaction()`."""

    def __init__(self, path: Path | None = None) -> None:
        self.store = Store(path)
        self.address = "http://127.0.0.1"  # of the server, where a session has its page
        self.turn = threading.Lock()  # of whoever does what is due
        self.request: dict[str, Any] = {"id": None, "idempotency_key": None}  # the one whose effect is being made

    @property
    def now(self) -> int:
        return int(self.moment)

    @property
    def moment(self) -> float:
        """The account's time: the machine's, moved by what `advance` was told."""
        offset: float = self.store.setting("offset", 0)
        return time.time() + offset

    def advance(self, seconds: float) -> None:
        with self.store.transaction():
            self.store.set("offset", self.store.setting("offset", 0) + seconds)

    @property
    def terms(self) -> dict[str, Any]:
        changed: dict[str, Any] = self.store.setting("terms", {})
        return TERMS | changed

    def change_terms(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(changes) - set(TERMS))
        if unknown:
            raise Refused.unread(f"An account has no term {unknown[0]}; it has: {', '.join(sorted(TERMS))}", unknown[0])
        for name, value in changes.items():
            if type(value) is not type(TERMS[name]):
                raise Refused.unread(f"{name} is a {type(TERMS[name]).__name__}, such as {TERMS[name]}", name)
        with self.store.transaction():
            self.store.set("terms", self.store.setting("terms", {}) | dict(changes))
        return self.terms

    def get(self, kind: str, name: str, param: str = "id") -> Thing:
        found = self.store.find(kind, name)
        if found is None:
            raise Refused.missing(NOUNS.get(kind, kind), name, param)
        return found

    def put(self, thing: Thing) -> Thing:
        self.store.put(thing["object"], thing)
        return thing

    def emit(self, kind: str, thing: Thing, before: Mapping[str, Any] | None = None) -> None:
        """Write an event, and a delivery of it for each endpoint that wants it. `before` has the fields that changed."""
        data = {"object": public(thing)} | ({"previous_attributes": dict(before)} if before else {})
        event = {
            "id": new_id("evt"),
            "object": "event",
            "account": None,
            "api_version": VERSION,
            "context": None,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": dict(self.request),
            "type": kind,
            "_parent": thing["id"],
        }
        for endpoint in self.store.every("webhook_endpoint"):
            if endpoint["status"] == "enabled" and {"*", kind} & set(endpoint["enabled_events"]):
                event["pending_webhooks"] += 1
                self.store.put(
                    "delivery",
                    {
                        "id": new_id("dlv"),
                        "_event": event["id"],
                        "_parent": endpoint["id"],
                        "_due": self.moment,
                        "_tries": 0,
                    },
                )
        self.put(event)


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"
