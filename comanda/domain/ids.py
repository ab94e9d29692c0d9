"""
Write and read ids. An order is `ord_<cell>_<ulid>`, and its fulfillments, invoices, credit notes and returns carry the same ULID.

The id of a fulfillment, `ful_<cell>_<ulid>-001`, therefore names its order, and one read finds it. A ULID is 48 bits of milliseconds and 80 random bits in Crockford base 32, so ids sort by time (github.com/ulid/spec).
"""

import re
from hashlib import sha256

from comanda.domain.errors import NotFound, WrongRegion

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(r"(ord|ful|inv|crn|ret)_([a-z0-9]{2,8})_([0-9A-HJKMNP-TV-Z]{26})(?:-([0-9]{3}|[1-9][0-9]{3}))?")
_CASE = re.compile(r"cas_([a-z0-9]{2,8})_([0-9A-HJKMNP-TV-Z]{26})(?:-([0-9]{3}))?")
_RESERVATION = re.compile(r"rsv_([a-z0-9]{2,8})_[0-9A-HJKMNP-TV-Z]{26}")
_PICK_WAVE = re.compile(r"wav_([a-z0-9]{2,8})_[0-9A-HJKMNP-TV-Z]{26}")
_DRAFT = re.compile(r"drf_([a-z0-9]{2,8})_[0-9A-HJKMNP-TV-Z]{26}")
_ACCOUNT = re.compile(r"(gc|sc)_[0-9a-f]{32}")
_CREDIT_ACCOUNT = re.compile(r"ac_[0-9a-f]{32}")
_CUSTOMER = re.compile(r"cus_[0-9a-f]{32}")
GUEST = "g_"  # begins the ids of customers that shops do not know
_WORDS = {"ord": "order", "ful": "fulfillment", "inv": "invoice", "crn": "credit note", "ret": "return"}


def ulid(milliseconds: int, entropy: int) -> str:
    """Return 26 characters that hold the time in milliseconds and 80 bits of entropy."""
    number = (milliseconds << 80) | (entropy & ((1 << 80) - 1))
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def ulid_bytes(ulid: str) -> bytes:
    """Return the 16 bytes of a ULID."""
    number = 0
    for character in ulid:
        number = number << 5 | _ALPHABET.index(character)
    return number.to_bytes(17)[1:]


def ulid_of(raw: bytes) -> str:
    """Return the ULID of 16 bytes."""
    number = int.from_bytes(raw)
    return ulid(number >> 80, number)


def order(cell: str, ulid: str) -> str:
    return f"ord_{cell}_{ulid}"


def draft(cell: str, ulid: str) -> str:
    return f"drf_{cell}_{ulid}"


def order_of_draft(draft_id: str) -> str:
    """Return the id of the order that a draft becomes: it has the same ULID."""
    return f"ord_{draft_id.removeprefix('drf_')}"


def is_draft(text: str) -> bool:
    """Return True if a text can be the id of a draft of any cell."""
    return _DRAFT.fullmatch(text) is not None


def is_guest(customer_id: str) -> bool:
    """Return True for the id of a customer that the shop does not know: anybody may type a guest's e-mail address."""
    return customer_id.startswith(GUEST)


def is_customer(text: str) -> bool:
    """Return True if a text can be the id of a customer."""
    return _CUSTOMER.fullmatch(text) is not None


def is_account(text: str) -> bool:
    """Return True if a text can be the id of the account of a gift card or of store credit."""
    return _ACCOUNT.fullmatch(text) is not None


def is_credit_account(text: str) -> bool:
    """Return True if a text can be the id of a customer's credit account."""
    return _CREDIT_ACCOUNT.fullmatch(text) is not None


def parse_draft(text: str, cell: str) -> str:
    """Check the id of a draft that a caller sent. Raises NotFound, WrongRegion."""
    match = _DRAFT.fullmatch(text)
    if not match:
        raise NotFound("draft", text[:80])
    if match[1] != cell:
        raise WrongRegion("draft", text, match[1])
    return text


