"""Every code of a receipt is on the partners' page, and every message is in words that a partner understands."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from comanda.aws.orders import scans
from comanda.domain import errors
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.stock import counts
from functions.inbox import carrier_invoice_file, settlement_file, shipment_rows, stock_file, supply_file, tracking_file

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "partner-files.md").read_text(encoding="utf-8")
# Where what a receipt says is written.
SOURCES = (
    *sorted((ROOT / "functions" / "inbox").glob("*.py")),
    *(
        ROOT / "comanda" / "aws" / "stock_updates" / f"{name}.py"
        for name in ("counts", "supplies", "supply_decisions", "row_batches")
    ),
    *(ROOT / "comanda" / "aws" / "orders" / f"{name}.py" for name in ("scans", "tracking", "billed_parcels")),
    ROOT / "comanda" / "domain" / "text.py",
    *(
        ROOT / "comanda" / "domain" / "reconciliation" / f"{name}.py"
        for name in ("amounts", "statement", "stripe_report")
    ),
    *(
        ROOT / "comanda" / "domain" / "stock" / f"{name}.py"
        for name in ("supplies", "supply_terms", "supply_fields", "counts")
    ),
)
# Calls that make an answer, and at which place each has its code; the message follows it.
CODE_AT = {
    "Wrong": 1,
    "refuse": 2,
    "refused": 2,
    "Refusal": 1,
    "Refused": 0,
    "WrongStatement": 0,
    "_wrong": 0,
    "note": 1,
    "WrongText": 0,
    "Verdict": 9,
    "RowAnswer": 9,
    "ScanOutcome": 9,
    "BillOutcome": 9,
}
# By the names that hold them: what the domain raises when units leave, and what is said by a constant.
BY_NAME = {
    counts.TOO_OLD,
    counts.COUNTED_SINCE,
    counts.IN_THE_FUTURE,
    counts.NEGATIVE,
    kits.INCOMPLETE,
    scans.UNKNOWN_CODE,
    *(error.code for error in (errors.NotAllowed, errors.Held, errors.NotFound, errors.Invalid, errors.OrderTooLarge)),
}
# Files have no e-mail addresses, and a request for a transfer is answered over the API only.
NOT_IN_FILES = {"not-mailable", "request-expired"}
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")
SENTENCE = re.compile(r"([a-z_]+(?:-[a-z]+)*): (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that a receipt may say. Values that are put in stand as `0`."""

    code: str
    message: str
    where: str


def _text(node: ast.AST | None) -> str:
    match node:
        case ast.Constant(value=str()):
            return str(node.value)
        case ast.JoinedStr():
            return "".join(_text(part) if isinstance(part, ast.Constant) else "0" for part in node.values)
        case ast.BinOp():
            return _text(node.left) + _text(node.right)
        case _:
            return ""


def _messages(source: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        where = f"{source.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            named = {keyword.arg: _text(keyword.value) for keyword in node.keywords}
            if name in CODE_AT:
                at = CODE_AT[name]
                code = named.get("code") or _text(node.args[at] if len(node.args) > at else None)
                message = named.get("reason") or _text(node.args[at + 1] if len(node.args) > at + 1 else None)
                if CODE.fullmatch(code):
                    yield Message(code, message, where)
        elif isinstance(node, ast.Tuple):
            code, *message = [*map(_text, node.elts)] or [""]
            if CODE.fullmatch(code) and len(message) == 1 and SENTENCE.fullmatch(message[0]):
                yield Message(code, message[0].partition(": ")[2], where)
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            found = SENTENCE.fullmatch(_text(node))
            if (
                found
                and source.parent.name in ("inbox", "reconciliation")
                and CODE.fullmatch(found[1])
                and found[1] not in COLUMNS
            ):
                yield Message(found[1], found[2], where)


FILES = (shipment_rows, stock_file, supply_file, tracking_file, settlement_file, carrier_invoice_file)
COLUMNS = frozenset().union(*(kind.COLUMNS.known for kind in FILES))
CATALOGUE = [message for source in SOURCES for message in _messages(source)]


def _documented() -> set[str]:
    """The codes in the first cells of the page's tables of codes, and those of its table of statuses."""
    found: set[str] = set()
    for table in re.findall(r"\| code of a .*?\n\n", PAGE, re.DOTALL):
        for line in table.splitlines()[2:]:
            if line.startswith("|"):
                found |= set(re.findall(r"`([a-z-]+)`", line.split("|")[1]))
    return found


def test_the_page_lists_every_code_that_a_receipt_may_say_and_no_other() -> None:
    codes = {message.code for message in CATALOGUE} | BY_NAME

    assert len(CATALOGUE) > 60
    assert codes - NOT_IN_FILES - _documented() == set()
    assert _documented() - codes == set()


@pytest.mark.parametrize("message", CATALOGUE, ids=lambda message: message.where)
def test_no_message_holds_a_regular_expression_or_a_name_that_no_file_has(message: Message) -> None:
    assert not re.search(r"\[[^\]]*-[^\]]*\]|\\[a-zA-Z]|\{\d|[\^$*]|\(\?|fullmatch|pattern", message.message), message
    assert set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", message.message)) <= COLUMNS, message
