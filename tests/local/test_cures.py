"""The embedded AWS behaves as AWS does in everything that Comanda relies on, seen from outside."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.local.world import EmbeddedWorld, eventually

pytestmark = pytest.mark.system


def executed(world: EmbeddedWorld, name: str, how: str) -> dict[str, Any]:
    machines = world.aws("stepfunctions")
    machines.start_execution(stateMachineArn=world["Machine"], name=name, input=json.dumps({"how": how}))
    arn = f"{world['Machine'].replace(':stateMachine:', ':execution:')}:{name}"

    def ended() -> dict[str, Any] | None:
        described: dict[str, Any] = machines.describe_execution(executionArn=arn)
        return described if described["status"] != "RUNNING" else None

    described: dict[str, Any] = eventually(ended)
    return described


def test_a_machine_catches_the_error_of_a_parking_function_by_the_name_of_its_class(world: EmbeddedWorld) -> None:
    described = executed(world, "caught", "raise")

    because = json.loads(described["output"])["because"]
    assert described["status"] == "SUCCEEDED"
    assert because["Error"] == "Settled"
    assert json.loads(because["Cause"])["errorMessage"] == "it is there already"


def test_a_waiting_task_goes_on_when_its_token_is_answered_and_only_once(world: EmbeddedWorld) -> None:
    machines, tables = world.aws("stepfunctions"), world.aws("dynamodb")
    machines.start_execution(stateMachineArn=world["Machine"], name="waits", input=json.dumps({"how": "wait"}))
    eventually(lambda: "waits" in world.sort_keys("TOKEN"))
    key = {"pk": {"S": "TOKEN"}, "sk": {"S": "waits"}}
    token = tables.get_item(TableName=world["Table"], Key=key)["Item"]["token"]["S"]

    machines.send_task_success(taskToken=token, output="{}")

    arn = f"{world['Machine'].replace(':stateMachine:', ':execution:')}:waits"
    eventually(lambda: machines.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    with pytest.raises(ClientError, match="TaskDoesNotExist"):
        machines.send_task_success(taskToken=token, output="{}")


def test_a_function_that_raises_keeps_its_process(world: EmbeddedWorld) -> None:
    errors = [
        json.loads(
            world.aws("lambda").invoke(FunctionName="probe-parking", Payload=b'{"how": "process"}')["Payload"].read()
        )
        for _ in range(2)
    ]

    assert [error["errorType"] for error in errors] == ["Settled", "Settled"]
    assert errors[0]["errorMessage"] == errors[1]["errorMessage"], "another process"


def test_a_poisoned_record_lands_in_the_failure_bucket_and_its_neighbours_are_delivered(world: EmbeddedWorld) -> None:
    for number in range(7):
        world.put("O#1", f"E#{'poison' if number == 3 else 'good'}{number}")
    world.put("O#1", "D#not an event")

    wanted = {f"read E#good{number}" for number in range(7) if number != 3}
    eventually(lambda: wanted <= set(world.sort_keys("READ")))
    bucket = world.aws("s3")
    entries = eventually(
        lambda: [
            entry
            for entry in bucket.list_objects_v2(Bucket="probe-failures").get("Contents", ())
            if "/async/" not in entry["Key"]
        ]
    )
    kept = json.loads(bucket.get_object(Bucket="probe-failures", Key=entries[0]["Key"])["Body"].read())
    (record,) = json.loads(kept["payload"])["Records"]
    assert record["dynamodb"]["NewImage"]["sk"]["S"] == "E#poison3"
    assert kept["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert not any("not an event" in row for row in world.sort_keys("READ"))


def test_a_reader_that_is_busy_keeps_no_other_from_its_records(world: EmbeddedWorld) -> None:
    world.put("O#slow", "E#until it is told")  # the first reader waits over it
    eventually(lambda: "E#until it is told" in world.sort_keys("SLEEPS"))

    world.put("O#slow", "E#beside")

    eventually(lambda: "quick E#beside" in world.sort_keys("READ"))
    assert not {"read E#until it is told", "read E#beside"} & set(world.sort_keys("READ"))
    world.put("TOLD", "go on")
    eventually(lambda: "read E#beside" in world.sort_keys("READ"))


def test_a_file_in_the_inbox_reaches_its_function_and_a_failing_one_the_dead_letters(world: EmbeddedWorld) -> None:
    for name in ("inbox/good.csv", "inbox/bad.csv", "elsewhere/other.csv"):
        world.aws("s3").put_object(Bucket="probe-files", Key=name, Body=b"row")

    eventually(lambda: "inbox/good.csv" in world.sort_keys("ARRIVAL"))
    assert eventually(lambda: "inbox/bad.csv" in dead_letters(world))
    assert "elsewhere/other.csv" not in world.sort_keys("ARRIVAL")


def test_an_asynchronous_call_that_was_given_up_is_kept_whole_in_its_bucket(world: EmbeddedWorld) -> None:
    world.aws("lambda").invoke(
        FunctionName="probe-hello", InvocationType="Event", Payload=json.dumps({"body": "fail", "look": ["o-1"]})
    )

    bucket, prefix = world.aws("s3"), "aws/lambda/async/probe-hello/"
    (entry,) = eventually(lambda: bucket.list_objects_v2(Bucket="probe-failures", Prefix=prefix).get("Contents"))
    kept = json.loads(bucket.get_object(Bucket="probe-failures", Key=entry["Key"])["Body"].read())
    assert kept["requestPayload"] == {"body": "fail", "look": ["o-1"]}
    assert (kept["requestContext"]["condition"], kept["requestContext"]["approximateInvokeCount"]) == (
        "RetriesExhausted",
        2,
    )
    assert kept["responsePayload"]["errorType"] == "ValueError"


def test_an_event_on_the_bus_becomes_a_mail_and_one_that_fails_twice_a_dead_letter(world: EmbeddedWorld) -> None:
    entries = [
        {"EventBusName": "probe", "Source": "s", "DetailType": kind, "Detail": json.dumps({"order": order})}
        for kind, order in (("received", "us1-1"), ("received", "bad"), ("other", "us1-2"))
    ]
    world.aws("events").put_events(Entries=entries)

    eventually(lambda: "us1-1" in [mail["Subject"] for mail in mails(world)])
    eventually(lambda: '"order": "bad"' in dead_letters(world))
    assert "us1-2" not in [mail["Subject"] for mail in mails(world)]


def test_two_hundred_simultaneous_calls_are_all_answered(world: EmbeddedWorld) -> None:
    client = world.aws("lambda")

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: client.invoke(FunctionName="probe-hello")["StatusCode"], range(200)))

    assert answers == [200] * 200


def test_the_rights_of_a_function_are_its_role_s_and_no_more(world: EmbeddedWorld) -> None:
    table, item = world["Table"], {"pk": {"S": "O#2"}, "sk": {"S": "#"}, "gsi1pk": {"S": "a"}, "gsi1sk": {"S": "b"}}
    put = {"Put": {"TableName": table, "Item": item}}
    check = {
        "ConditionCheck": {
            "TableName": table,
            "Key": {"pk": {"S": "x"}, "sk": {"S": "x"}},
            "ConditionExpression": "attribute_exists(pk)",
        }
    }
    by_index = {
        "TableName": table,
        "IndexName": "GSI1",
        "KeyConditionExpression": "gsi1pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
    }

    assert "refused" not in world.as_a_function("dynamodb", "transact_write_items", TransactItems=[put])
    assert "SecretString" in world.as_a_function("secretsmanager", "get_secret_value", SecretId=world["Secret"])
    for service, call, arguments, action in (
        ("dynamodb", "transact_write_items", {"TransactItems": [put, check]}, "dynamodb:ConditionCheckItem"),
        ("dynamodb", "query", by_index, "dynamodb:Query"),
        ("lambda", "invoke", {"FunctionName": "probe-reader"}, "lambda:InvokeFunction"),
        ("stepfunctions", "send_task_success", {"taskToken": "x", "output": "{}"}, "states:SendTaskSuccess"),
    ):
        refused = world.as_a_function(service, call, **arguments)
        assert refused["refused"] == "AccessDeniedException", call
        assert action in refused["message"]


def test_an_index_of_keys_only_answers_with_keys_only(world: EmbeddedWorld) -> None:
    world.put("O#3", "#", gsi1pk="keys", gsi1sk="1", doc="large")

    found = world.aws("dynamodb").query(
        TableName=world["Table"],
        IndexName="GSI1",
        KeyConditionExpression="gsi1pk = :p",
        ExpressionAttributeValues={":p": {"S": "keys"}},
    )["Items"]

    assert [set(item) for item in found] == [{"pk", "sk", "gsi1pk", "gsi1sk"}]


def test_a_token_opens_what_any_of_its_scopes_opens_and_nothing_else(world: EmbeddedWorld) -> None:
    pool = world.aws("cognito-idp")
    client = pool.describe_user_pool_client(UserPoolId=world["Pool"], ClientId=world["Client"])["UserPoolClient"]
    base = f"{world.instance.endpoint}/_aws/execute-api/{world['Api']}/v"
    with httpx.Client(timeout=60) as http:
        form = {"grant_type": "client_credentials"}
        credentials = (client["ClientId"], client["ClientSecret"])
        answer = http.post(f"{world.instance.endpoint}/oauth2/token", data=form, auth=credentials)
        header = {"Authorization": f"Bearer {answer.json()['access_token']}"}

        statuses = {
            method: http.request(method, f"{base}/orders", headers=header).status_code
            for method in ("POST", "GET", "PUT")
        }
        unknown = http.get(f"{base}/nothing", headers=header)
        failed = http.post(f"{base}/orders", headers=header, content="fail")
        stranger = http.post(f"{base}/orders")

    assert statuses == {"POST": 200, "GET": 200, "PUT": 401}
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    assert stranger.status_code == 401
    assert (failed.status_code, failed.headers["content-type"]) == (500, "application/problem+json")
    assert failed.json() == {"title": "Internal error", "status": 500}, "not a word of what the function raised"


def mails(world: EmbeddedWorld) -> list[dict[str, Any]]:
    told = httpx.get(f"{world.instance.endpoint}/_ministack/ses/messages").json()["messages"]
    return [mail for account in told.values() for mail in account]


def dead_letters(world: EmbeddedWorld) -> str:
    url = f"{world.instance.endpoint}/_ministack/sqs/messages"
    told: str = httpx.get(url, params={"QueueUrl": world["Dead"]}).text
    return told.replace('\\"', '"').replace('\\"', '"')
