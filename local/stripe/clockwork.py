"""
Do what is due: deliver webhooks, end authorisations, codes and sessions, finish refunds and payouts.

Called by   local/stripe/server.py, in a thread of its own; tests call `run_due` themselves
Returns     nothing
"""

import threading
from collections.abc import Callable

from local.stripe import balance, charging, refunds, sessions, webhooks
from local.stripe.account import Account
from local.stripe.faults import Faults
from local.stripe.store import Thing

LONGEST_WAIT = 30.0  # seconds; a change wakes it before


class Clockwork:
    """A thread that sleeps until something is due."""

    def __init__(self, account: Account, faults: Faults) -> None:
        self._account = account
        self._faults = faults
        self._changed = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="clockwork", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._changed.set()

    def stop(self) -> None:
        self._ending = True
        self.wake()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending:
            self._changed.clear()
            run_due(self._account, self._faults, stop=lambda: self._ending)
            upcoming = self._account.store.next_due()
            wait = LONGEST_WAIT if upcoming is None else min(max(upcoming - self._account.moment, 0.0), LONGEST_WAIT)
            self._changed.wait(wait)


def run_due(account: Account, faults: Faults, stop: Callable[[], bool] = lambda: False) -> int:
    """
    Do everything that is due now, in the order of time. Returns how many things were done.

    One caller does it at a time, so nothing is delivered by two.
    """
    done = 0
    with account.turn:
        while not stop():
            found = account.store.due(account.moment)
            if found is None:
                break
            _do(account, faults, *found)
            done += 1
    return done


def _do(account: Account, faults: Faults, kind: str, thing: Thing) -> None:
    if kind == "delivery":
        _deliver(account, faults, thing)
        return
    with account.store.transaction():
        present = account.store.find(kind, thing["id"])  # a request may have come between
        if present is None or present.get("_due") is None or present["_due"] > account.moment:
            return
        if kind == "payment_intent":
            charging.expire(account, present)
        elif kind == "refund":
            refunds.finish(account, present)
        elif kind == "payout":
            balance.arrive(account, present)
        else:
            sessions.expire(account, faults, present["id"], {})


def _deliver(account: Account, faults: Faults, delivery: Thing) -> None:
    """Deliver outside of any transaction: the receiver may call this server before it answers."""
    with account.store.transaction():
        if webhooks.faulted(account, faults, delivery):
            return
    taken = webhooks.send(account, delivery)
    with account.store.transaction():
        webhooks.note(account, delivery, taken=taken)
