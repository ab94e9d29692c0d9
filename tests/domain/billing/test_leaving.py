"""Goods of a seller that invoices what is packed stay until their papers are there."""

from dataclasses import replace

import pytest

from comanda.domain.billing import ahead, leaving
from comanda.domain.billing.ahead import Issuing
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.nfe_result import AUTHORIZED, CANCELLED, REFUSED, NfeResult
from tests.builders import NOW, an_order, offered, placed, worked

PACKED = worked(offered(placed(an_order())), "accept", "start-pick", "pick", "pack")


def invoiced(*said):
    order, _ = ahead.issue(PACKED, 1, Issuing(series="dc-1", at=NOW))
    told = (NfeResult(invoice=1, result=result, key="35", code="778", at=NOW) for result in said)
    return replace(order, nfes=tuple(told))


def test_goods_without_an_invoice_stay():
    with pytest.raises(NotAllowed, match="invoiced before they leave"):
        leaving.require_papers(PACKED, 1, nfe=False)


def test_an_invoice_is_enough_for_a_seller_without_nfe():
    leaving.require_papers(invoiced(), 1, nfe=False)


def test_goods_leave_when_their_nfe_is_authorized():
    leaving.require_papers(invoiced(AUTHORIZED), 1, nfe=True)


@pytest.mark.parametrize(
    ("said", "why"), [((), "nobody has told"), ((REFUSED,), "with code 778"), ((CANCELLED,), "was cancelled")]
)
def test_goods_stay_without_an_authorized_nfe(said, why):
    with pytest.raises(NotAllowed, match=why):
        leaving.require_papers(invoiced(*said), 1, nfe=True)
