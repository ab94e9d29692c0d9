"""Each step of a supply has its own fields."""

from comanda.domain.stock.supply_fields import field_problems


def test_a_line_says_what_it_needs_and_what_it_does_not_take():
    create = field_problems("CREATE", dict.fromkeys(("type", "sku", "bucket")))
    close = field_problems("CLOSE", {"quantity": 1})

    assert sorted((r.field, r.code) for r in create) == [
        ("bucket", "not-taken"),
        ("eta", "missing"),
        ("node_id", "missing"),
        ("quantity", "missing"),
    ]
    assert [(r.field, r.code) for r in close] == [("quantity", "not-taken")]
