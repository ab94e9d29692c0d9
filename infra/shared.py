"""
Give an app stack the resources of the data stack: their names and ARNs, read from SSM parameters, and grants on them.

Called by   infra/api_stack.py, infra/flow_stack.py and infra/gateway_stack.py, once each
Raises      KeyError for a room's layer that was not built
"""

from functools import cached_property
from pathlib import Path

from aws_cdk import Aws, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm

from infra import names, rooms
from infra.grants import DECRYPT, ENCRYPT, STREAM, allow
from infra.layer import Layer
from infra.rights import RIGHTS
from infra.room_function import RoomFunction, architecture
from infra.stages import Cell, Stage

# Settings whose values the data stack published.
PUBLISHED = {
    rooms.ORDERS_TABLE: names.ORDERS,
    rooms.STOCK_TABLE: names.STOCK,
    rooms.DIRECTORY_TABLE: names.DIRECTORY,
    rooms.CUSTOMERS_TABLE: names.CUSTOMERS,
    rooms.FILES_BUCKET: names.FILES,
    rooms.FAILURES_BUCKET: names.FAILURES,
    rooms.DOCUMENTS_BUCKET: names.DOCUMENTS,
    rooms.SESSIONS_TABLE: names.SESSIONS,
    rooms.BUS_NAME: names.BUS,
    rooms.SECRET_ARN: names.SECRET,
    rooms.CUSTOMERS_SECRET_ARN: names.CUSTOMERS_SECRET,
    rooms.USER_POOL_ID: names.USER_POOL,
    rooms.FORMS_TABLE: names.FORMS,
    rooms.FORM_KEY_ARN: names.FORM_KEY,
    rooms.LINK_KEY_ARN: names.LINK_KEY,
    rooms.GIFT_CARD_KEY_ARN: names.GIFT_CARD_KEY,
    rooms.PAYMENTS_SECRET_ARN: names.PAYMENTS_SECRET,
    rooms.NOTICES_SECRET_ARN: names.NOTICES_SECRET,
    rooms.TAXES_SECRET_ARN: names.TAXES_SECRET,
    rooms.FIREWALL_SECRET_ARN: names.FIREWALL_SECRET,
}

# The layers that only some rooms have (`layers` in infra/rooms.py), described.
LAYERS = {
    "solver": "The solver of linear programs, with what it needs",
    "press": "The typesetter of documents",
}

# Tables that have a key of their own.
KEYS = {names.CUSTOMERS: names.CUSTOMERS_KEY, names.SESSIONS: names.SESSIONS_KEY}


class Published:
    """The published resources. A template gets a parameter only for those that its stack uses."""

    def __init__(self, scope: Stack, *, stage: Stage) -> None:
        self.scope = scope
        self.stage = stage

    def value(self, name: str) -> str:
        return ssm.StringParameter.value_for_string_parameter(self.scope, names.parameter(self.stage, name))

    def address(self, form: str, **parts: str) -> str:
        """Return an address that the stage has the form of."""
        if "{endpoint}" in form:
            parts["endpoint"] = self.value(names.ENDPOINT)
        return form.format(region=Aws.REGION, suffix=Aws.URL_SUFFIX, **parts)

    def publish(self, name: str, value: str) -> None:
        title = "".join(word.capitalize() for word in name.split("-"))
        ssm.StringParameter(
            self.scope, f"{title}Name", parameter_name=names.parameter(self.stage, name), string_value=value
        )

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"

    def machine_arn(self, name: str) -> str:
        return self.arn("states", f"stateMachine:{names.machine(self.stage, name)}")

    def table_arn(self, table: str) -> str:
        return self.arn("dynamodb", f"table/{self.value(table)}")

    def bucket_arn(self, bucket: str) -> str:
        return f"arn:{Aws.PARTITION}:s3:::{self.value(bucket)}"

    @cached_property
    def key(self) -> kms.IKey:
        return kms.Key.from_key_arn(self.scope, "Key", self.value(names.KEY))

    @cached_property
    def topic(self) -> sns.ITopic:
        return sns.Topic.from_topic_arn(self.scope, "Alarms", self.value(names.ALARMS))

    @cached_property
    def pool(self) -> cognito.IUserPool:
        return cognito.UserPool.from_user_pool_id(self.scope, "Callers", self.value(names.USER_POOL))

    @cached_property
    def bus(self) -> events.IEventBus:
        return events.EventBus.from_event_bus_name(self.scope, "Bus", self.value(names.BUS))


