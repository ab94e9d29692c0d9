"""
Compute the totals of a draft: goods, discounts, charges, and the tax of each line and charge by its rate.

total = goods - discounts + charges + tax, without the tax if the prices include it: what an order of these amounts must say.
The draft's own discounts go to its lines by largest remainder, weighted by net value, up to the value of the goods; the rest
goes to the charges. Tax is due on what is left, and is rounded half up, line by line.

Called by   comanda.domain.drafts.steps, .taxing and .view, functions/intake
Returns     amounts in minor units
Raises      nothing: `comanda.domain.drafts.checks` refuses discounts that are too large
"""

from comanda.domain.drafts.draft import Draft
from comanda.domain.money import spread, tax_of
from comanda.domain.orders.order import Totals


def totals(draft: Draft) -> Totals:
    """Return what the draft adds up to."""
    lines, charges = taxes(draft)
    goods = sum(line.goods for line in draft.lines)
    discounts = sum(line.discount for line in draft.lines) + sum(d.amount for d in draft.discounts)
    charged = sum(charge.amount for charge in draft.charges)
    tax = sum(lines) + sum(charges)
    total = goods - discounts + charged + (0 if draft.prices_include_tax else tax)
    return Totals(goods=goods, discounts=discounts, charges=charged, tax=tax, total=total)


def taxes(draft: Draft) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the tax of each line and of each charge, in their order."""
    (of_lines, of_charges), included = nets(draft), draft.prices_include_tax
    return (
        tuple(tax_of(net, line.tax_rate, included=included) for net, line in zip(of_lines, draft.lines, strict=True)),
        tuple(
            tax_of(net, charge.tax_rate, included=included)
            for net, charge in zip(of_charges, draft.charges, strict=True)
        ),
    )


def nets(draft: Draft) -> tuple[list[int], list[int]]:
    """Return what discounts leave of each line and of each charge, in their order."""
    goods = [max(0, line.goods - line.discount) for line in draft.lines]
    amounts = [charge.amount for charge in draft.charges]
    discount = sum(d.amount for d in draft.discounts)
    of_lines = min(discount, sum(goods))
    of_charges = min(discount - of_lines, sum(amounts))
    return _reduced(goods, of_lines), _reduced(amounts, of_charges)


def _reduced(amounts: list[int], discount: int) -> list[int]:
    """Return the amounts less their parts of a discount, which is at most their sum."""
    if not discount:
        return amounts
    return [amount - part for amount, part in zip(amounts, spread(discount, amounts), strict=True)]
