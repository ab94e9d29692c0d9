"""
Every key of every table, on one screen. Nothing else in the project spells a key.

Text from strangers is percent-encoded here, so no `#` of theirs can break one. Times are UTC `YYYYMMDDTHHMMSSmmmZ`.
"""

from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, unquote
from zlib import crc32

from comanda.domain.errors import Invalid, Problem

Key = dict[str, str]

SHARDS = 8


def text(value: str) -> str:
    """Return the text percent-encoded, so that it is safe inside a key. Raises Invalid for a value that is not Unicode
    text."""
    return quote(_bytes(value), safe="._-~")


def _bytes(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        message = "holds half of a surrogate pair, which is no text"
        raise Invalid(Problem(pointer="/", code="not-text", message=message)) from error


def plain_text(encoded: str) -> str:
    """What `text` encoded."""
    return unquote(encoded)


def time(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}Z"


def shard(value: str, of: int = SHARDS) -> int:
    return crc32(_bytes(value)) % of


def digest(value: str) -> str:
    return sha256(_bytes(value)).hexdigest()


# Orders: an order and its children share a partition


def order(order_id: str) -> Key:
    return {"pk": f"O#{order_id}", "sk": "#"}


def event(order_id: str, version: int) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"E#{version:08d}"}


def decision(order_id: str, number: int) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"D#{number:04d}"}


def plan(order_id: str, plan: str) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"PL#{plan}"}


def fulfillment(order_id: str, number: int) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"F#{number:03d}"}


def invoice(order_id: str, number: int) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"I#{number:03d}"}


def money(order_id: str, purpose: str, number: int) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"P#{purpose}#{number:03d}"}


def token(order_id: str, wait: str) -> Key:
    """`wait`: "order" or a fulfillment's number, three digits."""
    return {"pk": f"O#{order_id}", "sk": f"T#{wait}"}


def mail(order_id: str, event: str, role: str) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"M#{event}#{role}"}


def task(order_id: str, queue: str, item: str) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"W#{queue}#{text(item)}"}


def open_row(order_id: str) -> Key:
    return task(order_id, "open", "0")


def idempotency(client: str, route: str, key: str) -> Key:
    return {"pk": f"IDEM#{client}#{route}#{digest(key)}", "sk": "#"}


def lease(idempotency: Key) -> Key:
    """Held by the one request that may call the outside for an idempotency key."""
    return {"pk": idempotency["pk"], "sk": "LEASE"}


def natural(channel: str, external_id: str) -> Key:
    return {"pk": f"X#{text(channel)}#{text(external_id)}", "sk": "#"}


def tracking(carrier: str, number: str, fulfillment_id: str) -> Key:
    return {"pk": f"TRK#{text(carrier)}#{text(number)}", "sk": fulfillment_id}


def row(partner: str, kind: str, identity: str) -> Key:
    """A line of a partner's file that was applied."""
    return {"pk": f"ROW#{partner}#{kind}#{digest(identity)}", "sk": "#"}


def by_customer(customer: str, placed_at: datetime, order_id: str) -> Key:
    return {"gsi1pk": customer_page(customer), "gsi1sk": f"{time(placed_at)}#{order_id}"}


def customer_page(customer: str) -> str:
    return f"C#{text(customer)}"


def by_day(channel: str, placed_at: datetime, order_id: str) -> Key:
    placed = time(placed_at)
    return {"gsi2pk": day(channel, placed[:8], shard(order_id)), "gsi2sk": f"{placed}#{order_id}"}


def day(channel: str, yyyymmdd: str, shard: int) -> str:
    return f"D#{text(channel)}#{yyyymmdd}#{shard}"


def in_queue(queue: str, due: datetime, order_id: str, item: str, priority: int = 5) -> Key:
    """A work item's place in its queue; what must be looked at first comes first."""
    row = f"{time(due)}#{order_id}" if queue == "open" else f"{priority}#{time(due)}#{order_id}#{text(item)}"
    return {"gsi3pk": queue_page(queue, shard(order_id)), "gsi3sk": row}


