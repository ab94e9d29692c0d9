"""
Give the words for cases: what they are about, what they wait for, what became of them, and what happened to them.

Called by   comanda.domain.labels.labels
Returns     a table: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

_GIVEN: Mapping[str, Words] = {
    "ANSWERED": ("Answered", "Respondido", "Respondido"),
    "CORRECTED": ("Corrected", "Corrigido", "Corregido"),
    "REPLACED": ("Replaced", "Substituído", "Reemplazado"),
    "REFUNDED": ("Refunded", "Reembolsado", "Reembolsado"),
    "CREDITED": ("Credited", "Creditado", "Acreditado"),
    "CANCELLED": ("Cancelled", "Cancelado", "Cancelado"),
    "REJECTED": ("Not justified", "Não procedente", "No procedente"),
    "NO_ANSWER": ("No answer", "Sem resposta", "Sin respuesta"),
    "DUPLICATE": ("Same as another case", "Igual a outro atendimento", "Igual a otro caso"),
    "SPAM": ("Spam", "Spam", "Spam"),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "CaseKind": {
        "QUESTION": ("Question", "Pergunta", "Pregunta"),
        "LATE": ("Late", "Atraso", "Retraso"),
        "DAMAGED": ("Damaged goods", "Produto danificado", "Producto dañado"),
        "MISSING": ("Missing goods", "Produto faltando", "Producto faltante"),
        "WRONG_ITEM": ("Wrong item", "Produto errado", "Producto equivocado"),
        "ADDRESS": ("Address", "Endereço", "Dirección"),
        "PAYMENT": ("Payment", "Pagamento", "Pago"),
        "COMPLAINT": ("Complaint", "Reclamação", "Queja"),
        "OTHER": ("Other", "Outro", "Otro"),
    },
    "CaseStatus": {
        "OPEN": ("Open", "Aberto", "Abierto"),
        "WAITING_CUSTOMER": ("Waits for the customer", "Aguarda o cliente", "Espera al cliente"),
        "WAITING_PARTNER": ("Waits for a partner", "Aguarda um parceiro", "Espera a un socio"),
        "CLOSED": ("Closed", "Encerrado", "Cerrado"),
    },
    "CaseTeam": {
        "sales": ("Sales", "Vendas", "Ventas"),
        "care": ("Customer care", "Atendimento ao cliente", "Atención al cliente"),
        "planner": ("Planning", "Planejamento", "Planificación"),
        "tower": ("Control tower", "Torre de controle", "Torre de control"),
        "finance": ("Finance", "Financeiro", "Finanzas"),
    },
    "CaseWait": {
        "CUSTOMER": ("Customer", "Cliente", "Cliente"),
        "PARTNER": ("Partner", "Parceiro", "Socio"),
    },
    "CaseOutcome": {**_GIVEN, "ERASED": ("Customer erased", "Cliente apagado", "Cliente borrado")},
    "CaseOutcomeOfPerson": _GIVEN,
    "CaseAuthor": {
        "CUSTOMER": ("Customer", "Cliente", "Cliente"),
        "STAFF": ("Office", "Escritório", "Oficina"),
    },
    "CaseEventType": {
        "opened": ("Opened", "Aberto", "Abierto"),
        "noted": ("Text added", "Texto adicionado", "Texto añadido"),
        "assigned": ("Assigned", "Atribuído", "Asignado"),
        "waiting": ("Waits for an answer", "Aguarda resposta", "Espera respuesta"),
        "resumed": ("Taken up again", "Retomado", "Retomado"),
        "closed": ("Closed", "Encerrado", "Cerrado"),
        "reopened": ("Reopened", "Reaberto", "Reabierto"),
        "overdue": ("Overdue", "Vencido", "Vencido"),
        "erased": ("Texts erased", "Textos apagados", "Textos borrados"),
    },
    "MailFormat": {
        "TEXT": ("Plain text", "Texto simples", "Texto simple"),
        "HTML": ("HTML", "HTML", "HTML"),
    },
    "MailResult": {
        "OPENED": ("Opened a case", "Abriu um atendimento", "Abrió un caso"),
        "ADDED": ("Added to a case", "Adicionado a um atendimento", "Añadido a un caso"),
        "DUPLICATE": ("Taken before", "Já recebido", "Ya recibido"),
        "CONFLICT": ("Another mail with its id", "Outro e-mail com o mesmo id", "Otro correo con el mismo id"),
        "IGNORED": ("Ignored", "Ignorado", "Ignorado"),
    },
    "MailIgnoredReason": {
        "automatic": ("Automatic reply", "Resposta automática", "Respuesta automática"),
        "mailing-list": ("Mailing list", "Lista de e-mails", "Lista de correo"),
        "empty": ("Empty", "Vazio", "Vacío"),
        "too-many-of-sender": (
            "Too many mails of the sender today",
            "E-mails demais do remetente hoje",
            "Demasiados correos del remitente hoy",
        ),
        "too-many-of-order": (
            "Too many cases of the order",
            "Atendimentos demais do pedido",
            "Demasiados casos del pedido",
        ),
    },
}
