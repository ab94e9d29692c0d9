"""
Give the words for the events of an order: a name of each, and a sentence with its facts for the timeline.

Called by   comanda.domain.labels.labels, comanda.domain.labels.sentences
Returns     tables: type -> the words in English, Portuguese and Spanish

A sentence has names of facts in braces; `sentences.FACTS` says how each is read from the event's data. A part in square
brackets is left out when the event does not have one of its facts.
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
        "delivery_exception": ("Delivery problem", "Problema na entrega", "Problema de entrega"),
        "invoiced": ("Invoiced", "Faturado", "Facturado"),
        "completed": ("Completed", "Concluído", "Completado"),
        "payment_checked": ("Payment checked", "Pagamento verificado", "Pago verificado"),
        "payment_failed": ("Payment failed", "Falha no pagamento", "Pago fallido"),
        "mail_failed": ("Mail failed", "Falha no e-mail", "Correo fallido"),
        "customer_erased": ("Customer erased", "Cliente apagado", "Cliente borrado"),
        "question_asked": ("A person is asked", "Uma pessoa foi consultada", "Se consulta a una persona"),
    }
}

SENTENCES: Mapping[str, Words] = {
    "placed": (
        "Order placed: {placed_units}, {total}",
        "Pedido feito: {placed_units}, {total}",
        "Pedido realizado: {placed_units}, {total}",
    ),
    "confirmed": ("Order confirmed", "Pedido confirmado", "Pedido confirmado"),
    "rejected": ("Order rejected: {reason}", "Pedido rejeitado: {reason}", "Pedido rechazado: {reason}"),
    "held": (
        "Held: {hold_type}[, {unpaid} unpaid]",
        "Bloqueado: {hold_type}[, {unpaid} não pago]",
        "Retenido: {hold_type}[, {unpaid} sin pagar]",
    ),
    "hold_resolved": (
        "Hold {hold} resolved: {resolution}",
        "Bloqueio {hold} resolvido: {resolution}",
        "Retención {hold} resuelta: {resolution}",
    ),
    "hold_expired": (
        "The time of hold {hold} is over: {hold_type}; a person decides[; without a node again: {units}][; taken back: {taken_units}][; asked for: {requested_units}]",
        "O prazo do bloqueio {hold} acabou: {hold_type}; uma pessoa decide[; de novo sem local: {units}][; recolhido: {taken_units}][; solicitado: {requested_units}]",
        "El plazo de la retención {hold} ha terminado: {hold_type}; decide una persona[; de nuevo sin local: {units}][; retirado: {taken_units}][; solicitado: {requested_units}]",
    ),
    "cancelled": (
        "Cancelled: {units}[ in {sets}], {reason}[; to blame: {blame}][; into quarantine: {quarantined}][; not cancelled: {not_cancelled}]",
        "Cancelado: {units}[ em {sets}], {reason}[; responsável: {blame}][; em quarentena: {quarantined}][; não cancelado: {not_cancelled}]",
        "Cancelado: {units}[ en {sets}], {reason}[; responsable: {blame}][; en cuarentena: {quarantined}][; no cancelado: {not_cancelled}]",
    ),
    "changed": (
        "Changed: {modifications}, {reason}[; cancelled: {units}][; to blame: {blame}][; into quarantine: {quarantined}][; without a node again: {unscheduled_units}][; taken back: {taken_units}][; asked for: {requested_units}]; total {total}",
        "Alterado: {modifications}, {reason}[; cancelado: {units}][; responsável: {blame}][; em quarentena: {quarantined}][; de novo sem local: {unscheduled_units}][; recolhido: {taken_units}][; solicitado: {requested_units}]; total {total}",
        "Modificado: {modifications}, {reason}[; cancelado: {units}][; responsable: {blame}][; en cuarentena: {quarantined}][; de nuevo sin local: {unscheduled_units}][; retirado: {taken_units}][; solicitado: {requested_units}]; total {total}",
    ),
    "change_pending": (
        "A change waits up to 24 hours for {to_pay}: {modifications}, {reason}",
        "Uma alteração aguarda {to_pay} por até 24 horas: {modifications}, {reason}",
        "Un cambio espera {to_pay} hasta 24 horas: {modifications}, {reason}",
    ),
    "change_dropped": (
        "A change that waited for its payment is dropped: {modifications}, {dropped_because}[; {reason}][; {given_back} given back]",
        "Uma alteração que aguardava o pagamento foi descartada: {modifications}, {dropped_because}[; {reason}][; {given_back} devolvido]",
        "Un cambio que esperaba su pago se descartó: {modifications}, {dropped_because}[; {reason}][; {given_back} devuelto]",
    ),
    "payment_added": (
        "Payment of {authorized} added[; the pending change still needs {to_pay}]",
        "Pagamento de {authorized} acrescentado[; a alteração pendente ainda precisa de {to_pay}]",
        "Pago de {authorized} añadido[; el cambio pendiente aún necesita {to_pay}]",
    ),
    "routed": (
        "Routed[ to {nodes}][: {routed_units}][; waiting for the wave: {wave_units}][; to provide: {units_to_provide}][; without a node: {left_units}]",
        "Roteado[ para {nodes}][: {routed_units}][; aguardando a onda: {wave_units}][; a fornecer: {units_to_provide}][; sem local: {left_units}]",
        "Enrutado[ a {nodes}][: {routed_units}][; a la espera de la ola: {wave_units}][; por proporcionar: {units_to_provide}][; sin local: {left_units}]",
    ),
    "promised_later": (
        "Promised for a later day: {promised_units}[ from {promised_nodes}][; now: {routed_units}][; without a node: {left_units}]",
        "Prometido para outro dia: {promised_units}[ de {promised_nodes}][; agora: {routed_units}][; sem local: {left_units}]",
        "Prometido para otro día: {promised_units}[ desde {promised_nodes}][; ahora: {routed_units}][; sin local: {left_units}]",
    ),
    "backordered": (
        "Waiting for stock: {left_units}",
        "Aguardando estoque: {left_units}",
        "A la espera de existencias: {left_units}",
    ),
    "left_over": (
        "Needs a decision: {left_units}[, {left_reasons}]",
        "Precisa de uma decisão: {left_units}[, {left_reasons}]",
        "Necesita una decisión: {left_units}[, {left_reasons}]",
    ),
    "rerouted": (
        "Moved before the wave: {moved_units}[, from {from_nodes}][ to {to_nodes}]",
        "Transferido antes da onda: {moved_units}[, de {from_nodes}][ para {to_nodes}]",
        "Cambiado antes de la ola: {moved_units}[, de {from_nodes}][ a {to_nodes}]",
    ),
    "wave_released": (
        "Released with the wave: {units}[ at {line_nodes}]",
        "Liberado com a onda: {units}[ em {line_nodes}]",
        "Liberado con la ola: {units}[ en {line_nodes}]",
    ),
    "redated": (
        "Supply has a new date: {redated_units}[, at the door on {redated_days}]",
        "A reposição tem nova data: {redated_units}[, entrega em {redated_days}]",
        "El suministro tiene nueva fecha: {redated_units}[, entrega el {redated_days}]",
    ),
    "unscheduled": (
        "Supply is gone, routed anew: {unscheduled_units}",
        "A reposição foi perdida, novo roteamento: {unscheduled_units}",
        "El suministro ya no llega, se enruta de nuevo: {unscheduled_units}",
    ),
    "stock_arrived": (
        "Stock arrived: {ready_units}",
        "O estoque chegou: {ready_units}",
        "Llegaron existencias: {ready_units}",
    ),
    "resumed": (
        "Resumed[: {answer}][ ({queue})][: {units}]",
        "Retomado[: {answer}][ ({queue})][: {units}]",
        "Reanudado[: {answer}][ ({queue})][: {units}]",
    ),
    "accepted": (
        "Fulfillment {fulfillment} accepted: {units}",
        "Remessa {fulfillment} aceita: {units}",
        "Entrega {fulfillment} aceptada: {units}",
    ),
    "picking": (
        "Picking of fulfillment {fulfillment} begun: {units}",
        "Separação da remessa {fulfillment} iniciada: {units}",
        "Preparación de la entrega {fulfillment} iniciada: {units}",
    ),
    "picked": (
        "Fulfillment {fulfillment} picked: {units}",
        "Remessa {fulfillment} separada: {units}",
        "Entrega {fulfillment} preparada: {units}",
    ),
    "packed": (
        "Fulfillment {fulfillment} packed: {units}",
        "Remessa {fulfillment} embalada: {units}",
        "Entrega {fulfillment} empacada: {units}",
    ),
    "ready": (
        "Fulfillment {fulfillment} ready for pickup: {units}",
        "Remessa {fulfillment} pronta para retirada: {units}",
        "Entrega {fulfillment} lista para recoger: {units}",
    ),
    "line_declined": (
        "Given back by {node}: {units}, {reason}[; to blame: {blame}][; into quarantine: {quarantined}]",
        "Devolvido por {node}: {units}, {reason}[; responsável: {blame}][; em quarentena: {quarantined}]",
        "Devuelto por {node}: {units}, {reason}[; responsable: {blame}][; en cuarentena: {quarantined}]",
    ),
    "short_picked": (
        "Missing at {node}: {units}, {reason}[; to blame: {blame}]",
        "Em falta em {node}: {units}, {reason}[; responsável: {blame}]",
        "Faltante en {node}: {units}, {reason}[; responsable: {blame}]",
    ),
    "silent": (
        "Fulfillment {fulfillment}: no answer in time, missed {misses}",
        "Remessa {fulfillment}: sem resposta a tempo, prazos perdidos: {misses}",
        "Entrega {fulfillment}: sin respuesta a tiempo, plazos vencidos: {misses}",
    ),
    "reminded": (
        "Reminded {node} of fulfillment {fulfillment}",
        "Lembrete a {node} sobre a remessa {fulfillment}",
        "Recordatorio a {node} sobre la entrega {fulfillment}",
    ),
    "work_late": (
        "Fulfillment {fulfillment} is late",
        "A remessa {fulfillment} está atrasada",
        "La entrega {fulfillment} está atrasada",
    ),
    "work_stopped": (
        "Work on fulfillment {fulfillment} stopped: its node closed",
        "Trabalho na remessa {fulfillment} interrompido: o local fechou",
        "Trabajo en la entrega {fulfillment} interrumpido: el local cerró",
    ),
    "recalled": (
        "Taken back[ from {taken_nodes}]: {taken_units}[; asked for: {requested_units}][, {reason}]",
        "Recolhido[ de {taken_nodes}]: {taken_units}[; solicitado: {requested_units}][, {reason}]",
        "Retirado[ de {taken_nodes}]: {taken_units}[; solicitado: {requested_units}][, {reason}]",
    ),
    "recall_requested": (
        "{requested_nodes} is asked to give back: {requested_units}, {reason}",
        "Devolução solicitada a {requested_nodes}: {requested_units}, {reason}",
        "Devolución solicitada a {requested_nodes}: {requested_units}, {reason}",
    ),
    "recall_refused": (
        "{node} keeps: {units}, {recall_refusal}[; {despite_change}][; taken back: {taken_units}]",
        "{node} mantém: {units}, {recall_refusal}[; {despite_change}][; recolhido: {taken_units}]",
        "{node} conserva: {units}, {recall_refusal}[; {despite_change}][; retirado: {taken_units}]",
    ),
    "recall_unanswered": (
        "{node} did not answer the recall of {units}[; taken back: {taken_units}]",
        "{node} não respondeu à solicitação de devolver {units}[; recolhido: {taken_units}]",
        "{node} no respondió a la solicitud de devolver {units}[; retirado: {taken_units}]",
    ),
    "handed_back": (
        "Handed back by {node}: {units}, {reason}[; to blame: {blame}]",
        "Devolvido por {node}: {units}, {reason}[; responsável: {blame}]",
        "Devuelto por {node}: {units}, {reason}[; responsable: {blame}]",
    ),
    "no_show": (
        "Not collected at {node}, cancelled: {units}[; to blame: {blame}]",
        "Não retirado em {node}, cancelado: {units}[; responsável: {blame}]",
        "No recogido en {node}, cancelado: {units}[; responsable: {blame}]",
    ),
    "shipped": (
        "Shipped by {node}: {units}[, tracking {tracking}]",
        "Enviado por {node}: {units}[, rastreamento {tracking}]",
        "Enviado por {node}: {units}[, seguimiento {tracking}]",
    ),
    "handed_over": (
        "Handed over at {node}: {units}",
        "Entregue no balcão em {node}: {units}",
        "Entregado en mostrador en {node}: {units}",
    ),
    "delivered": (
        "Delivered[: {units}][, package {packages}]",
        "Entregue[: {units}][, pacote {packages}]",
        "Entregado[: {units}][, paquete {packages}]",
    ),
    "lost": (
        "Lost on its way from {node}: {units}, {reason}",
        "Extraviado no caminho desde {node}: {units}, {reason}",
        "Extraviado en camino desde {node}: {units}, {reason}",
    ),
    "found": (
        "Lost units of fulfillment {fulfillment} arrived after a person had decided",
        "Unidades extraviadas da remessa {fulfillment} chegaram depois da decisão de uma pessoa",
        "Unidades extraviadas de la entrega {fulfillment} llegaron después de la decisión de una persona",
    ),
    "provided": (
        "Provided: {units} ({proof})",
        "Fornecido: {units} ({proof})",
        "Proporcionado: {units} ({proof})",
    ),
    "delivery_exception": (
        "Delivery problem[ of {tracking}]: {reason}[, code {code}]",
        "Problema na entrega[ de {tracking}]: {reason}[, código {code}]",
        "Problema de entrega[ de {tracking}]: {reason}[, código {code}]",
    ),
    "invoiced": (
        "Invoice {number}: {total}",
        "Fatura {number}: {total}",
        "Factura {number}: {total}",
    ),
    "completed": (
        "Completed: {invoiced} invoiced[, {given_back} given back]",
        "Concluído: {invoiced} faturado[, {given_back} devolvido]",
        "Completado: {invoiced} facturado[, {given_back} devuelto]",
    ),
    "payment_checked": (
        "Payment checked: {differences}",
        "Pagamento verificado: {differences}",
        "Pago verificado: {differences}",
    ),
    "payment_failed": (
        "{movement}: {moved}. {provider_reason}",
        "{movement}: {moved}. {provider_reason}",
        "{movement}: {moved}. {provider_reason}",
    ),
    "mail_failed": (
        "A mail could not be sent: {reason}",
        "Um e-mail não pôde ser enviado: {reason}",
        "Un correo no pudo enviarse: {reason}",
    ),
    "customer_erased": (
        "Name, address and all else about the customer were erased",
        "Nome, endereço e tudo o mais sobre o cliente foram apagados",
        "Se borraron el nombre, la dirección y todo lo demás del cliente",
    ),
    "question_asked": (
        "A person is asked about an error: {reason}",
        "Uma pessoa foi consultada sobre um erro: {reason}",
        "Se consulta a una persona por un error: {reason}",
    ),
}
