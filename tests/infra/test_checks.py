"""The rules AwsSolutions and Serverless of cdk-nag have no open finding, and each finding that stays has its reason."""

import re
from pathlib import Path

import pytest

from infra import acknowledgments, names, node
from infra.layer import build
from infra.package import ROOT
from infra.stages import LOCAL, STAGES, Stage
from tests import assemblies

ERROR = "error.txt"


def test_no_stage_has_an_unacknowledged_finding(folders: dict[str, Path]) -> None:
    assert all((folder / "manifest.json").is_file() for folder in folders.values())


def test_an_unacknowledged_finding_stops_the_synthesis() -> None:
    stopped = assemblies.make("careless", Path(__file__), _synthesize_a_careless_bucket)

    assert "ValidationFailed" in (stopped / ERROR).read_text()
    assert "AwsSolutions-S1" in (stopped / "validation-report.json").read_text()


def _synthesize_a_careless_bucket(out: Path) -> None:
    """Keep the error beside the report. The stacks have no other resource: the checks of a whole stage take a quarter of a minute."""
    node.use()
    import aws_cdk as cdk
    from aws_cdk import aws_s3 as s3

    from infra import app

    def bare(scope: cdk.App, construct_id: str, *, stack_name: str, env: cdk.Environment, **_: object) -> cdk.Stack:
        return cdk.Stack(scope, construct_id, stack_name=stack_name, env=env)

    with pytest.MonkeyPatch.context() as patch:
        for stack in ("DataStack", "ApiStack", "GatewayStack", "FlowStack"):
            patch.setattr(app, stack, bare)
        patch.setattr(acknowledgments, "apply", lambda *_: None)  # there is nothing to acknowledge
        tree = app.tree(LOCAL, out=out, layer=build(LOCAL.architecture), checked=True, staged=False)
    s3.Bucket(tree.node.find_child(names.stack(LOCAL, "data")), "Careless")
    with pytest.raises(RuntimeError) as stopped:
        tree.synth()
    (out / ERROR).write_text(str(stopped.value))


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
def test_every_acknowledgment_has_a_reason(stage: Stage) -> None:
    for finding in acknowledgments.findings(stage):
        assert len(finding.reason) > 10, finding.rule
        assert re.match(r"(AwsSolutions|Serverless)-\w+", finding.rule)


def test_nothing_is_suppressed_outside_the_one_file_of_acknowledgments() -> None:
    files = [path for path in (ROOT / "infra").rglob("*.py") if path.name != "acknowledgments.py"]

    assert [
        path.name
        for path in files
        if re.search(r"\bAcknowledgment\b|\.acknowledge\(|cdk_nag.*uppress", path.read_text())
    ] == []
