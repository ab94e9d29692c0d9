"""Gift cards are bought with no gift cards and no store credit, and on account where the channel says so."""

from dataclasses import replace

import pytest

from comanda.domain.gift_cards import paying
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import Tender
from tests.builders import a_line, an_order, placed


def paid_by(method: str, **more: int) -> Tender:
    return Tender(method=method, reference="r", authorized=2000, **more)


def an_order_of(*tenders: Tender, cards: int = 0) -> Order:
    order = placed(an_order(a_line("TEA", 1, 1000), a_line("CARD", max(1, cards), 500), payments=tenders))
    return order.with_lines(replace(line, gift_card=bool(cards)) for line in order.lines if line.sku == "CARD")


def wrong(before: Order, after: Order, *, on_account: bool = False) -> list[tuple[str, str]]:
    return [(one.pointer, one.code) for one in paying.problems_of_change(before, after, on_account=on_account)]


@pytest.mark.parametrize(
    ("method", "on_account", "may"),
    [
        ("GIFT_CARD", True, False),
        ("STORE_CREDIT", True, False),
        ("ON_ACCOUNT", False, False),
        ("ON_ACCOUNT", True, True),
        ("CARD", False, True),
        ("CASH_ON_DELIVERY", False, True),
    ],
)
def test_a_method_buys_cards_by_the_policy_of_its_channel(method: str, on_account: bool, may: bool) -> None:
    assert paying.may_buy_cards(method, on_account=on_account) == may


def test_a_new_payment_buys_no_cards_that_the_order_has() -> None:
    before = an_order_of(paid_by("CARD"), cards=1)
    after = replace(before, payments=(*before.payments, paid_by("CARD"), paid_by("GIFT_CARD")))

    assert wrong(before, after) == [("/payments/1/method", "buys-no-gift-cards")]


@pytest.mark.parametrize(("cards", "errors"), [(1, []), (2, [("/changes", "buys-no-gift-cards")])])
def test_cards_are_added_to_no_order_that_such_a_payment_pays(cards: int, errors: list[tuple[str, str]]) -> None:
    before = an_order_of(paid_by("STORE_CREDIT"), cards=1)

    assert wrong(before, an_order_of(paid_by("STORE_CREDIT"), cards=cards)) == errors


def test_a_payment_that_pays_nothing_any_more_is_in_no_ones_way() -> None:
    gone = paid_by("GIFT_CARD", released=1500, refunded=500)

    assert wrong(an_order_of(gone, cards=1), an_order_of(gone, cards=2)) == []


def test_an_order_without_cards_takes_every_payment() -> None:
    before = an_order_of(paid_by("GIFT_CARD"))

    assert wrong(before, replace(before, payments=(*before.payments, paid_by("STORE_CREDIT")))) == []


def test_a_channel_may_sell_cards_on_account() -> None:
    before = an_order_of(paid_by("CARD"), cards=1)
    after = replace(before, payments=(*before.payments, paid_by("ON_ACCOUNT")))

    assert wrong(before, after, on_account=True) == []
    assert wrong(before, after) == [("/payments/0/method", "buys-no-gift-cards")]
