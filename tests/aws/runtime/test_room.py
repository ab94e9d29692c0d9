"""Test that a room logs its errors as JSON, and passes them on without words of strangers."""

import json
import logging
import traceback
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from jinja2 import UndefinedError
from pydantic import BaseModel, TypeAdapter

from comanda.aws.runtime.room import Fault, logger, room
from comanda.aws.runtime.settings import MissingSetting
from comanda.domain.errors import NotFound, Settled, StaleOrder, Throttled

CANARY = "canary@nightingale.example"
ROOMS = sorted(path.parent.name for path in Path("functions").glob("*/handler.py"))


class Person(BaseModel):
    age: int


def refused_by_aws():
    raise ClientError(
        {
            "Error": {"Code": "MessageRejected", "Message": f"Email address is not verified: {CANARY}"},
            "CancellationReasons": [{"Code": "ConditionalCheckFailed", "Item": {"email": {"S": CANARY}}}],
        },
        "SendEmail",
    )


def refused_before_aws():
    raise ParamValidationError(report=f"Invalid type for parameter Destination, value: {CANARY}")


def refused_by_pydantic():
    Person.model_validate({"age": CANARY})


def refused_by_a_type():
    TypeAdapter(int).validate_python(CANARY)


def missing_in_a_template():
    raise UndefinedError(f"{CANARY!r} has no attribute 'name'")


def missing_key():
    {}[CANARY]


def not_a_number():
    int(CANARY)


def not_json():
    json.loads('{"a": 1', object_pairs_hook=lambda pairs: int(CANARY))


def not_text():
    (CANARY.encode() + b"\xff").decode()


def not_to_be_encoded():
    f"{CANARY}\ud800".encode()


def not_a_name_of_the_internet():
    f"{CANARY}..x".encode("idna")


def led_to_an_error_of_ours():
    try:
        missing_key()
    except KeyError as error:
        raise Throttled("KeyError") from error


def one_of_a_batch():
    try:
        refused_by_aws()
    finally:
        missing_key()


FAILURES = (
    refused_by_aws,
    refused_before_aws,
    refused_by_pydantic,
    refused_by_a_type,
    missing_in_a_template,
    missing_key,
    not_a_number,
    not_json,
    not_text,
    not_to_be_encoded,
    not_a_name_of_the_internet,
    led_to_an_error_of_ours,
    one_of_a_batch,
)


@pytest.fixture
def logged():
    stream = StringIO()
    (handler,) = (one for one in logging.getLogger(logger.name).handlers if isinstance(one, logging.StreamHandler))
    before = handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.setStream(before)


def failing(failure):
    @room
    def handler(event, _context):
        failure()

    return handler


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
def test_an_error_is_logged_as_json_and_leaves_its_room_without_a_strangers_words(failure, logged):
    with pytest.raises((Fault, Throttled)) as raised:
        failing(failure)({"order_id": "ord_1"}, None)

    (line,) = logged()
    assert (line["level"], line["message"], line["order_id"]) == ("ERROR", "failed", "ord_1")
    assert line["error"] == type(raised.value).__name__
    assert any(failure.__name__ in place for place in line["where"])
    shown = [json.dumps(line), str(raised.value), repr(raised.value), *traceback.format_exception(raised.value)]
    assert not [text for text in shown if CANARY in text.replace(f'"{CANARY}"', "")]


def test_an_error_of_aws_is_named_by_its_code_and_its_operation(logged):
    with pytest.raises(Fault, match=r"^AWS refused SendEmail$") as raised:
        failing(refused_by_aws)({}, None)

    assert type(raised.value).__name__ == "MessageRejected"
    (line,) = logged()
    assert (line["error"], line["operation"]) == ("MessageRejected", "SendEmail")


def test_a_missing_right_is_named_and_no_other_word_of_aws(logged):
    def denied():
        text = f"User: arn:aws:sts::1:assumed-role/{CANARY} is not authorized to perform: ses:SendEmail on {CANARY}"
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": text}}, "SendEmail")

    with pytest.raises(Fault, match=r"^AWS refused SendEmail: ses:SendEmail is not granted$"):
        failing(denied)({}, None)

    (line,) = logged()
    assert (line["error"], line["not_granted"]) == ("AccessDeniedException", "ses:SendEmail")
    assert CANARY not in json.dumps(line)


def test_the_errors_that_led_to_an_error_are_named(logged):
    with pytest.raises(KeyError):
        failing(one_of_a_batch)({}, None)

    assert logged()[0]["after"] == ["MessageRejected"]


@pytest.mark.parametrize("error", [NotFound("order", "ord_1"), StaleOrder("ord_1"), MissingSetting("ORDERS_TABLE")])
def test_an_error_of_this_project_leaves_its_room_as_it_is(error, logged):
    def failure():
        raise error

    with pytest.raises(type(error)) as raised:
        failing(failure)({}, None)

    assert raised.value is error
    assert logged()[0]["error"] == type(error).__name__


def test_an_edge_of_a_machine_is_not_logged(logged):
    def failure():
        raise Settled

    with pytest.raises(Settled):
        failing(failure)({}, None)

    assert logged() == []


@pytest.mark.parametrize("name", ROOMS)
def test_every_handler_is_decorated_with_room(name):
    assert import_module(f"functions.{name}.handler").handler.is_room
