"""Whether a policy document can tell one account of a chain from its neighbour.

Pure. When it cannot, one evaluation stands for all accounts in the same place. The test errs on
the safe side: a document that might tell them apart is said to do so.

WHY it holds: two accounts under the same parent with the same policies differ, in a root session's
request, only by their twelve digits, in `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:userid`,
`aws:ResourceAccount` and the resource's ARN. A pattern without digits, `?` or a policy variable
matches every such number or none. In a pattern of six ARN fields whose account field is empty or
`*`, the colons must meet those of the value, so digits elsewhere never meet the account's.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache

_TELLS_NUMBERS_APART = re.compile(r"[0-9?]|\$\{")
_ARN_FIELDS = 6
_ACCOUNT_FIELD = 4
_KEYS_WITH_THE_ACCOUNT = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:userid", "aws:resourceaccount"}
)


@lru_cache(maxsize=4096)
def is_account_blind(document: str) -> bool:
    """Whether the document says the same of every account; True when it is no JSON at all."""
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError):
        # Unreadable for one account is unreadable for all.
        return True
    return not any(_tells_apart(text) for text in _texts_about_accounts(parsed))


def _texts_about_accounts(parsed: object) -> Iterator[object]:
    """Every value that is compared with something that holds the account's number."""
    statements = parsed.get("Statement") if isinstance(parsed, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            continue
        for element in ("Resource", "NotResource"):
            yield from _leaves(statement.get(element))
        yield from _condition_texts(statement.get("Condition"))


def _condition_texts(condition: object) -> Iterator[object]:
    for operator in condition.values() if isinstance(condition, dict) else ():
        for key, value in operator.items() if isinstance(operator, dict) else ():
            if key.lower() in _KEYS_WITH_THE_ACCOUNT:
                yield from _leaves(value)
            else:
                # A policy variable may bring the account's number into any comparison.
                yield from (leaf for leaf in _leaves(value) if "${" in str(leaf))


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value


def _tells_apart(value: object) -> bool:
    if not isinstance(value, str):
        return not isinstance(value, bool)
    if "${" in value or _TELLS_NUMBERS_APART.search(value) is None:
        return "${" in value
    fields = value.split(":")
    return len(fields) != _ARN_FIELDS or fields[_ACCOUNT_FIELD] not in {"", "*"}
