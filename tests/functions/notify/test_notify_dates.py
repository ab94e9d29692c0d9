"""When units come later: the customer hears the date, or that there is none yet, and each of it once."""

from json import dumps
from typing import Any

import pytest

from comanda.aws.orders import orders
from comanda.domain.orders.decision import Decision, Event
from comanda.domain.orders.line import PICKUP
from functions.notify import rules
from functions.notify.dates import NO_DATE, Expected, News, news
from functions.notify.render import render
from tests.builders import NOW, a_line, an_order
from tests.functions.mailroom import ANA, deliver, events, placed
from tests.functions.replenish.test_replenish import TEA, expected, received, supply
from tests.functions.world import World

DC_1 = {"node": "dc-1"}


def later(world: World) -> list[tuple[str, str]]:
    """Subject and text of every mail about dates, in the order in which they went out."""
    simple = [mail["Content"]["Simple"] for mail in world.hops.sent if "delayed-" in str(mail["EmailTags"])]
    return [(one["Subject"]["Data"], one["Body"]["Text"]["Data"]) for one in simple]


def number(world: World, order_id: str) -> str:
    return str(world.order(order_id)["external_id"])


def again(world: World, *kinds: str) -> None:
    """The bus delivers what it delivered before, twice more."""
    for detail in [d for d in world.hops.published if d["type"].split(".")[2] in kinds] * 2:
        world.hops.invoke("notify", {"Records": [record(detail)]})


def record(detail: dict[str, Any]) -> dict[str, Any]:
    body = {"detail-type": detail["type"], "source": "comanda.us1", "detail": detail}
    return {"messageId": "m-1", "body": dumps(body), "eventSource": "aws:sqs"}


def test_the_customer_of_a_pre_order_hears_its_date(world: World):
    expected(world, 10, 5)

    order_id = world.placed((TEA, 4))
    world.settle()

    ((subject, text),) = later(world)
    assert subject == f"Items of your order {number(world, order_id)} will come later"
    assert "4 x A TEA-001\n  Expected to be sent on Tuesday, November 24, 2026\n" in text


def test_an_order_whose_nodes_have_all_of_it_hears_of_no_date(world: World):
    world.stocked(TEA, dc_1=4)

    world.placed((TEA, 4))
    world.settle()

    assert "routed" in [detail["type"].split(".")[2] for detail in world.hops.published]
    assert later(world) == []


def test_a_supply_that_slips_or_comes_sooner_is_a_new_date_each_once_however_often_it_is_delivered(world: World):
    expected(world, 10, 5)
    order_id = world.placed((TEA, 4))
    world.settle()

    for days in (9, 3):
        expected(world, 10, days, action="CHANGE")
        world.settle()
        again(world, "promised_later", "redated")

    _, slipped, sooner = later(world)
    assert slipped[0] == sooner[0] == f"A new date for your order {number(world, order_id)}"
    assert "Expected to be sent on Saturday, November 28, 2026" in slipped[1]
    assert "Expected to be sent on Sunday, November 22, 2026" in sooner[1]


def test_a_backorder_hears_once_that_there_is_no_date_and_nothing_when_it_is_routed_again_in_vain(world: World):
    world.stocked(TEA, dc_1=0)
    order_id = world.placed((TEA, 4))
    world.settle()

    for _ in range(3):
        again_in_vain(world, order_id)

    history = [row["type"] for row in world.rows(order_id, "E#")]
    assert history.count("backordered") == 4
    ((subject, text),) = later(world)
    assert subject == f"Items of your order {number(world, order_id)} will come later"
    assert "4 x A TEA-001\n  No date yet: we will write when we know it.\n" in text


def again_in_vain(world: World, order_id: str) -> None:
    path = "/v1/queues/backorder"
    (item,) = world.call("GET", path, who="sales").body["items"]
    answer = world.call("POST", f"{path}/items/{item['item_id']}/resolve", {"answer": "retry"}, who="sales")
    assert answer.status == 200, answer.body
    world.settle()


def test_who_gets_a_part_now_hears_of_the_rest_alone(world: World):
    world.stocked(TEA, dc_1=4)

    world.placed((TEA, 6))
    world.settle()

    ((_, text),) = later(world)
    assert "2 x A TEA-001\n  No date yet" in text


