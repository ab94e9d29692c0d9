"""
Spell every key of every table. No other module of the project spells a key, and a test holds that.

Text from outside is percent-encoded, so a `#` in it cannot break a key. Times are UTC `YYYYMMDDTHHMMSSmmmZ`.

The module is long because it is one table of contents: the keys of Orders, Stock, Directory, Customers and Sessions, in
this order.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote
from zlib import crc32

from comanda.domain import ids
from comanda.domain.errors import Invalid, Problem

Key = dict[str, str]

SHARDS = 8
HEADER = "#"  # the sort key of an item that is alone in its partition, or that the other items there belong to


def text(value: str) -> str:
    """Return the text percent-encoded, so that it is safe inside a key. Raises Invalid for a value that is not Unicode
    text."""
    if value.isascii() and value.isalnum():
        return value  # most values: `quote` takes five times as long to find nothing in them
    return quote(_bytes(value), safe="._-~")


def _bytes(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        message = "holds half of a surrogate pair, which is no text"
        raise Invalid(Problem(pointer="/", code="not-text", message=message)) from error


def plain_text(encoded: str) -> str:
    """Return the text that `text` has encoded."""
    return unquote(encoded)


def time(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}Z"


def shard(value: str, of: int = SHARDS) -> int:
    return crc32(_bytes(value)) % of


def digest(value: str) -> str:
    return sha256(_bytes(value)).hexdigest()


# Orders: an order and its children share a partition

ORDERS = "O#"  # the partition of an order begins with it
# The sort keys of an order's children begin with these.
CASES = "C#"
CASE_EVENTS = "CE#"
DECISIONS = "D#"
DOCUMENTS = "DOC#"
EVENTS = "E#"
FULFILLMENTS = "F#"
INVOICES = "I#"
LINK = "LK"
MAILS = "M#"
MONEY = "P#"
PLANS = "PL#"
PREVIEWS = "PV#"
TASKS = "W#"
TOKENS = "T#"
TRACKING_EVENTS = "TE#"
NATURAL_KEYS = "X#"  # the partition of a natural key begins with it


def order(order_id: str) -> Key:
    return {"pk": ORDERS + order_id, "sk": HEADER}


def order_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the order that a row of Orders or Customers belongs to."""
    order_id: str = row["pk"].removeprefix(ORDERS)
    return order_id


