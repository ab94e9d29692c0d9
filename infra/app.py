"""
Synthesize the CDK app for one stage.

    python -m infra.app local            templates and assets into cdk.out/
    python -m infra.app prod --check     and fail on any cdk-nag finding that is not acknowledged

Called by   people, `comanda up`, and the CDK's own CLI (`cdk deploy -c stage=dev`: cdk.json)
Raises      SystemExit for an unknown stage; RuntimeError from the CDK when a check fails
"""

import argparse
import os
from pathlib import Path
from typing import Any

from infra import node

node.use()

import aws_cdk as cdk  # noqa: E402  the CDK looks for Node when it is imported
from cdk_nag import AwsSolutionsChecks, ServerlessChecks  # noqa: E402  as above

from infra import acknowledgments, names  # noqa: E402  as above
from infra.api_stack import ApiStack  # noqa: E402  as above
from infra.data_stack import DataStack  # noqa: E402  as above
from infra.flow_stack import FlowStack  # noqa: E402  as above
from infra.gateway_stack import GatewayStack  # noqa: E402  as above
from infra.layer import Layer, build  # noqa: E402  as above
from infra.package import ROOT  # noqa: E402  as above
from infra.stages import STAGES, Cell, Stage  # noqa: E402  as above

# The flags that change our templates. The CDK's CLI reads such flags from cdk.json, and `python -m infra.app` runs without it.
FLAGS = {
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/aws-events:eventsTargetQueueSameAccount": True,
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
    "@aws-cdk/core:enablePartitionLiterals": True,
    # The construct's path beside each resource: for people in the console, and for `comanda diff`.
    "aws:cdk:enable-path-metadata": True,
}


def tree(
    stage: Stage, *, out: Path, layer: Layer, checked: bool = False, staged: bool = True, source: Path = ROOT
) -> cdk.App:
    """Make the stage's constructs: for each of its regions a data stack, the app stacks above it, and the gateway's on the API's."""
    context = FLAGS if staged else {**FLAGS, "aws:cdk:disable-asset-staging": True}
    app = cdk.App(outdir=str(out), context=context, analytics_reporting=False)
    for cell in stage.cells:
        where = cdk.Environment(account=stage.account, region=cell.region)
        called: dict[str, dict[str, Any]] = {
            name: {"construct_id": _id(stage, cell, name), "stack_name": names.stack(stage, name), "env": where}
            for name in names.STACKS
        }
        data = DataStack(app, stage=stage, **called["data"])
        rooms: dict[str, Any] = {"stage": stage, "cell": cell, "layer": layer, "source": source}
        api = ApiStack(app, **rooms, **called["api"])
        gateway = GatewayStack(app, stage=stage, **called["gateway"])
        flow = FlowStack(app, **rooms, **called["flow"])
        # App stacks read parameters when they are deployed; exports would keep the data stack from changing.
        for stack in (api, gateway, flow):
            stack.add_stack_dependency(data)
        gateway.add_stack_dependency(api)  # a method is allowed to call only a function that is there
    leave_out(app, stage)
    acknowledgments.apply(app, stage)
    if checked:
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app, verbose=True), ServerlessChecks(app, verbose=True))
    return app


def _id(stage: Stage, cell: Cell, name: str) -> str:
    """Return the template's name, with the region where a stage has several. The stack has the same name in each region."""
    stack = names.stack(stage, name)
    return stack if len(stage.cells) == 1 else f"{stack}-{cell.region}"


def leave_out(app: cdk.App, stage: Stage) -> None:
    """Remove the resources that the stage's CloudFormation does not know. `Stage.lacks` names them and the loss."""
    for construct in app.node.find_all():
        if (
            isinstance(construct, cdk.CfnResource)
            and construct.cfn_resource_type in stage.lacks
            and construct.node.scope
        ):
            construct.node.scope.node.try_remove_child(construct.node.id)


def synthesize(
    stage: Stage, *, out: Path, layer: Layer, checked: bool = False, staged: bool = True, source: Path = ROOT
) -> list[str]:
    """Write the cloud assembly. Returns the names of its stacks in the order of their deployment.

    Without `staged` it holds the templates only: enough to read them, not to deploy.
    """
    assembly = tree(stage, out=out, layer=layer, checked=checked, staged=staged, source=source).synth()
    return [stack.stack_name for stack in assembly.stacks]


def main() -> None:
    # The CDK's CLI passes its context and its folder by the environment.
    in_context = cdk.App().node.try_get_context("stage")
    parser = argparse.ArgumentParser(prog="python -m infra.app", description="Synthesize the templates of one stage.")
    parser.add_argument(
        "stage", nargs="?", choices=sorted(STAGES), default=in_context, help="or -c stage=... by the CDK's CLI"
    )
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("CDK_OUTDIR", ROOT / "cdk.out")))
    parser.add_argument("--check", action="store_true", help="run cdk-nag and fail on open findings")
    chosen = parser.parse_args()
    if chosen.stage not in STAGES:
        parser.error(f"name a stage: one of {', '.join(sorted(STAGES))}")
    stage = STAGES[chosen.stage]
    layer = build(stage.architecture)
    report = [f"layer {layer.architecture}: {layer.size / 2**20:.1f} of 250 MB"]
    report.append(f"stacks: {', '.join(synthesize(stage, out=chosen.out, layer=layer, checked=chosen.check))}")
    report += [f"left out of {stage.name}: {kind} ({loss})" for kind, loss in stage.lacks.items()]
    print("\n".join(report))  # noqa: T201  this is the command's answer


if __name__ == "__main__":
    main()
