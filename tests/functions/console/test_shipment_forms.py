"""The office and the node decide about work that does not arrive: delivered, lost, recalled, not collected, handed back."""

import pytest

from tests.functions.console.gateway import Browser, Page
from tests.functions.console.test_order_page import fields
from tests.functions.world import at_counter


@pytest.fixture
def picker(browser: Browser) -> Browser:
    """Give the browser of a person of the node dc-1."""
    return browser.enter("picker")


def has(page: Page, do: str) -> bool:
    return f'value="{do}"' in page.text


def begun(world, *steps):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 2), external_id="WEB-7")
    world.settle()
    world.steps(order_id, *(steps or ("accept", "pick")))
    world.settle()
    return order_id


def shipped(world):
    order_id = begun(world, "accept")
    parcels = [{"package_id": f"B-{n}", "tracking_number": f"NW {n}"} for n in (1, 2)]
    assert world.step(order_id, "ship", body={"packages": parcels}).status == 200
    world.settle()
    return order_id


def ful(order_id):
    return f"ful_{order_id[4:]}-001"


def test_a_shipment_is_delivered_once_from_the_page_of_its_order(sales, world):
    order_id = shipped(world)
    form = fields(sales.get(f"orders/{order_id}"), "deliver") | {"sent": ful(order_id), "reason": "NOT_ARRIVED"}

    pages = [sales.post(f"orders/{order_id}", form) for _ in range(2)]

    assert [page.status for page in pages] == [200, 200]
    assert "The delivery was noted." in pages[0].text
    assert world.order(order_id)["status"] == "COMPLETED"
    assert not has(sales.get(f"orders/{order_id}"), "deliver")


def test_a_parcel_is_chosen_by_its_number(sales, world):
    order_id = shipped(world)
    page = sales.get(f"orders/{order_id}")
    assert f'value="{ful(order_id)}/B-2"' in page.text

    sales.post(f"orders/{order_id}", fields(page, "deliver") | {"sent": f"{ful(order_id)}/B-2", "reason": "DESTROYED"})

    parcels = world.order(order_id)["fulfillments"][0]["packages"]
    assert [parcel["delivered_at"] is not None for parcel in parcels] == [False, True]


def test_lost_units_are_sent_again_refunded_or_claimed(sales, world):
    order_id = shipped(world)
    lost = fields(sales.get(f"orders/{order_id}"), "lose") | {"sent": ful(order_id), "reason": "DESTROYED"}
    assert "The loss was noted." in sales.post(f"orders/{order_id}", lost).text

    page = sales.get(f"orders/{order_id}")
    missing = sales.post(f"orders/{order_id}", fields(page, "claim") | {"reference": ""})
    assert missing.status == 422
    claimed = sales.post(f"orders/{order_id}", fields(sales.get(f"orders/{order_id}"), "claim") | {"reference": "C-1"})
    assert claimed.status == 200
    assert has(sales.get(f"orders/{order_id}"), "resend")
    again = fields(sales.get(f"orders/{order_id}"), "resend") | {"reference": ""}
    assert sales.post(f"orders/{order_id}", again).status == 200

    (loss,) = world.order(order_id)["losses"]
    new = loss["replacement_order_id"]
    assert world.order(new)["kind"] == "REPLACEMENT"
    assert new in sales.get(f"orders/{order_id}").text
    assert "Sends lost units again" in sales.get(f"orders/{new}").text
    world.settle()
    world.step(order_id, "deliver")
    found = sales.get(f"orders/{order_id}")
    assert "They were found after the decision: Send it again." in found.text
    assert sales.post(f"orders/{order_id}", fields(found, "done")).status == 200
    assert world.waiting(order_id) == []


def test_the_queue_of_lost_units_gives_chosen_items_one_answer(sales, world):
    order_id = shipped(world)
    world.step(order_id, "lose", 1, {"reason": "DESTROYED"})

    page = sales.get("queues/lost")

    assert page.status == 200
    assert has(page, "answer-resend")
    assert not has(page, "answer-claim")


