"""
Make the classes of an order's values: the type checker refuses to change them, and the running code does not check it again.

Called by   comanda.domain.orders.order and comanda.domain.orders.line, of whose classes each request makes dozens of values
Returns     dataclasses that compare and hash by their fields
Raises      nothing

A frozen dataclass asks for leave at each assignment, also while a value is made. A line has 46 fields, so this took most of the time
of making one: docs/decisions/0068-orders-are-frozen-by-the-type-checker.md.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

__all__ = ["value"]

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, **terms: Any) -> Any:
        """Return a decorator like `dataclass`, whose classes are frozen for the type checker alone."""
        return dataclass(unsafe_hash=frozen, **terms)
