"""
Read the hold types of the directory.

Called by   functions/intake, which places holds; functions/pay, for how a hold of missing money expires
Returns     HoldType of the domain
"""

from typing import Any

from comanda.aws.directory.directory import HOLD_TYPE, cached, entries, find, names
from comanda.domain.orders import holds
from comanda.domain.orders.hold_rules import Condition, Score, ScoreRule, Velocity
from comanda.domain.orders.rule_holds import HoldType


def hold_types() -> tuple[HoldType, ...]:
    """Return every hold type, in order of id; at most a minute old."""

    def read() -> tuple[HoldType, ...]:
        docs = entries(HOLD_TYPE, names(HOLD_TYPE))
        return tuple(hold_type(name, docs[name]) for name in sorted(docs))

    kinds: tuple[HoldType, ...] = cached("hold-types", "*", read)
    return kinds


def find_hold_type(name: str) -> HoldType | None:
    """Return the hold type with this id, or None. It may be newer than the list of `hold_types`."""
    doc = find(HOLD_TYPE, name)
    return None if doc is None else hold_type(name, doc)


def hold_type(name: str, doc: dict[str, Any]) -> HoldType:
    """Return the hold type of a document."""
    by = doc.get("resolved_by", holds.PERSON)
    when, score = doc.get("applies_when"), doc.get("score")
    return HoldType(
        id=name,
        blocks=tuple(doc["blocks"]),
        reason=doc["reason"],
        queue=doc["queue"],
        active=doc.get("active", True),
        when=None if when is None else _condition(when),
        score=None if score is None else _score(score),
        expires_minutes=doc.get("expires_minutes") or 60 * (doc.get("expires_hours") or 0) or None,
        on_expiry=doc.get("on_expiry") or (holds.RESOLVE if by == holds.SCHEDULE else holds.ASK),
        roles=tuple(doc.get("roles", ())),
        level=doc.get("level", holds.ORDER),
        resolved_by=by,
    )


def _condition(doc: dict[str, Any]) -> Condition:
    def words(name: str) -> tuple[str, ...]:
        return tuple(doc.get(name, ()))

    return Condition(
        total_at_least=_amount(doc.get("total_at_least")),
        units_at_least=doc.get("units_at_least"),
        lines_at_least=doc.get("lines_at_least"),
        channels=words("channels"),
        tags=words("tags"),
        skus=words("skus"),
        classes=words("classes"),
        payment_methods=words("payment_methods"),
        countries=words("countries"),
        precisions=words("precisions"),
        addresses_differ=doc.get("addresses_differ"),
        first_order=doc.get("first_order"),
        velocity=_velocity(doc["velocity"]) if doc.get("velocity") else None,
    )


def _velocity(doc: dict[str, Any]) -> Velocity:
    return Velocity(
        per=doc["per"],
        hours=doc["hours"],
        orders_at_least=doc.get("orders_at_least"),
        total_at_least=_amount(doc.get("total_at_least")),
    )


def _score(doc: dict[str, Any]) -> Score:
    rules = tuple(
        ScoreRule(id=rule["id"], points=rule["points"], when=_condition(rule["when"])) for rule in doc["rules"]
    )
    return Score(at_least=doc["at_least"], rules=rules)


def _amount(doc: dict[str, Any] | None) -> tuple[int, str] | None:
    return None if doc is None else (doc["amount"], doc["currency"])
