"""
Give the words for work that ends without arriving: lost, recalled, handed back, sent again.

Called by   comanda.domain.labels.labels, comanda.domain.labels.queue_words
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

LOSS_ANSWERS: Mapping[str, Words] = {
    "resend": ("Send it again", "Enviar de novo", "Enviar de nuevo"),
    "refund": ("Refund it", "Reembolsar", "Reembolsar"),
}

_HAND_BACKS: Mapping[str, Words] = {
    "CANNOT_FINISH": ("Cannot finish it", "Não é possível terminar", "No se puede terminar"),
    "CUSTOMER_REFUSED": ("The customer did not want it", "O cliente não quis", "El cliente no lo quiso"),
    "OTHER": ("Another reason", "Outro motivo", "Otro motivo"),
}

_LOSSES: Mapping[str, Words] = {
    "CARRIER_LOST": ("The carrier lost it", "A transportadora extraviou", "El transportista lo extravió"),
    "NOT_ARRIVED": ("It did not arrive", "Não chegou", "No llegó"),
    "DESTROYED": ("Destroyed on its way", "Destruído no caminho", "Destruido en camino"),
}

_REFUSALS: Mapping[str, Words] = {
    "PACKED": ("Already packed", "Já embalado", "Ya empacado"),
    "LEAVING": ("Leaves now", "Está saindo agora", "Sale ahora"),
    "OTHER": ("Another reason", "Outro motivo", "Otro motivo"),
}

# The reasons that tasks, lines and events keep.
WAITS: Mapping[str, Words] = {
    **_REFUSALS,
    **_LOSSES,
    **_HAND_BACKS,
    "changed": ("Changed after the sale", "Alterado depois da venda", "Modificado después de la venta"),
    "recalled": ("Recalled from its node", "Recolhido do local", "Retirado de su local"),
    "pickup-recalled": (
        "Recalled from the customer's store",
        "Recolhido da loja do cliente",
        "Retirado de la tienda del cliente",
    ),
    "recall unanswered": (
        "The node did not answer a recall",
        "O local não respondeu à solicitação de devolução",
        "El local no respondió a la solicitud de devolución",
    ),
    "recall refused": (
        "The node keeps recalled work",
        "O local fica com o trabalho solicitado de volta",
        "El local se queda con el trabajo reclamado",
    ),
    "recall for a change refused": (
        "The node keeps work that was changed",
        "O local fica com um trabalho que foi alterado",
        "El local se queda con un trabajo que se modificó",
    ),
    "nfe-waits": (
        "The NF-e is not authorized yet",
        "A NF-e ainda não foi autorizada",
        "La NF-e aún no está autorizada",
    ),
    "nfe-lacks": (
        "The NF-e lacks data",
        "Faltam dados para a NF-e",
        "Faltan datos para la NF-e",
    ),
    "nfe-refused": (
        "The NF-e was refused",
        "A NF-e foi rejeitada",
        "La NF-e fue rechazada",
    ),
    "nfe-cancelled": (
        "The NF-e was cancelled: the invoice is to be credited",
        "A NF-e foi cancelada: a fatura deve ser creditada",
        "La NF-e fue cancelada: hay que abonar la factura",
    ),
    "nfe-to-cancel": (
        "The invoice was voided: the NF-e is to be cancelled",
        "A fatura foi anulada: a NF-e deve ser cancelada",
        "La factura fue anulada: hay que cancelar la NF-e",
    ),
    "nfe-to-return": (
        "The invoice was voided: it is too late to cancel the NF-e",
        "A fatura foi anulada: passou o prazo para cancelar a NF-e",
        "La factura fue anulada: pasó el plazo para cancelar la NF-e",
    ),
    "nfe-return-cancelled": (
        "The NF-e of the return was cancelled",
        "A NF-e da devolução foi cancelada",
        "La NF-e de la devolución fue cancelada",
    ),
    "to-pay-out": (
        "The customer gets money back that was collected",
        "O cliente recebe de volta o que pagou na entrega",
        "El cliente recibe de vuelta lo que se le cobró",
    ),
    "collected-more": (
        "The customer paid more than was due",
        "O cliente pagou mais do que o devido",
        "El cliente pagó más de lo debido",
    ),
    "dispute-lost": (
        "The bank gave the customer the money back for good",
        "O banco devolveu o dinheiro ao cliente em definitivo",
        "El banco devolvió el dinero al cliente en definitiva",
    ),
    "dispute-won": (
        "The bank gave the shop the money after the customer had paid again",
        "O banco devolveu o dinheiro à loja depois que o cliente pagou de novo",
        "El banco devolvió el dinero a la tienda después de que el cliente pagó otra vez",
    ),
    "found-after-resend": (
        "Found after it was sent again",
        "Encontrado depois do reenvio",
        "Encontrado después del reenvío",
    ),
    "found-after-refund": (
        "Found after a refund was decided",
        "Encontrado depois de decidir o reembolso",
        "Encontrado después de decidir el reembolso",
    ),
    "refund-due": ("A refund is due", "Um reembolso é devido", "Se debe un reembolso"),
    "EXCEPTION": (
        "The carrier reports a problem",
        "A transportadora informou um problema",
        "El transportista informa un problema",
    ),
    "RETURNED": ("It goes back to its sender", "Está voltando ao remetente", "Vuelve al remitente"),
    "OVERDUE": ("No scan for too long", "Sem leituras há muito tempo", "Sin lecturas desde hace mucho"),
}

_NEEDS_CUSTOMER: Mapping[str, Words] = {
    "not-closed": ("Not closed yet", "Ainda não encerrado", "Aún no cerrado"),
    "undecided": ("A person has to decide", "Uma pessoa precisa decidir", "Una persona debe decidir"),
    "on-its-way": ("Units may be on their way", "Pode haver unidades a caminho", "Puede haber unidades en camino"),
    "open-case": ("A case is open", "Há um atendimento aberto", "Hay un caso abierto"),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "NeedsCustomer": _NEEDS_CUSTOMER,
    "HandBackReason": _HAND_BACKS,
    "RecallRefusal": _REFUSALS,
    "LossReason": _LOSSES,
    "LossAnswer": LOSS_ANSWERS,
    "OrderKind": {
        "SALE": ("Sale", "Venda", "Venta"),
        "REPLACEMENT": ("Replacement", "Reposição", "Reposición"),
    },
}
