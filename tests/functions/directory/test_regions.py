"""Test that every door takes every spelling of a region, and that an unknown place counts as the farthest."""

from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.geography import destinations, regions
from comanda.aws.geography.geography import locate
from comanda.domain.errors import Invalid
from functions.promise.contract import To
from tests.functions.promise.test_promise import a_basket
from tests.functions.world import World, a_body

US = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA", "Colorado": "CO", "Connecticut": "CT",
    "Delaware": "DE", "District of Columbia": "DC", "Florida": "FL", "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID", "Illinois": "IL",
    "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA", "Maine": "ME", "Maryland": "MD",
    "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN", "Mississippi": "MS", "Missouri": "MO", "Montana": "MT",
    "Nebraska": "NE", "Nevada": "NV", "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY",
    "North Carolina": "NC", "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA",
    "Puerto Rico": "PR", "Rhode Island": "RI", "South Carolina": "SC", "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX",
    "Utah": "UT", "Vermont": "VT", "Virginia": "VA", "Washington": "WA", "West Virginia": "WV", "Wisconsin": "WI", "Wyoming": "WY",
}  # fmt: skip
OTHERS = {
    "CA": {"Québec": "QC", "British Columbia": "BC", "Ontario": "ON", "PEI": "PE", "Newfoundland and Labrador": "NL", "Yukon": "YT", "Nunavut": "NU"},
    "BR": {"São Paulo": "SP", "Ceará": "CE", "Espírito Santo": "ES", "Pará": "PA", "Paraná": "PR", "Rio Grande do Sul": "RS", "Distrito Federal": "DF"},
    "GB": {"England": "ENG", "Scotland": "SCT", "Wales": "WLS", "Northern Ireland": "NIR"},
    "DE": {"Bayern": "BY", "Bavaria": "BY", "Baden-Württemberg": "BW", "Nordrhein-Westfalen": "NW", "Thüringen": "TH", "Lower Saxony": "NI"},
    "AU": {"New South Wales": "NSW", "Victoria": "VIC", "Queensland": "QLD", "Western Australia": "WA", "Tasmania": "TAS"},
    "MX": {"Ciudad de México": "CMX", "CDMX": "CMX", "Nuevo León": "NLE", "Estado de México": "MEX", "Yucatán": "YUC", "Michoacán": "MIC"},
    "FR": {"Île-de-France": "IDF", "Paris": "75C"},
    "ES": {"Cataluña": "CT", "Barcelona": "B", "Andalucía": "AN"},
    "IT": {"Lombardia": "25", "Lombardy": "25", "MI": "MI"},
    "JP": {"Tokyo": "13", "Tōkyō": "13", "Osaka": "27"},
    "NL": {"Noord-Holland": "NH", "Friesland": "FR"},
    "PT": {"Lisboa": "11", "Lisbon": "11"},
}  # fmt: skip
SPELLINGS = [(country, name, code) for country, names in {"US": US, **OTHERS}.items() for name, code in names.items()]


@pytest.mark.parametrize(("country", "name", "code"), SPELLINGS)
def test_a_region_is_read_by_its_name_and_its_code_in_any_case_and_with_or_without_accents(
    country: str, name: str, code: str
):
    read = regions.load(country).code

    assert {read(one) for one in (name, name.upper(), name.casefold(), f"  {name} ")} == {code}
    assert {read(one) for one in (code, code.lower(), f"{country}-{code}", f"{country.lower()}_{code}")} == {code}


def _to(**fields: Any):
    return destinations.locate(To(**{"country": "US", **fields}), pointer="/to")


@pytest.mark.parametrize("region", ["NY", "ny", "New York", "US-NY", "N.Y.", ""])
def test_an_order_keeps_the_regions_code_and_its_contact_the_region_as_sent(world: World, region: str):
    body = a_body()
    body["ship_to"] |= {"region": region, "postal_code": "10001", "city": "New York"}

    reply = world.call("POST", "/v1/orders", body)

    assert reply.status == 201, reply.body
    assert reply.body["destination"]["region"] == "NY"


def test_a_region_that_contradicts_its_postal_code_is_refused_by_name():
    with pytest.raises(Invalid) as refused:
        _to(region="New York", postal_code="90210")

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/to/region", "contradicts-postal-code")]
    assert "US-NY" in str(refused.value)
    assert "US-CA" in str(refused.value)


