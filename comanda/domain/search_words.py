"""
Find products by words: the words of a product, and whether it has all words of a query. Case and accents do not count.

Called by   comanda.aws.directory.product_index
Returns     folded words
Raises      nothing
"""

import re
import unicodedata
from collections.abc import Sequence

LEAST = 3  # letters of a word that products are found by
MOST_LETTERS = 24  # of a word; the rest of a longer one does not count
MOST_WORDS = 20  # of a product
MOST_ASKED = 10  # words of a query


def folded(text: str) -> str:
    """Return the text in small letters, without accents and other marks: `Chá VERDE` is `cha verde`."""
    if text.isascii():  # most names and titles: there is nothing to take off, and each order folds its customer's name
        return text.lower()
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", parts) if not unicodedata.combining(c))


def words(text: str) -> tuple[str, ...]:
    """Return the different words of a text, folded, in their order. Everything but letters and digits parts them."""
    return tuple(dict.fromkeys(word[:MOST_LETTERS] for word in re.findall(r"[^\W_]+", folded(text))))


def words_of_product(sku: str, title: str) -> tuple[str, ...]:
    """Return the words by which a product is found: its whole sku, the parts of it, and the words of its title."""
    return tuple(dict.fromkeys((_whole(sku), *words(sku), *words(title))))[:MOST_WORDS]


def words_of_query(query: str) -> tuple[str, ...]:
    """Return the words of a query. A query of short words alone, such as the sku `10-20`, is one word."""
    found = words(query)[:MOST_ASKED]
    return found if any(len(word) >= LEAST for word in found) else tuple(filter(None, (_whole(query),)))


def has_all(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Return True if each wanted word is the beginning of one of the words."""
    return all(any(word.startswith(one) for word in words) for one in wanted)


def _whole(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", folded(text)))[:MOST_LETTERS]
