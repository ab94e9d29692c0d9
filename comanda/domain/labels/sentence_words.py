"""
Give the sentence of each event of an order, with its facts, for the timeline.

Called by   comanda.domain.labels.sentences
Returns     a table: type -> the words in English, Portuguese and Spanish

A sentence has names of facts in braces; `sentences.FACTS` says how each is read from the event's data. A part in square
brackets is left out when the event does not have one of its facts.
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

SENTENCES: Mapping[str, Words] = {
    "placed": (
        "Order placed in channel {channel}: {placed_units} in {placed_lines}, {total}[; held: {held_by}][; {order_kind} for order {replaces}]",
        "Pedido feito no canal {channel}: {placed_units} em {placed_lines}, {total}[; bloqueado: {held_by}][; {order_kind} do pedido {replaces}]",
        "Pedido realizado en el canal {channel}: {placed_units} en {placed_lines}, {total}[; retenido: {held_by}][; {order_kind} del pedido {replaces}]",
    ),
    "confirmed": (
        "Order confirmed[; no longer held: {held_by}]",
        "Pedido confirmado[; não mais bloqueado: {held_by}]",
        "Pedido confirmado[; ya no retenido: {held_by}]",
    ),
    "rejected": ("Order rejected: {reason}", "Pedido rejeitado: {reason}", "Pedido rechazado: {reason}"),
    "held": (
        "Held: {hold_type}[, only {held_lines}][, {unpaid} unpaid]",
        "Bloqueado: {hold_type}[, somente {held_lines}][, {unpaid} não pago]",
        "Retenido: {hold_type}[, solo {held_lines}][, {unpaid} sin pagar]",
    ),
    "hold_resolved": (
        "Hold resolved: {hold}. Answer: {resolution}",
        "Bloqueio resolvido: {hold}. Resposta: {resolution}",
        "Retención resuelta: {hold}. Respuesta: {resolution}",
    ),
    "hold_expired": (
        "The time of the hold is over: {hold_type}; a person decides[; without a node again: {units}][; taken back: {taken}][; asked for: {requested}]",
        "O prazo do bloqueio acabou: {hold_type}; uma pessoa decide[; de novo sem local: {units}][; recolhido: {taken}][; solicitado: {requested}]",
        "El plazo de la retención ha terminado: {hold_type}; decide una persona[; de nuevo sin local: {units}][; retirado: {taken}][; solicitado: {requested}]",
    ),
    "cancelled": (
        "Cancelled: {units}[ in {sets}], {reason}[; to blame: {blame}][; into quarantine: {quarantined}][; of the same kits, to place again: {along}][; not cancelled: {not_cancelled}][; total {total}]",
        "Cancelado: {units}[ em {sets}], {reason}[; responsável: {blame}][; em quarentena: {quarantined}][; dos mesmos kits, a alocar de novo: {along}][; não cancelado: {not_cancelled}][; total {total}]",
        "Cancelado: {units}[ en {sets}], {reason}[; responsable: {blame}][; en cuarentena: {quarantined}][; de los mismos kits, por asignar de nuevo: {along}][; no cancelado: {not_cancelled}][; total {total}]",
    ),
    "changed": (
        "Changed: {changes} ({reason})[; cancelled: {units}][ in {sets}][; to blame: {blame}][; into quarantine: {quarantined}][; of the same kits, to place again: {along}][; without a node again: {unscheduled_units}, from {unscheduled_nodes}][, which waited for {waited_days}][; tried again: {again}][; taken back: {taken}][; asked for: {requested}][; held: {held_by}][; total from {was} to {total}][; total {same_total}][; payment of {authorized} added ({paid_with})][, told by {payer}][; {given_back} given back]",
        "Alterado: {changes} ({reason})[; cancelado: {units}][ em {sets}][; responsável: {blame}][; em quarentena: {quarantined}][; dos mesmos kits, a alocar de novo: {along}][; de novo sem local: {unscheduled_units}, de {unscheduled_nodes}][, que aguardava {waited_days}][; tentado de novo: {again}][; recolhido: {taken}][; solicitado: {requested}][; bloqueado: {held_by}][; total de {was} para {total}][; total {same_total}][; pagamento de {authorized} acrescentado ({paid_with})][, informado por {payer}][; {given_back} devolvido]",
        "Modificado: {changes} ({reason})[; cancelado: {units}][ en {sets}][; responsable: {blame}][; en cuarentena: {quarantined}][; de los mismos kits, por asignar de nuevo: {along}][; de nuevo sin local: {unscheduled_units}, de {unscheduled_nodes}][, que esperaba el {waited_days}][; intentado de nuevo: {again}][; retirado: {taken}][; solicitado: {requested}][; retenido: {held_by}][; total de {was} a {total}][; total {same_total}][; pago de {authorized} añadido ({paid_with})][, comunicado por {payer}][; {given_back} devuelto]",
    ),
    "change_pending": (
        "A change waits[ until {until}] for {to_pay}: {changes} ({reason})",
        "Uma alteração aguarda {to_pay}[ até {until}]: {changes} ({reason})",
        "Un cambio espera {to_pay}[ hasta el {until}]: {changes} ({reason})",
    ),
    "change_dropped": (
        "A change that waited for {to_pay} is dropped, {dropped_because}: {changes}[ ({reason})][; payment of {authorized} added][ ({paid_with})][, told by {payer}][; {given_back} given back]",
        "Uma alteração que aguardava {to_pay} foi descartada, {dropped_because}: {changes}[ ({reason})][; pagamento de {authorized} acrescentado][ ({paid_with})][, informado por {payer}][; {given_back} devolvido]",
        "Un cambio que esperaba {to_pay} se descartó, {dropped_because}: {changes}[ ({reason})][; pago de {authorized} añadido][ ({paid_with})][, comunicado por {payer}][; {given_back} devuelto]",
    ),
    "payment_added": (
        "Payment of {authorized} added[ ({paid_with})][, told by {payer}][; the pending change still needs {to_pay}][; {given_back} given back]",
        "Pagamento de {authorized} acrescentado[ ({paid_with})][, informado por {payer}][; a alteração pendente ainda precisa de {to_pay}][; {given_back} devolvido]",
        "Pago de {authorized} añadido[ ({paid_with})][, comunicado por {payer}][; el cambio pendiente aún necesita {to_pay}][; {given_back} devuelto]",
    ),
    "routed": (
        "Routed[: {made}][; waiting for the wave: {wave_units}, at {wave_nodes}, {wave_times}][; to provide: {units_to_provide}][; without a node: {left_units}, {left_reasons}][; promised was: {promised_was}]",
        "Roteado[: {made}][; aguardando a onda: {wave_units}, em {wave_nodes}, {wave_times}][; a fornecer: {units_to_provide}][; sem local: {left_units}, {left_reasons}][; prometido era: {promised_was}]",
        "Enrutado[: {made}][; a la espera de la ola: {wave_units}, en {wave_nodes}, {wave_times}][; por proporcionar: {units_to_provide}][; sin local: {left_units}, {left_reasons}][; lo prometido era: {promised_was}]",
    ),
    "promised_later": (
        "Promised for a later day: {promised_units}[, from {promised_nodes}][, sent on {promised_due}][, at the door on {promised_days}][; the customer wants later: {wanted_units}][; paid for until {paid_until}][; now: {made}][; waiting for the wave: {wave_units}, at {wave_nodes}, {wave_times}][; to provide: {units_to_provide}][; without a node: {left_units}, {left_reasons}][; promised was: {promised_was}]",
        "Prometido para outro dia: {promised_units}[, de {promised_nodes}][, envio em {promised_due}][, entrega em {promised_days}][; o cliente quer mais tarde: {wanted_units}][; pago até {paid_until}][; agora: {made}][; aguardando a onda: {wave_units}, em {wave_nodes}, {wave_times}][; a fornecer: {units_to_provide}][; sem local: {left_units}, {left_reasons}][; prometido era: {promised_was}]",
        "Prometido para otro día: {promised_units}[, desde {promised_nodes}][, envío el {promised_due}][, entrega el {promised_days}][; el cliente quiere más tarde: {wanted_units}][; pagado hasta el {paid_until}][; ahora: {made}][; a la espera de la ola: {wave_units}, en {wave_nodes}, {wave_times}][; por proporcionar: {units_to_provide}][; sin local: {left_units}, {left_reasons}][; lo prometido era: {promised_was}]",
    ),
    "backordered": (
        "Waiting for stock: {left_units}[, {left_reasons}][; to provide: {units_to_provide}][; promised was: {promised_was}]",
        "Aguardando estoque: {left_units}[, {left_reasons}][; a fornecer: {units_to_provide}][; prometido era: {promised_was}]",
        "A la espera de existencias: {left_units}[, {left_reasons}][; por proporcionar: {units_to_provide}][; lo prometido era: {promised_was}]",
    ),
    "left_over": (
        "Needs a decision: {left_units}[, {left_reasons}][; to provide: {units_to_provide}][; promised was: {promised_was}]",
        "Precisa de uma decisão: {left_units}[, {left_reasons}][; a fornecer: {units_to_provide}][; prometido era: {promised_was}]",
        "Necesita una decisión: {left_units}[, {left_reasons}][; por proporcionar: {units_to_provide}][; lo prometido era: {promised_was}]",
    ),
    "rerouted": (
        "Moved before the wave: {moved_units}[, from {from_nodes}][; now {to_units} at {to_nodes}]",
        "Transferido antes da onda: {moved_units}[, de {from_nodes}][; agora {to_units} em {to_nodes}]",
        "Cambiado antes de la ola: {moved_units}[, de {from_nodes}][; ahora {to_units} en {to_nodes}]",
    ),
    "wave_released": (
        "Released with the wave: {units}[ at {line_nodes}]",
        "Liberado com a onda: {units}[ em {line_nodes}]",
        "Liberado con la ola: {units}[ en {line_nodes}]",
    ),
    "redated": (
        "Supply has a new date: {redated_units}[ at {redated_nodes}][, sent on {redated_due}][ instead of {redated_was}][, at the door on {redated_days}][; supply is gone, routed anew: {unscheduled_units}][ from {unscheduled_nodes}][, which waited for {waited_days}][; arrived: {ready_units}][ at {ready_nodes}][, expected on {ready_was}][, at the door on {ready_days}]",
        "A reposição tem nova data: {redated_units}[ em {redated_nodes}][, envio em {redated_due}][ em vez de {redated_was}][, entrega em {redated_days}][; reposição perdida, novo roteamento: {unscheduled_units}][ de {unscheduled_nodes}][, que aguardava {waited_days}][; chegou: {ready_units}][ em {ready_nodes}][, esperado em {ready_was}][, entrega em {ready_days}]",
        "El suministro tiene nueva fecha: {redated_units}[ en {redated_nodes}][, envío el {redated_due}][ en vez del {redated_was}][, entrega el {redated_days}][; suministro perdido, se enruta de nuevo: {unscheduled_units}][ de {unscheduled_nodes}][, que esperaba el {waited_days}][; llegó: {ready_units}][ en {ready_nodes}][, esperado el {ready_was}][, entrega el {ready_days}]",
    ),
    "unscheduled": (
        "Supply is gone, routed anew: {unscheduled_units}[ from {unscheduled_nodes}][, which waited for {waited_days}][; arrived: {ready_units}][ at {ready_nodes}][, expected on {ready_was}][, at the door on {ready_days}]",
        "A reposição foi perdida, novo roteamento: {unscheduled_units}[ de {unscheduled_nodes}][, que aguardava {waited_days}][; chegou: {ready_units}][ em {ready_nodes}][, esperado em {ready_was}][, entrega em {ready_days}]",
        "El suministro ya no llega, se enruta de nuevo: {unscheduled_units}[ de {unscheduled_nodes}][, que esperaba el {waited_days}][; llegó: {ready_units}][ en {ready_nodes}][, esperado el {ready_was}][, entrega el {ready_days}]",
    ),
    "stock_arrived": (
        "Stock arrived: {ready_units}[ at {ready_nodes}][, expected on {ready_was}][, at the door on {ready_days}]",
        "O estoque chegou: {ready_units}[ em {ready_nodes}][, esperado em {ready_was}][, entrega em {ready_days}]",
        "Llegaron existencias: {ready_units}[ en {ready_nodes}][, esperadas el {ready_was}][, entrega el {ready_days}]",
    ),
    "resumed": (
        "Resumed[: {answer}][ ({queue})][: {moved}][, {reason}][: {units}][; sent again as order {replacement}][; without a node again: {unscheduled_units}, from {unscheduled_nodes}]",
        "Retomado[: {answer}][ ({queue})][: {moved}][, {reason}][: {units}][; enviado de novo como pedido {replacement}][; de novo sem local: {unscheduled_units}, de {unscheduled_nodes}]",
        "Reanudado[: {answer}][ ({queue})][: {moved}][, {reason}][: {units}][; enviado de nuevo como pedido {replacement}][; de nuevo sin local: {unscheduled_units}, de {unscheduled_nodes}]",
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
        "Fulfillment {fulfillment} packed: {units}[; packages: {labels}]",
        "Remessa {fulfillment} embalada: {units}[; pacotes: {labels}]",
        "Entrega {fulfillment} empacada: {units}[; paquetes: {labels}]",
    ),
    "repacked": (
        "Fulfillment {fulfillment} packed anew[; packages: {labels}]",
        "Remessa {fulfillment} embalada de novo[; pacotes: {labels}]",
        "Entrega {fulfillment} empacada de nuevo[; paquetes: {labels}]",
    ),
    "ready": (
        "Fulfillment {fulfillment} ready for pickup: {units}",
        "Remessa {fulfillment} pronta para retirada: {units}",
        "Entrega {fulfillment} lista para recoger: {units}",
    ),
    "line_declined": (
        "Given back by {node}, fulfillment {fulfillment}: {units}, {reason}[; to blame: {blame}][; into quarantine: {quarantined}][; of the same kits, to place again: {along}][; {cancelled}][; total {total}]",
        "Devolvido por {node}, remessa {fulfillment}: {units}, {reason}[; responsável: {blame}][; em quarentena: {quarantined}][; dos mesmos kits, a alocar de novo: {along}][; {cancelled}][; total {total}]",
        "Devuelto por {node}, entrega {fulfillment}: {units}, {reason}[; responsable: {blame}][; en cuarentena: {quarantined}][; de los mismos kits, por asignar de nuevo: {along}][; {cancelled}][; total {total}]",
    ),
    "short_picked": (
        "Missing at {node}, fulfillment {fulfillment}: {units}, {reason}[; to blame: {blame}][; into quarantine: {quarantined}][; of the same kits, to place again: {along}][; {cancelled}][; total {total}]",
        "Em falta em {node}, remessa {fulfillment}: {units}, {reason}[; responsável: {blame}][; em quarentena: {quarantined}][; dos mesmos kits, a alocar de novo: {along}][; {cancelled}][; total {total}]",
        "Faltante en {node}, entrega {fulfillment}: {units}, {reason}[; responsable: {blame}][; en cuarentena: {quarantined}][; de los mismos kits, por asignar de nuevo: {along}][; {cancelled}][; total {total}]",
    ),
    "silent": (
        "Fulfillment {fulfillment}: no answer in time, missed {misses}",
        "Remessa {fulfillment}: sem resposta a tempo, prazos perdidos: {misses}",
        "Entrega {fulfillment}: sin respuesta a tiempo, plazos vencidos: {misses}",
    ),
    "reminded": (
        "Reminded {node} of fulfillment {fulfillment}[, deadlines missed: {misses}]",
        "Lembrete a {node} sobre a remessa {fulfillment}[, prazos perdidos: {misses}]",
        "Recordatorio a {node} sobre la entrega {fulfillment}[, plazos vencidos: {misses}]",
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
        "Taken back: {taken}[; asked for: {requested}][, {reason}]",
        "Recolhido: {taken}[; solicitado: {requested}][, {reason}]",
        "Retirado: {taken}[; solicitado: {requested}][, {reason}]",
    ),
    "recall_requested": (
        "Asked to give back: {requested}, {reason}",
        "Devolução solicitada: {requested}, {reason}",
        "Devolución solicitada: {requested}, {reason}",
    ),
    "recall_refused": (
        "{node} keeps, of fulfillment {fulfillment}: {units}, {recall_refusal}[; {despite_change}][; taken back: {taken}]",
        "{node} mantém, da remessa {fulfillment}: {units}, {recall_refusal}[; {despite_change}][; recolhido: {taken}]",
        "{node} conserva, de la entrega {fulfillment}: {units}, {recall_refusal}[; {despite_change}][; retirado: {taken}]",
    ),
    "recall_unanswered": (
        "{node} did not answer the recall, fulfillment {fulfillment}: {units}[; taken back: {taken}]",
        "{node} não respondeu à solicitação de devolver, remessa {fulfillment}: {units}[; recolhido: {taken}]",
        "{node} no respondió a la solicitud de devolver, entrega {fulfillment}: {units}[; retirado: {taken}]",
    ),
    "handed_back": (
        "Handed back by {node}, fulfillment {fulfillment}: {units}, {reason}[; to blame: {blame}][; into quarantine: {quarantined}][; of the same kits, to place again: {along}][; {cancelled}][; total {total}]",
        "Devolvido por {node}, remessa {fulfillment}: {units}, {reason}[; responsável: {blame}][; em quarentena: {quarantined}][; dos mesmos kits, a alocar de novo: {along}][; {cancelled}][; total {total}]",
        "Devuelto por {node}, entrega {fulfillment}: {units}, {reason}[; responsable: {blame}][; en cuarentena: {quarantined}][; de los mismos kits, por asignar de nuevo: {along}][; {cancelled}][; total {total}]",
    ),
    "no_show": (
        "Not collected at {node}, fulfillment {fulfillment}, cancelled: {units}[, {coded_reason}][; to blame: {blame}][; into quarantine: {quarantined}][; of the same kits, to place again: {along}][; total {total}]",
        "Não retirado em {node}, remessa {fulfillment}, cancelado: {units}[, {coded_reason}][; responsável: {blame}][; em quarentena: {quarantined}][; dos mesmos kits, a alocar de novo: {along}][; total {total}]",
        "No recogido en {node}, entrega {fulfillment}, cancelado: {units}[, {coded_reason}][; responsable: {blame}][; en cuarentena: {quarantined}][; de los mismos kits, por asignar de nuevo: {along}][; total {total}]",
    ),
    "shipped": (
        "Shipped by {node}, fulfillment {fulfillment}[, shipment {shipment}]: {units}[; packages: {parcels}][; what is left is fulfillment {next}]",
        "Enviado por {node}, remessa {fulfillment}[, envio {shipment}]: {units}[; pacotes: {parcels}][; o resto é a remessa {next}]",
        "Enviado por {node}, entrega {fulfillment}[, envío {shipment}]: {units}[; paquetes: {parcels}][; el resto es la entrega {next}]",
    ),
    "handed_over": (
        "Handed over at {node}, fulfillment {fulfillment}[, number {shipment}]: {units}[; packages: {parcels}][; what is left is fulfillment {next}]",
        "Entregue no balcão em {node}, remessa {fulfillment}[, número {shipment}]: {units}[; pacotes: {parcels}][; o resto é a remessa {next}]",
        "Entregado en mostrador en {node}, entrega {fulfillment}[, número {shipment}]: {units}[; paquetes: {parcels}][; el resto es la entrega {next}]",
    ),
    "delivered": (
        "Delivered[ on {delivered_at}][, fulfillment {fulfillment} from {node}][: {units}][; packages: {parcels}][; {how_much}][; {loss_answered}]",
        "Entregue[ em {delivered_at}][, remessa {fulfillment} de {node}][: {units}][; pacotes: {parcels}][; {how_much}][; {loss_answered}]",
        "Entregado[ el {delivered_at}][, entrega {fulfillment} de {node}][: {units}][; paquetes: {parcels}][; {how_much}][; {loss_answered}]",
    ),
    "lost": (
        "Lost on its way from {node}, fulfillment {fulfillment}: {units}, {reason}[; packages: {parcels}]",
        "Extraviado no caminho desde {node}, remessa {fulfillment}: {units}, {reason}[; pacotes: {parcels}]",
        "Extraviado en camino desde {node}, entrega {fulfillment}: {units}, {reason}[; paquetes: {parcels}]",
    ),
    "found": (
        "Lost units of fulfillment {fulfillment}[ from {node}] arrived[ on {delivered_at}] after a person had decided[; packages: {parcels}][; {loss_answered}]",
        "Unidades extraviadas da remessa {fulfillment}[ de {node}] chegaram[ em {delivered_at}] depois da decisão de uma pessoa[; pacotes: {parcels}][; {loss_answered}]",
        "Unidades extraviadas de la entrega {fulfillment}[ de {node}] llegaron[ el {delivered_at}] después de la decisión de una persona[; paquetes: {parcels}][; {loss_answered}]",
    ),
    "provided": (
        "Provided: {units} ({proof})",
        "Fornecido: {units} ({proof})",
        "Proporcionado: {units} ({proof})",
    ),
    "cards_activated": (
        "Gift cards active: {units}",
        "Cartões-presente ativos: {units}",
        "Tarjetas de regalo activas: {units}",
    ),
    "delivery_exception": (
        "Delivery problem of fulfillment {fulfillment}[ from {node}]: {reason}[, code {code}][, seen on {occurred_at}][; packages: {parcels}]",
        "Problema na entrega da remessa {fulfillment}[ de {node}]: {reason}[, código {code}][, visto em {occurred_at}][; pacotes: {parcels}]",
        "Problema con la entrega {fulfillment}[ de {node}]: {reason}[, código {code}][, visto el {occurred_at}][; paquetes: {parcels}]",
    ),
    "invoiced": (
        "Invoice[ {number}][ of fulfillment {fulfillment}][ of what was provided ({provisions})]: {total}[, {captured} captured]",
        "Fatura[ {number}][ da remessa {fulfillment}][ do que foi fornecido ({provisions})]: {total}[, {captured} capturado]",
        "Factura[ {number}][ de la entrega {fulfillment}][ de lo proporcionado ({provisions})]: {total}[, {captured} capturado]",
    ),
    "captured": (
        "Money of fulfillment {fulfillment}, which was invoiced before it left: {captured} captured",
        "Valor da remessa {fulfillment}, faturada antes de sair: {captured} capturado",
        "Importe de la entrega {fulfillment}, facturada antes de salir: {captured} capturado",
    ),
    "credited": (
        "Credit note[ {number}] of invoice {invoice_number}: {total}[, {refunded} given back], {reason}[; to blame: {blame}]",
        "Nota de crédito[ {number}] da fatura {invoice_number}: {total}[, {refunded} devolvido], {reason}[; responsável: {blame}]",
        "Nota de crédito[ {number}] de la factura {invoice_number}: {total}[, {refunded} devuelto], {reason}[; responsable: {blame}]",
    ),
    "completed": (
        "Completed: {invoiced} invoiced, {captured} captured[, {given_back} given back]",
        "Concluído: {invoiced} faturado, {captured} capturado[, {given_back} devolvido]",
        "Completado: {invoiced} facturado, {captured} capturado[, {given_back} devuelto]",
    ),
    "nfe_told": (
        "NF-e[ of invoice {nfe_invoice}][ of credit note {nfe_credit_note}]: {nfe_result}[, protocol {protocol}][, code {code}]",
        "NF-e[ da fatura {nfe_invoice}][ da nota de crédito {nfe_credit_note}]: {nfe_result}[, protocolo {protocol}][, código {code}]",
        "NF-e[ de la factura {nfe_invoice}][ de la nota de crédito {nfe_credit_note}]: {nfe_result}[, protocolo {protocol}][, código {code}]",
    ),
    "collected": (
        "Collected for fulfillment {fulfillment}: {moved}[; {missing} is missing][; {excess} more than was due]",
        "Recebido pela remessa {fulfillment}: {moved}[; faltam {missing}][; {excess} a mais do que o devido]",
        "Cobrado por la entrega {fulfillment}: {moved}[; faltan {missing}][; {excess} más de lo debido]",
    ),
    "payment_disputed": (
        "The bank of the customer and payment {payment}: {moved}, {dispute}",
        "O banco do cliente e o pagamento {payment}: {moved}, {dispute}",
        "El banco del cliente y el pago {payment}: {moved}, {dispute}",
    ),
    "payment_asked": (
        "The customer is asked to pay {moved} by {pay_method}[ until {until}]",
        "Pediu-se ao cliente que pague {moved} por {pay_method}[ até {until}]",
        "Se pide al cliente que pague {moved} por {pay_method}[ hasta el {until}]",
    ),
    "payment_not_made": (
        "The customer did not pay {moved} by {pay_method}: {provider_reason}",
        "O cliente não pagou {moved} por {pay_method}: {provider_reason}",
        "El cliente no pagó {moved} por {pay_method}: {provider_reason}",
    ),
    "payment_checked": (
        "Payment checked: {differences}",
        "Pagamento verificado: {differences}",
        "Pago verificado: {differences}",
    ),
    "payment_renewing": (
        "The authorization ends: {moved} is authorized again",
        "A autorização termina: {moved} é autorizado de novo",
        "La autorización termina: se autoriza de nuevo {moved}",
    ),
    "payment_renewed": (
        "[Payment authorized again: {renewed}][{not_needed}]",
        "[Pagamento autorizado de novo: {renewed}][{not_needed}]",
        "[Pago autorizado de nuevo: {renewed}][{not_needed}]",
    ),
    "payment_failed": (
        "{movement}: {moved}. {provider_reason}",
        "{movement}: {moved}. {provider_reason}",
        "{movement}: {moved}. {provider_reason}",
    ),
    "mail_failed": (
        'The mail about "{mail}" could not be sent: {reason}',
        'O e-mail sobre "{mail}" não pôde ser enviado: {reason}',
        'El correo sobre "{mail}" no pudo enviarse: {reason}',
    ),
    "customer_erased": (
        "Name, address and all else about the customer were erased",
        "Nome, endereço e tudo o mais sobre o cliente foram apagados",
        "Se borraron el nombre, la dirección y todo lo demás del cliente",
    ),
    "question_asked": (
        "A person is asked about an error[ of fulfillment {of_fulfillment}]: {reason}",
        "Uma pessoa foi consultada sobre um erro[ da remessa {of_fulfillment}]: {reason}",
        "Se consulta a una persona por un error[ de la entrega {of_fulfillment}]: {reason}",
    ),
}
