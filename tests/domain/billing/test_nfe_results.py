"""An invoice of Brazil waits in a queue until the tax authority has taken its NF-e, and what it said is kept once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.billing import nfe_results
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.nfe_result import AUTHORIZED, CANCELLED, REFUSED, NfeResult
from comanda.domain.orders.order import Order
from comanda.domain.orders.provision import Provision
from tests.builders import NOW, an_order

INVOICE = "inv_us1_01J0000000000000000000000A-001"
LATER = NOW + timedelta(hours=1)
SAID = {
    AUTHORIZED: NfeResult(invoice=1, result=AUTHORIZED, key="35", protocol="135260000000017", at=NOW),
    REFUSED: NfeResult(invoice=1, result=REFUSED, key="35", code="778", at=NOW),
    CANCELLED: NfeResult(invoice=1, result=CANCELLED, key="35", protocol="135260000000018", at=NOW),
}

KEPT = replace(SAID[AUTHORIZED], cancel_until=NOW + timedelta(hours=24))


def invoiced(*said: str) -> Order:
    provided = Provision(number=1, line_id="1", quantity=1, proof="EMAIL", by="shop", at=NOW, invoice=1)
    order = replace(an_order(), invoices=(INVOICE, "inv_us1_01J0000000000000000000000A-002"), provisions=(provided,))
    for result in said:
        order = noted(order, result).order
    return order


def noted(order: Order, result: str) -> Decision:
    decision = nfe_results.note_result(order, SAID[result], "office")
    assert decision is not None
    return decision


def test_an_invoice_waits_with_what_its_nfe_lacks():
    task = nfe_results.to_authorize(invoiced(), 1, [f"/lines/{n}/nfe" for n in range(20)], NOW)

    assert (task.queue, task.item, task.reason, task.node) == ("fiscal", "nfe-001", "nfe-lacks", None)
    assert task.data[0] == ("invoice", INVOICE)
    assert task.data[1][1].startswith("/lines/0/nfe,/lines/1/nfe")


def test_an_invoice_that_lacks_nothing_waits_for_the_authority():
    task = nfe_results.to_authorize(invoiced(), 1, [], NOW)

    assert (task.reason, task.data) == ("nfe-waits", (("invoice", INVOICE),))


def test_an_authorized_nfe_leaves_the_queue():
    decision = noted(invoiced(), AUTHORIZED)

    assert (decision.done, decision.tasks) == ((("fiscal", "nfe-001"),), ())
    assert decision.event.data == {"invoice": INVOICE, "result": AUTHORIZED, "protocol": "135260000000017"}
    assert nfe_results.result_of(decision.order, 1) == KEPT
    assert nfe_results.result_of(decision.order, 2) is None


@pytest.mark.parametrize(
    ("before", "result", "reason", "code"),
    [((), REFUSED, "nfe-refused", "778"), ((AUTHORIZED,), CANCELLED, "nfe-cancelled", None)],
)
def test_a_refused_or_cancelled_nfe_waits_with_its_reason(
    before: tuple[str, ...], result: str, reason: str, code: str | None
):
    decision = noted(invoiced(*before), result)

    (task,) = decision.tasks
    assert (task.item, task.reason, dict(task.data).get("code")) == ("nfe-001", reason, code)
    assert decision.done == ()


def test_a_refused_nfe_may_be_authorized_after_all():
    assert noted(invoiced(REFUSED), AUTHORIZED).order.nfes == (KEPT,)


@pytest.mark.parametrize("before", [(AUTHORIZED,), (REFUSED,), (AUTHORIZED, CANCELLED)])
def test_the_same_answer_again_changes_nothing(before: tuple[str, ...]):
    again = replace(SAID[before[-1]], at=LATER)

    assert nfe_results.note_result(invoiced(*before), again, "office") is None


@pytest.mark.parametrize(
    ("before", "result"),
    [
        ((), CANCELLED),
        ((AUTHORIZED,), REFUSED),
        ((REFUSED,), CANCELLED),
        ((AUTHORIZED, CANCELLED), AUTHORIZED),
        ((AUTHORIZED, CANCELLED), REFUSED),
    ],
)
def test_an_answer_that_cannot_follow_is_refused(before: tuple[str, ...], result: str):
    with pytest.raises(NotAllowed):
        nfe_results.note_result(invoiced(*before), SAID[result], "office")


def test_another_protocol_of_an_authorized_nfe_is_refused():
    with pytest.raises(NotAllowed, match="is authorized"):
        nfe_results.note_result(invoiced(AUTHORIZED), replace(SAID[AUTHORIZED], protocol="135260000000099"), "office")


RETURNED = NfeResult(invoice=1, credit_note=2, result=AUTHORIZED, key="36", protocol="135260000000019", at=NOW)


def test_the_answer_about_a_return_stands_beside_that_about_its_sale():
    decision = nfe_results.note_result(invoiced(AUTHORIZED), RETURNED, "office")

    assert decision is not None
    assert decision.done == (("fiscal", "nfe-return-002"),)
    assert decision.event.data["credit_note"].endswith("-002")
    assert "invoice" not in decision.event.data
    assert nfe_results.result_of(decision.order, 1) == KEPT
    assert nfe_results.result_of(decision.order, 1, 2) == replace(RETURNED, cancel_until=KEPT.cancel_until)
    assert nfe_results.result_of(decision.order, 1, 1) is None
    assert nfe_results.note_result(decision.order, RETURNED, "office") is None


def test_a_return_that_was_cancelled_asks_a_person():
    first = nfe_results.note_result(invoiced(AUTHORIZED), RETURNED, "office")
    assert first is not None

    decision = nfe_results.note_result(first.order, replace(RETURNED, result=CANCELLED, protocol="9"), "office")

    assert decision is not None
    (task,) = decision.tasks
    assert (task.item, task.reason) == ("nfe-return-002", "nfe-return-cancelled")
    assert [name for name, _ in task.data] == ["credit_note"]


@pytest.mark.parametrize(
    ("said", "of_sale", "known"),
    [
        ((), "", ""),
        ((REFUSED,), "", ""),
        ((AUTHORIZED,), "35", "35"),
        ((AUTHORIZED, CANCELLED), "", "35"),
    ],
)
def test_a_return_names_the_key_of_a_sale_that_is_authorized(said: tuple[str, ...], of_sale: str, known: str):
    order = invoiced(*said)

    assert (nfe_results.key_of_sale(order, 1), nfe_results.known_key(order, 1)) == (of_sale, known)


def voided(*said: str) -> Order:
    return replace(invoiced(*said), provisions=())


@pytest.mark.parametrize(
    ("after", "reason"), [(timedelta(hours=24), "nfe-to-cancel"), (timedelta(hours=25), "nfe-to-return")]
)
def test_an_authorized_nfe_of_a_voided_invoice_is_to_be_cancelled_in_time(after: timedelta, reason: str):
    (task,), done = nfe_results.of_voided(invoiced(AUTHORIZED), 1, NOW + after)

    assert (task.item, task.reason, task.due, done) == ("nfe-001", reason, NOW + timedelta(hours=24), ())


@pytest.mark.parametrize("said", [(), (REFUSED,), (AUTHORIZED, CANCELLED)])
def test_an_nfe_that_is_not_authorized_waits_no_more_when_its_invoice_is_voided(said: tuple[str, ...]):
    assert nfe_results.of_voided(invoiced(*said), 1, NOW) == ((), (("fiscal", "nfe-001"),))


@pytest.mark.parametrize(("before", "result"), [((AUTHORIZED,), CANCELLED), ((), REFUSED)])
def test_the_nfe_of_a_voided_invoice_leaves_the_queue_when_the_authority_has_it_no_more(
    before: tuple[str, ...], result: str
):
    decision = noted(voided(*before), result)

    assert (decision.tasks, decision.done) == ((), (("fiscal", "nfe-001"),))


def test_an_nfe_that_is_authorized_after_its_invoice_was_voided_is_to_be_cancelled():
    decision = noted(voided(), AUTHORIZED)

    (task,) = decision.tasks
    assert (task.reason, task.due, decision.done) == ("nfe-to-cancel", NOW + nfe_results.CANCEL_WITHIN, ())
