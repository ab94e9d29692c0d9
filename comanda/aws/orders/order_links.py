"""
Make and check the links by which customers see their orders, and keep what becomes of them: one item (`LK`) beside the order.

The signing key is a secret of its own. Its value before the last change is valid, too, so a change breaks no link of a mail;
two changes do. The item has the epoch of the order's links, which a revocation raises, and the wrong tries of their holders.
There is no item until one of the two is written.

Called by   functions/customers, functions/documents, functions/notify, functions/selfservice; comanda.aws.cases.case_tokens,
            comanda.aws.drafts.quote_links
Returns     addresses; what a token says
Raises      NotFound from `find`, for every token that opens nothing
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import orders
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound, StaleOrder
from comanda.domain.orders import order_link
from comanda.domain.orders.order import Order
from comanda.domain.orders.order_link import Key, Link

MOST_TRIES = 5
MOST_LOOKUPS = 10  # of one network in a window
_WINDOW_SECONDS = 600
_FIRST_EPOCH = 1
_KEPT_SECONDS = 300  # the keys of this process
_AGAIN_SECONDS = 10  # after which they are read again for a token of another key
_PATH = "/v1/s/"
_PAPERS_OPEN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An order that a link opens. `tries` are the wrong ones since the last right one, or since a revocation."""

    order: Order
    link: Link
    tries: int
    token: str

    @property
    def locked(self) -> bool:
        return self.tries >= MOST_TRIES

    def one_time_value(self, now: datetime) -> str:
        """Return the value of a form that acts on this version of the order."""
        return order_link.one_time_value(self.order.order_id, self.order.version, self.link.epoch, signing_keys(now)[0])

    def paper_proof(self, kind: str, number: int, now: datetime) -> str:
        """Return what opens the paper of an invoice or a credit note for ten minutes."""
        until = now + _PAPERS_OPEN
        return order_link.paper_proof(
            self.order.order_id, f"{kind} {number}", self.link.epoch, until, signing_keys(now)[0]
        )

    def is_paper_proof(self, proof: str, kind: str, number: int, now: datetime) -> bool:
        paper, keys_in_use = f"{kind} {number}", signing_keys(now)
        return order_link.is_paper_proof(proof, self.order.order_id, paper, self.link.epoch, now, keys_in_use)

    def is_one_time_value(self, value: str, now: datetime) -> bool:
        return order_link.is_one_time_value(
            value, self.order.order_id, self.order.version, self.link.epoch, signing_keys(now)
        )


def address(order_id: str, now: datetime) -> str:
    """Return the address of a new link to the order."""
    return address_of(order_link.link(order_id, epoch(order_id), now.date()), now)


def address_of(link: Link, now: datetime) -> str:
    return f"{_api_address()}{_PATH}{order_link.write(link, signing_keys(now)[0])}"


def epoch(order_id: str) -> int:
    """Return the epoch that valid links of the order have."""
    return _epoch(_state(order_id))


def find(token: str, now: datetime) -> Opened:
    """Return what a token opens. Raises NotFound, and says nothing of the reason."""
    link = read(token, now)
    state, order = _state(link.order_id), orders.find(link.order_id)
    if order is None or order.draft or _epoch(state) != link.epoch:
        raise NotFound("link", "of this address")
    return Opened(order=order, link=link, tries=int(state.get("tries", 0)), token=token)


def read(token: str, now: datetime) -> Link:
    """Return what a token says. Raises NotFound for a token that no key in use has signed, or whose day is over."""
    link = order_link.read(token, _keys_for(token, now), now.date())
    if link is None:
        raise NotFound("link", "of this address")
    return link


def revocation(order_id: str, before: int, by: str, now: datetime) -> Write:
    """Return the write after which no link of the epoch `before` opens anything, and wrong tries are forgotten.

    It is refused with StaleOrder when another request revoked them first.
    """
    return transaction.update(
        settings.orders_table,
        keys.link(order_id),
        "SET epoch = :next, tries = :none, revoked_by = :by, revoked_at = :at",
        StaleOrder(order_id),
        condition="epoch = :before" if before != _FIRST_EPOCH else "attribute_not_exists(epoch) OR epoch = :before",
        next=before + 1,
        before=before,
        none=0,
        by=by,
        at=now.isoformat(),
    )


