"""
Give the words for kinds of goods, places, deliveries, payments, languages and days, and for what rule sets and promises choose by.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

_METHODS: Mapping[str, Words] = {
    "SHIP": ("Delivery", "Entrega", "Entrega"),
    "PICKUP": ("Pickup", "Retirada", "Recogida"),
}

_SERVICES: Mapping[str, Words] = {
    "STANDARD": ("Standard", "Padrão", "Estándar"),
    "EXPRESS": ("Express", "Expressa", "Exprés"),
}

_PRECISIONS: Mapping[str, Words] = {
    "GIVEN": ("Exact point given", "Ponto exato informado", "Punto exacto indicado"),
    "POSTAL_CODE": ("Postal code", "CEP", "Código postal"),
    "CITY": ("City", "Cidade", "Ciudad"),
    "POSTAL_PREFIX": ("Start of the postal code", "Início do CEP", "Inicio del código postal"),
    "REGION": ("State or region", "Estado ou região", "Estado o región"),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "FoundKind": {
        "order": ("Order", "Pedido", "Pedido"),
        "fulfillment": ("Fulfillment", "Atendimento", "Preparación"),
        "invoice": ("Invoice", "Fatura", "Factura"),
        "credit_note": ("Credit note", "Nota de crédito", "Nota de crédito"),
    },
    "AuditAct": {
        "read": ("Contact read", "Contato lido", "Contacto leído"),
        "slip": ("Packing slip opened", "Romaneio aberto", "Albarán abierto"),
        "invoice": ("Invoice opened", "Fatura aberta", "Factura abierta"),
        "search-email": ("Searched by e-mail", "Busca por e-mail", "Búsqueda por correo"),
        "search-phone": ("Searched by phone", "Busca por telefone", "Búsqueda por teléfono"),
        "search-name": ("Searched by name", "Busca por nome", "Búsqueda por nombre"),
        "export": ("Exported", "Exportado", "Exportado"),
        "link": ("Link made", "Link criado", "Enlace creado"),
        "merge": ("Merged", "Unido", "Unido"),
        "unmerge": ("Merge undone", "União desfeita", "Unión deshecha"),
        "erase": ("Erased", "Apagado", "Borrado"),
    },
    "FoundBy": {
        "id": ("By its id", "Pelo identificador", "Por su identificador"),
        "external_id": ("By the channel's own number", "Pelo número do canal", "Por el número del canal"),
        "tracking_number": ("By a tracking number", "Pelo código de rastreio", "Por un número de seguimiento"),
        "number": ("By the invoice's number", "Pelo número da fatura", "Por el número de la factura"),
        "sscc": ("By the number of a package", "Pelo número de um pacote", "Por el número de un paquete"),
    },
    "Method": _METHODS,
    "AnyMethod": {**_METHODS, "*": ("Every method", "Todos os métodos", "Todos los métodos")},
    "ServiceLevel": _SERVICES,
    "TransportMode": {"ROAD": ("Road", "Rodoviário", "Terrestre"), "AIR": ("Air", "Aéreo", "Aéreo")},
    "NodeKind": {
        "WAREHOUSE": ("Warehouse", "Centro de distribuição", "Almacén"),
        "STORE": ("Store", "Loja", "Tienda"),
        "VENDOR": ("Vendor", "Fornecedor", "Proveedor"),
    },
    "LineKind": {
        "PRODUCT": ("Product", "Produto", "Producto"),
        "BUNDLE": ("Bundle", "Conjunto", "Conjunto"),
        "COMPONENT": ("Part of a bundle", "Parte de um conjunto", "Parte de un conjunto"),
        "SERVICE": ("Service", "Serviço", "Servicio"),
        "DIGITAL": ("Digital item", "Item digital", "Artículo digital"),
    },
    "Blame": {
        "customer": ("Customer", "Cliente", "Cliente"),
        "retailer": ("Retailer", "Varejista", "Minorista"),
        "node": ("Node", "Local", "Local"),
        "carrier": ("Carrier", "Transportadora", "Transportista"),
        "fraud": ("Fraud", "Fraude", "Fraude"),
    },
    "UnitsGo": {
        "SALE": ("Back to sale", "De volta à venda", "De vuelta a la venta"),
        "QUARANTINE": ("Into quarantine", "Para a quarentena", "A cuarentena"),
    },
    "DeclinedUnitsGo": {
        "SALE": ("Back to sale", "De volta à venda", "De vuelta a la venta"),
        "QUARANTINE": ("Into quarantine", "Para a quarentena", "A cuarentena"),
        "MISSING": ("Taken off the count", "Retiradas do estoque", "Descontadas del recuento"),
    },
    "ProofKind": {
        "CODE": ("Code", "Código", "Código"),
        "LINK": ("Link", "Link", "Enlace"),
        "NOTE": ("Note", "Observação", "Nota"),
    },
    "ProvisionProof": {
        "CODE": ("Code", "Código", "Código"),
        "LINK": ("Link", "Link", "Enlace"),
        "NOTE": ("Note", "Observação", "Nota"),
        "GIFT_CARD": ("Gift card", "Cartão-presente", "Tarjeta de regalo"),
    },
    "Precision": _PRECISIONS,
    "LocationOf": {**_PRECISIONS, "NOWHERE": ("Not located", "Não localizado", "Sin ubicar")},
    "VelocityOf": {
        "CUSTOMER": ("One customer", "Um cliente", "Un cliente"),
        "EMAIL": ("One e-mail", "Um e-mail", "Un correo electrónico"),
        "PHONE": ("One phone", "Um telefone", "Un teléfono"),
        "ADDRESS": ("One address", "Um endereço", "Una dirección"),
    },
    "DateGuess": {
        "transit-by-distance": (
            "Transit days estimated by distance",
            "Dias em trânsito estimados pela distância",
            "Días de tránsito estimados por la distancia",
        ),
        "collected-at-closing": (
            "Collection assumed when the node closes",
            "Coleta suposta no fechamento do local",
            "Recolección supuesta al cierre del local",
        ),
        "place-unknown": (
            "The place could not be located",
            "Não foi possível localizar o endereço",
            "No se pudo ubicar la dirección",
        ),
        "zone-of-nearest-node": (
            "Time zone taken from the nearest node",
            "Fuso horário do local mais próximo",
            "Zona horaria del local más cercano",
        ),
    },
    "OptionKind": {
        **_SERVICES,
        "PICKUP": ("Pickup", "Retirada", "Recogida"),
        "WHOLE": ("All in one shipment", "Tudo em uma remessa", "Todo en un envío"),
        "PREORDER": ("Pre-order", "Pré-venda", "Preventa"),
        "BACKORDER": ("Backorder", "Aguardando estoque", "A la espera de existencias"),
    },
    "CodeOfChoice": {
        "NOTHING": ("Nothing is available", "Nada está disponível", "Nada está disponible"),
        "MOST_UNITS": ("Has the most units", "Tem o maior número de unidades", "Tiene más unidades"),
        "ONLY_ONE": ("The only option", "A única opção", "La única opción"),
        "CHEAPEST_IN_TIME": ("Cheapest in time", "A mais barata dentro do prazo", "La más económica a tiempo"),
        "SOONEST_BUT_LATE": ("Soonest, but late", "A mais rápida, mas fora do prazo", "La más rápida, pero tarde"),
        "CHEAPEST_AND_SOONEST": ("Cheapest and soonest", "A mais barata e rápida", "La más económica y rápida"),
        "CHEAPEST": ("Cheapest", "A mais barata", "La más económica"),
        "SOONEST": ("Soonest", "A mais rápida", "La más rápida"),
        "BALANCED": ("Best of price and date", "Melhor entre preço e data", "Mejor entre precio y fecha"),
    },
    "NfeResult": {
        "AUTHORIZED": ("Authorized", "Autorizada", "Autorizada"),
        "REFUSED": ("Refused", "Rejeitada", "Rechazada"),
        "CANCELLED": ("Cancelled", "Cancelada", "Cancelada"),
    },
    "LinkMethod": {
        "LINK": ("Payment link", "Link de pagamento", "Enlace de pago"),
        "PIX": ("Pix", "Pix", "Pix"),
        "CARD": ("More on the card", "Mais no cartão", "Más en la tarjeta"),
    },
    "PaymentMethod": {
        "CARD": ("Card", "Cartão", "Tarjeta"),
        "PIX": ("Pix", "Pix", "Pix"),
        "LINK": ("Payment link", "Link de pagamento", "Enlace de pago"),
        "GIFT_CARD": ("Gift card", "Cartão-presente", "Tarjeta de regalo"),
        "STORE_CREDIT": ("Store credit", "Crédito na loja", "Crédito de la tienda"),
        "ON_ACCOUNT": ("On account", "Faturado", "A cuenta"),
        "CASH_ON_DELIVERY": ("Cash on delivery", "Pagamento na entrega", "Pago contra entrega"),
        "PAY_IN_STORE": ("Pay in store", "Pagamento na loja", "Pago en la tienda"),
        "REFERENCE": ("Paid elsewhere", "Pago em outro sistema", "Pagado en otro sistema"),
    },
    "DisputeState": {
        "OPEN": ("taken back", "retirado", "retirado"),
        "WON": ("won", "ganho", "ganado"),
        "LOST": ("lost", "perdido", "perdido"),
    },
    "MoneyAccountKind": {
        "GIFT_CARD": ("Gift card", "Cartão-presente", "Tarjeta de regalo"),
        "STORE_CREDIT": ("Store credit", "Crédito na loja", "Crédito de la tienda"),
    },
    "CreditMovement": {
        "limit": ("Terms set", "Condições definidas", "Condiciones fijadas"),
        "redeem": ("Ordered", "Pedido feito", "Pedido hecho"),
        "capture": ("Invoiced", "Faturado", "Facturado"),
        "release": ("Not needed by an order", "Não usado por um pedido", "No usado por un pedido"),
        "refund": ("Given back by an order", "Devolvido por um pedido", "Devuelto por un pedido"),
        "payment": ("Paid by the customer", "Pago pelo cliente", "Pagado por el cliente"),
        "payout": ("Paid out to the customer", "Devolvido ao cliente", "Devuelto al cliente"),
        "reversal": ("Taken back", "Estornado", "Anulado"),
    },
    "MoneyMovement": {
        "issue": ("Issued", "Emitido", "Emitido"),
        "redeem": ("Spent on an order", "Usado em um pedido", "Usado en un pedido"),
        "release": ("Not needed by an order", "Não usado por um pedido", "No usado por un pedido"),
        "refund": ("Given back by an order", "Devolvido por um pedido", "Devuelto por un pedido"),
        "expire": ("Expired", "Expirado", "Vencido"),
        "sale": ("Sold by an order", "Vendido em um pedido", "Vendida en un pedido"),
        "void": ("Taken back by a credit note", "Anulado por uma nota de crédito", "Anulada por una nota de crédito"),
        "freeze": ("Frozen", "Bloqueado", "Bloqueado"),
        "unfreeze": ("Unfrozen", "Desbloqueado", "Desbloqueado"),
    },
    "ReportProvider": {
        "stripe": ("Stripe", "Stripe", "Stripe"),
        "bank": ("Bank", "Banco", "Banco"),
    },
    "PaymentProvider": {
        "stripe": ("Stripe", "Stripe", "Stripe"),
        "comanda": ("Our own accounts", "Contas próprias", "Cuentas propias"),
    },
    "ChargeKind": {
        "SHIPPING": ("Shipping", "Frete", "Envío"),
        "HANDLING": ("Handling", "Manuseio", "Manejo"),
        "GIFT_WRAP": ("Gift wrap", "Embalagem para presente", "Envoltura de regalo"),
    },
    "DiscountAfterCancel": {
        "SHARE": (
            "Cancelled units take their share along",
            "O cancelado leva sua parte",
            "Lo cancelado se lleva su parte",
        ),
        "KEEP": ("The other units keep it", "O restante mantém o desconto", "El resto conserva el descuento"),
    },
    "InvoiceTime": {
        "SHIPPED": ("When goods have left", "Depois da saída", "Después de la salida"),
        "PACKED": (
            "When goods are packed, before they leave",
            "Ao embalar, antes da saída",
            "Al empaquetar, antes de la salida",
        ),
    },
    "UnknownPlaces": {
        "FARTHEST": ("Count as the farthest", "Contar como o mais distante", "Contar como el más lejano"),
        "REFUSE": ("Refuse the order", "Recusar o pedido", "Rechazar el pedido"),
    },
    "RankBy": {
        "coverage": ("Units covered", "Unidades atendidas", "Unidades cubiertas"),
        "priority": ("Priority of the node", "Prioridade do local", "Prioridad del local"),
        "distance": ("Distance", "Distância", "Distancia"),
        "cost": ("Cost", "Custo", "Costo"),
        "date": ("Date of delivery", "Data de entrega", "Fecha de entrega"),
        "carbon": ("Carbon", "Carbono", "Carbono"),
        "load": ("Load of the node", "Carga do local", "Carga del local"),
        "stock-balance": ("Stock that stays", "Estoque restante", "Existencias restantes"),
        "acceptance-rate": ("Share of accepted offers", "Taxa de aceitação", "Tasa de aceptación"),
    },
    "CostComponent": {
        "shipping": ("Shipping", "Frete", "Envío"),
        "handling": ("Handling", "Manuseio", "Manejo"),
        "capacity": ("Capacity", "Capacidade", "Capacidad"),
        "stockout": ("Risk of a stockout", "Risco de ruptura", "Riesgo de desabasto"),
        "markdown": ("Markdown", "Remarcação", "Rebaja"),
        "lateness": ("Lateness", "Atraso", "Retraso"),
        "carbon": ("Carbon", "Carbono", "Carbono"),
        "performance": ("Performance of the node", "Desempenho do local", "Desempeño del local"),
        "price": ("Price of the last unit", "Preço da última unidade", "Precio de la última unidad"),
    },
    "How": {
        "CHEAPEST": ("The cheapest plan", "O plano mais barato", "El plan más económico"),
        "RANKED": ("First in the rule's order", "Primeiro na ordem da regra", "Primero en el orden de la regla"),
        "CUSTOMERS_STORE": ("The customer's store", "A loja do cliente", "La tienda del cliente"),
        "RESERVED": ("Reserved before", "Reservado antes", "Reservado antes"),
        "CHOSEN": ("Chosen by a person", "Escolhido por uma pessoa", "Elegido por una persona"),
    },
    "ReleaseMoment": {
        "now": ("At once", "Imediatamente", "De inmediato"),
        "wave": ("With the next wave", "Com a próxima onda", "Con la próxima ola"),
    },
    "RestStep": {
        "next": ("The next rule", "A próxima regra", "La siguiente regla"),
        "backorder": ("Wait for stock", "Aguardar estoque", "Esperar existencias"),
        "routing": ("A planner decides", "Um planejador decide", "Un planificador decide"),
        "customer-care": ("Customer care decides", "O atendimento decide", "Atención al cliente decide"),
    },
    "Language": {
        "en-US": ("English", "Inglês", "Inglés"),
        "pt-BR": ("Portuguese", "Português", "Portugués"),
        "es": ("Spanish", "Espanhol", "Español"),
    },
    "Theme": {
        "SYSTEM": ("As on the device", "Como no dispositivo", "Como en el dispositivo"),
        "LIGHT": ("Light", "Claro", "Claro"),
        "DARK": ("Dark", "Escuro", "Oscuro"),
    },
    "Density": {
        "COMFORTABLE": ("Roomy", "Confortável", "Cómoda"),
        "COMPACT": ("Compact", "Compacta", "Compacta"),
    },
    "Weekday": {
        "0": ("Monday", "segunda-feira", "lunes"),
        "1": ("Tuesday", "terça-feira", "martes"),
        "2": ("Wednesday", "quarta-feira", "miércoles"),
        "3": ("Thursday", "quinta-feira", "jueves"),
        "4": ("Friday", "sexta-feira", "viernes"),
        "5": ("Saturday", "sábado", "sábado"),
        "6": ("Sunday", "domingo", "domingo"),
    },
}
