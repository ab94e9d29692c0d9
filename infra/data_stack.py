"""
Make the stack of everything that must never be lost: tables, files, the user pool, the bus. App stacks come and go above it.

Called by   infra/app.py

Publishes   SSM parameters under /comanda/<stage>/: the only way in which app stacks learn a name
"""

from typing import Any

from aws_cdk import Aws, CfnOutput, Duration, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from comanda.aws.api.routes import SCOPES
from comanda.aws.files import bucket as partner_files
from comanda.aws.files import documents
from infra import names
from infra.constructs.key import Key
from infra.constructs.store import Bucket, Table, removal
from infra.stages import Stage


class DataStack(Stack):
    """The tables, buckets, keys, callers and the bus; one for each region of a stage."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, **more: Any) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.keep_data, **more)
        self.stage_data = stage
        self.key = Key(
            self,
            "Key",
            alias=f"alias/{names.prefix(stage)}",
            description="Comanda: tables, files, queues, alarms",
            keep=stage.keep_data,
            services=("events.amazonaws.com", "cloudwatch.amazonaws.com"),
        )
        self._tables()
        self._buckets()
        self._callers()
        self._bus()
        self._publish(names.KEY, self.key.key_arn)

    def _tables(self) -> None:
        stage = self.stage_data
        # Personal data has a key of its own: the right to read an order is not the right to read a name.
        self.customers_key = Key(
            self,
            "CustomersKey",
            alias=f"alias/{names.prefix(stage)}-customers",
            description="Comanda: personal data",
            keep=stage.keep_data,
        )
        # So have the sessions of people: no other room but the console and people uses them.
        sessions_key = Key(
            self,
            "SessionsKey",
            alias=f"alias/{names.prefix(stage)}-sessions",
            description="Comanda: sessions of people",
            keep=stage.keep_data,
        )
        tables = {
            names.ORDERS: Table(
                self, "Orders", stage=stage, key=self.key, indexes=3, stream=dynamodb.StreamViewType.NEW_IMAGE
            ),
            names.STOCK: Table(
                self, "Stock", stage=stage, key=self.key, indexes=3, stream=dynamodb.StreamViewType.NEW_IMAGE
            ),
            names.DIRECTORY: Table(
                self, "Directory", stage=stage, key=self.key, indexes=1, stream=dynamodb.StreamViewType.NEW_IMAGE
            ),
            # No stream: nothing may copy personal data anywhere.
            names.CUSTOMERS: Table(self, "Customers", stage=stage, key=self.customers_key, indexes=0),
            names.SESSIONS: Table(self, "Sessions", stage=stage, key=sessions_key, indexes=0),
            # What visitors of order forms asked, for an hour. Their room has no other table.
            names.FORMS: Table(self, "Forms", stage=stage, key=self.key, indexes=0),
        }
        for name, table in tables.items():
            self._publish(name, table.table_name)
            if table.table_stream_arn is not None:
                self._publish(f"{name}-stream", table.table_stream_arn)
        self._publish(names.CUSTOMERS_KEY, self.customers_key.key_arn)
        self._publish(names.SESSIONS_KEY, sessions_key.key_arn)
        secret = self._secret(
            "FirewallSecret", "The firewall counts no call of the console or of order forms, which send it", self.key
        )
        self._publish(names.FIREWALL_SECRET, secret.secret_arn)
        customers_secret = self._secret(
            "CustomersSecret",
            "Keys the ids of customers and what they are found by; changing it loses them",
            self.customers_key,
        )
        self._publish(names.CUSTOMERS_SECRET, customers_secret.secret_arn)
        form_key = self._secret(
            "FormKey", "Signs the challenges of order forms, and hashes visitors' addresses", self.key
        )
        self._publish(names.FORM_KEY, form_key.secret_arn)
        link_key = self._secret("LinkKey", "Signs the links by which customers see their orders", self.key)
        self._publish(names.LINK_KEY, link_key.secret_arn)
        gift_card_key = self._secret(
            "GiftCardKey", "Keys the accounts of gift cards and store credit; changing it loses them", self.key
        )
        self._publish(names.GIFT_CARD_KEY, gift_card_key.secret_arn)
        payments_secret = self._secret(
            "PaymentsSecret", "Has the accounts at payment providers, once an operator put them in", self.key
        )
        self._publish(names.PAYMENTS_SECRET, payments_secret.secret_arn)
        taxes_secret = self._secret(
            "TaxesSecret", "Has the accounts at tax services, once an operator put them in", self.key
        )
        self._publish(names.TAXES_SECRET, taxes_secret.secret_arn)
        notices_secret = self._secret(
            "NoticesSecret", "Has what payment providers sign their notices with, once an operator put it in", self.key
        )
        self._publish(names.NOTICES_SECRET, notices_secret.secret_arn)

    def _buckets(self) -> None:
        stage = self.stage_data
        access = s3.Bucket(
            self,
            "Access",
            encryption=s3.BucketEncryption.S3_MANAGED,  # access logs cannot be delivered under a customer managed key
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=stage.tls_only,
            removal_policy=removal(stage),
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(stage.log_days))],
        )
        files = Bucket(
            self,
            "Files",
            stage=stage,
            key=self.key,
            logs=access,
            # Rows are remembered in the tables for 400 days; the files themselves are kept just longer. One that nobody takes has
            # no rows, and may name people.
            lifecycle=[
                s3.LifecycleRule(
                    id="untaken",
                    prefix="inbox/",
                    tag_filters=dict([partner_files.UNTAKEN.split("=")]),
                    expiration=Duration.days(partner_files.UNTAKEN_DAYS),
                    noncurrent_version_expiration=Duration.days(partner_files.UNTAKEN_OLD_DAYS),
                ),
                s3.LifecycleRule(id="inbox", prefix="inbox/", expiration=Duration.days(420)),
                s3.LifecycleRule(id="outbox", prefix="outbox/", expiration=Duration.days(420)),
            ],
        )
        failures = Bucket(
            self,
            "Failures",
            stage=stage,
            key=self.key,
            logs=access,
            lifecycle=[s3.LifecycleRule(id="handled-or-hopeless", expiration=Duration.days(30))],
        )
        # Documents hold names and addresses. A day after a document was deleted its last version is gone, too.
        documents_bucket = Bucket(
            self,
            "Documents",
            stage=stage,
            key=self.customers_key,
            logs=access,
            lifecycle=[
                s3.LifecycleRule(
                    id="made-again-when-asked-for",
                    tag_filters=dict([documents.TAG.split("=")]),
                    expiration=Duration.days(documents.KEEP_DAYS),
                )
            ],
            announces=False,
            old_version_days=1,
        )
        self._publish(names.DOCUMENTS, documents_bucket.bucket_name)
        self._publish(names.FILES, files.bucket_name)
        self._publish(names.FAILURES, failures.bucket_name)

    def _callers(self) -> None:
        stage = self.stage_data
        pool = cognito.UserPool(
            self,
            "Callers",
            user_pool_name=names.prefix(stage),
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True
            ),
            deletion_protection=stage.keep_data,
            removal_policy=removal(stage),
        )
        domain = pool.add_domain(
            "Domain",
            cognito_domain=cognito.CognitoDomainOptions(domain_prefix=names.sign_in_domain(stage, Aws.ACCOUNT_ID)),
        )
        admin = pool.add_client(
            "Admin",
            user_pool_client_name="admin",
            generate_secret=True,
            prevent_user_existence_errors=True,
            access_token_validity=Duration.hours(1),
            o_auth=cognito.OAuthSettings(flows=cognito.OAuthFlows(client_credentials=True), scopes=self._scopes(pool)),
        )
        secret = self._secret(
            "Secret", "Keys the cursors of lists, badges and velocity; changing it breaks them", self.key
        )
        self._publish(names.USER_POOL, pool.user_pool_id)
        self._publish(names.ADMIN_CLIENT, admin.user_pool_client_id)
        self._publish(names.TOKEN_URL, f"{domain.base_url()}/oauth2/token")
        self._publish(names.SECRET, secret.secret_arn)

    def _secret(self, construct_id: str, description: str, key: kms.IKey) -> secretsmanager.Secret:
        """Make a secret of 64 letters and digits."""
        return secretsmanager.Secret(
            self,
            construct_id,
            description=description,
            # The key is named by its ARN: given the key itself, the L2 writes `kms:ReEncrypt*` into its policy needlessly.
            encryption_key=kms.Key.from_key_arn(self, f"{construct_id}sKey", key.key_arn),
            removal_policy=removal(self.stage_data),
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        )

    def _scopes(self, pool: cognito.UserPool) -> list[cognito.OAuthScope]:
        """Make one resource server for each subject, so that a scope is `orders/write` in the token and in the route table."""
        scopes = []
        for subject in sorted({scope.split("/")[0] for scope in SCOPES}):
            verbs = [scope.split("/")[1] for scope in SCOPES if scope.startswith(f"{subject}/")]
            described = [
                cognito.ResourceServerScope(scope_name=verb, scope_description=f"{verb} {subject}") for verb in verbs
            ]
            server = pool.add_resource_server(
                f"Server{subject.capitalize()}",
                identifier=subject,
                user_pool_resource_server_name=subject,
                scopes=described,
            )
            scopes += [cognito.OAuthScope.resource_server(server, scope) for scope in described]
        return scopes

    def _bus(self) -> None:
        stage = self.stage_data
        bus = events.EventBus(self, "Bus", event_bus_name=names.prefix(stage))
        events.Archive(
            self,
            "Archive",
            source_event_bus=bus,
            archive_name=names.prefix(stage),
            description="Every event of the bus, for replays to new consumers",
            event_pattern=events.EventPattern(account=[Aws.ACCOUNT_ID]),
            retention=Duration.days(stage.archive_days),
        )
        topic = sns.Topic(self, "Alarms", topic_name=f"{names.prefix(stage)}-alarms", master_key=self.key)
        if stage.alarm_email is not None:
            topic.add_subscription(subscriptions.EmailSubscription(stage.alarm_email))
        # EventBridge does not pass the conditions of a topic's policy; CloudWatch does.
        for service, sid, conditions in (
            ("cloudwatch.amazonaws.com", "Alarms", {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}),
            ("events.amazonaws.com", "Failures", None),
        ):
            topic.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=sid,
                    actions=["sns:Publish"],
                    principals=[iam.ServicePrincipal(service)],
                    resources=[topic.topic_arn],
                    conditions=conditions,
                )
            )
        if stage.tls_only:
            topic.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="TlsOnly",
                    effect=iam.Effect.DENY,
                    actions=["sns:Publish"],
                    principals=[iam.AnyPrincipal()],
                    resources=[topic.topic_arn],
                    conditions={"Bool": {"aws:SecureTransport": "false"}},
                )
            )
        self._publish(names.BUS, bus.event_bus_name)
        self._publish(names.ALARMS, topic.topic_arn)

    def _publish(self, name: str, value: str) -> None:
        title = "".join(word.capitalize() for word in name.split("-"))
        ssm.StringParameter(
            self, f"{title}Name", parameter_name=names.parameter(self.stage_data, name), string_value=value
        )
        CfnOutput(self, f"{title}Output", value=value)
