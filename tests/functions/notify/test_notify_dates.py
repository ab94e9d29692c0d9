"""Test that a customer whose units come later is mailed each date once, or once that there is no date yet."""

from json import dumps
from typing import Any

import pytest

from comanda.aws.orders import orders
from comanda.domain.orders.decision import Decision, Event
from comanda.domain.orders.methods import PICKUP
from functions.notify import rules
from functions.notify.dates import NO_DATE, Expected, News, news
from functions.notify.render import render
from tests.builders import NOW, a_line, an_order
from tests.functions.mailroom import ANA, PAGE, deliver, events, placed
from tests.functions.replenish.test_replenish import TEA, expected, received, supply
from tests.functions.world import World

DC_1 = {"node": "dc-1"}


def date_mails(world: World) -> list[tuple[str, str]]:
    """Return the subject and text of every mail about dates, in the order in which they were sent."""
    simple = [mail["Content"]["Simple"] for mail in world.hops.sent if "delayed-" in str(mail["EmailTags"])]
    return [(one["Subject"]["Data"], one["Body"]["Text"]["Data"]) for one in simple]


def number(world: World, order_id: str) -> str:
    return str(world.order(order_id)["external_id"])


def deliver_again(world: World, *kinds: str) -> None:
    """Deliver events of these kinds from the bus twice more."""
    for detail in [d for d in world.hops.published if d["type"].split(".")[2] in kinds] * 2:
        world.hops.invoke("notify", {"Records": [record(detail)]})


def record(detail: dict[str, Any]) -> dict[str, Any]:
    body = {"detail-type": detail["type"], "source": "comanda.us1", "detail": detail}
    return {"messageId": "m-1", "body": dumps(body), "eventSource": "aws:sqs"}


def test_the_date_of_a_pre_order_is_mailed(world: World):
    expected(world, 10, 5)

    order_id = world.placed((TEA, 4))
    world.settle()

    ((subject, text),) = date_mails(world)
    assert subject == f"Items of your order {number(world, order_id)} will come later"
    assert "4 x A TEA-001\n  Expected to be sent on Tuesday, November 24, 2026\n" in text


def test_no_date_is_mailed_for_an_order_whose_nodes_have_all_its_units(world: World):
    world.stocked(TEA, dc_1=4)

    world.placed((TEA, 4))
    world.settle()

    assert "routed" in [detail["type"].split(".")[2] for detail in world.hops.published]
    assert date_mails(world) == []


def test_each_new_date_of_a_supply_is_mailed_once_however_often_its_event_is_delivered(world: World):
    expected(world, 10, 5)
    order_id = world.placed((TEA, 4))
    world.settle()

    for days in (9, 3):
        expected(world, 10, days, action="CHANGE")
        world.settle()
        deliver_again(world, "promised_later", "redated")

    _, slipped, sooner = date_mails(world)
    assert slipped[0] == sooner[0] == f"A new date for your order {number(world, order_id)}"
    assert "Expected to be sent on Saturday, November 28, 2026" in slipped[1]
    assert "Expected to be sent on Sunday, November 22, 2026" in sooner[1]


def test_a_backorder_is_mailed_once_that_it_has_no_date_however_often_it_is_routed_in_vain(world: World):
    world.stocked(TEA, dc_1=0)
    order_id = world.placed((TEA, 4))
    world.settle()

    for _ in range(3):
        route_again_in_vain(world, order_id)

    history = [row["type"] for row in world.order_items(order_id, "E#")]
    assert history.count("backordered") == 4
    ((subject, text),) = date_mails(world)
    assert subject == f"Items of your order {number(world, order_id)} will come later"
    assert "4 x A TEA-001\n  No date yet: we will write when we know it.\n" in text


def route_again_in_vain(world: World, order_id: str) -> None:
    path = "/v1/queues/backorder"
    (item,) = world.call("GET", path, who="sales").body["items"]
    answer = world.call("POST", f"{path}/items/{item['item_id']}/resolve", {"answer": "retry"}, who="sales")
    assert answer.status == 200, answer.body
    world.settle()


def test_an_order_that_is_filled_in_part_is_mailed_about_the_rest_alone(world: World):
    world.stocked(TEA, dc_1=4)

    world.placed((TEA, 6))
    world.settle()

    ((_, text),) = date_mails(world)
    assert "2 x A TEA-001\n  No date yet" in text


