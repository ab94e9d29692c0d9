"""
Answer the doors that Stripe does not have: what the payer, the bank and time do, faults, and a look at everything.

Called by   local/stripe/server.py
Returns     a JSON value, or the text of a report
Raises      Refused

| door | does |
|---|---|
| `GET /_health` | says that the server answers, and which process it is, without a key |
| `GET /_state` | lists everything: terms, objects, sums, what is to be delivered |
| `POST /_account {term: value}` | changes what the account may do |
| `POST /_clock {"advance": seconds}` | moves the account's time on, and does what has become due |
| `POST /_authenticate {"payment_intent", "succeeds"}` | lets the holder of a card prove who they are, or fail |
| `POST /_pay {"payment_intent"}` | lets somebody pay a Pix code |
| `POST /_pay {"session", "payment_method"}` | lets the customer pay at a session's page, with a card or with "pix" |
| `POST /_dispute {"payment_intent"}` | lets the bank of a card take a captured payment back |
| `POST /_dispute {"dispute", "status"}` | lets the bank decide: won or lost |
| `POST /_payout` | pays out what is available, as the bank's daily payout does |
| `GET /_report` | the balance report as CSV; `?from=` and `&to=` in seconds |
| `GET /_faults`, `POST /_faults {"faults": [...], "seed"}`, `DELETE /_faults` | lists, adds, clears faults |
| `POST /_reset` | forgets every object, fault and remembered answer; terms and endpoints too |
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from local.stripe import balance, charging, clockwork, disputes, refunds, report, sessions
from local.stripe.account import VERSION, Account
from local.stripe.faults import Faults
from local.stripe.refusals import Refused
from local.stripe.store import public

KINDS = (
    "balance_transaction",
    "charge",
    "checkout.session",
    "customer",
    "dispute",
    "event",
    "payment_intent",
    "payment_method",
    "payout",
    "refund",
    "webhook_endpoint",
)
FURTHEST = 400 * 86_400  # seconds that the clock moves on at once


class Doors:
    """The doors of one account."""

    def __init__(self, account: Account, faults: Faults) -> None:
        self._account = account
        self._faults = faults
        self._doors: dict[tuple[str, str], Callable[[Mapping[str, Any]], Any]] = {
            ("GET", "/_health"): lambda _: {"stripe": VERSION, "pid": os.getpid()},
            ("GET", "/_state"): lambda _: self.state(),
            ("GET", "/_account"): lambda _: self._account.terms,
            ("POST", "/_account"): self._account.change_terms,
            ("POST", "/_clock"): self._advance,
            ("POST", "/_authenticate"): self._authenticate,
            ("POST", "/_pay"): self._pay,
            ("POST", "/_dispute"): self._dispute,
            ("POST", "/_payout"): lambda _: self._within(lambda: balance.pay_out_all(self._account)),
            ("GET", "/_report"): self._report,
            ("GET", "/_faults"): lambda _: self._faults.listed(),
            ("POST", "/_faults"): lambda given: self._faults.add(given.get("faults", [given]), given.get("seed")),
            ("DELETE", "/_faults"): lambda _: self._clear(),
            ("POST", "/_reset"): lambda _: self._reset(),
        }

    def answer(self, method: str, path: str, content: str) -> Any:
        """Answer a door. The content is JSON, or the query of a GET."""
        door = self._doors.get((method, path))
        if door is None:
            raise Refused(f"There is no door {method} {path[:40]}.", status=404)
        if method == "GET":
            given: Any = dict(parse_qsl(content))
        else:
            given = _json(content)
        return public(door(given))

    def state(self) -> dict[str, Any]:
        """Return everything that the account has, and the sums that must hold."""
        with self._account.store.lock:
            things = {kind: self._account.store.every(kind) for kind in KINDS}
            net: Counter[str] = Counter()
            for transaction in things[balance.KIND]:
                net[transaction["currency"]] += transaction["net"]
            return {
                "now": self._account.now,
                "terms": self._account.terms,
                "balance": balance.balance(self._account),
                "net": dict(net),
                "refundable": {
                    charge["id"]: refunds.refundable(self._account, charge)
                    for charge in things["charge"]
                    if charge["amount_captured"]
                },
                "deliveries": len(self._account.store.every("delivery")),
                **{kind: public(found) for kind, found in things.items()},
            }

    def _clear(self) -> list[Any]:
        self._faults.clear()
        return []

    def _within(self, act: Callable[[], Any]) -> Any:
        with self._account.store.transaction():
            self._account.request = {"id": None, "idempotency_key": None}
            return act()

    def _advance(self, given: Mapping[str, Any]) -> dict[str, Any]:
        seconds = given.get("advance")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= FURTHEST:
            raise Refused.unread(f"advance is a number of seconds from 0 to {FURTHEST}", "advance")
        self._account.advance(seconds)
        return {"now": self._account.now, "done": clockwork.run_due(self._account, self._faults)}

    def _authenticate(self, given: Mapping[str, Any]) -> Any:
        succeeds = given.get("succeeds", True)
        if not isinstance(succeeds, bool):
            raise Refused.unread("succeeds is true or false", "succeeds")
        name = _text(given, "payment_intent")
        return self._within(
            lambda: charging.authenticate(
                self._account, self._faults, self._account.get("payment_intent", name), succeeds=succeeds
            )
        )

    def _pay(self, given: Mapping[str, Any]) -> Any:
        if "session" in given:
            name, method = _text(given, "session"), _text(given, "payment_method")
            return self._within(lambda: sessions.pay(self._account, self._faults, name, method))
        name = _text(given, "payment_intent")
        return self._within(lambda: charging.pay_pix(self._account, self._account.get("payment_intent", name)))

    def _dispute(self, given: Mapping[str, Any]) -> Any:
        if "dispute" in given:
            name, status = _text(given, "dispute"), _text(given, "status")
            return self._within(lambda: disputes.end(self._account, name, status))
        payment = _text(given, "payment_intent")
        return self._within(lambda: disputes.dispute(self._account, payment))

    def _report(self, given: Mapping[str, Any]) -> str:
        for name in ("from", "to"):
            if not given.get(name, "0").isdigit():
                raise Refused.unread(f"{name} is a time in seconds", name)
        return report.write(self._account, int(given.get("from", 0)), int(given["to"]) if "to" in given else None)

    def _reset(self) -> dict[str, Any]:
        self._faults.clear()
        with self._account.store.transaction():
            self._account.store.empty()
            for setting in ("offset", "terms"):
                self._account.store.set(setting, {} if setting == "terms" else 0)
        return {"emptied": True}


def _json(content: str) -> Any:
    try:
        given = json.loads(content or "{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refused.unread("The body is a JSON object", "body")
    return given


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise Refused.unread(f"{name} is the id of an object", name)
    return value
