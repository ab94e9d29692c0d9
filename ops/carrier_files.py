"""
Read carriers from files, with services, bands of distance, lanes and collections; check them and put them through the API.

Called by   local/cli.py (`comanda load-carriers <folder>`), local/seed.py
Returns     documents for PUT /v1/carriers/{id}, by id
Raises      BadFiles with every mistake: file, line, column and reason; no carrier is put then

There are six CSV files in UTF-8, of which that of codes may be missing. Their columns may have any order; lines that begin
with # are remarks. docs/promise.md shows them.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comanda.aws.geography import regions
from comanda.domain import text
from comanda.domain.shipping.tracking import TrackingStatus
from ops.cells import Parse, amount, grams, like, maybe, sides, weekdays, whole
from ops.client import Client


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a file. `line` counts from 1; 0 is the whole file, as is an empty `column`."""

    file: str
    line: int
    column: str
    says: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}{f', column {self.column}' if self.column else ''}: {self.says}"


class BadFiles(Exception):
    """The files have mistakes; the message lists all of them."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(map(str, mistakes)))


_ID = like(r"[A-Za-z0-9._-]{1,64}", "an id of letters, digits and . _ -")
_SERVICE = like(r"STANDARD|EXPRESS", "STANDARD or EXPRESS")
_REGION = like(r".{1,64}", "a region by its code or name, like NY")
_FACTOR = like(r"[a-z0-9-]{1,32}", "the name of a factor, like road-van")
_NAME = like(r".{1,200}", "a text of up to 200 characters")

COLUMNS: Mapping[str, Mapping[str, Parse]] = {
    "carriers.csv": {
        "carrier": _ID,
        "name": _NAME,
        "country": like(r"[A-Z]{2}", "a country like US"),
        "calendar": _ID,
        "tracking_url": maybe(like(text.TRACKING_URL.form, text.TRACKING_URL.says)),
        "overdue_days": maybe(whole(1, 60)),
        "bill_percent": maybe(whole(0, 1_000)),
        "bill_amount": maybe(whole(0, 1_000_000)),
    },
    "services.csv": {
        "carrier": _ID,
        "service": _SERVICE,
        "mode": like(r"ROAD|AIR", "ROAD or AIR"),
        "factor": maybe(_FACTOR),
        "feeder_factor": maybe(_FACTOR),
        "feeder_km": maybe(whole(1, 1_000)),
        "g_co2e_per_tonne_km": maybe(whole(0, 100_000)),
        "source": maybe(_NAME),
        "currency": like(r"[A-Z]{3}", "a currency like USD"),
        "base": amount,
        "per_km": amount,
        "per_kg": amount,
        "max_package_kg": grams,
        "carton_mm": maybe(sides),
    },
    "bands.csv": {
        "carrier": _ID,
        "service": _SERVICE,
        "up_to_km": maybe(whole(1, 30_000)),
        "days": whole(0, 60),
    },
    "lanes.csv": {
        "carrier": _ID,
        "service": _SERVICE,
        "origin": _REGION,
        "region": maybe(_REGION),
        "postal": maybe(
            like(r"[A-Z0-9]{1,3}", "the first one to three characters of a postal code: orders keep no more of it")
        ),
        "days": whole(0, 60),
    },
    "collections.csv": {
        "carrier": _ID,
        "node": _ID,
        "service": maybe(_SERVICE),
        "weekdays": weekdays,
        "at": like(r"([01]\d|2[0-3]):[0-5]\d", "a time like 16:30"),
        "cut_off_minutes": whole(0, 1440),
    },
    "tracking_codes.csv": {
        "carrier": _ID,
        "code": like(text.SCAN_CODE.form, text.SCAN_CODE.says),
        "status": like("|".join(TrackingStatus), "one of " + ", ".join(TrackingStatus)),
    },
}
_FILE_MAY_BE_MISSING = "tracking_codes.csv"

# Columns that a file may leave out: its rows are then empty there.
_MAY_BE_MISSING = frozenset({"tracking_url", "overdue_days", "bill_percent", "bill_amount"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file with its parsed values by column."""

    line: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the carriers of a folder by id. Raises BadFiles."""
    mistakes: list[Mistake] = []
    tables = {name: list(_read_file(folder / name, columns, mistakes)) for name, columns in COLUMNS.items()}
    if not mistakes:
        tables["lanes.csv"] = list(_by_code(tables))
    mistakes = mistakes or list(_check(tables))
    if mistakes:
        raise BadFiles(mistakes)
    return {row["carrier"]: _document(row, tables) for row in tables["carriers.csv"]}


def load(api: Client, folder: Path) -> list[str]:
    """Put the carriers of a folder. Returns their ids. A second call changes nothing."""
    documents = read(folder)
    for name, document in documents.items():
        api.put(f"/v1/carriers/{name}", document)
    return sorted(documents)


def _read_file(path: Path, columns: Mapping[str, Parse], mistakes: list[Mistake]) -> Iterator[Row]:
    """Yield the rows of a file, and add a mistake for each cell that cannot be parsed."""

    def wrong(line: int, column: str, says: str) -> None:
        mistakes.append(Mistake(path.name, line, column, says))

    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return None if path.name == _FILE_MAY_BE_MISSING else wrong(0, "", "the file is missing")
    except UnicodeDecodeError as error:
        return wrong(0, "", f"is not UTF-8 at byte {error.start}")
    kept = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    header = next(csv.reader([kept[0][1]])) if kept else []
    missing = _MAY_BE_MISSING & (columns.keys() - set(header))
    if sorted([*header, *missing]) != sorted(columns):
        return wrong(kept[0][0] if kept else 1, "", f"its columns are {', '.join(header)}; wanted {', '.join(columns)}")
    for n, line in kept[1:]:
        cells = next(csv.reader([line]))
        if len(cells) != len(header):
            wrong(n, "", f"has {len(cells)} cells, the header {len(header)}")
            continue
        values: dict[str, Any] = dict.fromkeys(missing)
        for column, cell in zip(header, cells, strict=True):
            try:
                values[column] = columns[column](cell.strip())
            except ValueError as error:
                wrong(n, column, str(error))
        yield Row(n, values)
    return None


def _check(tables: Mapping[str, list[Row]]) -> Iterator[Mistake]:
    """Yield a mistake for each reference to a missing row of another file, and for each row that stands twice."""
    carriers = {row["carrier"] for row in tables["carriers.csv"]}
    services = {(row["carrier"], row["service"]) for row in tables["services.csv"]}
    for name, rows in tables.items():
        seen: dict[tuple[Any, ...], int] = {}
        for row in rows:
            if row["carrier"] not in carriers:
                yield Mistake(name, row.line, "carrier", f"{row['carrier']} is not in carriers.csv")
            elif name in ("bands.csv", "lanes.csv") and (row["carrier"], row["service"]) not in services:
                yield Mistake(name, row.line, "service", f"{row['carrier']} has no {row['service']} in services.csv")
            before = seen.setdefault(_identity(name, row), row.line)
            if before != row.line:
                yield Mistake(name, row.line, "", f"repeats line {before}")
    yield from _gaps(tables)
    yield from _unknown_regions(tables)


def _gaps(tables: Mapping[str, list[Row]]) -> Iterator[Mistake]:
    """Yield a mistake for each lane without one destination, service without an end of bands, and carrier without services."""
    for row in tables["lanes.csv"]:
        if (row["region"] is None) == (row["postal"] is None):
            yield Mistake("lanes.csv", row.line, "region", "a lane has either a region or a postal code")
    for row in tables["services.csv"]:
        if not any(band["up_to_km"] is None for band in _of_service(tables["bands.csv"], row)):
            says = f"{row['carrier']} {row['service']} has no band without an end in bands.csv"
            yield Mistake("services.csv", row.line, "service", says)
    for row in tables["services.csv"]:
        if (row["factor"] is None) == (row["g_co2e_per_tonne_km"] is None):
            yield Mistake("services.csv", row.line, "factor", "a service has either a factor or g_co2e_per_tonne_km")
        if (row["feeder_factor"] is None) != (row["feeder_km"] is None):
            yield Mistake("services.csv", row.line, "feeder_km", "a feeder has a factor and kilometres")
    busy = {row["carrier"] for row in tables["services.csv"]}
    for row in tables["carriers.csv"]:
        if row["carrier"] not in busy:
            yield Mistake("carriers.csv", row.line, "carrier", f"{row['carrier']} has no services")


def _by_code(tables: Mapping[str, list[Row]]) -> Iterator[Row]:
    """Yield the lanes with their regions by code. Unknown regions stay as they are."""
    country = {row["carrier"]: row["country"] for row in tables["carriers.csv"]}
    for row in tables["lanes.csv"]:
        known = regions.load(country.get(row["carrier"], ""))
        codes = {name: row[name] and (known.code(row[name]) or row[name]) for name in ("origin", "region")}
        yield Row(row.line, {**row.values, **codes})


def _unknown_regions(tables: Mapping[str, list[Row]]) -> Iterator[Mistake]:
    """Yield a mistake for each region that the carrier's country does not have."""
    country = {row["carrier"]: row["country"] for row in tables["carriers.csv"]}
    for row in tables["lanes.csv"]:
        known = regions.load(country.get(row["carrier"], ""))
        for column in ("origin", "region"):
            if row[column] and known.listed and known.code(row[column]) is None:
                yield Mistake("lanes.csv", row.line, column, f"{known.country} has no region {row[column]}")


