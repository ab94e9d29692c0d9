"""
Keep what a page shows of a form that was refused: what was typed, and why nothing was changed. Pure.

Called by   the pages of orders, invoices, gift cards and credit accounts
"""

from dataclasses import dataclass
from typing import Any

from functions.console.forms import Form
from functions.console.problems import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownForm:
    """The form that was sent, if one was. `do` names the button, and with it the form of the page."""

    typed: Form | None = None
    refused: Refusal | None = None

    @property
    def did(self) -> str:
        return self.typed.do if self.typed else ""

    @property
    def status(self) -> int:
        return self.refused.status if self.refused else 200

    def was(self, do: str, name: str, otherwise: Any = "") -> Any:
        return self.typed.typed(do, name, otherwise) if self.typed else otherwise

    def error(self, do: str, name: str) -> str:
        return self.refused.fields.get(name, "") if self.refused and self.did == do else ""
