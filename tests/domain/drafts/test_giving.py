"""Usual prices of what a draft has, after its shop and persons have set it one after the other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.drafts import giving, quotes
from comanda.domain.drafts.draft import DraftCharge, DraftLine, DraftPrice, PriceSource, Told
from comanda.domain.orders.line import Discount
from tests.domain.drafts.conftest import NOW, a_draft


def a_line(amount, *, listed=None, told=None, quantity=1, person=True, **more):
    price = DraftPrice(amount=amount, source=PriceSource.CALLER, person=person, listed=listed)
    return DraftLine(line_id="1", sku="TEA", quantity=quantity, price=price, told=told, **more)


@pytest.mark.parametrize(
    ("line", "usual"),
    [
        (a_line(700, person=False, quantity=3), 2_100),  # the shop says what it costs
        (a_line(700, listed=1_000, quantity=3), 3_000),
        (a_line(700, listed=1_000, told=Told(quantity=2, amount=800), quantity=3), 2_600),
        (a_line(700, listed=1_000, told=Told(quantity=2, amount=800)), 800),
        (a_line(700, listed=1_000, told=Told(quantity=2, amount=1_200), quantity=3), 3_000),  # the list is less
        (a_line(700, told=Told(quantity=2, amount=800), quantity=3), 2_400),
        (a_line(0, told=Told(quantity=2, amount=0), quantity=2), 0),  # a gift
        (a_line(0, told=Told(quantity=2, amount=0), quantity=3), None),  # nothing says what the third one costs
        (a_line(700), None),
    ],
)
def test_units_usually_cost_what_the_list_says_or_the_shop_said_of_them(line, usual):
    assert giving.usual_goods(line) == usual


def test_a_line_that_a_person_sets_anew_remembers_what_the_shop_said():
    shop = a_draft(a_line(800, person=False, quantity=2, tax_rate="0.1"))
    once = giving.set_by_person(shop, replace(shop, lines=(a_line(750, quantity=2),)), "ada", ())
    twice = giving.set_by_person(once, replace(once, lines=(a_line(700, quantity=5),)), "bob", ())

    assert [draft.lines[0].told for draft in (once, twice)] == [Told(quantity=2, amount=800, tax_rate="0.1")] * 2
    again = giving.set_by_shop(twice, replace(twice, lines=(a_line(600, person=False),)))
    assert giving.usual_goods(again.lines[0]) == 600


def test_another_line_of_the_sku_costs_the_most_that_the_shop_asks_for_it():
    shop = a_draft(a_line(800, person=False), replace(a_line(900, person=False), line_id="2"))
    new = replace(a_line(1), line_id="3")

    made = giving.set_by_person(shop, replace(shop, lines=(*shop.lines, new)), "ada", ())

    assert made.lines[2].told == Told(quantity=0, amount=900)
    assert giving.usual_goods(made.lines[2]) == 900
    other = replace(new, sku="POT")
    assert giving.set_by_person(shop, replace(shop, lines=(other,)), "ada", ()).lines[0].told is None


def test_discounts_keep_who_gave_them_until_they_grow():
    coupon = Discount(code="HALF", amount=500)
    shop = replace(a_draft(a_line(1_000, person=False)), discounts=(coupon,))

    def givers(*discounts):
        made = giving.set_by_person(shop, replace(shop, discounts=discounts), "ada", ())
        return [one.by for one in made.discounts]

    assert givers(coupon) == [""]
    assert givers(replace(coupon, amount=499)) == [""]
    assert givers(replace(coupon, amount=501)) == ["ada"]
    assert givers(coupon, coupon) == ["", "ada"]
    assert givers(Discount(code="MINE", amount=1)) == ["ada"]
    assert not giving.has_persons_discounts(shop)


def test_charges_of_the_shop_are_usual_and_those_of_a_person_are_not():
    shipping, wrap = DraftCharge(kind="SHIPPING", amount=400, tax_rate="0.1"), DraftCharge(kind="WRAP", amount=100)
    shop = giving.set_by_shop(None, replace(a_draft(), charges=(shipping,)))
    both = giving.set_by_person(shop, replace(shop, charges=(shipping, wrap)), "ada", ())
    none = giving.set_by_person(both, replace(both, charges=()), "ada", ())

    def lowered(draft):
        return {name: one.lowered for name, one in giving.sale(draft, "USD", {}).goods.items() if one.part}

    assert (lowered(both), lowered(none)) == ({" SHIPPING": 0}, {" SHIPPING": 440})
    assert lowered(replace(none, prices_include_tax=True)) == {" SHIPPING": 400}


def test_prices_are_held_until_the_later_of_the_quote_and_what_was_named():
    draft = replace(a_draft(a_line(1_000, person=False)), prices_until=NOW + timedelta(days=3))
    made = quotes.quote(
        draft, quotes.Actor(id="ada", office=True), NOW, base="Q", valid_until=NOW + timedelta(days=2), listed={}, mailed=False
    ).draft  # fmt: skip

    assert quotes.held_until(made, NOW) == NOW + timedelta(days=3)
    assert quotes.held_until(replace(made, prices_until=None), NOW) == NOW + timedelta(days=2)
    assert quotes.held_until(draft, NOW + timedelta(days=3)) is None