def test_a_backorder_that_gets_a_date_and_loses_it_is_mailed_about_both(world: World):
    world.stocked(TEA, dc_1=0)
    order_id = world.placed((TEA, 4))
    world.settle()
    expected(world, 4, 5)
    world.settle()

    supply(world, "PO-1", "CANCEL")
    world.settle()

    _, (_, dated), (subject, lost) = date_mails(world)
    assert "Expected to be sent on Tuesday, November 24, 2026" in dated
    assert subject == f"A new date for your order {number(world, order_id)}"
    assert "No date yet" in lost


def test_no_mail_is_sent_about_a_supply_that_is_replaced_for_the_same_day(world: World):
    expected(world, 4, 5, name="PO-1")
    order_id = world.placed((TEA, 4))
    world.settle()
    expected(world, 4, 5, name="PO-2", node="dc-2")
    world.settle()

    supply(world, "PO-1", "CANCEL")
    world.settle()

    assert "unscheduled" in [row["type"] for row in world.order_items(order_id, "E#")]
    assert world.order(order_id)["lines"][0]["allocations"][0]["node_id"] == "dc-2"
    assert len(date_mails(world)) == 1


def test_a_pre_order_that_arrives_is_mailed_when_it_is_shipped_and_not_before(world: World):
    expected(world, 10, 5)
    order_id = world.placed((TEA, 4))
    world.settle()

    received(world, 10)
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ship")
    world.settle()

    names = [tag["Value"] for mail in world.hops.sent for tag in mail["EmailTags"] if tag["Name"] == "event"]
    assert [name.partition("-")[0] for name in names] == ["placed", "delayed", "shipped"]


def test_no_date_of_a_draft_is_mailed(outbox):
    order = placed(an_order(draft=True))
    kind, data = promised(1, TENTH)
    orders.save(order, Decision(order=order, event=Event(type=kind, actor="router", at=NOW, data=data)))

    deliver(*events(order.order_id))

    assert outbox.mails == []


# The rule, from events alone


def promised(quantity: int, due: str, deliver_on: str | None = None) -> tuple[str, dict[str, Any]]:
    row = {"line_id": "1", "quantity": quantity, **DC_1, "due": due, "deliver_on": deliver_on}
    return "promised_later", {"promised": [row], "leftovers": []}


def starved(quantity: int) -> tuple[str, dict[str, Any]]:
    return "backordered", {"promised": [], "leftovers": [{"line_id": "1", "quantity": quantity, "queue": "backorder"}]}


def lost(quantity: int, was: str) -> tuple[str, dict[str, Any]]:
    return "unscheduled", {"unscheduled": [{"line_id": "1", "quantity": quantity, **DC_1, "was": was}]}


def moved(*rows: tuple[int, str, str]) -> tuple[str, dict[str, Any]]:
    return "redated", {"redated": [{"line_id": "1", "quantity": n, **DC_1, "was": was, "due": d} for n, was, d in rows]}


def slipped(quantity: int, was: str, due: str, deliver_on: str) -> tuple[str, dict[str, Any]]:
    row = {"line_id": "1", "quantity": quantity, **DC_1, "was": was, "due": due, "deliver_on": deliver_on}
    return "redated", {"redated": [row]}


def arrived(quantity: int, was: str, deliver_on: str | None) -> tuple[str, dict[str, Any]]:
    row = {"line_id": "1", "quantity": quantity, **DC_1, "was": was, "deliver_on": deliver_on}
    return "stock_arrived", {"ready": [row]}


def begun(quantity: int, deliver_on: str, *, starves: int = 0) -> tuple[str, dict[str, Any]]:
    work = {"fulfillment": 1, **DC_1, "method": "SHIP", "deliver_on": deliver_on}
    left = [{"line_id": "1", "quantity": starves, "queue": "backorder"}] if starves else []
    return "routed", {
        "fulfillments": [work | {"lines": [{"line_id": "1", "quantity": quantity}]}],
        "promised": [],
        "leftovers": left,
    }


def listed(kind: str, quantity: int) -> tuple[str, dict[str, Any]]:
    return kind, {"lines": [{"line_id": "1", "quantity": quantity}]}


def changed(quantity: int, **rows: str) -> tuple[str, dict[str, Any]]:
    """Return a change that moves units: `at` is how they were, `was` the day of those that waited."""
    units, at = {"line_id": "1", "quantity": quantity}, rows.pop("at", "taken")
    if at in ("taken", "requested"):
        return "changed", {at: [{"fulfillment": 1, **DC_1, "lines": [units]}]}
    return "changed", {at: [{**units, **(DC_1 if at == "unscheduled" else {}), **rows}]}


def untold(quantity: int, day: str | None, *, at_door: bool = False, moved: bool = False) -> tuple[News, ...]:
    return (News(line_id="1", quantity=quantity, expected=Expected(day=day, at_door=at_door), moved=moved),)


