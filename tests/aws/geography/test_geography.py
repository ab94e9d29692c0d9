"""Addresses are located with the real tables, and orders are placed with nothing but an address."""

import pytest

from comanda.aws.geography.geography import locate
from comanda.domain.errors import Invalid
from comanda.domain.geography.distance import distance_km
from tests.functions.world import World, a_body

# (country, postal code, public coordinates of what stands there)
LANDMARKS = (
    ("US", "10118", (40.7484, -73.9857)),  # Empire State Building
    ("US", "60606", (41.8789, -87.6359)),  # Willis Tower
    ("US", "94103-1234", (37.7793, -122.4193)),  # San Francisco City Hall, next door
    ("US", "98101", (47.6097, -122.3422)),  # Pike Place Market
    ("US", "33139", (25.7906, -80.1300)),  # Miami Beach
    ("US", "96815", (21.2767, -157.8275)),  # Waikiki
    ("US", "99501", (61.2181, -149.9003)),  # Anchorage
    ("US", "00901", (18.4655, -66.1057)),  # Old San Juan
    ("BR", "01310-200", (-23.5614, -46.6559)),  # MASP, São Paulo
    ("BR", "08490-500", (-23.5960, -46.4040)),  # Cidade Tiradentes, 25 km from the middle of São Paulo
    ("BR", "22070-900", (-22.9711, -43.1823)),  # Copacabana, Rio de Janeiro
    ("BR", "70160-900", (-15.7997, -47.8645)),  # Praça dos Três Poderes, Brasília
    ("BR", "40026-280", (-12.9718, -38.5108)),  # Pelourinho, Salvador
    ("BR", "69020-000", (-3.1303, -60.0234)),  # Teatro Amazonas, Manaus
    ("BR", "90010-150", (-30.0290, -51.2310)),  # Porto Alegre
    ("BR", "80010-010", (-25.4290, -49.2710)),  # Curitiba
)


@pytest.mark.parametrize(("country", "code", "there"), LANDMARKS, ids=str)
def test_a_known_postal_code_is_located_within_ten_kilometres(country, code, there):
    found = locate(country, code)

    assert found is not None
    assert found.precision == "POSTAL_CODE"
    assert distance_km((found.latitude, found.longitude), there) <= 10


def test_an_unknown_postal_code_falls_back_to_the_city_then_to_the_region_with_its_precision():
    springfield = locate("US", "62099", "Springfield", "IL")
    somewhere = locate("US", "00000", "Nosuchtown", "Illinois")
    recife = locate("BR", "", "RECIFE", "pe")

    assert springfield is not None
    assert springfield.precision == "CITY"
    assert distance_km((springfield.latitude, springfield.longitude), (39.7990, -89.6440)) <= 10
    assert somewhere is not None
    assert somewhere.precision == "REGION"
    assert recife is not None
    assert recife.precision == "CITY"
    assert distance_km((recife.latitude, recife.longitude), (-8.0539, -34.8811)) <= 10


def test_towns_of_one_name_in_one_state_are_told_apart_by_the_codes_around_them():
    """José Bonifácio is a town 450 km from São Paulo, and a larger district of São Paulo."""
    found = locate("BR", "15200-000")

    assert found is not None
    assert distance_km((found.latitude, found.longitude), (-21.0527, -49.6883)) <= 10


def test_military_post_and_countries_without_a_table_have_no_place():
    assert locate("US", "09001", "APO", "AE") is None
    assert locate("US", "", "F.P.O.", "Armed Forces Pacific") is None
    assert locate("US", "34012", "DPO AA", "FL") is None
    assert locate("PL", "00-950", "Warszawa") is None


def test_a_code_of_another_country_is_refused_by_the_name_of_its_field():
    with pytest.raises(Invalid) as refused:
        locate("US", "01310-100", pointer="/ship_to/postal_code")

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/ship_to/postal_code", "wrong-country")]


def _placed(world: World, **ship_to):
    body = a_body()
    body["ship_to"] = {name: v for name, v in {**body["ship_to"], **ship_to}.items() if v is not None}
    reply = world.call("POST", "/v1/orders", body)
    assert reply.status == 201, reply.body
    return reply.body["destination"]


def test_an_order_without_coordinates_is_located_by_its_postal_code(world: World):
    there = _placed(world, latitude=None, longitude=None, postal_code="60601-1234")

    assert there == {
        "country": "US", "region": "IL", "postal_prefix": "606",
        "latitude": 41.9, "longitude": -87.6, "precision": "POSTAL_CODE",
    }  # fmt: skip


def test_coordinates_that_the_client_sent_win_and_are_kept_as_coarsely(world: World):
    there = _placed(world, latitude=40.123, longitude=-75.987, postal_code="60601")

    assert (there["latitude"], there["longitude"], there["precision"]) == (40.1, -76.0, "GIVEN")


def test_an_order_shows_the_precision_of_its_location_or_that_it_has_none(world: World):
    city = _placed(world, latitude=None, longitude=None, postal_code="62099", city="springfield")
    nowhere = _placed(world, latitude=None, longitude=None, postal_code="", city="Nosuchtown", region="")

    assert city["precision"] == "CITY"
    assert (nowhere["latitude"], nowhere["longitude"], nowhere["precision"]) == (None, None, None)


def test_the_precision_is_kept_with_the_order(world: World):
    body = a_body()
    del body["ship_to"]["latitude"], body["ship_to"]["longitude"]
    order_id = world.call("POST", "/v1/orders", body).body["order_id"]

    assert world.call("GET", f"/v1/orders/{order_id}").body["destination"]["precision"] == "POSTAL_CODE"
