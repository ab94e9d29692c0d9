"""A tax service says the taxes of its channel's quotes, drafts and changes, and its silence is no tax of zero."""

from typing import Any

import pytest

from local.avalara.server import KEY, AvalaraServer
from tests.functions.channels import set_channel
from tests.functions.drafts.acts import CHICAGO, create, get, patch
from tests.functions.drafts.test_confirm import confirm
from tests.functions.drafts.test_quotes import a_line, quote
from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.intake.changes.test_moves import finished
from tests.functions.taxed import AUSTIN, SHIPPING, a_table, taxes
from tests.functions.taxes.service import disconnect, replace_key
from tests.functions.world import Reply, World, usd

PLACE = {name: CHICAGO[name] for name in ("country", "region", "postal_code", "city", "line1")}


def tax_quote(world: World, amount: int = 9_999, **changes: Any) -> Reply:
    body = {"channel": "web", "currency": "USD", "lines": [{"sku": "TEA-001", "amount": usd(amount)}], "ship_to": PLACE}
    return world.call("POST", "/v1/tax-quotes", {**body, **changes})


def test_a_question_is_answered_with_the_taxes_of_the_service(world: World, service: AvalaraServer):
    lines = [{"sku": "TEA-001", "amount": usd(9_999)}, {"sku": "CUP-001", "amount": usd(999)}]

    answer = tax_quote(world, lines=lines, charges=[{"kind": "SHIPPING", "amount": usd(500)}]).body

    found = [(one["tax"]["rate"], one["tax"]["amount"], one["name"]) for one in (*answer["lines"], *answer["charges"])]
    every = "IL STATE TAX, IL COUNTY TAX, IL CITY TAX, IL SPECIAL TAX"
    assert found == [
        ("0.1025", usd(1_025), every),
        ("0.0625", usd(62), "IL STATE TAX"),
        ("0.1025", usd(51), every),
    ]
    assert (answer["tax"], answer["tax_estimated"], answer["tax_table"]) == (usd(1_138), False, "avalara")


def test_the_service_is_told_the_whole_address_and_the_seller(world: World, service: AvalaraServer):
    tax_quote(world)

    (sent,) = service.documents.asked
    assert sent["addresses"]["shipTo"]["postalCode"] == CHICAGO["postal_code"]
    assert sent["addresses"]["shipTo"]["line1"] == CHICAGO["line1"]
    assert sent["addresses"]["shipFrom"]["country"]
    assert (sent["companyCode"], sent["customerCode"], sent["type"]) == ("TEA", "guest", "SalesOrder")


def test_a_rate_that_is_given_goes_before_the_service(world: World, service: AvalaraServer):
    lines = [{"sku": "TEA-001", "amount": usd(1_000), "tax_rate": "0.5"}]

    answer = tax_quote(world, lines=lines).body

    assert (answer["tax"], answer["tax_estimated"], service.documents.asked) == (usd(500), True, [])


def test_a_place_that_is_not_known_is_asked_of_nobody(world: World, service: AvalaraServer):
    answer = tax_quote(world, ship_to=None).body

    assert (answer["tax"], answer["tax_estimated"], service.documents.asked) == (usd(0), True, [])


