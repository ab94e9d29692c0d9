"""Shadow prices are published beside the positions, read with them, and dropped when their time is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.aws.stock import position_reads, shadow_prices, stock_changes
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def stocked(aws: Any, *places: tuple[str, str]) -> None:
    for sku, node in places:
        stock_changes.apply(
            [adjust(sku, node, SELLABLE, 5, source=f"{sku}-{node}", line="1", reason="opening", now=NOW)], ()
        )


def queries(count: list[str]) -> None:
    client("dynamodb").meta.events.register("before-call.dynamodb.*", lambda model, **_: count.append(model.name))


def test_prices_come_with_the_positions_of_their_sku_by_the_same_query(aws: Any) -> None:
    stocked(aws, ("TEA", "dc-1"), ("TEA", "dc 2#"), ("CUP", "dc-1"))
    shadow_prices.publish("TEA", {"dc-1": 1_200_000, "dc 2#": 7, "dc-3": 0}, "1", NOW)
    calls: list[str] = []
    queries(calls)

    positions, found = position_reads.load_with_prices(["TEA", "CUP"], NOW)
    glanced, glanced_prices = position_reads.load_glances_with_prices(["TEA", "CUP"], NOW)

    assert sorted((p.sku, p.node) for p in positions) == [("CUP", "dc-1"), ("TEA", "dc 2#"), ("TEA", "dc-1")]
    assert sorted((p.sku, p.node) for p in glanced) == [("CUP", "dc-1"), ("TEA", "dc 2#"), ("TEA", "dc-1")]
    assert found == glanced_prices == {("TEA", "dc-1"): 1_200_000, ("TEA", "dc 2#"): 7}
    assert calls == ["Query"] * 4


def test_a_price_whose_time_is_over_is_no_price(aws: Any) -> None:
    shadow_prices.publish("TEA", {"dc-1": 5}, "1", NOW)

    assert position_reads.load_with_prices(["TEA"], NOW + shadow_prices.GOOD_FOR - timedelta(seconds=1))[1] == {
        ("TEA", "dc-1"): 5
    }
    assert position_reads.load_with_prices(["TEA"], NOW + shadow_prices.GOOD_FOR)[1] == {}


def test_equal_prices_are_not_written_again_and_an_older_run_changes_nothing(aws: Any) -> None:
    first = shadow_prices.publish("TEA", {"dc-1": 5}, "2", NOW)
    same = shadow_prices.publish("TEA", {"dc-1": 5}, "3", NOW + timedelta(hours=1))
    older = shadow_prices.publish("TEA", {"dc-1": 9}, "1", NOW + timedelta(hours=1))
    older_without = shadow_prices.publish("TEA", {}, "1", NOW + timedelta(hours=1))
    next_night = shadow_prices.publish("TEA", {"dc-1": 5}, "4", NOW + timedelta(hours=24))

    assert [first, same, older, older_without, next_night] == [True, False, False, False, True]


def test_a_sku_that_is_plentiful_again_has_no_prices(aws: Any) -> None:
    shadow_prices.publish("TEA", {"dc-1": 5}, "1", NOW)

    assert shadow_prices.publish("TEA", {}, "2", NOW)
    assert position_reads.load_with_prices(["TEA"], NOW)[1] == {}
    assert aws.items("Stock", "S#TEA", "P") == []
