"""
Read the templates of a synthesized stage in its first region, with those of the stacks that are nested in its stacks.

Called by   infra/difference.py; the tests of infra
Returns     the templates by the stack's name in infra/names.py; that of a nested stack by both names, as `gateway/Routes`

A nested template names what its parent gives it by parameters. Here it has the parent's own expressions in their place.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from infra import names
from infra.stages import Stage

NESTED = "AWS::CloudFormation::Stack"


def read(stage: Stage, folder: Path, stacks: Iterable[str] = names.STACKS) -> dict[str, dict[str, Any]]:
    found = {}
    for name in stacks:
        stack = names.stack(stage, name)
        ids = (stack, f"{stack}-{stage.cells[0].region}")
        id_ = next(id_ for id_ in ids if (folder / f"{id_}.template.json").is_file())
        found[name] = _load(folder / f"{id_}.template.json")
        assets = _load(folder / f"{id_}.assets.json")["files"]
        for resource in found[name]["Resources"].values():
            if resource["Type"] == NESTED:
                construct = resource["Metadata"]["aws:cdk:path"].split("/")[1].removesuffix(".NestedStack")
                given = resource["Properties"]
                source = next(
                    file["source"]["path"] for hash_, file in assets.items() if hash_ in str(given["TemplateURL"])
                )
                found[f"{name}/{construct}"] = _given(_load(folder / source), given.get("Parameters", {}))
    return found


def _load(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _given(value: Any, parameters: dict[str, Any]) -> Any:
    """Return a value with the parent's expressions in the place of parameters."""
    match value:
        case {"Ref": name} if name in parameters:
            return parameters[name]
        case dict():
            return {key: _given(inner, parameters) for key, inner in value.items()}
        case list():
            return [_given(inner, parameters) for inner in value]
        case _:
            return value
