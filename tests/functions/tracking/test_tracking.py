"""Carriers, partners and the office tell what became of parcels: each scan once, and nobody about another's parcels."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import carrier_labels, directory
from comanda.aws.orders import parcel_looks
from comanda.domain.errors import Unfinished
from tests.faults import Crash, Crashed, conflicts
from tests.functions.inbox.shipment_files import Snapshot
from tests.functions.world import START, Reply, World
from tests.invariants import broken

NUMBER = "1Z 999 AA1"
CODES = {"OFD": "OUT_FOR_DELIVERY", "DL": "DELIVERED", "EX": "EXCEPTION"}


@pytest.fixture
def ups(world: World) -> World:
    """Give the retailer a carrier that reports scans by codes of its own."""
    world.entry(directory.CARRIER, "ups", {"name": "United Parcel", "tracking_codes": CODES, "overdue_days": 3})
    return world


def shipped(world: World, *packages: dict[str, Any], sku: str = "TEA-001", node: str = "dc_1", units: int = 2) -> str:
    """Return the id of an order that its node has shipped, by default in one package of UPS."""
    world.stocked(sku, **{node: units})
    order_id = world.placed((sku, units))
    world.settle()
    sent = packages or ({"package_id": "P1", "carrier": "UPS", "tracking_number": NUMBER},)
    assert world.step(order_id, "ship", body={"packages": [*sent]}).status == 200
    world.settle()
    return order_id


def tell(world: World, *scans: dict[str, Any], who: str = "ups", key: str | None = "") -> Reply:
    events = [{"tracking_number": NUMBER, "occurred_at": at(hours=1), **scan} for scan in scans]
    return world.call("POST", "/v1/tracking-events", {"events": events}, who=who, key=key)


def at(**after: int) -> str:
    return (START + timedelta(**after)).isoformat()


def outcomes(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [" ".join(filter(None, (row["status"], row.get("code")))) for row in reply.body["rows"]]


def tracking(world: World, order_id: str, who: str = "office") -> list[dict[str, Any]]:
    reply = world.call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001/tracking", who=who)
    assert reply.status == 200, reply.body
    found: list[dict[str, Any]] = reply.body["items"]
    return found


def test_a_carrier_delivers_an_order_by_its_own_codes(ups: World):
    order_id = shipped(ups)
    version = ups.order(order_id)["version"]
    ups.pass_time(4 * 3600)

    assert outcomes(tell(ups, {"code": "ofd"})) == ["APPLIED"]
    assert ups.order(order_id)["version"] == version  # a scan alone changes no order
    assert outcomes(tell(ups, {"code": "DL", "occurred_at": at(hours=3)})) == ["APPLIED"]

    order = ups.order(order_id)
    assert (order["status"], order["version"]) == ("COMPLETED", version + 1)
    events = ups.call("GET", f"/v1/orders/{order_id}/events", who="office", query={"limit": "100"}).body["items"]
    assert (events[-1]["type"], events[-1]["actor"]) == ("delivered", "ups")
    scans = tracking(ups, order_id)
    assert [(scan["status"], scan["code"]) for scan in scans] == [
        ("OUT_FOR_DELIVERY", "OFD"),
        ("DELIVERED", "DL"),
    ]
    package = ups.call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001", who="office").body["packages"][0]
    assert package["tracking"]["status"] == "DELIVERED"


def test_scans_that_come_late_and_twice_change_nothing(ups: World):
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)
    scans = [
        {"status": "DELIVERED", "occurred_at": at(hours=8), "location": "Reno"},
        {"status": "IN_TRANSIT", "occurred_at": at(hours=2)},
        {"status": "IN_TRANSIT", "occurred_at": at(hours=2)},
        {"status": "IN_TRANSIT", "occurred_at": at(hours=2), "note": "sorted"},
    ]

    assert outcomes(tell(ups, *scans)) == ["APPLIED", "APPLIED", "DUPLICATE applied-before", "CONFLICT other-content"]
    before = ups.order(order_id)
    again = tell(ups, *scans[:2], {**scans[0], "location": "Sparks"})

    assert outcomes(again) == ["DUPLICATE applied-before", "DUPLICATE applied-before", "CONFLICT other-content"]
    assert ups.order(order_id) == before
    assert before["status"] == "COMPLETED"
    assert [scan["status"] for scan in tracking(ups, order_id)] == ["IN_TRANSIT", "DELIVERED"]


def test_one_scan_from_two_tellers_is_one_scan(ups: World):
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)
    scan = {"status": "IN_TRANSIT"}

    assert outcomes(tell(ups, scan)) == ["APPLIED"]
    assert outcomes(tell(ups, scan, who="office")) == ["DUPLICATE applied-before"]
    assert [scan["reported_by"] for scan in tracking(ups, order_id)] == ["ups"]
    assert [scan["reported_by"] for scan in tracking(ups, order_id, who="shop")] == [None]


def test_a_problem_waits_in_a_queue_and_a_person_answers_it(ups: World):
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)
    tell(ups, {"code": "EX", "note": "Box is wet", "location": "Reno, NV"})
    ups.settle()

    (item,) = ups.call("GET", "/v1/queues/delivery-exceptions", who="office").body["items"]
    assert item["reason"] == "EXCEPTION"
    assert item["data"] == {
        "node": "dc-1",
        "fulfillment_id": f"ful_{order_id[4:]}-001",
        "packages": "P1",
        "carrier": "UPS",
        "tracking_number": NUMBER,
        "code": "EX",
        "note": "Box is wet",
        "location": "Reno, NV",
    }
    path = f"/v1/queues/delivery-exceptions/items/{item['item_id']}/resolve"
    answered = ups.call("POST", path, {"answer": "lose"}, who="sales")

    assert answered.status == 200, answered.body
    assert answered.body["quantities"] == {"LOST": 2}
    assert ups.waiting(order_id) == ["lost"]
    assert ups.call("POST", path, {"answer": "noted"}, who="sales").status == 404


def test_a_delivery_ends_the_task_about_a_problem(ups: World):
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)
    tell(ups, {"code": "EX"})
    assert ups.waiting(order_id) == ["delivery-exceptions"]

    tell(ups, {"code": "DL", "occurred_at": at(hours=5)})

    assert ups.waiting(order_id) == []


def test_a_task_ends_although_no_unit_is_delivered_yet(ups: World):
    sent = [{"package_id": name, "carrier": "UPS", "tracking_number": f"1Z{name}"} for name in ("A", "B")]
    order_id = shipped(ups, *sent)
    ups.pass_time(9 * 3600)
    tell(ups, {"tracking_number": "1ZA", "code": "EX"})
    tell(ups, {"tracking_number": "1ZA", "code": "DL", "occurred_at": at(hours=5)})

    assert ups.waiting(order_id) == []
    assert ups.order(order_id)["quantities"] == {"SHIPPED": 2}
    tell(ups, {"tracking_number": "1ZB", "code": "DL", "occurred_at": at(hours=6)})
    assert ups.order(order_id)["quantities"] == {"DELIVERED": 2}


def test_an_unknown_code_is_kept_in_its_words_and_moves_nothing(ups: World):
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)

    reply = tell(ups, {"code": "ZZ9", "note": "Something new"})

    assert outcomes(reply) == ["APPLIED unknown-code"]
    (scan,) = tracking(ups, order_id)
    assert (scan["status"], scan["code"], scan["note"]) == (None, "ZZ9", "Something new")
    package = ups.call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001", who="office").body["packages"][0]
    assert package["tracking"] is None


def test_a_repeated_request_is_answered_as_the_first(ups: World):
    shipped(ups)
    ups.pass_time(9 * 3600)
    first = tell(ups, {"code": "DL"}, key="k-1")

    again = tell(ups, {"code": "DL"}, key="k-1")

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert tell(ups, {"code": "EX"}, key="k-1").problem == "idempotency-key-reused"
    assert tell(ups, {"code": "DL"}, key=None).problem == "idempotency-key-missing"


# What cannot be


@pytest.mark.parametrize(
    ("scan", "outcome"),
    [
        ({"tracking_number": "1ZNOBODY"}, "REJECTED unknown-number"),
        ({"tracking_number": "-/-"}, None),
        ({"occurred_at": at(hours=10)}, "REJECTED in-the-future"),
        ({"occurred_at": at(days=-8)}, "REJECTED before-the-shipment"),
        ({"occurred_at": at(hours=-20)}, "APPLIED"),  # a label that was made before the parcel left
    ],
)
def test_a_scan_that_cannot_be_is_refused_by_itself(ups: World, scan: dict[str, Any], outcome: str | None):
    shipped(ups)
    ups.pass_time(9 * 3600)

    reply = tell(ups, {"status": "IN_TRANSIT", **scan}, {"status": "LABEL_CREATED"})

    if outcome is None:
        assert (reply.status, reply.errors) == (422, [("/events/0/tracking_number", "string-pattern-mismatch")])
    else:
        assert outcomes(reply) == [outcome, "APPLIED"]


@pytest.mark.parametrize(
    ("scan", "error"),
    [
        ({"tracking_number": " "}, ("/events/0/tracking_number", "string-too-short")),
        ({"status": "GONE"}, ("/events/0/status", "literal-error")),
        ({"status": None}, ("/events/0", "value-error")),
        ({"signed_by": "Ana"}, ("/events/0/signed_by", "extra-forbidden")),
        ({"note": "DELIVERED, SIGNED BY: SMITH"}, ("/events/0/note", "names-signer")),
        ({"note": "x" * 201}, ("/events/0/note", "too-long")),
        ({"note": "card 4111 1111 1111 1111"}, ("/events/0/note", "card-number")),
        ({"location": "a\nb"}, ("/events/0/location", "unseen-character")),
        ({"location": "\ud800"}, ("/events/0/location", "not-text")),
        ({"occurred_at": "2026-11-19T12:00:00"}, ("/events/0/occurred_at", "no-time-zone")),
        ({"code": "{{7*7}}"}, ("/events/0/code", "string-pattern-mismatch")),
    ],
)
def test_a_wrong_field_refuses_the_request_by_its_name(ups: World, scan: dict[str, Any], error: tuple[str, str]):
    order_id = shipped(ups)

    reply = tell(ups, {"status": "IN_TRANSIT"}, who="office", key="k")
    assert outcomes(reply) == ["REJECTED in-the-future"]
    refused = tell(ups, {"occurred_at": at(), "status": "IN_TRANSIT", **scan})

    assert (refused.status, [(e[0], e[1].replace("string-too-long", "too-long")) for e in refused.errors]) == (
        422,
        [error],
    )
    assert tracking(ups, order_id) == []


@pytest.mark.parametrize("note", ["مرحبا", "📦 ok", "Ñandú Güiraldes", "=SUM(A1)"])
def test_words_of_any_script_are_kept(ups: World, note: str):
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)

    assert outcomes(tell(ups, {"status": "IN_TRANSIT", "note": note})) == ["APPLIED"]
    assert tracking(ups, order_id)[0]["note"] == note


# Cut off


def test_a_crash_at_any_call_and_the_same_request_again_end_as_if_nothing_had_happened(ups: World):
    """Two parcels, one of them with units of two orders; each scan moves an order or asks a person."""
    orders = [shipped(ups), shipped(ups), shipped(ups, {"package_id": "P", "carrier": "UPS", "tracking_number": "1ZB"})]
    ups.pass_time(9 * 3600)
    scans = [
        {"code": "EX"},
        {"code": "DL", "occurred_at": at(hours=5)},
        {"tracking_number": "1ZB", "code": "EX"},
        {"tracking_number": "1ZB", "code": "QQ"},
    ]
    before = Snapshot.take(ups)  # type: ignore[arg-type]  # it needs the tables alone
    with Crash() as counted:
        answered = tell(ups, *scans, key="k-1").body
    after_all = Snapshot.take(ups)  # type: ignore[arg-type]
    assert [ups.order(order_id)["status"] for order_id in orders] == ["COMPLETED", "COMPLETED", "SHIPPED"]
    assert ups.waiting(orders[2]) == ["delivery-exceptions"]

    points = [
        (n, after)
        for n, name in enumerate(counted.calls, 1)
        for after in (False, True)
        if not after or "Transact" in name
    ]
    for n, after in points:
        before.restore()
        with Crash(n, after=after), pytest.raises(Crashed):
            tell(ups, *scans, key="k-1")

        assert tell(ups, *scans, key="k-1").body == answered, (n, after)
        assert Snapshot.take(ups) == after_all, (n, after)  # type: ignore[arg-type]
    print(f"tracking: {len(points)} crashes, each repaired by the same request")  # noqa: T201  # a published figure


def test_a_request_whose_time_is_over_goes_on_with_the_rest(ups: World, monkeypatch: pytest.MonkeyPatch):
    shipped(ups)
    second = shipped(ups, {"package_id": "P", "carrier": "UPS", "tracking_number": "1ZB"})
    ups.pass_time(9 * 3600)
    scans = [{"code": "DL"}, {"tracking_number": "1ZB", "code": "DL"}]
    over = iter((None, Unfinished("a part is applied")))

    def check() -> None:
        if (error := next(over, None)) is not None:
            raise error

    monkeypatch.setattr("comanda.aws.runtime.deadline.check", check)
    cut = tell(ups, *scans, key="k-1")
    assert (cut.status, cut.problem) == (503, "unfinished")
    assert ups.order(second)["quantities"] == {"SHIPPED": 2}

    other = tell(ups, {"code": "DL", "note": "another"}, scans[1], key="k-1")
    assert outcomes(other) == ["CONFLICT other-content", "APPLIED"]  # it is not the same request
    assert outcomes(tell(ups, *scans, key="k-2")) == ["DUPLICATE applied-before"] * 2


def test_two_tellers_at_once_make_one_story(ups: World):
    """Every save of the one is interrupted by the other, in every order of their calls."""
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)
    for seed in range(8):
        when = at(hours=1, minutes=seed)
        with conflicts(seed, p=0.4, throttled=0.2):
            for who in ("ups", "office"):
                reply = tell(ups, {"status": "IN_TRANSIT", "occurred_at": when}, who=who, key=f"k-{seed}")
                while reply.status == 503:
                    reply = tell(ups, {"status": "IN_TRANSIT", "occurred_at": when}, who=who, key=f"k-{seed}")
    with conflicts(99, p=0.4):
        while (reply := tell(ups, {"code": "DL", "occurred_at": at(hours=8)}, key="d")).status == 503:
            pass

    assert outcomes(reply) == ["APPLIED"]
    assert len(tracking(ups, order_id)) == 9
    (standing,) = ups.order_items(order_id, "TE#001")[:1]
    assert standing["parcels"]["1Z999AA1"]["events"] == 9
    assert ups.order(order_id)["quantities"] == {"DELIVERED": 2}


# Whose


def test_nobody_tells_about_anothers_parcels_and_learns_that_they_exist(ups: World):
    ups.entry(directory.CARRIER, "dhl", {"name": "DHL", "tracking_codes": {}})
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)
    before = without_keys(ups)

    for who in ("dhl", "acme", "rival"):
        there, nowhere = (
            tell(ups, {"tracking_number": number, "status": "DELIVERED"}, who=who) for number in (NUMBER, "1Z 999 AA2")
        )
        assert outcomes(there) == ["REJECTED unknown-number"]
        assert str(there.body).replace(NUMBER, "") == str(nowhere.body).replace("1Z 999 AA2", "")
    assert outcomes(tell(ups, {"status": "DELIVERED", "carrier": "DHL"})) == ["REJECTED unknown-number"]
    assert without_keys(ups) == before
    for who in ("shop", "dc-1-system", "picker", "form"):
        assert tell(ups, {"status": "DELIVERED"}, who=who).status == 403
    for who, status in (("other-shop", 404), ("dc-2-system", 404), ("acme", 404), ("ups", 403), ("picker", 200)):
        reply = ups.call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001/tracking", who=who)
        assert reply.status == status, who


def without_keys(world: World) -> dict[str, list[dict[str, Any]]]:
    """Return the tables without the rows of idempotency keys."""
    return {
        name: sorted((row for row in rows if not row["pk"].startswith("IDEM#")), key=lambda row: (row["pk"], row["sk"]))
        for name, rows in world.tables().items()
    }


def test_a_partner_tells_about_its_own_shipments(ups: World):
    order_id = shipped(ups, sku="CUP-001", node="vendor_1")
    ups.pass_time(9 * 3600)

    assert outcomes(tell(ups, {"status": "DELIVERED"}, who="rival")) == ["REJECTED unknown-number"]
    assert outcomes(tell(ups, {"status": "DELIVERED", "carrier": "united parcel"}, who="acme")) == ["APPLIED"]
    assert ups.order(order_id)["quantities"] == {"DELIVERED": 2}


def test_a_label_without_a_carrier_is_for_the_office_and_the_partner_but_for_no_carrier(ups: World):
    order_id = shipped(ups, {"package_id": "P1", "tracking_number": NUMBER})
    ups.pass_time(9 * 3600)

    assert outcomes(tell(ups, {"code": "DL"})) == ["REJECTED unknown-number"]
    assert outcomes(tell(ups, {"code": "DL", "carrier": "ups"}, who="office")) == ["APPLIED"]
    assert ups.order(order_id)["quantities"] == {"DELIVERED": 2}


def test_a_parcel_with_units_of_two_orders_delivers_both(ups: World):
    first, second = shipped(ups), shipped(ups)
    ups.pass_time(9 * 3600)

    assert outcomes(tell(ups, {"code": "DL"})) == ["APPLIED"]
    assert [ups.order(order_id)["status"] for order_id in (first, second)] == ["COMPLETED", "COMPLETED"]


def test_a_number_that_is_used_again_is_the_parcel_that_was_shipped_last(ups: World):
    old = shipped(ups)
    ups.pass_time(90 * 86400)
    new = shipped(ups)
    ups.pass_time(9 * 3600)

    assert outcomes(tell(ups, {"code": "DL", "occurred_at": at(days=90, hours=5)})) == ["APPLIED"]
    assert ups.order(new)["quantities"] == {"DELIVERED": 2}
    assert outcomes(tell(ups, {"code": "EX", "occurred_at": at(days=5)})) == ["APPLIED"]
    assert ups.waiting(old) == ["delivery-exceptions"]


# Many


def test_a_number_that_very_many_parcels_have_is_one_of_the_newest(ups: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("comanda.aws.orders.tracking._MOST_PARCELS", 1)
    old = shipped(ups)
    ups.pass_time(90 * 86400)
    new = shipped(ups)
    ups.pass_time(9 * 3600)

    assert outcomes(tell(ups, {"code": "DL", "occurred_at": at(days=90, hours=5)})) == ["APPLIED"]
    assert [ups.order(order_id)["status"] for order_id in (old, new)] == ["SHIPPED", "COMPLETED"]


def test_a_hundred_scans_come_in_one_call_and_are_shown_in_pages(ups: World):
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)
    scans = [{"status": "IN_TRANSIT", "occurred_at": at(minutes=n)} for n in range(100)]

    assert set(outcomes(tell(ups, *reversed(scans)))) == {"APPLIED"}
    assert tell(ups, *scans, {"status": "IN_TRANSIT"}).errors == [("/events", "too-long")]
    path, query, seen = f"/v1/fulfillments/ful_{order_id[4:]}-001/tracking", {"limit": "40"}, []
    while True:
        page = ups.call("GET", path, who="office", query=query).body
        seen += [item["occurred_at"] for item in page["items"]]
        if page["next"] is None:
            break
        query = {**query, "cursor": page["next"]}
    assert (len(seen), seen) == (100, sorted(seen))


def test_a_parcel_has_a_limit_of_scans(ups: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("comanda.domain.shipping.tracking.MOST_EVENTS", 3)
    order_id = shipped(ups)
    ups.pass_time(9 * 3600)

    found = outcomes(tell(ups, *({"status": "IN_TRANSIT", "occurred_at": at(minutes=n)} for n in range(5))))

    assert found == ["APPLIED"] * 3 + ["REJECTED too-many-events"] * 2
    assert len(tracking(ups, order_id)) == 3


# Time alone


def test_a_parcel_without_a_scan_for_too_long_is_looked_for(ups: World):
    order_id = shipped(ups)
    ups.pass_time(2 * 86400)
    ups.sweep()
    assert ups.waiting(order_id) == []

    ups.pass_time(2 * 86400)
    ups.sweep()

    (item,) = ups.call("GET", "/v1/queues/delivery-exceptions", who="office").body["items"]
    assert item["reason"] == "OVERDUE"
    tell(ups, {"code": "OFD", "occurred_at": at(days=4)})
    assert ups.waiting(order_id) == []
    for _ in range(3):  # and again, when it stays where it is
        ups.pass_time(2 * 86400)
        ups.sweep()
    assert ups.waiting(order_id) == ["delivery-exceptions"]


def test_a_look_that_crashes_at_any_call_is_repaired_by_the_next(ups: World):
    order_id = shipped(ups)
    ups.pass_time(5 * 86400)
    (row,) = parcel_looks.due(ups.now)
    before = Snapshot.take(ups)  # type: ignore[arg-type]  # it needs the tables alone
    with Crash() as counted:
        assert parcel_looks.check(row, carrier_labels.overdue_days, ups.now)
    after_all = Snapshot.take(ups)  # type: ignore[arg-type]
    assert ups.waiting(order_id) == ["delivery-exceptions"]

    for n in range(1, len(counted.calls) + 1):
        for after in (False, True):
            before.restore()
            with Crash(n, after=after), pytest.raises(Crashed):
                parcel_looks.check(row, carrier_labels.overdue_days, ups.now)
            for again in parcel_looks.due(ups.now):
                parcel_looks.check(again, carrier_labels.overdue_days, ups.now)
            assert Snapshot.take(ups) == after_all, (n, after)  # type: ignore[arg-type]


def test_a_carrier_that_tells_no_scans_is_not_waited_for(world: World):
    order_id = shipped(world)
    for _ in range(3):
        world.pass_time(10 * 86400)
        world.sweep()

    assert world.waiting(order_id) == []
    (row,) = [row for row in world.aws.items("Orders") if row["pk"].startswith("TRK#")]
    assert "gsi3pk" not in row


def test_a_delivery_that_was_told_before_the_shipment_counts_once_it_is_shipped(ups: World):
    ups.stocked("TEA-001", dc_1=2)
    order_id = ups.placed(("TEA-001", 2))
    ups.settle()
    ups.steps(order_id, "accept", "pick")
    package = {"package_id": "P1", "carrier": "UPS", "tracking_number": NUMBER}
    assert ups.step(order_id, "pack", body={"packages": [package]}).status == 200
    ups.pass_time(9 * 3600)
    assert outcomes(tell(ups, {"code": "DL"})) == ["APPLIED"]
    assert ups.order(order_id)["quantities"] == {"PACKED": 2}

    ups.steps(order_id, "ship")
    ups.settle()
    ups.pass_time(86400)
    ups.sweep()

    assert ups.order(order_id)["quantities"] == {"DELIVERED": 2}


# What the customer hears


def mails(world: World) -> list[str]:
    return [mail["Content"]["Simple"]["Subject"]["Data"] for mail in world.hops.sent]


@pytest.mark.parametrize(
    ("status", "subject"),
    [
        ("OUT_FOR_DELIVERY", "A parcel of your order {} comes today"),
        ("AVAILABLE_FOR_PICKUP", "A parcel of your order {} is ready to be collected"),
    ],
)
def test_the_customer_hears_once_that_the_parcel_comes(ups: World, status: str, subject: str):
    order_id = shipped(ups)
    ups.pass_time(4 * 3600)
    ups.hops.sent.clear()

    tell(ups, {"status": status}, {"status": status, "occurred_at": at(hours=2)})
    ups.settle()
    tell(ups, {"status": status, "occurred_at": at(hours=3)})
    ups.settle()

    assert mails(ups) == [subject.format(ups.order(order_id)["external_id"])]
    published = [event for event in ups.hops.published if event["type"] == f"comanda.tracking.{status.lower()}.v1"]
    assert [event["data"]["tracking"] for event in published] == [NUMBER, NUMBER]
    assert len({event["id"] for event in published}) == 2
    assert not [wrong for wrong in broken(ups.tables()) if "mail" in wrong]


@pytest.mark.parametrize(
    "scans",
    [
        [{"status": "OUT_FOR_DELIVERY"}, {"status": "DELIVERED", "occurred_at": at(hours=3)}],  # it is there by now
        [{"status": "IN_TRANSIT", "occurred_at": at(hours=3)}, {"status": "OUT_FOR_DELIVERY"}],  # it went back
        [{"status": "OUT_FOR_DELIVERY", "occurred_at": at(hours=-30)}],  # yesterday
    ],
)
def test_the_customer_hears_no_old_news(ups: World, scans: list[dict[str, Any]]):
    shipped(ups)
    ups.pass_time(4 * 3600)
    ups.hops.sent.clear()

    tell(ups, *scans)
    ups.settle()

    assert not [subject for subject in mails(ups) if "parcel" in subject]
