"""A person signs in by the hosted pages, and is signed out everywhere, changed and removed at once."""

import httpx

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from infra import names
from tests.system.people import exchange, invite, sign_in
from tests.system.world import PLAIN, DeployedWorld, eventually, together


def test_a_signed_in_person_has_the_rights_of_their_row_and_no_others(world: DeployedWorld):
    ana = sign_in(world, *invite(world, limits={"override_percent": 10}, locale="pt-BR"))

    me = ana.send("GET", "/v1/me").json()

    assert (me["id"], me["person"], me["kinds"], me["desks"]) == (ana.person_id, True, ["staff"], ["care"])
    assert me["limits"]["override_percent"] == 10
    assert me["settings"]["locale"] == "pt-BR"
    assert ana.send("GET", "/v1/queues").status_code == 200
    assert ana.send("GET", "/v1/people").status_code == 403
    assert ana.send("PUT", "/v1/me/settings", {"theme": "DARK"}).json()["theme"] == "DARK"


def test_people_who_are_signed_out_everywhere_or_removed_have_no_rights_a_minute_later(world: DeployedWorld):
    """Both wait until the rooms have forgotten the rights that they know, so they wait side by side."""
    together([lambda: _signed_out_everywhere(world), lambda: _removed(world)])


def _signed_out_everywhere(world: DeployedWorld) -> None:
    person_id, email = invite(world)
    ana = sign_in(world, person_id, email)
    assert ana.send("GET", "/v1/me").status_code == 200
    sessions = world.deployed[names.SESSIONS]
    for row in (keys.session("a1"), keys.session_of(person_id, "a1")):
        world.aws("dynamodb").put_item(TableName=sessions, Item=item(dict(row)))

    ended = world.office.post(f"/v1/people/{person_id}/sign-out", {})

    assert ended["sessions"] == 1
    assert "Item" not in world.aws("dynamodb").get_item(TableName=sessions, Key=item(dict(keys.session("a1"))))
    assert exchange(world, grant_type="refresh_token", refresh_token=ana.refresh).status_code == 400
    refused = eventually(lambda: _refused(ana.send("GET", "/v1/me"), 401), "the end of the access token")
    assert refused.json()["type"].endswith("signed-out")
    # A token says in which second its person signed in: that of the sign-out is over by then, or refused.
    eventually(lambda: sign_in(world, person_id, email).send("GET", "/v1/me").status_code == 200, "a new sign-in")


def _removed(world: DeployedWorld) -> None:
    person_id, email = invite(world, roles=["worker"], nodes=["dc-east"], desks=["lead"])
    lead = sign_in(world, person_id, email)
    secret = lead.send("POST", "/v1/devices", {"node_id": "dc-east", "name": "Handheld"}).json()["device_secret"]
    badge = lead.send("POST", "/v1/badges", {"pin": "4711"}).json()["badge"]
    scanned = {"device_secret": secret, "badge": badge, "pin": "4711"}
    assert _open(world, scanned).json() == {"person_id": person_id, "node_id": "dc-east"}
    assert _open(world, {**scanned, "pin": "4712"}).status_code == 403

    world.office.delete(f"/v1/people/{person_id}")

    assert _open(world, scanned).status_code == 403
    assert exchange(world, grant_type="refresh_token", refresh_token=lead.refresh).status_code == 400
    eventually(lambda: _refused(lead.send("GET", "/v1/me"), 403), "the end of the rights")
    assert world.office.send("GET", f"/v1/people/{person_id}").status_code == 404


def _open(world: DeployedWorld, scanned: dict[str, str]) -> httpx.Response:
    return httpx.post(f"{world.deployed.base_url}/v1/badges/open", json=scanned, **PLAIN)


def _refused(answer: httpx.Response, status: int) -> httpx.Response | None:
    assert answer.status_code in (200, status), answer.text
    return answer if answer.status_code == status else None
