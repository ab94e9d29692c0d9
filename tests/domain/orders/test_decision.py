"""A decision is saved as the next version of its order, and a decision of people also as that of the last change."""

from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.orders.decision import changed_by_decision
from tests.builders import NOW, a_line, an_order, placed, saved


def test_a_decision_is_saved_as_the_next_version_of_its_order():
    decision = cancel(placed(an_order(a_line())), None, "too late", "ann", NOW)

    assert (decision.order.version, decision.saved.version) == (1, 2)
    assert decision.saved == saved(decision)


def test_a_change_by_people_has_its_own_version_as_that_of_the_last_change():
    decision = changed_by_decision(cancel(placed(an_order(a_line())), None, "too late", "ann", NOW))

    assert decision.saved.change_version == decision.saved.version == 2