@pytest.mark.parametrize(
    ("country", "region"), [("US", "MX-CMX"), ("US", "de-by"), ("MX", "US-NY"), ("CA", "US-New York")]
)
def test_a_region_of_another_country_is_refused_by_name(country: str, region: str):
    with pytest.raises(Invalid) as refused:
        _to(country=country, region=region)

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/to/region", "other-country")]


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b"])
def test_a_region_with_invisible_characters_is_refused_before_it_is_repeated(world: World, hidden: str):
    node = {**world.call("GET", "/v1/nodes/dc-1", who="office").body, "region": f"N{hidden}Y"}

    reply = world.call(
        "PUT", "/v1/nodes/dc-1", {k: v for k, v in node.items() if k not in ("id", "version")}, who="office"
    )

    assert (reply.status, [pointer for pointer, _ in reply.errors]) == (422, ["/region"])
    assert hidden not in str(reply.body)


def test_a_missing_postal_code_is_the_same_as_a_blank_one(world: World):
    world.stocked("TEA-001", dc_1=1)
    body = a_body({"sku": "TEA-001", "quantity": 1})
    without = {name: value for name, value in body["ship_to"].items() if name != "postal_code"}

    reply = world.call("POST", "/v1/orders", {**body, "ship_to": without})

    assert (reply.status, reply.body["destination"]["postal_prefix"]) == (201, "")


def test_the_postal_code_replaces_a_misspelt_region():
    assert _to(region="New Yrok", postal_code="10001").region == "NY"
    assert _to(country="BR", postal_code="01310-100").region == "SP"
    assert _to(country="CA", postal_code="m5v 2t6").region == "ON"


@pytest.mark.parametrize("region", ["IL", "US-IL", "illinois"])
def test_a_city_is_located_in_its_region_however_the_region_is_spelt(region: str):
    there = _to(city="Springfield", region=region)

    assert (there.region, there.precision, there.latitude, there.longitude) == ("IL", "CITY", 39.8, -89.7)


@pytest.mark.parametrize(
    ("country", "city", "region"),
    [
        ("CA", "Montréal", "Quebec"), ("MX", "Guadalajara", "Jalisco"), ("GB", "London", ""), ("DE", "München", "Bayern"),
        ("FR", "Paris", ""), ("ES", "Sevilla", "SE"), ("PT", "Lisboa", ""), ("IT", "Milano", "MI"), ("NL", "Den Haag", ""),
        ("AU", "Sydney", "NSW"), ("JP", "Tokyo", ""),
    ],
)  # fmt: skip
def test_a_city_of_a_country_without_a_table_of_codes_is_located(country: str, city: str, region: str):
    found = locate(country, "", city, region)

    assert found is not None
    assert found.precision == "CITY"


@pytest.mark.parametrize(
    ("city", "region", "code", "is_in"),
    [
        ("APO", "AE", "09123", "AE"), ("FPO", "AP", "96601", "AP"), ("DPO", "AA", "34002", "AA"), ("A.P.O.", "", "09001", "AE"),
        ("APO", "NY", "09123", "AE"), ("Fleet Post Office", "Armed Forces Pacific", "96201", "AP"), ("apo ae", "ae", "09012-1234", "AE"),
    ],
)  # fmt: skip
def test_military_post_is_a_region_of_its_own_without_coordinates(city: str, region: str, code: str, is_in: str):
    there = _to(city=city, region=region, postal_code=code, latitude=51.9, longitude=0.2)

    assert (there.region, there.latitude, there.longitude, there.precision) == (is_in, None, None, None)


def test_a_military_city_with_a_code_of_a_town_is_refused():
    with pytest.raises(Invalid) as refused:
        _to(city="APO", region="NY", postal_code="10001")

    assert [p.code for p in refused.value.problems] == ["not-military"]


def test_an_address_that_cannot_be_located_counts_as_the_farthest_unless_the_channel_refuses_it(world: World):
    world.stocked("TEA-001", dc_1=1)
    asked = a_basket(("TEA-001", 1), to={"country": "US", "city": "Nowhere", "region": "Nowhere"}, methods=["SHIP"])

    reply = world.call("POST", "/v1/promises", asked)

    assert reply.status == 200, reply.body
    assert "latitude" not in reply.body["to"]
    web = world.call("GET", "/v1/channels/web", who="office").body
    doc = {name: value for name, value in web.items() if name not in ("id", "version")}
    put = world.call("PUT", "/v1/channels/web", {**doc, "unknown_places": "REFUSE"}, who="office")
    assert put.status == 200, put.body
    packs.rebuild(())
    directory.forget()
    refused = world.call("POST", "/v1/promises", asked)
    assert (refused.status, refused.errors) == (422, [("/to", "unknown-place")])


