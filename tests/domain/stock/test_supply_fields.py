"""Each step of a supply has its own fields."""

from comanda.domain.stock.supply_fields import field_problems


def test_missing_fields_and_fields_that_are_not_accepted_are_refused():
    create = field_problems("CREATE", dict.fromkeys(("type", "sku", "bucket")))
    close = field_problems("CLOSE", {"quantity": 1})

    assert sorted((r.field, r.code) for r in create) == [
        ("bucket", "not-taken"),
        ("eta", "missing"),
        ("node_id", "missing"),
        ("quantity", "missing"),
    ]
    assert [(r.field, r.code) for r in close] == [("quantity", "not-taken")]
