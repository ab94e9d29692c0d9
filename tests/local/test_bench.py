"""A run of one subject keeps the published figures of other subjects, and ends with the missed bars. Every room is measured."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import documents, events, run, scenes, shipped
from bench.figures import Figure
from infra.rooms import ROOMS

NOW, LATER = datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 29, 9, tzinfo=UTC)


def a_figure(name: str, value: float = 1.0, bar: float | None = 2.0) -> Figure:
    return Figure(figure=name, value=value, unit="ms", bar=bar)


def test_a_run_of_one_subject_keeps_the_figures_of_the_others_with_their_dates(tmp_path: Path) -> None:
    out = tmp_path / "build" / "bench.json"
    run.keep(out, "stock", [a_figure("stock: a"), a_figure("stock: gone")], NOW)
    run.keep(out, "import", [a_figure("import: b")], NOW)

    run.keep(out, "stock", [a_figure("stock: a", 3.0)], LATER)

    kept = [(one["figure"], one["value"], one["measured_at"], one["met"]) for one in json.loads(out.read_text())]
    assert kept == [
        ("import: b", 1.0, "2026-11-22T09:00:00Z", True),
        ("stock: a", 3.0, "2026-11-29T09:00:00Z", False),
    ]


def test_figures_that_were_kept_without_a_subject_are_replaced_by_their_name(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    out.write_text(json.dumps([a_figure("stock: a").document(), a_figure("cost: c").document()]))

    run.keep(out, "stock", [a_figure("stock: a", 3.0)], NOW)

    assert [(one["figure"], one["value"]) for one in json.loads(out.read_text())] == [
        ("stock: a", 3.0),
        ("cost: c", 1.0),
    ]


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 1)])
def test_a_run_ends_with_the_bars_that_it_missed(
    strict: tuple[str, ...],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module = type("module", (), {"figures": lambda: [a_figure("stock: slow", 3.0), a_figure("stock: fine")]})
    monkeypatch.setattr(run, "OUT", tmp_path / "bench.json")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "import_module", lambda _: module)

    assert run.main(["--only", "stock", *strict]) == code

    *_, heading, last = capsys.readouterr().out.strip().splitlines()
    assert heading.startswith("1 of 2 figures miss their bar")
    assert last.strip() == "stock: slow: 3.0 ms, the bar is <= 2.0"


def test_the_start_of_every_room_is_measured_with_the_settings_that_it_has() -> None:
    assert sorted(events.scenes_of_rooms()) == sorted(ROOMS)
    assert {setting for room in ROOMS.values() for setting in room.settings} - set(scenes.ENVIRONMENT) == set()


@pytest.mark.parametrize(("name", "together"), [("report", 30), ("bills", 50)])
def test_each_row_of_a_file_that_is_measured_is_written(name: str, together: int) -> None:
    calls = shipped.probe(f"functions.inbox.handler:{name}-500", 0)["calls_first"]

    checkpoints = 2
    assert 500 / together <= calls["TransactWriteItems"] - checkpoints <= 500 / together * 1.5


@pytest.mark.parametrize("module", documents.PAPERS.values())
@pytest.mark.parametrize("way", ["press", "naive"])
def test_each_paper_that_is_measured_is_one_that_is_made(module: str, way: str) -> None:
    assert documents.probe(module, way, "1", "2").keys() == {"first", "next", "many"}


def test_the_xml_that_is_measured_is_made() -> None:
    assert documents.probe(documents.XML, "1", "2").keys() == {"first", "next", "many"}
