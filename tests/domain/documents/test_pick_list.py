"""A pick list has what is still to be picked, once for each sku, and no personal data."""

import json

from comanda.domain.documents.pick_list import content, digest, rows_to_pick, view
from comanda.domain.labels import labels
from comanda.domain.orders.status import Status
from tests.builders import a_line_in, an_allocation, an_order
from tests.domain.documents.test_packing_slip import NODE, a_fulfillment


def an_order_with(*statuses: Status):
    lines = [
        a_line_in(
            an_allocation(n, status, node="dc-1", fulfillment=1),
            sku="TEA",
            line_id=str(n),
            title="Tea",
            gtin="4006381333931",
        )
        for n, status in enumerate(statuses, 1)
    ]
    return an_order(*lines, fulfillments=(a_fulfillment(),))


def test_a_sku_of_two_lines_is_one_row_of_the_units_that_are_not_picked():
    order = an_order_with(Status.ACCEPTED, Status.PICKING, Status.PICKED, Status.CANCELLED)

    assert rows_to_pick(order, order.fulfillments[0]) == {
        "TEA": {"sku": "TEA", "gtin": "4006381333931", "title": "Tea", "units": 3}
    }


def test_nothing_is_listed_once_all_is_picked():
    order = an_order_with(Status.PICKED, Status.CANCELLED)

    assert rows_to_pick(order, order.fulfillments[0]) == {}


def test_the_paper_has_all_words_in_each_language_and_no_personal_data():
    order = an_order_with(Status.ACCEPTED)
    listed = view(order, order.fulfillments[0], [*rows_to_pick(order, order.fulfillments[0]).values()], NODE)

    papers = [content(listed, "BR", locale) for locale in labels.LOCALES]

    assert [paper["title"] for paper in papers] == ["Pick list", "Lista de separação", "Lista de recogida"]
    assert all(set(paper["words"]) == set(labels.KINDS["PickWord"]) for paper in papers)
    assert {paper["paper"] for paper in papers} == {"a4"}
    assert "Ada" not in json.dumps(papers)
    assert len({digest(paper, b"template") for paper in papers}) == 3
    assert digest(papers[0], b"template") != digest(papers[0], b"another")
