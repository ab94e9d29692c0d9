"""A file is read in each spelling that its format allows, and a file that is no table of rows is refused whole."""

import gzip
import json
from collections.abc import Callable

import pytest

from comanda.aws.files import bucket
from comanda.aws.orders import orders
from comanda.aws.runtime.clients import client
from functions.inbox import reading
from functions.inbox.handler import handler
from tests.builders import a_line, an_order_id
from tests.functions.inbox import shipment_files
from tests.functions.inbox.shipment_files import (
    BUCKET,
    SHIPPED_AT,
    PartnerFiles,
    Row,
    a_row,
    as_csv,
    as_json,
    outcomes,
    shipped,
    statuses,
)

world = shipment_files.world


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(as_csv, id="commas"),
        pytest.param(lambda row: as_csv(row, delimiter=";"), id="semicolons"),
        pytest.param(lambda row: b"\xef\xbb\xbf" + as_csv(row).encode(), id="byte order mark"),
        pytest.param(lambda row: as_csv(row, ending="\r\n"), id="CR LF"),
        pytest.param(lambda row: as_csv(row, ending="\r\n").replace("\r\n", "\n", 1), id="mixed line endings"),
        pytest.param(lambda row: as_csv(row).rstrip("\n"), id="no line end at the end"),
        pytest.param(lambda row: "\n" + as_csv(row) + "\n\n,,,,\n", id="blank lines"),
        pytest.param(lambda row: as_csv(row).replace("shipment_id", " Shipment_ID"), id="column names in capitals"),
        pytest.param(lambda row: as_csv({k: f'"{v}"' for k, v in row.items()}).replace('"""', '"'), id="quoted"),
        pytest.param(as_json, id="JSON Lines"),
        pytest.param(lambda row: as_json(row | {"quantity": 1, "carrier": None}), id="JSON Lines with a number"),
        pytest.param(lambda row: b"\xef\xbb\xbf" + as_json(row).encode(), id="JSON Lines with byte order mark"),
    ],
)
def test_a_file_may_be_written_in_many_ways(world: PartnerFiles, written: Callable[[Row], bytes | str]) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(written(a_row(order)))

    assert statuses(receipt) == ["APPLIED"]
    assert shipped(order) == 1


GOOD = {"shipment_id": "S1", "order_id": an_order_id(7), "sku": "TEA-001", "quantity": "1", "shipped_at": SHIPPED_AT}
LINE = as_csv(GOOD)
HEADER, VALUES, _ = LINE.split("\n")


