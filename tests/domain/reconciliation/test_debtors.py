"""A bank's entry names credit accounts and invoices by their ids or numbers, also as banks spell them."""

import pytest

from comanda.domain.reconciliation import references

DIGITS = "0123456789abcdef" * 2
ULID = "01M7STV3G0FG2H3RAFXC5G7DE1"


@pytest.mark.parametrize("name", [f"ac_{DIGITS}", f"AC_{DIGITS.upper()}", f"ac-{DIGITS}", DIGITS])
def test_an_account_is_named_by_its_id_with_and_without_its_signs(name: str):
    assert references.accounts_in([name, "RE-2026"]) == (f"ac_{DIGITS}",)


def test_an_account_that_is_named_twice_is_one():
    assert references.accounts_in([DIGITS, f"ac_{DIGITS}", DIGITS[1:]]) == (f"ac_{DIGITS}",)


@pytest.mark.parametrize("name", [f"inv_us1_{ULID}-001", f"INV_US1_{ULID}-001", f"inv-us1-{ULID.lower()}-001"])
def test_an_invoice_is_named_by_its_id(name: str):
    assert references.invoices_in([name]) == ((f"ord_us1_{ULID}", 1),)


def test_an_invoice_is_named_by_its_number():
    assert references.numbers_in(["DC-1-000042", "dc-1-42"], ()) == (("DC-1", 42), ("dc-1", 42))


def test_what_names_a_payout_or_an_operation_is_of_no_customer():
    assert references.is_of_provider(["po_1TestPayout77"])
    assert references.is_of_provider([f"ord_us1_{ULID}-refund-1"])
    assert not references.is_of_provider([f"ac_{DIGITS}", f"inv_us1_{ULID}-001"])


def test_a_number_with_the_prefix_of_a_seller_is_of_no_other_seller():
    _, names = references.names_in((), ["paid TEA~dc-1-000042, thanks"])

    assert references.numbers_in(names, ()) == (("TEA~dc-1", 42), ("tea~dc-1", 42))


@pytest.mark.parametrize(
    "told",
    [
        "TEA~dc-1-000042",
        "TEA dc-1-000042",
        "TEA.dc-1-000042",
        "TEA?DC-1-000042",
        "TEA-DC-1-000042",
        "TEA/dc-1-000042",
        "TEA_dc-1-000042",
        "TEAdc-1-000042",
        "TEADC-1-000042",
        "tea dc-1-000042",
    ],
)
@pytest.mark.parametrize("text", ["{}", "invoice {}, thanks", "RE:{}/2026"])
@pytest.mark.parametrize("structured", [False, True])
def test_a_number_is_found_whatever_a_bank_has_written_for_its_tilde(told: str, text: str, structured: bool):
    told = told if structured else text.format(told)
    _, names = references.names_in(*(((told,), ()) if structured else ((), (told,))))

    found = references.numbers_in(names, ["CUP", "TEA"])

    existing = {("TEA~dc-1", 42), ("dc-1", 42), ("dc-1", 1), ("TEA~dc-1", 43), ("CUP~dc-1", 42)}
    assert references.most_exact(one for one in found if one in existing) == [("TEA~dc-1", 42)]


def test_a_number_without_a_prefix_is_found_after_any_word():
    _, names = references.names_in((), ["payment dc-1-000042 and dc-1-000043"])

    found = references.numbers_in(names, ["TEA"])

    existing = {("TEA~dc-1", 42), ("dc-1", 42), ("dc-1", 43)}
    assert references.most_exact(one for one in found if one in existing) == [("dc-1", 42), ("dc-1", 43)]


@pytest.mark.parametrize("text", ["{}", "we pay {}, thanks", "Invoice {}."])
@pytest.mark.parametrize("structured", [False, True])
@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("st.5-000042", "st.5"),
        ("ST.5-000042", "st.5"),
        ("store.north-1-000042", "store.north-1"),
        ("TEA~st.5-000042", "TEA~st.5"),
        ("TEA st.5-000042", "TEA~st.5"),
        ("TEA.st.5-000042", "TEA~st.5"),
        ("TEA_ST.5-000042", "TEA~st.5"),
    ],
)
def test_a_number_of_a_node_whose_id_has_a_dot_is_found(told: str, meant: str, text: str, structured: bool):
    written = told if structured else text.format(told)
    _, names = references.names_in(*(((written,), ()) if structured else ((), (written,))))

    found = references.numbers_in(names, ["CUP", "TEA"])

    existing = {("st.5", 42), ("TEA~st.5", 42), ("store.north-1", 42), ("5", 42), ("north-1", 42)}
    assert references.most_exact(one for one in found if one in existing)[0] == (meant, 42)


@pytest.mark.parametrize("account", ["4111111111111111", "BE68539007547034"])
def test_the_number_of_a_card_or_an_account_is_no_prefix(account: str):
    text = f"{account} dc-1-000042"

    for told, texts in (((), (text,)), ((text,), ())):
        _, names = references.names_in(told, texts)
        assert account not in "".join(names)
