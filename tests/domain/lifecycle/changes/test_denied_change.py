"""Test that a denied effect is denied by every way that leads to it, and nothing else with it."""

from dataclasses import replace

import pytest

from comanda.domain.errors import Held, NotAllowed
from comanda.domain.lifecycle.cancels import cancel, cancellable
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_amounts import NewPrice
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.modifications.modification_matrix import (
    LEVELS,
    POSSIBLE,
    Level,
    Matrix,
    Modification,
    Rule,
)
from comanda.domain.lifecycle.moving.wanted import NewMethod, NewNode, NewService, NewShipTo, NewStore
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.status import Status
from tests.builders import NOW, a_bundle, a_hold_type, a_line, a_node, an_order, offered, placed, saved, worked

M = Modification
TERMS = ChangeTerms(reason="asked to", actor="sales", now=NOW)
GRAN = Destination(country="US", region="NY")


def an_order_of_all():
    """Return an order of tea that is sent (line 1) and a pot at a counter (line 2)."""
    return placed(an_order(a_line("TEA", 3), a_line("POT", 2, method=PICKUP, node="store-1")))


def instead(**changes):
    return Replacement(line_id="1", quantity=1, new_line_id="9", sku="CUP", title="Cup", **changes)


def adding(sku="TEA", price=1000, **changes):
    return NewLines(lines=(a_line(sku, 1, price, line_id="9", **changes),))


def adding_bundle(*parts, price=1000):
    rows = a_bundle("SET", 1, price, *parts, line_id="s")
    return NewLines(
        lines=tuple(row for row in rows if isinstance(row, Line)),
        bundles=tuple(row for row in rows if isinstance(row, Bundle)),
    )


TO_GRAN = replace(adding(), lines=(a_line("TEA", 1, line_id="9", destination=1),), destinations=(GRAN,))
# Each way that leads to an effect beside the modification of the same name: (name, effect, line of the effect, change).
WAYS = [
    ("fewer units", M.CANCEL, "1", NewQuantity(line_id="1", quantity=2)),
    ("no unit", M.CANCEL, "1", NewQuantity(line_id="1", quantity=0)),
    ("units of another sku", M.CANCEL, "1", instead()),
    ("units of another sku", M.QUANTITY, "1", instead()),
    ("units of another sku", M.ADD_LINE, "", instead()),
    ("units of another sku at another price", M.PRICE, "1", instead(unit_price=1)),
    ("a further line at another price", M.PRICE, "1", adding(price=1)),
    ("a further line of a bundle", M.PRICE, "1", adding_bundle(("TEA", 1, 1_000_000), price=1)),
    ("a further line with a discount", M.DISCOUNT, "", adding(discount=900)),
    ("a further line to another address", M.SHIP_TO, "1", TO_GRAN),
    ("a further line by another service", M.SERVICE, "1", adding(service="EXPRESS")),
    ("a further line at a counter", M.METHOD, "1", adding(method=PICKUP, node="store-1")),
    ("a further line at another counter", M.STORE, "2", adding("POT", method=PICKUP, node="store-2")),
    ("a line that is sent after all", M.SHIP_TO, "2", NewMethod(line_id="2", method=SHIP)),
    ("a line that is sent elsewhere", M.SHIP_TO, "2", NewMethod(line_id="2", method=SHIP, to=GRAN)),
    ("a line that is collected after all", M.STORE, "1", NewMethod(line_id="1", method=PICKUP, node_id="store-2")),
]
# The same ways without the effect: they stay open where it is denied.
OTHER_WAYS = [
    ("units of another sku at their price", M.PRICE, instead()),
    ("units of another sku at the very price", M.PRICE, instead(unit_price=1000)),
    ("a further line at its price", M.PRICE, adding()),
    ("another article at its price", M.PRICE, adding("CUP", 1)),
    ("a further line without a discount", M.DISCOUNT, adding()),
    ("a further line to the same address", M.SHIP_TO, adding()),
    ("another article to the same address", M.SHIP_TO, adding("CUP")),
    ("a line that is collected after all", M.SHIP_TO, NewMethod(line_id="1", method=PICKUP, node_id="store-2")),
    ("a further line by the same service", M.SERVICE, adding()),
    ("a further line as the others go", M.METHOD, adding()),
    ("another article at the counter of the order", M.STORE, adding("CUP", method=PICKUP, node="store-1")),
    ("a line that is sent after all", M.STORE, NewMethod(line_id="2", method=SHIP)),
    ("a further line", M.QUANTITY, adding()),
    ("a further line", M.CANCEL, adding()),
    ("a further line", M.REPLACE, adding()),
]


def denying(*effects):
    """Return a matrix that denies these modifications altogether."""
    rules = (Rule(modification=one, allow=False, statuses=POSSIBLE[one], reason=f"no {one}") for one in effects)
    return Matrix(rules=tuple(rules))


def held(order, effect, line_id=""):
    if not line_id:
        return review.hold(order, a_hold_type("FIRM", effect), "firm", "office", NOW).order
    return review.hold(order, a_hold_type("FIRM", effect, level="line"), "firm", "office", NOW, (line_id,)).order


def denied(order, *wanted, matrix=Matrix()):  # noqa: B008
    """Return the codes of the denials, None if the order takes the change."""
    outcome = change(order, wanted, matrix, TERMS)
    return [denial.code for _, denials in outcome.denied for denial in denials] if outcome.denied else None


@pytest.mark.parametrize(
    ("_name", "effect", "line_id", "way"), WAYS, ids=lambda one: str(one) if isinstance(one, str) else ""
)
def test_a_denied_effect_is_denied_by_every_way(_name, effect, line_id, way):
    order = an_order_of_all()

    assert denied(order, way) is None
    assert "denied" in denied(order, way, matrix=denying(effect))
    assert "held" in denied(held(order, effect), way)
    if line_id and Level.LINE in LEVELS[effect]:
        assert "held" in denied(held(order, effect, line_id), way)


