"""Units of measure become pieces by the packs of a product."""

from comanda.domain.stock.units_of_measure import pieces, unknown_unit_message


def test_a_unit_of_measure_becomes_pieces_and_an_unknown_one_does_not():
    packs = {"CASE": 12}

    assert [pieces(unit, packs) for unit in ("", "EACH", "EA", "CASE", "PALLET")] == [1, 1, 1, 12, None]


def test_the_message_about_an_unknown_unit_lists_all_units_of_the_product():
    assert unknown_unit_message({}) == "is no unit of measure of this product: EACH is"
    assert (
        unknown_unit_message({"PALLET": 480, "CASE": 12})
        == "is no unit of measure of this product: EACH, CASE and PALLET are"
    )
