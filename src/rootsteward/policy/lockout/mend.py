"""The smallest edit that lets the owner's account at its resource again.

A guilty Deny is *removed* where it is certain that nobody but the owner's account gains by it, and
*narrowed* otherwise: it no longer holds callers of the owner's account, and holds everybody else as
before (rule card EVAL-20). The text of everything else stays as it is, to the last space.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document, Effect, Statement
from rootsteward.policy.json_reader import JsonArray, JsonObject
from rootsteward.policy.lockout.certificate import (
    EXEMPTION_KEY,
    EXEMPTION_OPERATOR,
    Certificate,
    Fate,
    NoCertificate,
    certify,
    exempted,
)
from rootsteward.policy.lockout.report import LockReport, LockState, Protectee, examine, problem_of
from rootsteward.policy.lockout.whom import Reach, names_outsiders, whom
from rootsteward.policy.parse import parse_document
from rootsteward.policy.repair.edit import Editor
from rootsteward.policy.syntax_error import PolicySyntaxError


class Safety(StrEnum):
    """Safe: nobody outside the owner's account gains. Unsafe: read what it opens first."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Mended:
    """A proved edit. `text` is None when no statement is left: the policy goes.

    `changes`, `opens` and `proof` are lines of English: what is done, what it opens to whom, and
    why to nobody else. `after` is what the new policy does to the owner's account.
    """

    text: str | None
    certificate: Certificate
    safety: Safety
    changes: tuple[str, ...]
    opens: tuple[str, ...]
    proof: tuple[str, ...]
    after: LockReport


@dataclass(frozen=True, slots=True)
class NotMended:
    """No edit is certain, because of `reason`."""

    reason: str


# SOURCE: rule card EVAL-09: across accounts the resource's own side must allow.
_NO_GRANT = "opens nothing to others: no statement allows them anything, and they need one"
NOTHING_LEFT = LockReport(LockState.NOT_LOCKED)


def mend(
    policy: str, resource: Protectee, guilty: Collection[int], wish: Fate | None = None
) -> Mended | NotMended:
    """Edit the statements of these indexes (from 0).

    Args:
        policy: the policy's text.
        resource: what it is the policy of.
        guilty: at least one statement.
        wish: what to do with them; None: whatever opens least for certain.
    """
    edit = _edit_of(policy, resource)
    if isinstance(edit, NotMended):
        return edit
    problem = edit.problem(guilty)
    if problem:
        return NotMended(problem)
    statements = edit.document.statements
    return edit.checked({i: wish or edit.fate(statements[i]) for i in sorted(guilty)})


def mend_as(policy: str, resource: Protectee, fates: Mapping[int, Fate]) -> Mended | NotMended:
    """Edit each of these statements (index from 0) in the given way."""
    edit = _edit_of(policy, resource)
    if isinstance(edit, NotMended):
        return edit
    problem = edit.problem(fates)
    return NotMended(problem) if problem else edit.checked(fates)


def _edit_of(policy: str, resource: Protectee) -> "_Edit | NotMended":
    try:
        document = parse_document(policy, policy_type=PolicyType.RESOURCE)
    except PolicySyntaxError as error:
        return NotMended(error.message)
    return _Edit(document, resource)


