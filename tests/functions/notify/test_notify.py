"""Test the mails to customers: which facts are mailed, to which address, and that logs and rows hold no names."""

import json
from dataclasses import replace

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.orders import invoices, orders
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds.review import confirm, reject
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.methods import PICKUP
from comanda.domain.shipping.tracking import possible_ids
from tests.builders import NOW, a_hold_type, a_line, a_package, a_shipment, a_step, an_order
from tests.functions.mailroom import (
    ANA,
    amounts,
    deliver,
    events,
    given_out,
    logged_text,
    mail_rows,
    notify,
    placed,
    shipped,
    store,
    unstocked,
)


def test_a_received_order_is_mailed_once_however_often_its_event_comes(aws, outbox):
    order = placed(an_order(a_line("TEA", 2, 1299, title="Green tea"), external_id="WEB-1"))

    for _ in range(5):
        deliver(*events(order.order_id, "placed"))

    subject, html, text = outbox.one()
    assert subject == "We have received your order WEB-1"
    assert "Green tea" in html
    assert "2 x Green tea: $25.98" in text
    assert "12 Canary Street" in html
    assert "Hello Ana Canary Souza," in text
    (mail,) = outbox.mails
    assert mail["Destination"] == {"ToAddresses": ["ana.canary@example.com"]}
    assert mail["FromEmailAddress"] == "Tea & Co <orders@shop.example>"
    assert mail["ConfigurationSetName"] == "comanda-test"
    assert {tag["Name"]: tag["Value"] for tag in mail["EmailTags"]} == {
        "order": order.order_id,
        "event": "placed",
        "role": "customer",
    }
    assert mail_rows(aws, order)["M#placed#customer"]["state"] == "sent"


def test_a_draft_is_mailed_as_received_when_it_is_confirmed_and_not_before(outbox):
    order = placed(an_order(draft=True))
    deliver(*events(order.order_id))
    assert outbox.mails == []

    store(confirm(order, "review", "sales", NOW), order)
    deliver(*events(order.order_id))

    assert outbox.subjects == [f"We have received your order {order.external_id}"]


def test_a_confirmed_draft_is_mailed_as_sales_confirmed_it(outbox):
    order = placed(an_order(a_line("TEA", 3, 1000), a_line("CUP", 1, 500), shipping=499, draft=True))
    less = store(cancel(order, {"1": 1, "2": 1}, "not in stock", "sales", NOW), order)
    store(confirm(less, "review", "sales", NOW), less)

    deliver(*events(order.order_id))

    _, _, text = outbox.one()
    assert ("2 x TEA" in text, "CUP" in text) == (True, False)
    assert ("$24.99" in text, "$39.99" in text) == (True, False)


@pytest.mark.parametrize("end", ["cancelled", "rejected"])
def test_no_mail_is_sent_about_a_draft_that_was_cancelled_or_rejected(outbox, end):
    order = placed(an_order(draft=True))
    store(
        cancel(order, None, "changed mind", "shop", NOW) if end == "cancelled" else reject(order, "q", "no", "s", NOW),
        order,
    )

    deliver(*events(order.order_id))

    assert outbox.mails == []


def test_an_order_that_sales_refused_is_mailed_as_cancelled(outbox):
    order = placed(an_order(a_line("TEA", 3)), a_hold_type("SALES_REVIEW", queue="review", total_at_least=(1, "USD")))
    store(reject(order, "review", "looks odd", "sales", NOW), order)

    deliver(*events(order.order_id, "rejected"))

    subject, html, text = outbox.one()
    assert subject == f"Your order {order.external_id} is cancelled"
    assert "3 x TEA" in text
    assert "You are not charged for the cancelled items." in html
    assert "looks odd" not in html + text  # what sales thinks is not for the customer


def test_a_mail_about_a_part_that_is_cancelled_names_its_units_and_the_new_total(outbox):
    order = placed(an_order(a_line("TEA", 3, 1000), a_line("CUP", 1, 500), shipping=499))
    after = store(cancel(order, {"1": 2}, "too many", "shop", NOW), order)

    deliver(*events(order.order_id, "cancelled"))

    subject, html, text = outbox.one()
    assert subject == f"A part of your order {order.external_id} is cancelled"
    assert "2 x TEA" in text
    assert "CUP" not in text
    assert after.totals.total == 1999
    assert "its total is now $19.99" in html
    assert "too many" not in html + text


def test_a_mail_about_a_cancelled_order_says_that_paid_money_is_returned(outbox):
    order = an_order(a_line("TEA", 1, 1000))
    order = placed(replace(order, payments=tuple(replace(t, captured=1000) for t in order.payments)))
    store(cancel(order, None, "changed mind", "shop", NOW), order)

    deliver(*events(order.order_id, "cancelled"))

    assert "What you have already paid for the cancelled items is returned" in outbox.one()[1]


