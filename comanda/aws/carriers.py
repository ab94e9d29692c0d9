"""
The carriers, as a router reads them: from their pack, whole, kept for a minute.

Called by   functions/route, functions/promise
Returns     carriers of the domain; a pack of the same version is not unpacked twice
"""

from datetime import time
from typing import Any

from comanda.aws import directory
from comanda.domain.carriers import Carrier, Collection, Service


def carriers() -> tuple[Carrier, ...]:
    """Every carrier, by id."""
    found: tuple[Carrier, ...] = directory.packed(directory.CARRIER, lambda rows: tuple(map(carrier, rows)))
    return found


def carrier(row: dict[str, Any]) -> Carrier:
    """A carrier from its packed row: its document, with its id and its calendar's document inside."""
    collections: dict[str, list[Collection]] = {}
    for one in row.get("collections", ()):
        collections.setdefault(one["node_id"], []).append(
            Collection(
                weekday=one["weekday"],
                at=time.fromisoformat(one["at"]),
                cut_off_minutes=one["cut_off_minutes"],
                service=one.get("service"),
            )
        )
    return Carrier(
        carrier_id=row["id"],
        country=row["country"],
        calendar=directory.calendar(row["calendar"]),
        services={doc["service"]: _service(doc) for doc in row["services"]},
        collections={node: tuple(rows) for node, rows in collections.items()},
    )


def _service(doc: dict[str, Any]) -> Service:
    price, lanes = doc["price"], doc.get("lanes", ())
    return Service(
        service=doc["service"],
        mode=doc["mode"],
        g_per_tonne_km=doc["g_co2e_per_tonne_km"],
        base=price["base_micros"],
        per_km=price["per_km_micros"],
        per_kg=price["per_kg_micros"],
        currency=price["currency"],
        max_package_g=doc["max_package_g"],
        bands=tuple((band.get("up_to_km"), band["days"]) for band in doc["bands"]),
        regions={(lane["origin"], to): days for lane in lanes for to, days in lane["regions"].items()},
        postal={(lane["origin"], to): days for lane in lanes for to, days in lane["postal"].items()},
    )