@dataclass(frozen=True, slots=True)
class _Edit:
    document: Document
    resource: Protectee

    def problem(self, guilty: Collection[int]) -> str:
        """Why the statements cannot be edited at all; empty when they can."""
        if self.document.problems:
            return self.document.problems[0].message
        for index in sorted(guilty):
            statement = self.document.statements[index]
            unreadable = problem_of(statement)
            if unreadable:
                return f"{_name(statement)} cannot be read: {unreadable}"
            if statement.effect is not Effect.DENY:
                return f"{_name(statement)} denies nothing"
            if whom(statement, self.resource.owner).reach is Reach.ELSEWHERE:
                return f"{_name(statement)} denies nobody in account {self.resource.owner}"
        return ""

    def fate(self, statement: Statement) -> Fate:
        """Removal where only the owner's account gains, else the narrower change."""
        owner = self.resource.owner
        only_owner = not names_outsiders(statement, owner) or not self.outsiders()
        return Fate.REMOVE if only_owner else Fate.NARROW

    def cannot(self, index: int, fate: Fate) -> str:
        """Why a statement cannot have that fate; empty when it can."""
        statement, owner = self.document.statements[index], self.resource.owner
        if fate is Fate.REMOVE:
            return ""
        if not names_outsiders(statement, owner):
            return f"{_name(statement)} denies nobody outside account {owner}; remove it instead"
        if any(owner in exempted(test) for test in statement.conditions):
            return f"{_name(statement)} lets account {owner} off already"
        return ""

    def outsiders(self) -> list[str]:
        """Who outside the owner's account may be let in by something else, a line each."""
        owner = self.resource.owner
        found = [
            f"to {whom(s, owner).words}, as {_name(s)} allows it"
            for s in self.document.statements
            if s.effect is not Effect.DENY and names_outsiders(s, owner)
        ]
        unseen = self.resource.unseen_grants
        return [*found, f"to whom {unseen} lets in"] if unseen else found

    def checked(self, fates: Mapping[int, Fate]) -> Mended | NotMended:
        """The new text, proved, and asked about anew."""
        problem = next((p for i, f in fates.items() if (p := self.cannot(i, f))), "")
        if problem:
            return NotMended(problem)
        text = self.text(fates)
        proof = certify(self.document.source, text, self.resource.owner)
        if isinstance(proof, NoCertificate):
            return NotMended(f"the edit could not be proved: {proof.reason}")
        names = " and ".join(_name(self.document.statements[index]) for index in fates)
        owner = self.resource.owner
        own = f"to callers in account {owner}: what {names} denied, as far as other policies allow"
        frees_others = self.frees_others(fates)
        others = self.outsiders() if frees_others else []
        return Mended(
            text,
            proof,
            Safety.UNSAFE if others else Safety.SAFE,
            tuple(self.change(index, fate) for index, fate in fates.items()),
            (own, *others),
            (*proof.lines(), *([_NO_GRANT] if frees_others and not others else [])),
            NOTHING_LEFT if text is None else examine(text, self.resource),
        )

    def frees_others(self, fates: Mapping[int, Fate]) -> bool:
        """Whether a Deny that holds others than the owner's account goes."""
        removed = [self.document.statements[i] for i, f in fates.items() if f is Fate.REMOVE]
        return any(names_outsiders(statement, self.resource.owner) for statement in removed)

    def change(self, index: int, fate: Fate) -> str:
        """One line: what is done to a statement."""
        name = _name(self.document.statements[index])
        if fate is Fate.REMOVE:
            return f"remove {name}"
        return f"narrow {name}: it no longer denies callers in account {self.resource.owner}"

    def text(self, fates: Mapping[int, Fate]) -> str | None:
        """The document's text with the statements changed; None when none is left."""
        gone = {index for index, fate in fates.items() if fate is Fate.REMOVE}
        kept = [s.index for s in self.document.statements if s.index not in gone]
        if not kept:
            return None
        editor = Editor(self.document)
        member = self.document.tree.member("Statement")
        if gone and member is not None and isinstance(member.value, JsonArray):
            editor.keep_items(member.value, kept)
        for index in fates.keys() - gone:
            self.narrow(editor, self.document.statements[index])
        return editor.result()

    def narrow(self, editor: Editor, statement: Statement) -> None:
        """Add the exemption of the owner's account to the statement's conditions."""
        owner = self.resource.owner
        condition = statement.node.member("Condition")
        if condition is None or not isinstance(condition.value, JsonObject):
            value = {EXEMPTION_OPERATOR: {EXEMPTION_KEY: owner}}
            editor.add_member(statement.node, "Condition", value)
            return
        operator = condition.value.member(EXEMPTION_OPERATOR)
        if operator is None or not isinstance(operator.value, JsonObject):
            editor.add_member(condition.value, EXEMPTION_OPERATOR, {EXEMPTION_KEY: owner})
            return
        keys = (m for m in operator.value.members if m.name.value.lower() == EXEMPTION_KEY.lower())
        key = next(keys, None)
        if key is None:
            editor.add_member(operator.value, EXEMPTION_KEY, owner)
        else:
            editor.add_items(key.value, [owner])


def _name(statement: Statement) -> str:
    return f"statement {statement.index + 1}" + (f" `{statement.sid}`" if statement.sid else "")