def _identity(name: str, row: Row) -> tuple[Any, ...]:
    """Return the values that identify a row of a file: all but the values that it gives."""
    given = {
        "carriers.csv": tuple(set(COLUMNS["carriers.csv"]) - {"carrier"}),
        "tracking_codes.csv": ("status",),
        "bands.csv": ("days",),
        "lanes.csv": ("days",),
        "collections.csv": ("cut_off_minutes",),
    }.get(name, tuple(set(row.values) - {"carrier", "service"}))
    return tuple(value for column, value in sorted(row.values.items()) if column not in given)


def _of_service(rows: list[Row], service: Row) -> list[Row]:
    return [row for row in rows if (row["carrier"], row["service"]) == (service["carrier"], service["service"])]


def _bill_limits(carrier: Row) -> dict[str, Any]:
    """Return what bills may differ from labels, or nothing if the row names neither limit. A limit that is missing is 0."""
    percent, amount = carrier["bill_percent"], carrier["bill_amount"]
    if not percent and not amount:
        return {}
    return {"bill_limits": {"percent": percent or 0, "amount": amount or 0}}


def _document(carrier: Row, tables: Mapping[str, list[Row]]) -> dict[str, Any]:
    mine = [row for row in tables["services.csv"] if row["carrier"] == carrier["carrier"]]
    named = [row for row in tables["tracking_codes.csv"] if row["carrier"] == carrier["carrier"]]
    codes = {row["code"].upper(): row["status"] for row in named}
    return {
        "name": carrier["name"],
        "country": carrier["country"],
        "calendar": carrier["calendar"],
        **{name: carrier[name] for name in ("tracking_url", "overdue_days") if carrier[name]},
        **({"tracking_codes": codes} if codes else {}),
        **_bill_limits(carrier),
        "services": [_service(row, tables) for row in mine],
        "collections": [
            {
                "node_id": row["node"],
                "weekday": weekday,
                "at": row["at"],
                "cut_off_minutes": row["cut_off_minutes"],
                **({"service": row["service"]} if row["service"] else {}),
            }
            for row in tables["collections.csv"]
            if row["carrier"] == carrier["carrier"]
            for weekday in row["weekdays"]
        ],
    }


