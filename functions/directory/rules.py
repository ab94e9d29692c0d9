"""
Check an entry beyond its own shape: that the names in it are known, and that a node lies in its time zone. Pure.

Called by   functions/directory/handler.py, functions/directory/checks.py
Returns     problems by pointer
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from comanda.aws.api.routes import CARRIER, CHANNEL, FORM, NODE, PARTNER, ROUTES, SCOPES
from comanda.domain.errors import Problem

DEGREES_PER_HOUR = 15  # of longitude, by the sun
# Time zones differ from the sun by up to three hours, and a calendar may be of a country's other coast.
MOST_HOURS_APART = 5

ROAD = "ROAD"

# The field of a client's rights that its kind must have.
FIELD_OF_KIND = {CHANNEL: "channels", FORM: "channels", NODE: "nodes", PARTNER: "partner", CARRIER: "carrier"}


def unknown(pointer: str, name: str, what: str) -> Problem:
    """Return the problem that there is no `what`, such as "calendar", of this name."""
    return Problem(pointer=pointer, code=f"unknown-{what}", message=f"there is no {what.replace('-', ' ')} {name}")


def another_partners_node(pointer: str, why: str) -> Problem:
    """Return the problem that a node belongs to another partner. `why` tells it in words."""
    return Problem(pointer=pointer, code="another-partners", message=f"a node has one partner: {why}")


def missing(pointer: str, names: Iterable[str], known: Iterable[str], what: str) -> list[Problem]:
    """Return a problem for each name of a list that is not known."""
    found = set(known)
    return [unknown(f"{pointer}/{i}", name, what) for i, name in enumerate(names) if name not in found]


def misplaced(node: Mapping[str, Any], timezone: str) -> list[Problem]:
    """Return a problem if the node's longitude is far from its calendar's time zone.

    Then latitude and longitude were swapped, or a sign was lost.
    """
    offset = ZoneInfo(timezone).utcoffset(datetime(2026, 1, 15, 12, tzinfo=UTC).replace(tzinfo=None))
    hours = (offset.total_seconds() / 3600) if offset else 0.0
    apart = abs((node["longitude"] / DEGREES_PER_HOUR - hours + 12) % 24 - 12)
    if apart <= MOST_HOURS_APART:
        return []
    return [
        Problem(
            pointer="/longitude",
            code="far-from-time-zone",
            message=f"{node['longitude']} is {apart:.0f} hours of sun from {timezone}, the time zone of its calendar",
        )
    ]


def unknown_factors(services: Sequence[Mapping[str, Any]], named: Callable[[str], Iterable[str]]) -> list[Problem]:
    """Return a problem for each factor of emission that the data file does not have for the mode of the service.

    Feeders are always on the road. `named` gives the names of the factors of a mode.
    """
    wanted = [
        (f"/services/{i}/factor", service["factor"], service["mode"])
        for i, service in enumerate(services)
        if "factor" in service
    ] + [
        (f"/services/{i}/feeders/{n}/factor", feeder["factor"], ROAD)
        for i, service in enumerate(services)
        for n, feeder in enumerate(service.get("feeders", ()))
    ]
    return [
        Problem(
            pointer=pointer,
            code="unknown-factor",
            message=f"there is no factor {name} of mode {mode}; known are {', '.join(sorted(named(mode)))}",
        )
        for pointer, name, mode in wanted
        if name not in named(mode)
    ]


def not_offered(card: Mapping[str, Any], services: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """Return a problem if the carrier does not offer the rate card's service, or offers it in another currency."""
    offered = {service["service"]: service["price"]["currency"] for service in services}
    if card["service"] not in offered:
        return [unknown("/service", card["service"], "service")]
    currency = offered[card["service"]]
    if card["currency"] == currency:
        return []
    message = f"{card['carrier']} prices {card['service']} in {currency}"
    return [Problem(pointer="/currency", code="another-currency", message=message)]


def unknown_zones(card: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each zone that a band or lane names and that has no prices."""
    named = [(f"/bands/{i}/zone", band["zone"]) for i, band in enumerate(card["bands"])]
    named += [
        (f"/lanes/{i}/{by}/{to}", zone)
        for i, lane in enumerate(card["lanes"])
        for by in ("regions", "postal")
        for to, zone in lane[by].items()
    ]
    return [unknown(pointer, zone, "zone") for pointer, zone in named if zone not in card["zones"]]


def scopes_beyond(held: Collection[str], scopes: Iterable[str]) -> list[Problem]:
    """Return a problem for each scope of a new client that its maker does not have. `held` are the scopes of the maker."""
    return [
        Problem(pointer=f"/scopes/{i}", code="not-yours-to-give", message=f"you have no {scope}, so you cannot give it")
        for i, scope in enumerate(scopes)
        if scope not in held
    ]


def rights_of_another_kind(kind: str, rights: Mapping[str, Any], scopes: Iterable[str]) -> list[Problem]:
    """Return a problem for each field that the client's kind lacks or must not have, and for each scope that it cannot use."""
    own = FIELD_OF_KIND.get(kind)
    problems = [
        Problem(pointer=f"/{field}", code="missing", message=f"a client of kind {kind} names its {field}")
        if field == own
        else Problem(pointer=f"/{field}", code="not-for-kind", message=f"a client of kind {kind} has no {field}")
        for field in dict.fromkeys(FIELD_OF_KIND.values())
        if (field == own) != bool(rights.get(field))
    ]
    if kind == FORM and len(rights.get("channels", ())) > 1:
        problems.append(Problem(pointer="/channels", code="one-only", message="a form is of one channel"))
    # A route that every scope admits gives none of them a use.
    usable = {scope for route in ROUTES if kind in route.who and route.scopes != SCOPES for scope in route.scopes}
    return problems + [
        Problem(pointer=f"/scopes/{i}", code="not-for-kind", message=f"no route for a {kind} takes {scope}")
        for i, scope in enumerate(scopes)
        if scope not in usable
    ]
