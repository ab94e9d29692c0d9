"""A series of numbers is set forward after a restore, so that no number is given twice, and never back."""

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from comanda.aws.runtime.clients import client
from comanda.domain.billing.document_numbers import DocumentKind
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


def set_last(last: int, series: str = "dc-1") -> int:
    return number_series.set_last(client("dynamodb"), "Directory", "Orders", DocumentKind.INVOICE, series, last)


def test_documents_after_a_restore_get_numbers_that_were_never_given(world: World) -> None:
    issued(world)
    assert set_last(431) == 0
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
    set_last(431)

    with pytest.raises(NotForward, match="is at 431"):
        set_last(last)
    assert set_last(500) == 431
    assert of_stage() == ["invoice dc-1: the last number drawn is 500"]


def test_a_series_is_not_set_below_numbers_that_are_given(world: World) -> None:
    for _ in range(2):
        issued(world)
        world.hops.stopped.clear()
        world.settle()
    client("dynamodb").delete_item(TableName="Directory", Key=item(dict(keys.series("invoice", "dc-1"))))

    with pytest.raises(NotForward, match="has 2 already"):
        set_last(1)
    assert set_last(2) == 0
