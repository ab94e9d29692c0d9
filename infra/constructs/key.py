"""
Make a customer managed key that is rotated each year. Only this account's policies and the named AWS services may use it.

Called by   infra/data_stack.py
"""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.grants import KEY_ADMINISTRATION


class Key(kms.Key):
    """A key. `services` are AWS services that publish into encrypted queues and topics in their own name."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alias: str,
        description: str,
        keep: bool,
        services: Sequence[str] = (),
    ) -> None:
        statements = [
            iam.PolicyStatement(
                sid="AccountAdministration",
                actions=list(KEY_ADMINISTRATION),
                principals=[iam.AccountRootPrincipal()],
                resources=["*"],
            )
        ]
        statements += [
            iam.PolicyStatement(
                sid=service.split(".")[0].capitalize(),
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                principals=[iam.ServicePrincipal(service)],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
            for service in services
        ]
        removal: Any = RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY
        super().__init__(
            scope,
            construct_id,
            alias=alias,
            description=description,
            enable_key_rotation=True,
            removal_policy=removal,
            policy=iam.PolicyDocument(statements=statements),
        )
