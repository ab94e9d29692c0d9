"""A draft, the order that it becomes, and a change of that order are taxed at the same places."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.drafts import taxing
from comanda.domain.drafts.draft import Delivery
from comanda.domain.lifecycle.changes import taxed_places
from comanda.domain.orders.destination import Destination
from comanda.domain.taxes import places
from comanda.domain.taxes.places import Place, TaxedSale, Way
from tests.builders import a_line, an_order
from tests.domain.drafts import conftest as drafts

TEXAS, OHIO, UTAH = (Destination(country="US", region=region) for region in ("TX", "OH", "UT"))
STORE = replace(UTAH, address=False)  # of an order that is only picked up
AT_STORE, AT_TEXAS, AT_OHIO = ("counter", "store-7"), ("address", "US", "TX", ""), ("address", "US", "OH", "")
COUNTERS = {"store-7": Place(country="US", region="UT"), "store-8": Place(country="US", region="NV")}

PICKED_UP, TO_TEXAS, TO_OHIO, NOWHERE = Way(counter="store-7"), Way(to=TEXAS), Way(to=OHIO), Way()


@pytest.mark.parametrize(
    ("own", "ways", "lines", "charges"),
    [
        (TEXAS, [TO_TEXAS], [AT_TEXAS], AT_TEXAS),
        (TEXAS, [PICKED_UP], [AT_STORE], AT_STORE),
        (TEXAS, [PICKED_UP, TO_TEXAS], [AT_STORE, AT_TEXAS], AT_TEXAS),
        # What has an address of its own is sent, so the charges are taxed at that of the sale.
        (TEXAS, [PICKED_UP, TO_OHIO], [AT_STORE, AT_OHIO], AT_TEXAS),
        (TEXAS, [TO_OHIO], [AT_OHIO], AT_TEXAS),
        (None, [TO_OHIO, PICKED_UP], [AT_OHIO, AT_STORE], AT_OHIO),
        (None, [PICKED_UP, TO_OHIO], [AT_STORE, AT_OHIO], AT_STORE),
        (None, [NOWHERE, PICKED_UP], [AT_STORE, AT_STORE], AT_STORE),
        (None, [NOWHERE], [()], ()),
        (None, [Way(counter=""), TO_OHIO], [(), AT_OHIO], AT_OHIO),
        (TEXAS, [], [], AT_TEXAS),
        (None, [], [], ()),
    ],
)
def test_lines_are_taxed_where_they_go_and_charges_where_the_sale_goes(
    own: Destination | None, ways: list[Way], lines: list[places.Spot], charges: places.Spot
):
    sale = TaxedSale(own, ways)

    assert [sale.of_line(way) for way in ways] == lines
    assert sale.of_charges() == charges


def test_a_spot_is_the_place_of_its_counter_or_of_its_address():
    assert places.place_of(AT_STORE, COUNTERS) == COUNTERS["store-7"]
    assert places.place_of(("counter", "store-9"), COUNTERS) is None
    assert places.place_of(("address", "US", "TX", "750"), {}) == Place(country="US", region="TX", postal_prefix="750")
    assert places.place_of((), COUNTERS) is None


KINDS = st.sampled_from(["sent", "to ohio", "picked up", "picked up there", "provided"])


@given(st.lists(KINDS, min_size=1, max_size=5), st.booleans())
def test_an_order_is_taxed_where_its_draft_was(kinds: list[str], addressed: bool):
    kinds = kinds if addressed else [kind for kind in kinds if kind != "sent"] or ["picked up"]
    own = TEXAS if addressed else None
    stores = {"picked up": "store-7", "picked up there": "store-8"}
    draft = drafts.a_plain_draft(
        *(
            replace(
                drafts.a_line(str(i)),
                kind="DIGITAL" if kind == "provided" else "PRODUCT",
                delivery=Delivery(method="PICKUP", node_id=stores[kind]) if kind in stores else Delivery(),
                destination=OHIO if kind == "to ohio" else None,
            )
            for i, kind in enumerate(kinds)
        ),
        destination=own,
    )
    order = an_order(
        *(
            a_line(
                line_id=str(i),
                kind="DIGITAL" if kind == "provided" else "PRODUCT",
                method="PICKUP" if kind in stores else "SHIP",
                node=stores.get(kind),
                destination=1 if kind == "to ohio" else 0,
            )
            for i, kind in enumerate(kinds)
        ),
        destination=own or STORE,
        destinations=(OHIO,),
    )

    of_draft, sale = taxing.places(draft, COUNTERS), taxed_places.sale(order)

    assert places.place_of(sale.of_charges(), COUNTERS) == of_draft.charges
    for line in order.lines:
        assert places.place_of(taxed_places.where(sale, order, line), COUNTERS) == of_draft.lines[line.line_id]
