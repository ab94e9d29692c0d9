"""Test the doors of stock: units on the shelves, and corrections of them."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.runtime import deadline
from comanda.aws.stock import ledger, position_reads, receipt_counters, stock_changes
from comanda.domain.errors import StockConflict
from comanda.domain.stock.changes import Change
from comanda.domain.stock.stock import join_lanes
from functions.stock.handler import handler

Call = Callable[..., tuple[int, dict[str, Any], dict[str, str]]]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SKUS = tuple(f"SKU-{n:03d}" for n in range(60))


@pytest.fixture
def call(aws: Any) -> Call:
    """Calls a door as the gateway would: (status, body, headers). Products SKU-000..059, TEA and nodes n1, n2 exist."""
    for sku in (*SKUS, "TEA"):
        aws.put("Directory", **keys.entry(directory.PRODUCT, sku), id=sku, version=1, doc="{}")
    for node in ("n1", "n2"):
        aws.put("Directory", **keys.entry(directory.NODE, node), id=node, version=1, doc="{}")
    aws.put("Directory", **keys.client("office"), kind="admin")
    aws.put("Directory", **keys.client("n1-system"), kind="node", nodes=["n1"])

    def send(
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str = "office",
        key: str | None = "k",
        query: dict[str, str] | None = None,
        context: Any = None,
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        name = path.removeprefix("/v1/stock/")
        event = {
            "httpMethod": method,
            "resource": path if name == "adjustments" else "/v1/stock/{sku}",
            "path": path,
            "pathParameters": None if name == "adjustments" else {"sku": name},
            "headers": {"Idempotency-Key": key} if key else {},
            "queryStringParameters": query,
            "body": None if body is None else json.dumps(body),
            "requestContext": {"requestId": "r1", "authorizer": {"claims": {"client_id": who}}},
        }
        answer = handler(event, context)
        flat = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        return answer["statusCode"], json.loads(answer["body"]), flat

    return send


def row(sku: str, quantity: int, node: str = "n1", **more: Any) -> dict[str, Any]:
    return {"sku": sku, "node_id": node, "quantity": quantity, **more}


def adjustment(*rows: dict[str, Any], name: str = "A1") -> dict[str, Any]:
    return {"adjustment_id": name, "reason": "opening stock", "rows": list(rows)}


def adjust(call: Call, *rows: dict[str, Any], name: str = "A1", key: str = "k", **more: Any) -> Any:
    return call("POST", "/v1/stock/adjustments", adjustment(*rows, name=name), key=key, **more)


def on_hand(sku: str, node: str = "n1") -> dict[str, int]:
    found = position_reads.get(sku, node)
    return dict(found.on_hand) if found else {}


def the_ledger_adds_up(places: Iterable[tuple[str, str]]) -> bool:
    """Invariant 3: the movements rebuild the counters."""
    for sku, node in places:
        position = position_reads.get(sku, node)
        moved = ledger.movements(sku, node)
        assert position is not None
        assert position.free == sum(m["free"] for m in moved)
        assert position.bucket("sellable") == sum(m["on_hand"].get("sellable", 0) for m in moved)
    return True


def test_an_adjustment_puts_units_on_the_shelf(call: Call) -> None:
    status, answer, _ = adjust(call, row("TEA", 10), row("TEA", 3, "n2"), row("TEA", 2, bucket="damaged"))

    shelf = call("GET", "/v1/stock/TEA")[1]
    assert status == 200
    assert [r["status"] for r in answer["rows"]] == ["APPLIED"] * 3
    first, second = shelf["positions"]
    today = first["dates"][0]["date"]
    assert first == {
        "node_id": "n1",
        "on_hand": {"damaged": 2, "sellable": 10},
        "hard": 0,
        "soft": 0,
        "demand": [],
        "supplies": [],
        "free": 10,
        "safety": 0,
        "available": 10,
        "dates": [{"date": today, "available": 10}],
        "counted_at": None,
        "policy": {},
    }
    assert (second["node_id"], second["on_hand"], second["available"]) == ("n2", {"sellable": 3}, 3)
    assert the_ledger_adds_up([("TEA", "n1"), ("TEA", "n2")])


def test_two_rows_of_one_shelf_are_summed(call: Call) -> None:
    status, answer, _ = adjust(call, row("TEA", 10), row("TEA", -4), row("TEA", 1, bucket="damaged"))

    assert (status, len(answer["rows"])) == (200, 3)
    assert on_hand("TEA") == {"damaged": 1, "sellable": 6}


def test_the_same_request_again_is_answered_and_not_applied(call: Call) -> None:
    first = adjust(call, row("TEA", 10))

    again = adjust(call, row("TEA", 10))

    assert again[:2] == first[:2]
    assert again[2]["Idempotent-Replayed"] == "true"
    assert on_hand("TEA") == {"sellable": 10}


def test_the_same_adjustment_under_another_key_is_not_applied_twice(call: Call) -> None:
    first = adjust(call, row("TEA", 10), key="k1")

    again = adjust(call, row("TEA", 10), key="k2")

    assert again[:2] == first[:2]
    assert on_hand("TEA") == {"sellable": 10}


def test_an_adjustments_id_is_not_used_for_other_rows(call: Call) -> None:
    adjust(call, row("TEA", 10), key="k1")

    status, answer, _ = adjust(call, row("TEA", 11), key="k2")

    assert (status, answer["type"]) == (409, "urn:comanda:problem:adjustment-id-reused")
    assert on_hand("TEA") == {"sellable": 10}


def test_two_callers_may_use_the_same_adjustment_id(call: Call) -> None:
    adjust(call, row("TEA", 10))
    adjust(call, row("TEA", 5), who="n1-system")

    assert on_hand("TEA") == {"sellable": 15}


def test_many_rows_are_applied_in_chunks_and_each_is_answered(call: Call) -> None:
    rows = [row(sku, 5 + i, node) for i, sku in enumerate(SKUS) for node in ("n1", "n2")]

    status, answer, _ = adjust(call, *rows)

    assert status == 200
    assert len(answer["rows"]) == 120
    assert on_hand("SKU-059", "n2") == {"sellable": 64}
    assert the_ledger_adds_up((sku, node) for sku in SKUS for node in ("n1", "n2"))


def test_an_adjustment_that_died_half_way_is_finished_by_sending_it_again(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(sku, 5, node) for sku in SKUS for node in ("n1", "n2")]
    apply, calls = stock_changes.apply, []

    def dies_at_the_third(changes: Any, extra: Any) -> None:
        calls.append(len(changes))
        if len(calls) == 3:
            raise KeyboardInterrupt
        apply(changes, extra)

    monkeypatch.setattr(stock_changes, "apply", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        adjust(call, *rows)
    monkeypatch.setattr(stock_changes, "apply", apply)

    status, answer, _ = adjust(call, *rows)

    assert (status, {r["status"] for r in answer["rows"]}) == (200, {"APPLIED"})
    assert {(sku, node): on_hand(sku, node) for sku in SKUS for node in ("n1", "n2")} == {
        (sku, node): {"sellable": 5} for sku in SKUS for node in ("n1", "n2")
    }
    assert set(receipt_counters.load(SKUS).values()) <= {1, 2}  # one for each chunk that a sku is in


def test_units_that_come_in_are_counted_as_a_receipt_and_units_that_go_are_not(call: Call) -> None:
    adjust(call, row("TEA", 10), row("TEA", 10, "n2"), name="A1", key="k1")
    adjust(call, row("TEA", -1), name="A2", key="k2")
    adjust(call, row("TEA", 1, bucket="damaged"), name="A3", key="k3")
    adjust(call, row("TEA", 1), name="A4", key="k4")

    assert receipt_counters.load(["TEA"]) == {"TEA": 2}


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"rows": []}, ["/rows"]),
        ({"rows": [row("TEA", 1)] * 501}, ["/rows"]),
        ({"rows": [row("TEA", 0)]}, ["/rows/0/quantity"]),
        ({"rows": [row("TEA", 10**9)]}, ["/rows/0/quantity"]),
        ({"rows": [row("TEA", 1) | {"quantity": "1"}]}, ["/rows/0/quantity"]),
        ({"rows": [row("TEA", 1, bucket="pocket")]}, ["/rows/0/bucket"]),
        ({"rows": [row("TEA", 1), row("A#B", 1, "moon")]}, ["/rows/1/sku", "/rows/1/node_id"]),
        ({"adjustment_id": "a#b"}, ["/adjustment_id"]),
        ({"reason": "paid with 4111 1111 1111 1111"}, ["/reason"]),
        ({"colour": "red"}, ["/colour"]),
    ],
)
def test_a_wrong_request_is_refused_with_all_its_errors_and_nothing_is_applied(
    call: Call, aws: Any, change: dict[str, Any], pointers: list[str]
) -> None:
    status, answer, _ = call("POST", "/v1/stock/adjustments", adjustment(row("TEA", 1)) | change)

    assert (status, [found["pointer"] for found in answer["errors"]]) == (422, pointers)
    assert aws.items("Stock") == []


def test_no_bucket_falls_below_zero_and_then_no_row_is_applied(call: Call) -> None:
    adjust(call, row("TEA", 5), name="A1", key="k1")

    status, answer, _ = adjust(call, row("SKU-001", 7), row("TEA", -6), name="A2", key="k2")

    assert (status, [e["pointer"] for e in answer["errors"]]) == (409, ["/rows/1"])
    assert "TEA at n1 has 5 sellable, 6 were to be taken" in answer["detail"]
    assert (on_hand("TEA"), on_hand("SKU-001")) == ({"sellable": 5}, {})


def test_a_bucket_that_another_writer_emptied_in_between_is_answered_as_refused(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    adjust(call, row("TEA", 5), row("SKU-001", 5), name="A1", key="k1")
    apply, first = stock_changes.apply, []

    def somebody_was_faster(changes: Any, extra: Any) -> None:
        if not first:
            first.append(True)
            transaction.commit(
                [
                    transaction.update(
                        "Stock",
                        keys.position("TEA", "n1"),
                        "SET on_hand.sellable = :two, rev = rev + :one",
                        StockConflict("x"),
                        two=2,
                        one=1,
                    )
                ]
            )
        apply(changes, extra)

    monkeypatch.setattr(stock_changes, "apply", somebody_was_faster)
    status, answer, _ = adjust(call, row("TEA", -5), row("SKU-001", -5), name="A2", key="k2")

    assert status == 200
    assert [r["status"] for r in answer["rows"]] == ["REFUSED", "APPLIED"]
    assert (on_hand("TEA"), on_hand("SKU-001")) == ({"sellable": 2}, {"sellable": 0})


def test_an_adjustment_of_promised_units_raises_an_alert_of_exactly_that_size(call: Call, aws: Any) -> None:
    adjust(call, row("TEA", 5), name="A1", key="k1")
    reserved = Change(
        sku="TEA",
        node="n1",
        kind="reserve",
        source="ord_x",
        line="1",
        n="1.1",
        at=NOW,
        free=-4,
        demand=(("2026-11-22", 4),),
        need=4,
    )
    stock_changes.apply([reserved], [])

    status, _, _ = adjust(call, row("TEA", -3), name="A2", key="k2")

    alerts = [r["quantity"] for r in aws.items("Stock", "S#TEA", "AL#")]
    found = position_reads.get("TEA", "n1")
    assert status == 200
    assert found is not None
    assert (found.free, alerts) == (-2, [2])


def test_a_nodes_system_sees_and_changes_its_own_shelves_only(call: Call) -> None:
    adjust(call, row("TEA", 5), row("TEA", 6, "n2"))

    seen = call("GET", "/v1/stock/TEA", who="n1-system")
    other = call("GET", "/v1/stock/TEA", who="n1-system", query={"node_id": "n2"})
    refused = adjust(call, row("TEA", 1, "n2"), who="n1-system")

    assert [p["node_id"] for p in seen[1]["positions"]] == ["n1"]
    assert other[0] == 404
    assert call("GET", "/v1/stock/TEA", query={"node_id": "moon"})[0] == 404
    assert (refused[0], refused[1]["errors"][0]["pointer"]) == (422, "/rows/0/node_id")


def test_an_unknown_sku_is_not_found_and_a_post_needs_its_key(call: Call) -> None:
    assert call("GET", "/v1/stock/COFFEE")[0] == 404
    assert call("POST", "/v1/stock/adjustments", adjustment(row("TEA", 1)), key=None)[0] == 400


class NoTime:
    """Lambda's context of a run that has time for one transaction more."""

    def get_remaining_time_in_millis(self) -> int:
        return int(deadline.RESERVE_SECONDS * 1000)


def test_an_adjustment_that_does_not_fit_the_doors_time_goes_on_with_the_same_request(call: Call, aws: Any) -> None:
    rows = [row(sku, 2, node) for sku in SKUS for node in ("n1", "n2")] + [row("SKU-000", 1)]
    body = {"adjustment_id": "a-1", "reason": "delivery", "rows": rows}
    statuses: list[int] = []
    for _ in range(10):
        status, answer, headers = call("POST", "/v1/stock/adjustments", body, context=NoTime())
        statuses.append(status)
        if status == 200:
            break
        assert (answer["type"], headers["Retry-After"]) == ("urn:comanda:problem:unfinished", "1")

    assert statuses == [503] * (len(statuses) - 1) + [200]
    assert len(statuses) > 3
    assert {said["status"] for said in answer["rows"]} == {"APPLIED"}
    held = {(p.sku, p.node): p.bucket("sellable") for p in join_lanes(position_reads.load(SKUS))}
    assert held == {(sku, node): 3 if (sku, node) == ("SKU-000", "n1") else 2 for sku in SKUS for node in ("n1", "n2")}
    again = call("POST", "/v1/stock/adjustments", body, context=NoTime())
    assert again[:2] == (200, answer)
