"""
Give the words for drafts: their states and steps, and where prices are from.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

LABELS: Mapping[str, Mapping[str, Words]] = {
    "DraftStatus": {
        "OPEN": ("Open", "Aberto", "Abierto"),
        "QUOTED": ("Quoted", "Orçado", "Cotizado"),
        "CONFIRMED": ("Ordered", "Pedido feito", "Pedido hecho"),
        "EXPIRED": ("Expired", "Expirado", "Caducado"),
        "ABANDONED": ("Given up", "Abandonado", "Abandonado"),
    },
    "DraftStep": {
        "created": ("Begun", "Iniciado", "Iniciado"),
        "changed": ("Changed", "Alterado", "Modificado"),
        "claimed": ("Claimed", "Assumido", "Asumido"),
        "released": ("Released", "Liberado", "Liberado"),
        "quoted": ("Quoted", "Orçado", "Cotizado"),
        "confirmed": ("Ordered", "Pedido feito", "Pedido hecho"),
        "abandoned": ("Given up", "Abandonado", "Abandonado"),
        "expired": ("Expired", "Expirado", "Caducado"),
        "erased": ("Customer erased", "Cliente apagado", "Cliente borrado"),
    },
    "PriceSource": {
        "LIST": ("Price list", "Lista de preços", "Lista de precios"),
        "CALLER": ("Set for this sale", "Definido para esta venda", "Fijado para esta venta"),
    },
}
