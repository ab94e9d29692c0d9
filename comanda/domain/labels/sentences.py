"""
Write an event of an order as one sentence of its timeline, in the reader's language.

Called by   functions/intake/order_history.py
Returns     text in English, Brazilian Portuguese or Spanish
Raises      nothing: an event without a fact that its sentence needs is named only by its label

Facts are put in as they are, so a text that a stranger wrote is never read as a template. The caller escapes the sentence.
"""

from collections.abc import Mapping

from comanda.domain.labels import change_sentences, labels
from comanda.domain.labels.event_facts import Data, Formats, Names, Reader
from comanda.domain.labels.sentence_words import SENTENCES
from comanda.domain.labels.status_words import Words
from comanda.domain.labels.templates import Fact, filled

_DESPITE_CHANGE: Words = (
    "the change of the order does not hold for them",
    "a alteração do pedido não vale para elas",
    "el cambio del pedido no vale para ellas",
)
_NONE: Words = ("nothing more of it is on its way", "nada mais dela está a caminho", "nada más de ella está en camino")
_NOT_NEEDED: Words = (
    "The payment need not be authorized again any more",
    "O pagamento não precisa mais ser autorizado de novo",
    "El pago ya no necesita autorizarse de nuevo",
)
_SOME: Words = ("a part is still on its way", "uma parte ainda está a caminho", "una parte aún está en camino")
_LOSS_ANSWERED: Words = (
    "a person decides about units that were found after all",
    "uma pessoa decide sobre as unidades que apareceram",
    "una persona decide sobre las unidades que aparecieron",
)
_ARE_CANCELLED: Words = ("they are cancelled", "estão canceladas", "quedan canceladas")
_CAPTURED: Words = ("{paid}, {amount} of it captured", "{paid}, {amount} já capturado", "{paid}, {amount} ya cobrado")
_ONE_LINE: Words = ("1 line", "1 linha", "1 línea")
_LINES: Words = ("{n} lines", "{n} linhas", "{n} líneas")
_MADE: Words = (
    "fulfillment {number}, {units} from {node}, {method}",
    "remessa {number}, {units} de {node}, {method}",
    "entrega {number}, {units} desde {node}, {method}",
)
_OF_WORK: Words = (
    "{units} from {node}, fulfillment {number}",
    "{units} de {node}, remessa {number}",
    "{units} de {node}, entrega {number}",
)
_ALONG: Words = (
    " and, of the same kits, {units}",
    " e, dos mesmos kits, {units}",
    " y, de los mismos kits, {units}",
)
_AT_DOOR: Words = (", at the door on {day}", ", entrega em {day}", ", entrega el {day}")
_TO_ADDRESS: Words = (", to address {n}", ", para o endereço {n}", ", a la dirección {n}")


def sentence(event_type: str, data: Data, formats: Formats, names: Names | None = None) -> str:
    """Return the sentence of an event. `names` has what ids are called; one without a name stands as it is."""
    words = SENTENCES.get(event_type)
    reader = Reader(data, formats, names or Names())
    said = filled(words[reader.column], FACTS, reader) if words else ""
    return said or labels.label("EventType", event_type, formats.tag)


def _reason(reader: Reader) -> str:
    """Return the words of a reason: those of its code, with the text that was written beside it."""
    reason, words = reader.text("reason"), reader.data.get("reason_words")
    if not words:
        return labels.reason(reason, reader.formats.tag, reader.formats.date)
    named = str(words[reader.column])
    return named if reason == reader.text("reason_code") else f"{named}: {reason}"


def _coded_reason(reader: Reader) -> str:
    words = reader.data.get("reason_words")
    return str(words[reader.column]) if words else ""


def _named(kind: str, name: str) -> Fact:
    return lambda reader: reader.label(kind, name) if reader.text(name) else ""


def _made(reader: Reader) -> str:
    """Return each fulfillment that the router made, with its node, its way and its day."""
    return "; ".join(_fulfillment(reader.of_row(row)) for row in reader.rows_at("fulfillments"))


def _fulfillment(row: Reader) -> str:
    method, units = row.label("Method", "method"), row.units("lines")
    said = row.say(_MADE, number=row.text("fulfillment"), units=units, node=row.node(), method=method)
    said += row.say(_AT_DOOR, day=row.day(row.data["deliver_on"])) if row.data.get("deliver_on") else ""
    return said + (row.say(_TO_ADDRESS, n=row.data["destination"]) if row.data.get("destination") else "")


def _work(name: str) -> Fact:
    """Return the units of each fulfillment that comes back, or is asked for, with those that its kits lose along."""

    def row_words(row: Reader) -> str:
        said = row.say(_OF_WORK, units=row.units("lines"), node=row.node(), number=row.text("fulfillment"))
        return said + (row.say(_ALONG, units=along) if (along := row.units("along")) else "")

    return lambda reader: "; ".join(row_words(reader.of_row(row)) for row in reader.rows_at(name))