def test_a_backorder_that_gets_a_date_and_loses_it_hears_both(world: World):
    world.stocked(TEA, dc_1=0)
    order_id = world.placed((TEA, 4))
    world.settle()
    expected(world, 4, 5)
    world.settle()

    supply(world, "PO-1", "CANCEL")
    world.settle()

    _, (_, dated), (subject, lost) = later(world)
    assert "Expected to be sent on Tuesday, November 24, 2026" in dated
    assert subject == f"A new date for your order {number(world, order_id)}"
    assert "No date yet" in lost


def test_a_supply_that_is_replaced_for_the_same_day_is_no_news(world: World):
    expected(world, 4, 5, name="PO-1")
    order_id = world.placed((TEA, 4))
    world.settle()
    expected(world, 4, 5, name="PO-2", node="dc-2")
    world.settle()

    supply(world, "PO-1", "CANCEL")
    world.settle()

    assert "unscheduled" in [row["type"] for row in world.rows(order_id, "E#")]
    assert world.order(order_id)["lines"][0]["allocations"][0]["node_id"] == "dc-2"
    assert len(later(world)) == 1


def test_a_pre_order_that_arrives_says_so_when_it_is_shipped_and_not_before(world: World):
    expected(world, 10, 5)
    order_id = world.placed((TEA, 4))
    world.settle()

    received(world, 10)
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ship")
    world.settle()

    names = [tag["Value"] for mail in world.hops.sent for tag in mail["EmailTags"] if tag["Name"] == "event"]
    assert [name.partition("-")[0] for name in names] == ["placed", "delayed", "shipped"]


def test_nobody_hears_a_date_of_a_draft(outbox):
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


def said(quantity: int, day: str | None, *, there: bool = False, moved: bool = False) -> tuple[News, ...]:
    return (News(line_id="1", quantity=quantity, expected=Expected(day=day, there=there), moved=moved),)


TENTH, TWELFTH, FIFTEENTH = "2026-12-10", "2026-12-12", "2026-12-15"


@pytest.mark.parametrize(
    ("history", "told"),
    [
        pytest.param([promised(4, TENTH)], said(4, TENTH), id="a first date"),
        pytest.param([promised(4, TENTH, TWELFTH)], said(4, TWELFTH, there=True), id="a date at the door"),
        pytest.param([promised(4, TENTH), moved((4, TENTH, TWELFTH))], said(4, TWELFTH, moved=True), id="a slip"),
        pytest.param(
            [promised(4, TENTH, FIFTEENTH), moved((4, TENTH, TWELFTH))],
            said(4, TWELFTH, moved=True),
            id="a slip of what was promised at the door",
        ),
        pytest.param(
            [promised(4, TENTH, TWELFTH), slipped(4, TENTH, TWELFTH, FIFTEENTH)],
            said(4, FIFTEENTH, there=True, moved=True),
            id="a slip, at the door",
        ),
        pytest.param(
            [promised(4, TENTH, FIFTEENTH), slipped(4, TENTH, TWELFTH, FIFTEENTH)],
            (),
            id="a slip that the door does not see",
        ),
        pytest.param([promised(4, TENTH, TWELFTH), arrived(4, TENTH, TWELFTH)], (), id="it came as it was told"),
        pytest.param([promised(4, TENTH, TWELFTH), arrived(4, TENTH, TENTH)], (), id="it came sooner"),
        pytest.param(
            [promised(4, TENTH, TWELFTH), arrived(3, TENTH, FIFTEENTH)],
            said(3, FIFTEENTH, there=True, moved=True),
            id="a part came too late for its day",
        ),
        pytest.param(
            [promised(4, TENTH, TWELFTH), arrived(4, TENTH, FIFTEENTH), arrived(4, TENTH, FIFTEENTH)],
            (),
            id="it is not told again that it comes too late",
        ),
        pytest.param([promised(4, TENTH), arrived(4, TENTH, FIFTEENTH)], (), id="a day at the door for one of sending"),
        pytest.param(
            [promised(4, TENTH), moved((4, TENTH, TWELFTH)), moved((4, TWELFTH, TENTH))],
            said(4, TENTH, moved=True),
            id="there and back",
        ),
        pytest.param(
            [promised(2, TENTH), promised(2, TWELFTH), moved((2, TENTH, TWELFTH), (2, TWELFTH, TENTH))],
            (),
            id="two parts that change places",
        ),
        pytest.param([promised(4, TENTH), lost(4, TENTH), promised(4, TENTH)], (), id="the same day from elsewhere"),
        pytest.param([promised(4, TENTH), lost(3, TENTH), starved(3)], said(3, None, moved=True), id="a part is lost"),
        pytest.param([starved(4), listed("resumed", 4), starved(4)], (), id="routed again in vain"),
        pytest.param([starved(4), listed("resumed", 4), starved(1)], (), id="a part of it in vain"),
        pytest.param(
            [starved(4), listed("resumed", 4), promised(4, TENTH)], said(4, TENTH), id="a date for what had none"
        ),
        pytest.param([starved(4), starved(3)], said(3, None), id="more of the line"),
        pytest.param(
            [starved(4), listed("resumed", 4), ("routed", {}), ("declined", {}), starved(4)],
            (),
            id="given to a node that declined",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), ("routed", {}), listed("shipped", 4), ("declined", {}), starved(3)],
            said(3, None),
            id="others of the line, after those were shipped",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(4, TENTH)],
            said(4, TENTH, there=True),
            id="it is here, and had no date",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(3, TENTH, starves=1)],
            said(3, TENTH, there=True),
            id="a part of it is here, and the rest has no date still",
        ),
        pytest.param(
            [promised(4, TWELFTH), lost(4, TWELFTH), starved(4), listed("resumed", 4), begun(4, TENTH)],
            said(4, TENTH, there=True),
            id="a day that was lost and found",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(4, TENTH), ("line_declined", {}), begun(4, TWELFTH)],
            said(4, TWELFTH, there=True, moved=True),
            id="given on to a node that is later",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(4, TWELFTH), ("line_declined", {}), begun(4, TENTH)],
            (),
            id="given on to a node that is sooner",
        ),
        pytest.param(
            [starved(4), listed("resumed", 4), begun(4, TENTH), ("line_declined", {}), starved(4)],
            said(4, None, moved=True),
            id="a node declined what had a day, and there is no other",
        ),
        pytest.param(
            [promised(4, TENTH, TWELFTH), arrived(4, TENTH, TENTH), begun(4, TENTH)],
            (),
            id="a supply that was waited for",
        ),
        pytest.param([begun(4, TENTH)], (), id="it was here at once"),
        pytest.param([begun(4, TENTH, starves=2)], said(2, None), id="a part was here at once"),
        pytest.param([promised(4, TENTH), ("accepted", {"fulfillment": 1})], (), id="what says nothing of dates"),
    ],
)
def test_a_customer_hears_what_was_not_told_before(history, told):
    assert list(news(history))[-1] == told


