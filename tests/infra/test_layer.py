"""The layers are pinned, small, for the right processor, and built once for one content."""

import struct
from pathlib import Path

import pytest

from infra.layer import LIMIT, SERVICES, Layer, WrongArchitecture, build, check_architecture, shared_objects
from infra.stages import ARM, INTEL, STAGES


@pytest.fixture(params=[ARM, INTEL], scope="module")
def layer(request: pytest.FixtureRequest) -> Layer:
    return build(request.param)


def _object(folder: Path, name: str, machine: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, machine) + bytes(40))


def test_every_shared_object_is_for_the_layers_processor(layer: Layer) -> None:
    found = shared_objects(layer.folder)

    assert len(found) >= 3
    assert set(found.values()) == {layer.architecture}


def test_a_shared_object_for_another_processor_is_refused(tmp_path: Path) -> None:
    _object(tmp_path / "python" / "fast", "core.so", 0x3E)
    _object(tmp_path / "python" / "fast", "other.cpython-313.so.1", 0xB7)

    with pytest.raises(WrongArchitecture, match=r"core\.so is x86_64"):
        check_architecture(tmp_path, ARM)


def test_the_layer_and_the_largest_room_fit_into_lambdas_250_mb(layer: Layer) -> None:
    assert 20 * 2**20 < layer.size < LIMIT  # below it something is missing


def test_the_layer_holds_the_business_and_no_tool(layer: Layer) -> None:
    top = {path.name for path in (layer.folder / "python").iterdir()}

    assert {"comanda", "boto3", "pydantic", "aws_lambda_powertools", "jinja2", "babel"} <= top
    assert not {"infra", "local", "tests", "bench", "functions", "aws_cdk", "moto", "ministack", "pytest"} & top


def test_the_solver_is_in_a_layer_of_its_own_for_the_same_processor(layer: Layer) -> None:
    solver = layer.others["solver"]
    shared, own = ({path.name for path in (one.folder / "python").iterdir()} for one in (layer, solver))

    assert {"highspy", "numpy"} <= own
    assert not {"highspy", "numpy"} & shared
    assert set(shared_objects(solver.folder).values()) == {layer.architecture}
    assert layer.size + solver.size < LIMIT


def test_the_typesetter_is_in_a_layer_of_its_own_for_the_same_processor(layer: Layer) -> None:
    press = layer.others["press"]
    shared, own = ({path.name for path in (one.folder / "python").iterdir()} for one in (layer, press))

    assert {"barcode", "typst"} <= own
    assert not {"barcode", "typst"} & shared
    assert set(shared_objects(press.folder).values()) == {layer.architecture}
    assert layer.size + press.size < LIMIT


def test_only_the_services_in_use_are_described(layer: Layer) -> None:
    described = {path.name for path in (layer.folder / "python" / "botocore" / "data").iterdir() if path.is_dir()}

    assert described == SERVICES
    assert (layer.folder / "python" / "botocore" / "data" / "endpoints.json").is_file()


def test_every_source_is_compiled_before_it_ships_with_an_unchecked_hash(layer: Layer) -> None:
    sources = list((layer.folder / "python" / "comanda").rglob("*.py"))

    assert sources
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert struct.unpack("<I", compiled.read_bytes()[4:8]) == (0b01,)


def test_an_unchanged_layer_is_not_built_again(layer: Layer) -> None:
    before = layer.folder.stat().st_mtime_ns

    again = build(layer.architecture)

    assert again == layer
    assert again.folder.stat().st_mtime_ns == before


def test_the_stages_on_aws_run_on_arm() -> None:
    assert {stage.architecture for name, stage in STAGES.items() if name != "local"} == {ARM}
