"""Tables, buckets and keys that must never be lost are retained, recoverable, encrypted, and have the designed keys."""

from comanda.aws.api.routes import SCOPES
from comanda.aws.files import bucket as partner_files
from comanda.aws.files import documents as documents_bucket
from infra import names
from tests.infra.templates import Resource, Templates

INDEXES = {"Orders": 3, "Stock": 3, "Directory": 1, "Customers": 0, "Sessions": 0, "Forms": 0}
STATEFUL = (
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::Cognito::UserPool",
    "AWS::SecretsManager::Secret",
)


def _tables(templates: Templates) -> dict[str, Resource]:
    return {table.path.split("/")[0]: table for table in templates.all("AWS::DynamoDB::Table")}


def test_data_outlives_its_stack(on_aws: Templates) -> None:
    stateful = on_aws.all(*STATEFUL)

    assert len(stateful) == 23
    for resource in stateful:
        assert resource.stack == "data", resource.path
        assert resource.body["DeletionPolicy"] == resource.body["UpdateReplacePolicy"] == "Retain", resource.path


def test_tables_can_be_recovered_to_any_second_and_not_be_deleted_by_mistake(on_aws: Templates) -> None:
    for name, table in _tables(on_aws).items():
        assert table.properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name
        assert table.properties["DeletionProtectionEnabled"] is True, name


def test_tables_have_the_designed_keys_and_indexes(templates: Templates) -> None:
    tables = _tables(templates)

    assert set(tables) == set(INDEXES)
    for name, table in tables.items():
        assert [key["AttributeName"] for key in table.properties["KeySchema"]] == ["pk", "sk"]
        assert table.properties["BillingMode"] == "PAY_PER_REQUEST"
        assert table.properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        indexes = table.properties.get("GlobalSecondaryIndexes", [])
        assert [
            (
                index["IndexName"],
                [key["AttributeName"] for key in index["KeySchema"]],
                index["Projection"]["ProjectionType"],
            )
            for index in indexes
        ] == [(f"GSI{n}", [f"gsi{n}pk", f"gsi{n}sk"], "KEYS_ONLY") for n in range(1, INDEXES[name] + 1)]


