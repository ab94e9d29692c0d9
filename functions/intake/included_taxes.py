"""
Check the taxes of an order whose prices include them: no price has more tax inside than it costs.

Called by   functions/intake (checks, changes.change_lines), for a new order or further lines whose prices include their tax
Returns     a problem for each tax that is above its price, which books would have as revenue below 0
"""

from collections.abc import Iterator

from comanda.domain.errors import Problem
from functions.intake.contract import OrderIn


def problems(given: OrderIn) -> list[Problem]:
    """Return a problem for each line and charge, else one for the whole order after its discounts."""
    wrong = [*of_lines(given), *_of_charges(given)]
    if not wrong and given.totals.tax.amount > given.totals.total.amount:
        wrong.append(_too_much("/totals/tax", given.totals.total.amount))
    return wrong


def of_lines(given: OrderIn) -> Iterator[Problem]:
    """Yield a problem for each line with more tax than it costs."""
    for i, line in enumerate(given.lines):
        worth = line.quantity * line.unit_price.amount - sum(one.amount.amount for one in line.discounts)
        if line.tax and line.tax.amount.amount > worth >= 0:  # discounts above the goods are a problem of their own
            yield _too_much(f"/lines/{i}/tax/amount", worth)


def _of_charges(given: OrderIn) -> Iterator[Problem]:
    for i, charge in enumerate(given.charges):
        if charge.tax and charge.tax.amount > charge.amount.amount:
            yield _too_much(f"/charges/{i}/tax", charge.amount.amount)


def _too_much(pointer: str, worth: int) -> Problem:
    message = f"is more than the {worth} minor units that it is a part of: the prices include their tax"
    return Problem(pointer=pointer, code="too-large", message=message)
