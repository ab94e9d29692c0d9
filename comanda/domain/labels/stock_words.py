"""
Give the words for stock: alerts, scans that do not count, conditions of units, supplies and their steps, and patterns of demand.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

_OTHER_BUCKETS: Mapping[str, Words] = {
    "open_box": ("Open box", "Embalagem aberta", "Caja abierta"),
    "quarantine": ("Quarantine", "Quarentena", "Cuarentena"),
    "damaged": ("Damaged", "Danificado", "Dañado"),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "ScanRefusal": {
        "ANOTHER_ARTICLE": ("Another article", "Outro artigo", "Otro artículo"),
        "ENOUGH": (
            "One too many: all units of this article are counted",
            "Uma a mais: todas as unidades deste artigo já foram contadas",
            "Una de más: ya se contaron todas las unidades de este artículo",
        ),
        "EXPIRED": ("It has expired", "Está vencido", "Está vencido"),
        "NOT_AN_ARTICLE": ("Not an article", "Não é um artigo", "No es un artículo"),
        "empty": ("Nothing was read", "Nada foi lido", "No se leyó nada"),
        "too-long": ("The code is too long", "O código é longo demais", "El código es demasiado largo"),
        "not-gs1": ("No code of GS1", "Não é um código GS1", "No es un código GS1"),
        "cut-off": ("The code is cut off", "O código está incompleto", "El código está incompleto"),
        "contradicts-itself": ("The code contradicts itself", "O código se contradiz", "El código se contradice"),
        "wrong-check-digit": ("Wrong check digit", "Dígito verificador errado", "Dígito de control incorrecto"),
        "no-separator": ("A separator is missing", "Falta um separador", "Falta un separador"),
        "wrong-date": ("No such date", "Data inexistente", "Fecha inexistente"),
    },
    "AlertKind": {
        "LOW": ("Low stock", "Estoque baixo", "Pocas existencias"),
        "OUT": ("Out of stock", "Sem estoque", "Sin existencias"),
        "OVER_RESERVED": ("More promised than there is", "Prometido além do estoque", "Prometido más de lo que hay"),
        "STALE_SNAPSHOT": ("Not counted for long", "Sem contagem há muito tempo", "Sin conteo desde hace tiempo"),
        "LATE_SUPPLY": ("Supply overdue", "Reposição atrasada", "Suministro atrasado"),
        "VARIANCE": (
            "Count below the open work",
            "Contagem abaixo do trabalho aberto",
            "Conteo menor que el trabajo abierto",
        ),
    },
    "AlertEvent": {
        "low": ("Stock became low", "O estoque ficou baixo", "Quedan pocas existencias"),
        "no_longer_low": ("No longer low", "Não está mais baixo", "Ya no son pocas"),
        "out": ("Stock ran out", "O estoque acabou", "Se agotaron las existencias"),
        "back_in_stock": ("Back in stock", "De volta ao estoque", "De nuevo en existencia"),
        "over_reserved": ("More promised than there is", "Prometido além do estoque", "Prometido más de lo que hay"),
        "no_longer_over_reserved": (
            "Promised units are covered again",
            "As unidades prometidas estão cobertas de novo",
            "Las unidades prometidas vuelven a estar cubiertas",
        ),
        "stale_snapshot": ("Not counted for long", "Sem contagem há muito tempo", "Sin conteo desde hace tiempo"),
        "counted_again": ("Counted again", "Contado de novo", "Contado de nuevo"),
        "late_supply": ("Supply became overdue", "A reposição atrasou", "El suministro se atrasó"),
        "no_longer_late": (
            "Supply no longer overdue",
            "A reposição não está mais atrasada",
            "El suministro ya no está atrasado",
        ),
        "variance": (
            "A count found fewer units than the open work needs",
            "A contagem achou menos unidades do que o trabalho aberto precisa",
            "El conteo halló menos unidades de las que el trabajo abierto necesita",
        ),
        "variance_settled": (
            "The missing units are settled",
            "As unidades em falta foram resolvidas",
            "Las unidades faltantes quedaron resueltas",
        ),
    },
    "Bucket": {"sellable": ("Sellable", "Vendável", "Vendible"), **_OTHER_BUCKETS},
    "OtherBucket": _OTHER_BUCKETS,
    "SupplyType": {
        "PURCHASE_ORDER": ("Purchase order", "Ordem de compra", "Orden de compra"),
        "TRANSFER": ("Transfer", "Transferência", "Traslado"),
        "IN_TRANSIT": ("In transit", "Em trânsito", "En tránsito"),
        "RETURN": ("Return", "Devolução", "Devolución"),
    },
    "MovementKind": {
        "reserve": ("Reserved", "Reservado", "Reservado"),
        "hold": ("In a cart", "Em um carrinho", "En un carrito"),
        "promote": ("Cart became a reservation", "Carrinho virou reserva", "El carrito pasó a reserva"),
        "extend": ("Cart kept longer", "Carrinho prorrogado", "Carrito prorrogado"),
        "consume": ("Reservation became an order", "Reserva virou pedido", "La reserva pasó a pedido"),
        "expire": ("Cart expired", "Carrinho expirado", "Carrito vencido"),
        "release": ("Given back", "Liberado", "Liberado"),
        "redate": ("New date", "Nova data", "Nueva fecha"),
        "advance": ("Earlier date", "Data antecipada", "Fecha adelantada"),
        "ship": ("Left the node", "Saiu do local", "Salió del local"),
        "short": ("Not found or damaged", "Não encontrado ou danificado", "No encontrado o dañado"),
        "quarantine": ("Put in quarantine", "Colocado em quarentena", "Puesto en cuarentena"),
        "adjust": ("Adjusted", "Ajustado", "Ajustado"),
        "count": ("Counted", "Contado", "Contado"),
        "supply": ("Supply changed", "Reposição alterada", "Suministro cambiado"),
        "receive": ("Received", "Recebido", "Recibido"),
        "transfer_out": ("Sent by transfer", "Enviado por transferência", "Enviado por traslado"),
        "transfer_in": ("Received by transfer", "Recebido por transferência", "Recibido por traslado"),
        "reevaluate": ("Supply judged anew", "Reposição reavaliada", "Suministro reevaluado"),
        "undo": ("Undone", "Desfeito", "Deshecho"),
        "lane": ("Moved between lanes", "Movido entre faixas", "Movido entre carriles"),
    },
    "SupplyAction": {
        "CREATE": ("Announce", "Anunciar", "Anunciar"),
        "CONFIRM": ("Confirm", "Confirmar", "Confirmar"),
        "CHANGE": ("Change", "Alterar", "Cambiar"),
        "SHIP": ("Ship", "Enviar", "Enviar"),
        "RECEIVE": ("Receive", "Receber", "Recibir"),
        "CLOSE": ("Close", "Encerrar", "Cerrar"),
        "CANCEL": ("Cancel", "Cancelar", "Cancelar"),
    },
    "ExpediteCause": {
        "LATE_SUPPLY": ("Late supply", "Reposição atrasada", "Suministro atrasado"),
        "STOCKOUT": ("Out of stock", "Sem estoque", "Sin existencias"),
        "DEMAND": ("More demand", "Mais demanda", "Más demanda"),
        "DAMAGE": ("Damage", "Avaria", "Daños"),
        "OTHER": ("Another cause", "Outra causa", "Otra causa"),
    },
    "DemandPattern": {
        "SMOOTH": ("Smooth", "Regular", "Regular"),
        "ERRATIC": ("Erratic", "Errático", "Errático"),
        "INTERMITTENT": ("Intermittent", "Intermitente", "Intermitente"),
        "LUMPY": ("Lumpy", "Irregular", "Irregular"),
        "NONE": ("No demand", "Sem demanda", "Sin demanda"),
    },
    "ReservationKind": {
        "SOFT": ("Ends by itself", "Termina sozinha", "Termina por sí sola"),
        "HARD": ("Stays until released", "Fica até ser liberada", "Queda hasta ser liberada"),
    },
}
