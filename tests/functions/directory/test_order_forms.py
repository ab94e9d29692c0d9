"""The order forms of channels and the prices of products: what is refused, and which callers see them."""

from typing import Any

import pytest

from tests.functions.world import World, usd

FORM: dict[str, Any] = {
    "enabled": True,
    "titles": {"en-US": "Order here", "es": "Haga su pedido"},
    "countries": ["US"],
    "currency": "USD",
    "tax_rate": "0.0825",
    "prices_include_tax": False,
    "shipping": {"STANDARD": usd(599), "EXPRESS": usd(0)},
    "payment_notes": {"es": "Le enviamos un enlace."},
}
CHANNEL = {"name": "Web shop", "currencies": ["USD", "EUR"], "countries": ["US", "CA"], "locales": ["en-US"]}
TEA = {"title": "Tea", "weight_g": 100, "class": "AMBIENT"}


def put(world: World, place: str, doc: dict[str, Any]) -> Any:
    return world.call("PUT", f"/v1/{place}", doc, who="office")


def test_a_channel_keeps_its_order_form_and_its_own_callers_see_it(world: World):
    assert put(world, "channels/web", {**CHANNEL, "order_form": FORM}).status < 300

    for who in ("form", "shop", "office"):
        assert world.call("GET", "/v1/channels/web", who=who).body["order_form"] == FORM
    assert world.call("GET", "/v1/channels/web", who="other-shop").status == 404


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        (
            {"currency": "BRL", "shipping": {"STANDARD": {"amount": 5, "currency": "BRL"}}},
            "/order_form/currency",
            "not-of-the-channel",
        ),
        ({"countries": ["US", "BR"]}, "/order_form/countries/1", "not-of-the-channel"),
        ({"countries": []}, "/order_form/countries", "too-short"),
        ({"countries": ["US", "US"]}, "/order_form/countries", "named-twice"),
        (
            {"shipping": {"STANDARD": {"amount": 5, "currency": "EUR"}}},
            "/order_form/shipping/STANDARD/currency",
            "mixed-currencies",
        ),
        ({"shipping": {}}, "/order_form/shipping", "too-short"),
        ({"shipping": {"DRONE": usd(1)}}, "/order_form/shipping/DRONE", "literal-error"),
        ({"titles": {"fr-FR": "Commander ici"}}, "/order_form/titles/fr-FR", "literal-error"),
        ({"titles": {}}, "/order_form/titles", "too-short"),
        ({"titles": {"en-US": " "}}, "/order_form/titles/en-US", "string-too-short"),
        ({"payment_notes": {"pt-BR": "Pague."}}, "/order_form/payment_notes/pt-BR", "not-of-the-form"),
        ({"payment_notes": {"es": "x" * 501}}, "/order_form/payment_notes/es", "string-too-long"),
        ({"tax_rate": "8.25"}, "/order_form/tax_rate", "value-error"),
        ({"tax_rate": "8,25 %"}, "/order_form/tax_rate", "string-pattern-mismatch"),
        ({"tax_rate": 0.0825}, "/order_form/tax_rate", "string-type"),
        ({"discount": 1}, "/order_form/discount", "extra-forbidden"),
    ],
)
def test_a_form_that_does_not_fit_its_channel_is_refused_by_its_field(
    world: World, change: dict[str, Any], pointer: str, code: str
):
    refused = put(world, "channels/web", {**CHANNEL, "order_form": {**FORM, **change}})

    assert (refused.status, refused.errors) == (422, [(pointer, code)])


@pytest.mark.parametrize(
    ("prices", "pointer", "code"),
    [
        ({"web": usd(0)}, "/prices/web/amount", "not-positive"),
        ({"web": usd(-5)}, "/prices/web/amount", "greater-than-equal"),
        ({"web": {"amount": 5, "currency": "BRL"}}, "/prices/web/currency", "not-of-the-channel"),
        ({"nowhere": usd(5)}, "/prices/nowhere", "unknown-channel"),
        ({}, "/prices", "too-short"),
        ({f"shop-{n}": usd(5) for n in range(21)}, "/prices", "too-long"),
        ({"web": usd(5), " web ": usd(6)}, "/prices", "named-twice"),
        ({"web": 649}, "/prices/web", "model-type"),
    ],
)
def test_a_price_that_no_form_could_show_is_refused_by_its_field(world: World, prices: Any, pointer: str, code: str):
    put(world, "channels/web", CHANNEL)

    refused = put(world, "products/TEA-001", {**TEA, "prices": prices})

    assert (refused.status, refused.errors) == (422, [(pointer, code)])


def test_a_channel_sees_the_prices_of_its_own_form_alone(world: World):
    put(world, "channels/web", CHANNEL)
    put(world, "channels/outlet", CHANNEL)
    prices = {"web": usd(649), "outlet": usd(399)}
    assert put(world, "products/TEA-001", {**TEA, "prices": prices}).status < 300

    seen = {}
    for who in ("office", "sales", "shop", "form", "other-shop", "dc-1-system", "acme", "picker"):
        one = world.call("GET", "/v1/products/TEA-001", who=who).body
        page = world.call("GET", "/v1/products", who=who, query={"prefix": "TEA-001"}).body
        assert page["items"] == [one]
        seen[who] = one.get("prices")

    assert seen == {
        "office": prices,
        "sales": prices,
        "shop": {"web": usd(649)},
        "form": {"web": usd(649)},
        "other-shop": {"outlet": usd(399)},
        "dc-1-system": None,
        "acme": None,
        "picker": None,
    }
