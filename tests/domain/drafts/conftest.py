"""Build the smallest sensible draft. A test names only the values that it is about."""

from datetime import UTC, datetime, timedelta

from comanda.domain import ids
from comanda.domain.drafts.draft import Draft, DraftLine, DraftPrice, PriceSource
from comanda.domain.drafts.steps import Actor, create, expiry_of_cart

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SHOP, ADA, BOB = Actor(id="shop", office=False), Actor(id="ada", office=True), Actor(id="bob", office=True)
DRAFT_ID = ids.draft("test1", ids.ulid(1_795_000_000_000, 7))


def a_line(line_id="1", quantity=1, price=1000, **fields):
    cost = DraftPrice(amount=price, source=PriceSource.CALLER)
    return DraftLine(line_id=line_id, sku=f"SKU-{line_id}", quantity=quantity, price=cost, **fields)


def a_plain_draft(*lines, **fields):
    """A draft as it is before any rule has seen it."""
    values = {"channel": "web", "currency": "USD", "locale": "en-US", "created_at": NOW, "updated_at": NOW}
    return Draft(draft_id=DRAFT_ID, **(values | {"expires_at": expiry_of_cart(NOW), "lines": lines, **fields}))


def a_draft(*lines, **fields):
    return create(a_plain_draft(*(lines or (a_line(),)), **fields), SHOP).draft
