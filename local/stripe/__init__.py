"""
Answer as Stripe does, on this machine: payments that are authorised, captured, voided and refunded without any bank.

`docs/payments-local.md` says what it does and how it differs from Stripe. The official SDK judges it (tests/local/payments).
"""
