"""
Read the entries of a bank's statement: CAMT.053 of ISO 20022, in its versions 02 and 08.

Called by   functions/inbox/statement_file.py
Returns     entries one by one; an entry that is wrong comes with what is wrong
Raises      WrongStatement for a file that is no such statement, with its line and column

The file is read as a stream. A document type is refused, so no entity can be declared: nothing is expanded or fetched. Names,
addresses and account numbers are passed over: of an entry only its amount, day and references are read.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO
from xml.parsers import expat

from comanda.domain.errors import Rejected
from comanda.domain.reconciliation import amounts
from comanda.domain.reconciliation.entry_values import Fields, Values, indicator, sent_abroad, unequal_sums, unsigned
from comanda.domain.reconciliation.references import names_in
from comanda.domain.text import CURRENCY

MOST_BYTES = 50 * 1024 * 1024
MOST_DEPTH = 40
MOST_TEXT = 2_000  # characters of one element
MOST_PARTS = 20_000  # kept elements of one entry, which may be a batch
_VERSIONS = tuple(f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}" for version in ("02", "08"))
_CHUNK = 64 * 1024
_ENTRY, _PART = ("BkToCstmrStmt", "Stmt", "Ntry"), ("NtryDtls", "TxDtls")
_REFERENCES = ("AcctSvcrRef", "EndToEndId", "TxId", "InstrId", "PmtInfId", "MsgId", "UETR", "ClrSysRef")
_OF_ENTRY = {
    ("Amt",): "amount",
    ("AmtDtls", "InstdAmt", "Amt"): "instructed",
    ("AmtDtls", "TxAmt", "Amt"): "instructed",
    ("CdtDbtInd",): "indicator",
    ("Sts",): "status",
    ("Sts", "Cd"): "status",
    ("BookgDt", "Dt"): "day",
    ("BookgDt", "DtTm"): "day",
    ("AcctSvcrRef",): "bank",
    ("NtryRef",): "reference",
}
_OF_PART: dict[tuple[str, ...], str] = {
    ("Amt",): "amount",
    ("AmtDtls", "InstdAmt", "Amt"): "instructed",
    ("AmtDtls", "TxAmt", "Amt"): "transaction",
    ("CdtDbtInd",): "indicator",
    ("Refs", "AcctSvcrRef"): "bank",
    ("Refs", "Prtry", "Ref"): "reference",
    ("RmtInf", "Strd", "CdtrRefInf", "Ref"): "reference",
    ("RmtInf", "Ustrd"): "text",
    **{("Refs", name): "reference" for name in _REFERENCES if name != "AcctSvcrRef"},
}


class WrongStatement(Rejected):
    """The file is no statement that can be read, and none of it is applied."""

    def __init__(self, code: str, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason_code, self.reason, self.line = code, reason, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One movement on the account: an entry of the statement, or one transaction of an entry that has several.

    number       its place in the file, from 1
    line, column of its element in the file
    identity     a hash by which it is known in every statement
    booked       False: it is announced only
    sent         (amount, currency) that its sender sent, where a bank has converted it; None where nothing says so
    names        what it refers to; `told` are those among them that its sender gave as references
    problems     (field, code, message) of what is wrong; then the other values mean nothing
    """

    number: int
    line: int
    column: int
    identity: str = ""
    is_credit: bool = False
    booked: bool = True
    amount: int = 0
    currency: str = ""
    sent: tuple[int, str] | None = None
    day: str = ""
    names: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    problems: tuple[tuple[str, str, str], ...] = ()


def entries(stream: BinaryIO) -> Iterator[Entry]:
    """Yield the entries of a statement. Raises WrongStatement."""
    reader = _Reader()
    while chunk := stream.read(_CHUNK):
        reader.feed(chunk)
        yield from reader.found()
    reader.feed(b"", last=True)
    yield from reader.found()


