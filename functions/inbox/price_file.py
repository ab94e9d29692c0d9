"""
Take a price file page by page: the price of a sku in a price list in each row. All prices count at once, at the file's end.

Called by   functions/inbox/handler.py
Returns     a RowAnswer for each line
Raises      StaleEntry, Throttled (Busy)
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.directory import directory, price_files
from comanda.aws.directory.price_files import FileRow
from comanda.aws.runtime import clock
from comanda.domain.pricing.price_lists import Price, PriceChange
from comanda.domain.text import is_text
from functions.inbox.fields import (
    APPLIED,
    CONFLICT,
    DUPLICATE,
    Fields,
    RowAnswer,
    Wrong,
    currency,
    identifier,
    one_of,
    price,
    sku,
    tax_class,
    tax_rate,
    trimmed,
)
from functions.inbox.file_kind import FileKind, Page
from functions.inbox.reading import Columns, Record

logger = Logger()

SET, REMOVE = "SET", "REMOVE"
_SAYS_A_PRICE = ("unit_price", "currency", "tax_rate", "tax_class")
COLUMNS = Columns(
    known=frozenset({"price_list", "sku", "action", *_SAYS_A_PRICE}),
    needed=tuple(frozenset({name}) for name in ("price_list", "sku")),
)


class PriceFile(FileKind):
    """Rows of prices: each sets the price of a sku in a list of the partner's, or removes it."""

    columns = COLUMNS

    def take(self, page: Page) -> list[RowAnswer]:
        """Check the rows, keep the correct ones for the end of the file, and answer all of them."""
        lists = self._lists(page)
        products = directory.entries(directory.PRODUCT, _named("sku", page, 128))
        checked = [self._check_row(line, record, lists, products) for line, record in page]
        rows = [row for row in checked if isinstance(row, FileRow)]
        taken = price_files.known_rows(self.source, {(row.price_list, row.change.sku) for row in rows})
        answers = [answer for answer in checked if isinstance(answer, RowAnswer)]
        new = []
        for row in rows:
            before = taken.setdefault((row.price_list, row.change.sku), (row.line, row.content))
            answers.append(_answer(row, *before))
            if before[0] == row.line:
                new.append(row)
        price_files.take(self.source, new, clock.now())
        return answers

    def finish(self) -> None:
        """Lay the prices of the file over those of their lists."""
        for name in price_files.finish(self.source, f"partner:{self.partner.id}", clock.now()):
            logger.info("prices changed", extra={"partner": self.partner.id, "price_list": name})

    def _lists(self, page: Page) -> Mapping[str, Mapping[str, Any]]:
        """Return the lists that the page names and whose prices the partner's files may change."""
        found = directory.entries(directory.PRICE_LIST, _named("price_list", page, 64))
        return {name: doc for name, doc in found.items() if doc.get("partner_id") == self.partner.id}

    def _check_row(
        self, line: int, record: Record, lists: Mapping[str, Mapping[str, Any]], products: Mapping[str, Any]
    ) -> FileRow | RowAnswer:
        """Return the row, or the answer that names every wrong field."""
        fields = Fields(record)
        action = fields.take("action", lambda text: one_of(text.upper(), (SET, REMOVE))) or SET
        row = {
            "price_list": fields.take("price_list", identifier, needed=True),
            "sku": fields.take("sku", sku, needed=True),
            "action": action,
            "unit_price": fields.take("unit_price", price, needed=action == SET),
            "currency": fields.take("currency", currency, needed=action == SET),
            "tax_rate": fields.take("tax_rate", tax_rate),
            "tax_class": fields.take("tax_class", tax_class),
        }
        _check_names(fields, row, lists, products)
        refused = fields.refused(line)
        if refused is not None:
            return refused
        at = self.received.isoformat()
        said = Price(
            sku=row["sku"],
            unit_price=row["unit_price"] or 0,
            at=at,
            tax_rate=row["tax_rate"] or None,
            tax_class=row["tax_class"] or None,
        )
        return FileRow(
            line=line,
            price_list=row["price_list"],
            content=sha256("\n".join(map(str, row.values())).encode()).hexdigest(),
            change=PriceChange(sku=row["sku"], at=at, price=said if action == SET else None),
        )


def _named(column: str, page: Page, most: int) -> set[str]:
    """Return the values of a column that can be names of this length."""
    values = (trimmed(record.get(column)) for _, record in page)
    return {value for value in values if 0 < len(value) <= most and is_text(value)}


def _check_names(
    fields: Fields, row: Mapping[str, Any], lists: Mapping[str, Mapping[str, Any]], products: Mapping[str, Any]
) -> None:
    """Note a list that is not the partner's, a sku that is no product, another currency, and a price beside REMOVE."""
    found = lists.get(row["price_list"])
    if row["price_list"] and found is None:
        fields.wrong.append(Wrong("price_list", "unknown-price-list", "names no price list of yours"))
    if found and row["currency"] and row["currency"] != found["currency"]:
        fields.wrong.append(Wrong("currency", "mixed-currencies", "is not the currency of the price list"))
    if row["sku"] and row["sku"] not in products and row["action"] == SET:
        fields.wrong.append(Wrong("sku", "unknown-sku", "names no product"))
    if row["action"] == REMOVE:
        fields.wrong += [
            Wrong(name, "not-taken", "is not taken by REMOVE") for name in _SAYS_A_PRICE if row[name] != ""
        ]


def _answer(row: FileRow, line: int, content: str) -> RowAnswer:
    """Answer a row. `line` and `content` are those of the first row of its sku in its list."""
    if line == row.line:
        return RowAnswer(line=row.line, status=APPLIED)
    if content == row.content:
        return RowAnswer(
            line=row.line, status=DUPLICATE, code="applied-before", reason=f"the row stands in line {line} of this file"
        )
    reason = "price_list and sku were used before, with other content"
    return RowAnswer(line=row.line, status=CONFLICT, code="other-content", reason=reason)
