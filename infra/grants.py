"""
What a role may do, as lists of actions without a wildcard, and the statements that are made of them.

CDK's own `grant_read_write_data` and friends also allow scans, batch writes and `kms:ReEncrypt*`; a room gets what it calls.
"""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

# DynamoDB and S3 use a customer managed key in the name of the caller.
DECRYPT = ("kms:Decrypt", "kms:DescribeKey")
ENCRYPT = (*DECRYPT, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")

STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")

# What the account's administrators may do with a key, by their own IAM policies: everything, spelled out.
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


def allow(grantee: iam.IGrantable, actions: Sequence[str], *resources: str) -> None:
    """One statement on the grantee's own role."""
    grantee.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(actions=list(actions), resources=list(resources))
    )
