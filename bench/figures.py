"""Define a figure: a measured value, its bar, and whether the bar was met."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    A measured value. `figure` begins with its subject (`import:`, `handler:` ...).

    `bar` with `better` is the requirement, None for a figure without one. `baseline` is the naive way in the same run.
    """

    figure: str
    value: float
    unit: str
    bar: float | None = None
    better: Literal["less", "more"] = "less"
    seed: int | None = None
    baseline: float | None = None

    @property
    def met(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value <= self.bar if self.better == "less" else self.value >= self.bar

    def document(self) -> dict[str, Any]:
        fields = asdict(self)
        del fields["better"]
        return fields | {"met": self.met}
