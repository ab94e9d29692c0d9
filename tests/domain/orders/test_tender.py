"""A method pays in its own currency alone."""

import pytest

from comanda.domain.orders.tender import misses_currency


@pytest.mark.parametrize(
    ("method", "currency", "why"),
    [("PIX", "BRL", ""), ("PIX", "USD", "PIX pays in BRL alone"), ("LINK", "USD", ""), ("CARD", "JPY", "")],
)
def test_pix_pays_in_reais_alone(method: str, currency: str, why: str) -> None:
    assert misses_currency(method, currency) == why
