"""
Find products by their GTIN and by words of their sku and title, from rows that are written with the product.

Called by   functions/directory
Returns     rows for `writer.put`, and skus
Raises      nothing

A GTIN has one row, so it has one product. A word of three letters or more has a row in the partition of its first three
letters; the row also holds all words of the product, so that a query of several words reads no product that lacks one.
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings
from comanda.domain import search_words
from comanda.domain.check_digit import gtin_14

MOST_FOUND = 20  # products of an answer
MOST_READ = 500  # rows that a query reads


def index_rows(sku: str, doc: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows by which a product is found. A GTIN that is none has no row."""
    words = search_words.words_of_product(sku, doc["title"])
    found: list[dict[str, Any]] = [
        {**keys.product_word(word, sku), "words": " ".join(words)} for word in words if len(word) >= search_words.LEAST
    ]
    gtin = gtin_14(doc.get("gtin", ""))
    return [*found, keys.product_gtin(gtin)] if gtin else found


def sku_of(gtin: str) -> str | None:
    """Return the sku of the product with this GTIN, of 14 digits, or None."""
    row = reads.get(settings.directory_table, keys.product_gtin(gtin))
    return row["id"] if row else None


def skus_with(query: str) -> list[str]:
    """Return the skus of at most 20 products that have all words of the query, in the order of the word that its longest
    word begins, then of the sku. A query without a word of three letters finds none.

    The rows of the longest word are read up to 500: a product behind them is found by a longer query.
    """
    wanted = search_words.words_of_query(query)
    longest = max(wanted, key=len, default="")
    if len(longest) < search_words.LEAST:
        return []
    key = keys.product_words(longest)
    found: dict[str, None] = {}
    together = reads.query(
        settings.directory_table, "pk = :pk AND begins_with(sk, :sk)", together=MOST_READ, pk=key["pk"], sk=key["sk"]
    )
    for _, row in zip(range(MOST_READ), together, strict=False):
        if search_words.has_all(wanted, row["words"].split(" ")):
            found[row["id"]] = None
            if len(found) == MOST_FOUND:
                break
    return list(found)
