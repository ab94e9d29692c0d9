"""The adapter of AvaTax: what it asks, what it reads, and what each fault means. The server that stands for AvaTax answers."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.aws.api_client.server import server_at
from comanda.aws.taxes import avalara, avalara_words
from comanda.aws.taxes.avalara import Avalara
from comanda.domain.money import digits, tax_of
from comanda.domain.taxes.failures import Failure, TaxFailed
from comanda.domain.taxes.services import Address, Asked, Question, rated
from local.avalara.rates import CERTIFIED, FOOD, NOWHERE, UNTAXED
from local.avalara.server import ACCOUNT, KEY, AvalaraServer

CHICAGO = Address(country="US", region="IL", postal_code="60601", city="Chicago", line1="12 Main St")
AUSTIN = Address(country="US", region="TX", postal_code="78701", city="Austin")
BERLIN = Address(country="DE", postal_code="10115", city="Berlin")
TOKYO, MANAMA = Address(country="JP"), Address(country="BH")
SELLER = Address(country="US", region="NY", postal_code="10001", city="New York", line1="1 Broadway")


@pytest.fixture(scope="module")
def server() -> Iterator[AvalaraServer]:
    made = AvalaraServer()
    made.start()
    yield made
    idle = server_at(made.url, avalara.SECONDS).idle
    while idle:
        idle.pop().close()
    made.stop()


@pytest.fixture
def service(server: AvalaraServer) -> Iterator[Avalara]:
    yield Avalara(ACCOUNT, KEY, address=server.url)
    server.faults.clear()
    server.documents.currency = ""
    server.documents.kept.clear()
    server.documents.asked.clear()


def question(*rows: Asked, **changes: object) -> Question:
    asked = Question(
        company="TEA", customer="guest", day="2026-11-30", currency="USD", included=False, origin=SELLER, rows=rows
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


def test_each_row_is_taxed_where_it_goes_by_the_code_of_its_goods(service: Avalara, server: AvalaraServer):
    rows = [Asked(amount=9_999, to=CHICAGO), Asked(amount=500, to=AUSTIN), Asked(amount=999, to=CHICAGO, code=FOOD)]

    found = service.quote(question(*rows))

    # 6.25 + 1.75 + 1.25 + 1 %, each rounded by itself: 6.25 + 1.75 + 1.25 + 1.00
    assert [one.tax for one in found] == [Decimal("10.25"), Decimal("0.41"), Decimal("0.62")]
    assert [part.name for part in found[1].parts] == ["TX STATE TAX", "TX CITY TAX"]


def test_a_quote_is_kept_by_nobody(service: Avalara, server: AvalaraServer):
    service.quote(question(Asked(amount=9_999, to=CHICAGO)))

    assert server.documents.kept == {}


def test_the_document_of_a_quote_is_as_avatax_takes_it():
    rows = [Asked(amount=1_234, to=CHICAGO, code=FOOD), Asked(amount=500, to=AUSTIN)]

    assert avalara_words.quote(question(*rows, included=True)) == {
        "type": "SalesOrder",
        "companyCode": "TEA",
        "customerCode": "guest",
        "date": "2026-11-30",
        "currencyCode": "USD",
        "addresses": {
            "shipFrom": {
                "line1": "1 Broadway",
                "city": "New York",
                "region": "NY",
                "postalCode": "10001",
                "country": "US",
            },
            "shipTo": {
                "line1": "12 Main St",
                "city": "Chicago",
                "region": "IL",
                "postalCode": "60601",
                "country": "US",
            },
        },
        "lines": [
            {"number": "1", "quantity": 1, "amount": 12.34, "taxIncluded": True, "taxCode": FOOD},
            {
                "number": "2",
                "quantity": 1,
                "amount": 5.0,
                "taxIncluded": True,
                "addresses": {
                    "shipFrom": {
                        "line1": "1 Broadway",
                        "city": "New York",
                        "region": "NY",
                        "postalCode": "10001",
                        "country": "US",
                    },
                    "shipTo": {"city": "Austin", "region": "TX", "postalCode": "78701", "country": "US"},
                },
            },
        ],
    }


def test_a_seller_without_an_address_sells_where_the_goods_go():
    sent = avalara_words.quote(question(Asked(amount=1, to=BERLIN), origin=None))

    assert sent["addresses"] == {"singleLocation": {"city": "Berlin", "postalCode": "10115", "country": "DE"}}


def test_a_customer_with_a_certificate_is_exempt(service: Avalara):
    (found,) = service.quote(question(Asked(amount=9_999, to=CHICAGO), customer=CERTIFIED))

    assert (found.tax, found.exempt) == (0, True)


def test_goods_that_nobody_taxes_are_not_exempt(service: Avalara):
    (found,) = service.quote(question(Asked(amount=9_999, to=CHICAGO, code=UNTAXED)))

    assert (found.tax, found.exempt) == (0, False)


PLACES = {"USD": CHICAGO, "EUR": BERLIN, "JPY": TOKYO, "BHD": MANAMA}


@given(
    amounts=st.lists(st.integers(1, 10**9 - 1), min_size=1, max_size=4),
    currency=st.sampled_from(sorted(PLACES)),
    included=st.booleans(),
)
def test_the_taxes_of_the_rows_are_those_of_the_service_and_add_up(
    server: AvalaraServer, amounts: list[int], currency: str, included: bool
):
    places, to = digits(currency), PLACES[currency]
    asked = question(*(Asked(amount=one, to=to) for one in amounts), currency=currency, included=included)
    answer = server.documents.create(avalara_words.quote(asked))

    found = [
        rated(amount, one, places, included=included)
        for amount, one in zip(amounts, Avalara(ACCOUNT, KEY, address=server.url).quote(asked), strict=True)
    ]

    assert sum(one.amount for one in found) == round(Decimal(str(answer["totalTax"])).scaleb(places))
    for amount, one in zip(amounts, found, strict=True):
        assert tax_of(amount, one.rate, included=included) == one.amount


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("timeout_before", Failure.NO_ANSWER),
        ("timeout_after", Failure.NO_ANSWER),
        ("error_before", Failure.SERVICE_FAILED),
        ("error_after", Failure.SERVICE_FAILED),
        ("rate_limit", Failure.BUSY),
        ("decline", Failure.REFUSED),
    ],
)
def test_each_fault_says_why_there_is_no_tax(service: Avalara, server: AvalaraServer, fault: str, failure: Failure):
    server.faults.add([{"kind": fault}])

    with pytest.raises(TaxFailed) as failed:
        service.quote(question(Asked(amount=9_999, to=CHICAGO)))

    assert failed.value.failure is failure


def test_an_answer_that_takes_too_long_is_none(
    service: Avalara, server: AvalaraServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(avalara, "SECONDS", 0.05)
    server.faults.add([{"kind": "slow", "seconds": 0.3, "count": 1}])

    with pytest.raises(TaxFailed) as failed:
        service.quote(question(Asked(amount=9_999, to=CHICAGO)))

    assert failed.value.failure is Failure.NO_ANSWER


def test_an_address_that_does_not_exist_is_refused_without_repeating_it(service: Avalara):
    with pytest.raises(TaxFailed) as failed:
        service.quote(question(Asked(amount=9_999, to=replace(CHICAGO, postal_code=NOWHERE))))

    assert (failed.value.failure, str(failed.value)) == (Failure.REFUSED, "refused InvalidAddress")


def test_a_wrong_key_is_not_admitted(server: AvalaraServer):
    with pytest.raises(TaxFailed) as failed:
        Avalara(ACCOUNT, "other", address=server.url).quote(question(Asked(amount=1, to=CHICAGO)))

    assert failed.value.failure is Failure.NOT_ADMITTED


def test_an_answer_in_another_currency_is_not_taken(service: Avalara, server: AvalaraServer):
    server.documents.currency = "EUR"

    with pytest.raises(TaxFailed) as failed:
        service.quote(question(Asked(amount=9_999, to=CHICAGO)))

    assert failed.value.failure is Failure.UNREADABLE


ROW = {"lineNumber": "1", "tax": Decimal("1.00"), "details": [{"taxName": "VAT", "rate": Decimal("0.1")}]}


@pytest.mark.parametrize(
    "lines",
    [
        [{"lineNumber": "1", "tax": tax, "details": []} for tax in (10, 20)],
        [],
        [{**ROW, "lineNumber": "2"}],
        [ROW, {**ROW, "lineNumber": "2"}],
        [{**ROW, "tax": "1.00"}],
        [{**ROW, "tax": True}],
        [{**ROW, "tax": Decimal("1E+400")}],
        [{**ROW, "tax": float("nan")}],
        [{"lineNumber": "1", "tax": 1}],
        [{**ROW, "details": [{}]}],
        ["1"],
        None,
    ],
)
def test_an_answer_that_is_not_about_the_rows_is_not_taken(lines: object):
    with pytest.raises(TaxFailed) as failed:
        avalara_words.answered(question(Asked(amount=1_000, to=CHICAGO)), {"currencyCode": "USD", "lines": lines})

    assert failed.value.failure is Failure.UNREADABLE


@pytest.mark.parametrize(
    ("thing", "code"),
    [
        ({"error": {"code": "GetTaxError"}}, "GetTaxError"),
        ({"error": {"code": "12 Main St"}}, ""),
        ({"error": {"code": None}}, ""),
        ({"error": "no"}, ""),
        ({}, ""),
    ],
)
def test_only_the_code_of_an_error_is_kept(thing: dict[str, object], code: str):
    assert avalara_words.code_of(thing) == code
