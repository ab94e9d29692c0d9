"""
Define each kind of text that callers send, once: an id, a word, a line of text, an e-mail address, a code.

Every room reads a text with the `read` of its kind, so the API and files accept and refuse the same texts. A kind trims
blanks at both ends and writes the text in Unicode's NFC. It defines how long the text may be, which characters it may have,
and whether it is searched for card numbers. docs/text.md has the table of all fields; docs/openapi.json states the same (`Kind.pattern`).

The module is long because it is one list: all kinds of text, so that no two places define one.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from urllib.parse import quote

from comanda.domain import money
from comanda.domain.card_numbers import grouped_like_a_card, looks_like_a_card

_FEWEST_DIGITS = 12  # of a card number
MOST_ENCODED = 600  # bytes of a percent-encoded text in a key, beside a node's id, a time and an order's id


class Cards(Enum):
    """The places in which a kind of text is searched for card numbers."""

    EVERYWHERE = "everywhere"  # words that people write
    GROUPED = "in groups"  # ids and numbers of another kind: only a number in a card's groups, or called a card
    NOWHERE = "nowhere"  # the kind's form has no room for a card number
    MASKED = "masked"  # the text is taken, and whoever keeps it masks card numbers


class WrongText(ValueError):
    """Refuse a text that is not of its kind, with a stable code and a sentence that continues the field's name.

    The sentence never repeats the value, because the value may be personal data.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


# Character classes for regular expressions, without their brackets; both Python and JSON Schema read them.
BLANKS = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_BUT_LINES = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029"  # tabs and line breaks are taken
# Characters that are invisible, or that change how the rest is read: controls, bidirectional marks, zero-width characters, tags.
_HIDDEN = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff"
)
# In ids also fillers, joiners, variation selectors, every blank but the plain one, and code points without a character.
_UNSEEN = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    r"\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_NOTHING_SEEN = rf"[{BLANKS}{_UNSEEN}\u2800]*"  # with the blank of braille
_SURROGATE = "[\ud800-\udfff]"
_TRIMMED = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def trimmed(text: str) -> str:
    """Return the text without blanks at both ends, in NFC. Two ids are equal if their trimmed texts are equal."""
    if not text.isascii():
        import unicodedata

        text = unicodedata.normalize("NFC", text)
    return text.strip(_TRIMMED)


def is_blank(text: str) -> bool:
    """Return True if no part of the text can be seen. Blanks, zero-width characters and fillers alone are no text."""
    return (not text.isascii() or not text.isprintable()) and re.fullmatch(_NOTHING_SEEN, text) is not None


