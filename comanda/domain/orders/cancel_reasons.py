"""
Name the reasons for which units are cancelled: who is to blame, and whether the units may be sold again.

A retailer stores reasons of its own, and may replace the built-in ones; those that the system itself gives stay as they are.

Called by   comanda.domain.lifecycle (cancel, decline, no_show), comanda.aws.directory.cancel_reasons, functions/directory
Returns     values
Raises      nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comanda.domain.orders.reasons import Blame, Reason
from comanda.domain.orders.status import AT_NODE, RANK, Status

_OFF_THE_SHELF = frozenset(status for status in AT_NODE if RANK[status] >= RANK[Status.PICKED])


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReason(Reason):
    """A reason with its code. With `quarantine`, units at a node are put into quarantine there, instead of back to sale.

    `of_office` is True if the retailer's own people or back office give it: they speak for the node, a shop does not.
    """

    quarantine: bool = False
    of_office: bool = False

    def sets_aside(self, status: Status) -> bool:
        """Return True if units of this status go into quarantine. A shop knows nothing of units that lie on the shelf still."""
        return self.quarantine and (status in _OFF_THE_SHELF or (self.of_office and status in AT_NODE))


def _reason(code: str, blame: Blame, *words: str, quarantine: bool = False) -> CancelReason:
    english, portuguese, spanish = words
    return CancelReason(code=code, words=(english, portuguese, spanish), blame=blame, quarantine=quarantine)


# The reasons that the system itself gives.
NO_STOCK_IN_TIME = _reason(
    "no-stock-in-time",
    Blame.RETAILER,
    "No stock came in time",
    "O estoque não chegou a tempo",
    "Las existencias no llegaron a tiempo",
)
CUSTOMER_REQUEST = _reason(
    "customer-request", Blame.CUSTOMER, "The customer asked for it", "O cliente pediu", "El cliente lo pidió"
)
NO_SHOW = _reason("no-show", Blame.CUSTOMER, "Not collected", "Não retirado", "No recogido")
CUSTOMER_REFUSED = _reason(
    "customer-refused", Blame.CUSTOMER, "Refused at the counter", "Recusado no balcão", "Rechazado en el mostrador"
)
NOT_FOUND = _reason(
    "not-found", Blame.NODE, "Not found at the node", "Não encontrado no local", "No encontrado en el local"
)
FIXED: Mapping[str, CancelReason] = {
    one.code: one for one in (NO_STOCK_IN_TIME, CUSTOMER_REQUEST, NO_SHOW, CUSTOMER_REFUSED, NOT_FOUND)
}
OF_STEPS = FIXED.keys() - {CUSTOMER_REQUEST.code}  # of what happened at a node or to stock: no person gives them

BUILT_IN: Mapping[str, CancelReason] = {
    **FIXED,
    **{
        one.code: one
        for one in (
            _reason(
                "ordered-by-mistake",
                Blame.CUSTOMER,
                "Ordered by mistake",
                "Pedido por engano",
                "Pedido por error",
            ),
            _reason(
                "too-late",
                Blame.RETAILER,
                "It would come too late",
                "Chegaria tarde demais",
                "Llegaría demasiado tarde",
            ),
            _reason("out-of-stock", Blame.RETAILER, "Out of stock", "Sem estoque", "Sin existencias"),
            _reason("wrong-price", Blame.RETAILER, "Wrong price", "Preço errado", "Precio equivocado"),
            _reason(
                "damaged",
                Blame.NODE,
                "Damaged at the node",
                "Danificado no local",
                "Dañado en el local",
                quarantine=True,
            ),
            _reason(
                "carrier-cannot-deliver",
                Blame.CARRIER,
                "The carrier cannot deliver it",
                "A transportadora não consegue entregar",
                "El transportista no puede entregarlo",
            ),
            _reason("fraud", Blame.FRAUD, "Suspected fraud", "Suspeita de fraude", "Sospecha de fraude"),
        )
    },
}