TENTH, TWELFTH, FIFTEENTH = "2026-12-10", "2026-12-12", "2026-12-15"


@pytest.mark.parametrize(
    ("history", "expected_news"),
    [
        pytest.param([promised(4, TENTH)], untold(4, TENTH), id="a first date"),
        pytest.param([promised(4, TENTH, TWELFTH)], untold(4, TWELFTH, at_door=True), id="a date at the door"),
        pytest.param([promised(4, TENTH), moved((4, TENTH, TWELFTH))], untold(4, TWELFTH, moved=True), id="a slip"),
        pytest.param(
            [promised(4, TENTH, FIFTEENTH), moved((4, TENTH, TWELFTH))],
            untold(4, TWELFTH, moved=True),
            id="a slip of a date that was promised at the door",
        ),
        pytest.param(
            [promised(4, TENTH, TWELFTH), slipped(4, TENTH, TWELFTH, FIFTEENTH)],
            untold(4, FIFTEENTH, at_door=True, moved=True),
            id="a slip, at the door",
        ),
        pytest.param(
            [promised(4, TENTH, FIFTEENTH), slipped(4, TENTH, TWELFTH, FIFTEENTH)],
            (),
            id="a slip that the door does not see",
        ),
        pytest.param([promised(4, TENTH, TWELFTH), arrived(4, TENTH, TWELFTH)], (), id="units came on the told date"),
        pytest.param([promised(4, TENTH, TWELFTH), arrived(4, TENTH, TENTH)], (), id="units came sooner"),
        pytest.param(
            [promised(4, TENTH, TWELFTH), arrived(3, TENTH, FIFTEENTH)],
            untold(3, FIFTEENTH, at_door=True, moved=True),
            id="a part came too late for its day",
        ),
        pytest.param(
            [promised(4, TENTH, TWELFTH), arrived(4, TENTH, FIFTEENTH), arrived(4, TENTH, FIFTEENTH)],
            (),
            id="a delay is told once",
        ),
        pytest.param(
            [promised(4, TENTH), arrived(4, TENTH, FIFTEENTH)], (), id="a date at the door instead of a date of sending"
        ),
        pytest.param(
            [promised(4, TENTH), moved((4, TENTH, TWELFTH)), moved((4, TWELFTH, TENTH))],
            untold(4, TENTH, moved=True),
            id="a date moved and moved back",
        ),
        pytest.param(
            [promised(2, TENTH), promised(2, TWELFTH), moved((2, TENTH, TWELFTH), (2, TWELFTH, TENTH))],
            (),
            id="two parts that change places",
        ),
        pytest.param([promised(4, TENTH), lost(4, TENTH), promised(4, TENTH)], (), id="the same day from elsewhere"),
        pytest.param(
            [promised(4, TENTH), lost(3, TENTH), starved(3)], untold(3, None, moved=True), id="a part is lost"
        ),
        pytest.param([starved(4), listed("resumed", 4), starved(4)], (), id="routed again in vain"),
        pytest.param([starved(4), listed("resumed", 4), starved(1)], (), id="a part of it in vain"),
        pytest.param(
            [starved(4), listed("resumed", 4), promised(4, TENTH)], untold(4, TENTH), id="a date for units without one"
        ),
        pytest.param([starved(4), starved(3)], untold(3, None), id="more of the line"),
        pytest.param(
            [starved(4), listed("resumed", 4), ("routed", {}), ("declined", {}), starved(4)],
            (),
            id="given to a node that declined",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), ("routed", {}), listed("shipped", 4), ("declined", {}), starved(3)],
            untold(3, None),
            id="other units of the line, after some were shipped",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(4, TENTH)],
            untold(4, TENTH, at_door=True),
            id="units without a date are begun",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(3, TENTH, starves=1)],
            untold(3, TENTH, at_door=True),
            id="a part is begun, and the rest still has no date",
        ),
        pytest.param(
            [promised(4, TWELFTH), lost(4, TWELFTH), starved(4), listed("resumed", 4), begun(4, TENTH)],
            untold(4, TENTH, at_door=True),
            id="a date that was lost and found again",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(4, TENTH), ("line_declined", {}), begun(4, TWELFTH)],
            untold(4, TWELFTH, at_door=True, moved=True),
            id="given on to a node that is later",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(4, TWELFTH), ("line_declined", {}), begun(4, TENTH)],
            (),
            id="given on to a node that is sooner",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(4, TENTH), ("line_declined", {}), starved(4)],
            untold(4, None, moved=True),
            id="a node declined units that had a date, and there is no other node",
        ),
        pytest.param(
            [promised(4, TENTH, TWELFTH), arrived(4, TENTH, TENTH), begun(4, TENTH)],
            (),
            id="a supply that was waited for",
        ),
        pytest.param([begun(4, TENTH)], (), id="units are begun at once"),
        pytest.param([begun(4, TENTH, starves=2)], untold(2, None), id="a part is begun at once"),
        pytest.param(
            [begun(4, TENTH), changed(4), begun(4, TWELFTH)],
            untold(4, TWELFTH, at_door=True, moved=True),
            id="a change moved the work",
        ),
        pytest.param(
            [begun(4, TENTH), changed(4), begun(4, TENTH)],
            untold(4, TENTH, at_door=True, moved=True),
            id="a change moved the work, and its day is the same",
        ),
        pytest.param(
            [promised(4, TENTH), changed(4, at="unscheduled", was=TENTH), promised(4, FIFTEENTH)],
            untold(4, FIFTEENTH, moved=True),
            id="a change moved units that waited",
        ),
        pytest.param(
            [starved(4), changed(4, at="again"), starved(4)],
            untold(4, None, moved=True),
            id="a change found no stock either",
        ),
        pytest.param(
            [begun(4, TENTH), changed(3, at="requested"), ("recalled", {}), begun(3, TWELFTH)],
            untold(3, TWELFTH, at_door=True, moved=True),
            id="a node gave back what a change asked for",
        ),
        pytest.param(
            [begun(4, TENTH), changed(4), begun(4, TENTH), begun(1, TWELFTH)],
            untold(1, TWELFTH, at_door=True, moved=True),
            id="a later day of one unit that a change moved before",
        ),
        pytest.param([promised(4, TENTH), ("accepted", {"fulfillment": 1})], (), id="an event without dates"),
    ],
)
def test_the_news_of_an_event_are_the_dates_that_were_not_told_before(history, expected_news):
    assert list(news(history))[-1] == expected_news