FAULTS = ["timeout_before", "timeout_after", "error_before", "error_after", "rate_limit"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_service_that_does_not_answer_is_no_zero(world: World, service: AvalaraServer, fault: str):
    service.faults.add([{"kind": fault}])

    answer = tax_quote(world)

    assert (answer.status, answer.problem) == (503, "no-tax-answer")
    assert create_draft(world).problem == "no-tax-answer"
    assert world.aws.items("Customers") == []


def create_draft(world: World) -> Reply:
    body = {"channel": "web", "currency": "USD", "locale": "en-US", "lines": [a_line("1")], "ship_to": CHICAGO}
    return world.call("POST", "/v1/drafts", body)


@pytest.mark.parametrize("fault", [*FAULTS, "decline"])
def test_the_table_of_the_channel_says_the_rate_while_the_service_is_silent(
    world: World, service: AvalaraServer, fault: str
):
    a_table(world)
    set_channel(world, tax_table="states")
    service.faults.add([{"kind": fault}])

    answer = tax_quote(world).body

    (line,) = answer["lines"]
    assert (line["tax"]["rate"], line["tax"]["amount"], line["tax_estimated"]) == ("0.0625", usd(625), True)
    assert taxes(create(world, lines=[a_line("1")], ship_to=CHICAGO)) == [("0.0625", 63, "states@1", True)]


def test_an_answer_in_another_currency_counts_as_none(world: World, service: AvalaraServer):
    service.documents.currency = "EUR"

    assert tax_quote(world).problem == "no-tax-answer"


def test_a_stage_without_an_account_has_no_taxes(world: World, service: AvalaraServer):
    disconnect()

    assert tax_quote(world).problem == "no-tax-answer"


def test_an_address_that_the_service_refuses_has_no_rate(world: World, service: AvalaraServer):
    service.faults.add([{"kind": "decline", "code": "InvalidAddress"}])
    draft = create(world, lines=[a_line("1")], ship_to=CHICAGO)
    assert taxes(draft) == [("0", 0, "avalara", True)]

    refused = quote(world, draft)

    assert refused.status == 422
    (problem,) = refused.body["errors"]
    assert (problem["pointer"], problem["code"]) == ("/lines/0/tax_rate", "no-tax-rate")
    assert "the tax service avalara refuses the address in US, IL, 606" in problem["message"]


def test_a_draft_has_the_taxes_of_the_service_until_it_is_an_order(world: World, service: AvalaraServer):
    world.stocked("TEA-001", dc_1=9)
    lines = [a_line("1", quantity=3), a_line("2", tax_rate="0.07")]
    draft = create(world, lines=lines, charges=[SHIPPING], ship_to=CHICAGO)
    every = draft["totals"]["tax"]["amount"]
    (line, given), (charge,) = taxes(draft), draft["charges"]
    assert line[2:] == ("avalara", False)
    assert given == ("0.07", 70, None, False)
    assert every == line[1] + given[1] + charge["tax"]["amount"]

    paid = {"method": "CARD", "reference": "pi_1", "authorized": usd(9_000)}
    order = confirm(world, draft, payments=[paid])

    assert order.status == 201, order.body
    assert taxes(order.body) == taxes(draft)
    assert order.body["totals"]["tax"] == usd(every)
    world.settle()
    assert finished(world, order.body["order_id"])["totals"]["tax"] == usd(every)
    sent = service.documents.asked
    assert {one["customerCode"] for one in sent} == {"77"}
    assert {one["addresses"]["shipTo"]["line1"] for one in sent} == {CHICAGO["line1"]}


def test_a_draft_keeps_its_rates_when_the_service_is_silent_at_its_quote(world: World, service: AvalaraServer):
    draft = create(world, lines=[a_line("1")], ship_to=CHICAGO)
    service.faults.add([{"kind": "error_before"}])

    assert quote(world, draft).status == 200
    assert taxes(get(world, draft)) == taxes(draft)


def test_a_rate_of_the_table_is_another_one_when_the_service_answers_again(world: World, service: AvalaraServer):
    a_table(world)
    set_channel(world, tax_table="states")
    service.faults.add([{"kind": "error_before", "count": 1}])
    draft = create(world, lines=[a_line("1")], ship_to=CHICAGO)

    refused = quote(world, draft)

    assert refused.problem == "price-changed"
    assert "avalara says 0.104 now" in refused.body["errors"][0]["message"]
    set_again = patch(world, get(world, draft), lines=[a_line("1")]).body
    assert taxes(set_again)[0][2:] == ("avalara", False)


@pytest.fixture
def order_id(world: World, service: AvalaraServer) -> str:
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    draft = create(world, lines=[a_line("1", quantity=3)], charges=[SHIPPING], ship_to=CHICAGO)
    paid = {"method": "CARD", "reference": "pi_1", "authorized": usd(9_000)}
    order = confirm(world, draft, payments=[paid])
    assert order.status == 201, order.body
    world.settle()
    service.documents.asked.clear()
    name: str = order.body["order_id"]
    return name


ONE_MORE = {"modification": "quantity", "line_id": "1", "quantity": 4}
TO_AUSTIN = {"modification": "ship_to", "ship_to": AUSTIN}


def test_a_change_has_the_taxes_of_the_service_at_its_new_address(world: World, service: AvalaraServer, order_id: str):
    shown = previewed(world, order_id, TO_AUSTIN)
    # 8.25 % of 30.00 and of the shipping of 5.00, whose parts are 0.31 and 0.10
    assert [(row["line_id"], row["after"], row["tax_estimated"]) for row in shown["taxes"]] == [
        ("1", usd(248), False),
        (None, usd(41), False),
    ]

    made = change_order(world, order_id, TO_AUSTIN, preview_id=shown["preview_id"]).body

    assert taxes(made)[0][1:] == (248, "avalara", False)
    assert {one["addresses"]["shipTo"]["postalCode"] for one in service.documents.asked} == {AUSTIN["postal_code"]}
    assert finished(world, order_id)["totals"]["tax"] == usd(248 + 41)


def test_a_change_asks_with_the_address_that_the_order_has(world: World, service: AvalaraServer, order_id: str):
    changed = change_order(world, order_id, ONE_MORE).body

    assert taxes(changed)[0][1:] == (410, "avalara", False)
    assert {one["addresses"]["shipTo"]["line1"] for one in service.documents.asked} == {CHICAGO["line1"]}


def test_a_change_is_refused_and_changes_nothing_while_the_service_is_silent(
    world: World, service: AvalaraServer, order_id: str
):
    before = world.order(order_id)
    service.faults.add([{"kind": "timeout_before"}])

    refused = change_order(world, order_id, ONE_MORE)

    assert (refused.status, refused.problem) == (503, "no-tax-answer")
    assert world.order(order_id) == before


def test_no_address_of_a_question_is_logged(world: World, service: AvalaraServer, caplog: pytest.LogCaptureFixture):
    tax_quote(world)
    service.faults.add([{"kind": "decline", "code": "InvalidAddress"}])
    tax_quote(world)

    told = [str(record.__dict__) for record in caplog.records]
    assert any("InvalidAddress" in one for one in told)
    assert not any(CHICAGO[name] in one for one in told for name in ("line1", "postal_code"))


def test_a_key_that_was_replaced_is_read_again_at_once(world: World, service: AvalaraServer):
    replace_key("of-yesterday")
    assert tax_quote(world).problem == "no-tax-answer"

    replace_key(KEY)

    assert tax_quote(world).body["tax"] == usd(1_025)