def _service(row: Row, tables: Mapping[str, list[Row]]) -> dict[str, Any]:
    bands = sorted(_of_service(tables["bands.csv"], row), key=lambda band: band["up_to_km"] or 10**9)
    lanes: dict[str, dict[str, Any]] = {}
    for lane in _of_service(tables["lanes.csv"], row):
        to = lanes.setdefault(lane["origin"], {"origin": lane["origin"], "regions": {}, "postal": {}})
        to["regions" if lane["region"] else "postal"][lane["region"] or lane["postal"]] = lane["days"]
    return {
        "service": row["service"],
        "mode": row["mode"],
        **{name: row[name] for name in ("factor", "g_co2e_per_tonne_km", "source") if row[name] is not None},
        "feeders": [{"factor": row["feeder_factor"], "km": row["feeder_km"]}] if row["feeder_factor"] else [],
        "price": {
            "currency": row["currency"],
            "base_micros": row["base"],
            "per_km_micros": row["per_km"],
            "per_kg_micros": row["per_kg"],
        },
        "max_package_g": row["max_package_kg"],
        **({"carton": {"inside_mm": row["carton_mm"]}} if row["carton_mm"] else {}),
        "bands": [
            {"days": band["days"], **({"up_to_km": band["up_to_km"]} if band["up_to_km"] else {})} for band in bands
        ],
        "lanes": list(lanes.values()),
    }
