"""Every text field of every contract, and every column of every file, has a kind, and its row in docs/text.md."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, TypeAliasType, get_args, get_origin

import pytest

from comanda.aws.api.contracts import Contract, TextOf
from comanda.domain import text
from comanda.domain.card_numbers import looks_like_a_card
from comanda.domain.cases import mail
from comanda.domain.text import Cards, Kind
from functions.inbox import (
    carrier_invoice_file,
    price_file,
    settlement_file,
    shipment_rows,
    stock_file,
    supply_file,
    tracking_file,
)
from functions.inbox.fields import RowAnswer

MODULES = (
    "comanda.aws.api.contracts",
    *(
        f"functions.{room}.contract"
        for room in (
            "availability",
            "cases",
            "credit",
            "customers",
            "directory",
            "drafts",
            "fulfill",
            "gift_cards",
            "intake",
            "outages",
            "people",
            "planning",
            "promise",
            "reserve",
            "stock",
            "tracking",
        )
    ),
    "comanda.aws.api.sale_contracts",
    "functions.directory.legal_entity_contract",
    "functions.directory.nfe_contract",
    "functions.directory.price_list_contract",
    "functions.directory.settlement_contract",
    "functions.intake.provision_contract",
    "functions.intake.queues.queue_contract",
    "functions.directory.carriers",
    "functions.directory.costs",
    "functions.directory.order_forms",
)
KINDS = {kind.name: kind for kind in vars(text).values() if isinstance(kind, Kind)}
# Texts that are one of a list of ours, which their contract looks up.
OF_A_LIST = {"timezone", "blocks", "queue", "scopes", "desks"}
PAGE = (Path(__file__).parents[3] / "docs" / "text.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: (re.findall(r"`([a-z0-9_]+)`", cells[2]), cells[3])
    for line in PAGE.splitlines()
    if line.startswith("| ") and len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 4
}


def models() -> Iterator[type[Contract]]:
    for name in MODULES:
        for found in vars(import_module(name)).values():
            if isinstance(found, type) and issubclass(found, Contract) and found.__module__ == name:
                yield found


def texts(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[Kind | None]:
    """The kind of each text in an annotation; None for one without."""
    if isinstance(annotation, TypeAliasType):
        yield from texts(annotation.__value__, metadata)
    elif get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from texts(inner, (*metadata, *more))
    elif annotation is str:
        yield next((of.kind for of in metadata if isinstance(of, TextOf)), None)
    else:
        for part in get_args(annotation):
            yield from texts(part)


FIELDS = [
    (model, field.alias or name, kind)
    for model in models()
    for name, field in model.model_fields.items()
    for kind in texts(field.annotation, tuple(field.metadata))
]


def test_every_text_field_of_a_contract_has_a_kind_and_its_row() -> None:
    missing = [
        f"{model.__module__}.{model.__name__}.{name}: {kind.name if kind else 'no kind'}"
        for model, name, kind in FIELDS
        if (kind is None and name not in OF_A_LIST) or (kind is not None and name not in ROWS[kind.name][0])
    ]

    assert len(FIELDS) > 120
    assert not missing


def test_the_table_has_every_kind_with_its_rule_for_card_numbers() -> None:
    assert {name: rule for name, (_, rule) in ROWS.items() if name in KINDS} == {
        name: kind.cards.value for name, kind in KINDS.items()
    }


def test_the_table_names_no_field_that_there_is_not() -> None:
    known = {name for _, name, _ in FIELDS} | set().union(
        *(
            kind.COLUMNS.known
            for kind in (
                shipment_rows,
                stock_file,
                supply_file,
                tracking_file,
                price_file,
                settlement_file,
                carrier_invoice_file,
            )
        )
    )
    named = {name for names, _ in ROWS.values() for name in names}

    assert named <= known


@pytest.mark.parametrize(
    "kind",
    [shipment_rows, stock_file, supply_file, tracking_file, settlement_file, carrier_invoice_file],
    ids=["shipments", "stock", "supplies", "tracking", "settlements", "carrier-invoices"],
)
def test_every_column_of_a_file_has_its_row(kind: Any) -> None:
    assert kind.COLUMNS.known <= {name for names, _ in ROWS.values() for name in names}


def checked(**cells: str) -> shipment_rows.ShipmentRow | RowAnswer:
    """A row of a shipment file with these cells, as it is read."""
    record = {
        "shipment_id": "s-1",
        "order_id": "ord_us1_01KB4TZ0000000000000000000",
        "line_id": "1",
        "quantity": "1",
        "shipped_at": "2026-11-19T10:00:00Z",
    }
    return shipment_rows.check_row(1, {**record, **cells}, "us1", datetime(2026, 11, 19, 12, tzinfo=UTC))


@pytest.mark.parametrize("column", sorted(shipment_rows.COLUMNS.known))
def test_no_column_of_a_shipment_keeps_a_card_number(column: str) -> None:
    found = checked(**{column: "4111 1111 1111 1111"})

    assert isinstance(found, RowAnswer)
    assert found.reason.startswith(f"{column}: ")


@pytest.mark.parametrize("carrier", ["Transportes & C\u00eda (Sur)", "L'\u00c9toile", "\u4eac\u6771", "x" * 100])
def test_a_file_names_a_carrier_as_people_do(carrier: str) -> None:
    found = checked(line_id="gid://shop/LineItem/1", carrier=carrier)

    assert isinstance(found, shipment_rows.ShipmentRow)
    assert (found.carrier, found.line_id) == (carrier, "gid://shop/LineItem/1")


CARDS = ("4111 1111 1111 1111", "3782-822463-10005", "card 4111111111111111")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("card", CARDS)
def test_no_kind_of_text_keeps_a_number_that_is_written_as_a_card(kind: Kind, card: str) -> None:
    if kind.cards is Cards.MASKED:
        kept = mail.plain(kind.read(card), html=False)
        assert not looks_like_a_card(kept)
        assert sum(map(str.isdigit, kept)) == 4
        return
    assert not kind.fits(card)
    assert kind.cards is not Cards.NOWHERE or not kind.fits("4111111111111111")