def test_a_retry_of_a_person_takes_all_units_without_a_date_out_of_the_waiting_ones():
    retried = ("resumed", {"queue": "backorder", "item": "backorder", "answer": "retry"})

    assert list(news([starved(4), retried, starved(4)])) == [untold(4, None), (), ()]
    assert list(news([starved(4), retried, promised(4, TENTH)])) == [untold(4, None), (), untold(4, TENTH)]


def test_work_that_is_shipped_after_all_takes_no_new_date_with_it():
    shipped = ("shipped", {"lines": [{"line_id": "1", "quantity": 4}]})
    history = [begun(4, TENTH), changed(4, at="requested"), ("recall_refused", {}), shipped, begun(2, TWELFTH)]

    assert list(news(history))[-1] == ()


@pytest.mark.parametrize(
    ("locale", "sent", "door", "none"),
    [
        ("en-GB", "sent on Tuesday, 1 December 2026", "your door on Friday, 4 December 2026", "No date yet"),
        ("es-MX", "Envío previsto el martes, 1 de diciembre", "domicilio el viernes, 4 de diciembre", "Aún sin fecha"),
        ("pt-BR", "envio: terça-feira, 1 de dezembro de 2026", "seu endereço: sexta-feira, 4 de dez", "Ainda sem data"),
    ],
)
def test_dates_are_written_in_the_language_of_their_reader(locale, sent, door, none):
    order = an_order(a_line("TEA", 1), a_line("CUP", 1), a_line("POT", 1), locale=locale)
    expectations = (Expected(day="2026-12-01"), Expected(day="2026-12-04", at_door=True), NO_DATE)
    dates = [News(line_id=str(n), quantity=1, expected=when) for n, when in enumerate(expectations, 1)]
    letter = rules.delayed_letter(order, 3, dates)
    assert letter is not None

    text = render(letter, order, ANA, shop="Tea", places={}, links={}, page=PAGE)

    for part in (text.plain, text.html):
        assert sent in part
        assert door in part
        assert none in part


def test_units_to_pick_up_are_expected_at_their_counter():
    order = an_order(a_line("TEA", 1, method=PICKUP, node="store-7"))
    date = News(line_id="1", quantity=1, expected=Expected(day="2026-12-01"))
    letter = rules.delayed_letter(order, 3, [date])
    assert letter is not None

    text = render(letter, order, ANA, shop="Tea", places={"store-7": "Store 7"}, links={}, page=PAGE).plain

    assert "1 x TEA (Pickup: Store 7)\n  Expected at the counter on Tuesday, December 1, 2026\n" in text
    assert "when they are ready" in text
