"""Every finding of cdk-nag that stays, with its reason. Nothing else is suppressed anywhere."""

import aws_cdk as cdk

from infra.stages import Stage


def apply(app: cdk.App, stage: Stage) -> None:
    del app, stage
