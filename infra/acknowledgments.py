"""
List every finding of cdk-nag that stays, with its reason. No other finding is suppressed anywhere.

Called by   infra/app.py. Tests check the rest: which statements may name `*` as their resource, that no action is `*`, and
            that every asynchronous hop has its failure path.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra import names
from infra.stages import Stage

if TYPE_CHECKING:  # tests read the list without the CDK, which starts Node
    import aws_cdk as cdk

APPS = ("api", "flow")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, with the finding in brackets where it reports several; the stacks that keep it; and the reason."""

    rule: str
    stacks: tuple[str, ...]
    reason: str


FINDINGS = (
    Finding("AwsSolutions-COG2", ("data",), "Clients have no second factor; people may use one, and enterprises bring their own identity provider, which decides."),
    Finding("AwsSolutions-COG8", ("data",), "The plus plan is paid for each user; nobody can sign up by himself, and the clients are machines."),
    Finding("AwsSolutions-SMG4", ("data",), "Rotated by itself, the secret of customers would no longer find them, and that of lists would end cursors and badges."),
    Finding("Serverless-SNSRedrivePolicy", ("data",), "An alarm's e-mail that could not be sent is of no use later; the alarm's own state stays."),
    Finding("AwsSolutions-L1", APPS, "Python 3.13 on purpose: the version that every test ran on, and that the layer's bytecode is made for."),
    Finding("Serverless-LambdaLatestVersion", APPS, "As AwsSolutions-L1."),
    Finding("Serverless-LambdaDLQ", APPS, "What is invoked asynchronously has a failure destination, which keeps more than a dead-letter queue; the others answer somebody who waits."),
    Finding("Serverless-EventBusDLQ", APPS, "Only the notices of new objects in the failures bucket have none: the object is the record, and the alarm counts the rule."),
    Finding("AwsSolutions-APIG2", ("gateway",), "Each door validates with its contract, names the field and answers problem+json; the gateway's validation does neither."),
    Finding("Serverless-APIGWXrayEnabled", ("gateway",), "A trace of the gateway keeps whole addresses, and the address of a customer's link opens an order. Each room is traced, without addresses."),
    Finding("AwsSolutions-APIG4", ("gateway",), "Health, the order forms and lookups of orders are open: they read nothing of anyone. The signature in a customer's link is its proof. The console's pages ask for a session themselves. A test holds every other method to its scopes."),
    Finding("AwsSolutions-COG4", ("gateway",), "As AwsSolutions-APIG4."),
    Finding("AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]", ("gateway",), "The account's role for the gateway's logs, with the policy that AWS keeps for it."),
    Finding("AwsSolutions-IAM5[Resource::*]", APPS, "Traces (xray:Put*) and the machines' log delivery know no narrower resource; a test allows `*` for nothing else."),
    Finding("AwsSolutions-SF2", ("flow",), "An execution's own history says more than a trace, and each room is traced."),
    Finding("Serverless-StepFunctionStateMachineXray", ("flow",), "As AwsSolutions-SF2."),
    Finding("AwsSolutions-SQS3", ("flow",), "These are the dead-letter queues of rules and of the schedule."),
    Finding("Serverless-SQSRedrivePolicy", ("flow",), "These are the dead-letter queues."),
    Finding("Serverless-LambdaEventSourceMappingDestination", ("flow",), "Lambda has none for queues: the queue of milestones has its own dead letters, after four tries."),
)  # fmt: skip

# Findings of a stage without TLS-only policies: the embedded AWS would enforce them on plain http.
PLAIN_HTTP = "Reached over plain http on 127.0.0.1 only; the stages on AWS deny it by policy."
WITHOUT_TLS = (
    Finding("AwsSolutions-S10", ("data",), PLAIN_HTTP),
    Finding("AwsSolutions-SNS3", ("data",), PLAIN_HTTP),
    Finding("AwsSolutions-SQS4", ("flow",), PLAIN_HTTP),
)
WITHOUT_WAF = (
    Finding(
        "AwsSolutions-APIG3",
        ("gateway",),
        "The stage takes no traffic from strangers; the stages that do have the firewall.",
    ),
)
WITHOUT_RECOVERY = (Finding("AwsSolutions-DDB3", ("data",), "The stage's data is seeded anew at will."),)


def apply(app: "cdk.App", stage: Stage) -> None:
    import aws_cdk as cdk

    for stack in app.node.children:
        if isinstance(stack, cdk.Stack):
            kind = stack.stack_name.removeprefix(f"{names.prefix(stage)}-")
            found = [
                cdk.Acknowledgment(id=finding.rule, reason=finding.reason)
                for finding in findings(stage)
                if kind in finding.stacks
            ]
            cdk.Validations.of(stack).acknowledge(*found)


def findings(stage: Stage) -> Iterator[Finding]:
    """Yield the findings that stay in the templates of a stage."""
    yield from FINDINGS
    yield from _folders(stage)
    if not stage.tls_only:
        yield from WITHOUT_TLS
    if not stage.waf:
        yield from WITHOUT_WAF
    if not stage.keep_data:
        yield from WITHOUT_RECOVERY


def _folders(stage: Stage) -> Iterator[Finding]:
    """Yield the findings about wildcards at the end of an ARN, where the last part is not known before it is made."""
    failures, files = (f"arn:<AWS::Partition>:s3:::{_parameter(stage, name)}" for name in (names.FAILURES, names.FILES))
    yield _wildcard(f"{failures}/aws/lambda/*", "Lambda chooses the name of a failure's object.", APPS)
    yield _wildcard(f"{files}/inbox/*", "Partners choose the names of their files.")
    for kind in ("settlements", "statements"):
        yield _wildcard(
            f"{files}/inbox/*/{kind}/*", "Reports of money are deleted, whoever brings them under any name."
        )
    yield _wildcard(f"{files}/outbox/*", "A receipt is named after the partner's file.")
    yield _wildcard(f"{failures}/files/*", "A notice is named after the hash of the file that it is about.")
    documents = f"arn:<AWS::Partition>:s3:::{_parameter(stage, names.DOCUMENTS)}"
    yield _wildcard(f"{documents}/*", "The key of a document is random.", ("api",))
    here = "<AWS::Region>:<AWS::AccountId>"
    secrets = f"arn:<AWS::Partition>:secretsmanager:{here}:secret:{names.form_secrets(stage)}*"
    yield _wildcard(secrets, "The secret of an order form is named after its channel.", ("api",))
    for table in (names.ORDERS, names.STOCK, names.DIRECTORY):
        stream = f"arn:<AWS::Partition>:dynamodb:{here}:table/{_parameter(stage, table)}/stream/*"
        yield _wildcard(stream, "Listing the streams of one table: its own are not known by name.", APPS)
    for machine in names.MACHINES:
        execution = f"arn:<AWS::Partition>:states:{here}:execution:{names.machine(stage, machine)}:*"
        yield _wildcard(execution, "Executions are named after orders and fulfillments.")


def _wildcard(resource: str, reason: str, stacks: tuple[str, ...] = ("flow",)) -> Finding:
    return Finding(f"AwsSolutions-IAM5[Resource::{resource}]", stacks, reason)


def _parameter(stage: Stage, name: str) -> str:
    """Return cdk-nag's spelling of a value from an SSM parameter: the template parameter that the CDK makes for it."""
    letters = "".join(letter for letter in names.parameter(stage, name) if letter.isalnum())
    return f"<SsmParameterValue{letters}C96584B6F00A464EAD1953AFF4B05118Parameter>"
