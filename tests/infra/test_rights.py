"""The templates grant least privilege. Only AWS itself enforces the machines' roles, so these tests check them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra import names
from infra.definitions import rooms_of
from infra.grants import ENCRYPT
from infra.package import ROOT
from infra.rights import QUERY, RIGHTS
from infra.rooms import LINK_KEY_ARN, ROOMS, SECRET_ARN
from tests.infra import reach
from tests.infra.templates import Resource, Templates

TABLES = {
    "orderstable": "Orders",
    "stocktable": "Stock",
    "directorytable": "Directory",
    "customerstable": "Customers",
    "sessionstable": "Sessions",
    "formstable": "Forms",
}
SETTINGS = {
    names.ORDERS: "orders_table",
    names.STOCK: "stock_table",
    names.DIRECTORY: "directory_table",
    names.CUSTOMERS: "customers_table",
    names.SESSIONS: "sessions_table",
    names.FORMS: "forms_table",
}
READING = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}

# As the design draws it: r reads, w reads and writes. The exact operations are in infra/rights.py.
MAY_TOUCH = {
    "intake": {"Orders": "w", "Stock": "w", "Directory": "r", "Customers": "w"},
    "customers": {"Orders": "w", "Directory": "r", "Customers": "w"},
    "fulfill": {"Orders": "w", "Stock": "w", "Directory": "w"},
    "tracking": {"Orders": "w", "Directory": "r"},
    "cases": {"Orders": "w", "Directory": "r", "Customers": "w"},
    "erase": {"Orders": "w", "Directory": "r", "Customers": "w"},
    "documents": {"Orders": "w", "Stock": "r", "Directory": "r", "Customers": "w"},
    "stock": {"Stock": "w", "Directory": "r"},
    "drafts": {"Orders": "w", "Stock": "w", "Directory": "r", "Customers": "w"},
    "promise": {"Stock": "w", "Directory": "r"},
    "availability": {"Stock": "r", "Directory": "r"},
    "notices": {"Orders": "w"},
    "gift_cards": {"Orders": "w", "Directory": "r"},
    "credit_accounts": {"Orders": "w", "Directory": "r"},
    "books": {"Orders": "w", "Directory": "r"},
    "credit": {"Orders": "w", "Directory": "r", "Customers": "w"},
    "reserve": {"Stock": "w", "Directory": "r"},
    "directory": {"Directory": "w"},
    "people": {"Directory": "w", "Sessions": "w"},
    "planning": {"Orders": "r", "Stock": "r", "Directory": "w"},
    "outages": {"Directory": "w"},
    "order_form": {"Forms": "w"},
    "selfservice": {"Orders": "w", "Stock": "w", "Directory": "r", "Customers": "r"},
    "console": {"Sessions": "w"},
    "inbox": {"Orders": "w", "Stock": "w", "Directory": "w"},
    "route": {"Orders": "w", "Stock": "w", "Directory": "r"},
    "wait": {"Orders": "w"},
    "release": {"Orders": "w"},
    "invoice": {"Orders": "w", "Directory": "r", "Customers": "w"},
    "number": {"Orders": "w", "Directory": "w"},
    "taxes": {"Orders": "w", "Customers": "r", "Directory": "r"},
    "notify": {"Orders": "w", "Customers": "r", "Directory": "r"},
    "conduct": {"Orders": "w"},
    "relay": {"Orders": "w"},
    "sweep": {"Orders": "w", "Stock": "w", "Directory": "r"},
    "watch": {"Stock": "w", "Directory": "r"},
    "daily": {"Stock": "w", "Directory": "w"},
    "replenish": {"Orders": "w", "Stock": "w", "Directory": "r"},
    "price": {"Orders": "r", "Stock": "w", "Directory": "r"},
    "wave": {"Orders": "w", "Stock": "w", "Directory": "r"},
    "tally": {"Orders": "w", "Directory": "r"},
    # Rows of units that wait for stock, when a payment holds them no more, and the type of holds of missing money.
    "pay": {"Orders": "w", "Stock": "w", "Directory": "r"},
    "reroute": {"Orders": "w", "Stock": "w", "Directory": "w"},
}


def _every_statement(templates: Templates) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Return the statements of identity policies and of resource policies."""
    for resource in templates.all():
        for name in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument"):
            for statement in resource.properties.get(name, {}).get("Statement", ()):
                yield resource, statement
        for policy in resource.properties.get("Policies", ()):
            if isinstance(policy, dict):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield resource, statement


def _actions(statement: dict[str, Any]) -> set[str]:
    actions = statement["Action"]
    return set(actions if isinstance(actions, list) else [actions])


