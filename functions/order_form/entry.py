"""
Read what a visitor typed into the form, and check it field by field before anything is asked or sent. Pure.

Called by   functions/order_form/pages.py
Returns     an Entry, however strange the fields are; problems by the name of their field

The kinds of text are those of POST /v1/orders, so what passes here is taken there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from re import fullmatch

from comanda.domain import text
from comanda.domain.geography import postal_codes

MOST_LINES = 30
MOST_UNITS = 999  # of a line: a form is no way to order for a whole shop
_KEY = r"[0-9A-HJKMNP-TV-Z]{26}"  # a ULID

# The fields with one value, and the kind of text of each.
KINDS: Mapping[str, text.Kind] = {
    "name": text.LINE,
    "email": text.EMAIL,
    "phone": text.PHONE.upto(32, least=0),
    "recipient": text.LINE.upto(200, least=0),
    "line1": text.LINE,
    "line2": text.LINE.upto(200, least=0),
    "city": text.LINE,
    "region": text.LINE.upto(64, least=0),
    "postal_code": text.POSTAL_CODE.upto(16, least=0),
    "country": text.COUNTRY,
    "note": text.TEXT.upto(500, least=0),
}
OF_ADDRESS = ("recipient", "line1", "line2", "city", "region", "postal_code", "country")
PLAIN = ("q", *KINDS, "option", "promise", "chosen", "day", "total", "challenge", "nonce", "key")

# What is wrong with a field, as the pages say it in each language.
BLANK, WRONG, TOO_MANY, NOT_SHIPPED_TO, NO_OPTION = "blank", "wrong", "too-many", "not-shipped-to", "no-option"
CARD, NO_TEXT, NO_LINES, NOT_SOLD = "card-number", "not-text", "no-lines", "not-sold"

type Problems = dict[str, str]  # the code of what is wrong, by field


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the basket as it was typed."""

    sku: str
    quantity: str

    @property
    def units(self) -> int | None:
        """Return the number of units, or None for a text that is no number from 1 to the most."""
        typed = self.quantity.strip()
        fits = fullmatch("[0-9]{1,4}", typed) is not None and 1 <= int(typed) <= MOST_UNITS
        return int(typed) if fits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Everything that the form holds, as it was typed."""

    key: str = ""
    rows: tuple[Row, ...] = ()
    q: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    recipient: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    note: str = ""
    option: str = ""
    promise: str = ""  # the promise that the review showed, and the option of it
    chosen: str = ""
    day: str = ""  # the day of that option, as the review showed it
    total: str = ""  # that the review showed, in minor units
    challenge: str = ""
    nonce: str = ""


def read(pairs: Sequence[tuple[str, str]]) -> Entry:
    """Return the entry of the fields of a form, in their order. Unknown fields are dropped, of a repeated one the first
    counts."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name, value)
    skus = [value for name, value in pairs if name == "sku"]
    quantities = [value for name, value in pairs if name == "quantity"]
    rows = (Row(sku=sku, quantity=quantity) for sku, quantity in zip(skus, quantities, strict=False))
    return Entry(rows=tuple(rows), **{name: values.get(name, "") for name in PLAIN})


def is_key(key: str) -> bool:
    return fullmatch(_KEY, key) is not None


def row_problems(entry: Entry) -> Problems:
    """Return what is wrong with the lines of the basket."""
    if len(entry.rows) > MOST_LINES:
        return {"lines": TOO_MANY}
    found = {f"quantity-{i}": WRONG for i, row in enumerate(entry.rows) if row.units is None}
    found |= {f"quantity-{i}": NOT_SOLD for i, row in enumerate(entry.rows) if not text.SKU.fits(row.sku)}
    return found


def problems(entry: Entry, countries: Sequence[str], *, shipped: bool) -> Problems:
    """Return what is wrong with the customer, the address if the order is shipped, and the basket."""
    found = row_problems(entry)
    if not entry.rows:
        found["lines"] = NO_LINES
    for name, kind in KINDS.items():
        if name in OF_ADDRESS and not shipped:
            continue
        if (code := _wrong(kind, getattr(entry, name))) is not None:
            found[name] = code
    if shipped and "country" not in found and entry.country not in countries:
        found["country"] = NOT_SHIPPED_TO
    if shipped and "postal_code" not in found and postal_codes.problem(entry.country, entry.postal_code, "/"):
        found["postal_code"] = WRONG
    return found


def _wrong(kind: text.Kind, value: str) -> str | None:
    try:
        kind.read(value)
    except text.WrongText as error:
        return {"missing": BLANK, "card-number": CARD, "not-text": NO_TEXT}.get(error.code, WRONG)
    return None


def is_located(entry: Entry, countries: Sequence[str]) -> bool:
    """Return True if so much of the address is typed that ways of delivery can be asked for."""
    place = ("country", "postal_code", "city", "region")
    if any(_wrong(KINDS[name].upto(KINDS[name].most, least=0), getattr(entry, name)) for name in place):
        return False
    return (
        entry.country in countries
        and bool(entry.postal_code.strip() or entry.city.strip())
        and postal_codes.problem(entry.country, entry.postal_code, "/") is None
    )


# The field of the form for each pointer into the body of the order, and into that of the promise, whose address is `to`.
_FIELDS = {
    "/customer/name": "name",
    "/customer/email": "email",
    "/customer/phone": "phone",
    "/ship_to/name": "recipient",
    "/ship_to": "postal_code",
    "/note": "note",
    "/promise_id": "option",
    "/option_id": "option",
    "/to": "postal_code",
    **{f"/{to}/{name}": name for to in ("ship_to", "to") for name in OF_ADDRESS},
}


def field_of(pointer: str) -> str:
    """Return the field that a pointer of the API's problem is about, and "" for none."""
    if pointer.startswith("/lines/") and pointer.split("/")[2].isdecimal():
        return "option" if "fulfillment" in pointer else f"quantity-{pointer.split('/')[2]}"
    return _FIELDS.get(pointer, "")