@pytest.mark.parametrize(
    ("_name", "effect", "way"), OTHER_WAYS, ids=lambda one: str(one) if isinstance(one, str) else ""
)
def test_a_way_without_the_effect_stays_open(_name, effect, way):
    order = an_order_of_all()

    assert denied(order, way, matrix=denying(effect)) is None
    assert denied(held(order, effect), way) is None


def test_a_denied_number_of_units_is_not_lowered_by_a_cancel_of_a_line():
    order = an_order_of_all()
    may, units = denying(M.QUANTITY).cancels(Level.LINE, "web"), {"1": 1}

    with pytest.raises(NotAllowed):
        cancel.cancel(order, units, "less", "shop", NOW, may, steps=cancellable.OF_LINES)
    for of_line in ("", "1"):
        with pytest.raises(Held):
            cancel.cancel(held(order, M.QUANTITY, of_line), units, "less", "shop", NOW, steps=cancellable.OF_LINES)
    whole = denying(M.QUANTITY).cancels(Level.ORDER, "web")
    assert cancel.cancel(order, None, "all", "shop", NOW, whole).order.status == "CANCELLED"


def test_what_the_same_request_takes_away_is_judged_in_its_own_status():
    order = worked(offered(placed(an_order(a_line("TEA", 3))), (a_node("dc-1"), {"1": 2})), "accept", "pick")
    picked = Rule(modification=M.PRICE, allow=False, statuses=frozenset({Status.PICKED}))
    matrix, cheap = Matrix(rules=(picked,)), adding(price=1)

    assert (
        denied(order, NewQuantity(line_id="1", quantity=2), cheap, matrix=matrix) is None
    )  # the unit that has no node yet
    assert denied(order, NewQuantity(line_id="1", quantity=1), cheap, matrix=matrix) == ["denied"]
    assert denied(order, instead(unit_price=1), matrix=matrix) is None
    assert denied(order, replace(instead(unit_price=1), quantity=2), matrix=matrix) == ["denied"]


def test_a_hold_of_a_cancelled_line_stays_in_the_way_of_its_article():
    order = held(an_order_of_all(), M.PRICE, "1")
    gone = change(order, [NewQuantity(line_id="1", quantity=0)], Matrix(), TERMS).decision.order

    assert denied(gone, adding(price=1)) == ["held"]
    assert denied(gone, adding()) is None


def test_an_order_that_collects_all_may_have_a_line_sent_unless_an_address_is_denied():
    order = placed(
        an_order(a_line("POT", 2, method=PICKUP, node="store-1"), destination=Destination(country="US", address=False))
    )
    sent = replace(TO_GRAN, lines=(a_line("CUP", 1, line_id="9", destination=1),))

    assert denied(order, sent) is None
    assert denied(order, sent, matrix=denying(M.SHIP_TO)) == ["denied"]
    assert denied(order, sent, matrix=denying(M.METHOD)) == ["denied"]


# What could be done to a further line of a held line's article, in place of the held line.
OF_FURTHER_LINE = [
    (M.PRICE, "1", NewPrice(line_id="9", unit_price=1)),
    (M.SHIP_TO, "1", NewShipTo(line_id="9", to=GRAN)),
    (M.SERVICE, "1", NewService(line_id="9", service="EXPRESS")),
    (M.METHOD, "1", NewMethod(line_id="9", method=PICKUP, node_id="store-1")),
    (M.NODE, "1", NewNode(line_id="9", node_id="dc-1", by="office")),
    (M.STORE, "2", NewStore(line_id="9", node_id="store-2")),
]


@pytest.mark.parametrize(("effect", "line_id", "detour"), OF_FURTHER_LINE, ids=[one[0] for one in OF_FURTHER_LINE])
def test_a_hold_of_a_line_covers_lines_of_its_article_that_join_while_it_stands(effect, line_id, detour):
    line = adding() if line_id == "1" else adding("POT", method=PICKUP, node="store-1")
    free, order = an_order_of_all(), held(an_order_of_all(), effect, line_id)

    assert denied(changed(free, line), detour) is None
    assert denied(changed(order, line), detour) == ["held"]
    gone = changed(order, NewQuantity(line_id=line_id, quantity=0))
    assert denied(changed(gone, line), detour) == ["held"]
    assert changed(order, line).line("9").held == (effect,)
    ended = review.resolve(order, "h1", "holds", "is fine", "office", NOW).order
    assert denied(changed(ended, line), detour) is None


def test_a_hold_of_a_line_covers_no_line_of_another_article_and_none_that_it_bars_nothing_of():
    for effect, line in ((M.PRICE, adding("CUP")), (M.CANCEL, adding()), ("ship", adding())):
        after = changed(held(an_order_of_all(), effect, "1"), line)
        assert (after.holds[0].lines, after.line("9").held) == (("1",), ())


def test_a_hold_of_a_line_covers_a_bundle_of_its_article_whole():
    after = changed(held(an_order_of_all(), M.SHIP_TO, "1"), adding_bundle(("TEA", 1, 500_000), ("CUP", 1, 500_000)))

    assert after.holds[0].lines == ("1", *(line.line_id for line in after.lines if line.component))
    assert {line.held for line in after.lines if line.component} == {(M.SHIP_TO,)}
    assert denied(after, NewShipTo(line_id="s", to=GRAN)) == ["held", "held"]


def changed(order, *wanted):
    outcome = change(order, wanted, Matrix(), TERMS)
    assert outcome.denied == ()
    return saved(outcome.decision)