CARRIER: dict[str, Any] = {
    "name": "Road",
    "country": "US",
    "calendar": "always",
    "services": [
        {
            "service": "STANDARD",
            "mode": "ROAD",
            "factor": "road-articulated",
            "price": {"currency": "USD", "base_micros": 5_000_000},
            "bands": [{"days": 5}],
            "lanes": [{"origin": "Illinois", "regions": {"New York": 3, "us-ca": 6}, "postal": {"100": 2}}],
        }
    ],
}


def _put(world: World, path: str, doc: dict[str, Any]):
    return world.call("PUT", path, doc, who="office")


def _with_lanes(*lanes: dict[str, Any]) -> dict[str, Any]:
    return {**CARRIER, "services": [{**CARRIER["services"][0], "lanes": list(lanes)}]}


def test_the_regions_of_lanes_and_rate_cards_are_kept_by_code(world: World):
    put = _put(world, "/v1/carriers/road", CARRIER)
    assert put.status == 201, put.body
    card = {
        "name": "2026", "carrier": "road", "service": "STANDARD", "currency": "USD", "valid_from": "2026-01-01",
        "zones": {"z": {"steps": [{"up_to_g": 1000, "micros": 1}]}}, "bands": [{"zone": "z"}],
        "lanes": [{"origin": "il", "regions": {"new york": "z"}}],
    }  # fmt: skip

    of_card = _put(world, "/v1/rate-cards/road-2026", card)

    assert put.body["services"][0]["lanes"] == [{"origin": "IL", "regions": {"NY": 3, "CA": 6}, "postal": {"100": 2}}]
    assert of_card.status == 201, of_card.body
    assert [(lane["origin"], lane["regions"]) for lane in of_card.body["lanes"]] == [("IL", {"NY": "z"})]


@pytest.mark.parametrize(
    ("lanes", "errors"),
    [
        ([{"origin": "Atlantis", "regions": {"NY": 3}}], [("/services/0/lanes/0/origin", "unknown-region")]),
        ([{"origin": "IL", "regions": {"New Yrok": 3}}], [("/services/0/lanes/0/regions/New Yrok", "unknown-region")]),
        ([{"origin": "IL", "regions": {"NY": 3, "New York": 4}}], [("/services/0/lanes/0/regions/New York", "duplicate-region")]),
        ([{"origin": "IL", "regions": {"NY": 3}}, {"origin": "Illinois"}], [("/services/0/lanes/1/origin", "duplicate-region")]),
    ],
)  # fmt: skip
def test_a_lane_of_an_unknown_region_is_refused_by_name(world: World, lanes: Any, errors: Any):
    refused = _put(world, "/v1/carriers/road", _with_lanes(*lanes))

    assert (refused.status, refused.errors) == (422, errors)


def test_a_row_with_more_of_a_postal_code_than_an_order_keeps_is_refused_in_words(world: World):
    refused = _put(world, "/v1/carriers/road", _with_lanes({"origin": "IL", "postal": {"10001": 2}}))

    assert refused.status == 422
    assert [pointer for pointer, _ in refused.errors] == ["/services/0/lanes/0/postal/10001"]
    assert "orders keep no more of it" in str(refused.body)


def test_a_rule_set_for_the_name_of_a_region_holds_for_its_code(world: World):
    when = {"regions": ["US-New York", "US-NY", "US"]}
    rules = [{"name": "all", "when": when, "optimise": {}, "rest": {"then": "backorder"}}]

    made = _put(world, "/v1/rule-sets/east", {"name": "East", "rules": rules})

    assert made.status == 201, made.body
    assert made.body["rules"][0]["when"]["regions"] == ["US-NY", "US"]


def test_holidays_of_a_region_are_found_by_its_name(world: World):
    calendar = {
        "timezone": "America/New_York",
        "hours": [{"weekday": 0, "opens": "09:00", "closes": "17:00"}],
        "holidays": {"country": "US", "region": "New York"},
    }

    put = _put(world, "/v1/calendars/east", calendar)

    assert put.status == 201, put.body
    assert put.body["holidays"]["region"] == "NY"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"region": "illinois"}, (200, "IL")),
        ({"postal_code": "60601"}, (200, "IL")),
        ({"region": "Atlantis"}, (422, [("/region", "unknown-region")])),
        ({"region": "NY", "postal_code": "60601"}, (422, [("/region", "contradicts-postal-code")])),
    ],
)
def test_a_node_gets_the_region_that_it_names_or_that_its_postal_code_has(world: World, said: Any, answer: Any):
    node = world.call("GET", "/v1/nodes/dc-1", who="office").body
    doc = {name: value for name, value in node.items() if name not in ("id", "version", "region")}

    put = _put(world, "/v1/nodes/dc-1", doc | said)

    assert (put.status, put.body["region"] if put.status == 200 else put.errors) == answer
