"""
Spell e-mails, phones and addresses in one way, so that orders of one person are counted together however they write them.

The folded texts are compared, and never shown or written to.

Called by   comanda.aws.customers.velocity
Returns     folded texts, "" for a text that says nothing
Raises      nothing
"""

import re

from comanda.domain import search_words
from comanda.domain.orders import customer_search

# Providers to which dots before the @ make no difference: both names are one provider's.
_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})
_FIVE_DIGITS = "US"  # what follows them names a block of the same place
_SHORT = {
    "street": "st",
    "str": "st",
    "avenue": "ave",
    "avenida": "ave",
    "av": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "square": "sq",
    "highway": "hwy",
    "parkway": "pkwy",
    "terrace": "ter",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "rua": "r",
    "travessa": "tv",
    "alameda": "al",
    "calle": "c",
    "carretera": "ctra",
}
_NO_WORDS = frozenset(
    "apt apartment apto apartamento ap unit suite ste room rm flat no nr num numero number".split()  # noqa: SIM905  # a line of words
)


def email(written: str) -> str:
    """Return an e-mail as it is delivered: without what follows a plus, and without dots where they make no difference."""
    local, at, domain = customer_search.email(written).rpartition("@")
    if not at:
        return domain
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '')}@gmail.com" if domain in _WITHOUT_DOTS else f"{local}@{domain}"


def phone(written: str) -> str:
    """Return the digits of a phone number that are the same with and without the country's code."""
    return customer_search.phone(written) or re.sub(r"\D", "", written)


def address(country: str, postal_code: str, city: str, *lines: str) -> str:
    """Return an address with usual abbreviations, and without words such as "Apt" before a number.

    The postal code stands for the city, whose name is written in many ways.
    """
    code = "".join(_words(postal_code))
    if country == _FIVE_DIGITS:
        code = code[:5]
    street = (_SHORT.get(word, word) for line in lines for word in _words(line) if word not in _NO_WORDS)
    return "|".join((country, code or "".join(_words(city)), "".join(street)))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", search_words.folded(text))