def queue_page(queue: str, shard: int) -> str:
    return f"W#{queue}#{shard}"


def node_work(
    node: str, store: bool, done: datetime | None, rank: int, ship_by: datetime, priority: int, fulfillment_id: str
) -> Key:
    """A fulfillment's place in its node's list of open work, or of the month it was done in."""
    page = f"done-{time(done)[:6]}" if done else "open"
    return {
        "gsi3pk": node_page(node, page, 0 if store else shard(fulfillment_id, NODE_SHARDS)),
        "gsi3sk": f"{rank:02d}#{time(ship_by)}#{priority}#{fulfillment_id}",
    }


NODE_SHARDS = 16


def node_page(node: str, page: str, shard: int) -> str:
    return f"N#{text(node)}#{page}#{shard}"


# Stock


def position(sku: str, node: str, lane: int = 0) -> Key:
    """A hot position's further lanes have partitions of their own."""
    if lane:
        return {"pk": f"S#{text(sku)}#{text(node)}#{lane}", "sk": "P"}
    return {"pk": f"S#{text(sku)}", "sk": f"P#{text(node)}"}


def positions(sku: str) -> Key:
    """Where the sort keys of a sku's positions begin, and that of its prices: one Query reads them all."""
    return {"pk": f"S#{text(sku)}", "sk": "P"}


def prices(sku: str) -> Key:
    """What taking a unit of the sku, node by node, costs those who come after. No position: these begin with `P#`."""
    return {"pk": f"S#{text(sku)}", "sk": "PRICES"}


def backorder(sku: str, priority: int, placed_at: datetime, order_id: str, line: str) -> Key:
    return {"pk": f"S#{text(sku)}", "sk": f"B#{priority}#{time(placed_at)}#{order_id}#{text(line)}"}


def preorder(sku: str, node: str, priority: int, placed_at: datetime, order_id: str, line: str, due: str) -> Key:
    """Units promised for a day's supply at a node, in the order in which they are served."""
    return {
        "pk": f"S#{text(sku)}",
        "sk": f"{preorders(sku, node)['sk']}{priority}#{time(placed_at)}#{order_id}#{text(line)}#{due}",
    }


def preorders(sku: str, node: str) -> Key:
    return {"pk": f"S#{text(sku)}", "sk": f"D#{text(node)}#"}


def backorders(sku: str) -> Key:
    return {"pk": f"S#{text(sku)}", "sk": "B#"}


def receipts(sku: str) -> Key:
    return {"pk": f"S#{text(sku)}", "sk": "RC"}


def reservation(reservation_id: str) -> Key:
    return {"pk": f"R#{reservation_id}", "sk": "#"}


def chunk(reservation_id: str, number: int) -> Key:
    """Lines of a reservation that does not fit one transaction."""
    return {"pk": f"R#{reservation_id}", "sk": f"L#{number:03d}"}


EXPIRING_SHARDS = 4


def expiring(at: datetime, reservation_id: str, *, many: bool) -> Key:
    """Where the sweeper finds a reservation; those of many chunks stand together, before the others."""
    name = f"+{reservation_id}" if many else reservation_id
    return {"gsi3pk": expiring_page(at, shard(reservation_id, EXPIRING_SHARDS)), "gsi3sk": name}


def expiring_page(at: datetime, shard: int) -> str:
    return f"XP#{at.astimezone(UTC):%Y%m%dT%H%MZ}#{shard}"


def swept() -> Key:
    """How far expired reservations have been taken back."""
    return {"pk": "XP#swept", "sk": "#"}


def sku_of(pk: str) -> str:
    """The sku in the partition key of its positions, or of a lane of one."""
    return unquote(pk.split("#")[1])


