"""
Read a file's bytes as numbered records, one line at a time; refuse the whole file if it is not a table of known columns.

Called by   functions/inbox/handler.py
Returns     a Layout, then records with their line numbers
Raises      Refused with the line that shows the error

A file is CSV with a header, or JSON Lines, in UTF-8 with or without a byte order mark. Its lines end with LF or CR LF, and one
file may have both. A record has the columns of the header, or in JSON Lines all columns of the kind of file.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, NoReturn

from comanda.domain.errors import Rejected
from functions.inbox.fields import trimmed

MOST_BYTES = 100 * 1024 * 1024
MOST_LINES = 200_000
MOST_LINE = 16 * 1024  # bytes; the longest real line has a few hundred
MOST_FIELDS = 100

CSV, JSON_LINES = "csv", "jsonl"

type Record = Mapping[str, Any]


class Refused(Rejected):
    """The whole file is refused, and none of it is applied. `line` is the line with the error, 0 for an error of the whole file."""

    def __init__(self, code: str, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason_code, self.reason, self.line = code, reason, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns that a kind of file may have (`known`). It needs at least one column of each set in `needed`.

    With `others`, columns that are not known are passed over: the file is made for others too.
    """

    known: frozenset[str]
    needed: tuple[frozenset[str], ...]
    others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The result of the first pass over a file. `last` is the last line of each group of records, by the group's hash."""

    format: str
    records: int
    delimiter: str = ","
    header: tuple[str, ...] = ()
    others: bool = False
    last: Mapping[int, int] = field(default_factory=dict)


def survey(stream: BinaryIO, size: int, columns: Columns, group: Callable[[Record], int | None]) -> Layout:
    """Read the whole file once, and keep only the last line of each group. Raises Refused if the file is wrong."""
    if size > MOST_BYTES:
        raise Refused("too-large", f"the file has {size} bytes, {MOST_BYTES} are taken")
    layout = _head(stream, columns)
    count, last = 0, {}
    for line, record in records(stream, layout):
        count += 1
        row_group = group(record)
        if row_group is not None:
            last[row_group] = line
    if not count:
        raise Refused("empty", "the file has no rows")
    return replace(layout, records=count, last=last)


def records(stream: BinaryIO, layout: Layout, after: int = 0) -> Iterator[tuple[int, Record]]:
    """Yield (line number, record) for every line after the line `after` that is not blank. Raises Refused."""
    stream.seek(0)
    found = _csv(stream, layout) if layout.format == CSV else _json_lines(stream, layout)
    return ((line, record) for line, record in found if line > after)


def _head(stream: BinaryIO, columns: Columns) -> Layout:
    stream.seek(0)
    _refuse_other_formats(stream.read(_MAGIC))
    stream.seek(0)
    first = next((text for _, text in _lines(stream) if trimmed(text)), "")
    if first.lstrip().startswith(("{", "[")):
        return Layout(format=JSON_LINES, records=0, header=tuple(sorted(columns.known)), others=columns.others)
    _check_separator(first, columns)
    delimiter = ";" if first.count(";") > first.count(",") else ","
    header = next(_parsed(iter([(1, first)]), delimiter), (1, []))[1]
    names = tuple(trimmed(name).lower() for name in header)
    _check_header(names, columns)
    return Layout(format=CSV, records=0, delimiter=delimiter, header=names)


_OTHER_FORMATS = (
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"PK\x03\x04", "a zip file or a spreadsheet"),
    (b"PK\x05\x06", "a zip file or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet"),
    (b"%PDF", "a PDF"),
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_MAGIC = max(len(start) for start, _ in _OTHER_FORMATS)


def _refuse_other_formats(magic: bytes) -> None:
    for start, name in _OTHER_FORMATS:
        if magic.startswith(start):
            raise Refused("encoding", f"the file is {name}; plain UTF-8 text is taken")


_OTHER_SEPARATORS = {
    "\t": "tabs",
    "\v": "vertical tabs",
    "|": "vertical bars",
    ":": "colons",
    "\uff0c": "full-width commas",
    "\uff1b": "full-width semicolons",
    "\u3001": "ideographic commas",
    " ": "blanks",
}


def _check_separator(first: str, columns: Columns) -> None:
    """Raise Refused for a first line that separates its columns by another character than comma or semicolon."""
    if trimmed(first).lower().strip('"').startswith("sep="):
        reason = "the first line is an instruction for a spreadsheet (sep=), not the header; leave it out"
        raise Refused("unknown-column", f"{reason}, and {_WANTED}", 1)
    names = {trimmed(part.strip('"')).lower() for part in re.split("[,;]", first)}
    for separator, name in _OTHER_SEPARATORS.items():
        parts = {trimmed(part).strip('"').lower() for part in first.split(separator)}
        if len(parts & columns.known) > max(1, len(names & columns.known)):
            raise Refused("unknown-column", f"the columns are separated by {name}; {_WANTED}", 1)


