"""People sign in to the console by clients of their own, and the firewall knows the calls of rooms."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from comanda.aws.api.routes import SCOPES
from comanda.aws.api_client.firewall import HEADER
from functions.console import addresses
from infra import names
from infra.npm_assets import CONSOLE, files_of
from tests.infra.templates import Templates, text


def _clients(templates: Templates) -> dict[str, dict[str, Any]]:
    found = [c.properties for c in templates.all("AWS::Cognito::UserPoolClient") if c.stack == "gateway"]
    return {client["ClientName"]: client for client in found}


def _parameters(templates: Templates) -> dict[str, str]:
    return {
        p.properties["Name"].rsplit("/", 1)[1]: text(p.properties["Value"])
        for p in templates.all("AWS::SSM::Parameter")
        if p.stack == "gateway"
    }


def test_people_sign_in_by_the_hosted_page_only(templates: Templates) -> None:
    clients = _clients(templates)

    assert set(clients) == {"console", "console-admin"}
    for client in clients.values():
        assert client["AllowedOAuthFlows"] == ["code"]
        assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
        assert client["GenerateSecret"] is True
        assert client["EnableTokenRevocation"] is True
        assert client["PreventUserExistenceErrors"] == "ENABLED"


def test_an_access_token_of_a_person_lasts_fifteen_minutes_and_a_sign_in_twelve_hours(templates: Templates) -> None:
    for client in _clients(templates).values():
        assert client["TokenValidityUnits"] == dict.fromkeys(("AccessToken", "IdToken", "RefreshToken"), "minutes")
        assert (client["AccessTokenValidity"], client["RefreshTokenValidity"]) == (15, 12 * 60)


def test_only_the_second_client_may_administer_applications(templates: Templates) -> None:
    scopes = {name: set(client["AllowedOAuthScopes"]) for name, client in _clients(templates).items()}

    assert scopes["console-admin"] - scopes["console"] == {"clients/admin"}
    assert scopes["console"] <= {*SCOPES, "openid", "email", "profile"}
    assert {"orders/read", "fulfillments/work", "openid"} <= scopes["console"]


def test_the_sign_in_page_leads_back_to_the_published_address_of_the_console(templates: Templates) -> None:
    published = _parameters(templates)

    assert published[names.CONSOLE_URL] == f"{published[names.API_URL]}/console"
    for client in _clients(templates).values():
        assert [text(url) for url in client["CallbackURLs"]] == [f"{published[names.CONSOLE_URL]}/signed-in"]
        assert [text(url) for url in client["LogoutURLs"]] == [f"{published[names.CONSOLE_URL]}/signed-out"]


def test_addresses_are_https_on_aws_and_of_the_embedded_aws_on_a_laptop(stages: dict[str, Templates]) -> None:
    api, sign_in = (
        {name: _parameters(templates)[parameter].split("${")[0] for name, templates in stages.items()}
        for parameter in (names.API_URL, names.SIGN_IN_URL)
    )

    assert api == {"local": "", "dev": "https://", "prod": "https://"}
    assert sign_in == {"local": "", "dev": "https://comanda-dev-", "prod": "https://comanda-prod-"}
    assert _parameters(stages["local"])[names.SIGN_IN_URL] == "${endpoint}"


def test_the_firewall_does_not_count_requests_that_carry_the_secret_of_the_rooms_that_serve_pages(
    prod: Templates,
) -> None:
    (acl,) = prod.all("AWS::WAFv2::WebACL")
    limit = next(rule for rule in acl.properties["Rules"] if rule["Name"] == "RequestsPerAddress")

    left_out = limit["Statement"]["RateBasedStatement"]["ScopeDownStatement"]
    match = left_out["NotStatement"]["Statement"]["ByteMatchStatement"]
    assert match["FieldToMatch"]["SingleHeader"]["Name"] == HEADER.lower()
    assert text(match["SearchString"]) == "{{resolve:secretsmanager:${firewallsecret}:SecretString:::}}"
    assert match["PositionalConstraint"] == "EXACTLY"


def test_the_console_may_read_the_parameters_that_it_asks_for() -> None:
    assert sorted(addresses.NAMES) == sorted(names.OF_THE_CONSOLE)


def test_the_console_waits_for_others_so_its_runs_are_kept_apart_where_people_use_it(
    stages: dict[str, Templates],
) -> None:
    kept = {
        name: {
            room: function.properties["ReservedConcurrentExecutions"]
            for room, function in templates.functions().items()
            if "ReservedConcurrentExecutions" in function.properties
        }
        for name, templates in stages.items()
    }

    assert kept == {"local": {}, "dev": {"console": 10}, "prod": {"console": 100}}


def test_the_console_ships_with_the_scripts_of_others_and_without_their_pins(packaged: Callable[[str], Path]) -> None:
    package = packaged("console") / "functions" / "console"

    assert all((package / "static" / "vendor" / name).is_file() for name in files_of(CONSOLE)[1])
    assert not list(package.glob("*.json"))
