"""
Check that the entries which an entry names exist: the calendar of a node, the carrier of a rate card, and so on.

Called by   functions/directory/handler.py, before an entry is written
Returns     a problem by pointer for each name of an entry that does not exist
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from comanda.aws.api.routes import ADMIN, CARRIER, CHANNEL, FORM, MAILBOX, NODE, PARTNER, STAFF, WORKER
from comanda.aws.directory import directory, emission_factors, number_prefixes, packs, writer
from comanda.aws.runtime import clock
from comanda.domain.documents import electronic_ids
from comanda.domain.errors import Problem
from comanda.domain.geography import countries, postal_codes
from functions.directory import (
    cancel_reasons,
    decline_reasons,
    matrix_contract,
    order_forms,
    product_search,
    rules,
    tax_contract,
)

OF_CALLERS = frozenset((ADMIN, STAFF, WORKER, PARTNER, CHANNEL, FORM, NODE, CARRIER, MAILBOX))
_RESOLVING = frozenset((ADMIN, STAFF, WORKER))  # a worker who is staff, too


def _node(name: str, doc: dict[str, Any]) -> list[Problem]:
    calendar = writer.read(directory.CALENDAR, doc["calendar"])
    problems = (
        rules.misplaced(doc, calendar.doc["timezone"])
        if calendar
        else [rules.unknown("/calendar", doc["calendar"], "calendar")]
    )
    problems += [unknown] if (unknown := countries.problem(doc["country"], "/country")) else []
    return problems + unknown_partner("/partner_id", doc.get("partner_id")) + _listed_by_another(name, doc)


def _listed_by_another(node: str, doc: dict[str, Any]) -> list[Problem]:
    """Return a problem if the node names one partner and the entry of another partner lists the node."""
    partner = doc.get("partner_id")
    if partner is None:
        return []
    others = [one.id for one in _partners() if one.id != partner and node in one.doc["nodes"]]
    return [rules.another_partners_node("/partner_id", f"the partner {name} lists it in its nodes") for name in others]


def _partner(partner: str, doc: dict[str, Any]) -> list[Problem]:
    """Return a problem for each listed node that names another partner, or that another partner lists.

    A node that does not exist yet may be listed, because the entry of a partner is written before those of its nodes.
    """
    known = writer.read_all(directory.NODE, doc["nodes"])
    owners = {node: entry.doc.get("partner_id") for node, entry in known.items()}
    others = {node: one.id for one in _partners() if one.id != partner for node in one.doc["nodes"]}
    problems = []
    for i, node in enumerate(doc["nodes"]):
        if owners.get(node) not in (None, partner):
            why = f"the node {node} names the partner {owners[node]} as its partner_id"
        elif node in others:
            why = f"the partner {others[node]} lists the node {node} in its nodes"
        else:
            continue
        problems.append(rules.another_partners_node(f"/nodes/{i}", why))
    return problems


def _partners() -> Iterable[writer.Entry]:
    return writer.read_all(directory.PARTNER, directory.names(directory.PARTNER)).values()


def unknown_partner(pointer: str, name: str | None) -> list[Problem]:
    """Return a problem if there is no partner of this name. None is no problem."""
    if name is None or writer.read(directory.PARTNER, name):
        return []
    return [rules.unknown(pointer, name, "partner")]


def unknown_carrier(pointer: str, name: str | None) -> list[Problem]:
    """Return a problem if there is no carrier of this name. None is no problem."""
    if name is None or writer.read(directory.CARRIER, name):
        return []
    return [rules.unknown(pointer, name, "carrier")]


def _hold_type(_name: str, doc: dict[str, Any]) -> list[Problem]:
    conditions = {"/applies_when": doc.get("applies_when") or {}}
    for i, rule in enumerate((doc.get("score") or {}).get("rules", ())):
        conditions[f"/score/rules/{i}/when"] = rule["when"]
    named = {at: when.get("channels", []) for at, when in conditions.items()}
    known = writer.read_all(directory.CHANNEL, {name for channels in named.values() for name in channels})
    return [
        *_problems_of_roles(doc),
        *(
            problem
            for at, channels in named.items()
            for problem in rules.missing(f"{at}/channels", channels, known, "channel")
        ),
        *(
            problem
            for at, when in conditions.items()
            for i, country in enumerate(when.get("countries", ()))
            if (problem := countries.problem(country, f"{at}/countries/{i}"))
        ),
        *_unknown_skus(conditions),
        *_unknown_currencies(conditions),
    ]


def _problems_of_roles(doc: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each role of a hold type with which nobody could resolve its holds."""
    roles = doc.get("roles", [])
    if not roles:
        return
    from comanda.aws.people import people  # most entries name no roles

    words = [role for role in roles if role not in OF_CALLERS]
    given = people.roles_given(words) if words and doc["active"] else set(words)
    for i, role in enumerate(roles):
        if role in OF_CALLERS and role not in _RESOLVING:
            message = f"callers of the kind {role} resolve no holds: {', '.join(sorted(_RESOLVING))} do"
            yield Problem(pointer=f"/roles/{i}", code="not-possible", message=message)
        elif role in words and role not in given:
            message = (
                f"nobody has the role {role}: put the type with active false, give somebody the role, put it active"
            )
            yield Problem(pointer=f"/roles/{i}", code="unknown-role", message=message)
    if doc["resolved_by"] == "event" and ADMIN not in roles:
        message = f"another system resolves it, and the applications that may have the role {ADMIN}"
        yield Problem(pointer="/roles", code="not-possible", message=message)


