"""Spell the keys of the Directory table: entries, price lists, products, packs, files of partners and series of numbers."""

from datetime import datetime

from comanda.aws.dynamodb.keys.spelling import HEADER, Key, digest, shard, text, time

_SERIES = "SEQ#"


def entry(kind: str, name: str) -> Key:
    """Return the key of the active version of a node, product, partner, channel, calendar or hold type."""
    return {"pk": kind_prefix(kind) + text(name), "sk": HEADER}


def kind_prefix(kind: str) -> str:
    """Return the beginning of the partitions of a kind of entries."""
    return f"{kind}#"


def entry_version(kind: str, name: str, version: int) -> Key:
    return {"pk": kind_prefix(kind) + text(name), "sk": f"V#{version:06d}"}


def entries(kind: str, name: str) -> Key:
    return {"gsi1pk": entries_page(kind, shard(name, ENTRY_SHARDS)), "gsi1sk": text(name)}


ENTRY_SHARDS = 4


def entries_page(kind: str, shard: int) -> str:
    return f"{kind}#{shard}"


def price_lists() -> Key:
    """Return the key of the register of price lists: what each list says without its prices."""
    return {"pk": "PRICELISTS", "sk": HEADER}


def price(price_list: str, prices: str, sku: str) -> Key:
    """Return the key of the price of a sku in one set of prices of a list."""
    return {"pk": prices_page(price_list, prices), "sk": text(sku)}


def prices_page(price_list: str, prices: str) -> str:
    return f"PL#{text(price_list)}#{prices}"


def removed_price(price_list: str, prices: str, sku: str) -> Key:
    """Return the key of the note that a sku has no price any more in one set of prices of a list."""
    return {"pk": removed_prices_page(price_list, prices), "sk": text(sku)}


def removed_prices_page(price_list: str, prices: str) -> str:
    return f"PLX#{text(price_list)}#{prices}"


def price_of_file(source: str, price_list: str, sku: str) -> Key:
    """Return the key of the price that a file brings. It waits there until its file is read to the end."""
    return {"pk": prices_of_file(source), "sk": f"{text(price_list)}#{text(sku)}"}


def prices_of_file(source: str) -> str:
    return f"PF#{digest(source)}"


def file_in_price_list(source: str, price_list: str) -> Key:
    """Return the key of the note that the prices of a file are in a list."""
    return {"pk": f"PFD#{digest(source)}", "sk": text(price_list)}


def product_gtin(gtin: str) -> Key:
    """Return the key of the row that names the product with this GTIN, of 14 digits."""
    return {"pk": f"GTIN#{gtin}", "sk": HEADER}


def product_word(word: str, sku: str) -> Key:
    """Return the key of the row by which a product is found by a word of three letters or more."""
    return {**product_words(word), "sk": f"{text(word)}#{text(sku)}"}


def product_words(beginning: str) -> Key:
    """Return the partition of the words that begin so, and the beginning of their sort keys."""
    return {"pk": f"W#{text(beginning[:3])}", "sk": text(beginning)}


def number_prefix(prefix: str) -> Key:
    """Return the key of the row that names the legal entity whose numbers begin, or began, with a prefix."""
    return {"pk": f"PREFIX#{text(prefix)}", "sk": HEADER}


def pack(number: int, of: str = "nodes") -> Key:
    """Return the key of a chunk of the router's view of all nodes, or of all carriers."""
    return {"pk": f"PACK#{of}", "sk": f"{number:03d}"}


def file(partner: str, received: datetime, name: str) -> Key:
    return {"pk": f"FILE#{partner}", "sk": f"{time(received)}#{digest(name)[:12]}"}


def file_applying(at: datetime) -> Key:
    """Return a file's index key among the files that are being applied, by the time of its last checkpoint."""
    return {"gsi1pk": "FILES#applying", "gsi1sk": time(at)}


def files_round() -> Key:
    """Return the key of the row that says how far the files bucket has been searched for files without an answer."""
    return {"pk": "FILES#round", "sk": HEADER}


def file_answers(file: Key, line: int) -> Key:
    """Return the key of the answers to a file's lines from `line` on. They are kept until the receipt is written."""
    return {"pk": f"{file['pk']}#{file['sk']}", "sk": f"{line:08d}"}


def series(entity: str, series: str) -> Key:
    return {"pk": f"{_SERIES}{entity}#{text(series)}", "sk": HEADER}
