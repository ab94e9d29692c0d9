"""
Give the words for changes of an order after the sale, and for the reasons why they are made or denied.

Called by   comanda.domain.labels.labels, comanda.domain.labels.queue_words
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

MODIFICATIONS: Mapping[str, Words] = {
    "cancel": ("Cancel units", "Cancelar unidades", "Cancelar unidades"),
    "note": ("Note", "Observação", "Nota"),
    "priority": ("Priority", "Prioridade", "Prioridad"),
    "tags": ("Tags", "Etiquetas", "Etiquetas"),
    "tax_id": ("Tax id", "Identificação fiscal", "Identificación fiscal"),
    "price": ("Price", "Preço", "Precio"),
    "discount": ("Discount", "Desconto", "Descuento"),
    "charge": ("Charge", "Encargo", "Cargo"),
    "quantity": ("Quantity", "Quantidade", "Cantidad"),
    "ship_to": ("Address", "Endereço", "Dirección"),
    "requested": ("Wanted day", "Dia desejado", "Día deseado"),
    "service": ("Service", "Serviço", "Servicio"),
    "method": ("Shipping or pickup", "Envio ou retirada", "Envío o recogida"),
    "node": ("Node", "Local", "Local"),
    "store": ("Store of a pickup", "Loja da retirada", "Tienda de la recogida"),
    "add_line": ("Further line", "Nova linha", "Línea nueva"),
    "replace": ("Another article", "Outro artigo", "Otro artículo"),
    "appeasement": ("Appeasement", "Compensação", "Compensación"),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "NotCancelledReason": {
        "packed": ("Already packed", "Já embalado", "Ya empacado"),
        "left": ("Has already left", "Já saiu", "Ya salió"),
        "kit": (
            "Belongs to a kit, which stays whole",
            "Faz parte de um kit, que fica inteiro",
            "Es parte de un kit, que queda entero",
        ),
        "held": ("A hold forbids it", "Um bloqueio impede", "Una retención lo impide"),
        "denied": ("Not allowed any more", "Não é mais permitido", "Ya no se permite"),
    },
    "DenialReason": {
        "packed": ("Already packed", "Já embalado", "Ya empacado"),
        "left": ("Has already left", "Já saiu", "Ya salió"),
        "kit": (
            "Belongs to a kit, which stays whole",
            "Faz parte de um kit, que fica inteiro",
            "Es parte de un kit, que queda entero",
        ),
        "held": ("A hold forbids it", "Um bloqueio impede", "Una retención lo impide"),
        "denied": ("Not allowed any more", "Não é mais permitido", "Ya no se permite"),
        "bundle": ("Only together with its set", "Somente com o conjunto", "Solo junto con su conjunto"),
        "nothing-left": ("No unit is left", "Não resta nenhuma unidade", "No queda ninguna unidad"),
        "invoiced": ("Units of it are invoiced", "Já há unidades faturadas", "Ya hay unidades facturadas"),
        "part-cancelled": (
            "Units of it were replaced, or a set is not whole: add a line",
            "Há unidades substituídas, ou um conjunto incompleto: inclua uma linha",
            "Hay unidades reemplazadas, o un conjunto incompleto: agregue una línea",
        ),
        "pickup": ("Collected at a counter", "Retirado no balcão", "Se recoge en un mostrador"),
        "sent": ("Sent to an address", "Enviado a um endereço", "Se envía a una dirección"),
        "provided": ("Not sent: it is provided", "Não é enviado: é fornecido", "No se envía: se proporciona"),
        "replacement": (
            "Sends lost units again: place another order",
            "Reenvia unidades perdidas: faça outro pedido",
            "Reenvía unidades perdidas: haga otro pedido",
        ),
    },
    "Modification": MODIFICATIONS,
    "DroppedBecause": {
        "expired": ("it was not paid in time", "não foi paga a tempo", "no se pagó a tiempo"),
        "not-possible": ("it is not possible any more", "não é mais possível", "ya no es posible"),
        "withdrawn": ("it was withdrawn", "foi retirada", "se retiró"),
    },
    "AppeasementReason": {
        "LATE": ("Late", "Atraso", "Retraso"),
        "DAMAGED": ("Damaged", "Danificado", "Dañado"),
        "WRONG_ARTICLE": ("Wrong article", "Artigo errado", "Artículo equivocado"),
        "MISSING_ARTICLE": ("An article is missing", "Falta um artigo", "Falta un artículo"),
        "QUALITY": ("Quality", "Qualidade", "Calidad"),
        "PRICE": ("Price", "Preço", "Precio"),
        "SERVICE": ("Service", "Atendimento", "Atención"),
        "GOODWILL": ("Goodwill", "Cortesia", "Cortesía"),
    },
    "ChangeOfOrder": {name: words for name, words in MODIFICATIONS.items() if name != "cancel"},
}
