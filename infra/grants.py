"""
Allow a role a list of actions without wildcards, and name the lists that are used more than once.

The CDK's own `grant_read_write_data` also allows scans, batch writes and `kms:ReEncrypt*`; a room gets only what it calls.

Called by   the stacks and the constructs
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # tests read the lists without the CDK, which starts Node
    from aws_cdk import aws_iam as iam

# DynamoDB and S3 use a customer managed key in the name of the caller.
DECRYPT = ("kms:Decrypt", "kms:DescribeKey")
ENCRYPT = (*DECRYPT, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")

STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")

# Every action on a key, spelled out: the account's administrators may do them by their own IAM policies.
KEY_ADMINISTRATION = tuple(
    f"kms:{action}"
    for action in (
        "CancelKeyDeletion",
        "CreateAlias",
        "CreateGrant",
        "Decrypt",
        "DeleteAlias",
        "DescribeKey",
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListGrants",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListResourceTags",
        "PutKeyPolicy",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
        "RevokeGrant",
        "RotateKeyOnDemand",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
    )
)


def allow(grantee: "iam.IGrantable", actions: Sequence[str], *resources: str) -> None:
    """Add one statement to the grantee's own role."""
    from aws_cdk import aws_iam as iam

    grantee.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(actions=list(actions), resources=list(resources))
    )