def is_text(text: str) -> bool:
    """Return True if the value is Unicode text. Half of a surrogate pair is not, and no service accepts it."""
    return text.isascii() or re.search(_SURROGATE, text) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Define a kind of text. `form` is a regular expression for the trimmed text, and `says` describes it in words."""

    name: str
    says: str
    most: int
    least: int = 1  # 0: an empty text is accepted, and means that the field has no value
    form: str = ""
    known: frozenset[str] = frozenset()  # the only texts of this `form` that there are; empty: all of them
    never: str = ""  # a regular expression that no text may begin with
    refused: str = _UNSEEN  # the characters that are refused, if there is no `form`
    cards: Cards = Cards.GROUPED
    shared: bool = False  # many requests send the same few values, and no value is about a person
    most_encoded: int = 0  # percent-encoded bytes of texts in sort keys; 0: any number

    def upto(self, most: int, *, least: int = 1) -> "Kind":
        """Return this kind with another length."""
        return replace(self, most=most, least=least, says=self.says.replace(f"to {self.most} ", f"to {most} "))

    def read(self, value: str) -> str:
        """Return the text as it is kept. Raises WrongText."""
        if self._as_it_is(value):
            return value
        if not is_text(value):
            raise WrongText("not-text", "holds half of a surrogate pair, which is no text")
        text = trimmed(value)
        if not text or self._says_nothing(text):
            if self.least:
                raise WrongText("missing", "is blank")
            return ""
        if self.form:
            if len(text) > self.most or not re.fullmatch(self.form, text):
                raise WrongText("malformed", f"takes {self.says}")
            if self.known and text not in self.known:
                raise WrongText(f"unknown-{self.name}", f"is none: it takes {self.says}")
        else:
            self._check_characters(text)
            self._check_beginning(text)
        if self.most_encoded and len(text) * 12 > self.most_encoded and len(_encoded(text)) > self.most_encoded:
            raise WrongText("too-long", f"takes at most {self.most_encoded} bytes when it is percent-encoded")
        self._check_cards(text)
        return text

    def _as_it_is(self, value: str) -> bool:
        """Return True if a quick check shows that `read` would return the value unchanged. Nearly every value passes."""
        if not 0 < len(value) <= min(self.most, 32) or not value.isascii() or not value.isprintable():
            return False
        if self.never and re.match(self.never, value):
            return False
        if self.form:
            return value in self.known if self.known else len(value) < 12 and re.fullmatch(self.form, value) is not None
        return value[0] != " " != value[-1] and (len(value) < 12 or sum(map(str.isdigit, value)) < 12)

    def _says_nothing(self, text: str) -> bool:
        """Return True if all characters of the text are accepted, and none of them can be seen.

        Zero-width characters alone are no reason and no name.
        """
        return is_blank(text) and not re.search(f"[{self.refused}]", text)

    def _check_beginning(self, text: str) -> None:
        if self.never and re.match(self.never, text):
            raise WrongText("malformed", f"takes {self.says}")

    def _check_characters(self, text: str) -> None:
        if len(text) > self.most:
            raise WrongText("too-long", f"takes at most {self.most} characters")
        if text.isascii() and text.isprintable():
            return
        found = re.search(f"[{self.refused}]", text)
        if found:
            raise WrongText("unseen-character", f"holds the character U+{ord(found[0]):04X}, which is not taken here")

    def _check_cards(self, text: str) -> None:
        if len(text) < _FEWEST_DIGITS or self.cards is Cards.NOWHERE:
            return
        holds = looks_like_a_card if self.cards is Cards.EVERYWHERE else grouped_like_a_card
        if holds(text):
            raise WrongText("card-number", "looks like a card number, which is never stored")

    def fits(self, value: str) -> bool:
        """Return True if `read` returns the value unchanged."""
        try:
            return self.read(value) == value
        except WrongText:
            return False

    @property
    def pattern(self) -> str:
        """Return the regular expression that JSON Schema states, with blanks at both ends."""
        if self.form:
            inside = f"(?:{self.form})"
        else:
            one = f"[^{BLANKS}{self.refused}]"
            inside = one if self.most == 1 else f"{one}(?:[^{self.refused}]{{0,{self.most - 2}}}{one})?"
        never = f"(?![{BLANKS}]*(?:{self.never}))" if self.never else ""
        return f"^{never}[{BLANKS}]*{inside}{'' if self.least else '?'}[{BLANKS}]*$"


@lru_cache(maxsize=256)
def _encoded(text: str) -> str:
    return quote(text, safe="._-~")


# Ids
ID = Kind(
    name="id",
    says="1 to 64 letters, digits, dots, dashes and underscores",
    most=64,
    form="[A-Za-z0-9._-]{1,64}",
    shared=True,
)
INVOICE_SERIES = Kind(
    name="series of invoices",
    says="the id of a node or a channel, after the number_prefix and a tilde where the legal entity has one",
    most=81,
    form="(?:[A-Za-z0-9._-]{1,16}~)?[A-Za-z0-9._-]{1,64}",
    shared=True,
)
NAME = Kind(name="name", says="up to 128 characters that can be seen", most=128)
LINE_ID = replace(NAME, name="line id", most_encoded=MOST_ENCODED, shared=True)
SKU = replace(NAME, name="sku", most_encoded=MOST_ENCODED, shared=True)

# Numbers and names that other systems give
REFERENCE = replace(NAME, name="reference")
GTIN = Kind(name="gtin", says="8 to 14 digits", most=14, form="[0-9]{8,14}", cards=Cards.NOWHERE)
COMPANY_PREFIX = Kind(
    name="company prefix of GS1", says="6 to 12 digits", most=12, form="[0-9]{6,12}", cards=Cards.NOWHERE
)
SSCC = Kind(name="sscc", says="18 digits", most=18, form="[0-9]{18}", cards=Cards.NOWHERE)
NODE_POSTAL_CODE = Kind(
    name="node's postal code",
    says="3 to 12 capital letters, digits, spaces and dashes",
    most=12,
    form="[A-Z0-9][A-Z0-9 -]{1,10}[A-Z0-9]",
    cards=Cards.NOWHERE,
)
PHONE = Kind(name="phone", says="up to 32 characters", most=32, refused=_CONTROLS)
PERSON_NAME = Kind(name="person's name", says="up to 80 characters", most=80, refused=_HIDDEN, cards=Cards.EVERYWHERE)
TAX_ID = Kind(name="tax id", says="up to 32 characters", most=32)
ELECTRONIC_ADDRESS = Kind(
    name="electronic address",
    says="a scheme of four digits, a colon and the address, as in 0088:4012345000009",
    most=60,
    form=r"(?:0[0-9]{3}|99[0-9]{2}):[A-Za-z0-9][A-Za-z0-9.:_-]{0,49}",
)
POSTAL_CODE = Kind(name="postal code", says="up to 16 characters", most=16)
# The words that spreadsheets fill into a cell without a value.
NOTHING = ("n/a", "na", "nan", "nil", "none", "null", "undefined")
_ANY_NOTHING = "|".join("".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in word) for word in NOTHING)
# A spreadsheet shortens a long number (1.23457E11). No parcel can be tracked by such a number.
_SHORTENED = rf"[0-9](?:\.[0-9]+ *)?[Ee] *-?[0-9]{{1,3}}[{BLANKS}]*$"
TRACKING = Kind(
    name="tracking number",
    says="up to 64 letters, digits, spaces, dots, slashes, dashes and underscores, no shortened number as in 1.2E11, and no "
    "word such as n/a that there is none",
    most=64,
    form=rf"(?!{_SHORTENED})(?!(?:{_ANY_NOTHING})[{BLANKS}]*$)[A-Za-z0-9][A-Za-z0-9 ./_-]{{0,63}}",
)

# Words that people write
WORD = Kind(name="word", says="up to 128 characters", most=128, refused=_HIDDEN, cards=Cards.EVERYWHERE)
LINE = Kind(name="line of text", says="one line of text", most=200, refused=_CONTROLS, cards=Cards.EVERYWHERE)
REMARK = LINE.upto(100)
CARRIER = replace(
    REMARK,
    name="carrier",
    says="a name that neither begins as a formula does (= + - @) nor says that there is none",
    never=rf"[=+@-]|(?:{_ANY_NOTHING})[{BLANKS}]*$",
)
TEXT = Kind(name="text", says="text", most=500, refused=_BUT_LINES, cards=Cards.EVERYWHERE)
CASE_TEXT = TEXT.upto(4_000)
PROOF = replace(TEXT, name="proof", cards=Cards.GROUPED)  # a code to redeem may have as many digits as a card


def _code(name: str, says: str, most: int, form: str) -> Kind:
    """Return a kind of codes. A code that may be as long as a card number is searched for one."""
    cards = Cards.NOWHERE if most < _FEWEST_DIGITS else Cards.EVERYWHERE
    return Kind(name=name, says=says, most=most, form=form, cards=cards, shared=True)


# Codes
CURRENCY = replace(
    _code("currency", "the three capital letters of a currency that is in use (ISO 4217)", 3, "[A-Z]{3}"),
    known=money.CURRENCIES | money.REPLACED,
)
COUNTRY = _code("country", "a country's two capital letters (ISO 3166-1)", 2, "[A-Z]{2}")
NCM = _code("NCM", "a class of goods of eight digits", 8, "[0-9]{8}")
CEST = _code("CEST", "a class of goods of seven digits", 7, "[0-9]{7}")
IBS_CBS_CLASS = _code(
    "class of IBS and CBS",
    "six digits that begin with 000, 400 or 410: other classes are not built",
    6,
    "(?:000|400|410)[0-9]{3}",
)
STATE_REGISTRATION = replace(
    _code("state registration", "2 to 14 digits", 14, "[0-9]{2,14}"), cards=Cards.NOWHERE, shared=False
)
ICMS_CODE = _code(
    "code of ICMS",
    "the CST 00, 40, 41, 50 or 60, or the CSOSN 102, 103, 300, 400 or 500: others are not built",
    3,
    "00|40|41|50|60|102|103|300|400|500",
)
PIS_COFINS_CODE = _code(
    "code of PIS and COFINS", "the CST 01, 04, 06, 07, 08, 09, 49 or 99: others are not built", 2, "01|0[46-9]|49|99"
)
NFE_UNIT = _code("unit of an NF-e", "up to 6 capital letters and digits", 6, "[A-Z0-9]{1,6}")
CITY_CODE = _code("code of a city", "the seven digits of IBGE", 7, "[0-9]{7}")
NFE_KEY = replace(
    _code(
        "key of an NF-e",
        "44 characters: digits, and letters where the CNPJ has some",
        44,
        "[0-9]{6}[0-9A-Z]{12}[0-9]{26}",
    ),
    cards=Cards.NOWHERE,
    shared=False,
)
NFE_PROTOCOL = replace(
    _code("protocol of an NF-e", "fifteen digits", 15, "[0-9]{15}"), cards=Cards.NOWHERE, shared=False
)
NFE_CODE = _code("code of a refused NF-e", "three or four digits", 4, "[0-9]{3,4}")
PAYMENT_CODE = _code("code of a payment", "two digits", 2, "[0-9]{2}")
UNIT_OF_MEASURE = _code("unit of measure", "up to 16 capital letters and digits", 16, "[A-Z0-9]{1,16}")
CLOCK = _code("time of day", "a time of day as in 09:30", 5, "(?:[01][0-9]|2[0-3]):[0-5][0-9]")
REGION = _code(
    "region",
    "a country, and a region of it by its code or a name, as in US, US-NY or US-New York",
    67,
    f"[A-Z]{{2}}(?:-(?!-)[^{_HIDDEN}]{{0,63}}[^{BLANKS}{_HIDDEN}])?",
)
REGION_NAME = replace(
    LINE.upto(64), refused=_HIDDEN
)  # the region's code or one of its names, in any spelling; stored as its code
POSTAL_PREFIX = _code(
    "postal prefix",
    "the first 1 to 3 capital letters and digits of a postal code: orders keep no more of it",
    3,
    "[A-Z0-9]{1,3}",
)
# The characters of an address (RFC 3986) without quotes; `{number}` stands once, behind the host.
_ADDRESS = r"[A-Za-z0-9._~:/?#@!$&()*+,;=%-]*"
TRACKING_URL = _code(
    "tracking page",
    "an https address with {number}, once, where the tracking number belongs",
    300,
    rf"https://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?/{_ADDRESS}\{{number\}}{_ADDRESS}",
)
LINK = replace(
    _code(
        "link",
        "an https address of up to 500 characters",
        500,
        rf"https://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?(?:[/?#]{_ADDRESS})?",
    ),
    cards=Cards.GROUPED,
    shared=False,
)


# The text of a scanner: element strings of GS1 have the separator FNC1 (U+001D).
SCANNED = Kind(
    name="scanned code",
    says="up to 400 characters as a scanner sends them",
    most=400,
    refused=r"\u0000-\u001c\u001e\u001f\u007f-\u009f\u2028\u2029",
    cards=Cards.GROUPED,
)


# A carrier's own code of a scan: DL, OFD, I-310, BDE 01. Capital and small letters are one code.
class _ScanCode(Kind):
    __slots__ = ()

    def read(self, value: str) -> str:
        """Return the code in capital letters. Raises WrongText."""
        return Kind.read(self, value).upper()


SCAN_CODE = _ScanCode(
    name="scan code",
    says="up to 32 letters, digits, blanks, dots, dashes, underscores, colons and slashes",
    most=32,
    form=r"[A-Za-z0-9](?:[A-Za-z0-9 ._:/-]{0,30}[A-Za-z0-9._:/-])?",
    cards=Cards.EVERYWHERE,
    shared=True,
)
FACTOR = _code("factor", "up to 32 small letters, digits and dashes", 32, "[a-z0-9-]{1,32}")
ZONE = _code("zone", "up to 32 letters, digits, dots, dashes and underscores", 32, "[A-Za-z0-9._-]{1,32}")
RATE = Kind(
    name="rate",
    says="a decimal number of up to 2 digits and 9 places, as in 0.0825",
    most=12,
    form=r"[0-9]{1,2}(?:\.[0-9]{1,9})?",
    cards=Cards.NOWHERE,  # eleven digits are no card number
    shared=True,
)
# No text of these kinds is remembered: each is a secret.
GIFT_CARD_CODE = Kind(
    name="gift card's code",
    says="20 letters and digits, together or in groups of four",
    most=24,
    form="[A-Za-z0-9]{20}|[A-Za-z0-9]{4}(?:[ -][A-Za-z0-9]{4}){4}",
    cards=Cards.NOWHERE,
)
PIN = Kind(name="PIN", says="four digits", most=4, form="[0-9]{4}", cards=Cards.NOWHERE)
BADGE = Kind(
    name="badge",
    says="CB- and 32 hexadecimal digits, as the badge's QR code has them",
    most=35,
    form="CB-[0-9A-F]{32}",
    cards=Cards.NOWHERE,
)
DEVICE_SECRET = Kind(
    name="device's secret",
    says="64 hexadecimal digits, as the device got them once",
    most=64,
    form="[0-9a-f]{64}",
    cards=Cards.NOWHERE,
)
DAY = _code("day", "a day as in 2026-11-22", 10, "[0-9]{4}-[0-9]{2}-[0-9]{2}")

_LOCALE = r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?"


class _Locale(Kind):
    __slots__ = ()

    def read(self, value: str) -> str:
        """Return the locale as BCP 47 writes it: `en_US` is `en-US`. Raises WrongText."""
        found = re.fullmatch(_LOCALE, Kind.read(self, value))
        if found is None:
            raise AssertionError("a locale's form")
        language, script, region = found.groups()
        return "-".join(part for part in (language.lower(), (script or "").title(), (region or "").upper()) if part)


LOCALE = _Locale(
    name="locale",
    says="a language, and a region where it matters, as in pt-BR, en_US or es-419",
    most=12,
    form=_LOCALE,
    cards=Cards.NOWHERE,
)

# RFC 5321, RFC 5322: a dot-atom; providers mail to no other local part.
_LOCAL_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


class _Email(Kind):
    __slots__ = ()

    def read(self, value: str) -> str:
        """Return the address as it was sent. Raises WrongText with the reason why the address cannot be mailed to."""
        text = Kind.read(self, value)
        if text:
            mailable(text)
        return text


_MAILED = rf'[^{BLANKS}{_UNSEEN}@,;:<>()\[\]"\\]'
EMAIL = _Email(name="e-mail", says="an e-mail address", most=254, form=f"{_MAILED}{{1,64}}@{_MAILED}{{1,252}}")


class _Mail(Kind):
    """A part of a mail that a stranger sent. It cannot be sent again in another way, so nothing in it is refused but its size;
    `comanda.domain.cases.mail` cleans what is kept, and masks card numbers."""

    __slots__ = ()

    def read(self, value: str) -> str:
        """Return the text as it came. Raises WrongText."""
        if not is_text(value):
            raise WrongText("not-text", "holds half of a surrogate pair, which is no text")
        if len(value.encode()) > self.most:
            raise WrongText("too-long", f"takes at most {self.most} bytes of UTF-8")
        if self.least and (not (kept := trimmed(value)) or is_blank(kept)):
            raise WrongText("missing", "is blank")
        return value

    @property
    def pattern(self) -> str:
        """Return no regular expression: every character is taken."""
        return ""


MAIL = _Mail(name="mail", says="a part of a mail", most=65_536, least=0, cards=Cards.MASKED)


def mailable(email: str) -> str:
    """Return the address as a mail provider takes it, an international domain in punycode. Raises WrongText."""
    local, at, domain = email.rpartition("@")
    if not at or not re.fullmatch(_LOCAL_PART, local) or len(local) > 64:
        raise WrongText("not-mailable", "takes plain letters, digits and symbols before the @, up to 64 of them")
    labels = [_label(label) for label in re.split("[.\u3002\uff0e\uff61]", domain)]
    if len(labels) < 2:
        raise WrongText("not-mailable", "has a domain without a dot, to which nobody can mail")
    if labels[-1].isdigit():
        raise WrongText("not-mailable", "has a number for its domain, to which nobody can mail")
    address = f"{local}@{'.'.join(labels)}"
    if len(address) > 254:
        raise WrongText("not-mailable", "is longer than the 254 characters that mail takes")
    return address


def _label(label: str) -> str:
    """Return one part of a domain in ASCII (RFC 5890). A part that is not ASCII becomes punycode, as IDNA 2008 writes it."""
    if label.isascii():
        found = label.lower()
    else:
        import unicodedata

        shown = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).lower())
        if not all(c == "-" or unicodedata.category(c)[0] in "LM" or unicodedata.category(c) == "Nd" for c in shown):
            raise WrongText("not-mailable", "has a domain with a character that no domain has")
        found = shown if shown.isascii() else f"xn--{shown.encode('punycode').decode('ascii')}"
    if found.startswith("xn--") and not _is_punycode(found[4:]):
        raise WrongText("not-mailable", "has a domain with a part that is no punycode, though it begins as one")
    if not re.fullmatch(_LABEL, found):
        raise WrongText("not-mailable", "has a domain that cannot be: each part is 1 to 63 letters, digits and dashes")
    return found


def _is_punycode(label: str) -> bool:
    try:
        label.encode("ascii").decode("punycode")
    except UnicodeError:
        return False
    return True
