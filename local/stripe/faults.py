"""
Choose the faults that requests and webhooks meet, by count or by a seeded probability.

Called by   local/stripe/api.py, webhooks.py, charging.py, doors.py
Returns     Fault
Raises      Refused for a fault that does not exist

| fault | does |
|---|---|
| `timeout_before` | no answer, and no effect; the request may come again |
| `timeout_after` | the effect, and no answer |
| `error_before` | 500 without effect, which no Idempotency-Key remembers |
| `error_stored` | 500 without effect, which the Idempotency-Key remembers |
| `error_after` | the effect, and 500, which the Idempotency-Key remembers |
| `rate_limit` | 429 without effect |
| `slow` | the right answer, `seconds` later |
| `decline` | a card is declined with `code`, whatever card it is: a charge, an increase (`path`: increment), a capture (`path`: capture) |
| `webhook_lost` | never delivered; the event stays in the list of events |
| `webhook_duplicate` | delivered twice |
| `webhook_late` | delivered `seconds` later |
| `webhook_shuffled` | delivered within `seconds`, in a random order |
"""

import random
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from local.stripe.refusals import Refused

CALLS = ("timeout_before", "timeout_after", "error_before", "error_stored", "error_after", "rate_limit", "slow")
WEBHOOKS = ("webhook_lost", "webhook_duplicate", "webhook_late", "webhook_shuffled")
KINDS = (*CALLS, "decline", *WEBHOOKS)
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("kind", "path", "code"), (str,)),
    "count": (int,),
    **dict.fromkeys(("chance", "seconds"), (int, float)),
}


@dataclass(slots=True, kw_only=True)
class Fault:
    """
    One fault and how often it happens.

    path     a part of the request's path, or of the event's type; "" for all of them
    count    how many times it happens, from now on; None without limit
    chance   how probable it is each time
    seconds  how long a time-out or a delay lasts; a time-out of 0 closes the connection at once
    """

    kind: str
    path: str = ""
    count: int | None = None
    chance: float = 1.0
    seconds: float = 0.0
    code: str = "generic_decline"


class Faults:
    """The faults that are set, in order: the first one that fits and happens is the one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._dice = random.Random(0)
        self._set: list[Fault] = []

    def add(self, wanted: list[Mapping[str, Any]], seed: int | None = None) -> list[dict[str, Any]]:
        """Add faults. With a seed, the same requests in the same order meet the same faults."""
        fresh = [_fault(one) for one in wanted]
        with self._lock:
            if seed is not None:
                self._dice.seed(seed)
            self._set += fresh
        return self.listed()

    def clear(self) -> None:
        with self._lock:
            self._set = []

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._set]

    def pick(self, kinds: tuple[str, ...], subject: str) -> Fault | None:
        """Return the fault of these kinds that happens to a request's path or an event's type now, or None."""
        with self._lock:
            for fault in self._set:
                if fault.kind not in kinds or fault.path not in subject or fault.count == 0:
                    continue
                if fault.chance >= 1 or self._dice.random() < fault.chance:
                    if fault.count is not None:
                        fault.count -= 1
                    return fault
        return None

    def rank(self) -> float:
        """Return a random place in an order."""
        with self._lock:
            return self._dice.random()


def _fault(wanted: Mapping[str, Any]) -> Fault:
    if not isinstance(wanted, Mapping) or wanted.get("kind") not in KINDS:
        raise Refused.unread(f"A fault has a kind: one of {', '.join(KINDS)}", "kind")
    for name, value in wanted.items():
        if name not in _TYPES:
            raise Refused.unread(f"A fault has: {', '.join(_TYPES)}", str(name)[:40])
        if isinstance(value, bool) or not isinstance(value, _TYPES[name]):
            raise Refused.unread(f"The {name} of a fault has another type", name)
    return Fault(**wanted)