def test_the_office_recalls_work_and_a_missing_reason_is_refused_at_its_field(sales, world):
    order_id = begun(world)
    form = fields(sales.get(f"orders/{order_id}"), "recall") | {"work": ful(order_id), "reason": ""}
    refused = sales.post(f"orders/{order_id}", form)
    assert refused.status == 422
    assert 'id="error-recall-reason"' in refused.text

    form = fields(sales.get(f"orders/{order_id}"), "recall") | {"work": ful(order_id), "reason": "wrong address"}
    assert "the node is asked" in sales.post(f"orders/{order_id}", form).text

    assert world.order(order_id)["fulfillments"][0]["recall"]["reason"] == "wrong address"


@pytest.mark.parametrize(("do", "status"), [("agree", "RECALLED"), ("refuse", "PICKED")])
def test_a_picker_sees_the_recall_and_answers_it(picker, world, do, status):
    order_id = begun(world)
    recall = {"reason": "wrong address {{ 7 * 7 }}", "fulfillment_id": ful(order_id)}
    assert world.change(order_id, "recall", recall).status == 200

    for path in ("nodes/dc-1", f"nodes/dc-1/pack/{ful(order_id)}"):
        page = picker.get(path)
        assert "The office asks for it back" in page.text
        assert "wrong address {{ 7 * 7 }}" in page.text
    back = picker.get(f"nodes/dc-1/back/{ful(order_id)}")
    done = picker.post(
        f"nodes/dc-1/back/{ful(order_id)}", fields(back, do) | ({"refusal": "LEAVING"} if do == "refuse" else {})
    )

    assert done.status == 200
    assert world.order(order_id)["fulfillments"][0]["status"] == status


def test_a_picker_hands_some_units_back(picker, world):
    order_id = begun(world)
    page = picker.get(f"nodes/dc-1/back/{ful(order_id)}")
    form = fields(page, "hand-back") | {"line.0": "1", "quantity.0": "1", "reason": "CANNOT_FINISH"}

    assert picker.post(f"nodes/dc-1/back/{ful(order_id)}", form).status == 200

    assert world.order(order_id)["quantities"] == {"PICKED": 1, "UNSCHEDULED": 1}
    wrong = fields(picker.get(f"nodes/dc-1/back/{ful(order_id)}"), "hand-back")
    refused = picker.post(
        f"nodes/dc-1/back/{ful(order_id)}", wrong | {"line.0": "1", "quantity.0": "9", "reason": "OTHER"}
    )
    assert refused.status == 422


def test_an_order_that_nobody_collected_is_ended_at_its_counter(browser, world):
    world.aws.put("Directory", pk="USER#counter", sk="#", roles=["worker"], nodes=["store-1"])
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", 2), ship_to=None)
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")
    world.settle()
    clerk = browser.enter("counter")
    path = f"nodes/store-1/back/{ful(order_id)}"
    assert "Give back" in clerk.get(f"nodes/store-1/counter/{ful(order_id)}").text

    assert clerk.post(path, fields(clerk.get(path), "no-show")).status == 200

    assert world.order(order_id)["status"] == "CANCELLED"


def test_the_office_ends_a_pickup_too(sales, world):
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", 2), ship_to=None)
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")
    page = sales.get(f"orders/{order_id}")

    assert sales.post(f"orders/{order_id}", fields(page, "no-show") | {"work": ful(order_id)}).status == 200

    assert world.order(order_id)["quantities"] == {"CANCELLED": 2}


def test_texts_that_are_no_ids_of_the_order_do_nothing(sales, world):
    order_id = begun(world)
    world.steps(order_id, "pack", "ship")
    before = world.order(order_id)
    form = fields(sales.get(f"orders/{order_id}"), "deliver")

    assert sales.post(f"orders/{order_id}", form | {"sent": "../../orders", "reason": "DESTROYED"}).status == 422
    assert sales.post(f"orders/{order_id}", form | {"do": "resend", "item": "ord_1.lost-001-7"}).status in (400, 422)
    assert world.order(order_id) == before


def test_a_picker_gives_back_no_work_of_another_node(picker, world):
    order_id = begun(world)

    assert picker.get(f"nodes/dc-2/back/{ful(order_id)}").status == 404