def is_proven(opened: Opened, typed: str, wanted: Collection[str]) -> bool:
    """Return True if the customer typed one of the texts that only the customer knows.

    A try is counted before it is compared: any number of tries at once has five wrong ones together.
    """
    order_id, one_epoch = opened.order.order_id, opened.link.epoch
    counted = single_writes.update(
        settings.orders_table,
        keys.link(order_id),
        "ADD tries :one",
        condition="(attribute_not_exists(tries) OR tries < :most) AND (attribute_not_exists(epoch) OR epoch = :epoch)",
        one=1,
        most=MOST_TRIES,
        epoch=one_epoch,
    )
    compared = [order_link.is_proof(typed, one) for one in wanted]  # all, so that no time tells which one is right
    right = any(compared)
    if not counted or not right:
        return False
    return single_writes.update(
        settings.orders_table,
        keys.link(order_id),
        "SET tries = :none",
        condition="attribute_not_exists(epoch) OR epoch = :epoch",
        none=0,
        epoch=one_epoch,
    )


def lookup_proof(typed: str, now: datetime) -> str:
    """Return what stands for an e-mail or a postal code that somebody typed to get a link."""
    return order_link.lookup_proof(typed, signing_keys(now)[0])


def is_lookup_proof(proof: str, wanted: Sequence[str], now: datetime) -> bool:
    """Return True if somebody typed one of these texts."""
    return order_link.is_lookup_proof(proof, wanted, signing_keys(now))


def may_look_up(network: str, now: datetime) -> bool:
    """Count one more lookup of a network in these ten minutes, and return whether it is within the limit."""
    window = int(now.timestamp()) // _WINDOW_SECONDS
    return single_writes.update(
        settings.orders_table,
        keys.lookups(order_link.visitor(network, now.date(), signing_keys(now)[0]), window),
        "SET #ttl = :ttl ADD lookups :one",
        condition="attribute_not_exists(lookups) OR lookups < :most",
        n_ttl="ttl",
        ttl=(window + 2) * _WINDOW_SECONDS,
        one=1,
        most=MOST_LOOKUPS,
    )


def _state(order_id: str) -> dict[str, Any]:
    return reads.get(settings.orders_table, keys.link(order_id)) or {}


def _epoch(state: dict[str, Any]) -> int:
    return int(state.get("epoch", _FIRST_EPOCH))


# The keys that this process read, with the time until which it keeps them.
_read: dict[str, tuple[float, tuple[Key, ...]]] = {}


def signing_keys(now: datetime) -> tuple[Key, ...]:
    """Return the keys in use, the one that signs first."""
    arn = settings.link_key_arn
    until, found = _read.get(arn, (0.0, ()))
    if now.timestamp() >= until:
        found = tuple(Key(value) for value in (_secret(arn, "AWSCURRENT"), _secret(arn, "AWSPREVIOUS")) if value)
        _read[arn] = (now.timestamp() + _KEPT_SECONDS, found)
    return found


def _keys_for(token: str, now: datetime) -> tuple[Key, ...]:
    """Return the keys in use, read again if the token names another one: it may be newer than what this process knows.

    Forged tokens cost one such read in ten seconds.
    """
    found = signing_keys(now)
    until, _ = _read[settings.link_key_arn]
    if order_link.key_number(token) in {key.number for key in found}:
        return found
    if until - now.timestamp() > _KEPT_SECONDS - _AGAIN_SECONDS:
        return found
    _read.clear()
    return signing_keys(now)


def _secret(arn: str, stage: str) -> bytes | None:
    """Return a value of the secret, or None for the value before one that was never changed."""
    from botocore.exceptions import ClientError

    try:
        answer = client("secretsmanager").get_secret_value(SecretId=arn, VersionStage=stage)
    except ClientError as error:
        if stage == "AWSCURRENT" or error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    return str(answer["SecretString"]).encode()


@cache
def _api_address() -> str:
    """Return the address of the API. It is a parameter and no setting, because it is known only after the rooms were made."""
    found = client("ssm").get_parameter(Name=f"{settings.parameters.rstrip('/')}/api-url")
    return str(found["Parameter"]["Value"]).rstrip("/")


def forget() -> None:
    """Forget the keys and the address that this process read."""
    _read.clear()
    _api_address.cache_clear()
