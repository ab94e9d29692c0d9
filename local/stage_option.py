"""
Define the option `--stage` of commands, and find the stage that it names.

Called by   local/cli.py, local/number_commands.py
Returns     names of stages; the running instance
Raises      BadParameter for an unknown stage; NotStarted when the embedded AWS does not run
"""

import importlib
from typing import Annotated

import typer

from local import emulator
from local.instance import Instance

Stage = Annotated[
    str, typer.Option(help="`local` is the embedded AWS. Other stages are in AWS and need your credentials.")
]


def running() -> Instance:
    """Return the instance of this checkout. Raises NotStarted when it does not run."""
    instance = Instance.current()
    if not emulator.is_running(instance):
        raise emulator.NotStarted("the embedded AWS is not running: `make up` first")
    return instance


def there(stage: str) -> str:
    """Return the name of the stage, which can be used now."""
    require_known(stage)
    if stage == "local":
        running()
    return stage


def require_known(stage: str) -> None:
    """Raise BadParameter for an unknown stage."""
    stages = importlib.import_module("infra.stages").STAGES
    if stage not in stages:
        raise typer.BadParameter(f"{stage} is no stage: {', '.join(stages)}")