def event(order_id: str, version: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{EVENTS}{version:08d}"}


def decision(order_id: str, number: int, destination: int = 0) -> Key:
    """Return the key of the record of a route, of one for each destination of an order with many."""
    beside = f".{destination:02d}" if destination else ""
    return {"pk": ORDERS + order_id, "sk": f"{DECISIONS}{number:04d}{beside}"}


def plan(order_id: str, plan: str) -> Key:
    return {"pk": ORDERS + order_id, "sk": PLANS + plan}


def preview(order_id: str, preview_id: str) -> Key:
    """Return the key of the preview of a change."""
    return {"pk": ORDERS + order_id, "sk": PREVIEWS + text(preview_id)}


def plan_of(row: Mapping[str, Any]) -> str:
    """Return the name of the plan from its row."""
    name: str = row["sk"].removeprefix(PLANS)
    return name


def fulfillment(order_id: str, number: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{FULFILLMENTS}{number:03d}"}


def fulfillment_number_of(row: Mapping[str, Any]) -> int:
    return int(row["sk"].removeprefix(FULFILLMENTS))


def invoice(order_id: str, number: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{INVOICES}{number:03d}"}


def document(order_id: str, name: str, digest: str) -> Key:
    """Return the key of the row that names the object of a stored document. `digest` is that of all it is made of."""
    return {"pk": ORDERS + order_id, "sk": f"{DOCUMENTS}{name}#{digest}"}


def money(order_id: str, purpose: str, number: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{MONEY}{purpose}#{number:03d}"}


def token(order_id: str, wait: str) -> Key:
    """Return the key of a task token. `wait` is "order" or a fulfillment's number, three digits."""
    return {"pk": ORDERS + order_id, "sk": TOKENS + wait}


def mail(order_id: str, event: str, role: str) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{MAILS}{event}#{role}"}


def task(order_id: str, queue: str, item: str) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{TASKS}{queue}#{text(item)}"}


def tasks_of_queue(queue: str) -> str:
    """Return how the sort keys of an order's items of a queue begin."""
    return f"{TASKS}{queue}#"


def lookups(visitor: str, window: int) -> Key:
    """Return the key of a counter of the lookups of a network in a window of ten minutes. `visitor` is a keyed hash."""
    return {"pk": f"LU#{visitor}", "sk": str(window)}


def link(order_id: str) -> Key:
    """Return the key of the state of the links to an order: their epoch, and the wrong tries of their holders."""
    return {"pk": ORDERS + order_id, "sk": LINK}


def open_row(order_id: str) -> Key:
    return task(order_id, "open", "0")


def idempotency(client: str, route: str, key: str) -> Key:
    return {"pk": f"IDEM#{client}#{route}#{digest(key)}", "sk": HEADER}


def lease(idempotency: Key) -> Key:
    """Return the key of the lease that one request holds while it calls another service for an idempotency key."""
    return {"pk": idempotency["pk"], "sk": "LEASE"}


def answered_part(idempotency: Key, part: str) -> Key:
    """Return the key of the answer to one part of a request: one of the items that it answers one by one."""
    return {"pk": idempotency["pk"], "sk": f"PART#{digest(part)}"}


def natural(channel: str, external_id: str) -> Key:
    return {"pk": f"{NATURAL_KEYS}{text(channel)}#{text(external_id)}", "sk": HEADER}


def tracking(carrier: str, number: str, fulfillment_id: str) -> Key:
    return {"pk": f"TRK#{text(carrier)}#{text(number)}", "sk": fulfillment_id}


def by_tracking_number(number: str, fulfillment_id: str) -> Key:
    """Return the index key of a parcel by its number alone, for a search that knows no carrier."""
    return {"gsi1pk": tracking_page(number), "gsi1sk": fulfillment_id}


def tracking_page(number: str) -> str:
    return f"TRK#{text(number)}"


def tracking_number_of(row: Mapping[str, Any]) -> str:
    """Return the tracking number from the row of a parcel, as its label has it."""
    return unquote(row["pk"].rpartition("#")[2])


def tracking_event(order_id: str, fulfillment: int, number: str, at: datetime, code: str) -> Key:
    """Return the key of one scan of a parcel, by its number as it is looked up. The keys of a parcel's scans have the
    order of their times."""
    return {"pk": ORDERS + order_id, "sk": f"{tracking_events(fulfillment)}{text(number)}#{time(at)}#{text(code)}"}


def tracking_events(fulfillment: int) -> str:
    """Return the beginning of the sort keys of the scans of a fulfillment's parcels."""
    return f"{TRACKING_EVENTS}{fulfillment:03d}#"


def tracking_standing(order_id: str, fulfillment: int) -> Key:
    """Return the key of the item that says what the scans of each parcel of a fulfillment say together."""
    return {"pk": ORDERS + order_id, "sk": f"{TRACKING_EVENTS}{fulfillment:03d}"}


def parcel_look(at: datetime, fulfillment_id: str) -> Key:
    """Return the index key of a parcel's row: its place among the parcels that the sweeper looks at, by the time for it."""
    return {"gsi3pk": queue_page("parcels", shard(fulfillment_id)), "gsi3sk": f"{time(at)}#{fulfillment_id}"}


def erasure(customer_id: str) -> Key:
    """Return the key of the row by which the sweeper finds the erasure of a customer that is not finished."""
    return {"pk": f"ER#{customer_id}", "sk": HEADER}


def erasure_due(customer_id: str, at: datetime) -> Key:
    return {"gsi3pk": queue_page("erasures", shard(customer_id)), "gsi3sk": f"{time(at)}#{customer_id}"}


def customer_id_of_erasure(row: Mapping[str, Any]) -> str:
    customer_id: str = row["pk"].removeprefix("ER#")
    return customer_id


def case(case_id: str) -> Key:
    """Return the key of a case: among the children of its order, or alone in its partition."""
    of = ids.order_of_case(case_id)
    return {"pk": _case_page(case_id), "sk": f"{CASES}{of[1]:03d}" if of else HEADER}


def case_number_of(row: Mapping[str, Any]) -> int:
    """Return the number of a case from its row among the children of its order."""
    return int(row["sk"].removeprefix(CASES))


def _case_page(case_id: str) -> str:
    of = ids.order_of_case(case_id)
    return ORDERS + of[0] if of else f"CS#{case_id}"


def case_in_list(owner: str, due: datetime, case_id: str) -> Key:
    """Return the index key of a case that is not closed: its place among those of its owner, the first due one first."""
    return {"gsi3pk": queue_page(cases_of(owner), shard(case_id)), "gsi3sk": f"{time(due)}#{case_id}"}


def cases_of(owner: str) -> str:
    """Return the name of the list of an owner's cases."""
    return f"cases-{text(owner)}"


def case_reminder(due: datetime, case_id: str) -> Key:
    """Return the index key by which the sweeper finds a case that is late and of which nobody was reminded."""
    return {"gsi2pk": queue_page("case-reminders", shard(case_id)), "gsi2sk": f"{time(due)}#{case_id}"}


def case_event(case_id: str, version: int) -> Key:
    return {"pk": _case_page(case_id), "sk": f"{case_events(case_id)}{version:06d}"}


def case_events(case_id: str) -> str:
    """Return the beginning of the sort keys of the events of a case."""
    of = ids.order_of_case(case_id)
    return f"{CASE_EVENTS}{of[1] if of else 0:03d}#"


def unsent_case_event(at: datetime, case_id: str, version: int) -> Key:
    """Return the index key that an event of a case has until it is on the bus."""
    return {"gsi3pk": queue_page("case-events", shard(case_id)), "gsi3sk": f"{time(at)}#{case_id}#{version:06d}"}


def invoice_number(entity: str, series: str, serial: int) -> Key:
    """Return the key by which an invoice is found by its number."""
    return {"pk": f"IN#{entity}#{text(series)}#{serial}", "sk": HEADER}


DRAFTS = "DR#"  # the partition of a draft begins with it


def draft(draft_id: str) -> Key:
    return {"pk": DRAFTS + draft_id, "sk": HEADER}


def draft_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the draft that a row of Orders or Customers belongs to."""
    draft_id: str = row["pk"].removeprefix(DRAFTS)
    return draft_id


def draft_event(draft_id: str, version: int) -> Key:
    return {"pk": DRAFTS + draft_id, "sk": f"{EVENTS}{version:08d}"}


def draft_mail(draft_id: str, event: str, role: str) -> Key:
    return {"pk": DRAFTS + draft_id, "sk": f"{MAILS}{event}#{role}"}


def quote_number(number: str) -> Key:
    """Return the key of the row that names the draft of a quote."""
    return {"pk": f"Q#{text(number)}", "sk": HEADER}


def draft_look(draft_id: str) -> Key:
    """Return the key of the row by which the sweeper finds a draft."""
    return {"pk": DRAFTS + draft_id, "sk": f"{TASKS}look"}


def draft_look_due(at: datetime, draft_id: str) -> Key:
    """Return the index key of that row: its place among the drafts to look at, by the time for it. The queue `drafts` is of
    orders that wait for sales."""
    return {"gsi3pk": queue_page("draft-looks", shard(draft_id)), "gsi3sk": f"{time(at)}#{draft_id}"}


def open_cart(channel: str, customer_id: str) -> Key:
    """Return the key of the row that names the open cart of a customer."""
    return {"pk": f"CART#{text(channel)}#{customer_id}", "sk": HEADER}


def row(partner: str, kind: str, identity: str) -> Key:
    """Return the key of a line of a partner's file that was applied."""
    return {"pk": f"ROW#{partner}#{kind}#{digest(identity)}", "sk": HEADER}


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
    """Return the index key of a task: its place in its queue, the most urgent first."""
    row = f"{time(due)}#{order_id}" if queue == "open" else f"{priority}#{time(due)}#{order_id}#{text(item)}"
    return {"gsi3pk": queue_page(queue, shard(order_id)), "gsi3sk": row}


def in_queue_of_node(queue: str, node: str, due: datetime, order_id: str, item: str, priority: int = 5) -> Key:
    """Return the index key of a task that a node's people may answer: its place in their part of its queue."""
    place = in_queue(queue, due, order_id, item, priority)["gsi3sk"]
    return {"gsi2pk": queue_page_of_node(queue, node), "gsi2sk": place}


def queue_page_of_node(queue: str, node: str) -> str:
    return f"W#{queue}#{text(node)}"


def claimed(by: str, until: datetime, order_id: str, queue: str, item: str) -> Key:
    """Return the keys of a claimed item in the list of its claimant's claims, in the order in which they end."""
    return {"gsi1pk": claims_page(by), "gsi1sk": f"{time(until)}#{order_id}#{queue}#{item}"}


def claims_page(by: str) -> str:
    return f"CLAIMS#{text(by)}"


def queue_page(queue: str, shard: int) -> str:
    return f"W#{queue}#{shard}"


def priority_and_due_of(gsi3sk: str) -> tuple[str, datetime]:
    """Return the priority and the due time of a task from its place in its queue."""
    priority, due, _ = gsi3sk.split("#", 2)
    return priority, _moment(due)


def _moment(spelt: str) -> datetime:
    return datetime.strptime(spelt, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)


def after_priority(priority: str) -> str:
    """Return the sort key after those of all tasks of this priority in a queue."""
    return f"{priority}~"


def node_work(
    node: str, store: bool, done: datetime | None, rank: int, ship_by: datetime, priority: int, fulfillment_id: str
) -> Key:
    """Return the index key of a fulfillment: its place in its node's list of open work, or of the month it was done in."""
    page = f"done-{time(done)[:6]}" if done else "open"
    return {
        "gsi3pk": node_page(node, page, 0 if store else shard(fulfillment_id, NODE_SHARDS)),
        "gsi3sk": f"{rank:02d}#{time(ship_by)}#{priority}#{fulfillment_id}",
    }


NODE_SHARDS = 16


def node_page(node: str, page: str, shard: int) -> str:
    return f"N#{text(node)}#{page}#{shard}"


# Stock

SKUS = "S#"  # the partition of a sku, or of a lane of a position, begins with it
# The sort keys of a sku's items begin with these.
ALERTS = "AL#"
BACKORDERS = "B#"
POSITIONS = "P#"
PREORDERS = "D#"
LANE = "P"  # the sort key of a lane of a position, whole; the sort keys of positions begin with it, too
LEDGERS = "M#"  # the partition of a ledger begins with it
RESERVATIONS = "R#"  # the partition of a reservation begins with it
SUPPLIES = "PO#"  # the partition of a supply begins with it
LINES = "L#"  # the sort keys of a supply's lines, and of a reservation's chunks, begin with it


def position(sku: str, node: str, lane: int = 0) -> Key:
    """Return the key of a position, or of a lane of a position with many changes: a lane has its own partition."""
    if lane:
        return {"pk": f"{SKUS}{text(sku)}#{text(node)}#{lane}", "sk": LANE}
    return {"pk": SKUS + text(sku), "sk": POSITIONS + text(node)}


def is_position(key: Mapping[str, Any]) -> bool:
    """Return True for the key of a position or of a lane of a position."""
    pk, sk = str(key["pk"]), str(key["sk"])
    return pk.startswith(SKUS) and (sk == LANE or sk.startswith(POSITIONS))


def positions(sku: str) -> Key:
    """Return the beginning of the sort keys of a sku's positions and of its shadow prices: one Query reads them all."""
    return {"pk": SKUS + text(sku), "sk": LANE}


def prices(sku: str) -> Key:
    """Return the key of a sku's shadow prices. It is no position's, because these begin with `P#`."""
    return {"pk": SKUS + text(sku), "sk": "PRICES"}


def backorder(sku: str, priority: int, placed_at: datetime, order_id: str, line: str) -> Key:
    return {"pk": SKUS + text(sku), "sk": f"{BACKORDERS}{priority}#{time(placed_at)}#{order_id}#{text(line)}"}


def preorder(sku: str, node: str, priority: int, placed_at: datetime, order_id: str, line: str, due: str) -> Key:
    """Return the key of units that were promised from a supply of a day at a node. The keys have the order of service."""
    return {
        "pk": SKUS + text(sku),
        "sk": f"{preorders(sku, node)['sk']}{priority}#{time(placed_at)}#{order_id}#{text(line)}#{due}",
    }


def preorders(sku: str, node: str) -> Key:
    return {"pk": SKUS + text(sku), "sk": f"{PREORDERS}{text(node)}#"}


def backorders(sku: str) -> Key:
    return {"pk": SKUS + text(sku), "sk": BACKORDERS}


def receipts(sku: str) -> Key:
    return {"pk": SKUS + text(sku), "sk": "RC"}


def reservation(reservation_id: str) -> Key:
    return {"pk": RESERVATIONS + reservation_id, "sk": HEADER}


def reservation_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the reservation that a row of Stock belongs to."""
    reservation_id: str = row["pk"].removeprefix(RESERVATIONS)
    return reservation_id


def chunk(reservation_id: str, number: int) -> Key:
    """Return the key of some lines of a reservation that does not fit one transaction."""
    return {"pk": RESERVATIONS + reservation_id, "sk": f"{LINES}{number:03d}"}


EXPIRING_SHARDS = 4


def expiring(at: datetime, reservation_id: str, *, many: bool) -> Key:
    """Return the index key that the sweeper finds a reservation by. Reservations of many chunks come first."""
    name = f"+{reservation_id}" if many else reservation_id
    return {"gsi3pk": expiring_page(at, shard(reservation_id, EXPIRING_SHARDS)), "gsi3sk": name}


def expiring_page(at: datetime, shard: int) -> str:
    return f"XP#{at.astimezone(UTC):%Y%m%dT%H%MZ}#{shard}"


def swept() -> Key:
    """Return the key of the row that says how far expired reservations have been taken back."""
    return {"pk": "XP#swept", "sk": HEADER}


def sku_of(pk: str) -> str:
    """Return the sku from the partition key of its positions, or of a lane of a position."""
    return unquote(pk.split("#")[1])


def movement(sku: str, node: str, movement_id: str, lane: int = 0) -> Key:
    return {"pk": f"{LEDGERS}{text(sku)}#{text(node)}#{lane}", "sk": _caused(movement_id)}


def _caused(movement_id: str) -> str:
    """Return a movement's id as a part of a key. Only the id's line is a stranger's text, and neither the part before
    nor the part behind it has a `#`."""
    return quote(_bytes(movement_id), safe=_ASCII)


_ASCII = "".join(chr(code) for code in range(33, 127) if chr(code) != "%")


def movements_page(sku: str, node: str, yyyymm: str, lane: int = 0) -> str:
    """Return the page of a month of a ledger. Each lane has a page of its own, because one page would take too many
    writes."""
    return f"{LEDGERS}{text(sku)}#{text(node)}#{yyyymm}" + (f"#{lane}" if lane else "")


def movement_in_time(sku: str, node: str, at: datetime, movement_id: str, lane: int = 0) -> Key:
    return {"gsi1pk": movements_page(sku, node, time(at)[:6], lane), "gsi1sk": f"{time(at)}#{_caused(movement_id)}"}


def position_of_node(node: str, sku: str) -> Key:
    return {"gsi2pk": f"N#{text(node)}#{shard(sku, 4)}", "gsi2sk": text(sku)}


def alert(kind: str, sku: str, node: str, lane: int = 0) -> Key:
    return {
        "pk": SKUS + text(sku),
        "sk": f"{ALERTS}{kind}#{text(node)}" + (f"#{lane}" if lane else ""),
        "gsi3pk": alerts_page(kind, shard(sku)),
        "gsi3sk": f"{text(node)}#{text(sku)}",
    }


def alerts_page(kind: str, shard: int) -> str:
    return f"{ALERTS}{kind}#{shard}"


def alerts_of_node(node: str) -> str:
    """Return the beginning of the sort keys of a node's alerts in a page."""
    return f"{text(node)}#"


def alert_of(sk: str) -> tuple[str, str]:
    """Return the kind and the node from the sort key of an alert, without its lane."""
    _, kind, node, *_ = sk.split("#")
    return kind, unquote(node)


def summary(sku: str, channel: str, method: str, node: str | None = None) -> Key:
    """Return the key of the units that a channel may sell. The channel `*` stands for all channels without an own summary."""
    whose = channel if channel == "*" else text(channel)
    return {"pk": f"A#{text(sku)}", "sk": f"{whose}#{method}" + (f"#{text(node)}" if node else "")}


def demand(sku: str, node: str) -> Key:
    """Return the key of the demand of a sku at a node, with the suggestions that follow from it."""
    return {"pk": f"D#{text(sku)}", "sk": text(node)}


def supply(supply_id: str) -> Key:
    """Return the key of a purchase order, a transfer or another announcement. Its lines share the partition."""
    return {"pk": SUPPLIES + supply_id, "sk": HEADER}


def supply_line(supply_id: str, line: int) -> Key:
    return {"pk": SUPPLIES + supply_id, "sk": f"{LINES}{line:04d}"}


def supply_due(eta: str, supply_id: str, line: int) -> Key:
    """Return the index key of an open line: its place among the awaited lines, the most overdue first."""
    name = f"{supply_id}#{line}"
    return {"gsi3pk": supplies_page(shard(name)), "gsi3sk": f"{eta}#{name}"}


def transfer_request(until: datetime, supply_id: str, line: int) -> Key:
    """Return the index key of a line that waits for its origin to answer: its place in the queue, the oldest first."""
    return _of_supply("transfers", until, f"{supply_id}#{line:04d}")


def requests_until(at: datetime) -> str:
    """Return the sort key after those of all requests whose time to be answered is over at this time."""
    return f"5#{time(at)}~"


def difference(supply_id: str, line: int, reference: str) -> Key:
    """Return the key of a difference: units that were received and that were not shipped. `reference` is the
    receipt's."""
    return {"pk": SUPPLIES + supply_id, "sk": f"X#{line:04d}#{text(reference)}"}


def transfer_difference(due: datetime, supply_id: str, line: int, reference: str) -> Key:
    """Return the index key of a difference: its place in the queue, the oldest first."""
    return _of_supply("transfer-differences", due, f"{supply_id}#{line:04d}#{text(reference)}")


def _of_supply(queue: str, due: datetime, item: str) -> Key:
    return {"gsi3pk": queue_page(queue, shard(item)), "gsi3sk": f"5#{time(due)}#{item}"}


def supplies_page(shard: int) -> str:
    return f"SU#{shard}"


def asked_on(channel: str, yyyymmdd: str, part: int = 0) -> Key:
    """Return the key of the units that were ordered on a day that is over, by sku and region. They are counted once."""
    return {"pk": f"AD#{text(channel)}#{yyyymmdd}", "sk": f"{part:03d}"}


def stock_fact(day: str, kind: str, name: str) -> Key:
    """Return the key of a fact of a UTC day that a figure is made of: an expedited shipment, released safety stock."""
    return {"pk": f"KPI#{day}", "sk": f"{kind}#{text(name)}"}


def stock_day(day: str, part: str) -> Key:
    """Return the key of the figures of a day of the stock, which are counted in parts."""
    return {"pk": "KPI#stock", "sk": f"{day}#{text(part)}"}


def capacity(node: str, day: str, kind: str, lane: int = 0) -> Key:
    """Return the key of the units that are planned for a local day of a node."""
    return {"pk": f"K#{text(node)}#{day}#{kind}", "sk": str(lane)}


def promise(promise_id: str) -> Key:
    """Return the key of a promise, which is kept until its time is over."""
    return {"pk": f"PR#{promise_id}", "sk": HEADER}


# Directory

CLIENTS = "CLIENT#"
_SERIES = "SEQ#"
_USERS = "USER#"


def client(client_id: str) -> Key:
    return {"pk": CLIENTS + client_id, "sk": HEADER}


def client_of(pk: str) -> str:
    """Return the id of the app client from the partition key of its row."""
    return pk.removeprefix(CLIENTS)


def user(sub: str) -> Key:
    return {"pk": _USERS + sub, "sk": HEADER}


def user_id_of(row: Mapping[str, Any]) -> str:
    """Return the person's id from a row of theirs."""
    sub: str = row["pk"].removeprefix(_USERS)
    return sub


def user_settings(sub: str) -> Key:
    return {"pk": _USERS + sub, "sk": "SET"}


def user_badge(sub: str) -> Key:
    """Return the key of the row that names the person's badge."""
    return {"pk": _USERS + sub, "sk": "BADGE"}


def admins() -> Key:
    """Return the key of the number of people with the role admin."""
    return {"pk": "ADMINS", "sk": HEADER}


def badge(mac: str) -> Key:
    """Return the key of a badge. `mac` is the HMAC of its code."""
    return {"pk": f"BADGE#{mac}", "sk": HEADER}


def device(digest: str) -> Key:
    """Return the key of a device. `digest` is the SHA-256 of its secret."""
    return {"pk": f"DEVICE#{digest}", "sk": HEADER}


def device_of_node(node: str, enrolled: datetime, digest: str) -> Key:
    """Return a device's index key: its place among the devices of its node, the oldest first."""
    return {"gsi1pk": devices_page(node), "gsi1sk": f"{time(enrolled)}#{digest}"}


def devices_page(node: str) -> str:
    return f"DEVICES#{text(node)}"


def entry(kind: str, name: str) -> Key:
    """Return the key of the active version of a node, product, partner, channel, calendar or hold type."""
    return {"pk": kind_prefix(kind) + text(name), "sk": HEADER}


def kind_prefix(kind: str) -> str:
    """Return the beginning of the partitions of a kind of entries."""
    return f"{kind}#"


def entry_version(kind: str, name: str, version: int) -> Key:
    return {"pk": kind_prefix(kind) + text(name), "sk": f"V#{version:06d}"}


def entries(kind: str, name: str) -> Key:
    return {"gsi1pk": entries_page(kind, shard(name, ENTRY_SHARDS)), "gsi1sk": text(name)}


ENTRY_SHARDS = 4


def entries_page(kind: str, shard: int) -> str:
    return f"{kind}#{shard}"


def price_lists() -> Key:
    """Return the key of the register of price lists: what each list says without its prices."""
    return {"pk": "PRICELISTS", "sk": HEADER}


def price(price_list: str, prices: str, sku: str) -> Key:
    """Return the key of the price of a sku in one set of prices of a list."""
    return {"pk": prices_page(price_list, prices), "sk": text(sku)}


def prices_page(price_list: str, prices: str) -> str:
    return f"PL#{text(price_list)}#{prices}"


def price_of_file(source: str, price_list: str, sku: str) -> Key:
    """Return the key of the price that a file brings. It waits there until its file is read to the end."""
    return {"pk": prices_of_file(source), "sk": f"{text(price_list)}#{text(sku)}"}


def prices_of_file(source: str) -> str:
    return f"PF#{digest(source)}"


def file_in_price_list(source: str, price_list: str) -> Key:
    """Return the key of the note that the prices of a file are in a list."""
    return {"pk": f"PFD#{digest(source)}", "sk": text(price_list)}


def product_gtin(gtin: str) -> Key:
    """Return the key of the row that names the product with this GTIN, of 14 digits."""
    return {"pk": f"GTIN#{gtin}", "sk": HEADER}


def product_word(word: str, sku: str) -> Key:
    """Return the key of the row by which a product is found by a word of three letters or more."""
    return {**product_words(word), "sk": f"{text(word)}#{text(sku)}"}


def product_words(beginning: str) -> Key:
    """Return the partition of the words that begin so, and the beginning of their sort keys."""
    return {"pk": f"W#{text(beginning[:3])}", "sk": text(beginning)}


def pack(number: int, of: str = "nodes") -> Key:
    """Return the key of a chunk of the router's view of all nodes, or of all carriers."""
    return {"pk": f"PACK#{of}", "sk": f"{number:03d}"}


def file(partner: str, received: datetime, name: str) -> Key:
    return {"pk": f"FILE#{partner}", "sk": f"{time(received)}#{digest(name)[:12]}"}


def file_applying(at: datetime) -> Key:
    """Return a file's index key among the files that are being applied, by the time of its last checkpoint."""
    return {"gsi1pk": "FILES#applying", "gsi1sk": time(at)}


def files_round() -> Key:
    """Return the key of the row that says how far the files bucket has been searched for files without an answer."""
    return {"pk": "FILES#round", "sk": HEADER}


def file_answers(file: Key, line: int) -> Key:
    """Return the key of the answers to a file's lines from `line` on. They are kept until the receipt is written."""
    return {"pk": f"{file['pk']}#{file['sk']}", "sk": f"{line:08d}"}


def series(entity: str, series: str) -> Key:
    return {"pk": f"{_SERIES}{entity}#{text(series)}", "sk": HEADER}


# Customers


def contact(order_id: str, version: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"V#{version}"}


def proof(order_id: str, provision: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"PF#{provision:03d}"}


def pending_change(order_id: str) -> Key:
    """Return the key of the change that waits for money, in Customers."""
    return {"pk": ORDERS + order_id, "sk": "CH#pending"}


def is_contact(row: Mapping[str, Any]) -> bool:
    """Return True for a version of an order's contact, among the rows of an order in Customers."""
    return str(row["sk"]).startswith("V#")


def contact_version_of(row: Mapping[str, Any]) -> int:
    return int(row["sk"].removeprefix("V#"))


def customer(customer_id: str) -> Key:
    """Return the key of the row that says when a customer was erased."""
    return {"pk": customer_page(customer_id), "sk": HEADER}


def customer_id_of(row: Mapping[str, Any]) -> str:
    customer_id: str = row["pk"].removeprefix("C#")
    return customer_id


def merged(customer_id: str, merged_id: str) -> Key:
    """Return the key of the row beside a customer that names another one, which was merged into it."""
    return {"pk": customer_page(customer_id), "sk": f"M#{merged_id}"}


def merged_customer_of(row: Mapping[str, Any]) -> str:
    """Return the id of the merged customer from the row beside the other one."""
    merged_id: str = row["sk"].removeprefix("M#")
    return merged_id


def order_of_customer(customer_id: str, order_id: str) -> Key:
    """Return the key of an order among those of a customer. They have the order of their ids, which is that of time."""
    return {"pk": customer_page(customer_id), "sk": f"{ORDERS}{order_id}"}


def order_id_of_customer(row: Mapping[str, Any]) -> str:
    """Return the id of the order from its row among those of a customer."""
    order_id: str = row["sk"].removeprefix(ORDERS)
    return order_id


def after_orders() -> str:
    """Return a sort key after every order of a customer."""
    return f"{ORDERS}~"


def case_of_customer(customer_id: str, opened_at: datetime, case_id: str) -> Key:
    """Return the key of a case among those of a customer, in the order in which they were opened."""
    return {"pk": customer_page(customer_id), "sk": f"{CASES_OF_CUSTOMER}{time(opened_at)}#{case_id}"}


CASES_OF_CUSTOMER = "Q#"  # after the orders: what stands before them are merged customers


def case_of_sender(identity: str, opened_at: datetime, case_id: str) -> Key:
    """Return the key of a case without an order among those that an e-mail address wrote. `identity` is a keyed hash."""
    return {"pk": sender_page(identity), "sk": f"{CASES_OF_CUSTOMER}{time(opened_at)}#{case_id}"}


def sender_page(identity: str) -> str:
    return f"CF#{identity}"


def mails_of_sender(identity: str, yyyymmdd: str) -> Key:
    """Return the key of the number of mails of an e-mail address on a UTC day that reached a case."""
    return {"pk": sender_page(identity), "sk": f"DAY#{yyyymmdd}"}


def case_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the case from its row among those of a customer or a sender."""
    case_id: str = row["sk"].rpartition("#")[2]
    return case_id


def case_text(case_id: str, number: int) -> Key:
    return {"pk": case_texts(case_id), "sk": f"T#{number:03d}"}


def case_texts(case_id: str) -> str:
    """Return the partition of the texts of a case."""
    return f"CS#{case_id}"


def case_mail(message_id: str) -> Key:
    """Return the key of the note that a mail was taken."""
    return {"pk": f"CM#{digest(message_id)}", "sk": HEADER}


def audit(person: str, at: datetime, act: str, subject: str) -> Key:
    """Return the key of the note of an act of a person: that they read the contact of an order, searched a customer, or the like."""
    return {"pk": audit_page(person, f"{time(at)[:6]}"), "sk": f"{time(at)}#{act}#{subject}"}


def audit_page(person: str, yyyymm: str) -> str:
    """Return the partition of the acts of a person in a month."""
    return f"AU#{text(person)}#{yyyymm}"


def audit_of(subject: str, at: datetime, act: str, person: str) -> Key:
    """Return the key by which an act is found among those on an order or a customer."""
    return {"pk": audited_page(subject), "sk": f"{time(at)}#{act}#{text(person)}"}


def audited_page(subject: str) -> str:
    """Return the partition of the acts on an order or a customer."""
    return f"AS#{text(subject)}"


def by_email(identity: str, customer_id: str, order_id: str) -> Key:
    """Return the key of a customer's order by its e-mail. `identity` is a keyed hash."""
    return {"pk": email_page(identity), "sk": f"{customer_id}#{order_id}"}


def email_page(identity: str) -> str:
    return f"E#{identity}"


def by_phone(identity: str, customer_id: str, order_id: str) -> Key:
    """Return the key of a customer's order by its phone. `identity` is a keyed hash."""
    return {"pk": phone_page(identity), "sk": f"{customer_id}#{order_id}"}


def phone_page(identity: str) -> str:
    return f"P#{identity}"


def by_name(folded: str, customer_id: str, order_id: str) -> Key:
    """Return the key of a customer's order by its name, which is folded."""
    return {"pk": name_page(folded), "sk": f"{text(folded)}#{customer_id}#{order_id}"}


def name_page(folded: str) -> str:
    """Return the partition of all names that begin with the same three letters."""
    return f"N#{text(folded[:3])}"


def name_prefix(folded: str) -> str:
    """Return the beginning of the sort keys of all names that begin so."""
    return text(folded)


def after_prefix(prefix: str) -> str:
    """Return a sort key after every one that begins with the prefix."""
    return f"{prefix}~"


def before_customer(row: Mapping[str, Any]) -> str:
    """Return a sort key before those of all orders of the row's customer in the same search."""
    prefix: str = row["sk"].rpartition("#")[0]
    return f"{prefix}#"


def customer_and_order_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the ids of the customer and the order from a row of a search."""
    customer_id, order_id = row["sk"].split("#")[-2:]
    return customer_id, order_id


def velocity(kind: str, identity: str, placed_at: datetime, order_id: str) -> Key:
    """Return the key of an order among those of one customer, e-mail, phone or address. `identity` is a keyed hash."""
    return {"pk": velocity_page(kind, identity), "sk": f"{time(placed_at)}#{order_id}"}


def velocity_page(kind: str, identity: str) -> str:
    return f"V#{kind}#{identity}"


def after_time(at: datetime) -> str:
    """Return a sort key after every row whose sort key begins with this time."""
    return f"{time(at)}$"


def order_of_velocity(row: Mapping[str, Any]) -> tuple[datetime, str]:
    """Return the time and the id of the order that a row of velocity counts."""
    placed, order_id = row["sk"].split("#", 1)
    return _moment(placed), order_id


# Sessions

SESSIONS = "S#"  # the partition of a session of the console, and the sort key of a person's row of it, begin with it


def session(digest: str) -> Key:
    """Return the key of a session of the console. `digest` is the SHA-256 of its cookie."""
    return {"pk": SESSIONS + digest, "sk": HEADER}


def session_of(sub: str, digest: str) -> Key:
    """Return the key of the row by which a session is found for its person."""
    return {"pk": sessions_of(sub), "sk": SESSIONS + digest}


def sessions_of(sub: str) -> str:
    """Return the partition with the rows of a person's sessions."""
    return f"U#{sub}"


def session_at_device(device_id: str, badge: str) -> Key:
    """Return the key of a session that a badge opens again at a device. `badge` is a hash keyed with the device's secret."""
    return {"pk": f"D#{device_id}", "sk": f"B#{badge}"}


def session_digest_of(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a session's cookie from the row of its person."""
    digest: str = row["sk"].removeprefix(SESSIONS)
    return digest


# Forms


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


def draft_of_customer(customer_id: str, draft_id: str) -> Key:
    """Return the key of a draft among those of a customer. They come after the orders, in the order of their ids, which is that
    of time."""
    return {"pk": customer_page(customer_id), "sk": f"PREPARED#{draft_id}"}


def draft_id_of_search(row: Mapping[str, Any]) -> str:
    """Return the id of the draft from its row among those of a customer, or of a search."""
    draft_id: str = row["sk"].rpartition("#")[2]
    return draft_id


def draft_by_email(identity: str, draft_id: str = "") -> Key:
    """Return the key by which a draft is found by an e-mail. `identity` is a keyed hash. Without `draft_id` it is the
    beginning of all these keys."""
    return {"pk": f"DE#{identity}", "sk": f"#{draft_id}"}


def draft_by_phone(identity: str, draft_id: str = "") -> Key:
    """Return the key by which a draft is found by a phone. `identity` is a keyed hash."""
    return {"pk": f"DP#{identity}", "sk": f"#{draft_id}"}


def draft_by_name(folded: str, draft_id: str) -> Key:
    """Return the key by which a draft is found by a name, which is folded."""
    return {"pk": draft_names(folded)["pk"], "sk": f"{text(folded)}#{draft_id}"}


def draft_names(folded: str) -> Key:
    """Return the beginning of the keys of all drafts with a name that begins so."""
    return {"pk": f"DN#{text(folded[:3])}", "sk": text(folded)}