class _Reader:
    """Follow the elements of the file. It keeps no more than one entry and those that were not taken yet."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._character_data
        self._parser.buffer_text = True
        self._path: list[str] = []
        self._text, self._currency = "", ""
        self._statement = ""
        self._number = self._place = self._kept = 0
        self._at = (0, 0)
        self._entry: Values | None = None
        self._parts: list[Values] = []
        self._ready: list[Entry] = []
        self._read = 0
        self._known: Counter[str] = Counter()  # identities of the statement, with their entries

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        self._read += len(chunk)
        if self._read > MOST_BYTES:
            raise WrongStatement("too-large", f"the file has more than {MOST_BYTES} bytes")
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            place = f"line {error.lineno}, column {error.offset + 1}"
            raise WrongStatement("structure", f"{place}: is not well-formed XML", error.lineno) from None
        except (LookupError, ValueError) as error:  # an encoding that Python does not know
            raise WrongStatement("encoding", "line 1: the file's encoding is not known; save it as UTF-8", 1) from error

    def found(self) -> list[Entry]:
        """Return the entries that are complete since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def _refuse_document_type(self, *_: Any) -> None:
        raise self._wrong("document-type", "a document type is not accepted: it could declare entities")

    def _wrong(self, code: str, what: str) -> WrongStatement:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        return WrongStatement(code, f"line {line}, column {column}: {what}", line)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if not self._path and (local != "Document" or space not in _VERSIONS):
            raise self._wrong("unknown-format", "takes a statement in CAMT.053, version 02 or 08")
        self._path.append(local)
        if len(self._path) > MOST_DEPTH:
            raise self._wrong("structure", f"elements are nested more than {MOST_DEPTH} deep")
        self._text, self._currency = "", attributes.get("Ccy", "")
        inside = tuple(self._path[1:])
        if inside == _ENTRY[:2]:
            self._statement, self._place = "", 0
            self._known.clear()
        elif inside == _ENTRY:
            self._entry, self._parts, self._kept = Values(), [], 0
            self._at = (self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)
        elif inside == _ENTRY + _PART and self._entry is not None:
            self._count()
            self._parts.append(Values())

    def _character_data(self, data: str) -> None:
        if len(self._text) <= MOST_TEXT:
            self._text += data

    def _end(self, _name: str) -> None:
        inside, value = tuple(self._path[1:]), self._text.strip()
        if inside == (*_ENTRY[:2], "Id"):
            self._statement = value
        elif inside == _ENTRY:
            self._finish()
        elif inside[:3] == _ENTRY and (value or self._currency) and self._entry is not None:
            self._keep(inside[3:], value)
        self._text = self._currency = ""
        self._path.pop()

    def _keep(self, inside: tuple[str, ...], value: str) -> None:
        of_part = inside[:2] == _PART and bool(self._parts)
        name = _OF_PART.get(inside[2:]) if of_part else _OF_ENTRY.get(inside)
        if name is None:
            return
        self._count()
        if len(value) > MOST_TEXT:
            raise self._wrong("too-long", f"an element has more than {MOST_TEXT} characters")
        assert self._entry is not None
        (self._parts[-1] if of_part else self._entry).keep(name, value, self._currency)

    def _count(self) -> None:
        self._kept += 1
        if self._kept > MOST_PARTS:
            raise self._wrong("too-long", f"an entry has more than {MOST_PARTS} elements")

    def _finish(self) -> None:
        """Make the entries of an element Ntry: one for each of its transactions if each has its amount, else one."""
        whole, parts = self._entry, self._parts
        assert whole is not None
        self._entry, self._parts, self._place = None, [], self._place + 1
        if len(parts) > 1 and all(part.amount for part in parts):
            sums = unequal_sums(whole, parts)
            for nth, part in enumerate(parts, 1):
                bank = f"{whole.bank} {nth}" if whole.bank and not part.bank else part.bank
                self._make(whole, part, [part], bank, nth, sums)
        else:
            bank = next((one.bank for one in (whole, *parts) if one.bank), "")
            self._make(whole, whole, [whole, *parts], bank, 1)

    def _make(
        self,
        whole: Values,
        values: Values,
        inner: list[Values],
        bank: str,
        nth: int,
        sums: tuple[int, int] | None = None,
    ) -> None:
        """Add an entry with its amount from `values`, its names from `inner`, and all else from the whole entry."""
        self._number += 1
        line, column = self._at
        fields = Fields(f"(line {line}, column {column})")
        currency = fields.read("currency", CURRENCY.read, values.currency or whole.currency)
        amount = fields.read("amount", lambda text: unsigned(text, currency or "EUR"), values.amount)
        if sums and amount:
            total, booked = sums
            fields.note(
                "amount", "other-sum", f"the transactions add up to {total} minor units, the entry says {booked}"
            )
        direction = fields.read("indicator", indicator, values.indicator or whole.indicator)
        day = fields.read("booking_date", amounts.day, whole.day)
        banks = [
            one.bank for one in inner if one.bank
        ]  # the bank's own names of the entry, which are no references of a payer
        told, names = names_in(
            [value for one in inner for value in one.references],
            [*(text for one in inner for text in one.texts), *banks],
        )
        known_by = ("bank", bank) if bank else ("place", self._statement, str(self._place), str(nth))
        content, booked = (direction, currency, str(amount), day), whole.status in ("BOOK", "")
        self._ready.append(
            Entry(
                number=self._number,
                line=line,
                column=column,
                identity=self._identity("\n".join((*known_by, *content)), booked=booked),
                is_credit=direction == "CRDT",
                booked=booked,
                amount=amount or 0,
                currency=currency,
                sent=sent_abroad(inner, currency),
                day=day,
                names=names,
                told=told,
                problems=tuple(fields.problems),
            )
        )

    def _identity(self, facts: str, *, booked: bool) -> str:
        """Return the hash of an entry's facts. Banks give the transactions of a batch one reference, and two of them may have
        one amount, so the second booked one of a statement is another entry."""
        identity = sha256(facts.encode(errors="replace")).hexdigest()
        self._known[identity] += booked
        times = self._known[identity]
        return identity if times <= 1 else sha256(f"{identity} {times}".encode()).hexdigest()
