"""Stages differ in data only, and the printed list of their differences is complete."""

import ast
import re
from dataclasses import replace

from infra.difference import compare, lines, read
from infra.package import ROOT
from infra.rooms import ROOMS
from infra.stages import LOCAL, STAGES
from tests.infra.templates import Templates


def test_nothing_outside_the_stages_asks_which_stage_it_is_in() -> None:
    asking = []
    for file in (ROOT / "infra").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and ast.unparse(node.left).endswith("stage.name"):
                asking.append(f"{file.name}:{node.lineno}")
            if file.name != "stages.py" and isinstance(node, ast.Constant) and node.value in STAGES:
                asking.append(f"{file.name}:{node.lineno}")

    assert asking == []


def test_a_cell_is_in_every_order_id_so_its_name_is_short_and_its_own() -> None:
    for stage in STAGES.values():
        assert all(re.fullmatch(r"[a-z0-9]{2,8}", cell.name) for cell in stage.cells)
        assert (
            len({cell.name for cell in stage.cells}) == len({cell.region for cell in stage.cells}) == len(stage.cells)
        )


def test_resources_that_the_embedded_aws_lacks_are_left_out_and_listed(stages: dict[str, Templates]) -> None:
    kinds = {resource.kind for resource in stages["local"].all()}

    assert not kinds & set(LOCAL.lacks)
    assert all(len(loss) > 10 for loss in LOCAL.lacks.values())


def test_a_stage_compared_with_itself_has_no_difference(stages: dict[str, Templates]) -> None:
    local = read(LOCAL, stages["local"].folder)

    assert compare(local, local) == []


def test_the_regions_of_a_stage_are_the_same_but_for_their_names(stages: dict[str, Templates]) -> None:
    prod = STAGES["prod"]
    both = [read(replace(prod, cells=(cell,)), stages["prod"].folder) for cell in prod.cells]

    assert {(d.kind, d.property, d.left, d.right) for d in compare(*both)} == {
        ("AWS::Lambda::Function", "Environment.Variables.CELL", "us1", "br1")
    }


def test_local_and_prod_differ_in_what_the_stages_say_and_nothing_else(stages: dict[str, Templates]) -> None:
    found = compare(read(LOCAL, stages["local"].folder), read(STAGES["prod"], stages["prod"].folder))

    assert {(difference.kind.removeprefix("AWS::"), difference.property) for difference in found} == {
        # the host's processor
        ("Lambda::Function", "Architectures"),
        ("Lambda::LayerVersion", "CompatibleArchitectures"),
        # data is kept
        *((kind, f"{policy}Policy") for policy in ("Deletion", "UpdateReplace") for kind in (
            "DynamoDB::Table", "S3::Bucket", "KMS::Key", "Cognito::UserPool", "SecretsManager::Secret")),
        ("DynamoDB::Table", "DeletionProtectionEnabled"),
        ("DynamoDB::Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
        ("Cognito::UserPool", "DeletionProtection"),
        ("S3::Bucket", "LifecycleConfiguration.Rules"),
        ("Logs::LogGroup", "RetentionInDays"),
        # plain http is refused
        ("S3::BucketPolicy", ""),
        ("S3::BucketPolicy", "PolicyDocument.Statement"),
        ("SNS::TopicPolicy", "PolicyDocument.Statement"),
        ("SQS::QueuePolicy", ""),
        ("SQS::QueuePolicy", "PolicyDocument.Statement"),
        # the rights to answer tasks and to mail; the subscriber of the alarms
        ("IAM::Policy", "PolicyDocument.Statement"),
        ("SNS::Subscription", ""),
        # resources that the embedded AWS lacks
        ("Events::Archive", ""),
        ("WAFv2::WebACL", ""),
        ("WAFv2::WebACLAssociation", ""),
        # where the API and the sign-in page are
        ("Cognito::UserPoolClient", "CallbackURLs"),
        ("Cognito::UserPoolClient", "LogoutURLs"),
        ("SSM::Parameter", "Value"),
        # how often, how much
        ("Lambda::Function", "ReservedConcurrentExecutions"),
        ("ApiGateway::Stage", "MethodSettings"),
        ("Scheduler::Schedule", "ScheduleExpression"),
        ("Scheduler::Schedule", "Target.RetryPolicy.MaximumEventAgeInSeconds"),
    }  # fmt: skip
    assert [d.where for d in found if d.kind == "AWS::IAM::Policy"] == [
        "ConsoleRole/DefaultPolicy",
        "Order_formRole/DefaultPolicy",  # it mails visitors without a script their link
        "ConductRole/DefaultPolicy",
        "NotifyRole/DefaultPolicy",
    ]


def test_a_difference_of_many_resources_is_one_line(stages: dict[str, Templates]) -> None:
    found = compare(read(LOCAL, stages["local"].folder), read(STAGES["prod"], stages["prod"].folder))

    printed = list(lines(found, "local", "prod"))

    (architectures,) = [line for line in printed if "Architectures" in line and "Function" in line]
    assert architectures.endswith(f"and {len(ROOMS) - 3} more]")
    assert len(printed) < len(found)
