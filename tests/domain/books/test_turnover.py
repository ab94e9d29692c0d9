"""Journals add up to debits and credits, however they are grouped."""

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.books.accounts import Account
from comanda.domain.books.turnover import TrialBalance, Turnover, of_stored, stored

CAPTURE = {Account.RECEIVABLE: -700, Account.CAPTURED: 700}
REFUND = {Account.RECEIVABLE: 200, Account.REFUNDED: -200}


def balance_of(*journals):
    found = TrialBalance()
    for currency, entries in journals:
        found.add(currency, entries)
    return found


def test_debits_and_credits_of_an_account_are_kept_apart():
    found = balance_of(("USD", CAPTURE), ("USD", REFUND), ("JPY", CAPTURE))

    assert found.currencies["USD"] == {
        "receivable": Turnover(debit=200, credit=700),
        "captured": Turnover(debit=700),
        "refunded": Turnover(credit=200),
    }
    assert found.currencies["JPY"]["captured"] == Turnover(debit=700)


journals = st.tuples(
    st.sampled_from(["USD", "JPY"]), st.integers(1, 10**12).map(lambda n: {Account.CAPTURED: n, Account.RECEIVABLE: -n})
)


@given(st.lists(journals, max_size=8), st.integers(0, 8))
def test_parts_add_up_to_the_whole_and_debits_equal_credits(entries, cut):
    whole = balance_of(*entries)
    parts = of_stored(stored(balance_of(*entries[:cut])))
    parts.add_all(balance_of(*entries[cut:]))

    assert stored(parts) == stored(whole)
    for accounts in whole.currencies.values():
        assert sum(moved.debit for moved in accounts.values()) == sum(moved.credit for moved in accounts.values())
