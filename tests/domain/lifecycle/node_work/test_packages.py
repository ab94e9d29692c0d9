"""Packages hold the packed units, each once, however they are packed, packed again and shipped in parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.check_digit import with_check_digit
from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.lifecycle.node_work.repack import repack
from comanda.domain.lifecycle.node_work.sent_units import units_in
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.fulfillment import Package
from comanda.domain.orders.status import Status
from tests.builders import a_line, a_node, a_package, a_shipment, a_step, an_order, offered, placed, saved, worked

WANTED = {"1": 3, "2": 2}


def picked():
    order = placed(an_order(a_line("TEA", 3, line_id="1"), a_line("CUP", 2, line_id="2")))
    return worked(offered(order, (a_node("dc-1"), WANTED)), "accept", "pick")


def held(order, number=1):
    found = {}
    for package in order.fulfillment(number).packages:
        for line_id, quantity in package.contents:
            found[line_id] = found.get(line_id, 0) + quantity
    return found


CONTENTS = st.dictionaries(st.sampled_from(["1", "2", "7"]), st.integers(1, 3), min_size=1, max_size=3)
PACKAGES = st.dictionaries(st.sampled_from(["A", "B", "C"]), CONTENTS, min_size=1)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pack", "repack"]), st.dictionaries(st.sampled_from(["l1", "l2"]), st.integers(1, 3)), PACKAGES
    ),
    max_size=8,
)


@given(STEPS)
def test_contents_add_up_to_the_packed_units_after_every_step(steps):
    order = picked()
    for step, units, wanted in steps:
        packages = tuple(Package(package_id=name, contents=tuple(held.items())) for name, held in wanted.items())
        before = order
        try:
            if step == "pack":
                order = saved(advance(order, "pack", a_step(**units) if units else a_step(), packages))
            else:
                order = saved(repack(order, a_step(), packages))
        except (Invalid, NotAllowed):
            assert order is before
        assert held(order) == units_in(order, 1, Status.PACKED)


@given(st.integers(0, 3), st.integers(0, 2), st.integers(0, 3), st.integers(0, 2))
def test_packages_are_taken_exactly_if_they_hold_all_that_is_packed(one, two, other_one, other_two):
    contents = [tuple((i, n) for i, n in (("1", a), ("2", b)) if n) for a, b in ((one, two), (other_one, other_two))]
    packages = tuple(Package(package_id=str(i), contents=inside) for i, inside in enumerate(contents) if inside)
    right = (one + other_one, two + other_two) == (3, 2)
    known = bool(packages)

    try:
        order = advance(picked(), "pack", a_step(), packages).order
    except Invalid:
        assert known
        assert not right
    else:
        assert right or not known
        assert not known or held(order) == WANTED


def on_a_pallet():
    packages = (
        a_package("PAL", weight_g=90_000),
        a_package("P1", ("1", 3), parent="PAL"),
        a_package("P2", ("2", 2), parent="PAL"),
    )
    return saved(advance(picked(), "pack", a_step(), packages))


def names(order, number):
    return [(p.package_id, p.parent) for p in order.fulfillment(number).packages]


def test_a_pallet_stays_with_what_stands_on_it():
    order = saved(ship(on_a_pallet(), a_step(l1=3), a_shipment("S1")))

    assert names(order, 1) == [("PAL", ""), ("P1", "PAL")]
    assert names(order, 2) == [("P2", "")]  # its pallet has left


def test_a_pallet_that_ships_takes_what_stands_on_it():
    order = saved(ship(on_a_pallet(), a_step(l1=3, l2=1), a_shipment("S1", a_package("PAL"))))

    assert names(order, 1) == [("PAL", ""), ("P1", "PAL"), ("P2", "PAL")]
    assert held(order, 1) == {"1": 3, "2": 1}


def test_packages_left_without_their_pallet_stand_on_none():
    order = saved(ship(on_a_pallet(), a_step(l1=3), a_shipment("S1", a_package("P1"))))

    assert names(order, 1) == [("P1", "")]
    assert names(order, 2) == [("PAL", ""), ("P2", "PAL")]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"parent": "X"}, "unknown-package"),
        ({"parent": "P1"}, "nested-package"),
        ({"sscc": "340123450000000018"}, "check-digit"),
    ],
)
def test_a_wrong_label_is_refused_at_its_field(more, code):
    with pytest.raises(Invalid) as refused:
        advance(picked(), "pack", a_step(), (a_package("P1", ("1", 3), ("2", 2), **more),))

    assert [one.code for one in refused.value.problems] == [code]


def test_an_sscc_of_another_fulfillment_of_the_order_is_refused():
    code = with_check_digit("34012345000000001")
    order = picked()
    order = saved(advance(order, "pack", a_step(l1=3), (a_package("P1", ("1", 3), sscc=code),)))
    order = saved(ship(order, a_step(l1=3), a_shipment("S1")))

    with pytest.raises(Invalid, match=code):
        advance(order, "pack", a_step(2), (a_package("P1", ("2", 2), sscc=code),))


def test_nothing_is_packed_again_before_it_is_packed():
    with pytest.raises(NotAllowed, match="no unit is packed"):
        repack(picked(), a_step(), (a_package("P1", ("1", 3)),))
