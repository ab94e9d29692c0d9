"""Make examples for the screens of gift cards, store credit and credit accounts."""

from comanda.aws.dynamodb import keys
from tests.functions.channels import set_channel
from tests.functions.credit_accounts.credit import CUSTOMER, on_account, shipped
from tests.functions.world import usd

DAY = 86_400
OWN = {"GIFT_CARD": "comanda", "STORE_CREDIT": "comanda", "ON_ACCOUNT": "comanda"}


def own_money(world):
    """Let the shop take gift cards, store credit and payments on account."""
    set_channel(world, payment_providers=OWN)


def a_gift_card(world):
    """Return the page of a card that paid a part of an order and was frozen."""
    own_money(world)
    card = world.call("POST", "/v1/gift-cards", {"channel": "web", "amount": usd(5_000), "reason": "sold"}).body
    pays = [{"method": "GIFT_CARD", "code": card["code"], "authorized": usd(1_000)}]
    world.placed(("TEA-001", 1), payments=pays)
    path = f"/v1/gift-cards/{card['account_id']}"
    reason = {"reason": "\u0641\u0627\u0637\u0645\u0629 says it was stolen"}
    assert world.call("POST", f"{path}/freeze", reason, who="office").status == 200
    return path.removeprefix("/v1/")


def a_credit_account(world):
    """Return the page of an account with an invoice that is overdue, a payment, and an order that reserves."""
    own_money(world)
    world.stocked("TEA-001", dc_1=9)
    terms = {"channel": "web", "customer_id": "c-17", "limit": usd(500_000), "payment_days": 30, "reason": "known"}
    account = world.call("POST", "/v1/credit-accounts", {**terms, "blocked_after": 5}, who="office").body
    path = f"credit-accounts/{account['credit_account_id']}"
    order_id = world.placed(("TEA-001", 2), payments=[on_account(2_000)], customer=CUSTOMER)
    shipped(world, order_id)
    paid = {"amount": usd(500), "reference": "SEPA-1", "received_on": f"{world.now:%Y-%m-%d}"}
    assert world.call("POST", f"/v1/{path}/payments", paid, who="office").status == 201
    world.placed(("TEA-001", 1), payments=[on_account(1_000)], customer=CUSTOMER)
    world.pass_time(40 * DAY)
    return path


def credit_accounts(world):
    """Return the list of accounts with terms that wait for a second person."""
    a_credit_account(world)
    limits = {"customer_credit": [usd(1_000)]}
    world.aws.put("Directory", **keys.user("lead"), roles=["staff"], desks=["finance"], limits=limits)
    world.patch.setitem(world_people(), "lead", {})
    terms = {"channel": "web", "customer_id": "c-18", "limit": usd(900_000), "payment_days": 60, "reason": "large"}
    assert world.call("POST", "/v1/credit-accounts", terms, who="lead").status == 202
    return "credit-accounts?channel=web"


def world_people():
    from tests.functions import world as worlds

    return worlds.PEOPLE


EXAMPLES = {
    "gift-cards/{account_id}": a_gift_card,
    "credit-accounts": credit_accounts,
    "credit-accounts/{credit_account_id}": a_credit_account,
}
