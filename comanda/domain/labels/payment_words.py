"""
Give the words for movements of money that a payment provider did not do, and for its reasons.

This file is long because it has the words of every reason about money, in one table each.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels import settlement_words
from comanda.domain.labels.status_words import Words

# The values are those of comanda.domain.payments.answer.Reason, and reasons of comanda.domain.orders.tender.
_REASONS: Mapping[str, Words] = {
    "CARD_DECLINED": ("The card was declined", "O cartão foi recusado", "La tarjeta fue rechazada"),
    "INSUFFICIENT_FUNDS": ("The card has too little money", "Saldo insuficiente no cartão", "Saldo insuficiente"),
    "CARD_EXPIRED": ("The card has expired", "O cartão venceu", "La tarjeta venció"),
    "CARD_LOST_OR_STOLEN": (
        "The card was reported lost or stolen",
        "O cartão foi informado como perdido ou roubado",
        "La tarjeta figura como perdida o robada",
    ),
    "CARD_DATA_WRONG": (
        "The data of the card are wrong",
        "Os dados do cartão estão errados",
        "Los datos de la tarjeta son incorrectos",
    ),
    "AUTHENTICATION_NEEDED": (
        "The customer must confirm the payment",
        "O cliente precisa confirmar o pagamento",
        "El cliente debe confirmar el pago",
    ),
    "AUTHORISATION_ENDED": (
        "The authorization has ended",
        "A autorização terminou",
        "La autorización terminó",
    ),
    "PAYMENT_EXPIRED": ("Nobody paid in time", "Ninguém pagou a tempo", "Nadie pagó a tiempo"),
    "STATE": (
        "The payment is in another state than expected",
        "O pagamento está em outra situação",
        "El pago está en otra situación",
    ),
    "TOO_MUCH": (
        "It is more than the payment has left",
        "O valor passa do que resta do pagamento",
        "El importe supera lo que queda del pago",
    ),
    "TOO_LITTLE": (
        "It is less than the provider moves",
        "O valor é menor do que o provedor movimenta",
        "El importe es menor que el mínimo del proveedor",
    ),
    "UNIT": (
        "The provider cannot move this amount of the currency",
        "O provedor não movimenta este valor da moeda",
        "El proveedor no mueve este importe de la moneda",
    ),
    "TO_COLLECT": (
        "It is paid when the customer gets the goods",
        "É pago quando o cliente recebe os produtos",
        "Se paga cuando el cliente recibe los productos",
    ),
    "TO_PAY_OUT": (
        "It was collected from the customer, and people give it back",
        "Foi recebido do cliente, e pessoas o devolvem",
        "Se cobró al cliente, y lo devuelven personas",
    ),
    "NOT_COLLECTED": (
        "The customer did not pay on delivery",
        "O cliente não pagou na entrega",
        "El cliente no pagó en la entrega",
    ),
    "COLLECTED_LESS": (
        "The customer paid less on delivery",
        "O cliente pagou menos na entrega",
        "El cliente pagó menos en la entrega",
    ),
    "NOT_FOUND": (
        "The provider does not know the payment",
        "O provedor não conhece o pagamento",
        "El proveedor no conoce el pago",
    ),
    "NOT_SAVED": (
        "The card was not saved for later charges: the customer must pay again",
        "O cartão não foi salvo para novas cobranças: o cliente precisa pagar de novo",
        "La tarjeta no se guardó para nuevos cargos: el cliente debe pagar de nuevo",
    ),
    "NO_INCREASE": (
        "This card authorizes no more: the customer must pay by another way",
        "Este cartão não autoriza mais: o cliente precisa pagar de outro modo",
        "Esta tarjeta no autoriza más: el cliente debe pagar de otro modo",
    ),
    "INVALID": (
        "The provider did not understand the operation",
        "O provedor não entendeu a operação",
        "El proveedor no entendió la operación",
    ),
    "DISPUTED": (
        "The customer's bank has taken the payment back: wait for its decision",
        "O banco do cliente retirou o pagamento: espere a decisão dele",
        "El banco del cliente retiró el pago: espere su decisión",
    ),
    "REFUND_FAILED": ("The bank returned the refund", "O banco devolveu o reembolso", "El banco devolvió el reembolso"),
    "NOT_DONE": (
        "It ended in a failure of the provider, without effect",
        "Terminou em falha do provedor, sem efeito",
        "Terminó en un fallo del proveedor, sin efecto",
    ),
    "NO_ANSWER": (
        "The provider gave no answer for a day: look there whether the money moved",
        "O provedor não respondeu por um dia: verifique lá se o dinheiro foi movimentado",
        "El proveedor no respondió en un día: compruebe allí si el dinero se movió",
    ),
    "PROVIDER_FAILED": (
        "The provider failed for a day: look there whether the money moved",
        "O provedor falhou por um dia: verifique lá se o dinheiro foi movimentado",
        "El proveedor falló durante un día: compruebe allí si el dinero se movió",
    ),
    "BUSY": (
        "The provider was busy for a day: look there whether the money moved",
        "O provedor ficou ocupado por um dia: verifique lá se o dinheiro foi movimentado",
        "El proveedor estuvo ocupado un día: compruebe allí si el dinero se movió",
    ),
    "NOT_ADMITTED": (
        "The provider does not admit the shop's key",
        "O provedor não aceita a chave da loja",
        "El proveedor no admite la clave de la tienda",
    ),
    "AMOUNT_DIFFERS": (
        "The provider moved another amount: look there",
        "O provedor movimentou outro valor: verifique lá",
        "El proveedor movió otro importe: compruébelo allí",
    ),
}

# What differs in a payment that a shop named: comanda.domain.payments.answer.mismatch.
_DIFFERENCES: Mapping[str, Words] = {
    "none": ("It is as the order says", "Está como o pedido diz", "Está como dice el pedido"),
    "standing": ("It is not authorized", "Não está autorizado", "No está autorizado"),
    "order": ("It is for another order", "É de outro pedido", "Es de otro pedido"),
    "currency": ("It has another currency", "É de outra moeda", "Es de otra moneda"),
    "amount": ("It has another amount", "É de outro valor", "Es de otro importe"),
    "unknown": ("The provider does not know it", "O provedor não o conhece", "El proveedor no lo conoce"),
}

# What a person is asked about a provider's notice: comanda.domain.payments.notices.
_NOTICES: Mapping[str, Words] = {
    "another-account": (
        "The provider sends the events of another account: mend its endpoint",
        "O provedor envia eventos de outra conta: corrija o endpoint",
        "El proveedor envía eventos de otra cuenta: corrija el punto de envío",
    ),
    "no-order": (
        "Money of a payment moved that pays no order",
        "Houve movimento de um pagamento que não é de nenhum pedido",
        "Se movió dinero de un pago que no es de ningún pedido",
    ),
    "disputed-payment": (
        "The customer's bank disputes a payment: answer it at the provider in its time",
        "O banco do cliente contesta um pagamento: responda no provedor a tempo",
        "El banco del cliente disputa un pago: responda en el proveedor a tiempo",
    ),
    "disputed-in-another-currency": (
        "A dispute in another currency than its order's: its amount is here alone",
        "Contestação em moeda diferente da do pedido: o valor só consta aqui",
        "Disputa en otra moneda que la del pedido: su importe solo consta aquí",
    ),
    "not-asked": (
        "A refund was made that Comanda did not ask for",
        "Foi feito um reembolso que o Comanda não pediu",
        "Se hizo un reembolso que Comanda no pidió",
    ),
}

REFUND_QUEUES: Mapping[str, Words] = {
    "refunds": ("Refunds to pay", "Reembolsos a pagar", "Reembolsos por pagar"),
    "pay-outs": ("Money to pay out", "Dinheiro a devolver", "Dinero por devolver"),
    "fiscal": ("NF-e to authorize", "NF-e a autorizar", "NF-e por autorizar"),
}
QUEUES: Mapping[str, Words] = {
    "tax-records": (
        "Documents for the tax service",
        "Documentos para o serviço de impostos",
        "Documentos para el servicio de impuestos",
    ),
    "shipping-costs": (
        "Bills of carriers that differ",
        "Contas de transportadoras com diferença",
        "Facturas de transportistas con diferencia",
    ),
    "reconcile": (
        "Money to reconcile",
        "Dinheiro a conciliar",
        "Dinero por conciliar",
    ),
    "provider-notices": (
        "Notices of payment providers",
        "Avisos de provedores de pagamento",
        "Avisos de proveedores de pago",
    ),
    "credit-accounts": (
        "Customers' credit to approve",
        "Crédito de clientes a aprovar",
        "Crédito de clientes por aprobar",
    ),
    "gift-cards": (
        "Gift cards to approve",
        "Cartões-presente a aprovar",
        "Tarjetas de regalo por aprobar",
    ),
}

# Why a tax service does not have a document, or a person is asked about it.
_TAX_RECORDS: Mapping[str, Words] = {
    "tax-differs": (
        "The tax service computes another tax",
        "O serviço de impostos calcula outro imposto",
        "El servicio de impuestos calcula otro impuesto",
    ),
    "tax-kept-otherwise": (
        "The tax service keeps another day, amount or tax",
        "O serviço de impostos guarda outro dia, valor ou imposto",
        "El servicio de impuestos guarda otro día, importe o impuesto",
    ),
    "tax-not-committed": (
        "The tax service has the document and does not declare it",
        "O serviço de impostos tem o documento e não o declara",
        "El servicio de impuestos tiene el documento y no lo declara",
    ),
    "tax-refused": (
        "The tax service refuses the document",
        "O serviço de impostos recusa o documento",
        "El servicio de impuestos rechaza el documento",
    ),
    "tax-unreadable": (
        "The tax service gave an answer that does not fit",
        "O serviço de impostos deu uma resposta que não confere",
        "El servicio de impuestos dio una respuesta que no corresponde",
    ),
    "tax-no-answer": (
        "The tax service did not answer",
        "O serviço de impostos não respondeu",
        "El servicio de impuestos no respondió",
    ),
    "tax-busy": (
        "The tax service was too busy",
        "O serviço de impostos estava ocupado demais",
        "El servicio de impuestos estaba demasiado ocupado",
    ),
    "tax-service-failed": (
        "The tax service had an error",
        "O serviço de impostos teve um erro",
        "El servicio de impuestos tuvo un error",
    ),
    "tax-not-admitted": (
        "The tax service does not take our key",
        "O serviço de impostos não aceita nossa chave",
        "El servicio de impuestos no acepta nuestra clave",
    ),
    "tax-not-connected": (
        "There is no account at the tax service",
        "Não há conta no serviço de impostos",
        "No hay cuenta en el servicio de impuestos",
    ),
}

# Why an order waits for money, or a person is asked about it.
WAITS: Mapping[str, Words] = {
    **_TAX_RECORDS,
    "shipping-cost-differs": (
        "The carrier bills another amount than the label cost",
        "A transportadora cobra um valor diferente do da etiqueta",
        "El transportista factura un importe distinto del de la etiqueta",
    ),
    **_NOTICES,
    **settlement_words.WAITS,
    "terms-above-limit": (
        "More than the person who asks for it may let a customer owe",
        "Mais do que a pessoa que pede pode deixar um cliente dever",
        "Más de lo que la persona que lo pide puede dejar deber a un cliente",
    ),
    "bank-credit": (
        "The bank got money for this account: book it as a payment",
        "O banco recebeu dinheiro para esta conta: lance como pagamento",
        "El banco recibió dinero para esta cuenta: regístrelo como pago",
    ),
    "reversal-above-limit": (
        "A payment that is taken back, above the limit of the person who asked for it",
        "Estorno de um pagamento acima do limite de quem o pediu",
        "Reversión de un pago por encima del límite de quien la pidió",
    ),
    "reversal-on-closed-account": (
        "A payment is taken back on an account whose customer was erased",
        "Estorno em uma conta cujo cliente foi apagado",
        "Reversión en una cuenta cuyo cliente fue borrado",
    ),
    "payout-above-limit": (
        "A payout above the limit of the person who asks for it",
        "Um pagamento acima do limite da pessoa que pede",
        "Un pago por encima del límite de la persona que lo pide",
    ),
    "issue-above-limit": (
        "Above the limit of the person who asks for it",
        "Acima do limite da pessoa que pede",
        "Por encima del límite de la persona que lo pide",
    ),
    "the customer has not paid yet": (
        "The customer has not paid yet",
        "O cliente ainda não pagou",
        "El cliente aún no ha pagado",
    ),
    "the payment is being checked": (
        "The payment is being checked",
        "O pagamento está sendo verificado",
        "El pago se está verificando",
    ),
    "the payment is being authorised again": (
        "The payment is being authorized again",
        "O pagamento está sendo autorizado de novo",
        "El pago se está autorizando de nuevo",
    ),
    "the authorisation of the payment has ended": (
        "The authorization of the payment has ended",
        "A autorização do pagamento expirou",
        "La autorización del pago venció",
    ),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "SettlementStatus": settlement_words.STANDINGS,
    "FailedMovement": {
        "capture-failed": ("Not captured", "Não capturado", "No cobrado"),
        "refund-failed": ("Not refunded", "Não reembolsado", "No reembolsado"),
        "release-failed": ("Not released", "Não liberado", "No liberado"),
        "authorize-failed": ("Not authorized", "Não autorizado", "No autorizado"),
        "link-failed": ("Not paid by the customer", "Não pago pelo cliente", "No pagado por el cliente"),
    },
    # The values are those of comanda.domain.orders.tender.PaymentState.
    "PaymentState": {
        "CHECKING": ("Being checked", "Em verificação", "En verificación"),
        "DIFFERS": ("Differs from the order", "Difere do pedido", "Difiere del pedido"),
        "AUTHORIZING": ("Being authorized again", "Nova autorização em curso", "Nueva autorización en curso"),
        "NOT_AUTHORIZED": ("Not authorized again", "Não autorizado de novo", "No autorizado de nuevo"),
        "TO_PAY": ("To be paid by the customer", "A pagar pelo cliente", "Por pagar por el cliente"),
        "NOT_PAID": ("Not paid by the customer", "Não pago pelo cliente", "No pagado por el cliente"),
        "TO_COLLECT": ("To be collected on delivery", "A receber na entrega", "Por cobrar en la entrega"),
        "TO_PAY_OUT": ("To be given back by hand", "A devolver em mãos", "Por devolver en mano"),
        "FAILED": ("Failed: a person is asked", "Falhou: uma pessoa decide", "Falló: decide una persona"),
        "AUTHORIZED": ("Authorized", "Autorizado", "Autorizado"),
        "CAPTURED": ("Captured", "Capturado", "Cobrado"),
        "REFUNDED": ("Refunded", "Reembolsado", "Reembolsado"),
        "VOIDED": ("Released", "Liberado", "Liberado"),
    },
    "PaymentReason": _REASONS,
    "PaymentDifference": _DIFFERENCES,
}