def movement(sku: str, node: str, movement_id: str, lane: int = 0) -> Key:
    return {"pk": f"M#{text(sku)}#{text(node)}#{lane}", "sk": _caused(movement_id)}


def _caused(movement_id: str) -> str:
    """Return a movement's id as a part of a key. Only the id's line is a stranger's text, and neither the part before
    nor the part behind it has a `#`."""
    return quote(_bytes(movement_id), safe=_ASCII)


_ASCII = "".join(chr(code) for code in range(33, 127) if chr(code) != "%")


def movements_page(sku: str, node: str, yyyymm: str, lane: int = 0) -> str:
    """A month of a ledger. What is written too often for one item is written too often for one page: each lane has its own."""
    return f"M#{text(sku)}#{text(node)}#{yyyymm}" + (f"#{lane}" if lane else "")


def movement_in_time(sku: str, node: str, at: datetime, movement_id: str, lane: int = 0) -> Key:
    return {"gsi1pk": movements_page(sku, node, time(at)[:6], lane), "gsi1sk": f"{time(at)}#{_caused(movement_id)}"}


def position_of_node(node: str, sku: str) -> Key:
    return {"gsi2pk": f"N#{text(node)}#{shard(sku, 4)}", "gsi2sk": text(sku)}


def alert(kind: str, sku: str, node: str, lane: int = 0) -> Key:
    return {
        "pk": f"S#{text(sku)}",
        "sk": f"AL#{kind}#{text(node)}" + (f"#{lane}" if lane else ""),
        "gsi3pk": f"AL#{kind}#{shard(sku)}",
        "gsi3sk": f"{text(node)}#{text(sku)}",
    }


def alerts_page(kind: str, shard: int) -> str:
    return f"AL#{kind}#{shard}"


def alerts_of_node(node: str) -> str:
    """What comes before every alert of a node in a page."""
    return f"{text(node)}#"


def alert_of(sk: str) -> tuple[str, str]:
    """The kind and the node in the sort key of an alert; its lane is not said."""
    _, kind, node, *_ = sk.split("#")
    return kind, unquote(node)


def summary(sku: str, channel: str, method: str, node: str | None = None) -> Key:
    """What a channel may sell of a sku; the channel `*` stands for all that have no summary of their own."""
    whose = channel if channel == "*" else text(channel)
    return {"pk": f"A#{text(sku)}", "sk": f"{whose}#{method}" + (f"#{text(node)}" if node else "")}


def demand(sku: str, node: str) -> Key:
    """How a sku sells at a node, and what is suggested because of it."""
    return {"pk": f"D#{text(sku)}", "sk": text(node)}


def supply(supply_id: str) -> Key:
    """A purchase order, a transfer, or another announcement; its lines share the partition."""
    return {"pk": f"PO#{supply_id}", "sk": "#"}


def supply_line(supply_id: str, line: int) -> Key:
    return {"pk": f"PO#{supply_id}", "sk": f"L#{line:04d}"}


def supply_due(eta: str, supply_id: str, line: int) -> Key:
    """An open line's place among those that are awaited, the most overdue first."""
    place = f"{supply_id}#{line}"
    return {"gsi3pk": supplies_page(shard(place)), "gsi3sk": f"{eta}#{place}"}


def transfer_request(until: datetime, supply_id: str, line: int) -> Key:
    """Return the index key of a line that waits for its origin to answer: its place in the queue, the oldest first."""
    return _of_supply("transfers", until, f"{supply_id}#{line:04d}")


def requests_until(at: datetime) -> str:
    """Return the sort key that stands behind all requests whose time to be answered is over at this time."""
    return f"5#{time(at)}~"


def difference(supply_id: str, line: int, reference: str) -> Key:
    """Return the key of a difference: units that were received and that were not shipped. `reference` is the
    receipt's."""
    return {"pk": f"PO#{supply_id}", "sk": f"X#{line:04d}#{text(reference)}"}