def test_a_person_who_tries_again_sets_free_everything_that_has_no_date():
    retried = ("resumed", {"queue": "backorder", "item": "backorder", "answer": "retry"})

    assert list(news([starved(4), retried, starved(4)])) == [said(4, None), (), ()]
    assert list(news([starved(4), retried, promised(4, TENTH)])) == [said(4, None), (), said(4, TENTH)]


@pytest.mark.parametrize(
    ("locale", "sent", "door", "none"),
    [
        ("en-GB", "sent on Tuesday, 1 December 2026", "your door on Friday, 4 December 2026", "No date yet"),
        ("pt-BR", "envio: terça-feira, 1 de dezembro de 2026", "seu endereço: sexta-feira, 4 de dez", "Ainda sem data"),
    ],
)
def test_dates_are_written_as_their_reader_writes_them(locale, sent, door, none):
    order = an_order(a_line("TEA", 1), a_line("CUP", 1), a_line("POT", 1), locale=locale)
    expectations = (Expected(day="2026-12-01"), Expected(day="2026-12-04", there=True), NO_DATE)
    told = [News(line_id=str(n), quantity=1, expected=when) for n, when in enumerate(expectations, 1)]
    letter = rules.delayed(order, 3, told)
    assert letter is not None

    text = render(letter, order, ANA, shop="Tea", places={}, links={})

    for part in (text.plain, text.html):
        assert sent in part
        assert door in part
        assert none in part


def test_what_is_picked_up_is_expected_at_its_counter():
    order = an_order(a_line("TEA", 1, method=PICKUP, node="store-7"))
    told = News(line_id="1", quantity=1, expected=Expected(day="2026-12-01"))
    letter = rules.delayed(order, 3, [told])
    assert letter is not None

    text = render(letter, order, ANA, shop="Tea", places={"store-7": "Store 7"}, links={}).plain

    assert "1 x TEA (Pickup: Store 7)\n  Expected at the counter on Tuesday, December 1, 2026\n" in text
    assert "when they are ready" in text
