"""Test where the price of a line is from, and who may set it."""

import pytest

from comanda.domain.drafts.draft import PriceSource
from comanda.domain.drafts.pricing import AskedPrice, ListedPrice, price_of_line
from comanda.domain.errors import Invalid

LISTED = ListedPrice(amount=1000, price_list="spring@3")


def a_request(amount=None, reason="", *, person=True):
    return AskedPrice(amount=amount, reason=reason, person=person)


def test_a_line_without_a_price_takes_that_of_the_list():
    price = price_of_line(a_request(), LISTED, pointer="/lines/0")

    assert (price.amount, price.source, price.price_list) == (1000, PriceSource.LIST, "spring@3")


def test_a_line_without_any_price_is_refused_by_its_field():
    with pytest.raises(Invalid) as refused:
        price_of_line(a_request(), None, pointer="/lines/4")

    assert refused.value.problems[0].pointer == "/lines/4/unit_price"


def test_the_price_of_the_list_needs_no_reason():
    assert price_of_line(a_request(1000), LISTED, pointer="").source is PriceSource.LIST


def test_a_shop_sets_its_own_prices():
    price = price_of_line(a_request(1, person=False), LISTED, pointer="")

    assert (price.amount, price.source, price.reason) == (1, PriceSource.CALLER, "")


def test_a_person_says_why_and_their_price_remembers_that_of_the_list():
    price = price_of_line(a_request(900, "match"), LISTED, pointer="")

    assert (price.reason, price.person, price.listed) == ("match", True, 1000)
    with pytest.raises(Invalid, match="says why"):
        price_of_line(a_request(950), LISTED, pointer="/lines/0")


def test_a_price_that_no_list_has_is_compared_with_nothing():
    price = price_of_line(a_request(1, "engraved sample"), None, pointer="")

    assert (price.amount, price.listed) == (1, None)
