"""
Name the reasons for which a node declines units: who is to blame, what becomes of their stock, and whether the node is asked again.

A retailer stores reasons of its own, and may replace the built-in ones; the one that the system itself gives stays as it is.

Called by   comanda.domain.lifecycle.node_work.decline, comanda.aws.directory.decline_reasons, functions/directory
Returns     values
Raises      nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comanda.domain.orders.reasons import Blame, Reason, UnitsGo


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineReason(Reason):
    """A reason with its code. `units_go` is what becomes of the stock at the node.

    With `ask_again` the router may choose the node again for these lines. Their attempts are counted all the same, so a person
    decides in the end.
    """

    units_go: UnitsGo = UnitsGo.SALE
    ask_again: bool = False


def _reason(code: str, *words: str, units_go: UnitsGo = UnitsGo.SALE) -> DeclineReason:
    english, portuguese, spanish = words
    return DeclineReason(code=code, words=(english, portuguese, spanish), blame=Blame.NODE, units_go=units_go)


SILENT = _reason("SILENT", "The node did not answer", "O local não respondeu", "El local no respondió")
NO_STOCK = _reason("NO_STOCK", "Not in stock", "Sem estoque", "Sin existencias", units_go=UnitsGo.MISSING)
FIXED: Mapping[str, DeclineReason] = {SILENT.code: SILENT}  # of the system alone: no node gives it

BUILT_IN: Mapping[str, DeclineReason] = {
    one.code: one
    for one in (
        NO_STOCK,
        _reason("NO_CAPACITY", "No capacity", "Sem capacidade", "Sin capacidad"),
        _reason("CLOSED", "Closed", "Fechado", "Cerrado"),
        _reason("DAMAGED", "Damaged", "Danificado", "Dañado", units_go=UnitsGo.QUARANTINE),
        _reason("OTHER", "Another reason", "Outro motivo", "Otro motivo"),
        SILENT,
    )
}
