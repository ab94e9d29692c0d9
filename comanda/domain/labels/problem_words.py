"""
Give the words for the types of problems that the API answers, and for the reasons why a decision left a node out.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

_PROBLEMS: Mapping[str, Words] = {
    "malformed-request": (
        "The request cannot be read",
        "Não é possível ler a solicitação",
        "No se puede leer la solicitud",
    ),
    "not-signed": (
        "The notice is not signed, or too old",
        "O aviso não está assinado ou é antigo demais",
        "El aviso no está firmado o es demasiado antiguo",
    ),
    "not-understood": (
        "The notice is no event of the provider",
        "O aviso não é um evento do provedor",
        "El aviso no es un evento del proveedor",
    ),
    "idempotency-key-missing": (
        "The request has no idempotency key",
        "A solicitação não tem chave de idempotência",
        "La solicitud no tiene clave de idempotencia",
    ),
    "idempotency-key-reused": (
        "The idempotency key was used for another request",
        "A chave de idempotência foi usada em outra solicitação",
        "La clave de idempotencia se usó en otra solicitud",
    ),
    "bad-query": ("A filter is wrong", "Um filtro está errado", "Un filtro es incorrecto"),
    "bad-cursor": ("The list must begin again", "A lista deve recomeçar", "La lista debe empezar de nuevo"),
    "bad-request": (
        "The gateway could not read the request",
        "A solicitação não pôde ser lida",
        "La solicitud no pudo leerse",
    ),
    "unauthorized": ("Sign in again", "Entre novamente", "Inicie sesión de nuevo"),
    "signed-out": (
        "Signed out everywhere: sign in again",
        "Sessão encerrada em todos os dispositivos: entre novamente",
        "Sesión cerrada en todos los dispositivos: inicie sesión de nuevo",
    ),
    "forbidden": ("Not permitted", "Sem permissão", "Sin permiso"),
    "not-found": ("Not found", "Não encontrado", "No encontrado"),
    "wrong-region": ("Belongs to another region", "Pertence a outra região", "Pertenece a otra región"),
    "already-exists": ("Exists already", "Já existe", "Ya existe"),
    "person-exists": (
        "A person has this address",
        "Uma pessoa já tem este endereço",
        "Una persona ya tiene esta dirección",
    ),
    "last-admin": (
        "The last administrator stays",
        "O último administrador permanece",
        "El último administrador permanece",
    ),
    "not-allowed": ("Not possible now", "Não é possível agora", "No es posible ahora"),
    "needs-payment": (
        "The payments do not cover the change",
        "Os pagamentos não cobrem a alteração",
        "Los pagos no cubren el cambio",
    ),
    "change-pending": (
        "Another change waits for its payment",
        "Outra alteração aguarda o pagamento",
        "Otro cambio espera su pago",
    ),
    "preview-stale": (
        "The order has moved since the preview",
        "O pedido mudou desde a prévia",
        "El pedido cambió desde la vista previa",
    ),
    "held": ("A hold forbids it", "Um bloqueio impede", "Una retención lo impide"),
    "claimed": ("Someone else has it", "Outra pessoa está com isso", "Otra persona lo tiene"),
    "open-orders": (
        "Orders of the customer are open",
        "Há pedidos do cliente em aberto",
        "Hay pedidos abiertos del cliente",
    ),
    "quote-expired": ("The quote is over", "O orçamento venceu", "El presupuesto venció"),
    "price-changed": ("Prices have changed", "Os preços mudaram", "Los precios cambiaron"),
    "draft-ended": ("The draft has ended", "O rascunho terminou", "El borrador ha terminado"),
    "offer-expired": ("The offer has expired", "A oferta expirou", "La oferta venció"),
    "out-of-stock": ("Not enough stock", "Estoque insuficiente", "Existencias insuficientes"),
    "request-id-reused": (
        "The request id was used for another reservation",
        "O id foi usado em outra reserva",
        "El id se usó en otra reserva",
    ),
    "reservation-expired": ("The reservation has expired", "A reserva expirou", "La reserva venció"),
    "reservation-ended": ("The reservation has ended", "A reserva terminou", "La reserva terminó"),
    "reservation-pending": (
        "The reservation is still being made",
        "A reserva ainda está em criação",
        "La reserva aún se está creando",
    ),
    "adjustment-id-reused": (
        "The adjustment id was used for other rows",
        "O id do ajuste foi usado com outras linhas",
        "El id del ajuste se usó con otras filas",
    ),
    "in-progress": ("Already being done", "Já em andamento", "Ya está en curso"),
    "if-match-stale": (
        "Someone changed it in the meantime",
        "Alguém alterou isso nesse meio-tempo",
        "Alguien lo cambió mientras tanto",
    ),
    "if-match-missing": (
        "The request does not say which version it changes",
        "A solicitação não diz qual versão altera",
        "La solicitud no dice qué versión cambia",
    ),
    "body-too-large": ("Too much text or data", "Texto ou dados demais", "Demasiado texto o datos"),
    "request-too-large": (
        "The request is too large",
        "A solicitação é grande demais",
        "La solicitud es demasiado grande",
    ),
    "invalid": ("Some fields are wrong", "Alguns campos estão errados", "Algunos campos son incorrectos"),
    "order-too-large": (
        "The order has too many lines",
        "O pedido tem linhas demais",
        "El pedido tiene demasiadas líneas",
    ),
    "too-dear": (
        "The costs are too large to compare",
        "Os custos são altos demais para comparar",
        "Los costos son demasiado altos para comparar",
    ),
    "too-many-requests": (
        "Too many requests: slower",
        "Solicitações demais: mais devagar",
        "Demasiadas solicitudes: más despacio",
    ),
    "stale-order": (
        "The order is changing: try again",
        "O pedido está mudando: tente de novo",
        "El pedido está cambiando: intente de nuevo",
    ),
    "stale-entry": (
        "The entry is changing: try again",
        "O registro está mudando: tente de novo",
        "El registro está cambiando: intente de nuevo",
    ),
    "stale-customer": (
        "The customer is changing: try again",
        "O cliente está mudando: tente de novo",
        "El cliente está cambiando: intente de nuevo",
    ),
    "stale-person": (
        "The person is being changed: try again",
        "A pessoa está sendo alterada: tente de novo",
        "La persona se está cambiando: intente de nuevo",
    ),
    "stale-badge": (
        "The badge is being changed: try again",
        "O crachá está sendo alterado: tente de novo",
        "La credencial se está cambiando: intente de nuevo",
    ),
    "stale-pack": (
        "The directory is being prepared: try again",
        "O diretório está sendo preparado: tente de novo",
        "El directorio se está preparando: intente de nuevo",
    ),
    "stock-conflict": (
        "The stock is changing: try again",
        "O estoque está mudando: tente de novo",
        "Las existencias están cambiando: intente de nuevo",
    ),
    "stale-settlement": (
        "A report of this payment came meanwhile: try again",
        "Chegou um relatório deste pagamento: tente de novo",
        "Llegó un informe de este pago: intente de nuevo",
    ),
    "row-taken": (
        "The row is being applied: try again",
        "A linha está sendo aplicada: tente de novo",
        "La fila se está aplicando: intente de nuevo",
    ),
    "throttled": ("Too busy: try again", "Ocupado demais: tente de novo", "Demasiado ocupado: intente de nuevo"),
    "no-tax-answer": (
        "The tax service does not answer: try again",
        "O serviço de impostos não responde: tente de novo",
        "El servicio de impuestos no responde: intente de nuevo",
    ),
    "unfinished": (
        "Only a part was done in time: send it again",
        "Só uma parte foi feita a tempo: envie de novo",
        "Solo se hizo una parte a tiempo: envíelo de nuevo",
    ),
    "internal": ("Our fault", "Erro nosso", "Error nuestro"),
    "unavailable": (
        "Could not be reached: try again",
        "Fora de alcance: tente de novo",
        "No se pudo contactar: intente de nuevo",
    ),
    "timeout": ("No answer in time", "Sem resposta a tempo", "Sin respuesta a tiempo"),
}

# Why a routing decision left a node out.
_LEFT_OUT: Mapping[str, Words] = {
    "does-not-ship": ("Does not ship", "Não envia", "No envía"),
    "other-country": ("Is in another country", "Fica em outro país", "Está en otro país"),
    "closed": ("Is closed in the days to come", "Está fechado nos próximos dias", "Está cerrado en los próximos días"),
    "no-capacity": ("Has too little capacity left", "Tem pouca capacidade restante", "Le queda poca capacidad"),
    "type-not-allowed": (
        "Is of a type that the rule leaves out",
        "É de um tipo que a regra exclui",
        "Es de un tipo que la regla excluye",
    ),
    "node-not-allowed": (
        "Is not among the nodes of the rule",
        "Não está entre os locais da regra",
        "No está entre los locales de la regla",
    ),
    "group-not-allowed": (
        "Is in no group of the rule",
        "Não está em nenhum grupo da regra",
        "No está en ningún grupo de la regla",
    ),
    "lacks-tag": (
        "Lacks a tag that the rule asks for",
        "Não tem uma etiqueta que a regra exige",
        "Le falta una etiqueta que la regla exige",
    ),
    "no-pickup": (
        "Has no counter, which the rule asks for",
        "Não tem balcão, que a regra exige",
        "No tiene mostrador, que la regla exige",
    ),
    "too-far": (
        "Is farther away than the rule allows",
        "Fica mais longe do que a regra permite",
        "Está más lejos de lo que la regla permite",
    ),
    "too-many-splits": ("Would be one shipment too many", "Seria uma remessa a mais", "Sería un envío de más"),
    "late": ("Could not make the wanted date", "Não cumpriria a data desejada", "No cumpliría la fecha deseada"),
    "gave-it-back": ("Gave it back before", "Já devolveu antes", "Ya lo devolvió antes"),
    "lacks-a-tag-of-the-goods": (
        "Lacks a tag that such goods need",
        "Não tem uma etiqueta que o produto exige",
        "Le falta una etiqueta que el producto exige",
    ),
    "keeps-its-last-units": (
        "Keeps its last units, as the rule asks",
        "Guarda as últimas unidades, como a regra pede",
        "Guarda sus últimas unidades, como pide la regla",
    ),
    "taken-by-other-lines": ("Gives all of it to the order already", "Já dá tudo ao pedido", "Ya da todo al pedido"),
    "dominated": (
        "Is needless: another has as much and is nowhere dearer",
        "É desnecessário: outro tem o mesmo e não custa mais",
        "Es innecesario: otro tiene lo mismo y no cuesta más",
    ),
}

OF_MANY_REASONS = frozenset({"not-allowed", "invalid", "forbidden", "bad-query"})

LABELS: Mapping[str, Mapping[str, Words]] = {"ProblemType": _PROBLEMS, "NodeLeftOut": _LEFT_OUT}
