"""A series of numbers is set forward after a restore, so that no number is given twice, and never back."""

import pytest
from typer.testing import CliRunner

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from comanda.aws.runtime.clients import client
from comanda.domain.billing.document_numbers import DocumentKind
from local.cli import app
from ops import number_series
from ops.number_series import NotForward
from tests.functions.number.test_number import issued, numbers
from tests.functions.world import World, world
from tests.invariants import broken
from tests.moto_aws import aws

__all__ = ["aws", "world"]


@pytest.fixture(autouse=True)
def stocked(world: World) -> None:
    world.stocked("TEA-001", dc_1=9)


def of_stage() -> list[str]:
    return [str(one) for one in number_series.of_stage(client("dynamodb"), "Directory", "Orders")]


def set_last(last: int, series: str = "dc-1", *, new: bool = False) -> int:
    kind = DocumentKind.INVOICE
    return number_series.set_last(client("dynamodb"), "Directory", "Orders", kind, series, last, new=new)


def test_documents_after_a_restore_get_numbers_that_were_never_given(world: World) -> None:
    issued(world)
    assert set_last(431, new=True) == 0
    world.hops.stopped.clear()
    world.settle()

    assert numbers(world) == [432]
    assert of_stage() == ["invoice dc-1: the last number drawn is 432"]
    assert broken(world.tables()) == []


def test_a_series_that_is_behind_its_documents_is_named_and_set(world: World) -> None:
    issued(world)
    world.hops.stopped.clear()
    world.settle()
    client("dynamodb").delete_item(TableName="Directory", Key=item(dict(keys.series("invoice", "dc-1"))))

    assert of_stage() == ["invoice dc-1: the last number drawn is 0, but 1 is given: set it"]
    assert set_last(1) == 0
    assert broken(world.tables()) == []


@pytest.mark.parametrize("last", [0, 430, 431])
def test_a_series_goes_forward_alone(world: World, last: int) -> None:
    set_last(431, new=True)

    with pytest.raises(NotForward, match="is at 431"):
        set_last(last)
    assert set_last(500) == 431
    assert of_stage() == ["invoice dc-1: the last number drawn is 500"]


def test_a_series_that_is_not_there_is_begun_only_when_that_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_last(7, new=True)
    place = (client("dynamodb"), "Directory", "Orders")
    monkeypatch.setattr("local.tables.numbers", lambda _stage: place)
    stage = ["--stage", "prod"]
    typo = ["numbers", "set", "invoice", "dc1", "8", *stage]

    refused = CliRunner().invoke(app, typo)

    assert refused.exit_code == 1
    assert "there is no series dc1 of invoice" in refused.output
    assert of_stage() == ["invoice dc-1: the last number drawn is 7"]
    back = CliRunner().invoke(app, ["numbers", "set", "invoice", "dc-1", "6", *stage])
    assert (back.exit_code, "is at 7" in back.output) == (1, True)
    assert CliRunner().invoke(app, [*typo, "--new"]).exit_code == 0
    assert "invoice dc1: the last number drawn is 8" in of_stage()


def test_a_series_is_not_set_below_numbers_that_are_given(world: World) -> None:
    for _ in range(2):
        issued(world)
        world.hops.stopped.clear()
        world.settle()
    client("dynamodb").delete_item(TableName="Directory", Key=item(dict(keys.series("invoice", "dc-1"))))

    with pytest.raises(NotForward, match="has 2 already"):
        set_last(1)
    assert set_last(2) == 0