def test_personal_data_and_sessions_have_no_stream_and_a_key_each(templates: Templates) -> None:
    tables = _tables(templates)
    keys = {name: str(table.properties["SSESpecification"]["KMSMasterKeyId"]) for name, table in tables.items()}

    for name in ("Customers", "Sessions"):
        assert "StreamSpecification" not in tables[name].properties
    assert keys["Orders"] == keys["Stock"] == keys["Directory"] == keys["Forms"]
    assert "StreamSpecification" not in tables["Forms"].properties
    assert len(set(keys.values())) == 3
    assert tables["Orders"].properties["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


def test_keys_are_rotated(templates: Templates) -> None:
    assert [key.properties["EnableKeyRotation"] for key in templates.all("AWS::KMS::Key")] == [True] * 3


def test_buckets_are_private_and_encrypted_and_files_keep_their_versions(templates: Templates) -> None:
    for bucket in templates.all("AWS::S3::Bucket"):
        assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket.properties["BucketEncryption"]
        assert bucket.properties["LifecycleConfiguration"]["Rules"]
    for name in ("Files", "Failures", "Documents"):
        bucket = next(b for b in templates.all("AWS::S3::Bucket") if b.path.startswith(name))
        assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
        if name != "Documents":
            assert bucket.properties["NotificationConfiguration"] == {
                "EventBridgeConfiguration": {"EventBridgeEnabled": True}
            }


def test_a_file_of_a_partner_that_nobody_takes_ends_after_thirty_days(templates: Templates) -> None:
    (files,) = (b.properties for b in templates.all("AWS::S3::Bucket") if b.path.startswith("Files"))

    rules = {rule["Id"]: rule for rule in files["LifecycleConfiguration"]["Rules"]}
    untaken = rules["untaken"]

    name, value = partner_files.UNTAKEN.split("=")
    assert (untaken["Prefix"], untaken["TagFilters"]) == ("inbox/", [{"Key": name, "Value": value}])
    assert (untaken["ExpirationInDays"], untaken["NoncurrentVersionExpiration"]) == (30, {"NoncurrentDays": 14})


def test_documents_have_the_key_of_personal_data_are_announced_nowhere_and_end(templates: Templates) -> None:
    (documents,) = (b.properties for b in templates.all("AWS::S3::Bucket") if b.path.startswith("Documents"))
    (customers,) = (t.properties for t in templates.all("AWS::DynamoDB::Table") if t.path.startswith("Customers"))

    (encryption,) = documents["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    key = encryption["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    assert key == customers["SSESpecification"]["KMSMasterKeyId"]
    assert "NotificationConfiguration" not in documents
    rules = {rule["Id"]: rule for rule in documents["LifecycleConfiguration"]["Rules"]}
    assert rules["old-versions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    ends = rules["made-again-when-asked-for"]
    tag = f"{ends['TagFilters'][0]['Key']}={ends['TagFilters'][0]['Value']}"
    assert (tag, ends["ExpirationInDays"]) == (documents_bucket.TAG, documents_bucket.KEEP_DAYS)


def test_plain_http_is_refused_on_aws(on_aws: Templates) -> None:
    denying = [
        resource.path
        for resource in on_aws.all("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
        if any(
            statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in resource.properties["PolicyDocument"]["Statement"]
        )
    ]

    assert len(denying) == 4 + 18 + 1


def test_the_pool_knows_every_scope_and_the_admin_has_them_all(templates: Templates) -> None:
    known = {
        f"{server.properties['Identifier']}/{scope['ScopeName']}"
        for server in templates.all("AWS::Cognito::UserPoolResourceServer")
        for scope in server.properties["Scopes"]
    }
    (admin,) = (client for client in templates.all("AWS::Cognito::UserPoolClient") if client.stack == "data")

    assert known == set(SCOPES)
    assert admin.properties["AllowedOAuthFlows"] == ["client_credentials"]
    assert admin.properties["GenerateSecret"] is True
    scopes = [
        "".join("x" if isinstance(part, dict) else part for part in s["Fn::Join"][1])
        for s in admin.properties["AllowedOAuthScopes"]
    ]
    assert len(scopes) == len(SCOPES)


def test_the_pool_allows_no_sign_up(templates: Templates) -> None:
    (pool,) = templates.all("AWS::Cognito::UserPool")

    assert pool.properties["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_app_stacks_learn_names_by_parameter_and_hold_no_export(templates: Templates) -> None:
    for name, document in templates.documents.items():
        assert not [output for output in document.get("Outputs", {}).values() if "Export" in output]
        assert "Fn::ImportValue" not in str(document), name


def test_every_parameter_that_an_app_stack_reads_is_published_by_the_data_stack(templates: Templates) -> None:
    published = {p.properties["Name"] for p in templates.all("AWS::SSM::Parameter") if p.stack == "data"}
    # Only `comanda up` knows where an embedded AWS listens.
    outside = (
        {names.parameter(templates.stage, names.ENDPOINT)} if "{endpoint}" in templates.stage.api_address else set()
    )
    read = {
        parameter["Default"]
        for name in names.STACKS
        if name != "data"
        for parameter in templates.documents[name]["Parameters"].values()
        if parameter["Type"] == "AWS::SSM::Parameter::Value<String>" and "cdk-bootstrap" not in parameter["Default"]
    }

    assert read
    assert read <= published | outside


def test_a_stack_stays_far_below_the_limits_of_500_resources_and_200_parameters(templates: Templates) -> None:
    most = {"data": 300, "api": 300, "gateway": 450, "gateway/Routes": 450, "flow": 300}

    for name, document in templates.documents.items():
        assert len(document["Resources"]) < most[name], name
        assert len(document.get("Parameters", ())) < 180, name


def test_the_archive_keeps_every_event_of_the_bus(on_aws: Templates) -> None:
    (archive,) = on_aws.all("AWS::Events::Archive")

    assert archive.properties["RetentionDays"] == on_aws.stage.archive_days
