"""
Give the words for the names of documents, and those that stand on them.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

LABELS: Mapping[str, Mapping[str, Words]] = {
    "DocumentName": {
        "packing-slip": ("Packing slip", "Romaneio do pacote", "Nota de entrega"),
    },
    "SlipWord": {
        "order": ("Order", "Pedido", "Pedido"),
        "from": ("From", "De", "Desde"),
        "to": ("To", "Para", "Para"),
        "gift": ("Gift message", "Mensagem do presente", "Mensaje del regalo"),
        "article": ("Article", "Artigo", "Artículo"),
        "code": ("Code", "Código", "Código"),
        "units": ("Units", "Unidades", "Unidades"),
        "all_units": ("All units", "Total de unidades", "Total de unidades"),
        "parcel": ("Parcel number", "Número do pacote", "Número del paquete"),
        "carrier": ("Carrier", "Transportadora", "Transportista"),
        "tracking": ("Tracking number", "Código de rastreio", "Número de seguimiento"),
    },
}
