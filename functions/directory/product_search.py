"""
Find products by a GTIN or by words, for GET /v1/products with `gtin` or `q`; bring their index up to date.

Called by   functions/directory/listing.py, functions/directory/handler.py
Returns     at most 20 products, each as `GET /v1/products/{sku}` shows it, on one page
Raises      Invalid for a text that is no GTIN, and for filters that do not go together
"""

from collections.abc import Mapping, Sequence
from typing import Any

from comanda.aws.directory import product_index, writer
from comanda.aws.directory.directory import PRODUCT
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import text
from comanda.domain.check_digit import gtin_14
from comanda.domain.errors import Invalid, Problem

GTIN, WORDS = "gtin", "q"
_AT_ONCE = 100  # products of a page of the rebuild
_RESERVE_MILLIS = 8_000


def is_search(given: Mapping[str, str]) -> bool:
    return GTIN in given or WORDS in given


def found(given: Mapping[str, str]) -> list[writer.Entry]:
    """Return the products that have the GTIN, or all words of the query. A product whose sku is the query is the first."""
    name = GTIN if GTIN in given else WORDS
    others = sorted(set(given) - {name, "limit"})
    if others:
        message = (
            f"{name} finds at most {product_index.MOST_FOUND} products on one page, without {' and '.join(others)}"
        )
        raise Invalid(Problem(pointer=f"/{others[0]}", code="not-together", message=message))
    most = min(list_pages.limit(dict(given)), product_index.MOST_FOUND)
    skus = _with_gtin(given[GTIN]) if name == GTIN else _with_words(given[WORDS])
    known = writer.read_all(PRODUCT, skus)
    return [known[sku] for sku in skus if sku in known][:most]


def _with_gtin(given: str) -> list[str]:
    gtin = gtin_14(given)
    if gtin is None:
        raise Invalid(_not_a_gtin())
    sku = product_index.sku_of(gtin)
    return [] if sku is None else [sku]


def _with_words(query: str) -> list[str]:
    exact = [query] if text.SKU.fits(query) else []
    return list(dict.fromkeys((*exact, *product_index.skus_with(query))))


def gtin_problems(sku: str, given: str | None) -> Sequence[Problem]:
    """Return a problem if a product may not have this GTIN: it is none, or it is that of another product."""
    if given is None:
        return ()
    gtin = gtin_14(given)
    if gtin is None:
        return (_not_a_gtin(),)
    owner = product_index.sku_of(gtin)
    if owner in (None, sku):
        return ()
    return (Problem(pointer="/gtin", code="gtin-taken", message=f"is the GTIN of the product {owner}"),)


def _not_a_gtin() -> Problem:
    message = "takes 8, 12, 13 or 14 digits, of which the last is the check digit of the others"
    return Problem(pointer="/gtin", code="not-a-gtin", message=message)


def rebuild(after: str, context: Any) -> dict[str, Any]:
    """Give every product the rows by which it is found, from the one after `after` in the order of skus.

    Returns how many products were looked at, those whose GTIN is none or another product's, and the key to go on after, or
    None at the end. It may be run again at any time: products that are up to date are not written.
    """
    looked_at, without, following = 0, [], after or None
    while True:
        pages = [keys.entries_page(PRODUCT, shard) for shard in range(keys.ENTRY_SHARDS)]
        page, more = list_pages.page("GSI1", pages, following or "", _AT_ONCE, table=settings.directory_table)
        for row in page:
            without += [row["id"]] if _reindex(row["id"]) else []
        looked_at += len(page)
        following = more
        if more is None or (context is not None and context.get_remaining_time_in_millis() < _RESERVE_MILLIS):
            return {"products": looked_at, "without_gtin": without, "after": following}


def _reindex(sku: str) -> bool:
    """Bring the rows of a product up to date. Return True if its GTIN has no row."""
    active = writer.read(PRODUCT, sku)
    if active is None:
        return False
    wrong = bool(gtin_problems(sku, active.doc.get("gtin")))
    findable = {**active.doc, "gtin": ""} if wrong else active.doc
    rows = product_index.index_rows(sku, findable)
    writer.put(PRODUCT, sku, active.doc, expected=active.version, by="rebuild", now=clock.now(), index=rows)
    return wrong