HOSTILE: list[tuple[str, bytes | str, str, int | None]] = [
    ("UTF-16", LINE.encode("utf-16"), "encoding", None),
    ("UTF-16 without mark", LINE.encode("utf-16-le"), "encoding", 1),
    ("latin-1", (LINE + VALUES + ",").encode() + "café\n".encode("latin-1"), "encoding", 3),
    ("gzip", gzip.compress(LINE.encode()), "encoding", None),
    ("zip", b"PK\x03\x04" + bytes(200), "encoding", None),
    ("an image", b"\x89PNG\r\n\x1a\n" + bytes(100), "encoding", 1),
    ("NUL in a field", LINE.replace("TEA", "TE\0A"), "encoding", 2),
    ("overlong UTF-8", LINE.encode().replace(b"TEA", b"\xc0\xaf"), "encoding", 2),
    ("empty", "", "empty", None),
    ("one line end", "\n", "empty", None),
    ("byte order mark only", b"\xef\xbb\xbf", "empty", None),
    ("header only", HEADER + "\n", "empty", None),
    ("header and blank lines", HEADER + "\n\n,,,,\n", "empty", None),
    ("no header", VALUES + "\n" + VALUES + "\n", "unknown-column", 1),
    ("missing column", LINE.replace("quantity", "carrier"), "missing-column", 1),
    ("neither order nor fulfillment", LINE.replace("order_id", "carrier"), "missing-column", 1),
    ("neither line nor sku", LINE.replace("sku", "carrier"), "missing-column", 1),
    ("duplicate column", LINE.replace("sku", "quantity"), "duplicate-column", 1),
    ("unknown column", LINE.replace("\n", ",colour\n", 1), "unknown-column", 1),
    ("unnamed column", LINE.replace("\n", ",\n", 1), "unknown-column", 1),
    ("tabs", LINE.replace(",", "\t"), "unknown-column", 1),
    ("vertical bars", LINE.replace(",", "|"), "unknown-column", 1),
    ("an instruction for a spreadsheet", "sep=;\n" + LINE.replace(",", ";"), "unknown-column", 1),
    ("UTF-32", LINE.encode("utf-32"), "encoding", None),
    ("an old spreadsheet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "encoding", None),
    ("a PDF", b"%PDF-1.7\n" + bytes(100), "encoding", None),
    ("too many fields", LINE + VALUES + ",more\n", "structure", 3),
    ("too few fields", LINE + "S1,ord\n", "structure", 3),
    ("a decimal comma", LINE + VALUES.replace(",1,", ",1,5,") + "\n", "structure", 3),
    ("unclosed quote", LINE + VALUES.replace("S1", '"S1') + "\n" + VALUES + "\n", "structure", 3),
    ("unclosed quote at the end", LINE + VALUES + ',"', "structure", 3),
    ("quote out of place", LINE + VALUES.replace("S1", '"S"1') + "\n", "structure", 3),
    ("line break in a field", LINE + VALUES.replace("S1", '"S\n1"') + "\n", "structure", 3),
    ("old Mac line ends", LINE.replace("\n", "\r"), "structure", 1),
    ("line of 1 MB", LINE + "x" * 1_000_000 + "\n", "line-too-long", 3),
    ("header of 1 MB", "x," * 500_000 + "\n", "line-too-long", 1),
    ("JSON array", json.dumps([GOOD]), "structure", 1),
    ("JSON Lines with an array", json.dumps(GOOD) + "\n[1, 2]\n", "structure", 2),
    ("JSON Lines with a string", json.dumps(GOOD) + '\n"text"\n', "structure", 2),
    ("JSON field twice", json.dumps(GOOD)[:-1] + ', "quantity": 5}', "structure", 1),
    ("JSON with NaN", json.dumps(GOOD | {"quantity": float("nan")}), "structure", 1),
    ("JSON with Infinity", json.dumps(GOOD | {"weight_g": float("inf")}), "structure", 1),
    ("JSON cut short", json.dumps(GOOD) + "\n" + json.dumps(GOOD)[:-5], "structure", 2),
    ("JSON over many lines", json.dumps(GOOD, indent=1), "structure", 1),
    ("JSON nested deep", '{"sku":' + "[" * 16_000, "structure", 1),
    ("JSON with an unknown field", json.dumps(GOOD | {"colour": "red"}), "unknown-column", 1),
    ("JSON with a field of somebody's data", json.dumps(GOOD | {"Maria da Silva": 1}), "unknown-column", 1),
    ("CSV after JSON", json.dumps(GOOD) + "\n" + LINE, "structure", 2),
    ("XML", "<?xml version='1.0'?><shipments/>\n", "unknown-column", 1),
]


@pytest.mark.parametrize(("content", "code", "line"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_file_is_refused_whole_with_a_clear_reason(
    world: PartnerFiles, content: bytes | str, code: str, line: int | None
) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(content)

    assert outcomes(receipt) == [(line, "REFUSED", code)]
    assert receipt[0]["reason"]
    assert "aria" not in json.dumps(receipt)
    assert receipt[-1]["totals"]["REFUSED"] == 1
    assert orders.load(order.order_id) == order
    assert world.applied_rows() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LINE.replace(",", "\t"), "separated by tabs; separate the columns by commas or by semicolons"),
        (LINE.replace(",", "|"), "separated by vertical bars; separate the columns by commas or by semicolons"),
        (LINE.replace(",", "\uff0c"), "separated by full-width commas"),
        (LINE.replace(",", "\v"), "separated by vertical tabs"),
        (LINE.split("\n")[0].replace(",", ";") + "\n" + LINE.split("\n")[1], "by commas, the header by semicolons"),
        ("sep=;\n" + LINE, "sep="),
        ('\ufeff"sep=,"\n' + LINE, "sep="),
        ("sep=;\n" + LINE, "separate the columns by commas or by semicolons"),
        (LINE.replace("\n", "\r"), "lines end with LF or CR LF"),
        (LINE.encode("utf-16-le"), "UTF-16"),
        (LINE.encode("latin-1") + "S\u00e9".encode("latin-1"), "save the file as UTF-8"),
        (LINE + VALUES.replace(",1,", ",1,000,") + "\n", "a field with a separator in it is quoted"),
        (json.dumps(GOOD | {"quantity": float("nan")}), "NaN"),
        (json.dumps(GOOD)[:-1] + ', "quantity": 5}', "each field once"),
    ],
)
def test_the_reason_of_a_refused_file_explains_the_correction(
    world: PartnerFiles, content: bytes | str, words: str
) -> None:
    receipt = world.send(content)

    assert statuses(receipt) == ["REFUSED"]
    assert words in receipt[0]["reason"]


def test_a_number_of_five_thousand_digits_is_no_way_to_stop_us(world: PartnerFiles) -> None:
    world.order(a_line("TEA-001", 1))

    receipt = world.send(json.dumps(GOOD).replace('"1"', "9" * 5000))

    assert outcomes(receipt) == [(1, "REJECTED", "out-of-range")]


def test_a_file_that_is_too_large_or_too_long_is_refused(world: PartnerFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 3)
    assert outcomes(world.send(LINE + 3 * (VALUES + "\n"))) == [(None, "REFUSED", "too-long")]

    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    assert outcomes(world.send(LINE)) == [(None, "REFUSED", "too-large")]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("inbox/today.csv", "unknown-place"),
        ("inbox/acme/today.csv", "unknown-place"),
        ("inbox/acme/shipments/2026/today.csv", "unknown-place"),
        ("inbox//shipments/today.csv", "unknown-place"),
        ("inbox/nobody/shipments/today.csv", "unknown-partner"),
        ("inbox/a#b/shipments/today.csv", "unknown-partner"),
        ("inbox/acme/invoices/today.csv", "unknown-kind"),
        ("inbox/acme/shipments%2F/today.csv", "unknown-kind"),
    ],
)
def test_a_file_in_the_wrong_place_is_refused_with_a_receipt(world: PartnerFiles, key: str, code: str) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order)), key)

    assert outcomes(receipt) == [(None, "REFUSED", code)]
    assert shipped(order) == 0


def test_a_folder_that_a_console_makes_is_no_file(world: PartnerFiles) -> None:
    handler(world.put("", "inbox/acme/shipments/"), None)

    assert client("s3").list_objects_v2(Bucket=BUCKET, Prefix="outbox/")["KeyCount"] == 0


def test_a_file_is_read_in_blocks_and_never_held(world: PartnerFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "BLOCK", 100)
    order = world.order(a_line("TEA-001", 20))

    receipt = world.send(as_csv(*(a_row(order, package_id=f"P{i}") for i in range(20))))

    assert statuses(receipt) == 20 * ["APPLIED"]
    assert shipped(order) == 20
