"""
Write the reports of money that a provider and a bank might bring on a day: one charge that no order made, and its payout.

Called by   local/seed.py, local/retailer/business.py
Returns     partners, and files by their keys in the files bucket
Raises      nothing

The charge waits in the queue `reconcile` for a person of finance, as money that nobody asked for does; the payout matches.
"""

from typing import Any

STRIPE_REPORTS, BANK = "stripe-reports", "house-bank"
_SINCE, _MISSING_AFTER = "2026-01-01", 120  # days: what the demo sells is in no report

PARTNERS: dict[str, dict[str, Any]] = {
    name: {
        "name": title,
        "nodes": [],
        "settlements": {"provider": provider, "since": _SINCE, "missing_after_days": _MISSING_AFTER},
    }
    for name, title, provider in (
        (STRIPE_REPORTS, "Reports of Stripe", "stripe"),
        (BANK, "House Bank", "bank"),
    )
}
_PAYOUT = "po_1SeedPayout0001"
_CHARGE = {
    "balance_transaction_id": "txn_1SeedCharge0001",
    "reporting_category": "charge",
    "currency": "usd",
    "gross": "20.00",
    "fee": "0.60",
    "net": "19.40",
    "payment_intent_id": "pi_1SeedCharge0001",
    "automatic_payout_id": _PAYOUT,
}


def files(day: str) -> dict[str, str]:
    """Return the files of a day, which is its date."""
    row = {**_CHARGE, "created_utc": f"{day} 09:00:00"}
    report = f"{','.join(row)}\n{','.join(row.values())}\n"
    return {
        f"inbox/{STRIPE_REPORTS}/settlements/first-report.csv": report,
        f"inbox/{BANK}/statements/first-statement.xml": _statement(day),
    }


def _statement(day: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
  <GrpHdr><MsgId>seed-1</MsgId></GrpHdr>
  <Stmt>
    <Id>seed-1</Id>
    <Acct><Id><Othr><Id>0001</Id></Othr></Id></Acct>
    <Ntry>
      <Amt Ccy="USD">{_CHARGE["net"]}</Amt>
      <CdtDbtInd>CRDT</CdtDbtInd>
      <Sts><Cd>BOOK</Cd></Sts>
      <BookgDt><Dt>{day}</Dt></BookgDt>
      <AcctSvcrRef>SEED-0001</AcctSvcrRef>
      <NtryDtls><TxDtls>
        <Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
        <RmtInf><Ustrd>STRIPE {_PAYOUT}</Ustrd></RmtInf>
      </TxDtls></NtryDtls>
    </Ntry>
  </Stmt>
</BkToCstmrStmt></Document>
"""
