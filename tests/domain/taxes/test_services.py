"""The taxes of a service are taken over to the minor unit, in every currency, with the tax in the price or beside it."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.money import digits, tax_of
from comanda.domain.taxes.places import Place
from comanda.domain.taxes.services import Address, Addresses, Answered, Part, Unfit, rate_of, rated

CURRENCIES = st.sampled_from(["USD", "BRL", "JPY", "BHD"])
AMOUNTS = st.integers(0, 10**9 - 1)
RATES = st.lists(st.integers(0, 300_000).map(lambda n: Decimal(n) / 1_000_000), max_size=5)


def half_up(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def of_authorities(amount: int, rates: list[Decimal], currency: str, *, included: bool) -> Answered:
    """Compute the tax of a row as a service does: each authority's tax is rounded by itself, on the net amount."""
    places = digits(currency)
    major = Decimal(amount).scaleb(-places)
    net = half_up(major / (1 + sum(rates)), places) if included else major
    parts = [Part(name=f"Tax {i}", rate=rate) for i, rate in enumerate(rates)]
    return Answered(tax=sum((half_up(net * rate, places) for rate in rates), Decimal(0)), parts=parts)


@given(amount=AMOUNTS, rates=RATES, currency=CURRENCIES, included=st.booleans())
def test_the_rate_of_a_row_gives_exactly_the_tax_that_the_service_said(
    amount: int, rates: list[Decimal], currency: str, included: bool
):
    answered = of_authorities(amount, rates, currency, included=included)
    try:
        found = rated(amount, answered, digits(currency), included=included)
    except Unfit:
        assert included or sum(rates) > 1  # the parts of a cent that each authority rounded up are more than is left
        assert amount <= 2 * len(rates) or sum(rates) > 1
        return

    assert Decimal(found.amount).scaleb(-digits(currency)) == answered.tax
    assert tax_of(amount, found.rate, included=included) == found.amount


@given(rows=st.lists(st.tuples(st.integers(100, 10**9), RATES), min_size=1, max_size=8), currency=CURRENCIES)
def test_the_taxes_of_the_lines_add_up_to_the_services_total(rows: list[tuple[int, list[Decimal]]], currency: str):
    rows = [(amount, rates) for amount, rates in rows if sum(rates) <= 1]
    answered = [of_authorities(amount, rates, currency, included=False) for amount, rates in rows]
    total = sum((one.tax for one in answered), Decimal(0))

    found = [rated(row[0], one, digits(currency), included=False) for row, one in zip(rows, answered, strict=True)]

    assert Decimal(sum(one.amount for one in found)).scaleb(-digits(currency)) == total


@given(amount=st.integers(1, 10**12), rate=st.integers(0, 10**6), included=st.booleans())
def test_one_rate_stays_as_it_is(amount: int, rate: int, included: bool):
    usual = Decimal(rate) / 10**6
    spelled = f"{usual:f}"

    found = rate_of(amount, tax_of(amount, spelled, included=included), usual, included=included)

    assert Decimal(found) == usual


@given(amount=st.integers(1, 10**9 - 1), part=st.floats(0, 1), included=st.booleans())
def test_any_tax_up_to_its_net_amount_has_a_rate(amount: int, part: float, included: bool):
    tax = int(amount * part) // (2 if included else 1)

    found = rate_of(amount, tax, Decimal(-1), included=included)

    assert tax_of(amount, found, included=included) == tax
    assert "E" not in found


def test_a_tax_is_rounded_half_up_row_by_row_where_the_service_has_not_rounded():
    row = Answered(tax=Decimal("10.5"), parts=[Part(name="Consumption tax", rate=Decimal("0.1"))])

    assert [rated(105, row, 0, included=False).amount for _ in range(2)] == [11, 11]


def test_a_part_of_the_goods_that_is_free_of_tax_makes_the_rate_lower():
    answered = Answered(tax=Decimal("4.44"), parts=[Part(name="NY STATE TAX", rate=Decimal("0.08875"))])

    found = rated(10_000, answered, 2, included=False)

    assert (found.amount, found.rate) == (444, "0.0444")


def test_an_amount_of_nothing_has_the_rate_that_others_would_have():
    parts = [Part(name="WA STATE TAX", rate=Decimal("0.065")), Part(name="WA CITY TAX", rate=Decimal("0.0385"))]

    found = rated(0, Answered(tax=Decimal(0), parts=parts), 2, included=False)

    assert (found.rate, found.amount, found.name) == ("0.1035", 0, "WA STATE TAX, WA CITY TAX")


@pytest.mark.parametrize(("amount", "tax"), [(100, 101), (100, -1), (0, 5)])
def test_a_tax_that_no_rate_gives_is_refused(amount: int, tax: int):
    with pytest.raises(Unfit):
        rate_of(amount, tax, Decimal("0.1"), included=False)


def test_only_what_is_not_taxed_at_all_is_exempt():
    row = Answered(tax=Decimal("0.07"), parts=[Part(name="VAT", rate=Decimal("0.07"))], exempt=True)

    assert not rated(100, row, 2, included=False).exempt
    assert rated(100, Answered(tax=Decimal(0), exempt=True), 2, included=False).exempt


CHICAGO = Place(country="US", region="IL", postal_prefix="606")
LOOP = Address(country="US", region="IL", postal_code="60601", city="Chicago", line1="1 Main St")


def test_a_place_has_the_address_that_is_known_of_it():
    assert Addresses([(CHICAGO, LOOP)]).at(CHICAGO) == LOOP


def test_addresses_at_one_place_share_what_they_have_in_common():
    north = Address(country="US", region="IL", postal_code="60602", city="Chicago", line1="2 Main St")

    assert Addresses([(CHICAGO, LOOP), (CHICAGO, north)]).at(CHICAGO) == Address(
        country="US", region="IL", city="Chicago"
    )


def test_a_place_of_which_no_address_is_known_is_as_coarse_as_it_is():
    assert Addresses().at(CHICAGO) == Address(country="US", region="IL")
