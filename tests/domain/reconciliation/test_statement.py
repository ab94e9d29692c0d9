"""A bank's statement is read entry by entry; a file that is none is refused with its line and column."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.domain.reconciliation import statement
from comanda.domain.reconciliation.statement import WrongStatement, entries
from tests.domain.reconciliation.statements import V02, V08, a_part, a_statement, an_entry


def read(content):
    return list(entries(io.BytesIO(content)))


@pytest.mark.parametrize("version", [V02, V08])
def test_an_entry_has_its_amount_its_day_and_what_it_refers_to(version):
    status = "<Sts>BOOK</Sts>" if version == V02 else "<Sts><Cd>BOOK</Cd></Sts>"

    (found,) = read(a_statement(an_entry(status=status, reference="po_1TestPayout77"), version=version))

    assert (found.number, found.amount, found.currency, found.day) == (1, 9700, "EUR", "2026-11-20")
    assert (found.is_credit, found.booked, found.problems) == (True, True, ())
    assert found.names == ("po_1TestPayout77", "BNK-0001")


@pytest.mark.parametrize("zone", ["Z", "+01:00", "-03:00"])
def test_a_day_may_have_an_offset_as_xml_has_them(zone):
    (found,) = read(a_statement(an_entry(day=f"2026-11-20{zone}")))

    assert (found.day, found.problems) == ("2026-11-20", ())


def test_nothing_of_a_name_or_an_account_is_kept():
    (found,) = read(a_statement(an_entry(text="Jane Doe DE89370400440532013000 invoice 4711")))

    assert "Jane" not in repr(found)
    assert "DE89" not in repr(found)


def test_a_transfer_to_several_is_one_movement_for_each_amount():
    parts = [a_part("60.00", reference="po_1TestPayout77"), a_part("37.00", reference="po_1TestPayout78")]

    first, second = read(a_statement(an_entry(parts=parts)))

    assert (first.amount, first.names[0]) == (6000, "po_1TestPayout77")
    assert (second.amount, second.names[0]) == (3700, "po_1TestPayout78")
    assert first.identity != second.identity


@pytest.mark.parametrize(
    "twins",
    [
        [an_entry("20.00", parts=[a_part("10.00", bank="BNK-0001"), a_part("10.00", bank="BNK-0001")])],
        [an_entry("10.00"), an_entry("10.00")],
        [an_entry("10.00", bank="NONREF"), an_entry("10.00", bank="NONREF")],
    ],
)
def test_two_entries_of_a_statement_that_look_alike_are_two_and_known_again(twins):
    announced = an_entry("10.00", status="<Sts><Cd>PDNG</Cd></Sts>")

    first, second = read(a_statement(*twins))
    again = [entry.identity for entry in read(a_statement(*twins, announced)) if entry.booked]

    assert first.identity != second.identity
    assert again == [first.identity, second.identity]


def test_an_entry_that_was_announced_in_the_same_statement_is_one():
    announced = an_entry("10.00", status="<Sts><Cd>PDNG</Cd></Sts>")

    _, booked = read(a_statement(announced, an_entry("10.00")))
    (alone,) = read(a_statement(an_entry("10.00"), name="STMT-2"))

    assert booked.identity == alone.identity


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        (an_entry("97.00", parts=[a_part("60.00"), a_part("37.00")]), []),
        (an_entry("98.00", parts=[a_part("60.00"), a_part("37.00")]), [("amount", "other-sum")]),
        (an_entry("23.00", parts=[a_part("60.00"), a_part("37.00", indicator="DBIT")]), []),
        (an_entry("97.00", parts=[a_part("60.00"), a_part("37.00", indicator="DBIT")]), [("amount", "other-sum")]),
        (an_entry("97.00", parts=[a_part("60.00", currency="USD"), a_part("50.00", currency="USD")]), []),
        (an_entry("97.00", parts=[a_part("60.00"), a_part("37.00"), ""]), []),
    ],
)
def test_the_transactions_of_an_entry_add_up_to_it_or_are_named_as_wrong(entry, wrong):
    for found in read(a_statement(entry)):
        assert [problem[:2] for problem in found.problems] == wrong
    if wrong:
        total = 2300 if "DBIT" in entry else 9700
        message = f"the transactions add up to {total} minor units, the entry says"
        assert message in found.problems[0][2]


def test_an_entry_of_too_many_transactions_is_refused_before_they_fill_the_memory():
    with pytest.raises(WrongStatement, match="an entry has more than 20000 elements"):
        read(a_statement(an_entry(parts=["<TxDtls/>" * 20_001])))


def test_the_same_entry_is_known_in_another_statement():
    (one,), (other,) = read(a_statement(an_entry())), read(a_statement(an_entry(), name="STMT-2", version=V02))

    assert one.identity == other.identity


def test_entries_without_a_reference_of_the_bank_are_known_by_their_place():
    same = an_entry(bank="")

    first, second = read(a_statement(same, same))

    assert first.identity != second.identity
    assert read(a_statement(same, same))[0].identity == first.identity


def test_an_announced_entry_is_not_booked():
    (found,) = read(a_statement(an_entry(status="<Sts><Cd>PDNG</Cd></Sts>")))

    assert not found.booked


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"amount": "97,00"}, "amount", "malformed"),
        ({"amount": "-97.00"}, "amount", "malformed"),
        ({"amount": "1.234.00"}, "amount", "malformed"),
        ({"amount": "97.005"}, "amount", "out-of-range"),
        ({"amount": "9" * 15}, "amount", "out-of-range"),
        ({"amount": ""}, "amount", "missing"),
        ({"currency": "euro"}, "currency", "malformed"),
        ({"indicator": "CREDIT"}, "indicator", "malformed"),
        ({"day": "2026-11-31"}, "booking_date", "malformed"),
    ],
)
def test_a_wrong_entry_names_its_field_and_place_and_stops_no_other(changes, field, code):
    wrong, right = read(a_statement(an_entry(**changes), an_entry(bank="BNK-0002")))

    ((name, found, message),) = wrong.problems
    assert (name, found) == (field, code)
    assert "(line 4, column 1)" in message
    assert right.problems == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "structure"),
        (b"a,b\n1,2\n", "structure"),
        (b"<Document/>", "unknown-format"),
        (a_statement(version="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"), "unknown-format"),
        (a_statement(an_entry())[:-20], "structure"),
        (a_statement(an_entry(text="x" * 2_001)), "too-long"),
        (a_statement(an_entry(parts=["<a>" * 40 + "</a>" * 40])), "structure"),
        (a_statement(head='<!DOCTYPE Document [<!ENTITY a "b">]>'), "document-type"),
        (a_statement(head='<!DOCTYPE Document SYSTEM "http://127.0.0.1/x.dtd">'), "document-type"),
        (a_statement(an_entry(text="&a;")), "structure"),
        (a_statement(head='<?xml version="1.0" encoding="none-such"?>'), "encoding"),
    ],
)
def test_a_file_that_is_no_such_statement_is_refused(content, code):
    with pytest.raises(WrongStatement) as refused:
        read(content)

    assert refused.value.reason_code == code
    assert "line" in refused.value.reason


def test_a_file_above_the_limit_is_refused_before_it_is_read_whole(monkeypatch):
    monkeypatch.setattr(statement, "MOST_BYTES", 1_000)

    with pytest.raises(WrongStatement) as refused:
        read(a_statement(*[an_entry()] * 10))

    assert refused.value.reason_code == "too-large"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_bytes_are_read_or_refused(data):
    whole = a_statement(an_entry(), an_entry(parts=[a_part("1.00"), a_part("2")]))
    first = data.draw(st.integers(0, len(whole)))
    last = data.draw(st.integers(first, min(len(whole), first + 60)))
    put = data.draw(
        st.one_of(st.binary(max_size=30), st.text(max_size=20).map(lambda text: text.encode(errors="replace")))
    )

    try:
        found = read(whole[:first] + put + whole[last:])
    except WrongStatement:
        return
    assert [one.number for one in found] == list(range(1, len(found) + 1))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_texts_of_an_entry_are_read_or_named_as_wrong(amount, currency, day):
    from xml.sax.saxutils import escape

    texts = [escape(text, {'"': "&quot;"}) for text in (amount, currency, day)]
    try:
        (found,) = read(a_statement(an_entry(texts[0], currency=texts[1], day=texts[2])))
    except WrongStatement:
        return  # a character that XML does not have
    if not found.problems:
        assert replace(found, names=(), told=()).amount >= 0