def transfer_difference(at: datetime, supply_id: str, line: int, reference: str) -> Key:
    """Return the index key of a difference: its place in the queue, the oldest first."""
    return _of_supply("transfer-differences", at, f"{supply_id}#{line:04d}#{text(reference)}")


def _of_supply(queue: str, due: datetime, item: str) -> Key:
    return {"gsi3pk": queue_page(queue, shard(item)), "gsi3sk": f"5#{time(due)}#{item}"}


def supplies_page(shard: int) -> str:
    return f"SU#{shard}"


def asked_on(channel: str, yyyymmdd: str, part: int = 0) -> Key:
    """What was asked for on a day that is over, by sku and region: counted once."""
    return {"pk": f"AD#{text(channel)}#{yyyymmdd}", "sk": f"{part:03d}"}


def stock_fact(day: str, kind: str, name: str) -> Key:
    """Something of a UTC day that a figure is made of: an expedited shipment, safety stock that was released."""
    return {"pk": f"KPI#{day}", "sk": f"{kind}#{text(name)}"}


def stock_day(day: str, part: str) -> Key:
    """The figures of a day of the stock, counted in parts."""
    return {"pk": "KPI#stock", "sk": f"{day}#{text(part)}"}


def capacity(node: str, day: str, kind: str, lane: int = 0) -> Key:
    """What is taken of a node's local day."""
    return {"pk": f"K#{text(node)}#{day}#{kind}", "sk": str(lane)}


def promise(promise_id: str) -> Key:
    """What was promised, until its time is over."""
    return {"pk": f"PR#{promise_id}", "sk": "#"}


# Directory


def client(client_id: str) -> Key:
    return {"pk": f"CLIENT#{client_id}", "sk": "#"}


def client_of(pk: str) -> str:
    """Return the id of the app client from the partition key of its row."""
    return pk.removeprefix("CLIENT#")


def user(sub: str) -> Key:
    return {"pk": f"USER#{sub}", "sk": "#"}


def entry(kind: str, name: str) -> Key:
    """The active version of a node, product, partner, channel, calendar or hold type."""
    return {"pk": f"{kind}#{text(name)}", "sk": "#"}


def entry_version(kind: str, name: str, version: int) -> Key:
    return {"pk": f"{kind}#{text(name)}", "sk": f"V#{version:06d}"}


def entries(kind: str, name: str) -> Key:
    return {"gsi1pk": entries_page(kind, shard(name, ENTRY_SHARDS)), "gsi1sk": text(name)}


ENTRY_SHARDS = 4


def entries_page(kind: str, shard: int) -> str:
    return f"{kind}#{shard}"


def pack(number: int, of: str = "nodes") -> Key:
    """Chunk n of the router's view of all nodes, or of all carriers."""
    return {"pk": f"PACK#{of}", "sk": f"{number:03d}"}


def file(partner: str, received: datetime, name: str) -> Key:
    return {"pk": f"FILE#{partner}", "sk": f"{time(received)}#{digest(name)[:12]}"}


def file_applying(at: datetime) -> Key:
    """Return a file's index key among the files that are being applied, by the time of its last checkpoint."""
    return {"gsi1pk": "FILES#applying", "gsi1sk": time(at)}


def files_round() -> Key:
    """Return the key of the row that says how far the files bucket has been searched for files without an answer."""
    return {"pk": "FILES#round", "sk": "#"}


def file_answers(file: Key, line: int) -> Key:
    """What was said of a file's lines from `line` on, until its receipt is written."""
    return {"pk": f"{file['pk']}#{file['sk']}", "sk": f"{line:08d}"}


def series(entity: str, series: str) -> Key:
    return {"pk": f"SEQ#{entity}#{text(series)}", "sk": "#"}


# Customers


def contact(order_id: str, version: int) -> Key:
    return {"pk": f"O#{order_id}", "sk": f"V#{version}"}
