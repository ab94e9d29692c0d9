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
from comanda.domain.taxes.records import Difference, TaxedDocument, difference
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


ROW = {
    "lineNumber": "1",
    "lineAmount": Decimal("10.00"),
    "taxIncluded": False,
    "tax": Decimal("1.00"),
    "taxCalculated": Decimal("1.00"),
    "details": [{"taxName": "VAT", "rate": Decimal("0.1")}],
}


@pytest.mark.parametrize(
    "lines",
    [
        [{**ROW, "tax": tax} for tax in (10, 20)],
        [],
        [{**ROW, "lineNumber": "2"}],
        [ROW, {**ROW, "lineNumber": "2"}],
        [{**ROW, "tax": "1.00"}],
        [{**ROW, "tax": True}],
        [{**ROW, "tax": Decimal("1E+400")}],
        [{**ROW, "tax": float("nan")}],
        [{name: value for name, value in ROW.items() if name != "details"}],
        [{name: value for name, value in ROW.items() if name != "lineAmount"}],
        [{**ROW, "lineAmount": Decimal("100.00")}],
        [{**ROW, "lineAmount": Decimal("9.99")}],
        [{**ROW, "lineAmount": Decimal("-10.00")}],
        [{**ROW, "lineAmount": Decimal("9.00"), "taxIncluded": True}],
        [{**ROW, "details": [{}]}],
        ["1"],
        None,
    ],
)
def test_an_answer_that_is_not_about_the_rows_is_not_taken(lines: object):
    with pytest.raises(TaxFailed) as failed:
        avalara_words.answered(question(Asked(amount=1_000, to=CHICAGO)), {"currencyCode": "USD", "lines": lines})

    assert failed.value.failure is Failure.UNREADABLE


@pytest.mark.parametrize("net", ["10.00", "9.09"])
def test_an_amount_that_includes_its_tax_is_answered_with_it_or_without(net: str):
    row = {**ROW, "taxIncluded": True, "tax": Decimal("0.91"), "lineAmount": Decimal(net)}
    asked = question(Asked(amount=1_000, to=CHICAGO), included=True)

    (found,) = avalara_words.answered(asked, {"currencyCode": "USD", "lines": [row]})

    assert found.tax == Decimal("0.91")


def test_an_amount_that_was_taxed_on_top_of_its_tax_is_not_taken():
    asked = question(Asked(amount=1_000, to=CHICAGO), included=True)

    with pytest.raises(TaxFailed) as failed:
        avalara_words.answered(asked, {"currencyCode": "USD", "lines": [ROW]})

    assert (failed.value.failure, failed.value.detail) == (Failure.UNREADABLE, "included")


@pytest.mark.parametrize("credits_", [False, True])
@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("currency", ["USD", "JPY", "BHD"])
def test_a_document_that_is_kept_as_it_was_sent_does_not_differ(
    service: Avalara, included: bool, currency: str, credits_: bool
):
    asked = question(Asked(amount=1_999, to=PLACES[currency]), currency=currency, included=included)
    taxes = [round(one.tax.scaleb(digits(currency))) for one in service.quote(asked)]
    document = TaxedDocument(question=asked, taxes=taxes, code="inv_1", credits=credits_, taxed_on="2026-11-29")

    first, again = service.record(document), service.record(document)

    assert first == again
    assert difference(document, again) is None


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"status": "Cancelled"}, Difference.NOT_COMMITTED),
        ({"status": "Saved"}, Difference.NOT_COMMITTED),
        ({"status": "Locked"}, None),
        ({"date": "2026-10-31"}, Difference.KEPT_OTHERWISE),
        ({"date": "2026-11-30T00:00:00"}, None),
        ({"lineAmount": 19.98}, Difference.KEPT_OTHERWISE),
        ({"lineAmount": 19.995}, Difference.KEPT_OTHERWISE),
        ({"tax": 0}, Difference.KEPT_OTHERWISE),
        ({"tax": -2.05}, Difference.KEPT_OTHERWISE),
        ({"taxCalculated": 1.00}, Difference.COMPUTED),
    ],
)
def test_a_document_that_the_service_keeps_otherwise_differs(
    service: Avalara, server: AvalaraServer, change: dict[str, object], found: Difference | None
):
    asked = question(Asked(amount=1_999, to=CHICAGO))
    document = TaxedDocument(question=asked, taxes=[205], code="inv_1", credits=False, taxed_on="2026-11-30")
    service.record(document)
    (thing,) = server.documents.kept.values()
    for part in (thing, thing["lines"][0]):
        part.update({name: value for name, value in change.items() if name in part})

    assert difference(document, service.record(document)) is found


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
