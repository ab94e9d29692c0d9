"""
Make the scene of a page that asks for the availability of skus at 500 nodes. Tables answer with summaries, or all positions.

Called by   bench/events.py, bench/stock.py
"""

import json
from typing import Any

from bench import scenes

NODES = 500
METHODS = ("SHIP", "PICKUP")
DAYS = ("20261122", "20261125", "20261201", "20261215")


def scene_of(skus: int) -> dict[str, Any]:
    """Return a scene with summaries and positions: each handler reads the ones that it needs."""
    names = [f"SKU-{n:03d}" for n in range(skus)]
    return {
        "event": scenes.gateway_event(
            "POST", "/v1/availability", "/v1/availability", {"skus": names, "channel": "web"}
        ),
        "items": {
            **scenes.directory_rows(),
            **{f"A#{name} *#{method}": summary(name, method) for name in names for method in METHODS},
        },
        "pages": {f"S#{name}": [position(name, n) for n in range(NODES)] for name in names},
        "large": True,
    }


def summary(sku: str, method: str) -> dict[str, Any]:
    """Return a summary as `comanda.aws.stock_views.summaries` writes it, with four dates."""
    return {
        "pk": {"S": f"A#{sku}"},
        "sk": {"S": f"*#{method}"},
        "steps": {"S": " ".join(f"{day}:{1000 + n * 500}" for n, day in enumerate(DAYS))},
        "as_of": {"S": "2026-11-22T10:00:00.000Z"},
        "own": {"L": []},
    }


def position(sku: str, node: int) -> dict[str, Any]:
    """Return a position as `comanda.aws.stock.position_writes` writes it, with some demand and one supply."""
    supply = {
        "type": {"S": "PURCHASE_ORDER"}, "eta": {"S": "2026-11-25"}, "quantity": {"N": "20"}, "excluded": {"N": "0"},
        "receiving_days": {"N": "0"}, "grace_days": {"N": "3"},
    }  # fmt: skip
    return {
        "pk": {"S": f"S#{sku}"},
        "sk": {"S": f"P#node-{node:03d}"},
        "gsi2pk": {"S": f"N#node-{node:03d}#1"},
        "gsi2sk": {"S": sku},
        "sku": {"S": sku},
        "node": {"S": f"node-{node:03d}"},
        "on_hand": {"M": {"sellable": {"N": "12"}}},
        "hard": {"M": {"2026-11-22": {"N": "2"}}},
        "soft": {"M": {}},
        "supplies": {"M": {"po-1": {"M": supply}}},
        "free": {"N": "10"},
        "rev": {"N": "7"},
    }


def size(item: dict[str, Any]) -> int:
    """Return the bytes of an item, measured as JSON without its type marks."""
    return len(json.dumps(_plain(item), separators=(",", ":")))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("S", "N", "M", "L"):
            return _plain(next(iter(value.values())))
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
