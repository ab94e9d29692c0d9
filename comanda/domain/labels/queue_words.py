"""
Give the words for queues, answers, holds, and the reasons why units wait, come back or stay.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels import change_words, ended_words, payment_words
from comanda.domain.labels.status_words import Words

_WORK_STEPS: Mapping[str, Words] = {
    "confirm": ("Confirm", "Confirmar", "Confirmar"),
    "reject": ("Reject", "Rejeitar", "Desestimar"),
    "schedule": ("Schedule", "Programar", "Programar"),
    "unschedule": ("Unschedule", "Desprogramar", "Desprogramar"),
    "receipt": ("Receive stock", "Receber estoque", "Recibir existencias"),
    "release": ("Release to the node", "Liberar para o local", "Liberar al local"),
    "accept": ("Accept", "Aceitar", "Aceptar"),
    "decline": ("Decline", "Recusar", "Rechazar"),
    "recall": ("Recall", "Chamar de volta", "Retirar del local"),
    "start-pick": ("Start picking", "Iniciar separação", "Iniciar preparación"),
    "pick": ("Pick", "Separar", "Preparar"),
    "short-pick": ("Report missing units", "Informar falta", "Informar faltante"),
    "pack": ("Pack", "Embalar", "Empacar"),
    "ready": ("Ready for pickup", "Pronto para retirada", "Listo para recoger"),
    "ship": ("Ship", "Enviar", "Enviar"),
    "hand-over": ("Hand over", "Entregar no balcão", "Entregar en mostrador"),
    "deliver": ("Deliver", "Entregar", "Entregar"),
    "lose": ("Report as lost", "Informar extravio", "Informar extravío"),
    "provide": ("Provide", "Prestar", "Prestar"),
    "no-show": ("Not collected", "Não retirado", "No recogido"),
    "hand-back": ("Hand back", "Devolver", "Devolver"),
    "cancel": ("Cancel", "Cancelar", "Cancelar"),
}
_NEVER_HELD = ("deliver", "lose", "receipt", "unschedule")  # they happen without asking
_ORDER_QUEUES: Mapping[str, Words] = {
    "sales-review": ("Sales review", "Revisão de vendas", "Revisión de ventas"),
    "holds": ("Holds", "Bloqueios", "Retenciones"),
    "payments": ("Payments", "Pagamentos", "Pagos"),
    "drafts": ("Drafts", "Rascunhos", "Borradores"),
    "backorder": ("Backorders", "Aguardando estoque", "A la espera de existencias"),
    "pre-order": ("Pre-orders", "Pré-vendas", "Preventas"),
    "to-provide": ("To provide", "A fornecer", "Por proporcionar"),
    "wave": ("Next wave", "Próxima onda", "Próxima ola"),
    "customer-care": ("Customer care", "Atendimento ao cliente", "Atención al cliente"),
    "routing": ("Routing", "Roteamento", "Enrutamiento"),
    "late-work": ("Late work", "Trabalho atrasado", "Trabajo atrasado"),
    "refused-recalls": ("Refused recalls", "Devoluções recusadas", "Devoluciones rechazadas"),
    "put-back": ("Put back on the shelf", "Devolver à prateleira", "Devolver al estante"),
    "lost": ("Lost by the carrier", "Extraviado pela transportadora", "Extraviado por el transportista"),
    **payment_words.REFUND_QUEUES,
    "delivery-exceptions": ("Delivery problems", "Problemas na entrega", "Problemas de entrega"),
    "mails": ("Failed mails", "E-mails com falha", "Correos fallidos"),
    "exceptions": ("Exceptions", "Exceções", "Excepciones"),
}

_STOCK_QUEUES: Mapping[str, Words] = {
    "transfers": ("Requested transfers", "Transferências solicitadas", "Traslados solicitados"),
    "transfer-differences": ("Transfer differences", "Diferenças de transferência", "Diferencias de traslado"),
}

_ANSWERS: Mapping[str, Words] = {
    "approve": ("Approve", "Aprovar", "Aprobar"),
    "refuse": ("Refuse", "Recusar", "Rechazar"),
    "authorized": ("Payment authorized again", "Pagamento autorizado de novo", "Pago autorizado de nuevo"),
    "done": ("Done", "Feito", "Hecho"),
    "paid": ("Paid another way", "Pago de outra forma", "Pagado de otra forma"),
    "write-off": ("Write it off", "Dar baixa como perda", "Dar por perdido"),
    **ended_words.LOSS_ANSWERS,
    "claim": ("Claim from the carrier", "Reclamar à transportadora", "Reclamar al transportista"),
    "noted": ("Noted", "Anotado", "Anotado"),
    "deliver": ("The customer has it", "O cliente recebeu", "El cliente lo tiene"),
    "lose": ("It is lost", "Foi extraviado", "Está extraviado"),
    "retry": ("Try again", "Tentar de novo", "Intentar de nuevo"),
    "ship": ("Ship it instead", "Enviar em vez de retirar", "Enviar en vez de recoger"),
    "sent": ("The origin sent it", "A origem enviou", "El origen lo envió"),
    "found": ("Found here", "Encontrado aqui", "Encontrado aquí"),
    "nothing": ("Nothing moved", "Nada se moveu", "Nada se movió"),
}

# The built-in reasons of declines: comanda.domain.orders.decline_reasons has the same words.
_DECLINES: Mapping[str, Words] = {
    "NO_STOCK": ("Not in stock", "Sem estoque", "Sin existencias"),
    "NO_CAPACITY": ("No capacity", "Sem capacidade", "Sin capacidad"),
    "CLOSED": ("Closed", "Fechado", "Cerrado"),
    "DAMAGED": ("Damaged", "Danificado", "Dañado"),
    "OTHER": ("Another reason", "Outro motivo", "Otro motivo"),
    "SILENT": ("The node did not answer", "O local não respondeu", "El local no respondió"),
}

_SHORT_PICKS: Mapping[str, Words] = {
    "NOT_FOUND": ("Not found", "Não encontrado", "No encontrado"),
    "DAMAGED": ("Damaged", "Danificado", "Dañado"),
}

# Why units wait or are left over: the reasons that a line and its events keep.
_WAITS: Mapping[str, Words] = {
    **_DECLINES,
    **_SHORT_PICKS,
    **ended_words.WAITS,
    "supply-lost": ("The supply is gone", "A reposição foi perdida", "El suministro ya no llega"),
    "hold-expired": (
        "The time of a hold was over",
        "O prazo de um bloqueio acabou",
        "El plazo de una retención terminó",
    ),
    "no-stock-in-time": (
        "No stock came in time",
        "O estoque não chegou a tempo",
        "Las existencias no llegaron a tiempo",
    ),
    "quarantine": ("Put in quarantine", "Colocar em quarentena", "Poner en cuarentena"),
    "pickup-declined": (
        "The customer's store gave it back",
        "A loja do cliente devolveu o item",
        "La tienda del cliente lo devolvió",
    ),
    "pickup-node-closed": (
        "The customer's store is closed, or hands nothing over",
        "A loja do cliente está fechada ou não entrega no balcão",
        "La tienda del cliente está cerrada o no entrega en mostrador",
    ),
    "pickup-out-of-stock": (
        "The customer's store has too little of it, or of its kit",
        "A loja do cliente não tem o suficiente, ou falta parte do kit",
        "La tienda del cliente no tiene suficiente, o falta parte del kit",
    ),
    "pickup-no-capacity": (
        "The customer's store has no capacity left",
        "A loja do cliente está sem capacidade",
        "La tienda del cliente no tiene capacidad",
    ),
    "held": ("A hold of the line stops it", "Um bloqueio da linha impede", "Una retención de la línea lo impide"),
    "kit-incomplete": (
        "No node can send the whole kit",
        "Nenhum local pode enviar o kit completo",
        "Ningún local puede enviar el kit completo",
    ),
    "no-stock": (
        "No node that may send it has any left",
        "Nenhum local que pode enviar tem estoque",
        "Ningún local que puede enviarlo tiene existencias",
    ),
    "no-capacity": (
        "The nodes that have it have no capacity left",
        "Os locais que têm o item estão sem capacidade",
        "Los locales que lo tienen no tienen capacidad",
    ),
    "lacks-tag": (
        "No node that has it may handle such goods",
        "Nenhum local que tem o item pode manusear este tipo de produto",
        "Ningún local que lo tiene puede manejar este tipo de producto",
    ),
    "splits-used-up": (
        "The rule allows no more shipments",
        "A regra não permite mais remessas",
        "La regla no permite más envíos",
    ),
    "not-worth-it": (
        "No shipment would be worth the rule's minimum",
        "Nenhuma remessa atinge o mínimo da regra",
        "Ningún envío alcanza el mínimo de la regla",
    ),
    "no-node-allowed": (
        "No rule lets the nodes that have it send it",
        "Nenhuma regra permite que os locais que têm o item o enviem",
        "Ninguna regla permite que los locales que lo tienen lo envíen",
    ),
    "no-rule-applies": (
        "No rule is for this order",
        "Nenhuma regra se aplica a este pedido",
        "Ninguna regla se aplica a este pedido",
    ),
    "no-carrier-serves-it": (
        "No carrier goes to this address",
        "Nenhuma transportadora atende este endereço",
        "Ningún transportista llega a esta dirección",
    ),
    "too-many-splits": (
        "It would take more shipments than are allowed",
        "Seriam necessárias mais remessas do que o permitido",
        "Harían falta más envíos de los permitidos",
    ),
    "chosen-no-stock": (
        "The chosen node does not have it any more",
        "O local escolhido não tem mais o item",
        "El local elegido ya no lo tiene",
    ),
    "chosen-closed": ("The chosen node is closed", "O local escolhido está fechado", "El local elegido está cerrado"),
    "chosen-no-capacity": (
        "The chosen node has no capacity left",
        "O local escolhido não tem mais capacidade",
        "El local elegido ya no tiene capacidad",
    ),
    "chosen-does-not-ship": (
        "The chosen node does not ship",
        "O local escolhido não envia",
        "El local elegido no envía",
    ),
    "chosen-other-country": (
        "The chosen node is in another country",
        "O local escolhido fica em outro país",
        "El local elegido está en otro país",
    ),
    "chosen-lacks-tag": (
        "The chosen node may not handle it",
        "O local escolhido não pode tratar o item",
        "El local elegido no puede manejarlo",
    ),
    "chosen-declined": (
        "The chosen node gave it back",
        "O local escolhido devolveu o item",
        "El local elegido lo devolvió",
    ),
    "chosen-unknown": (
        "The chosen node does not exist any more",
        "O local escolhido não existe mais",
        "El local elegido ya no existe",
    ),
    "too-many-declines": (
        "Too many nodes gave it back",
        "Locais demais devolveram o item",
        "Demasiados locales lo devolvieron",
    ),
    "ship-by passed": (
        "Should have left already",
        "Já deveria ter saído",
        "Ya debería haber salido",
    ),
    "node closed": (
        "The node closed after work had begun",
        "O local fechou depois de iniciar o trabalho",
        "El local cerró después de empezar el trabajo",
    ),
    "draft": (
        "A draft to finish or reject",
        "Um rascunho para concluir ou rejeitar",
        "Un borrador para terminar o rechazar",
    ),
    "digital item to provide": (
        "A digital item to provide",
        "Um item digital a fornecer",
        "Un artículo digital por proporcionar",
    ),
    "service to provide": ("A service to provide", "Um serviço a prestar", "Un servicio por prestar"),
    **payment_words.WAITS,
}

_DAY, _AT = r"\d{4}-\d{2}-\d{2}", r"at (?P<node>\S+)"
# The reasons that `comanda.domain.orders.queues` writes with a day and a node, as patterns, and their words with these facts.
WITH_FACTS: Mapping[str, Words] = {
    rf"expected on (?P<day>{_DAY}) {_AT}": (
        "Expected on {day} at {node}",
        "Previsto para {day} em {node}",
        "Previsto para el {day} en {node}",
    ),
    rf"wanted later: released on (?P<day>{_DAY}) {_AT}": (
        "Wanted later: released on {day} at {node}",
        "Desejado para mais tarde: liberado em {day} em {node}",
        "Deseado para más adelante: se libera el {day} en {node}",
    ),
    rf"the wave of (?P<moment>{_DAY}T\S+), {_AT}": (
        "The wave of {moment} at {node}",
        "A onda de {moment} em {node}",
        "La ola de {moment} en {node}",
    ),
    rf"authorised until (?P<day>{_DAY}), released on (?P<later>{_DAY})": (
        "Authorized until {day}, released on {later}",
        "Autorizado até {day}, liberado em {later}",
        "Autorizado hasta el {day}, se libera el {later}",
    ),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "OrderQueue": _ORDER_QUEUES,
    "QueueName": {**_ORDER_QUEUES, **payment_words.QUEUES, **_STOCK_QUEUES},
    "QueueAnswer": _ANSWERS,
    "AnswerToChosenItems": {
        **_ANSWERS,
        "confirm": ("Confirm", "Confirmar", "Confirmar"),
        "reject": ("Reject", "Rejeitar", "Desestimar"),
        "resolve": ("Resolve the hold", "Resolver o bloqueio", "Resolver la retención"),
    },
    "AnswerStatus": {
        "done": ("Done", "Feito", "Hecho"),
        "refused": ("Refused", "Recusado", "Rechazado"),
        "unfinished": ("Not reached in time", "Não houve tempo", "No hubo tiempo"),
    },
    "ShortPickReason": _SHORT_PICKS,
    "WaitReason": _WAITS,
    "HoldTypeId": {
        "SALES_REVIEW": ("Sales review", "Revisão de vendas", "Revisión de ventas"),
        "PAYMENT": ("Payment not settled", "Pagamento pendente", "Pago pendiente"),
        "FRAUD": ("Suspected fraud", "Suspeita de fraude", "Sospecha de fraude"),
        "ADDRESS": ("Address cannot be delivered to", "Endereço sem entrega possível", "Dirección sin entrega posible"),
        "VALUE_LIMIT": ("Above the account's limit", "Acima do limite da conta", "Por encima del límite de la cuenta"),
        "REMORSE": ("Customer may still change it", "O cliente ainda pode alterar", "El cliente aún puede cambiarlo"),
        "AWAITING_RETURN": ("Waits for a return", "Aguardando uma devolução", "A la espera de una devolución"),
        "CUSTOMER_REQUEST": ("Customer asked to wait", "O cliente pediu para esperar", "El cliente pidió esperar"),
    },
    "HoldResolution": {
        "confirmed": ("Confirmed", "Confirmado", "Confirmado"),
        "rejected": ("Rejected", "Rejeitado", "Rechazado"),
        "expired": ("Expired", "Expirado", "Vencido"),
        "paid": ("Paid", "Pago", "Pagado"),
        "checked": ("Checked", "Verificado", "Verificado"),
        "authorised": ("Authorized again", "Autorizado de novo", "Autorizado de nuevo"),
        "not needed": ("No longer needed", "Não é mais necessário", "Ya no hace falta"),
        "done": ("Done", "Feito", "Hecho"),
    },
    "OnExpiry": {
        "RESOLVE": ("The hold ends", "O bloqueio termina", "La retención termina"),
        "CANCEL": ("Units are cancelled", "As unidades são canceladas", "Las unidades se cancelan"),
        "ASK": ("A person decides", "Uma pessoa decide", "Decide una persona"),
    },
    "ResolvedBy": {
        "person": ("A person", "Uma pessoa", "Una persona"),
        "schedule": ("Its time", "O prazo", "El plazo"),
        "event": ("Another system", "Outro sistema", "Otro sistema"),
    },
    "OrderOrLine": {
        "order": ("Whole order", "Pedido inteiro", "Pedido completo"),
        "line": ("Single lines", "Linhas individuais", "Líneas individuales"),
    },
    "WorkStep": _WORK_STEPS,
    "HoldableStep": {
        **change_words.MODIFICATIONS,
        **{step: words for step, words in _WORK_STEPS.items() if step not in _NEVER_HELD},
    },
    "BlockedStep": {**change_words.MODIFICATIONS, **_WORK_STEPS},
}