def _unknown_skus(conditions: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield a problem for each sku of a condition that does not exist: the rule would hold nothing because of it."""
    named = {at: when.get("skus", []) for at, when in conditions.items()}
    known = writer.read_all(directory.PRODUCT, {sku for skus in named.values() for sku in skus})
    for at, skus in named.items():
        yield from rules.missing(f"{at}/skus", skus, known, "sku")


def _unknown_currencies(conditions: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield a problem for each amount in a currency in which no channel of its condition sells."""
    sold = writer.currencies_of_channels() if any(_amounts(when) for when in conditions.values()) else {}
    for at, when in conditions.items():
        channels = when.get("channels") or sold
        currencies = {currency for name in channels for currency in sold.get(name, ())}
        for field, amount in _amounts(when):
            if currencies and amount["currency"] not in currencies:
                message = f"no channel of this rule sells in {amount['currency']}"
                yield Problem(pointer=f"{at}/{field}/currency", code="not-of-the-channel", message=message)


def _amounts(when: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the amounts of a condition, each with its place."""
    found = [("total_at_least", when.get("total_at_least"))]
    found += [("velocity/total_at_least", (when.get("velocity") or {}).get("total_at_least"))]
    return [(field, amount) for field, amount in found if amount]


def _product(name: str, doc: dict[str, Any]) -> list[Problem]:
    safety, prices = doc.get("safety_by_channel") or {}, doc.get("prices") or {}
    known = {name: entry.doc for name, entry in writer.read_all(directory.CHANNEL, {*safety, *prices}).items()}
    return [
        *(rules.unknown(f"/safety_by_channel/{name}", name, "channel") for name in safety if name not in known),
        *(rules.unknown(f"/prices/{name}", name, "channel") for name in prices if name not in known),
        *order_forms.problems_of_prices(prices, known),
        *_unmet_requirements(doc.get("requires", [])),
        *product_search.gtin_problems(name, doc.get("gtin")),
    ]


def _unmet_requirements(tags: list[str]) -> list[Problem]:
    """Return a problem for each tag that no node has. No node could send a product that requires it."""
    if not tags or set(tags) <= _tags(directory.node_documents().values()):
        return []
    # The pack is made from the stream and kept for a minute, so a new node may not be in it.
    nodes = writer.read_all(directory.NODE, directory.names(directory.NODE))
    return rules.missing("/requires", tags, _tags(entry.doc for entry in nodes.values()), "node-tag")


def _tags(nodes: Iterable[Mapping[str, Any]]) -> set[str]:
    return {tag for node in nodes for tag in node.get("tags", ())}


def _calendar(_name: str, doc: dict[str, Any]) -> list[Problem]:
    named = doc.get("holidays")
    if not named:
        return []
    try:
        packs.holidays(named["country"], named.get("region"), (clock.now().year,))
    except packs.UnknownHolidays as unknown:
        return [Problem(pointer=f"/holidays/{unknown.field}", code="unknown-holidays", message=str(unknown))]
    return []


def _carrier(_name: str, doc: dict[str, Any]) -> list[Problem]:
    calendar = writer.read(directory.CALENDAR, doc["calendar"])
    problems = [] if calendar else [rules.unknown("/calendar", doc["calendar"], "calendar")]
    wanted = [row["node_id"] for row in doc.get("collections", ())]
    known = writer.read_all(directory.NODE, set(wanted))
    problems += [
        rules.unknown(f"/collections/{i}/node_id", name, "node") for i, name in enumerate(wanted) if name not in known
    ]
    return problems + rules.unknown_factors(doc["services"], emission_factors.names)


def _rate_card(_name: str, doc: dict[str, Any]) -> list[Problem]:
    carrier = writer.read(directory.CARRIER, doc["carrier"])
    problems = (
        rules.not_offered(doc, carrier.doc["services"])
        if carrier
        else [rules.unknown("/carrier", doc["carrier"], "carrier")]
    )
    return problems + rules.unknown_zones(doc)


def _policy(_name: str, doc: dict[str, Any]) -> list[Problem]:
    channels = doc["safety"]["channels"]
    known = writer.read_all(directory.CHANNEL, channels)
    return [rules.unknown(f"/safety/channels/{name}", name, "channel") for name in channels if name not in known]


def _matrix(_name: str, doc: dict[str, Any]) -> list[Problem]:
    channels = {name for rule in doc["rules"] for name in rule.get("channels", ())}
    known = writer.read_all(directory.CHANNEL, channels)
    return [
        *(
            problem
            for i, rule in enumerate(doc["rules"])
            for problem in rules.missing(f"/rules/{i}/channels", rule.get("channels", ()), known, "channel")
        ),
        *matrix_contract.problems(doc),
    ]


def _channel(_name: str, doc: dict[str, Any]) -> list[Problem]:
    table, entity = doc.get("tax_table"), doc.get("legal_entity")
    named = (countries.problem(country, f"/countries/{i}") for i, country in enumerate(doc["countries"]))
    problems = [*filter(None, named), *order_forms.problems_of_form(doc)]
    if table is not None and writer.read(directory.TAX_TABLE, table) is None:
        problems.append(rules.unknown("/tax_table", table, "tax-table"))
    if entity is not None and writer.read(directory.LEGAL_ENTITY, entity) is None:
        problems.append(rules.unknown("/legal_entity", entity, "legal-entity"))
    return problems


def _legal_entity(name: str, doc: dict[str, Any]) -> list[Problem]:
    wrong = postal_codes.problem(doc["country"], doc.get("postal_code", ""), "/postal_code")
    address = doc.get(electronic_ids.ATTRIBUTE)
    of_address = electronic_ids.problem_of_address(address, f"/{electronic_ids.ATTRIBUTE}") if address else None
    taken = number_prefixes.problem(name, doc.get("number_prefix"))
    problems = [*filter(None, (countries.problem(doc["country"], "/country"), wrong, of_address, taken))]
    if doc.get("nfe") is None:
        return problems
    from functions.directory import nfe_checks  # of companies in Brazil

    return [*problems, *nfe_checks.problems(doc)]


def _tax_table(_name: str, doc: dict[str, Any]) -> list[Problem]:
    named = (countries.problem(row["country"], f"/rows/{i}/country") for i, row in enumerate(doc["rows"]))
    return [*filter(None, named), *tax_contract.overlapping(doc)]


# The check of each kind that names other entries, by the kind's word in the path.
CHECKS: dict[str, Callable[[str, dict[str, Any]], list[Problem]]] = {
    "nodes": _node,
    "partners": _partner,
    "hold-types": _hold_type,
    "products": _product,
    "channels": _channel,
    "tax-tables": _tax_table,
    "legal-entities": _legal_entity,
    "stock-policies": _policy,
    "calendars": _calendar,
    "carriers": _carrier,
    "rate-cards": _rate_card,
    "modification-matrices": _matrix,
    "cancel-reasons": cancel_reasons.problems,
    "decline-reasons": decline_reasons.problems,
}
