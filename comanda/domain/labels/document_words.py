"""
Give the words for accounts, for the names of documents, and for what stands on them.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

LABELS: Mapping[str, Mapping[str, Words]] = {
    "Account": {
        "receivable": ("Owed by customers", "A receber de clientes", "Por cobrar a clientes"),
        "captured": ("Captured", "Capturado", "Cobrado"),
        "refunded": ("Refunded", "Reembolsado", "Reembolsado"),
        "disputed": ("Taken back by banks", "Retirado por bancos", "Retirado por bancos"),
        "gift_cards": ("Gift cards", "Cartões-presente", "Tarjetas de regalo"),
        "store_credit": ("Store credit", "Crédito na loja", "Crédito de la tienda"),
        "on_account": ("Owed on account", "A receber a prazo", "Por cobrar a cuenta"),
        "received": ("Received from customers", "Recebido de clientes", "Recibido de clientes"),
        "issued": ("Issued as cards and credit", "Emitido em cartões e crédito", "Emitido en tarjetas y crédito"),
        "breakage": ("Expired cards and credit", "Cartões e crédito expirados", "Tarjetas y crédito vencidos"),
        "revenue": ("Revenue", "Receita", "Ingresos"),
        "charges": ("Charges", "Encargos", "Cargos"),
        "credits": ("Credits", "Créditos", "Abonos"),
        "tax": ("Tax", "Imposto", "Impuesto"),
        "authorised": ("Authorised", "Autorizado", "Autorizado"),
        "to_capture": ("To be captured", "A capturar", "Por cobrar del medio de pago"),
    },
    "CreditKind": {
        "ALL": ("All that is left", "Tudo o que resta", "Todo lo que queda"),
        "LINES": ("Units of lines", "Unidades de itens", "Unidades de líneas"),
        "CHARGES": ("Shipping and other charges", "Frete e outros encargos", "Envío y otros cargos"),
        "AMOUNT": ("An amount", "Um valor", "Un importe"),
    },
    "DocumentName": {
        "packing-slip": ("Packing slip", "Romaneio do pacote", "Nota de entrega"),
        "invoice": ("Invoice", "Fatura", "Factura"),
        "credit-note": ("Credit note", "Nota de crédito", "Nota de crédito"),
    },
    "InvoiceWord": {
        "seller": ("Seller", "Vendedor", "Vendedor"),
        "buyer": ("Buyer", "Comprador", "Comprador"),
        "tax_id": ("Tax id", "Identificação fiscal", "Identificación fiscal"),
        "registration_id": ("Registration number", "Número de registro", "Número de registro"),
        "gift_card": (
            "gift card, taxed when it is spent",
            "cartão-presente, tributado quando for usado",
            "tarjeta de regalo, con impuesto al usarla",
        ),
        "issued": ("Issued on", "Emitida em", "Emitida el"),
        "invoice": ("Invoice", "Fatura", "Factura"),
        "order": ("Order", "Pedido", "Pedido"),
        "article": ("Article", "Artigo", "Artículo"),
        "units": ("Units", "Unidades", "Unidades"),
        "price": ("Price", "Preço", "Precio"),
        "discount": ("Discount", "Desconto", "Descuento"),
        "rate": ("Tax rate", "Alíquota", "Tasa"),
        "amount": ("Amount", "Valor", "Importe"),
        "goods": ("Goods", "Mercadorias", "Mercancías"),
        "discounts": ("Discounts", "Descontos", "Descuentos"),
        "charges": ("Charges", "Encargos", "Cargos"),
        "net": ("Without tax", "Sem imposto", "Sin impuesto"),
        "tax": ("Tax", "Imposto", "Impuesto"),
        "included": ("Prices include tax.", "Os preços incluem imposto.", "Los precios incluyen impuestos."),
        "total": ("Total", "Total", "Total"),
        "paid": ("Paid", "Pago", "Pagado"),
        "refunded": ("Refunded", "Reembolsado", "Reembolsado"),
        "lowered": ("Taken off what is owed", "Descontado do que é devido", "Descontado de lo adeudado"),
        "credited": ("Credited", "Creditado", "Abonado"),
        "due": ("To be paid", "A pagar", "Por pagar"),
        "on_delivery": ("To be paid on delivery", "A pagar na entrega", "Por pagar en la entrega"),
        "due_on": ("To be paid by", "A pagar até", "Por pagar hasta el"),
        "status": ("Status of the order", "Situação do pedido", "Estado del pedido"),
        "nfe": ("NF-e of Brazil", "NF-e, nota fiscal eletrônica", "NF-e de Brasil"),
        "nfe_operation": ("Operation", "Tipo de operação", "Tipo de operación"),
        "nfe_in": ("0 - goods come in", "0 - entrada", "0 - entrada"),
        "nfe_out": ("1 - goods go out", "1 - saída", "1 - salida"),
        "nfe_series": ("Series", "Série", "Serie"),
        "nfe_number": ("Number", "Número", "Número"),
        "nfe_protocol": (
            "Protocol of the authorization",
            "Protocolo de autorização de uso",
            "Protocolo de la autorización",
        ),
        "nfe_cancelled": ("CANCELLED", "CANCELADA", "ANULADA"),
        "nfe_cancelled_by": (
            "Protocol of the cancellation",
            "Protocolo de cancelamento",
            "Protocolo de la anulación",
        ),
        "nfe_registration": ("State registration", "Inscrição estadual", "Inscripción estatal"),
        "nfe_key": ("Access key", "Chave de acesso", "Clave de acceso"),
        "nfe_where": (
            "It is found by this key at www.nfe.fazenda.gov.br/portal",
            "Consulte a autenticidade em www.nfe.fazenda.gov.br/portal",
            "Se consulta con esta clave en www.nfe.fazenda.gov.br/portal",
        ),
        "nfe_no_danfe": (
            "This paper does not take the place of the DANFE.",
            "Este documento não substitui o DANFE.",
            "Este documento no sustituye al DANFE.",
        ),
    },
    "ZeroRateReason": {
        "ZERO_RATED": ("Zero-rated", "Alíquota zero", "Tasa cero"),
        "EXEMPT": ("Exempt from tax", "Isento de imposto", "Exento de impuestos"),
        "EXPORT": ("Export", "Exportação", "Exportación"),
        "INTRA_COMMUNITY": (
            "Intra-Community supply",
            "Transmissão intracomunitária",
            "Entrega intracomunitaria",
        ),
        "REVERSE_CHARGE": (
            "Reverse charge",
            "Autoliquidação pelo comprador",
            "Inversión del sujeto pasivo",
        ),
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
