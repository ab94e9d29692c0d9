"""
Read all carriers from their pack, with the rate cards of today; they are kept for a minute.

Called by   comanda.aws.routing.inputs; functions/route and price
Returns     Carriers of the domain; a pack of the same version is not parsed twice
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any

from comanda.aws.directory import directory, emission_factors, node_entries
from comanda.aws.runtime import clock
from comanda.domain.shipping.carriers import Carrier, Collection, Service
from comanda.domain.shipping.rate_cards import RateCard, Tariff


def carriers() -> tuple[Carrier, ...]:
    """Return every carrier, in order of id, with the rate cards of today."""
    kept: _Pack = directory.packed(directory.CARRIER, lambda rows: _Pack(rows=tuple(with_rate_cards(rows))))
    return kept.on(clock.now().date().isoformat())


def with_rate_cards(packed: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the carriers' rows of a pack, each with its rate cards. In the pack, a card is a row that names its carrier."""
    rows, cards = [], dict[str, list[dict[str, Any]]]()
    for row in packed:
        if "carrier" in row:
            cards.setdefault(row["carrier"], []).append(row)
        else:
            rows.append(row)
    return [{"cards": cards.get(row["id"], []), **row} for row in rows]


@dataclass(slots=True, kw_only=True)
class _Pack:
    """The rows of a pack, and the carriers of the last day in use: a card may begin or end between two packs."""

    rows: tuple[dict[str, Any], ...]
    day: str = ""
    carriers: tuple[Carrier, ...] = ()

    def on(self, day: str) -> tuple[Carrier, ...]:
        """Return the carriers with the rate cards of a UTC day."""
        if day != self.day:
            self.carriers, self.day = tuple(carrier(row, day) for row in self.rows), day
        return self.carriers


def carrier(row: dict[str, Any], day: str = "") -> Carrier:
    """Return the carrier of a packed row: a document with its id, its calendar's document and its rate cards inside.

    Each service gets the rate card that is in force on the UTC day `day`, and no card without a day.
    """
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
    # Hundreds of nodes have the same few collection times: equal times share one tuple, so their dates are computed once.
    alike: dict[tuple[Collection, ...], tuple[Collection, ...]] = {}
    return Carrier(
        carrier_id=row["id"],
        country=row["country"],
        calendar=node_entries.calendar(row["calendar"]),
        services={
            doc["service"]: _service(doc, row["country"], _in_force(doc, row.get("cards", ()), day))
            for doc in row["services"]
        },
        collections={node: alike.setdefault(tuple(rows), tuple(rows)) for node, rows in collections.items()},
    )


def _in_force(service: dict[str, Any], cards: Iterable[dict[str, Any]], day: str) -> RateCard | None:
    """Return the rate card of a service on a day: the card that began last, then the first by id.

    A card in another currency than the service's price is ignored: the carrier has changed its currency since.
    """
    own = [
        _card(doc)
        for doc in cards
        if doc["service"] == service["service"] and doc["currency"] == service["price"]["currency"]
    ]
    first_by_id = sorted((card for card in own if card.in_force(day)), key=lambda card: card.card_id)
    return max(first_by_id, key=lambda card: card.starts, default=None)


def _card(doc: dict[str, Any]) -> RateCard:
    lanes = doc["lanes"]
    return RateCard(
        card_id=doc["id"],
        version=doc["version"],
        currency=doc["currency"],
        zones={
            name: Tariff(
                steps=tuple((step["up_to_g"], step["micros"]) for step in zone["steps"]), per_kg=zone["per_kg_micros"]
            )
            for name, zone in doc["zones"].items()
        },
        bands=tuple((band.get("up_to_km"), band["zone"]) for band in doc["bands"]),
        regions={(lane["origin"], to): zone for lane in lanes for to, zone in lane["regions"].items()},
        postal={(lane["origin"], to): zone for lane in lanes for to, zone in lane["postal"].items()},
        dim_divisor=doc.get("dim_divisor"),
        round_up_g=doc["round_up_g"],
        per_package=doc["per_package_micros"],
        fuel_basis_points=doc["fuel_basis_points"],
        starts=doc["valid_from"],
        ends=doc.get("valid_until"),
    )


def _service(doc: dict[str, Any], country: str, card: RateCard | None) -> Service:
    price, lanes, carton = doc["price"], doc.get("lanes", ()), doc.get("carton")
    return Service(
        service=doc["service"],
        mode=doc["mode"],
        g_per_tonne_km=emission_factors.g_per_tonne_km(doc["factor"])
        if "factor" in doc
        else doc["g_co2e_per_tonne_km"],
        detour_percent=emission_factors.detour_percent(doc["mode"], country),
        feeders=tuple(
            (feeder["km"], emission_factors.g_per_tonne_km(feeder["factor"])) for feeder in doc.get("feeders", ())
        ),
        base=price["base_micros"],
        per_km=price["per_km_micros"],
        per_kg=price["per_kg_micros"],
        currency=price["currency"],
        max_package_g=doc["max_package_g"],
        carton_mm=tuple(carton["inside_mm"]) if carton else None,
        fill_percent=carton.get("fill_percent", 80) if carton else 80,
        card=card,
        bands=tuple((band.get("up_to_km"), band["days"]) for band in doc["bands"]),
        regions={(lane["origin"], to): days for lane in lanes for to, days in lane["regions"].items()},
        postal={(lane["origin"], to): days for lane in lanes for to, days in lane["postal"].items()},
    )
