"""
Write amounts, rates and texts as the layout of the NF-e has them. Pure.

Called by   comanda.domain.documents.nfe
Returns     texts
Raises      nothing
"""

import re
import unicodedata
from xml.etree import ElementTree as ET

_BLANKS = re.compile(r"\s+")
_NOT_TAKEN = re.compile("[^ -~\u00a0-\u00ff]")  # the schema takes Latin-1 alone


def group(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, name, attributes)


def add(parent: ET.Element, name: str, value: str) -> None:
    ET.SubElement(parent, name).text = value


def cents(amount: int) -> str:
    """Return an amount of cents: 1234 is 12.34."""
    return f"{amount // 100}.{amount % 100:02d}"


def per_cent(rate: int) -> str:
    """Return a rate of millionths in per cent with four decimals: 180000 is 18.0000."""
    return f"{rate // 10_000}.{rate % 10_000:04d}"


def text(words: str, most: int) -> str:
    """Return words as the schema takes them: characters of Latin-1, single blanks, no blank at an end.

    A letter that Latin-1 has not is written without its marks, any other character as a question mark.
    """
    composed = unicodedata.normalize("NFC", words)
    if _NOT_TAKEN.search(_BLANKS.sub(" ", composed)):
        composed = "".join(map(_in_latin_1, composed))
    return _BLANKS.sub(" ", composed).strip()[:most].strip()


def _in_latin_1(character: str) -> str:
    if character.isspace() or not _NOT_TAKEN.match(character):
        return character
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return plain if plain and not _NOT_TAKEN.search(plain) else "?"
