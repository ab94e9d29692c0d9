"""
Compare the templates of two stages resource by resource and property by property.

Called by   `comanda diff local prod`; `python -m infra.difference local prod`
Returns     a list of differences; `lines` makes them readable. The stage's own names are no difference
"""

import json
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import names, templates
from infra.layer import build
from infra.package import ROOT
from infra.stages import STAGES, Stage

MISSING = "(none)"
_PATH = "aws:cdk:path"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Difference:
    """One property that differs. `where` is the construct's path below its stack; the property "" is the whole resource."""

    stack: str
    where: str
    kind: str
    property: str
    left: str
    right: str


def difference(left: Stage, right: Stage, *, source: Path = ROOT) -> list[Difference]:
    """Synthesize both stages and compare them in their first region: the regions of a stage differ in their names only."""
    found = [_templates(stage, source) for stage in (left, right)]
    return compare(*found)


def compare(left: dict[str, dict[str, Any]], right: dict[str, dict[str, Any]]) -> list[Difference]:
    """Return the differences between two stages' templates by stack name, as `read` returns them."""
    differences = []
    for stack in sorted({*left, *right}):
        ours, theirs = left.get(stack, {}), right.get(stack, {})
        for where in sorted({*ours, *theirs}):
            one, other = ours.get(where), theirs.get(where)
            kind = str((one or other or {})["Type"])
            if one is None or other is None:
                sides = {"left": "there" if one else MISSING, "right": "there" if other else MISSING}
                differences.append(Difference(stack=stack, where=where, kind=kind, property="", **sides))
                continue
            flat_one, flat_other = dict(_flat(one)), dict(_flat(other))
            for name in sorted({*flat_one, *flat_other}):
                before, after = _apart(flat_one.get(name, [MISSING]), flat_other.get(name, [MISSING]))
                if before or after:
                    differences.append(
                        Difference(
                            stack=stack,
                            where=where,
                            kind=kind,
                            property=name,
                            left=", ".join(before) or MISSING,
                            right=", ".join(after) or MISSING,
                        )
                    )
    return differences


def read(stage: Stage, out: Path) -> dict[str, dict[str, Any]]:
    """Read the resources of a synthesized stage: stack -> construct path -> resource, without the stage's own names."""
    found = {}
    for name, document in templates.read(stage, out).items():
        template = json.loads(_without_names(json.dumps(document), stage))
        found[name] = {
            _where(logical_id, resource): {key: value for key, value in resource.items() if key != "Metadata"}
            for logical_id, resource in template["Resources"].items()
        }
    return found


def lines(differences: list[Difference], left: str, right: str) -> Iterator[str]:
    """Yield one line for each kind of difference. A change that many resources have is one line."""
    same: dict[tuple[str, str, str, str], list[Difference]] = defaultdict(list)
    for found in differences:
        same[(found.kind, found.property, found.left, found.right)].append(found)
    for (kind, name, before, after), places in sorted(same.items()):
        shown = ", ".join(f"{place.stack}/{place.where}" for place in places[:3])
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        yield f"{kind} {name or '(the resource)'}: {left} {before} | {right} {after}   [{shown}{more}]"


def _templates(stage: Stage, source: Path) -> dict[str, dict[str, Any]]:
    from infra.app import synthesize  # it starts Node

    with tempfile.TemporaryDirectory(prefix="comanda-diff-") as folder:
        synthesize(stage, out=Path(folder), layer=build(stage.architecture), staged=False, source=source)
        return read(stage, Path(folder))


def _where(logical_id: str, resource: dict[str, Any]) -> str:
    path = resource.get("Metadata", {}).get(_PATH)
    return path.split("/", 1)[1].removesuffix("/Resource") if path else logical_id


def _without_names(text: str, stage: Stage) -> str:
    """Replace the names of the stage, its region and its account, and the hashes that the CDK makes of them."""
    for pattern, neutral in (
        (rf"comanda{stage.name}({'|'.join(names.STACKS)})[a-z0-9]*?(?=[A-Z])", ""),
        (r"(ApiPermission\.ApiScoped\.\w+?)[0-9A-F]{8}\.Api[0-9A-F]{8}", r"\1"),
        (r"(AllowEventRule\w+?)[0-9A-F]{8}", r"\1"),
        (r"(ApiDeployment|ApiAuthorizer)[0-9A-F]{8}[0-9a-f]*", r"\1"),
        (rf"comanda-{stage.name}", "comanda-<stage>"),
        (rf"/comanda/{stage.name}/", "/comanda/<stage>/"),
        (rf"SsmParameterValuecomanda{stage.name}(\w+?)C96584B6F00A464EAD1953AFF4B05118Parameter", r"\1"),
        (re.escape(stage.cells[0].region), "${AWS::Region}"),
        (re.escape(stage.account or "${AWS::AccountId}"), "${AWS::AccountId}"),
    ):
        text = re.sub(pattern, neutral, text)
    return text


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield properties by their path. A list becomes its items: their order means nothing."""
    if name.endswith(("S3Key", "S3Bucket", ".TemplateURL")) or name in ("DependsOn", "Properties.Parameters"):
        return  # assets under another name, and what a nested template gets, which is read in its place
    if isinstance(value, dict) and not _is_call(value):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    else:
        yield (
            name.removeprefix("Properties."),
            [_text(item) for item in (value if isinstance(value, list) else [value])],
        )


def _is_call(value: dict[str, Any]) -> bool:
    return any(key == "Ref" or key.startswith("Fn::") for key in value)


def _text(value: Any) -> str:
    """Return a value as people write it: `${Orders.Arn}` for an intrinsic function, and joined text joined."""
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, sort_keys=True)


def _plain(value: Any) -> Any:
    match value:
        case {"Ref": str(name)} | {"Fn::Sub": str(name)}:
            plain: Any = name if "$" in name else f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            plain = f"${{{name}.{attribute}}}"
        case {"Fn::Join": [separator, parts]}:
            plain = str(separator).join(str(_plain(part)) for part in parts)
        case dict():
            plain = {key: _plain(inner) for key, inner in value.items()}
        case list():
            plain = [_plain(inner) for inner in value]
        case _:
            plain = value
    return plain


def _apart(left: list[str], right: list[str]) -> tuple[list[str], list[str]]:
    return [item for item in left if item not in right], [item for item in right if item not in left]


if __name__ == "__main__":
    one, other = (STAGES[name] for name in sys.argv[1:3])
    for line in lines(difference(one, other), one.name, other.name):
        print(line)  # noqa: T201  this is the command's answer
