"""Exactly one of nine levels sets the safety stock; a percentage is rounded up, and protected units are added."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.stock.safety import ANY_METHOD, NO_SAFETY, Levels, Safety, read_levels, resolve

# From the most general to the most special: each says a number of its own.
LADDER = (
    ("default", Safety(units=9)),
    ("channels", {"web": Safety(units=8)}),
    ("node_type", Safety(units=7)),
    ("node", Safety(units=6)),
    ("class_", Safety(units=5)),
    ("sku", Safety(units=4)),
    ("sku_channels", {"web": Safety(units=3)}),
    ("node_methods", {ANY_METHOD: Safety(units=2)}),
    ("node_methods", {ANY_METHOD: Safety(units=2), "SHIP": Safety(units=1)}),
)


@pytest.mark.parametrize("rungs", range(1, len(LADDER) + 1))
def test_only_the_most_special_level_that_is_set_counts(rungs):
    levels = Levels()
    for name, value in LADDER[:rungs]:
        levels = replace(levels, **{name: value})

    found = resolve(levels, methods=["SHIP"], channel="web")

    assert found == Safety(units=10 - rungs)


def test_an_unset_level_is_passed_over_and_a_level_of_zero_is_not():
    silent = Levels(node=Safety(units=6))
    none_kept = replace(silent, sku=Safety(units=0))

    assert resolve(silent, methods=["SHIP"], channel="web") == Safety(units=6)
    assert resolve(none_kept, methods=["SHIP"], channel="web") == NO_SAFETY


def test_without_levels_no_safety_stock_is_kept():
    assert resolve(Levels(), methods=["SHIP", "PICKUP"], channel="web") == NO_SAFETY


def test_levels_of_another_channel_or_method_do_not_count():
    levels = Levels(
        sku_channels={"outlet": Safety(units=50)},
        channels={"outlet": Safety(units=60)},
        node_methods={"PICKUP": Safety(units=70)},
    )

    assert resolve(levels, methods=["SHIP"], channel="web") == NO_SAFETY


def test_an_order_with_several_methods_keeps_the_largest_safety_stock():
    levels = Levels(node_methods={"SHIP": Safety(units=3), "PICKUP": Safety(percent=25)})

    found = resolve(levels, methods=["SHIP", "PICKUP"])

    assert [found.withheld(net) for net in (4, 12, 13, 100)] == [3, 3, 4, 25]


def test_a_percentage_is_rounded_up_to_whole_units():
    assert [Safety(percent=25).withheld(net) for net in (10, 8, 1, 0, -5)] == [3, 2, 1, 0, 0]


def test_a_channel_leaves_the_protected_units_of_other_channels():
    levels = Levels(default=Safety(units=2))
    protected = (("web", 5), ("outlet", 3))

    assert resolve(levels, methods=["SHIP"], channel="web", protected=protected).withheld(20) == 2 + 3
    assert resolve(levels, methods=["SHIP"], channel="outlet", protected=protected).withheld(20) == 2 + 5
    assert resolve(levels, methods=["SHIP"], channel="market", protected=protected).withheld(20) == 2 + 8


def test_levels_are_read_from_the_documents():
    found = read_levels(
        position={"*": {"units": 2}, "PICKUP": {"percent": 10}},
        product={"class": "glass", "safety": {"units": 4}, "safety_by_channel": {"web": {"units": 3}}},
        node={"type": "STORE", "safety": {"units": 6}},
        policy={
            "safety": {
                "default": {"units": 9},
                "channels": {"web": {"units": 8}},
                "node_types": {"STORE": {"units": 7}, "WAREHOUSE": {"units": 70}},
                "classes": {"glass": {"percent": 5}, "goods": {"percent": 50}},
            }
        },
    )

    assert found == Levels(
        node_methods={"*": Safety(units=2), "PICKUP": Safety(percent=10)},
        sku_channels={"web": Safety(units=3)},
        sku=Safety(units=4),
        class_=Safety(percent=5),
        node=Safety(units=6),
        node_type=Safety(units=7),
        channels={"web": Safety(units=8)},
        default=Safety(units=9),
    )


def test_documents_without_levels_keep_no_units():
    assert resolve(read_levels(), methods=["SHIP"], channel="web") == NO_SAFETY


@pytest.mark.parametrize("wrong", [{"units": -1}, {"percent": -1}, {"percent": 101}, {"kept": -1}])
def test_safety_stock_is_never_negative_or_above_100_percent(wrong):
    with pytest.raises(ValueError, match="no safety stock"):
        Safety(**wrong)


safeties = st.builds(Safety, units=st.integers(0, 50), percent=st.integers(0, 100))


@given(st.dictionaries(st.sampled_from(["SHIP", "PICKUP", "*"]), safeties), st.integers(-20, 500))
def test_one_more_method_never_keeps_less(levels, net):
    both = resolve(Levels(node_methods=levels), methods=["SHIP", "PICKUP"]).withheld(net)
    one_by_one = [resolve(Levels(node_methods=levels), methods=[method]).withheld(net) for method in ("SHIP", "PICKUP")]

    assert both == max(one_by_one)
