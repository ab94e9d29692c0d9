"""
Say a change of an order in words: what it is about, what was before, and what is after.

Called by   comanda.domain.labels.sentences, for the rows `changes` of an event
Returns     text in English, Brazilian Portuguese or Spanish
Raises      nothing: a row without a fact that its words need is named by its modification alone
"""

from collections.abc import Mapping

from comanda.domain.labels import labels
from comanda.domain.labels.event_facts import Reader
from comanda.domain.labels.status_words import Words
from comanda.domain.labels.templates import Fact, filled

_NONE: Words = ("none", "nenhuma", "ninguna")
_ANY_DAY: Words = ("any day", "qualquer dia", "cualquier día")
_BY: Words = ("by {day}", "até {day}", "hasta el {day}")
_NOT_BEFORE: Words = ("not before {day}", "não antes de {day}", "no antes del {day}")
_BETWEEN: Words = ("{first} to {last}", "{first} a {last}", "{first} a {last}")
_NO_SERVICE: Words = ("the usual one", "o usual", "el habitual")
_NO_NODE: Words = ("none", "nenhum", "ninguno")

# The words of each modification; what `{...}` is stands in FACTS. A part in square brackets needs its facts.
CLAUSES: Mapping[str, Words] = {
    "cancel": ("units cancelled", "unidades canceladas", "unidades canceladas"),
    "note": ("another note", "outra observação", "otra nota"),
    "tax_id": ("another tax id", "outra identificação fiscal", "otra identificación fiscal"),
    "priority": (
        "priority from {before} to {after}",
        "prioridade de {before} para {after}",
        "prioridad de {before} a {after}",
    ),
    "tags": (
        "tags from {before_tags} to {after_tags}",
        "etiquetas de {before_tags} para {after_tags}",
        "etiquetas de {before_tags} a {after_tags}",
    ),
    "price": (
        "price {of_line} from {before_amount} to {after_amount}",
        "preço {of_line} de {before_amount} para {after_amount}",
        "precio {of_line} de {before_amount} a {after_amount}",
    ),
    "discount": (
        "discount[ {code}] of {after_amount}",
        "desconto[ {code}] de {after_amount}",
        "descuento[ {code}] de {after_amount}",
    ),
    "charge": (
        "charge {kind} of {after_amount}[ and {tax} of tax]",
        "encargo {kind} de {after_amount}[ e {tax} de imposto]",
        "cargo {kind} de {after_amount}[ y {tax} de impuesto]",
    ),
    "appeasement": (
        "appeasement of {after_amount}: {why}",
        "compensação de {after_amount}: {why}",
        "compensación de {after_amount}: {why}",
    ),
    "quantity": (
        "quantity {of_line} from {before} to {after}",
        "quantidade {of_line} de {before} para {after}",
        "cantidad {of_line} de {before} a {after}",
    ),
    "ship_to": (
        "address[ {of_line}] from {before} to {after}",
        "endereço[ {of_line}] de {before} para {after}",
        "dirección[ {of_line}] de {before} a {after}",
    ),
    "requested": (
        "wanted day from {before_days} to {after_days}",
        "dia desejado de {before_days} para {after_days}",
        "día deseado de {before_days} a {after_days}",
    ),
    "service": (
        "service[ {of_line}] from {before_service} to {after_service}",
        "serviço[ {of_line}] de {before_service} para {after_service}",
        "servicio[ {of_line}] de {before_service} a {after_service}",
    ),
    "method": (
        "method {of_line} from {before_method} to {after_method}[ at {node}]",
        "forma de entrega {of_line} de {before_method} para {after_method}[ em {node}]",
        "forma de entrega {of_line} de {before_method} a {after_method}[ en {node}]",
    ),
    "store": (
        "store {of_line} from {before_node} to {after_node}",
        "loja {of_line} de {before_node} para {after_node}",
        "tienda {of_line} de {before_node} a {after_node}",
    ),
    "node": (
        "node {of_line} from {before_node} to {after_node}",
        "local {of_line} de {before_node} para {after_node}",
        "local {of_line} de {before_node} a {after_node}",
    ),
    "add_line": ("added {added}", "incluído: {added}", "añadido: {added}"),
    "replace": (
        "{quantity} {of_line} from {before} to {after}[, now {new_line}]",
        "{quantity} {of_line} de {before} para {after}[, agora {new_line}]",
        "{quantity} {of_line} de {before} a {after}[, ahora {new_line}]",
    ),
}


def clause(row: Reader) -> str:
    """Return what a row of `changes` says."""
    modification, words = row.text("modification"), CLAUSES.get(row.text("modification"))
    said = filled(words[row.column], FACTS, row) if words else ""
    return said or labels.label("Modification", modification, row.formats.tag)


def _tags(name: str) -> Fact:
    return lambda row: ", ".join(row.texts(name)) or row.say(_NONE)


def _node(name: str) -> Fact:
    """Return the node, or the nodes, before or after. A change of the node has a list before."""

    def read(row: Reader) -> str:
        value = row.data.get(name)
        return row.named_nodes(map(str, value if isinstance(value, list) else [value] if value else ())) or row.say(
            _NO_NODE
        )

    return read


def _days(name: str) -> Fact:
    def read(row: Reader) -> str:
        days = row.data.get(name) or {}
        first, last = row.day(days.get("not_before")), row.day(days.get("deliver_by"))
        if first and last:
            return row.say(_BETWEEN, first=first, last=last)
        if first or last:
            return row.say(_NOT_BEFORE, day=first) if first else row.say(_BY, day=last)
        return row.say(_ANY_DAY)

    return read


def _text(name: str) -> Fact:
    return lambda row: row.text(name)


def _service(name: str) -> Fact:
    return lambda row: labels.label("ServiceLevel", row.text(name), row.formats.tag) or row.say(_NO_SERVICE)


FACTS: Mapping[str, Fact] = {
    "of_line": lambda row: row.of_line(row.text("line_id")) if row.text("line_id") else "",
    "before": _text("before"),
    "after": _text("after"),
    "before_amount": lambda row: row.money("before"),
    "after_amount": lambda row: row.money("after"),
    "tax": lambda row: row.money_if_any("tax"),
    "code": _text("code"),
    "kind": lambda row: row.label("ChargeKind", "kind"),
    "why": lambda row: row.label("AppeasementReason", "why") if row.text("why") else "",
    "before_tags": _tags("before"),
    "after_tags": _tags("after"),
    "before_days": _days("before"),
    "after_days": _days("after"),
    "before_service": _service("before"),
    "after_service": _service("after"),
    "before_method": lambda row: row.label("Method", "before"),
    "after_method": lambda row: row.label("Method", "after"),
    "before_node": _node("before"),
    "after_node": _node("after"),
    "node": lambda row: row.node(),
    "added": lambda row: row.units("added"),
    "quantity": lambda row: row.counted(row.data.get("quantity") or 0),
    "new_line": lambda row: row.line(row.text("new_line_id")) if row.text("new_line_id") else "",
}
