"""Keys are spelled as the design says, and no text from outside can break a key."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.aws.dynamodb import keys
from comanda.domain.orders.queues import Queue
from tests.builders import NOW, ORDER_ID

O = f"O#{ORDER_ID}"  # noqa: E741  # the table's own letter
CASE_ID = f"cas_{ORDER_ID[4:]}-002"
LOOSE = f"cas_{ORDER_ID[4:]}"
STRANGE = st.text(st.characters(exclude_categories=("Cs",)), max_size=128)
TIME = "20261119T120000000Z"


@pytest.mark.parametrize(
    ("key", "pk", "sk"),
    [
        (keys.order(ORDER_ID), O, "#"),
        (keys.event(ORDER_ID, 12), O, "E#00000012"),
        (keys.decision(ORDER_ID, 3), O, "D#0003"),
        (keys.decision(ORDER_ID, 3, 2), O, "D#0003.02"),
        (keys.plan(ORDER_ID, "00000003.1"), O, "PL#00000003.1"),
        (keys.preview(ORDER_ID, "prv_us1_1"), O, "PV#prv_us1_1"),
        (keys.fulfillment(ORDER_ID, 1), O, "F#001"),
        (keys.invoice(ORDER_ID, 2), O, "I#002"),
        (keys.document(ORDER_ID, "packing-slip", "0a"), O, "DOC#packing-slip#0a"),
        (keys.money(ORDER_ID, "capture", 2), O, "P#capture#002"),
        (keys.token(ORDER_ID, "001"), O, "T#001"),
        (keys.account("gc_0a"), "GC#0a", "#"),
        (keys.account("sc_0a"), "SC#0a", "#"),
        (keys.order_entry("gc_0a", ORDER_ID, "redeem", 1), "GC#0a", f"L#{ORDER_ID}#redeem#001"),
        (keys.issue_entry("sc_0a", "i 1"), "SC#0a", "L#issue#i%201"),
        (keys.freeze_entry("gc_0a", "i 1"), "GC#0a", "L#freeze#i%201"),
        (keys.issue_journal("gc_0a", "i 1"), "GC#0a", "J#i%201"),
        (keys.credit_account("ac_0a"), "AC#0a", "#"),
        (keys.credit_account_of_channel("web", "c 17", "USD"), "ACL#web", "C#c%2017#USD"),
        (keys.credit_order_entry("ac_0a", ORDER_ID, "redeem", 1), "AC#0a", f"L#{ORDER_ID}#redeem#001"),
        (keys.debt_entry("ac_0a", date(2026, 12, 30), ORDER_ID, 2), "AC#0a", f"L#due#20261230#{ORDER_ID}#002"),
        (keys.debt_day("ac_0a", date(2026, 12, 30)), "AC#0a", "DD#20261230"),
        (keys.limit_entry("ac_0a", "0b"), "AC#0a", "L#limit#0b"),
        (keys.customer_payment("ac_0a", "t 1"), "AC#0a", "L#payment#t%201"),
        (keys.customer_payment_journal("ac_0a", "t 1"), "AC#0a", "J#t%201"),
        (keys.reversal("ac_0a", "t 1"), "AC#0a", "L#reversal#t%201"),
        (keys.reversal_journal("ac_0a", "t 1"), "AC#0a", "J##reversal#t%201"),
        (keys.waiting_terms("i1"), "CT#i1", "#"),
        (keys.waiting_terms_of("web", "c 17", "i1"), "ACL#web", "W#c%2017#i1"),
        (keys.waiting_issue("i1"), "GI#i1", "#"),
        (keys.billed_parcel(ORDER_ID, 1, "1Z9"), O, "BC#001#1Z9"),
        (keys.reported_line("stripe", "f", 7), "RC#stripe#252f10c83610ebca1a059c0bae8255eb", "000007"),
        (keys.settlement("bank", "po 1"), "RCP#bank#po%201", "#"),
        (keys.payout_name("f"), "RCN#252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111", "#"),
        (keys.settlement_totals("bank", "2026-11-20", "EUR"), "RCT#bank#2026-11", "2026-11-20#EUR"),
        (keys.wrong_codes("shop", "20261122T0930Z"), "GCM#shop", "20261122T0930Z"),
        (keys.mail(ORDER_ID, "shipped", "customer"), O, "M#shipped#customer"),
        (keys.task(ORDER_ID, "late-work", "late-001"), O, "W#late-work#late-001"),
        (keys.open_row(ORDER_ID), O, "W#open#0"),
        (keys.natural("web", "A 1/2"), "X#web#A%201%2F2", "#"),
        (keys.sscc("140123450000000019"), "SSCC#140123450000000019", "#"),
        (keys.tracking("UPS", "1Z#9", "ful_x-001"), "TRK#UPS#1Z%239", "ful_x-001"),
        (keys.tracking_event(ORDER_ID, 1, "1Z9", NOW, "BDE 01"), O, f"TE#001#1Z9#{TIME}#BDE%2001"),
        (keys.tracking_standing(ORDER_ID, 1), O, "TE#001"),
        (keys.case(CASE_ID), O, "C#002"),
        (keys.case(LOOSE), f"CS#{LOOSE}", "#"),
        (keys.case_event(CASE_ID, 3), O, "CE#002#000003"),
        (keys.case_event(LOOSE, 3), f"CS#{LOOSE}", "CE#000#000003"),
        (keys.case_text(CASE_ID, 1), f"CS#{CASE_ID}", "T#001"),
        (keys.case_of_customer("cus_1", NOW, CASE_ID), "C#cus_1", f"Q#{TIME}#{CASE_ID}"),
        (keys.case_of_sender("ab", NOW, LOOSE), "C#ab", f"SENT#{TIME}#{LOOSE}"),
        (keys.mails_of_sender("ab", "20261119"), "CF#ab", "DAY#20261119"),
        (keys.case_mail("<1@x>"), f"CM#{keys.digest('<1@x>')}", "#"),
        (keys.invoice_number("invoice", "dc 1", 7), "IN#invoice#dc%201#7", "#"),
        (keys.position("A#B", "dc-1"), "S#A%23B", "P#dc-1"),
        (keys.receipts("TEA"), "S#TEA", "RC"),
        (keys.backorder("TEA", 5, NOW, ORDER_ID, "1"), "S#TEA", f"B#5#{TIME}#{ORDER_ID}#1"),
        (keys.movement("TEA", "dc-1", "ord#1#1#ship"), "M#TEA#dc-1#0", "ord#1#1#ship"),
        (keys.client("c1"), "CLIENT#c1", "#"),
        (keys.user("u1"), "USER#u1", "#"),
        (keys.user_settings("u1"), "USER#u1", "SET"),
        (keys.user_badge("u1"), "USER#u1", "BADGE"),
        (keys.admins(), "ADMINS", "#"),
        (keys.role("risk"), "ROLE#risk", "#"),
        (keys.badge("ab12"), "BADGE#ab12", "#"),
        (keys.device("ab12"), "DEVICE#ab12", "#"),
        (keys.entry("NODE", "dc-1"), "NODE#dc-1", "#"),
        (keys.entry_version("NODE", "dc-1", 7), "NODE#dc-1", "V#000007"),
        (keys.product_gtin("04006381333931"), "GTIN#04006381333931", "#"),
        (keys.product_word("green", "A#B"), "W#gre", "green#A%23B"),
        (keys.product_words("gree"), "W#gre", "gree"),
        (keys.promise("prm_us1_1"), "PR#prm_us1_1", "#"),
        (keys.pack(2), "PACK#nodes", "002"),
        (keys.pack(0, "carriers"), "PACK#carriers", "000"),
        (keys.series("acme", "dc-1"), "SEQ#acme#dc-1", "#"),
        (keys.contact(ORDER_ID, 3), O, "V#3"),
        (keys.order_of_customer("cus_1", ORDER_ID), "C#cus_1", O),
        (keys.by_email("ab12", "cus_1", ORDER_ID), "E#ab12", f"cus_1#{ORDER_ID}"),
        (keys.by_phone("ab12", "cus_1", ORDER_ID), "P#ab12", f"cus_1#{ORDER_ID}"),
        (keys.by_name("ana lima", "cus_1", ORDER_ID), "N#ana", f"ana%20lima#cus_1#{ORDER_ID}"),
        (keys.visits("ab12", 7), "V#ab12", "7"),
        (keys.challenge("x"), "CH#2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "#"),
        (keys.form_to_confirm("x"), "CF#2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "#"),
        (keys.form_orders("web", 7, 3), "L#web#3", "7"),
        (keys.session("ab12"), "S#ab12", "#"),
        (keys.session_of("u1", "ab12"), "U#u1", "S#ab12"),
    ],
)
def test_each_key_is_spelled_as_the_design_says(key, pk, sk):
    assert (key["pk"], key["sk"]) == (pk, sk)


def test_a_document_without_a_number_is_found_by_the_time_of_its_issue() -> None:
    place = keys.unnumbered(NOW, "inv_us1_X-001")

    assert place["gsi3pk"] in {keys.queue_page(keys.UNNUMBERED, shard) for shard in range(keys.SHARDS)}
    assert place["gsi3sk"] == f"{TIME}#inv_us1_X-001"
    assert keys.id_of_document(place) == keys.id_of_document(keys.unrecorded(NOW, "inv_us1_X-001")) == "inv_us1_X-001"


def test_each_index_key_is_spelled_as_the_design_says():
    shard = keys.shard(ORDER_ID)
    assert keys.by_customer("cus#1", NOW, ORDER_ID) == {"gsi1pk": "C#cus%231", "gsi1sk": f"{TIME}#{ORDER_ID}"}
    assert keys.by_day("web", NOW, ORDER_ID) == {
        "gsi2pk": f"D#web#20261119#{shard}",
        "gsi2sk": f"{TIME}#{ORDER_ID}",
    }
    assert keys.in_queue("open", NOW, ORDER_ID, "0")["gsi3sk"] == f"{TIME}#{ORDER_ID}"
    assert keys.in_queue("holds", NOW, ORDER_ID, "h1", 0) == {
        "gsi3pk": f"W#holds#{shard}",
        "gsi3sk": f"0#{TIME}#{ORDER_ID}#h1",
    }
    assert keys.in_queue_of_node("put-back", "dc 1", NOW, ORDER_ID, "p", 0) == {
        "gsi2pk": "W#put-back#dc%201",
        "gsi2sk": f"0#{TIME}#{ORDER_ID}#p",
    }
    assert keys.by_tracking_number("1Z9", "ful_x-001") == {"gsi1pk": "TRK#1Z9", "gsi1sk": "ful_x-001"}
    store = keys.node_work("store-7", True, None, 4, NOW, 5, "ful_x-001")
    assert store == {"gsi3pk": "N#store-7#open#0", "gsi3sk": f"04#{TIME}#5#ful_x-001"}
    done = keys.node_work("store-7", True, NOW, 99, NOW, 5, "ful_x-001")
    assert done["gsi3pk"] == "N#store-7#done-202611#0"
    large = {keys.node_work("dc", False, None, 4, NOW, 5, f"ful_{i}")["gsi3pk"] for i in range(500)}
    assert large == {f"N#dc#open#{s}" for s in range(16)}
    assert keys.movement_in_time("TEA", "dc-1", NOW, "m")["gsi1pk"] == "M#TEA#dc-1#202611"
    assert keys.position_of_node("dc-1", "TEA")["gsi2pk"].startswith("N#dc-1#")
    assert keys.device_of_node("dc-1", NOW, "ab12") == {"gsi1pk": "DEVICES#dc-1", "gsi1sk": f"{TIME}#ab12"}
    assert keys.location("dc 1", "TEA") == {"pk": keys.locations("dc 1", keys.shard("TEA", 4)), "sk": "TEA"}
    assert keys.open_wave("dc 1", NOW, "wav_x") == {"gsi3pk": "N#dc%201#waves#0", "gsi3sk": f"{TIME}#wav_x"}
    assert keys.wave_claim(ORDER_ID, 1) == {"pk": f"O#{ORDER_ID}", "sk": "PW#001"}
    assert keys.pick_wave("wav_x")["pk"] == "PW#wav_x"
    assert keys.locations("dc 1", 3) == "LOC#dc%201#3"
    assert keys.alert("OVER_RESERVED", "TEA", "dc-1")["sk"] == "AL#OVER_RESERVED#dc-1"


def test_days_and_months_are_those_of_utc_wherever_the_order_was_placed():
    late_in_chicago = datetime(2026, 11, 30, 20, 0, tzinfo=timezone(timedelta(hours=-6)))

    assert keys.by_day("web", late_in_chicago, ORDER_ID)["gsi2pk"].startswith("D#web#20261201#")
    assert keys.movement_in_time("TEA", "dc-1", late_in_chicago, "m")["gsi1pk"] == "M#TEA#dc-1#202612"
    done = keys.node_work("store-7", True, late_in_chicago, 99, NOW, 5, "f")
    assert done["gsi3pk"] == "N#store-7#done-202612#0"
    assert keys.time(late_in_chicago) == "20261201T020000000Z"


@given(STRANGE)
def test_no_text_from_outside_breaks_a_key(text):
    encoded = keys.text(text)

    assert "#" not in encoded
    assert encoded.isascii()
    assert encoded.isprintable()
    assert " " not in encoded


@given(STRANGE, STRANGE)
def test_two_texts_never_share_a_key(a, b):
    assert (keys.text(a) == keys.text(b)) == (a == b)


@given(st.tuples(STRANGE, STRANGE), st.tuples(STRANGE, STRANGE))
def test_two_callers_never_share_an_item(a, b):
    for key in (keys.natural, keys.position, lambda x, y: keys.alert("low", x, y), keys.series, keys.entry):
        if a != b and key is not keys.entry:
            assert key(*a) != key(*b)
        elif a[1] != b[1]:
            assert key("NODE", a[1]) != key("NODE", b[1])


@given(STRANGE, STRANGE)
def test_a_query_of_a_sku_finds_no_other_sku_with_the_same_beginning(a, b):
    """Positions are queried by `S#<sku>` exactly, and within it by the prefix `P#`."""
    assert (keys.position(a, "n")["pk"] == keys.position(b, "n")["pk"]) == (a == b)
    assert keys.position(a, b)["sk"].startswith("P#")
    assert not keys.receipts(a)["sk"].startswith("P#")


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds


@given(MOMENTS, MOMENTS)
def test_keys_sort_as_time_does_to_the_millisecond(a, b):
    a, b = (t.replace(microsecond=t.microsecond // 1000 * 1000) for t in (a, b))

    assert (keys.time(a) < keys.time(b)) == (a < b)


@given(MOMENTS, st.integers(0, 8), STRANGE)
def test_a_place_in_a_queue_names_its_priority_and_its_due_time(due, priority, item):
    due = due.replace(microsecond=due.microsecond // 1000 * 1000)
    placed = keys.in_queue("routing", due, "ord_us1_X", item, priority)["gsi3sk"]

    assert keys.priority_and_due_of(placed) == (str(priority), due)
    assert (
        placed < keys.after_priority(str(priority)) < keys.in_queue("routing", due, "o", item, priority + 1)["gsi3sk"]
    )


@given(STRANGE, STRANGE)
def test_secrets_of_clients_stay_out_of_idempotency_keys(client, key):
    assert keys.idempotency("c", "POST /v1/orders", key)["pk"].startswith("IDEM#c#POST /v1/orders#")
    assert len(keys.idempotency("c", "r", key)["pk"]) == len("IDEM#c#r#") + 64
    assert keys.row("p", "shipments", client)["pk"] == f"ROW#p#shipments#{keys.digest(client)}"


def test_files_of_a_partner_sort_by_the_time_they_came():
    first = keys.file("acme", NOW, "a#b.csv")
    second = keys.file("acme", NOW + timedelta(milliseconds=1), "a.csv")

    assert first["pk"] == second["pk"] == "FILE#acme"
    assert first["sk"] < second["sk"]


def test_entries_are_spread_over_their_pages():
    pages = {keys.entries("NODE", f"n-{i}")["gsi1pk"] for i in range(200)}

    assert pages == {keys.entries_page("NODE", shard) for shard in range(keys.ENTRY_SHARDS)}


def test_tasks_of_transfers_have_keys_of_the_queues_by_their_names():
    """`keys` spells the two names itself, so that no room loads the orders for them."""
    request = keys.transfer_request(NOW, "sup-1", 1)
    difference = keys.transfer_difference(NOW, "sup-1", 1, "r-1")

    assert request["gsi3pk"].rsplit("#", 1)[0] == keys.queue_page(Queue.TRANSFERS, 0).rsplit("#", 1)[0]
    assert difference["gsi3pk"].rsplit("#", 1)[0] == keys.queue_page(Queue.TRANSFER_DIFFERENCES, 0).rsplit("#", 1)[0]
