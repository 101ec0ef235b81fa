"""Which statements of a bucket or queue policy lock everybody out.

Explains; changes nothing. A statement locks when it denies everybody, without a condition, the
very calls that could mend the policy. Denials with a condition are named, but are no lock-outs.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Json = object


@dataclass(frozen=True, slots=True)
class LockReport:
    """What a policy text does to everybody.

    `locking` and `conditional` are one line per statement; `unreadable` says what is wrong with a
    text that is no policy, or is empty.
    """

    locking: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    unreadable: str = ""


def explain(policy: str, mending_actions: Iterable[str]) -> LockReport:
    """Find the statements that deny everybody one of the actions that could mend the policy."""
    try:
        document = json.loads(policy)
    except ValueError as error:
        return LockReport(unreadable=f"the policy is not JSON: {error}")
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        return LockReport(unreadable="the policy has no Statement")
    actions = tuple(mending_actions)
    denying = [
        (_name(position, statement), bool(statement.get("Condition")))
        for position, statement in enumerate(statements)
        if isinstance(statement, dict) and _denies_everybody(statement, actions)
    ]
    return LockReport(
        locking=tuple(
            f"{name} denies everybody" for name, conditional in denying if not conditional
        ),
        conditional=tuple(
            f"{name} denies everybody under a condition"
            for name, conditional in denying
            if conditional
        ),
    )


def _name(position: int, statement: Mapping[str, Json]) -> str:
    sid = statement.get("Sid")
    return f"statement {position + 1}" + (f" `{sid}`" if sid else "")


def _denies_everybody(statement: Mapping[str, Json], actions: tuple[str, ...]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and _is_everybody(statement)
        and any(_covers(statement, action) for action in actions)
    )


def _is_everybody(statement: Mapping[str, Json]) -> bool:
    """`Principal: *`, in either spelling, or anybody but a few (`NotPrincipal`)."""
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        principal = principal.get("AWS")
    return "*" in _texts(principal)


def _covers(statement: Mapping[str, Json], action: str) -> bool:
    if "NotAction" in statement:
        return not any(_matches(p, action) for p in _texts(statement["NotAction"]))
    return any(_matches(pattern, action) for pattern in _texts(statement.get("Action")))


def _texts(value: Json) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(v for v in values if isinstance(v, str))


def _matches(pattern: str, action: str) -> bool:
    """Actions are compared without case; `*` and `?` are the only wildcards."""
    expression = "".join(
        {"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern
    )
    return re.fullmatch(expression, action, re.IGNORECASE) is not None
