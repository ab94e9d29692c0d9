"""
Give the page of all components their examples. The page holds no data of the retailer.

Called by   functions/console/pages/kit.py; bench/pages.py; tests/browser
Returns     the facts of templates/kit.html

Names and texts are such that a careless template would break: Arabic, an emoji, markup, a name without a space.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

ZONE = "America/Sao_Paulo"
STATUSES = ("CREATED", "SCHEDULED", "PICKING", "UNSCHEDULED", "SHIPPED", "CANCELLED")


def facts(now: datetime) -> dict[str, Any]:
    """Return the facts of the kit page at a moment, from which its countdowns run."""
    return {
        "now": now.astimezone(UTC),
        "zone": ZONE,
        "soon": now + timedelta(minutes=9, seconds=58),
        "later": now + timedelta(hours=26),
        "past": now - timedelta(minutes=3),
        "statuses": STATUSES,
        "rows": _example_orders(now),
        "history": _history(now),
        "refused": False,
        "live": False,
        "key": "01JEXAMPLE0000000000000000",
    }


def _example_orders(now: datetime) -> list[dict[str, Any]]:
    people = (
        ("WEB-10231", "Ana Beatriz Carvalho", 130499, "BRL", "PICKING", None),
        ("WEB-10232", "\u0641\u0627\u0637\u0645\u0629 \u0627\u0644\u0632\u0647\u0631\u0627\u0621", 8990, "USD", "UNSCHEDULED", "bad"),
        ("POS-88117", "O\u2019Brien & Sons <wholesale> \U0001f375", 1250000, "JPY", "SCHEDULED", None),
        ("EDI-2026-11-29-000017", "Donaudampfschifffahrtselektrizit\u00e4tenhauptbetriebswerk", 99, "USD", "SHIPPED", None),
        ("WEB-10236", "{{ 7 * 7 }}", 45000, "EUR", "CREATED", "warn"),
    )  # fmt: skip
    return [
        {
            "number": number,
            "customer": customer,
            "total": total,
            "currency": currency,
            "status": status,
            "tone": tone,
            "at": now - timedelta(seconds=2400 * (n + 1) ** 2),
        }
        for n, (number, customer, total, currency, status, tone) in enumerate(people)
    ]


def _history(now: datetime) -> list[dict[str, Any]]:
    return [
        {"at": now - timedelta(hours=5), "tone": "", "text": "placed", "who": ""},
        {"at": now - timedelta(hours=4), "tone": "warn", "text": "held", "who": "Ana"},
        {"at": now - timedelta(hours=3), "tone": "busy", "text": "confirmed", "who": "Ana"},
        {"at": now - timedelta(hours=1), "tone": "good", "text": "shipped", "who": "\u0641\u0627\u0637\u0645\u0629"},
    ]
