"""
Find the time zone of a destination: by its region, else the time zone of the nearest node.

A region with two time zones gets the one in which most of its people live. Names are those of the IANA database.
"""

from collections.abc import Iterable

from comanda.domain.geography.distance import distance_km
from comanda.domain.nodes.node import Node

BY_REGION = "region"
BY_NODE = "nearest-node"

_REGIONS = {
    "US": {
        "America/New_York": "AA CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        "America/Denver": "CO ID MT NM UT WY",
        "America/Phoenix": "AZ",
        "America/Los_Angeles": "CA NV OR WA",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
        "America/Puerto_Rico": "PR VI",
        "Pacific/Guam": "GU MP",
        "Pacific/Pago_Pago": "AS",
        # Military post goes to a whole part of the world: this is the zone of most of it.
        "Europe/Berlin": "AE",
        "Asia/Tokyo": "AP",
    },
    "BR": {
        "America/Sao_Paulo": "DF ES GO MG PR RJ RS SC SP",
        "America/Bahia": "BA",
        "America/Fortaleza": "CE MA PB PI RN",
        "America/Recife": "PE",
        "America/Maceio": "AL SE",
        "America/Belem": "AP PA",
        "America/Araguaina": "TO",
        "America/Manaus": "AM",
        "America/Porto_Velho": "RO",
        "America/Boa_Vista": "RR",
        "America/Cuiaba": "MT",
        "America/Campo_Grande": "MS",
        "America/Rio_Branco": "AC",
    },
}
ZONE_BY_REGION = {
    (country, region): zone
    for country, zones in _REGIONS.items()
    for zone, names in zones.items()
    for region in names.split()
}


def destination_zone(
    country: str, region: str, at: tuple[float, float] | None, nodes: Iterable[Node]
) -> tuple[str, str]:
    """Return the IANA name of the time zone, and BY_REGION or BY_NODE. UTC if there is neither a region nor a node."""
    named = ZONE_BY_REGION.get((country, region.upper()))
    if named:
        return named, BY_REGION
    near = min(
        (
            (node.country != country, distance_km(at, node.at) if at else 0.0, node.node_id, node.calendar.timezone)
            for node in nodes
        ),
        default=None,
    )
    return (near[3] if near else "UTC"), BY_NODE
