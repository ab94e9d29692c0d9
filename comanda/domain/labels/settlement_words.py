"""
Give the words for money that is compared with what providers and banks report.

Called by   comanda.domain.labels.payment_words
Returns     tables: value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

# Why a person is asked to compare money: comanda.aws.books.settlement_items.
WAITS: Mapping[str, Words] = {
    "settlement-missing": (
        "Moved by us and not reported",
        "Movimentado por nós e não informado",
        "Movido por nosotros y no informado",
    ),
    "settlement-extra": (
        "Reported, and not moved by us",
        "Informado, e não movimentado por nós",
        "Informado, y no movido por nosotros",
    ),
    "settlement-amount-differs": (
        "The amounts differ",
        "Os valores são diferentes",
        "Los importes son diferentes",
    ),
    "settlement-currency-differs": (
        "The currencies differ",
        "As moedas são diferentes",
        "Las monedas son diferentes",
    ),
    "settlement-disputed": (
        "The customer's bank took money back",
        "O banco do cliente tomou dinheiro de volta",
        "El banco del cliente recuperó dinero",
    ),
}

# comanda.domain.reconciliation.settlement.SettlementStatus
STANDINGS: Mapping[str, Words] = {
    "WAITING": ("Not reported yet", "Ainda não informado", "Aún no informado"),
    "MATCHED": ("Matched", "Conciliado", "Conciliado"),
    "MISSING": ("Missing in the reports", "Ausente nos relatórios", "Falta en los informes"),
    "EXTRA": ("Reported, not ours", "Informado, não nosso", "Informado, no nuestro"),
    "AMOUNT_DIFFERS": ("Amount differs", "Valor diferente", "Importe diferente"),
    "CURRENCY_DIFFERS": ("Currency differs", "Moeda diferente", "Moneda diferente"),
    "DISPUTED": ("Disputed", "Contestado", "Disputado"),
    "RESOLVED": ("Looked at by a person", "Visto por uma pessoa", "Visto por una persona"),
}
