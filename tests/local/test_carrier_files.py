"""Mistakes in carriers' files are named by file, line and column, and only right files become documents."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comanda.aws.directory import emission_factors
from comanda.aws.directory.carriers import carrier
from comanda.aws.directory.node_entries import node
from comanda.domain.shipping.delivery_dates import Load, ShipTo, ship
from functions.directory.carriers import Carrier
from functions.directory.rules import unknown_factors
from local.cli import app
from local.retailer import network
from ops import carrier_files
from ops.carrier_files import BadFiles

SEEDS = network.CARRIER_FILES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SEEDS, tmp_path / "carriers"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def mistakes(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(BadFiles) as refused:
        carrier_files.read(folder)
    return [(m.file, m.line, m.column) for m in refused.value.mistakes]


def test_the_retailers_files_are_marked_as_synthetic_and_pass_the_doors_contract():
    documents = carrier_files.read(SEEDS)

    assert all(path.read_text().startswith("# Synthetic") for path in SEEDS.glob("*.csv"))
    assert set(documents) == {"northway", "cometa"}
    for document in documents.values():
        checked = Carrier.model_validate(document)
        assert {service.service for service in checked.services} == {"STANDARD", "EXPRESS"}
        assert unknown_factors(document["services"], emission_factors.names) == []


def test_every_node_is_collected_from_by_a_carrier_of_its_country_and_every_calendar_is_there():
    documents, nodes = carrier_files.read(SEEDS), network.nodes()

    for document in documents.values():
        assert document["calendar"] in network.calendars()
        assert {row["node_id"] for row in document["collections"]} == {
            name for name, found in nodes.items() if found["country"] == document["country"]
        }


def test_a_row_becomes_the_fields_of_a_document():
    northway = carrier_files.read(SEEDS)["northway"]

    standard = northway["services"][0]
    assert standard["price"] == {
        "currency": "USD",
        "base_micros": 5_400_000,
        "per_km_micros": 800,
        "per_kg_micros": 450_000,
    }
    assert (standard["max_package_g"], standard["carton"]) == (30_000, {"inside_mm": [600, 400, 400]})
    assert (standard["factor"], standard["feeders"]) == ("road-articulated", [{"factor": "road-van", "km": 60}])
    assert standard["bands"][0] == {"up_to_km": 250, "days": 1}
    assert standard["bands"][-1] == {"days": 7}
    ohio = next(lane for lane in standard["lanes"] if lane["origin"] == "OH")
    assert (ohio["regions"]["OH"], ohio["postal"]) == (1, {"432": 1})
    at_dc = [row for row in northway["collections"] if row["node_id"] == "dc-east" and row["service"] == "EXPRESS"]
    assert [(row["weekday"], row["at"], row["cut_off_minutes"]) for row in at_dc] == [
        (d, "19:00", 45) for d in range(6)
    ]


def test_codes_of_scans_and_the_days_of_a_late_parcel_are_the_carriers(tmp_path: Path):
    northway = carrier_files.read(SEEDS)["northway"]
    assert (northway["overdue_days"], northway["tracking_codes"]["OFD"]) == (5, "OUT_FOR_DELIVERY")

    shutil.copytree(SEEDS, tmp_path / "plain")
    (tmp_path / "plain" / "tracking_codes.csv").unlink()
    assert "tracking_codes" not in carrier_files.read(tmp_path / "plain")["northway"]
    (tmp_path / "plain" / "tracking_codes.csv").write_text(
        "carrier,code,status\nnorthway,X,GONE\nnorthway,Y,DELIVERED\n"
    )
    with pytest.raises(carrier_files.BadFiles, match=r"tracking_codes\.csv, line 2, column status: "):
        carrier_files.read(tmp_path / "plain")


def test_express_is_never_slower_than_standard_next_to_a_warehouse_and_faster_in_sao_paulo():
    days: dict[str, dict[str, tuple[int, int]]] = {}
    for name, document in carrier_files.read(SEEDS).items():
        made = carrier({**document, "id": name, "calendar": network.calendars()[document["calendar"]]}).services
        days[name] = {
            code: (made["EXPRESS"].days(at, at, code, 55.0)[0], made["STANDARD"].days(at, at, code, 55.0)[0])
            for at, code in made["STANDARD"].postal
        }

    assert all(express <= standard for found in days.values() for express, standard in found.values())
    assert days["cometa"]["01"] == (1, 2)


def test_the_files_become_the_documents_that_the_page_about_promises_shows():
    calendars, documents = network.calendars(), network.nodes()
    northway = carrier(
        {**carrier_files.read(SEEDS)["northway"], "id": "northway", "calendar": calendars["us-carriers"]}
    )
    ohio = node({**documents["dc-east"], "id": "dc-east", "calendar": calendars[documents["dc-east"]["calendar"]]})
    new_york = ShipTo(
        country="US", region="NY", postal_prefix="100", zone="America/New_York", zone_by="region", km=770.0
    )

    def sent(at: str) -> tuple[str, str, str]:
        leg = ship(ohio, (northway,), "STANDARD", Load(weights=((1, 500),)), new_york, datetime.fromisoformat(at))
        assert leg is not None
        assert leg.order_by is not None
        return leg.ship_at.isoformat(), leg.deliver_on, leg.order_by.isoformat()

    before, after = sent("2026-11-19T12:47-05:00"), sent("2026-11-19T14:01-05:00")

    assert before == ("2026-11-19T22:00:00+00:00", "2026-11-23", "2026-11-19T19:00:00+00:00")
    assert after == ("2026-11-20T22:00:00+00:00", "2026-11-24", "2026-11-20T19:00:00+00:00")


@pytest.mark.parametrize(
    ("file", "old", "new", "where"),
    [
        ("services.csv", "ROAD", "RIVER", (4, "mode")),
        ("services.csv", "5.40", "five", (4, "base")),
        ("services.csv", "5.40", "-5.40", (4, "base")),
        ("services.csv", "5.40", "5.4000001", (4, "base")),
        ("services.csv", "5.40", "NaN", (4, "base")),
        ("services.csv", "600x400x400", "600x400", (4, "carton_mm")),
        ("services.csv", "road-articulated", "", (4, "factor")),  # neither a factor nor grams
        ("services.csv", "road-van,60", "road-van,", (4, "feeder_km")),
        ("bands.csv", "250,1", "2.5,1", (4, "up_to_km")),
        ("bands.csv", "250,1", "250,99", (4, "days")),
        ("bands.csv", "250,1", "250", (4, "")),  # a cell less
        ("bands.csv", "northway", "nobody", (4, "carrier")),
        ("bands.csv", "STANDARD,700", "STANDARD,250", (5, "")),  # the same band twice
        ("lanes.csv", "OH,AL,,3", "OH,,,3", (5, "region")),
        ("lanes.csv", "OH,AL,,3", "OH,AL,352,3", (5, "region")),
        ("lanes.csv", "OH,AL,,3", "OH,AK,,3", (5, "")),  # a lane twice
        ("lanes.csv", "OH,AL,,3", "ohia,AL,,3", (5, "origin")),
        ("collections.csv", "MON-SAT", "SAT-MON", (4, "weekdays")),
        ("collections.csv", "MON-SAT", "DAILY", (4, "weekdays")),
        ("collections.csv", "17:00", "5pm", (4, "at")),
        ("carriers.csv", "Northway Parcel,US", "Northway Parcel,USA", (3, "country")),
        ("carriers.csv", "carrier,name,country,calendar", "id,name,country,calendar", (2, "")),
        ("carriers.csv", "https://northway", "http://northway", (3, "tracking_url")),
    ],
)
def test_a_mistake_is_named_by_file_line_and_column(
    folder: Path, file: str, old: str, new: str, where: tuple[int, str]
):
    change(folder, file, old, new)

    assert (file, *where) in mistakes(folder)


def test_all_mistakes_are_reported_at_once(folder: Path):
    change(folder, "services.csv", "5.40", "five")
    change(folder, "bands.csv", "250,1", "250,one")

    assert mistakes(folder) == [("services.csv", 4, "base"), ("bands.csv", 4, "days")]


def test_a_service_without_an_answer_for_every_distance_is_refused(folder: Path):
    change(folder, "bands.csv", "northway,STANDARD,,7\n", "")

    assert mistakes(folder) == [("services.csv", 4, "service")]


def test_a_missing_file_an_empty_one_and_one_in_another_encoding_are_refused(folder: Path):
    (folder / "lanes.csv").unlink()
    (folder / "bands.csv").write_text("")
    (folder / "carriers.csv").write_bytes("carrier,name\nx,S\xe3o".encode("latin-1"))

    assert mistakes(folder) == [("carriers.csv", 0, ""), ("bands.csv", 1, ""), ("lanes.csv", 0, "")]


def test_the_command_prints_the_mistakes_and_puts_nothing(folder: Path):
    right = CliRunner().invoke(app, ["load-carriers", str(folder), "--check"])
    change(folder, "bands.csv", "250,1", "250,one")
    wrong = CliRunner().invoke(app, ["load-carriers", str(folder)])

    assert (right.exit_code, right.output) == (0, "right: cometa, northway\n")
    assert wrong.exit_code == 1
    assert "bands.csv, line 4, column days: 'one' is not a whole number from 0 to 60" in wrong.output


def test_the_documents_that_are_put_are_those_of_the_files(folder: Path):
    class Api:
        def __init__(self) -> None:
            self.put_to: dict[str, object] = {}

        def put(self, path: str, document: object) -> None:
            self.put_to[path] = document

    api = Api()

    names = carrier_files.load(api, folder)  # type: ignore[arg-type]  # the command uses only this part of a client

    assert names == ["cometa", "northway"]
    assert api.put_to["/v1/carriers/cometa"] == carrier_files.read(folder)["cometa"]
