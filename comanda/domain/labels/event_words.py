"""
Give the names of the events of an order.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

LABELS: Mapping[str, Mapping[str, Words]] = {
    "EventType": {
        "placed": ("Placed", "Feito", "Realizado"),
        "confirmed": ("Confirmed", "Confirmado", "Confirmado"),
        "rejected": ("Rejected", "Rejeitado", "Rechazado"),
        "held": ("Held", "Bloqueado", "Retenido"),
        "hold_resolved": ("Hold resolved", "Bloqueio resolvido", "Retención resuelta"),
        "hold_expired": ("Hold expired", "Bloqueio vencido", "Retención vencida"),
        "cancelled": ("Cancelled", "Cancelado", "Cancelado"),
        "changed": ("Changed", "Alterado", "Modificado"),
        "change_pending": ("Change waits for payment", "Alteração aguarda pagamento", "Cambio a la espera de pago"),
        "change_dropped": ("Change dropped", "Alteração descartada", "Cambio descartado"),
        "payment_added": ("Payment added", "Pagamento acrescentado", "Pago añadido"),
        "routed": ("Routed", "Roteado", "Enrutado"),
        "promised_later": ("Promised for later", "Prometido para mais tarde", "Prometido para más adelante"),
        "backordered": ("Backordered", "Aguardando estoque", "A la espera de existencias"),
        "left_over": ("Needs a decision", "Precisa de uma decisão", "Necesita una decisión"),
        "rerouted": ("Rerouted", "Roteado de novo", "Enrutado de nuevo"),
        "wave_released": ("Released with the wave", "Liberado com a onda", "Liberado con la ola"),
        "redated": ("New date", "Nova data", "Nueva fecha"),
        "unscheduled": ("Lost its supply", "Perdeu a reposição", "Perdió su suministro"),
        "stock_arrived": ("Stock arrived", "O estoque chegou", "Llegaron existencias"),
        "resumed": ("Resumed", "Retomado", "Reanudado"),
        "accepted": ("Accepted", "Aceito", "Aceptado"),
        "picking": ("Picking begun", "Separação iniciada", "Preparación iniciada"),
        "picked": ("Picked", "Separado", "Preparado"),
        "packed": ("Packed", "Embalado", "Empacado"),
        "repacked": ("Packed anew", "Embalado de novo", "Empacado de nuevo"),
        "ready": ("Ready for pickup", "Pronto para retirada", "Listo para recoger"),
        "line_declined": ("Given back", "Devolvido pelo local", "Devuelto por el local"),
        "short_picked": ("Units missing", "Unidades em falta", "Unidades faltantes"),
        "silent": ("No answer", "Sem resposta", "Sin respuesta"),
        "reminded": ("Reminded", "Lembrado", "Recordado"),
        "work_late": ("Work is late", "Trabalho atrasado", "Trabajo atrasado"),
        "work_stopped": ("Work stopped", "Trabalho interrompido", "Trabajo interrumpido"),
        "recalled": ("Recalled", "Recolhido do local", "Retirado del local"),
        "recall_requested": ("Recall asked for", "Devolução solicitada", "Devolución solicitada"),
        "recall_refused": ("Recall refused", "Devolução recusada", "Devolución rechazada"),
        "recall_unanswered": ("Recall not answered", "Devolução sem resposta", "Devolución sin respuesta"),
        "handed_back": ("Work handed back", "Trabalho devolvido", "Trabajo devuelto"),
        "no_show": ("Not collected", "Não retirado", "No recogido"),
        "shipped": ("Shipped", "Enviado", "Enviado"),
        "handed_over": ("Handed over", "Entregue no balcão", "Entregado en mostrador"),
        "delivered": ("Delivered", "Entregue", "Entregado"),
        "lost": ("Lost on its way", "Extraviado no caminho", "Extraviado en camino"),
        "found": ("Found again", "Encontrado de novo", "Encontrado de nuevo"),
        "provided": ("Provided", "Fornecido", "Proporcionado"),
        "cards_activated": ("Gift cards active", "Cartões-presente ativos", "Tarjetas de regalo activas"),
        "delivery_exception": ("Delivery problem", "Problema na entrega", "Problema de entrega"),
        "invoiced": ("Invoiced", "Faturado", "Facturado"),
        "captured": ("Money captured", "Valor capturado", "Importe capturado"),
        "credited": ("Credited", "Creditado", "Abonado"),
        "completed": ("Completed", "Concluído", "Completado"),
        "payment_disputed": ("Payment disputed", "Pagamento contestado", "Pago disputado"),
        "nfe_told": ("Answer about the NF-e", "Resposta sobre a NF-e", "Respuesta sobre la NF-e"),
        "collected": ("Money collected on delivery", "Pagamento recebido na entrega", "Cobrado en la entrega"),
        "payment_asked": ("Customer asked to pay", "Pagamento pedido ao cliente", "Pago pedido al cliente"),
        "payment_not_made": ("Customer did not pay", "O cliente não pagou", "El cliente no pagó"),
        "payment_checked": ("Payment checked", "Pagamento verificado", "Pago verificado"),
        "payment_failed": ("Payment failed", "Falha no pagamento", "Pago fallido"),
        "payment_renewing": ("Payment is authorized again", "Nova autorização pedida", "Nueva autorización pedida"),
        "payment_renewed": ("Payment authorized again", "Pagamento autorizado de novo", "Pago autorizado de nuevo"),
        "mail_failed": ("Mail failed", "Falha no e-mail", "Correo fallido"),
        "customer_erased": ("Customer erased", "Cliente apagado", "Cliente borrado"),
        "question_asked": ("A person is asked", "Uma pessoa foi consultada", "Se consulta a una persona"),
    }
}
