"""Rule sets, as the API answers them."""

from typing import Annotated, Literal

from pydantic import Field

from functions.planning import contract as planning
from local.answers.orders import Answer, Time

State = Literal["draft", "scheduled", "active", "ended", "shadow"]
Number = Annotated[int, Field(ge=1)]


class InForce(Answer):
    """A version holds from `starts` until `ends`, which is not included; null is for good."""

    version: Number
    starts: Time
    ends: Time | None
    by: str


class InShadow(Answer):
    version: Number
    until: Time


class RuleSetTimes(Answer):
    """A set: `version` is its newest, `in_force` the one that holds now. `state` is that of all versions together: active before shadow, scheduled, ended and
    draft."""

    id: str
    name: str
    version: Number
    state: State
    in_force: Number | None
    activations: list[InForce]
    shadow: InShadow | None


class RuleSet(planning.RuleSet):
    """One version, which never changes; `state` is its own. `newest` and the times are those of its set."""

    id: str
    version: Number
    newest: Number
    state: State
    by: str
    at: Time
    in_force: Number | None
    activations: list[InForce]
    shadow: InShadow | None
