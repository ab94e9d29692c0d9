"""Statements of banks, written by hand as the standard has them."""

V02 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
V08 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def an_entry(
    amount: str = "97.00",
    *,
    currency: str = "EUR",
    indicator: str = "CRDT",
    day: str = "2026-11-20",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    bank: str = "BNK-0001",
    reference: str = "NOTPROVIDED",
    text: str = "STRIPE PAYOUT",
    parts: list[str] | None = None,
) -> str:
    part = f"""<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>
      <RltdPties><Dbtr><Pty><Nm>Jane Doe</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>
      <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"""
    servicer = f"<AcctSvcrRef>{bank}</AcctSvcrRef>" if bank else ""
    return f"""<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{indicator}</CdtDbtInd>{status}
      <BookgDt><Dt>{day}</Dt></BookgDt>{servicer}<NtryDtls>{part if parts is None else "".join(parts)}</NtryDtls></Ntry>"""


def a_part(amount: str, *, reference: str = "", currency: str = "EUR", bank: str = "", indicator: str = "") -> str:
    servicer = f"<AcctSvcrRef>{bank}</AcctSvcrRef>" if bank else ""
    direction = f"<CdtDbtInd>{indicator}</CdtDbtInd>" if indicator else ""
    return f"""<TxDtls><Refs>{servicer}<EndToEndId>{reference}</EndToEndId></Refs>
      <Amt Ccy="{currency}">{amount}</Amt>{direction}</TxDtls>"""


def a_statement(
    *entries: str, version: str = V08, name: str = "STMT-1", head: str = '<?xml version="1.0" encoding="UTF-8"?>'
) -> bytes:
    return f"""{head}
<Document xmlns="{version}"><BkToCstmrStmt><GrpHdr><MsgId>M-1</MsgId></GrpHdr><Stmt><Id>{name}</Id>
<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>
{"".join(entries)}
</Stmt></BkToCstmrStmt></Document>""".encode()