_WANTED = "separate the columns by commas or by semicolons"


def _check_header(names: tuple[str, ...], columns: Columns) -> None:
    if not any(names):
        raise Refused("empty", "the file has no header")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused("duplicate-column", f"column {_shown(twice[0], names)} stands twice", 1)
    for name in names:
        if name not in columns.known and not columns.others:
            raise Refused("unknown-column", f"column {_shown(name, names)} is not known", 1)
    for choice in columns.needed:
        if choice.isdisjoint(names):
            raise Refused("missing-column", f"column {' or '.join(sorted(choice))} is missing", 1)


def _check_names(record: Record, known: Mapping[str, None], line: int) -> None:
    for name in record:
        if name not in known:
            raise Refused("unknown-column", f"field {_shown(name, tuple(record))} is not known", line)


def _shown(name: str, names: tuple[str, ...]) -> str:
    """Return a column's name, or its number: a file without a header begins with data, which a receipt must not repeat."""
    return name if re.fullmatch(r"[a-z_]{1,40}", name) else f"number {names.index(name) + 1}"


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Yield (number, text) of each line. Raises Refused for a line that is too long or is no UTF-8 text."""
    number = 0
    while raw := stream.readline(MOST_LINE + 1):
        number += 1
        if len(raw) > MOST_LINE:
            raise Refused("line-too-long", f"line {number} has more than {MOST_LINE} bytes", number)
        if number > MOST_LINES + 1:
            raise Refused("too-long", f"the file has more than {MOST_LINES} lines")
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise Refused("encoding", f"line {number} is not UTF-8 text; save the file as UTF-8", number) from None
        text = text.removesuffix("\n").removesuffix("\r")
        if "\0" in text:
            reason = f"line {number} has a NUL character: it is no text, or UTF-16; save the file as UTF-8"
            raise Refused("encoding", reason, number)
        if "\r" in text:
            reason = f"line {number} has a carriage return inside; lines end with LF or CR LF"
            raise Refused("structure", reason, number)
        yield number, text


def _csv(stream: BinaryIO, layout: Layout) -> Iterator[tuple[int, Record]]:
    rows = _parsed(_lines(stream), layout.delimiter)
    header, width = layout.header, len(layout.header)
    next(rows)
    for line, values in rows:
        if len(values) != width:
            raise Refused("structure", _wrong_width(line, values, width, layout.delimiter), line)
        yield line, dict(zip(header, values, strict=True))


def _wrong_width(line: int, values: list[str], width: int, delimiter: str) -> str:
    """Return the reason for a line with more or fewer fields than the header."""
    other = "," if delimiter == ";" else ";"
    if len(values) == 1 and values[0].count(other) == width - 1:
        return f"line {line} separates its fields by {_NAMES[other]}, the header by {_NAMES[delimiter]}"
    return f"line {line} has {len(values)} fields, the header has {width}; a field with a separator in it is quoted"


_NAMES = {",": "commas", ";": "semicolons"}


def _parsed(lines: Iterator[tuple[int, str]], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields) of each line of CSV that is not blank. No field may hold a line break."""
    number = 0

    def texts() -> Iterator[str]:
        nonlocal number
        for found, text in lines:
            number = found
            yield text

    before = 0
    reader = csv.reader(texts(), delimiter=delimiter, strict=True)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Refused(
                "structure", f"line {before + 1}: a quote is not closed or out of place", before + 1
            ) from None
        if reader.line_num != before + 1:
            raise Refused("structure", f"line {before + 1}: a quote is not closed", before + 1)
        before += 1
        if any(map(trimmed, values)):
            if len(values) > MOST_FIELDS:
                raise Refused("structure", f"line {number} has more than {MOST_FIELDS} fields", number)
            yield number, values


def _json_lines(stream: BinaryIO, layout: Layout) -> Iterator[tuple[int, Record]]:
    nothing = dict.fromkeys(layout.header)
    for line, text in _lines(stream):
        if not trimmed(text):
            continue
        try:
            record = _decoder.decode(text)
        except (ValueError, RecursionError):
            raise Refused(
                "structure",
                f"line {line} is not a JSON object of one line with each field once, and no NaN or Infinity in it",
                line,
            ) from None
        if not isinstance(record, dict):
            raise Refused("structure", f"line {line} is JSON, but not an object", line)
        if not layout.others:
            _check_names(record, nothing, line)
        yield line, nothing | record


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Numbers stay text, so a row's checks read them alike in both formats, and 1.0 or 1e3 is no whole number of units.
_decoder = json.JSONDecoder(
    object_pairs_hook=_unique_fields, parse_constant=_refuse_constant, parse_int=str, parse_float=str
)