def test_a_shipment_is_mailed_with_its_parcels_and_its_invoice_to_the_cent(outbox):
    order = placed(
        an_order(
            a_line("TEA", 3, 1299, tax=321, discount=100), a_line("CUP", 2, 777, tax=17), shipping=599, shipping_tax=49
        )
    )
    parcels = (a_package("P1", tracking_number="1Z 99/9"), a_package("P2", carrier="Bike", tracking_number="B-2"))
    order = shipped(order, *parcels, l1=2, l2=1)

    for _ in range(3):
        notify(order)

    subject, html, text = outbox.one()
    assert subject == f"A part of your order {order.external_id} is on its way"
    assert 'href="https://www.ups.com/track?tracknum=1Z%2099%2F9"' in html
    assert "Bike B-2" in text
    assert "2 x TEA: $25.98" in text
    assert "1 x CUP: $7.77" in text
    total = invoices.view(order.order_id, 1)["totals"]["total"]["amount"]
    assert amounts(html)[-1] == f"${total / 100:.2f}"


def test_a_parcel_of_a_carrier_without_a_tracking_page_shows_its_bare_number(outbox, aws):
    aws.put("Directory", **keys.entry(directory.CARRIER, "ups"), id="ups", doc=json.dumps({"name": "UPS"}))
    order = shipped(placed(an_order(a_line("TEA", 1, 100))), a_package("P1", tracking_number="1Z9"))

    notify(order)

    _, html, text = outbox.one()
    assert "<strong>1Z9</strong>" in html
    assert "UPS 1Z9" in text
    assert "ups.com" not in html + text


@pytest.mark.parametrize("label", ["ups", "UPS", " Ups "])
def test_the_carrier_of_a_label_is_found_by_its_id_in_any_case(label):
    assert "ups" in possible_ids(label)


def test_a_name_of_several_words_is_no_carrier_id():
    assert possible_ids("Parcel Post") == ()


def test_units_that_wait_at_a_counter_are_mailed_as_ready_and_units_that_left_it_as_handed_over(outbox):
    order = placed(an_order(a_line("TEA", 2, method=PICKUP, node="store-7")))
    order = given_out(order)
    for step in ("accept", "start-pick", "pick", "pack", "ready"):
        order = orders.save(order, advance(order, step, a_step()))
    deliver(*events(order.order_id))
    waiting = outbox.subjects

    order = orders.save(order, unstocked(ship(order, a_step(), a_shipment("S1"))))
    notify(order)

    number = order.external_id
    assert waiting == [f"We have received your order {number}", f"Your order {number} is ready to be picked up"]
    assert outbox.subjects == sorted([*waiting, f"You have picked up your order {number}"])
    last = outbox.mails[-1]["Content"]["Simple"]["Body"]
    assert "were handed to you at Store 7." in last["Text"]["Data"]
    assert "Canary Street" not in last["Text"]["Data"]  # nothing goes there
    assert "Pickup: Store 7" in outbox.mails[0]["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_no_mail_is_sent_about_a_fulfillment_of_which_no_unit_left(outbox):
    order = placed(an_order())
    order = given_out(order)

    notify(order)

    assert outbox.mails == []


def test_no_mail_is_sent_about_events_that_do_not_concern_the_customer(outbox):
    order = placed(an_order())
    (event,) = events(order.order_id)

    deliver({**event, "type": "comanda.order.routed.v1"})

    assert outbox.mails == []


@pytest.mark.parametrize(
    "customer",
    [{"name": "Ana Canary"}, {"email": ""}, {"email": "ana.canary"}, {"email": "a@b.example, canary@c.example"}],
    ids=str,
)
def test_an_order_without_an_address_gets_no_mail_and_the_log_says_so(aws, outbox, caplog, customer):
    order = placed(an_order(), contact={**ANA, "customer": customer})

    deliver(*events(order.order_id))

    assert outbox.mails == []
    # The order need not wait for this mail, so it may be closed.
    assert [row["state"] for row in mail_rows(aws, order).values()] == ["nobody"]
    logged = logged_text(caplog)
    assert "no address to mail to" in logged
    assert order.order_id in logged
    assert "canary" not in logged.lower()


def test_names_and_addresses_are_in_the_mail_and_in_no_log_and_no_row(aws, outbox, caplog, capsys):
    order = placed(an_order())

    deliver(*events(order.order_id))

    assert "Ana Canary Souza" in outbox.one()[1]
    assert "mailed" in logged_text(caplog)
    printed = capsys.readouterr()
    assert "canary" not in (logged_text(caplog) + printed.out + printed.err).lower()
    assert "canary" not in str(aws.items("Orders")).lower()
