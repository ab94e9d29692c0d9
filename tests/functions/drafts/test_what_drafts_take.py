"""Whatever a draft takes, its order takes too: nobody prepares a sale that can never be made."""

from random import Random
from typing import Any

from tests.functions.drafts.acts import CHICAGO, a_cart, a_row
from tests.functions.drafts.test_confirm import confirm
from tests.functions.drafts.test_line_contacts import BIRTHDAY, BOSTON
from tests.functions.world import World, usd

_DRAFTS = 250
_PICKUP = {"method": "PICKUP", "node_id": "store-1"}
_WAYS: tuple[dict[str, Any], ...] = (
    {"method": "SHIP"},
    {"service": "EXPRESS"},
    {"group": "g"},
    {"group": "g", "service": "EXPRESS"},
    _PICKUP,
    {**_PICKUP, "group": "h"},
)


def some_lines(chance: Random) -> list[dict[str, Any]]:
    found = []
    for n in range(chance.randint(1, 3)):
        price, quantity = chance.choice([0, 1, 999, 12_345]), chance.randint(1, 3)
        kind = chance.choice(["PRODUCT", "PRODUCT", "PRODUCT", "BUNDLE", "SERVICE", "DIGITAL"])
        line = a_row(str(n), quantity, price, kind=kind, tax_rate=chance.choice(["0", "0.1", "0.999999"]))
        some = {
            "discounts": [{"code": "x", "amount": usd(chance.randint(0, price * quantity))}],
            "fulfillment": chance.choice(_WAYS),
            "ship_to": chance.choice([BOSTON, CHICAGO]),
            "gift": BIRTHDAY,
        }
        found.append({**line, **{name: value for name, value in some.items() if chance.random() < 0.3}})
        for part, share in (("a", 400_000), ("b", 600_000)) if kind == "BUNDLE" else ():
            component = {"kind": "COMPONENT", "parent_line_id": str(n), "ratio": 2, "price_share": share}
            found.append(a_row(f"{n}{part}", 2 * quantity, None, **component))
    return found


def test_a_draft_that_is_taken_becomes_an_order(world: World):
    chance, confirmed = Random(20261130), 0
    for n in range(_DRAFTS):
        some = {
            "fulfillment": chance.choice(_WAYS),
            "charges": [{"kind": "shipping", "amount": usd(chance.randint(0, 500)), "tax_rate": "0.2"}],
            "discounts": [{"code": "d", "amount": usd(chance.randint(0, 3_000))}],
            "prices_include_tax": True,
        }
        body = a_cart(
            customer={"id": f"c{n}", "name": "Ada"},
            ship_to=CHICAGO,
            lines=some_lines(chance),
            **{name: value for name, value in some.items() if chance.random() < 0.4},
        )

        draft = world.call("POST", "/v1/drafts", body)

        if draft.status != 422:
            reply = confirm(world, draft.body)
            assert (draft.status, reply.status) == (201, 201), (body, reply.body)
            assert reply.body["totals"] == draft.body["totals"]
            confirmed += 1
    assert _DRAFTS / 4 < confirmed < _DRAFTS
