"""The document of a modification matrix is read whole, and what it leaves out narrows nothing."""

from comanda.aws.directory.modification_matrices import matrix
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Modification, Rule
from comanda.domain.orders.status import Status


def test_a_rule_is_read_whole_and_what_it_leaves_out_narrows_nothing():
    short = {"modification": "cancel", "allow": False, "statuses": ["PICKED"]}
    whole = short | {"levels": ["order"], "channels": ["web"], "reason": "it is in its box"}

    read, rest = matrix({"rules": [whole, short | {"reason": None}]}).rules

    assert (read.reason, read.levels, read.channels) == ("it is in its box", {Level.ORDER}, {"web"})
    assert rest == Rule(
        modification=Modification.CANCEL,
        allow=False,
        statuses=frozenset({Status.PICKED}),
        levels=frozenset(),
        channels=frozenset(),
        reason="",
    )
    assert matrix({}).rules == ()
