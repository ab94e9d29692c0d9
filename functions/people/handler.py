"""
Keep the people who work with the system: who they are, what they may do, their badges, and the devices that they share.

Called by   API Gateway: /v1/me*, /v1/people*, /v1/devices*, /v1/badges*
Returns     people, settings, devices; a secret with the answer to its POST only
Raises      no domain error: `comanda.aws.api.http` answers each with a problem
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.resolver import Response
from comanda.aws.runtime.room import room
from functions.people import accounts, devices, own

app = http.door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.get("/v1/me")
def get_me() -> Response[str]:
    return own.show(app.current_event.raw_event)


@app.put("/v1/me/settings")
def put_settings() -> Response[str]:
    return own.put_settings(app.current_event.raw_event)


@app.post("/v1/people")
def post_person() -> Response[str]:
    return accounts.invite(app.current_event.raw_event)


@app.get("/v1/people")
def list_people() -> Response[str]:
    return accounts.list_people(app.current_event.raw_event)


@app.get("/v1/people/<person_id>")
def get_person(person_id: str) -> Response[str]:
    return accounts.show(app.current_event.raw_event, person_id)


@app.put("/v1/people/<person_id>")
def put_person(person_id: str) -> Response[str]:
    return accounts.put(app.current_event.raw_event, person_id)


@app.delete("/v1/people/<person_id>")
def delete_person(person_id: str) -> Response[str]:
    return accounts.remove(app.current_event.raw_event, person_id)


@app.post("/v1/people/<person_id>/invite")
def invite_person_again(person_id: str) -> Response[str]:
    return accounts.invite_again(app.current_event.raw_event, person_id)


@app.post("/v1/people/<person_id>/sign-out")
def sign_person_out(person_id: str) -> Response[str]:
    return accounts.sign_out(app.current_event.raw_event, person_id)


@app.post("/v1/devices")
def post_device() -> Response[str]:
    return devices.enrol(app.current_event.raw_event)


@app.get("/v1/devices")
def list_devices() -> Response[str]:
    return devices.list_devices(app.current_event.raw_event)


@app.delete("/v1/devices/<device_id>")
def delete_device(device_id: str) -> Response[str]:
    return devices.revoke(app.current_event.raw_event, device_id)


@app.post("/v1/badges")
def post_badge() -> Response[str]:
    return devices.make_badge(app.current_event.raw_event)


@app.post("/v1/badges/open")
def open_badge() -> Response[str]:
    return devices.open_badge(app.current_event.raw_event)


@app.delete("/v1/badges/<person_id>")
def delete_badge(person_id: str) -> Response[str]:
    return devices.revoke_badge(app.current_event.raw_event, person_id)


@app.post("/v1/badges/<person_id>/unlock")
def unlock_badge(person_id: str) -> Response[str]:
    return devices.unlock_badge(app.current_event.raw_event, person_id)