class Shared(Published):
    """The published resources, and the layers and the rooms of one app stack."""

    def __init__(self, scope: Stack, *, stage: Stage, cell: Cell, layer: Layer, source: Path) -> None:
        super().__init__(scope, stage=stage)
        self.cell = cell
        self.source = source
        self.layer = lambda_.LayerVersion(
            scope,
            "Layer",
            layer_version_name=names.prefix(stage),
            description="comanda and its pinned third-party packages",
            # The folder's name has the hash of its content: hashing 60 MB again would take longer than the synth.
            code=lambda_.Code.from_asset(
                str(layer.folder), asset_hash=layer.digest + layer.architecture.replace("_", "")
            ),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[architecture(stage)],
        )
        self._built = layer.others
        self._others: dict[str, lambda_.LayerVersion] = {}

    def other_layer(self, name: str) -> lambda_.LayerVersion:
        """Return a layer that only some rooms have. It is made when the first of them asks for it."""
        if name not in self._others:
            built = self._built[name]
            self._others[name] = lambda_.LayerVersion(
                self.scope,
                name.capitalize(),
                layer_version_name=f"{names.prefix(self.stage)}-{name}",
                description=LAYERS[name],
                code=lambda_.Code.from_asset(
                    str(built.folder), asset_hash=built.digest + built.architecture.replace("_", "")
                ),
                compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
                compatible_architectures=[architecture(self.stage)],
            )
        return self._others[name]

    def setting(self, name: str) -> str:
        """Return the value of one environment variable."""
        stage = self.stage
        if name in PUBLISHED:
            return self.value(PUBLISHED[name])
        return {
            rooms.CELL: self.cell.name,
            rooms.ORDER_MACHINE_ARN: self.machine_arn("order"),
            rooms.FULFILLMENT_MACHINE_ARN: self.machine_arn("fulfillment"),
            rooms.MAIL_SENDER: stage.mail_sender,
            rooms.MAIL_REPLIES: stage.mail_replies,
            rooms.MAIL_CONFIGURATION_SET: names.configuration_set(stage),
            rooms.PARAMETERS: names.parameter(stage, ""),
            rooms.FORM_SECRETS: names.form_secrets(stage),
            rooms.FORM_MAILS_AN_HOUR: str(stage.form_mails_an_hour),
            rooms.CONDUCT_FUNCTION: names.function(stage, "conduct"),
            rooms.RELAY_FUNCTION: names.function(stage, "relay"),
            rooms.INBOX_FUNCTION: names.function(stage, "inbox"),
            rooms.DAILY_FUNCTION: names.function(stage, "daily"),
            rooms.REPLENISH_FUNCTION: names.function(stage, "replenish"),
            rooms.NOTIFY_FUNCTION: names.function(stage, "notify"),
            rooms.PAY_FUNCTION: names.function(stage, "pay"),
            rooms.TAXES_FUNCTION: names.function(stage, "taxes"),
            rooms.NUMBER_FUNCTION: names.function(stage, "number"),
            rooms.ERASE_FUNCTION: names.function(stage, "erase"),
            rooms.INTAKE_FUNCTION: names.function(stage, "intake"),
            rooms.REROUTE_FUNCTION: names.function(stage, "reroute"),
        }[name]

    def narrowed(self, action: str, *resources: str) -> tuple[str, ...]:
        """Return the resources that an action is allowed on, or `*` where the stage cannot tell them apart."""
        return ("*",) if action in self.stage.unscoped else resources

    def room(self, name: str) -> RoomFunction:
        """Make a room with its rights on the tables. Its stack grants its other rights."""
        room = RoomFunction(
            self.scope,
            name,
            stage=self.stage,
            layers=[self.layer, *map(self.other_layer, rooms.ROOMS[name].layers)],
            setting=self.setting,
            topic=self.topic,
            source=self.source,
        )
        self._let_use_tables(room)
        return room

    def _let_use_tables(self, room: RoomFunction) -> None:
        for table, access in RIGHTS[room.room].items():
            if access.operations:
                allow(room, access.actions, self.table_arn(table))
            if access.indexes:
                indexes = (f"{self.table_arn(table)}/index/GSI{number}" for number in access.indexes)
                allow(room, ("dynamodb:Query",), *indexes)
            key = self.value(KEYS[table]) if table in KEYS else self.key.key_arn
            allow(room, ENCRYPT if access.writes else DECRYPT, key)

    def let_read_stream(self, room: iam.IGrantable, table: str) -> str:
        """Allow a room to read the table's stream. Returns the stream's ARN."""
        stream = self.value(f"{table}-stream")
        allow(room, STREAM, stream)
        # A stream's ARN is not known before it is listed, so listing is allowed on all streams of this table.
        allow(room, ("dynamodb:ListStreams",), f"{self.table_arn(table)}/stream/*")
        allow(room, DECRYPT, self.key.key_arn)
        return stream

    def let_read_customers_secret(self, room: iam.IGrantable) -> None:
        allow(room, ("secretsmanager:GetSecretValue",), self.value(names.CUSTOMERS_SECRET))
        allow(room, DECRYPT, self.value(names.CUSTOMERS_KEY))

    def let_check_links(self, room: iam.IGrantable) -> None:
        """Allow a room to check the links of customers."""
        allow(room, ("secretsmanager:GetSecretValue",), self.value(names.LINK_KEY))
        allow(room, DECRYPT, self.key.key_arn)

    def let_make_links(self, room: iam.IGrantable) -> None:
        """Allow a room to make the links of customers, which begin with the address of the API."""
        self.let_check_links(room)
        allow(room, ("ssm:GetParameter",), self.arn("ssm", f"parameter{names.parameter(self.stage, names.API_URL)}"))

    def let_find_gift_cards(self, room: iam.IGrantable) -> None:
        """Allow a room to find the accounts of gift cards by their codes, and those of store credit by customers."""
        allow(room, ("secretsmanager:GetSecretValue",), self.value(names.GIFT_CARD_KEY))
        allow(room, DECRYPT, self.key.key_arn)

    def let_move_money(self, room: iam.IGrantable) -> None:
        """Allow a room to read the keys of payment providers."""
        allow(room, ("secretsmanager:GetSecretValue",), self.value(names.PAYMENTS_SECRET))
        allow(room, DECRYPT, self.key.key_arn)

    def let_read_tax_accounts(self, room: iam.IGrantable) -> None:
        """Allow a room to read the keys of tax services."""
        allow(room, ("secretsmanager:GetSecretValue",), self.value(names.TAXES_SECRET))
        allow(room, DECRYPT, self.key.key_arn)

    def let_ask_for_taxes(self, room: iam.IGrantable) -> None:
        """Allow a room to have the room taxes ask a tax service."""
        allow(room, ("lambda:InvokeFunction",), self.arn("lambda", f"function:{names.function(self.stage, 'taxes')}"))

    def let_take_notices(self, room: iam.IGrantable) -> None:
        """Allow a room to check who signed a provider's notice, and to have the room pay ask the provider."""
        allow(room, ("secretsmanager:GetSecretValue",), self.value(names.NOTICES_SECRET))
        allow(room, DECRYPT, self.key.key_arn)
        allow(room, ("lambda:InvokeFunction",), self.arn("lambda", f"function:{names.function(self.stage, 'pay')}"))

    def let_read_secret(self, room: iam.IGrantable) -> None:
        allow(room, ("secretsmanager:GetSecretValue",), self.value(names.SECRET))
        allow(room, DECRYPT, self.key.key_arn)
