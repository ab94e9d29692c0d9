"""Units of measure become pieces by the packs of a product."""

from comanda.domain.stock.units_of_measure import pieces, unknown_unit_message


def test_a_pack_is_so_many_pieces_and_a_strange_one_none():
    packs = {"CASE": 12}

    assert [pieces(unit, packs) for unit in ("", "EACH", "EA", "CASE", "PALLET")] == [1, 1, 1, 12, None]


def test_who_names_a_strange_unit_is_told_all_that_the_product_comes_in():
    assert unknown_unit_message({}) == "is no unit of measure of this product: EACH is"
    assert (
        unknown_unit_message({"PALLET": 480, "CASE": 12})
        == "is no unit of measure of this product: EACH, CASE and PALLET are"
    )
