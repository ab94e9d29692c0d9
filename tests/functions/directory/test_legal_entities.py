"""A legal entity is stored with an address that the network of electronic invoices has, and says how long buyers have to pay."""

from typing import Any

import pytest

from tests.domain.documents.nfe_sales import ENTITY, GOODS, NFE
from tests.functions.world import World

TEA_CO: dict[str, Any] = {
    "name": "Chá & Companhia, Lda.",
    "line1": "Rua do Chá 1",
    "city": "Lisboa",
    "country": "PT",
    "keep_invoices_years": 10,
}


def put(world: World, **changes: Any) -> Any:
    return world.call("PUT", "/v1/legal-entities/tea-pt", {**TEA_CO, **changes}, who="office")


@pytest.mark.parametrize("address", ["0088:4012345000009", "9946:PT501964843", "0192:974760673"])
def test_an_address_of_the_network_is_stored(world: World, address: str):
    assert put(world, electronic_address=address).status == 201


@pytest.mark.parametrize(
    ("address", "code", "says"),
    [
        ("0088:4012345000008", "malformed", "check digit"),
        ("0192:974760674", "malformed", "check digit"),
        ("9999:12345", "unknown-scheme", "has no scheme 9999"),
        ("0037:12345", "unknown-scheme", "has no scheme 0037"),
    ],
)
def test_an_address_that_the_network_has_not_is_refused_by_name(world: World, address: str, code: str, says: str):
    reply = put(world, electronic_address=address)

    assert (reply.status, reply.errors) == (422, [("/electronic_address", code)])
    assert says in reply.body["errors"][0]["message"]


@pytest.mark.parametrize(("days", "status"), [(0, 201), (365, 201), (-1, 422), (366, 422), ("14", 422)])
def test_the_days_to_pay_are_a_number_of_up_to_a_year(world: World, days: Any, status: int):
    assert put(world, payment_days=days).status == status


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({}, []),
        ({"tax_id": "12.ABC.345/01DE-35"}, []),
        ({"tax_id": "11222333000180"}, [("/tax_id", "malformed")]),
        ({"tax_id": None}, [("/tax_id", "malformed")]),
        ({"country": "PT", "region": None, "postal_code": "1000-001"}, [("/country", "not-possible")]),
        ({"region": None}, [("/region", "missing")]),
        ({"postal_code": None}, [("/postal_code", "missing")]),
        ({"nfe": NFE | {"city_code": "3304557"}}, [("/nfe/city_code", "malformed")]),
        ({"nfe": NFE | {"series": {"dc-1": 1, "dc-2": 1}}}, [("/nfe/series/dc-2", "duplicate")]),
        ({"nfe": NFE | {"return_series": {"dc-1": 7}}}, []),
        ({"nfe": NFE | {"cancel_hours": 168}}, []),
        ({"nfe": NFE | {"cancel_hours": 0}}, [("/nfe/cancel_hours", "greater-than-equal")]),
        ({"nfe": NFE | {"cancel_hours": 721}}, [("/nfe/cancel_hours", "less-than-equal")]),
        ({"nfe": NFE | {"return_series": {"dc-1": 1}}}, [("/nfe/return_series/dc-1", "duplicate")]),
        ({"nfe": NFE | {"series": {}}}, [("/nfe/series", "too-short")]),
        ({"nfe": NFE | {"regime": 4}}, [("/nfe/regime", "less-than-equal")]),
        (
            {"nfe": NFE | {"cbs_rate": "0.088"}},
            [("/nfe/ibs_state_rate", "missing"), ("/nfe/ibs_city_rate", "missing")],
        ),
    ],
)
def test_a_company_of_brazil_is_stored_with_what_its_nfe_want(
    world: World, changes: dict[str, Any], pointers: list[tuple[str, str]]
):
    reply = world.call("PUT", "/v1/legal-entities/cha", ENTITY | changes, who="office")

    assert (reply.status, reply.errors if pointers else []) == (422 if pointers else 201, pointers)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ncm", "0902"),
        ("cest", "17"),
        ("origin", 9),
        ("icms", "10"),
        ("pis_cofins", "99x"),
        ("ibs_cbs_class", "200001"),
    ],
)
def test_a_product_is_refused_whose_data_no_nfe_could_have(world: World, field: str, value: Any):
    product = {"title": "Tea", "weight_g": 1, "class": "tea", "nfe": GOODS | {field: value}}

    reply = world.call("PUT", "/v1/products/CHA-001", product, who="office")

    assert (reply.status, [at for at, _ in reply.errors]) == (422, [f"/nfe/{field}"])
