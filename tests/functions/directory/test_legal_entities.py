"""A legal entity is stored with an address that the network of electronic invoices has, and says how long buyers have to pay."""

from typing import Any

import pytest

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
