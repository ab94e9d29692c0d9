"""Name the built-in reasons of declines, as tests read them."""

from comanda.domain.orders.decline_reasons import BUILT_IN

NO_STOCK, NO_CAPACITY, CLOSED, DAMAGED, OTHER = (
    BUILT_IN[code] for code in ("NO_STOCK", "NO_CAPACITY", "CLOSED", "DAMAGED", "OTHER")
)