def _promised_was(reader: Reader) -> str:
    promised = (reader.data.get("promise") or {}).get("promised") or {}
    nodes, day = reader.named_nodes(promised.get("nodes") or ()), reader.day(promised.get("deliver_on"))
    return nodes + (reader.say(_AT_DOOR, day=day) if nodes and day else day)


def _parcels(reader: Reader) -> str:
    """Return the packages, each with its carrier and number."""
    rows = (
        " ".join(str(row[name]) for name in ("package", "carrier", "tracking") if row.get(name))
        for row in reader.rows_at("packages")
    )
    return ", ".join(row for row in rows if row)


def _labels(reader: Reader) -> str:
    """Return the packages, each with its carton and the number of its label."""
    found = []
    for row in reader.rows_at("packages"):
        label = ", ".join(str(row[name]) for name in ("carton", "sscc") if row.get(name))
        found.append(f"{row.get('package') or ''} ({label})" if label else str(row.get("package") or ""))
    return ", ".join(filter(None, found))


def _left_reasons(reader: Reader) -> str:
    """Return why units have no node, each reason with the queue in which the units wait."""
    found = dict.fromkeys(
        (str(row.get("reason") or ""), str(row.get("queue") or "")) for row in reader.rows_at("leftovers")
    )
    tag, day = reader.formats.tag, reader.formats.date
    told = ((labels.reason(why, tag, day), labels.label("QueueName", queue, tag)) for why, queue in found)
    return reader.listed(f"{why} ({queue})" if why and queue else why or queue for why, queue in told)


def _not_cancelled(reader: Reader) -> str:
    """Return the units that stay, each row with why."""
    return ", ".join(_kept(reader.of_row(row)) for row in reader.rows_at("not_cancelled"))


def _kept(row: Reader) -> str:
    units = f"{row.counted(row.data.get('quantity') or 0)} {row.of_line(row.text('line_id'))}"
    why = [row.label(kind, name) for kind, name in _WHY_KEPT if row.text(name)]
    return f"{units} ({', '.join(why)})" if why else units


_WHY_KEPT = (("UnitStatus", "status"), ("NotCancelledReason", "reason"), ("HoldTypeId", "hold_type"))


def _placed_lines(reader: Reader) -> str:
    count = reader.data.get("lines")
    return reader.say(_ONE_LINE if count == 1 else _LINES, n=count) if count else ""


def _differences(reader: Reader) -> str:
    """Return what differs in a payment, or that nothing does."""
    named = (labels.label("PaymentDifference", one, reader.formats.tag) for one in reader.texts("differs") or ("none",))
    return "; ".join(named)


def _paid_with(reader: Reader) -> str:
    """Return the methods of payments: the amount of each if there are several, and what the shop has captured of it."""
    rows, said = [reader.of_row(row) for row in reader.rows_at("payments")], list[str]()
    for row in rows:
        method, amount, captured = (
            row.label("PaymentMethod", "method"),
            row.money("authorized"),
            row.money_if_any("captured"),
        )
        told = f"{method} {amount}" if len(rows) > 1 else method
        said.append(row.say(_CAPTURED, paid=told, amount=captured) if captured else told)
    return reader.listed(said)


def _same(reader: Reader) -> bool:
    return reader.data.get("was") in (None, reader.data.get("total"))


