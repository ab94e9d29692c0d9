"""
What an entry names must exist: the calendar of a node, the carrier of a rate card, the channels of a policy.

Called by   functions/directory/handler.py, before an entry is written
Returns     a problem for each name that is not there, by pointer
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from comanda.aws import clock, directory, entries, factors, network
from comanda.domain.errors import Problem
from functions.directory import rules


def _node(doc: dict[str, Any]) -> list[Problem]:
    calendar = entries.read(directory.CALENDAR, doc["calendar"])
    problems = (
        rules.misplaced(doc, calendar.doc["timezone"])
        if calendar
        else [rules.unknown("/calendar", doc["calendar"], "calendar")]
    )
    return problems + unknown_partner("/partner_id", doc.get("partner_id"))


def unknown_partner(pointer: str, name: str | None) -> list[Problem]:
    if name is None or entries.read(directory.PARTNER, name):
        return []
    return [rules.unknown(pointer, name, "partner")]


def _hold_type(doc: dict[str, Any]) -> list[Problem]:
    channels = (doc.get("applies_when") or {}).get("channels", [])
    known = entries.read_all(directory.CHANNEL, channels)
    return rules.missing("/applies_when/channels", channels, known, "channel")


def _product(doc: dict[str, Any]) -> list[Problem]:
    channels = list(doc.get("safety_by_channel") or {})
    return _unknown_channels("/safety_by_channel", channels) + _unmet(doc.get("requires", []))


def _unmet(tags: list[str]) -> list[Problem]:
    """Tags that no node has: nobody could ever send what requires one."""
    if not tags or set(tags) <= _tags(directory.node_documents().values()):
        return []
    # The pack is made from the stream and kept for a minute: a node of just now is not in it.
    nodes = entries.read_all(directory.NODE, directory.names(directory.NODE))
    return rules.missing("/requires", tags, _tags(entry.doc for entry in nodes.values()), "node-tag")


def _tags(nodes: Iterable[Mapping[str, Any]]) -> set[str]:
    return {tag for node in nodes for tag in node.get("tags", ())}


def _calendar(doc: dict[str, Any]) -> list[Problem]:
    named = doc.get("holidays")
    if not named:
        return []
    try:
        network.holidays(named["country"], named.get("region"), (clock.now().year,))
    except network.UnknownHolidays as unknown:
        return [Problem(pointer=f"/holidays/{unknown.field}", code="unknown-holidays", message=str(unknown))]
    return []


def _carrier(doc: dict[str, Any]) -> list[Problem]:
    calendar = entries.read(directory.CALENDAR, doc["calendar"])
    problems = [] if calendar else [rules.unknown("/calendar", doc["calendar"], "calendar")]
    wanted = [row["node_id"] for row in doc.get("collections", ())]
    known = entries.read_all(directory.NODE, set(wanted))
    problems += [
        rules.unknown(f"/collections/{i}/node_id", name, "node") for i, name in enumerate(wanted) if name not in known
    ]
    return problems + rules.unknown_factors(doc["services"], factors.names)


def _rate_card(doc: dict[str, Any]) -> list[Problem]:
    carrier = entries.read(directory.CARRIER, doc["carrier"])
    problems = (
        rules.not_offered(doc, carrier.doc["services"])
        if carrier
        else [rules.unknown("/carrier", doc["carrier"], "carrier")]
    )
    return problems + rules.unknown_zones(doc)


def _policy(doc: dict[str, Any]) -> list[Problem]:
    return _unknown_channels("/safety/channels", list(doc["safety"]["channels"]))


def _unknown_channels(pointer: str, channels: list[str]) -> list[Problem]:
    known = entries.read_all(directory.CHANNEL, channels)
    return [rules.unknown(f"{pointer}/{name}", name, "channel") for name in channels if name not in known]


CHECKS: dict[str, Callable[[dict[str, Any]], list[Problem]]] = {
    "nodes": _node,
    "hold-types": _hold_type,
    "products": _product,
    "stock-policies": _policy,
    "calendars": _calendar,
    "carriers": _carrier,
    "rate-cards": _rate_card,
}
