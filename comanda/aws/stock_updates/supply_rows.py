"""
Describe a row of a supply request or file: one step of one line.

Called by   functions/stock and functions/inbox, which make rows; comanda.aws.stock_updates, which applies them
"""

from dataclasses import dataclass

from comanda.domain.stock.supply_line import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Expedited:
    """The cost of having units sooner, in minor units, and its cause."""

    cost: int
    currency: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyRow:
    """A step of one line. The fields from `type` to `supplier` are used by a CREATE only."""

    line: int  # number of the row in its source
    supply_id: str
    number: int  # of the supply's line
    step: Step
    uom: str = ""
    type: str = ""
    sku: str = ""
    node: str = ""
    origin: str = ""
    over_percent: int | None = None
    supplier: str = ""
    expedited: Expedited | None = None
    content: str = ""

    @property
    def identity(self) -> str:
        """Return the row's name. The same identity is applied once, whichever caller sends it."""
        return f"{self.supply_id}\n{self.step.reference}\n{self.number}"

    @property
    def target(self) -> str:
        """Return the line's number: rows of one line are never in the same transaction."""
        return str(self.number)

    @property
    def group(self) -> str:
        """Return the supply: the rows of a transaction are of one supply."""
        return self.supply_id
