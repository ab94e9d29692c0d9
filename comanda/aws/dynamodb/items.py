"""
Convert plain values to DynamoDB's wire format and back, for the few types that the tables use. Documents are packed JSON.

Called by   comanda.aws.dynamodb and the modules that read or write items themselves
"""

import json
from base64 import b64decode
from typing import Any
from zlib import compress, decompress

PACK_ABOVE = 8_192  # bytes: a small document stays readable in the console
FITS = 350_000  # bytes of a document: an item holds 400 KB with its keys and other attributes

Item = dict[str, dict[str, Any]]


def wire(value: Any) -> dict[str, Any]:
    """Return a Python value as an attribute value."""
    if type(value) is str:
        return {"S": value}  # most values are text
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case None:
            return {"NULL": True}
        case dict():
            return {"M": {str(k): wire(v) for k, v in value.items()}}
        case list() | tuple():
            return {"L": [wire(v) for v in value]}
    raise TypeError(f"{type(value).__name__} has no place in a table")


def plain(value: dict[str, Any]) -> Any:
    """Return an attribute value as a Python value. Numbers are ints."""
    if "S" in value:  # most values are text: to test for it first reads a page of positions in a third of the time
        return value["S"]
    if "N" in value:
        return int(value["N"])
    ((kind, raw),) = value.items()
    match kind:
        case "M":
            return {k: plain(v) for k, v in raw.items()}
        case "L":
            return [plain(v) for v in raw]
        case "NULL":
            return None
        case "B":
            return b64decode(raw) if isinstance(raw, str) else bytes(raw)
    return raw


def item(attributes: dict[str, Any]) -> Item:
    return {name: wire(value) for name, value in attributes.items() if value is not None}


def attributes(item: Item) -> dict[str, Any]:
    return {name: plain(value) for name, value in item.items()}


def pack(document: Any) -> str | bytes:
    """Return a document as JSON, compressed by zlib above 8 KB."""
    return pack_text(compact(document))


def compact(document: Any) -> str:
    """Return a document as JSON without spaces."""
    return _compact(document)


# A document is a tree: to look for circles in it takes a third of the time.
_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def pack_text(text: str) -> str | bytes:
    """Return a JSON text as it is stored: compressed by zlib above 8 KB."""
    raw = text.encode()
    return compress(raw, 6) if len(raw) > PACK_ABOVE else text


def unpack(packed: str | bytes) -> Any:
    return json.loads(decompress(packed) if isinstance(packed, bytes) else packed)