# Each fact of a sentence, and how it is read from the event's data.
FACTS: Mapping[str, Fact] = {
    "channel": lambda r: r.text("channel"),
    "placed_units": lambda r: r.counted(r.data.get("units") or 0),
    "placed_lines": _placed_lines,
    "held_by": lambda r: r.holds(r.texts("holds")),
    "order_kind": _named("OrderKind", "kind"),
    "replaces": lambda r: r.text("replaces"),
    "total": lambda r: r.money("total"),
    "was": lambda r: "" if _same(r) else r.money("was"),
    "same_total": lambda r: r.money("total") if _same(r) else "",
    "to_pay": lambda r: r.money_if_any("to_pay"),
    "until": lambda r: r.moment("until"),
    "authorized": lambda r: r.money("authorized"),
    "paid_with": _paid_with,
    "pay_method": _named("PaymentMethod", "method"),
    "payer": lambda r: r.callers(row["by"] for row in r.rows_at("payments") if row.get("by")),
    "dropped_because": _named("DroppedBecause", "why"),
    "unpaid": lambda r: r.money("unpaid"),
    "invoiced": lambda r: r.money("invoiced"),
    "captured": lambda r: r.money("captured"),
    "given_back": lambda r: r.money_if_any("given_back"),
    "refunded": lambda r: r.money_if_any("refunded"),
    "nfe_invoice": lambda r: r.text("invoice"),
    "nfe_credit_note": lambda r: r.text("credit_note"),
    "nfe_result": _named("NfeResult", "result"),
    "protocol": lambda r: r.text("protocol"),
    "invoice_number": lambda r: r.text("invoice_number"),
    "reason": _reason,
    "coded_reason": _coded_reason,
    "blame": _named("Blame", "blame"),
    "quarantined": lambda r: r.counted(r.data.get("quarantined") or 0),
    "along": lambda r: r.units("along"),
    "cancelled": lambda r: r.say(_ARE_CANCELLED) if r.data.get("cancelled") else "",
    "hold_type": _named("HoldTypeId", "type"),
    "hold": lambda r: r.holds([r.text("hold")]),
    "held_lines": lambda r: r.lines(r.texts("lines")),
    "resolution": _named("HoldResolution", "resolution"),
    "queue": _named("QueueName", "queue"),
    "answer": _named("QueueAnswer", "answer"),
    "replacement": lambda r: r.text("replacement"),
    "units": lambda r: r.units("lines"),
    "labels": _labels,
    "proof": _named("ProvisionProof", "proof"),
    "units_to_provide": lambda r: r.units("to_provide"),
    "sets": lambda r: r.sets(),
    "line_nodes": lambda r: r.nodes(("lines",)),
    "not_cancelled": _not_cancelled,
    "made": _made,
    "wave_units": lambda r: r.units("wave"),
    "wave_nodes": lambda r: r.nodes(("wave",)),
    "wave_times": lambda r: r.listed(
        r.formats.utc_moment(str(at)) for at in sorted({row["wave"] for row in r.rows_at("wave") if row.get("wave")})
    ),
    "promised_units": lambda r: r.units("promised"),
    "promised_nodes": lambda r: r.nodes(("promised",)),
    "promised_due": lambda r: r.days("due", "promised"),
    "promised_days": lambda r: r.days("deliver_on", "promised"),
    "wanted_units": lambda r: r.units_of([row for row in r.rows_at("promised") if row.get("wanted")]),
    "paid_until": lambda r: r.days("authorized_until", "promised"),
    "promised_was": _promised_was,
    "left_units": lambda r: r.units("leftovers"),
    "left_reasons": _left_reasons,
    "moved_units": lambda r: r.units("from"),
    "from_nodes": lambda r: r.nodes(("from",)),
    "to_units": lambda r: r.units("to"),
    "to_nodes": lambda r: r.nodes(("to",)),
    "redated_units": lambda r: r.units("redated"),
    "redated_nodes": lambda r: r.nodes(("redated",)),
    "redated_due": lambda r: r.days("due", "redated"),
    "redated_was": lambda r: r.days("was", "redated"),
    "redated_days": lambda r: r.days("deliver_on", "redated"),
    "unscheduled_units": lambda r: r.units("unscheduled"),
    "unscheduled_nodes": lambda r: r.nodes(("unscheduled",)),
    "waited_days": lambda r: r.days("was", "unscheduled"),
    "again": lambda r: r.units("again"),
    "ready_units": lambda r: r.units("ready"),
    "ready_nodes": lambda r: r.nodes(("ready",)),
    "ready_was": lambda r: r.days("was", "ready"),
    "ready_days": lambda r: r.days("deliver_on", "ready"),
    "fulfillment": lambda r: r.text("fulfillment"),
    "next": lambda r: r.text("next"),
    "shipment": lambda r: r.text("shipment"),
    "provisions": lambda r: ", ".join(r.texts("provisions")),
    "node": lambda r: r.node(),
    "changes": lambda r: "; ".join(change_sentences.clause(r.of_row(row)) for row in r.rows_at("changes")),
    "misses": lambda r: r.text("misses"),
    "number": lambda r: r.text("number"),
    "taken": _work("taken"),
    "requested": _work("requested"),
    "despite_change": lambda r: r.say(_DESPITE_CHANGE) if r.data.get("for_change") else "",
    "recall_refusal": _named("RecallRefusal", "reason"),
    "parcels": _parcels,
    "delivered_at": lambda r: r.moment("delivered_at"),
    "how_much": lambda r: r.say(_NONE if r.data["whole"] else _SOME) if "whole" in r.data else "",
    "loss_answered": lambda r: r.say(_LOSS_ANSWERED) if r.data.get("answered") else "",
    "code": lambda r: r.text("code") if r.text("code") != r.text("reason") else "",
    "occurred_at": lambda r: r.moment("occurred_at"),
    "mail": _named("EventType", "mail"),
    "movement": lambda r: labels.label("FailedMovement", f"{r.text('purpose')}-failed", r.formats.tag),
    "moved": lambda r: r.money("amount"),
    "payment": lambda r: r.text("payment"),
    "dispute": _named("DisputeState", "state"),
    "missing": lambda r: r.money_if_any("missing"),
    "excess": lambda r: r.money_if_any("excess"),
    "renewed": lambda r: r.money_if_any("amount"),
    "not_needed": lambda r: "" if r.data.get("amount") else r.say(_NOT_NEEDED),
    "differences": _differences,
    "provider_reason": _named("PaymentReason", "reason"),
    "of_fulfillment": lambda r: "" if r.text("wait") == "order" else r.text("wait"),
}
