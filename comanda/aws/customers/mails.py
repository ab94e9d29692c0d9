"""
Send mails through SES, once for each (order or draft, event, role).

Called by   functions/notify
Raises      MailClaimed while another process may be sending the mail; Throttled

The row `M#` is claimed under a lease, then SES is asked, then the row says `sent`. A process that finds the row sent does
nothing. A process that finds it claimed raises MailClaimed and is started again later. A claim whose lease is over belongs
to a process that ended, and the next process claims the mail anew. The row does not have the address, which is in Customers
only.

One case is left in which a mail is sent twice: SES accepted it, and the process ended or lost the connection before the row
said `sent`. SES has no idempotency key, so the choice there is twice or never, and a customer with two mails is better off
than a customer with none. botocore asks SES once for each claim and never again, so there is no second case.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import formataddr
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.room import fault
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import MailClaimed

# Far longer than one call of SES may take, and short enough for a customer who waits for the mail.
LEASE_SECONDS = 30

_NO_MAILBOX = "none"
_CLAIMED, _SENT, _NOBODY = "claimed", "sent", "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to one address. `shop` is the name that the reader sees as its sender; with a `reply_to` answers go there."""

    to: str
    shop: str
    subject: str
    html: str
    text: str
    reply_to: str = ""


def send_once(order_id: str, event: str, role: str, mail: Mail, now: datetime) -> bool:
    """Send the mail, unless it was sent; True when this call did.

    Raises MailClaimed while another attempt may be sending it, Throttled, and a Fault with the code of what SES refuses.
    """
    tags = {"order": order_id, "event": event, "role": role}
    return _send_once(keys.mail(order_id, event, role), replace(mail, reply_to=_reply_to(order_id, now)), tags, now)


def _reply_to(order_id: str, now: datetime) -> str:
    """Return the address by which an answer finds the order, "" where no mailbox passes on what comes back."""
    if settings.mail_replies == _NO_MAILBOX:
        return ""
    from comanda.aws.cases import case_tokens  # a stage without a mailbox needs none of it

    return f"case+{case_tokens.write(order_id, now)}@{settings.mail_replies}"


def send_of_draft_once(draft_id: str, event: str, role: str, mail: Mail, ttl: int, now: datetime) -> bool:
    """Send a mail about a draft, unless it was sent; True when this call did. Its row ends with the draft, at `ttl`, also when
    this process ends before the mail is sent."""
    row = keys.draft_mail(draft_id, event, role)
    return _send_once(row, mail, {"draft": draft_id, "event": event, "role": role}, now, ttl)


def _send_once(row: keys.Key, mail: Mail, tags: dict[str, str], now: datetime, ttl: int | None = None) -> bool:
    if not _claim(row, int(now.timestamp()), ttl):
        return False
    message_id = _send_by_ses(mail, tags)
    single_writes.update(
        settings.orders_table,
        row,
        "SET #state = :sent, sent_at = :at, message_id = :id REMOVE lease",
        n_state="state",
        sent=_SENT,
        at=now.isoformat(),
        id=message_id,
    )
    return True


def note_no_address(order_id: str, event: str, role: str, now: datetime) -> None:
    """Note that the order has no address for this mail, so that no process waits for it. Raises Throttled."""
    single_writes.update(
        settings.orders_table,
        keys.mail(order_id, event, role),
        "SET #state = :nobody, sent_at = :at",
        condition="attribute_not_exists(pk)",
        n_state="state",
        nobody=_NOBODY,
        at=now.isoformat(),
    )


def _claim(row: keys.Key, now: int, ttl: int | None) -> bool:
    """Return True if this process has to send the mail, False if it was sent. `ttl` is the end of the row, None for one that
    stays. Raises MailClaimed, Throttled."""
    ends: dict[str, Any] = {} if ttl is None else {"n_ttl": "ttl", "ttl": ttl}
    claimed = single_writes.update(
        settings.orders_table,
        row,
        f"SET #state = :claimed, lease = :until{', #ttl = :ttl' if ends else ''} ADD attempts :one",
        condition="attribute_not_exists(pk) OR (#state = :claimed AND lease < :now)",
        n_state="state",
        claimed=_CLAIMED,
        until=now + LEASE_SECONDS,
        now=now,
        one=1,
        **ends,
    )
    if claimed:
        return True
    kept = reads.get(settings.orders_table, row)
    if kept is None or kept["state"] == _CLAIMED:
        free = now if kept is None else int(kept["lease"]) + 1  # the first second in which another process may claim it
        raise MailClaimed(f"{row['pk']} {row['sk']}", max(free - now, 0))
    return False


def _send_by_ses(mail: Mail, tags: dict[str, str]) -> str:
    """Send the mail and return SES's id of the message. Raises Throttled, or a Fault, because SES quotes the address
    that it refuses."""
    from botocore.exceptions import ClientError

    try:
        return _send(mail, tags)
    except ClientError as error:
        raise fault(error) from None


def _send(mail: Mail, tags: dict[str, str]) -> str:
    answer = client("sesv2").send_email(
        FromEmailAddress=formataddr((mail.shop, settings.mail_sender)),
        Destination={"ToAddresses": [mail.to]},
        **({"ReplyToAddresses": [mail.reply_to]} if mail.reply_to else {}),
        Content={
            "Simple": {
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": mail.text, "Charset": "UTF-8"},
                    "Html": {"Data": mail.html, "Charset": "UTF-8"},
                },
                "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
            }
        },
        # SES sends the tags back with every delivery, bounce and complaint: they show a mail that was sent twice.
        EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
        ConfigurationSetName=settings.mail_configuration_set,
    )
    message_id: str = answer["MessageId"]
    return message_id
