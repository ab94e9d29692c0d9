"""Ids sort by time, carry their order and their cell, and have one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain import ids
from comanda.domain.errors import NotFound, WrongRegion

MOMENTS = st.integers(0, 2**48 - 1)
ENTROPY = st.integers(0, 2**80 - 1)
ULID = ids.ulid(1_795_000_000_000, 1)
ORDER = ids.order("use1", ULID)


@given(MOMENTS, MOMENTS, ENTROPY, ENTROPY)
def test_ids_sort_by_time(first, second, a, b):
    if first > second:
        first, second = second, first

    one, two = ids.ulid(first, a), ids.ulid(second, b)

    assert len(one) == 26
    assert one < two or first == second
    assert (one == two) == ((first, a) == (second, b))


def test_a_ulid_is_written_as_its_specification_says():
    assert ids.ulid(0, 0) == "0" * 26
    assert ids.ulid(2**48 - 1, 2**80 - 1) == "7" + "Z" * 25
    assert ids.ulid(1_469_918_176_385, 0)[:10] == "01ARYZ6S41"  # the specification's own example


@given(MOMENTS, ENTROPY, st.integers(1, 9999), st.sampled_from(("use1", "sae1", "ab", "abcdefgh")))
def test_an_id_reads_back_as_it_was_written(moment, entropy, number, cell):
    order = ids.order(cell, ids.ulid(moment, entropy))

    assert ids.parse("ord", order, cell) == (order, 0)
    assert ids.parse("ful", ids.fulfillment(order, number), cell) == (order, number)
    assert ids.parse("inv", ids.invoice(order, number), cell) == (order, number)
    assert ids.parse("ret", ids.child("ret", order, number), cell) == (order, number)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ord", ""),
        ("ord", "ord_use1_"),
        ("ord", ORDER.lower()),
        ("ord", ORDER + "-001"),
        ("ord", ORDER + "\n"),
        ("ord", ORDER[:-1]),
        ("ord", ORDER + "0"),
        ("ord", f"ord_u_{ULID}"),
        ("ord", f"ord_USE1_{ULID}"),
        ("ord", f"ord_use1_{ULID[:-1]}U"),  # no U in Crockford's alphabet
        ("ord", ids.fulfillment(ORDER, 1)),
        ("ful", ORDER),
        ("ful", ids.invoice(ORDER, 1)),
        ("ful", f"ful_use1_{ULID}-1"),
        ("ful", f"ful_use1_{ULID}-0001"),  # 001 has one spelling
        ("ful", f"ful_use1_{ULID}-00001"),
        ("ful", f"ful_use1_{ULID}-٠٠١"),  # noqa: RUF001  digits, but not ours
        ("ful", "ful_use1_" + "#" * 500),
        ("inv", "O#" + ORDER),
    ],
)
def test_a_text_that_is_not_an_id_of_this_kind_is_not_found(kind, text):
    with pytest.raises(NotFound) as refused:
        ids.parse(kind, text, "use1")

    assert not isinstance(refused.value, WrongRegion)
    assert len(str(refused.value)) < 120


def test_the_id_of_another_cell_is_refused_with_the_name_of_the_cell():
    with pytest.raises(WrongRegion) as refused:
        ids.parse("ful", ids.fulfillment(ORDER, 1), "sae1")

    assert refused.value.cell == "use1"
