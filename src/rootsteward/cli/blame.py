"""Statements that deny, as rows, and AWS's words about them."""

from rootsteward.cli.render import Row
from rootsteward.domain.authorization import DecidedBy
from rootsteward.operations.controls import Controls
from rootsteward.operations.statement_names import level_name, policy_name


def without_account(text: str, account: str) -> str:
    """AWS's words about one account, so that the same words about another are the same text."""
    return text.replace(account, "ACCOUNT")


def statement_row(by: DecidedBy, controls: Controls) -> Row:
    """One statement for machines."""
    return {
        "policy_type": by.policy_type.value,
        "policy_id": by.policy,
        "policy": policy_name(by, controls),
        "statement": by.sid or None,
        "statement_index": by.statement_index,
        "level": by.level,
        "level_name": level_name(by.level, controls.organization),
        "line": by.line,
    }
