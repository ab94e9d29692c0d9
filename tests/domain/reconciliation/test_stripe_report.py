"""A row of Stripe's reports is understood by its category; amounts are what the customer paid."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.reconciliation import amounts
from comanda.domain.reconciliation.movement import MovementKind
from comanda.domain.reconciliation.references import names_in, operation_in
from comanda.domain.reconciliation.stripe_report import ReportRow, movement


def a_row(category="charge", gross=1_000, **facts):
    given = {"fee": 30, "net": gross - facts.get("fee", 30), "currency": "USD", "payment": "pi_1", "day": "2026-11-20"}
    return ReportRow(transaction="txn_1", category=category, gross=gross, **given | facts)


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("charge", MovementKind.CHARGE),
        ("partial_capture_reversal", MovementKind.CHARGE),
        ("charge_failure", MovementKind.CHARGE),
        ("refund", MovementKind.REFUND),
        ("refund_failure", MovementKind.REFUND),
        ("dispute", MovementKind.DISPUTE),
        ("dispute_reversal", MovementKind.DISPUTE),
        ("payout", MovementKind.PAYOUT),
        ("fee", MovementKind.OTHER),
        ("a category of next year", MovementKind.OTHER),
    ],
)
def test_the_category_says_what_moved(category, kind):
    assert movement(a_row(category)).kind is kind


def test_a_converted_charge_counts_in_what_the_customer_paid():
    found = movement(a_row(gross=1_085, facing_amount=1_000, facing_currency="EUR"))

    assert (found.amount, found.currency, found.net, found.net_currency) == (1_000, "EUR", 1_055, "USD")


@pytest.mark.parametrize("facing", [-500, 500])
def test_a_converted_refund_is_negative_however_it_is_written(facing):
    assert movement(a_row("refund", -540, fee=0, facing_amount=facing, facing_currency="EUR")).amount == -500


def test_without_conversion_the_gross_amount_counts():
    reversal = a_row("partial_capture_reversal", -400, fee=0, facing_amount=1_000, facing_currency="USD")

    assert movement(reversal).amount == -400


def test_a_row_belongs_to_its_payout_by_all_its_names():
    assert movement(a_row(payout="po_1", trace="4200107")).names == ("po_1", "4200107")
    assert movement(a_row("payout", -970, fee=0, source="po_1", payment="")).names == ("po_1",)
    assert movement(a_row()).names == ()


@pytest.mark.parametrize("category", ["charge", "refund", "dispute"])
def test_money_of_a_payment_that_is_not_named_is_of_its_source(category):
    assert movement(a_row(category, payment="", source="py_9")).payment == "py_9"
    assert movement(a_row("fee", payment="", source="py_9")).payment == ""
    with pytest.raises(ValueError, match="missing"):
        movement(a_row(category, payment=""))


def test_a_row_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="does-not-add-up"):
        movement(a_row(net=999))


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.50", "USD", 1_250),
        ("-12.5", "USD", -1_250),
        ("12", "USD", 1_200),
        ("1200", "JPY", 1_200),
        ("1200.00", "JPY", 1_200),
        ("1.234", "BHD", 1_234),
        ("0,99", "EUR", 99),
    ],
)
def test_amounts_are_decimal_numbers_of_their_currency(text, currency, amount):
    assert amounts.minor_units(text, currency) == amount


@pytest.mark.parametrize("text", ["", "1,234.50", "1e3", "12.345", "NaN", "\u0661\u0662", "1 000", "--1"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"^(malformed|out-of-range): "):
        amounts.minor_units(text, "USD")


@given(st.integers(-(10**9), 10**9), st.sampled_from(["USD", "JPY", "BHD", "CLF"]))
def test_an_amount_is_read_as_it_is_written(amount, currency):
    places = {"USD": 2, "JPY": 0, "BHD": 3, "CLF": 4}[currency]
    whole, part = divmod(abs(amount), 10**places)
    text = f"{'-' if amount < 0 else ''}{whole}" + (f".{part:0{places}}" if places else "")

    assert amounts.minor_units(text, currency) == amount


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_read_or_refused(amount, day):
    for read in (lambda: amounts.minor_units(amount, "USD"), lambda: amounts.day(day)):
        with suppress(ValueError):
            read()


def test_a_time_is_of_its_day():
    assert amounts.day("2026-11-20 23:59:59") == amounts.day("2026-11-20T23:59:59Z") == "2026-11-20"


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "1999-12-31", "2100-01-01"])
def test_a_day_is_of_this_century(text):
    with pytest.raises(ValueError, match=r"^out-of-range: "):
        amounts.day(text)


def test_names_of_payouts_and_operations_are_found_in_texts():
    operation = "ord_us1_01K9T6E0V0J8Q2M4R6T8W0Y2A4-refund-2"

    told, names = names_in(["4200107812"], [f"STRIPE po_1TestPayout77 / {operation} Jane Doe 4111111111111111"])

    assert told == ("po_1TestPayout77", "4200107812")
    assert names == ("po_1TestPayout77", "4200107812", operation)
    assert operation_in(names) == ("ord_us1_01K9T6E0V0J8Q2M4R6T8W0Y2A4", "refund", 2)
    assert operation_in(told) is None


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1,230", "USD"),
        ("12,000", "USD"),
        ("1.230", "EUR"),
        ("-12.000", "EUR"),
        ("12,000", "JPY"),
        ("12.000", "JPY"),
        ("12,345", "BHD"),
    ],
)
def test_three_digits_that_may_be_thousands_are_refused_in_a_table(text, currency):
    with pytest.raises(ValueError, match="malformed: ends in three digits that may be thousands"):
        amounts.of_table(text, currency)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("12.345", "BHD", 12_345), ("1230", "USD", 123_000), ("12,30", "EUR", 1_230), ("12.3000", "USD", 1_230)],
)
def test_other_numbers_of_a_table_are_read_as_everywhere(text, currency, amount):
    assert amounts.of_table(text, currency) == amount
