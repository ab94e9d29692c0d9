"""Test that numbers follow the order of issue within a batch, without a gap, in a series for each kind of document."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain import ids
from comanda.domain.billing.document_numbers import MOST, DocumentKind, IssuedDocument, by_series, numbered
from tests.builders import NOW

KINDS = list(DocumentKind)


def document(
    n: int, *, kind: DocumentKind = DocumentKind.INVOICE, series: str = "dc-1", after: int = 0
) -> IssuedDocument:
    order_id = ids.order("us1", ids.ulid(0, n))
    at = NOW + timedelta(seconds=after)
    return IssuedDocument(kind=kind, order_id=order_id, number=1, channel="web", series=series, issued_at=at)


@pytest.mark.parametrize(
    ("kind", "written", "prefix"),
    [(DocumentKind.INVOICE, "dc-1-000042", "inv_"), (DocumentKind.CREDIT_NOTE, "dc-1-C000042", "crn_")],
)
def test_a_number_is_written_with_its_series_and_no_invoice_has_that_of_a_credit_note(
    kind: DocumentKind, written: str, prefix: str
):
    (made,) = numbered([document(1, kind=kind)], 41)

    assert (made.written, made.document_id[:4], document(1).written) == (written, prefix, None)


def test_the_first_issued_gets_the_first_number():
    late, early = document(1, after=5), document(2, after=1)

    (series,) = by_series([late, early])

    assert [(one.order_id, one.serial) for one in numbered(series, 9)] == [(early.order_id, 10), (late.order_id, 11)]


def test_a_batch_and_the_draw_of_its_numbers_fit_one_transaction():
    (series,) = by_series([document(n) for n in range(MOST + 10)])

    assert len(numbered(series, 0)) == MOST
    assert 2 * MOST + 1 <= 100


issued = st.builds(
    lambda n, kind, series, after: document(n, kind=kind, series=series, after=after),
    st.integers(0, 10_000),
    st.sampled_from(KINDS),
    st.sampled_from(["dc-1", "dc-2", "web"]),
    st.integers(0, 3),
)


@given(st.lists(issued, unique_by=lambda one: one.document_id, max_size=150), st.integers(0, 10**6))
def test_whatever_is_issued_gets_one_number_each_without_a_gap(documents: list[IssuedDocument], last: int):
    drawn: dict[tuple[str, str], list[IssuedDocument]] = {}
    for waiting in by_series(documents):
        series = drawn.setdefault((waiting[0].kind, waiting[0].series), [])
        while waiting:
            series += numbered(waiting, last + len(series))
            waiting = waiting[MOST:]  # noqa: PLW2901  the rest of it

    for series in drawn.values():
        assert [one.serial for one in series] == list(range(last + 1, last + len(series) + 1))
        assert [one.issued_at for one in series] == sorted(one.issued_at for one in series)
    got = [one.document_id for series in drawn.values() for one in series]
    assert sorted(got) == sorted(one.document_id for one in documents)
