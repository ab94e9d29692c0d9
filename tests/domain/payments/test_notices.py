"""A notice asks a person when money moved for no order, and has the provider asked when an order may wait for it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from comanda.domain.payments.answer import Happening, Notice
from comanda.domain.payments.notices import (
    ANOTHER_ACCOUNT,
    DISPUTED,
    NO_ORDER,
    NOT_ASKED,
    is_reason_to_look,
    question,
    subject,
)

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def a_notice(**changes: Any) -> Notice:
    facts: dict[str, Any] = {"notice_id": "evt_1", "happening": Happening.CAPTURED, "reference": "pi_1", "at": NOW}
    return Notice(**facts | changes)


@pytest.mark.parametrize("happening", Happening)
def test_what_a_notice_asks_about_a_payment_that_pays_an_order_and_about_another(happening: Happening) -> None:
    refund = happening in (Happening.REFUNDED, Happening.REFUND_FAILED)
    dispute = happening is Happening.DISPUTED
    notice = a_notice(happening=happening)

    assert question(notice, "ord_1") == (DISPUTED if dispute else NOT_ASKED if refund else "")
    asked = a_notice(happening=happening, operation_id="ord_1-refund-2")
    assert question(asked, "ord_1") == (DISPUTED if dispute else "")
    assert question(notice, None) == (NO_ORDER if refund or dispute or happening is Happening.CAPTURED else "")
    assert question(a_notice(happening=happening, account="acct_1"), "ord_1") == ANOTHER_ACCOUNT
    assert is_reason_to_look(notice) == (happening is not Happening.OTHER)


def test_a_question_is_about_an_account_or_a_payment_or_a_refund() -> None:
    refund = a_notice(happening=Happening.REFUNDED, movement="re_1")

    assert subject(refund, "ord_1") == "re_1"
    assert subject(refund, None) == "pi_1"
    assert subject(a_notice(account="acct_1"), "ord_1") == "acct_1"
    assert subject(a_notice(reference=""), None) == "evt_1"
