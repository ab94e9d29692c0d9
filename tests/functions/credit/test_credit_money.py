"""The refund of a credit note is made once by its provider, and what was never captured is lowered instead."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.orders import orders
from comanda.domain.books.accounts import Account, standing
from tests.functions.channels import set_channel
from tests.functions.crashes import Crashes
from tests.functions.credit.test_credit import credit, shipped
from tests.functions.intake import test_own_payments as own_payments
from tests.functions.pay.test_crashes import provider_crash
from tests.functions.pay.test_pay import later, operations
from tests.functions.pay.test_pay import shipped as paid_by_card
from tests.functions.world import World, usd
from tests.invariants import broken


def refunds(sdk: Any, order_id: str) -> list[int]:
    return [one.amount for one in sdk.refunds.list({"limit": 100}).data if order_id in one.metadata["operation"]]


def captured(world: World, shop: Any) -> str:
    """Return an order of 10.00 that its provider has captured."""
    order_id = paid_by_card(world, shop)
    world.settle()
    return order_id


def test_a_process_that_ends_at_any_call_of_aws_refunds_once(world: World, shop: Any, sdk: Any) -> None:
    def credited() -> str:
        order_id = captured(world, shop)
        credit(world, order_id, "AMOUNT", amount=usd(400))
        return order_id

    for crash, order_id, _ in Crashes(world, credited, lambda *_: world.settle(), room="pay", least=3):
        later(world, hours=2)
        assert operations(world, order_id) == [("capture", "DONE"), ("refund", "DONE")], crash.happened
        assert refunds(sdk, order_id) == [400], crash.happened
        assert broken(world.tables()) == [], crash.happened


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_ends_at_any_call_of_the_provider_refunds_once(
    world: World, shop: Any, sdk: Any, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    order_id = captured(world, shop)
    credit(world, order_id, "AMOUNT", amount=usd(400))
    for _ in range(2):  # the refund, then the question about it
        with provider_crash(monkeypatch, 1, after=after):
            later(world, hours=1)
    later(world, hours=2)

    assert operations(world, order_id) == [("capture", "DONE"), ("refund", "DONE")]
    assert refunds(sdk, order_id) == [400]
    assert broken(world.tables()) == []


def test_an_invoice_whose_capture_was_declined_is_credited_without_a_refund(world: World, shop: Any, sdk: Any) -> None:
    order_id = paid_by_card(world, shop)
    (intent,) = sdk.payment_intents.list().data
    sdk.payment_intents.cancel(intent.id)
    world.settle()
    assert world.waiting(order_id) == ["payments"]

    made = credit(world, order_id)
    world.settle()

    assert (made.body["lowered"], made.body["refunds"]) == (usd(1000), [])
    assert world.waiting(order_id) == []
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert refunds(sdk, order_id) == []
    assert broken(world.tables()) == []


def test_a_gift_card_gets_back_what_the_payments_after_it_do_not(world: World) -> None:
    set_channel(world, payment_providers=own_payments.OWN)
    gift = own_payments.card(world, 700)
    money = {"method": "CARD", "reference": "auth-1", "authorized": usd(1300)}
    order_id = shipped(world, payments=[own_payments.by_card(gift["code"], 700), money])

    one = credit(world, order_id, "AMOUNT", amount=usd(1000))
    two = credit(world, order_id)
    world.settle()

    assert [(back["method"], back["amount"]) for back in one.body["refunds"]] == [("CARD", usd(1000))]
    assert [(back["method"], back["amount"]) for back in two.body["refunds"]] == [
        ("CARD", usd(300)),
        ("GIFT_CARD", usd(700)),
    ]
    assert own_payments.left(world, gift) == 700
    assert own_payments.books(world, order_id) == {
        "captured": 1300,
        "refunded": -1300,
        "revenue": -2000,
        "credits": 2000,
    }
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("locale", "subject", "back"),
    [
        ("en-US", "A credit of $4.00 for your order WEB-7", "$4.00 is returned by the means of payment that you used."),
        ("pt-BR", "Crédito de US$ 4,00 do seu pedido WEB-7", "US$ 4,00 será devolvido pelo meio de pagamento"),
        ("es-ES", "Abono de 4,00 US$ de su pedido WEB-7", "Se le devuelven 4,00 US$ por el medio de pago"),
    ],
)
def test_the_customer_is_mailed_once_about_a_credit_note(world: World, locale: str, subject: str, back: str) -> None:
    sells = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": [locale]}
    world.entry(directory.CHANNEL, "web", sells)
    directory.forget()
    order_id = shipped(world, locale=locale, external_id="WEB-7")
    before = len(world.hops.sent)

    credit(world, order_id, "AMOUNT", amount=usd(400))
    world.settle()
    world.sweep(everything=True)

    (mail,) = world.hops.sent[before:]
    content = mail["Content"]["Simple"]
    assert content["Subject"]["Data"] == subject
    assert "dc-1-C000001" in content["Body"]["Text"]["Data"]
    assert back in content["Body"]["Text"]["Data"]
