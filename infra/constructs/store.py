"""
Make a table and a bucket that are encrypted with the given key, and retained where the stage says so.

Called by   infra/data_stack.py
"""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.stages import Stage

STRING = dynamodb.AttributeType.STRING


def removal(stage: Stage) -> RemovalPolicy:
    return RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY


class Table(dynamodb.Table):
    """A table with `pk`, `sk`, `ttl` and the indexes `GSI1..n`, keys only. comanda/aws/dynamodb/keys/ spells all keys."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        key: kms.IKey,
        indexes: int,
        stream: dynamodb.StreamViewType | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            partition_key=dynamodb.Attribute(name="pk", type=STRING),
            sort_key=dynamodb.Attribute(name="sk", type=STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=stage.keep_data
            ),
            deletion_protection=stage.keep_data,
            removal_policy=removal(stage),
            time_to_live_attribute="ttl",
            stream=stream,
        )
        for number in range(1, indexes + 1):
            self.add_global_secondary_index(
                index_name=f"GSI{number}",
                partition_key=dynamodb.Attribute(name=f"gsi{number}pk", type=STRING),
                sort_key=dynamodb.Attribute(name=f"gsi{number}sk", type=STRING),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )


class Bucket(s3.Bucket):
    """A private, versioned, encrypted bucket.

    `announces`: each new object is announced on the default event bus. `old_version_days`: the stage's days without it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        key: kms.IKey,
        logs: s3.IBucket,
        lifecycle: Sequence[s3.LifecycleRule],
        announces: bool = True,
        old_version_days: int | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=stage.tls_only,
            versioned=True,
            server_access_logs_bucket=logs,
            server_access_logs_prefix=f"{construct_id.lower()}/",
            removal_policy=removal(stage),
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="old-versions",
                    noncurrent_version_expiration=Duration.days(old_version_days or stage.old_version_days),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                ),
                *lifecycle,
            ],
        )
        if not announces:
            return
        # The L2 switch (`event_bridge_enabled`) would bring a custom resource with a Lambda of its own for this one property.
        bucket: Any = self.node.default_child
        bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