def promise(cell: str, ulid: str) -> str:
    return f"prm_{cell}_{ulid}"


def preview(cell: str, ulid: str) -> str:
    """Return the id of the preview of a change."""
    return f"prv_{cell}_{ulid}"


def reservation(cell: str, owner: str, request_id: str) -> str:
    """Return the id of the reservation that a caller's request makes. The same request always has the same id."""
    digest = int.from_bytes(sha256(f"{owner}\n{request_id}".encode()).digest()[:16])
    return f"rsv_{cell}_{ulid(digest >> 80, digest)}"


def pick_wave(cell: str, owner: str, request: str) -> str:
    """Return the id of the pick wave that a caller's request builds. The same request always has the same id."""
    digest = int.from_bytes(sha256(f"{owner}\n{request}".encode()).digest()[:16])
    return f"wav_{cell}_{ulid(digest >> 80, digest)}"


def parse_pick_wave(text: str, cell: str) -> str:
    """Check the id of a pick wave that a caller sent. Raises NotFound, WrongRegion."""
    match = _PICK_WAVE.fullmatch(text)
    if not match:
        raise NotFound("pick wave", text[:80])
    if match[1] != cell:
        raise WrongRegion("pick wave", text, match[1])
    return text


def parse_reservation(text: str, cell: str) -> str:
    """Check the id of a reservation that a caller sent. Raises NotFound, WrongRegion."""
    match = _RESERVATION.fullmatch(text)
    if not match:
        raise NotFound("reservation", text[:80])
    if match[1] != cell:
        raise WrongRegion("reservation", text, match[1])
    return text


def child(kind: str, order_id: str, number: int) -> str:
    """Return the id of fulfillment (`ful`), invoice (`inv`), credit note (`crn`), case (`cas`) or return (`ret`) number n of an order."""
    return f"{kind}_{order_id[4:]}-{number:03d}"


def fulfillment(order_id: str, number: int) -> str:
    return child("ful", order_id, number)


def invoice(order_id: str, number: int) -> str:
    return child("inv", order_id, number)


def credit_note(order_id: str, number: int) -> str:
    return child("crn", order_id, number)


def case(cell: str, ulid: str) -> str:
    """Return the id of a case without an order."""
    return f"cas_{cell}_{ulid}"


def case_of_order(order_id: str, number: int) -> str:
    """Return the id of case number n of an order."""
    return child("cas", order_id, number)


def order_of_case(case_id: str) -> tuple[str, int] | None:
    """Return the order and the number of a case of an order. None for the id of a case without an order, or of another thing."""
    match = _CASE.fullmatch(case_id)
    return (f"ord_{match[1]}_{match[2]}", int(match[3])) if match and match[3] else None


def parse_case(text: str, cell: str) -> str:
    """Check the id of a case that a caller sent. Raises NotFound, WrongRegion."""
    match = _CASE.fullmatch(text)
    if not match:
        raise NotFound("case", text[:80])
    if match[1] != cell:
        raise WrongRegion("case", text, match[1])
    return text


def parse(kind: str, text: str, cell: str) -> tuple[str, int]:
    """Read an id that a caller sent: return the order id, and the child's number, which is 0 for an order itself.

    Raises NotFound for a text that is not an id of this kind, WrongRegion for the id of another cell.
    """
    match = _ID.fullmatch(text)
    if not match or match[1] != kind or (kind == "ord") != (match[4] is None):
        raise NotFound(_WORDS[kind], text[:80])
    if match[2] != cell:
        raise WrongRegion(_WORDS[kind], text, match[2])
    return f"ord_{match[2]}_{match[3]}", int(match[4] or 0)


def find(text: str) -> str:
    """Return the first id of an order, a fulfillment, an invoice, a credit note or a return in a text, for instance in a link, or "".

    The id may be of another cell: `parse` checks that.
    """
    match = _ID.search(text)
    return match[0] if match else ""
