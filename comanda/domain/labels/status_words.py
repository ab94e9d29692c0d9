"""
Give the words for the statuses of units, orders, a node's work, reservations, supplies, rule sets and rows.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

type Words = tuple[str, str, str]  # English, Brazilian Portuguese, Spanish

UNITS: Mapping[str, Words] = {
    "DRAFT": ("Draft", "Rascunho", "Borrador"),
    "CREATED": ("Created", "Criado", "Creado"),
    "UNSCHEDULED": ("Waiting for a node", "Aguardando um local", "A la espera de un local"),
    "BACKORDERED": ("Backordered", "Aguardando estoque", "A la espera de existencias"),
    "SCHEDULED": ("Scheduled", "Programado", "Programado"),
    "RELEASED": ("Released to the node", "Liberado para o local", "Liberado al local"),
    "ACCEPTED": ("Accepted", "Aceito", "Aceptado"),
    "PICKING": ("Being picked", "Em separação", "En preparación"),
    "PICKED": ("Picked", "Separado", "Preparado"),
    "PACKED": ("Packed", "Embalado", "Empacado"),
    "READY_FOR_PICKUP": ("Ready for pickup", "Pronto para retirada", "Listo para recoger"),
    "SHIPPED": ("Shipped", "Enviado", "Enviado"),
    "DELIVERED": ("Delivered", "Entregue", "Entregado"),
    "PICKED_UP": ("Picked up", "Retirado", "Recogido"),
    "PROVIDED": ("Provided", "Prestado", "Prestado"),
    "LOST": ("Lost by the carrier", "Extraviado pela transportadora", "Extraviado por el transportista"),
    "CANCELLED": ("Cancelled", "Cancelado", "Cancelado"),
}

_ORDERS: Mapping[str, Words] = {
    "COMPLETED": ("Completed", "Concluído", "Completado"),
    "PARTIALLY_CREATED": ("Partly created", "Parcialmente criado", "Parcialmente creado"),
    "PARTIALLY_UNSCHEDULED": (
        "Partly waiting for a node",
        "Em parte aguardando um local",
        "En parte a la espera de un local",
    ),
    "PARTIALLY_BACKORDERED": (
        "Partly backordered",
        "Em parte aguardando estoque",
        "En parte a la espera de existencias",
    ),
    "PARTIALLY_SCHEDULED": ("Partly scheduled", "Parcialmente programado", "Parcialmente programado"),
    "PARTIALLY_RELEASED": (
        "Partly released to the node",
        "Parcialmente liberado para o local",
        "Parcialmente liberado al local",
    ),
    "PARTIALLY_ACCEPTED": ("Partly accepted", "Parcialmente aceito", "Parcialmente aceptado"),
    "PARTIALLY_PICKING": ("Partly being picked", "Em parte em separação", "En parte en preparación"),
    "PARTIALLY_PICKED": ("Partly picked", "Parcialmente separado", "Parcialmente preparado"),
    "PARTIALLY_PACKED": ("Partly packed", "Parcialmente embalado", "Parcialmente empacado"),
    "PARTIALLY_READY_FOR_PICKUP": (
        "Partly ready for pickup",
        "Parcialmente pronto para retirada",
        "Parcialmente listo para recoger",
    ),
    "PARTIALLY_SHIPPED": ("Partly shipped", "Parcialmente enviado", "Parcialmente enviado"),
    "PARTIALLY_COMPLETED": ("Partly completed", "Parcialmente concluído", "Parcialmente completado"),
}

_WORK: Mapping[str, Words] = {
    "OFFERED": ("Offered", "Oferecido", "Ofrecido"),
    "DECLINED": ("Declined", "Recusado", "Rechazado"),
    "RECALLED": ("Recalled", "Recolhido do local", "Retirado del local"),
    "HANDED_BACK": ("Handed back", "Devolvido", "Devuelto"),
    "NO_SHOW": ("Not collected", "Não retirado", "No recogido"),
    "SHORTED": ("Not found on the shelf", "Não encontrado na prateleira", "No encontrado en el estante"),
}

_PARCELS: Mapping[str, Words] = {
    "LABEL_CREATED": ("Label made", "Etiqueta criada", "Etiqueta creada"),
    "IN_TRANSIT": ("On its way", "A caminho", "En camino"),
    "OUT_FOR_DELIVERY": ("Out for delivery", "Saiu para entrega", "En reparto"),
    "ATTEMPTED": ("Delivery attempted", "Tentativa de entrega", "Intento de entrega"),
    "AVAILABLE_FOR_PICKUP": ("Ready to collect", "Disponível para retirada", "Disponible para recoger"),
    "EXCEPTION": ("Problem at the carrier", "Problema na transportadora", "Problema del transportista"),
    "RETURNED": ("Going back", "Em devolução", "En devolución"),
    "DELIVERED": ("Delivered", "Entregue", "Entregado"),
}

_SUPPLY_LINES: Mapping[str, Words] = {
    "REQUESTED": ("Requested", "Solicitado", "Solicitado"),
    "APPROVED": ("Approved", "Aprovado", "Aprobado"),
    "REFUSED": ("Refused", "Recusado", "Rechazado"),
    "CREATED": ("Announced", "Anunciado", "Anunciado"),
    "CONFIRMED": ("Confirmed", "Confirmado", "Confirmado"),
    "SHIPPED": ("On the way", "A caminho", "En camino"),
    "PARTLY_RECEIVED": ("Partly received", "Parcialmente recebido", "Parcialmente recibido"),
    "RECEIVED": ("Received", "Recebido", "Recibido"),
    "CLOSED": ("Closed", "Encerrado", "Cerrado"),
    "CANCELLED": ("Cancelled", "Cancelado", "Cancelado"),
}

_ROWS: Mapping[str, Words] = {
    "APPLIED": ("Applied", "Aplicado", "Aplicado"),
    "DUPLICATE": ("Applied before", "Já aplicado", "Ya aplicado"),
    "CONFLICT": (
        "Conflicts with an earlier row",
        "Em conflito com uma linha anterior",
        "En conflicto con una fila anterior",
    ),
    "REJECTED": ("Rejected", "Rejeitado", "Rechazado"),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "UnitStatus": UNITS,
    "OrderStatus": {**UNITS, **_ORDERS},
    "WorkStatus": {**UNITS, **_WORK},
    "SupplyLineStatus": _SUPPLY_LINES,
    "SupplyStatus": _SUPPLY_LINES,
    "TrackingStatus": _PARCELS,
    "RowStatus": _ROWS,
    "PolicyStatus": _ROWS,
    "AdjustmentStatus": {
        "APPLIED": ("Applied", "Aplicado", "Aplicado"),
        "REFUSED": ("Refused", "Recusado", "Rechazado"),
    },
    "PickWaveKind": {
        "SINGLE_LINE": ("Orders of one line", "Pedidos de uma linha", "Pedidos de una línea"),
        "MULTI_LINE": ("Orders of several lines", "Pedidos de várias linhas", "Pedidos de varias líneas"),
    },
    "PickWaveStatus": {
        "OPEN": ("Open", "Aberta", "Abierta"),
        "CLOSED": ("Closed", "Fechada", "Cerrada"),
    },
    "ReservationStatus": {
        "PENDING": ("Being made", "Em criação", "En creación"),
        "HELD": ("Held", "Reservado", "Reservado"),
        "COMMITTED": ("Committed", "Comprometido", "Comprometido"),
        "RELEASED": ("Released", "Liberado", "Liberado"),
        "EXPIRED": ("Expired", "Expirado", "Vencido"),
    },
    "RuleSetState": {
        "draft": ("Draft", "Rascunho", "Borrador"),
        "scheduled": ("Scheduled", "Programado", "Programado"),
        "active": ("In force", "Em vigor", "En vigor"),
        "ended": ("Ended", "Encerrado", "Terminado"),
        "shadow": ("Only watching", "Apenas observando", "Solo en observación"),
    },
}
