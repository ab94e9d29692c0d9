"""A stage's route for notices is registered once, and anew when the stage has forgotten the secret."""

import pytest

from local.stripe.registration import NotRegistered, register

ADDRESS = "http://127.0.0.1:9/v1/providers/stripe/events"


def test_a_route_is_registered_once(server, sdk) -> None:
    made = register(server.url, ADDRESS, "as it was made")
    assert made is not None
    assert made["secret"].startswith("whsec_")

    assert register(server.url, ADDRESS, f"the endpoint is {made['id']}") is None
    assert [one.url for one in sdk.webhook_endpoints.list().data] == [ADDRESS]


def test_a_route_whose_secret_is_forgotten_is_registered_anew(server, sdk) -> None:
    other = sdk.webhook_endpoints.create({"url": "http://127.0.0.1:9/other", "enabled_events": ["*"]})
    first, second = register(server.url, ADDRESS, ""), register(server.url, ADDRESS, "")

    assert first is not None
    assert second is not None
    assert first["secret"] != second["secret"]
    assert {one.id for one in sdk.webhook_endpoints.list().data} == {second["id"], other.id}


def test_an_address_of_another_machine_is_refused(server) -> None:
    with pytest.raises(NotRegistered, match="400"):
        register(server.url, "http://example.com/events", "")
