"""
Make the scene of a promise: a basket of 10 lines, 500 nodes in 4 time zones, two carriers. Each sku is on the shelves of six
nodes in ten and on its way to the warehouses. All caches of a minute are filled.

Called by   bench/events.py, bench/promise.py
"""

import json
from random import Random
from typing import Any

from bench import scenes

SEED, NODES, STOCKED = 20261122, 500, 0.6
SUPPLY = {
    "type": "PURCHASE_ORDER",
    "eta": "2026-12-01",
    "quantity": 50,
    "excluded": 0,
    "receiving_days": 1,
    "grace_days": 3,
}
ZONES = {
    "America/New_York": ((28.0, 44.0), (-84.0, -72.0), "NY"),
    "America/Chicago": ((30.0, 45.0), (-97.0, -86.0), "IL"),
    "America/Denver": ((33.0, 46.0), (-112.0, -104.0), "CO"),
    "America/Los_Angeles": ((33.0, 47.0), (-122.0, -115.0), "CA"),
}


def nodes(count: int = NODES) -> list[dict[str, Any]]:
    """Return the packed rows of nodes. One in fifty is a warehouse."""
    random, zones = Random(SEED), list(ZONES)
    rows = []
    for n in range(count):
        zone = zones[n % len(zones)]
        north, east, region = ZONES[zone]
        hours = [{"weekday": day, "opens": "08:00", "closes": "21:00"} for day in range(7)]
        rows.append(
            {
                "id": f"node-{n:03d}",
                "type": "STORE" if n % 50 else "WAREHOUSE",
                "country": "US",
                "region": region,
                "latitude": round(random.uniform(*north), 4),
                "longitude": round(random.uniform(*east), 4),
                "ship": True,
                "pickup": n % 50 != 0,
                "accept_minutes": 120,
                "ship_minutes": 1440,
                "processing_minutes": 90,
                "cut_off": "15:00",
                "calendar": {"timezone": zone, "hours": hours, "closed": ["2026-11-26", "2026-12-25"]},
            }
        )
    return rows


def carriers(count: int = NODES) -> list[dict[str, Any]]:
    calendar = {
        "timezone": "America/New_York",
        "hours": [{"weekday": day, "opens": "06:00", "closes": "22:00"} for day in range(6)],
        "closed": ["2026-11-26", "2026-12-25"],
    }
    lanes = [{"origin": region, "regions": {"NY": 2, "IL": 3}, "postal": {}} for region in ("NY", "IL")]
    bands = [{"up_to_km": 300, "days": 1}, {"up_to_km": 1500, "days": 3}, {"days": 6}]
    return [
        {
            "id": f"carrier-{n}",
            "country": "US",
            "calendar": calendar,
            "services": [
                {
                    "service": service,
                    "mode": mode,
                    "g_co2e_per_tonne_km": carbon,
                    "price": {"currency": "USD", "base_micros": base + n, "per_km_micros": 900, "per_kg_micros": 1000},
                    "max_package_g": 30_000,
                    "bands": bands,
                    "lanes": lanes,
                }
                for service, mode, carbon, base in (
                    ("STANDARD", "ROAD", 110, 5_400_000),
                    ("EXPRESS", "AIR", 800, 14_900_000),
                )
            ],
            "collections": [
                {"node_id": f"node-{node:03d}", "weekday": day, "at": "17:00", "cut_off_minutes": 30}
                for node in range(count)
                for day in range(6)
            ],
        }
        for n in range(2)
    ]


def positions(count: int = NODES) -> dict[str, list[dict[str, Any]]]:
    """Return partition -> the items of a sku, as the Stock table answers them."""
    from comanda.aws.dynamodb.items import item

    random = Random(SEED + 1)
    pages: dict[str, list[dict[str, Any]]] = {}
    for n in range(scenes.LINES):
        sku = f"SKU-{n:03d}"
        for node in range(count):
            if random.random() < STOCKED:
                units = random.randint(1, 30)
                supplied = not node % 50
                row = {
                    "pk": f"S#{sku}",
                    "sk": f"P#node-{node:03d}",
                    "gsi2pk": f"N#node-{node:03d}#{n % 4}",
                    "gsi2sk": sku,
                    "sku": sku,
                    "node": f"node-{node:03d}",
                    "on_hand": {"sellable": units + 2},
                    "hard": {"2026-11-22": 2},
                    "soft": {},
                    "supplies": {"po-1": SUPPLY} if supplied else {},
                    "free": units,
                    "glance": [f"node-{node:03d}"] if supplied else f"node-{node:03d}",
                    "rev": 7,
                }
                pages.setdefault(f"S#{sku}", []).append(item(row))
    return pages


def basket() -> dict[str, Any]:
    return {
        "channel": "web",
        "lines": [{"line_id": str(n), "sku": f"SKU-{n:03d}", "quantity": 1 + n % 3} for n in range(scenes.LINES)],
        "to": {"country": "US", "region": "NY", "postal_code": "10001", "latitude": 40.7, "longitude": -74.0},
    }


def scene(count: int = NODES) -> dict[str, Any]:
    """Return the scene with so many nodes."""
    from comanda.aws.dynamodb.items import item

    packs = {
        name: [item({"version": 1, "doc": json.dumps(rows)})]
        for name, rows in (("PACK#nodes", nodes(count)), ("PACK#carriers", carriers(count)))
    }
    pages = positions(count)
    supplied = {
        f"{row['pk']['S']} {row['sk']['S']}": row for page in pages.values() for row in page if row["supplies"]["M"]
    }
    return {
        "event": scenes.gateway_event("POST", "/v1/promises", "/v1/promises", basket()),
        "items": scenes.directory_rows() | supplied,
        "pages": pages | packs,
        "large": True,
    }
