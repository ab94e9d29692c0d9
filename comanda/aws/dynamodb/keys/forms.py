"""Spell the keys of the Forms table: visitors of order forms, and what they sent."""

from comanda.aws.dynamodb.keys.spelling import HEADER, Key, digest, text


def visits(visitor: str, window: int) -> Key:
    """Return the key of what a visitor asked of order forms in a window of ten minutes. `visitor` is a keyed hash."""
    return {"pk": f"V#{visitor}", "sk": str(window)}


def challenge(challenge: str) -> Key:
    """Return the key of a challenge of an order form that was used."""
    return {"pk": f"CH#{digest(challenge)}", "sk": HEADER}


def form_orders(channel: str, window: int, shard: int) -> Key:
    """Return the key of a counter of the orders of a channel's form in a window of ten minutes."""
    return {"pk": f"L#{text(channel)}#{shard}", "sk": str(window)}


def form_mails(hour: int) -> Key:
    """Return the key of the counter of all links that order forms mailed in an hour."""
    return {"pk": "M#all", "sk": str(hour)}


def form_to_confirm(token: str) -> Key:
    """Return the key of a form that waits until its mailed link is confirmed. `token` is that of the link."""
    return {"pk": f"CF#{digest(token)}", "sk": HEADER}