def _own(templates: Templates, room: str) -> set[tuple[str, str]]:
    """Return each action that a room may do on each resource, without those that every room has for its logs and traces."""
    return {
        (action, resource)
        for statement in templates.rights(room)
        for action in statement["Action"]
        for resource in statement["Resource"]
        if not action.startswith(("logs:", "xray:"))
    }


def _services(templates: Templates, room: str) -> set[str]:
    return {action.split(":")[0] for statement in templates.rights(room) for action in statement["Action"]}


def test_nothing_is_allowed_by_an_action_with_a_wildcard(templates: Templates) -> None:
    allowed = [(resource.path, action) for resource, statement in _every_statement(templates)
               if statement["Effect"] == "Allow" for action in _actions(statement) if "*" in action]  # fmt: skip

    assert allowed == []


def test_a_wildcard_resource_is_granted_only_where_aws_has_no_narrower_one(on_aws: Templates) -> None:
    found = set()
    for resource, statement in _every_statement(on_aws):
        if resource.kind == "AWS::IAM::Policy" and statement["Resource"] == "*":
            found |= _actions(statement)

    assert {action for action in found if not action.startswith("logs:")} == {
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
    assert {action for action in found if action.startswith("logs:")} <= {
        "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
    }  # fmt: skip


def test_every_room_has_a_role_of_its_own(templates: Templates) -> None:
    roles = [json.dumps([function.stack, function.properties["Role"]]) for function in templates.functions().values()]

    assert len(set(roles)) == len(roles) == len(MAY_TOUCH)


def _on_tables(templates: Templates, room: str) -> Iterator[tuple[str, str, set[str]]]:
    """Return (table, index or "", actions) of each statement on a table."""
    for statement in templates.rights(room):
        for resource in statement["Resource"]:
            found = re.search(r"table/\$\{(\w+)\}(?:/index/(\w+))?$", resource)
            if found:
                yield TABLES[found[1]], found[2] or "", set(statement["Action"])


@pytest.mark.parametrize("room", sorted(MAY_TOUCH))
def test_a_room_touches_its_tables_as_the_design_draws_it_and_no_other(templates: Templates, room: str) -> None:
    may: dict[str, set[str]] = {}
    for table, _, actions in _on_tables(templates, room):
        may.setdefault(table, set()).update(actions)

    assert {table: "r" if actions <= READING else "w" for table, actions in may.items()} == MAY_TOUCH[room]


@pytest.mark.parametrize("room", sorted(MAY_TOUCH))
def test_nothing_is_granted_on_a_table_that_no_code_of_the_room_can_reach(room: str) -> None:
    reached = reach.of_room(room)

    granted = {
        (SETTINGS[table], operation) for table, access in RIGHTS[room].items() for operation in access.operations
    }

    assert granted <= reached.operations
    assert {f"GSI{number}" for access in RIGHTS[room].values() for number in access.indexes} <= reached.indexes


# Queries that reach finds, and that never happen.
NEVER = {
    "pay": {"GSI3"},  # it names no function of its own that has the name of one that queries
    "planning": {("orders_table", "Query")},  # its lists are of the directory
    "release": {("orders_table", "Query")},  # of plans, which a decision without stock has not
}


@pytest.mark.parametrize("room", sorted(MAY_TOUCH))
def test_every_query_of_tables_and_indexes_that_the_code_of_a_room_can_reach_is_granted(room: str) -> None:
    reached, rights = reach.of_room(room), RIGHTS[room]
    queries = {(SETTINGS[table], QUERY) for table in rights} & reached.operations
    granted = {(SETTINGS[table], QUERY) for table, access in rights.items() if QUERY in access.operations}
    indexes = {f"GSI{number}" for access in rights.values() for number in access.indexes}

    assert (queries - granted) | (reached.indexes - indexes) == NEVER.get(room, set())


@pytest.mark.parametrize("room", sorted(MAY_TOUCH))
def test_indexes_are_only_queried_and_one_by_one(prod: Templates, room: str) -> None:
    for _, index, actions in _on_tables(prod, room):
        assert not index or actions == {"dynamodb:Query"}
    assert not any("index/*" in resource for statement in prod.rights(room) for resource in statement["Resource"])


def test_only_conduct_speaks_to_step_functions(templates: Templates) -> None:
    assert [room for room in MAY_TOUCH if "states" in _services(templates, room)] == ["conduct"]


def test_conduct_starts_and_answers_the_two_machines_only(on_aws: Templates) -> None:
    rights = {action: statement["Resource"] for statement in on_aws.rights("conduct") for action in statement["Action"]}
    machines = [f"stateMachine:{names.machine(on_aws.stage, name)}" for name in names.MACHINES]

    assert {action for action in rights if action.startswith("states:")} == {
        "states:StartExecution", "states:SendTaskSuccess", "states:SendTaskFailure", "states:DescribeExecution",
    }  # fmt: skip
    for action in ("states:StartExecution", "states:SendTaskSuccess", "states:SendTaskFailure"):
        assert sorted(resource.split("AccountId}:")[1] for resource in rights[action]) == sorted(machines)


def test_a_rooms_other_rights_are_its_own(templates: Templates) -> None:
    who = {service: [room for room in MAY_TOUCH if service in _services(templates, room)] for service in
           ("ses", "cognito-idp", "events", "lambda", "s3", "sqs", "secretsmanager", "ssm", "sts", "iam")}  # fmt: skip

    assert who == {
        "ses": ["order_form", "notify"],
        "cognito-idp": ["directory", "people", "console"],
        "events": ["number", "relay", "watch"],
        # customers: notify; notices: pay; directory, drafts and intake: taxes
        "lambda": [
            "intake",
            "customers",
            "drafts",
            "notices",
            "directory",
            "inbox",
            "sweep",
            "daily",
            "pay",
            "reroute",
        ],
        "s3": [
            "intake",
            "erase",
            "documents",
            "directory",
            "inbox",
            "number",
            "taxes",
            "notify",
            "conduct",
            "relay",
            "sweep",
            "watch",
            "daily",
            "replenish",
            "price",
            "wave",
            "tally",
            "pay",
            "reroute",
        ],  # their files and documents; else the failures bucket
        "sqs": ["number", "taxes", "notify", "pay"],
        "secretsmanager": [
            room
            for room in MAY_TOUCH
            if not {SECRET_ARN, LINK_KEY_ARN}.isdisjoint(ROOMS[room].settings)
            or room in ("order_form", "console", "notices", "pay", "taxes")
        ],
        "ssm": ["customers", "documents", "drafts", "order_form", "console", "notify"],
        "sts": [],
        "iam": [],
    }


def test_sessions_and_their_key_are_open_to_the_console_and_to_the_room_that_signs_people_out(
    templates: Templates,
) -> None:
    may = [room for room in MAY_TOUCH if any(
        "sessions" in resource for statement in templates.rights(room) for resource in statement["Resource"])]  # fmt: skip

    assert may == ["people", "console"]


def test_the_console_has_no_right_on_anything_but_sessions_and_its_own_sign_in(on_aws: Templates) -> None:
    here = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"
    own = _own(on_aws, "console")

    assert own == {
        *((f"dynamodb:{verb}Item", here % ("dynamodb", "table/${sessionstable}"))
          for verb in ("Get", "Put", "Update", "Delete")),
        *((action, "${sessionskey}") for action in ENCRYPT),
        *(("ssm:GetParameters", here % ("ssm", f"parameter{names.parameter(on_aws.stage, name)}"))
          for name in names.OF_THE_CONSOLE),
        ("cognito-idp:DescribeUserPoolClient", here % ("cognito-idp", "userpool/${userpool}")),
        ("secretsmanager:GetSecretValue", "${firewallsecret}"),
    }  # fmt: skip


def test_the_key_of_links_is_open_to_the_rooms_that_make_and_check_them(on_aws: Templates) -> None:
    may = [room for room in MAY_TOUCH if any("${linkkey}" in rule["Resource"] for rule in on_aws.rights(room))]

    assert may == ["customers", "cases", "documents", "drafts", "selfservice", "notify"]
    assert ("secretsmanager:GetSecretValue", "${linkkey}") in _own(on_aws, "selfservice")
    assert not any(action.startswith(("ssm:", "ses:", "s3:", "lambda:")) for action, _ in _own(on_aws, "selfservice"))


def test_the_order_form_has_no_right_on_anything_but_its_table_its_secrets_and_its_mails(on_aws: Templates) -> None:
    here = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"

    own = _own(on_aws, "order_form")

    form_secrets = here % ("secretsmanager", f"secret:{names.form_secrets(on_aws.stage)}*")
    sender = on_aws.stage.mail_domain or on_aws.stage.mail_sender
    assert own == {
        *((f"dynamodb:{verb}Item", here % ("dynamodb", "table/${formstable}")) for verb in ("Get", "Update")),
        *((action, "${key}") for action in ENCRYPT),
        *(("secretsmanager:GetSecretValue", secret) for secret in (form_secrets, "${formkey}", "${firewallsecret}")),
        *(("ssm:GetParameter", here % ("ssm", f"parameter{names.parameter(on_aws.stage, name)}"))
          for name in (names.API_URL, names.SIGN_IN_URL)),
        ("ses:SendEmail", here % ("ses", f"identity/{sender}")),
        ("ses:SendEmail", here % ("ses", f"configuration-set/{names.configuration_set(on_aws.stage)}")),
    }  # fmt: skip


def test_personal_data_is_open_to_eleven_rooms_only(templates: Templates) -> None:
    may = [room for room in MAY_TOUCH if any(
        "customers" in resource for statement in templates.rights(room) for resource in statement["Resource"])]  # fmt: skip

    assert may == [
        "intake", "customers", "cases", "erase", "documents", "drafts", "credit", "selfservice", "invoice", "taxes", "notify",
    ]  # fmt: skip


def test_the_bucket_of_documents_is_open_to_their_room_and_to_the_one_that_erases_alone(
    templates: Templates,
) -> None:
    may = {
        room: {
            (action, resource)
            for statement in templates.rights(room)
            for action in statement["Action"]
            for resource in statement["Resource"]
            if "documentsbucket" in resource or ("customerskey" in resource and room == "documents")
        }
        for room in MAY_TOUCH
    }

    bucket = "arn:${AWS::Partition}:s3:::${documentsbucket}"
    objects = f"{bucket}/*"
    assert {room: rights for room, rights in may.items() if rights} == {
        "erase": {("s3:ListBucketVersions", bucket), ("s3:DeleteObjectVersion", objects)},
        "documents": {
            *((action, "${customerskey}") for action in ENCRYPT),
            *((f"s3:{verb}", objects) for verb in ("GetObject", "PutObject", "PutObjectTagging")),
        },
    }


@pytest.mark.parametrize("name", names.MACHINES)
def test_a_machine_may_invoke_exactly_the_rooms_that_its_file_names(templates: Templates, name: str) -> None:
    definition = (ROOT / "statemachines" / f"{name}.asl.json").read_text(encoding="utf-8")
    machine = next(
        m for m in templates.all("AWS::StepFunctions::StateMachine") if m.properties["StateMachineName"].endswith(name)
    )

    statements = templates.statements(machine.properties["RoleArn"]["Fn::GetAtt"][0], "flow")

    invoked = [resource for s in statements if "lambda:InvokeFunction" in s["Action"] for resource in s["Resource"]]
    assert {resource.rsplit(":", 1)[1] for resource in invoked} == {
        names.function(templates.stage, room) for room in rooms_of(definition)
    }
    assert {action.split(":")[0] for s in statements for action in s["Action"]} == {"lambda", "logs"}


@pytest.mark.parametrize("name", names.MACHINES)
def test_a_machine_has_no_placeholder_left(templates: Templates, name: str) -> None:
    machine = next(
        m for m in templates.all("AWS::StepFunctions::StateMachine") if m.properties["StateMachineName"].endswith(name)
    )
    definition = machine.properties["DefinitionString"]
    parts = definition["Fn::Join"][1] if isinstance(definition, dict) else [definition]

    assert "${" not in "".join(part for part in parts if isinstance(part, str))
    assert machine.properties["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_a_schedule_may_invoke_its_own_room_only(templates: Templates) -> None:
    for schedule in templates.all("AWS::Scheduler::Schedule"):
        statements = templates.statements(schedule.properties["Target"]["RoleArn"]["Fn::GetAtt"][0], "flow")

        invoked = [resource for s in statements if "lambda:InvokeFunction" in s["Action"] for resource in s["Resource"]]
        assert [resource.rsplit(":", 1)[1] for resource in invoked] == [schedule.properties["Name"]]


def test_daily_may_invoke_itself_and_replenish(templates: Templates) -> None:
    (invoked,) = [s["Resource"] for s in templates.rights("daily") if "lambda:InvokeFunction" in s["Action"]]

    assert [resource.rsplit(":", 1)[1] for resource in invoked] == [
        names.function(templates.stage, room) for room in ("daily", "replenish")
    ]


def test_the_key_of_gift_cards_is_open_to_the_rooms_that_find_them(on_aws: Templates) -> None:
    may = [room for room in MAY_TOUCH if any("${giftcardkey}" in rule["Resource"] for rule in on_aws.rights(room))]

    # The last three mail, show and activate the cards that orders sell, whose codes are stored nowhere.
    assert may == ["intake", "gift_cards", "selfservice", "notify", "pay"]
