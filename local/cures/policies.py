"""
Read the policies of a role once, and not twice for each of its requests.

Called by   local/cures/__init__.py
"""

import functools
from typing import Any

from ministack.core import iam_evaluator, responses, router
from ministack.services import ssm

from local.cures.shape import expect, replaced_in, source_has

TEXTS = 1000  # policies that are remembered; Comanda has some dozens


def policies_are_parsed_once() -> None:
    """
    Upstream parses each policy of a role for each request that the role signs.

    Only the text decides, and evaluating a policy changes nothing of it.
    """
    parse = iam_evaluator.parse_policy_document
    source_has(parse, "def parse_policy_document(doc: str | dict) -> list[ParsedStatement]:", "doc = json.loads(doc)")
    expect(not parse.__closure__, "the statements depend on the text only")
    parsed = functools.lru_cache(TEXTS)(parse)

    def statements(document: str | dict[str, Any]) -> list[Any]:
        found: list[Any] = list(parsed(document)) if isinstance(document, str) else parse(document)
        return found

    replaced_in(parse, statements, iam_evaluator)


def callers_are_named_without_their_policies() -> None:
    """Upstream gathers all policies of a caller to learn its name. The credential has the name."""
    named = iam_evaluator.request_caller_arn
    source_has(named, "principal = resolve_principal(access_key, get_account_id()) if access_key else None")
    source_has(
        iam_evaluator.resolve_principal,
        "arn=credential.principal_arn,",
        "credential or resolve_credential(access_key_id, account_id)",
    )

    def arn(headers: dict[str, str], query: dict[str, list[str]] | None = None) -> str:
        account: str = responses.get_account_id()
        nobody = f"arn:aws:iam::{account}:root"
        key = router.extract_access_key_id(headers or {}, query or {})
        if not key:
            return nobody
        owner = responses._account_from_sts_session(key) or account
        return getattr(iam_evaluator.resolve_credential(key, owner), "principal_arn", "") or nobody

    replaced_in(named, arn, iam_evaluator, ssm)
