"""Decisions, requests and proofs of the `policy` commands, for people and as rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from rich.tree import Tree

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.render import Row, Screen, Value, cell
from rootsteward.domain.authorization import AccessRequest, Answer, DecidedBy, Decision, PolicyType
from rootsteward.operations.controls import Controls
from rootsteward.policy.explain import Explanation, Matched, SectionNode, StatementNode
from rootsteward.policy.prove.proof import Proof, Proved, Refuted, Unknown
from rootsteward.policy.settle import Completion


@dataclass(frozen=True, slots=True)
class Names:
    """What people call levels and policies; without an organization, as they were given."""

    controls: Controls | None = None

    def level(self, entity: str) -> str:
        """An entity's name and id."""
        if self.controls is None or not entity:
            return entity
        return f"{self.controls.organization.label(entity)} ({entity})"

    def policy(self, policy_id: str) -> str:
        """A policy's name and id."""
        if self.controls is None:
            return policy_id
        known = {**self.controls.scps.policies, **self.controls.rcps.policies}.get(policy_id)
        return f"{known.name} ({policy_id})" if known else policy_id


AS_GIVEN = Names()

_CODES = {
    Decision.ALLOWED: ExitCode.DONE,
    Decision.EXPLICIT_DENY: ExitCode.DENY,
    Decision.IMPLICIT_DENY: ExitCode.DENY,
    Decision.DEPENDS: ExitCode.UNSEEN,
    Decision.UNDETERMINED: ExitCode.UNSEEN,
}
_APPLIES = {
    Matched.YES: ("applies", "bold"),
    Matched.NO: ("does not apply", "dim"),
    Matched.UNKNOWN: ("may apply", "yellow"),
}
_HEADINGS = {
    "decision": "decision",
    "policy": "policy",
    "statement": "statement",
    "level": "level",
    "place": "line",
    "depends_on": "depends on",
    "deciding": "such as",
    "why": "why",
}


def code_of(decision: Decision) -> ExitCode:
    """0 allowed, 20 denied, 11 when it cannot be told."""
    return _CODES[decision]


def show_answer(
    screen: Screen, answer: Answer, deciding: Sequence[Completion], names: Names
) -> None:
    """The decision and the statement behind it."""
    if not screen.for_people:
        screen.record("Decision", answer_row(answer, deciding, names), {k: k for k in _DATA_FIELDS})
        return
    by = answer.by[0] if answer.by else None
    row: dict[str, Value] = {
        "decision": answer.decision.value,
        "depends_on": list(answer.depends_on) or None,
        "deciding": [completion_line(c) for c in deciding] or None,
        "why": answer.why,
    }
    if by is not None:
        row |= {
            "policy": f"{names.policy(by.policy) or 'none'} ({_type_label(by.policy_type)})",
            "level": names.level(by.level) or None,
            "statement": _statement_label(by),
            "place": None if by.line is None else f"{by.line}, column {by.column}",
        }
    headings = {key: text for key, text in _HEADINGS.items() if row.get(key) is not None}
    screen.record("Decision", row, headings)


_DATA_FIELDS = ("decision", "by", "statements", "depends_on", "deciding", "why")


def answer_row(
    answer: Answer, deciding: Sequence[Completion] = (), names: Names = AS_GIVEN
) -> dict[str, Value]:
    """A decision with the fields of `--jsonl`, every statement behind it, and deciding values."""
    return {
        "decision": answer.decision.value,
        "by": statement_row(answer.by[0], names) if answer.by else None,
        "statements": [statement_row(by, names) for by in answer.by],
        "depends_on": list(answer.depends_on),
        "deciding": [
            {
                "decision": one.answer.decision.value,
                "values": {k: v if isinstance(v, str | None) else list(v) for k, v in one.values},
            }
            for one in deciding
        ],
        "why": answer.why,
    }


def statement_row(by: DecidedBy, names: Names = AS_GIVEN) -> Row:
    """One statement, or the level that lacks an Allow, for machines."""
    return {
        "policy_type": by.policy_type.value,
        "level": by.level or None,
        "level_name": names.level(by.level) or None,
        "policy": by.policy,
        "policy_name": names.policy(by.policy) or None,
        "statement_index": by.statement_index,
        "sid": by.sid,
        "line": by.line,
        "column": by.column,
    }


def request_row(request: AccessRequest) -> dict[str, Value]:
    """A request with the fields of `--jsonl`."""
    return {
        "principal": request.principal,
        "action": request.action,
        "resource": request.resource,
        "context": {
            key: value if isinstance(value, str) else list(value)
            for key, value in request.context.items()
        },
        "unknown_keys": sorted(request.unknown_keys),
    }


def completion_line(completion: Completion) -> str:
    """`explicit_deny with aws:SourceIp = 203.0.113.99`."""
    values = ", ".join(
        f"{key} absent" if value is None else f"{key} = {_shown(value)}"
        for key, value in completion.values
    )
    return f"{completion.answer.decision.value} with {values}"


def explanation_tree(found: Explanation, names: Names) -> Tree:
    """The policies as they stand, each statement with a reason where it does not apply."""
    title = Text.assemble(cell(found.answer.decision.value), ": ", found.answer.why)
    tree = Tree(title, guide_style="dim")
    for section in found.sections:
        branch = tree.add(Text(_section_label(section, names), style="bold"))
        if section.exempt:
            branch.add(Text(section.exempt, style="bold yellow"))
        for document in section.documents:
            leaf = branch.add(Text(names.policy(document.name)))
            if document.error:
                leaf.add(Text(f"cannot be read: {document.error}", style="bold magenta"))
            for statement in document.statements:
                _add_statement(leaf, statement, decides=statement.by in found.answer.by)
    return tree


def explanation_row(found: Explanation, names: Names) -> dict[str, Value]:
    """The same tree, nested, for machines."""
    return {
        **answer_row(found.answer, found.deciding, names),
        "sections": [
            {
                "policy_type": section.policy_type.value,
                "level": section.level or None,
                "level_name": names.level(section.level) or None,
                "exempt": section.exempt or None,
                "documents": [
                    {
                        "policy": document.name,
                        "error": document.error or None,
                        "statements": [_node_row(node, names) for node in document.statements],
                    }
                    for document in section.documents
                ],
            }
            for section in found.sections
        ],
    }


def show_request(screen: Screen, request: AccessRequest, indent: int = 2) -> None:
    """A request, one field a line."""
    screen.say(f"principal  {request.principal}", indent=indent)
    screen.say(f"action     {request.action}", indent=indent)
    screen.say(f"resource   {request.resource}", indent=indent)
    for key, value in request.context.items():
        screen.say(f"context    {key} = {_shown(value)}", indent=indent)


def proof_row(proof: Proof, *, certificate: bool = False) -> dict[str, Value]:
    """A proof for machines; the certificate's requests only when asked for."""
    row: dict[str, Value] = {
        "verdict": proof.verdict,
        "question": proof.question,
        "assumptions": list(proof.assumptions),
    }
    match proof:
        case Proved():
            row["certificate_size"] = len(proof.certificate)
            if certificate:
                row["certificate"] = [request_row(request) for request in proof.certificate]
        case Refuted():
            row["witness"] = request_row(proof.witness)
            row["before"] = answer_row(proof.before)
            row["after"] = answer_row(proof.after)
        case Unknown():
            row["reason"] = proof.reason
    return row


def show_proof(screen: Screen, proof: Proof, *, certificate: bool = False) -> None:
    """A proof for people, with its witness or the size of its certificate."""
    screen.out.print(Text.assemble(cell(proof.verdict), f": {proof.question}"))
    for assumption in proof.assumptions:
        screen.say(f"assuming: {assumption}", style="dim", indent=2)
    match proof:
        case Proved():
            count = len(proof.certificate)
            screen.say(f"rests on {count} representative request{'s' * (count != 1)}", indent=2)
            for number, request in enumerate(proof.certificate if certificate else (), start=1):
                screen.say(f"request {number} of {count}", style="dim", indent=2)
                show_request(screen, request, indent=4)
        case Refuted():
            screen.say("a request that shows it:", indent=2)
            show_request(screen, proof.witness, indent=4)
            if proof.before == proof.after:
                screen.say(f"{proof.after.decision.value}: {proof.after.why}", indent=2)
            else:
                screen.say(f"before: {proof.before.decision.value}: {proof.before.why}", indent=2)
                screen.say(f"after: {proof.after.decision.value}: {proof.after.why}", indent=2)
        case Unknown():
            screen.say(f"because {proof.reason}", indent=2)


def _type_label(policy_type: PolicyType) -> str:
    return policy_type.value.replace("_", " ")


def _shown(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _statement_label(by: DecidedBy) -> str | None:
    """Counted from 0, as the engine's own sentences count."""
    if by.statement_index is None:
        return None
    return f"{by.sid or 'without Sid'} (statement {by.statement_index})"


def _section_label(section: SectionNode, names: Names) -> str:
    label = _type_label(section.policy_type)
    return f"{label} at {names.level(section.level)}" if section.level else label


def _add_statement(branch: Tree, node: StatementNode, *, decides: bool) -> None:
    effect = node.effect.value if node.effect else "Statement without an effect"
    word, style = _APPLIES[node.matched]
    label = Text.assemble(
        f"{effect} {_statement_label(node.by)}, line {node.by.line}: ", (word, style)
    )
    if decides:
        label.append(" <- decides", style="bold")
    leaf = branch.add(label)
    for part in node.parts:
        word, style = ("yes", "green") if part.matched is Matched.YES else (part.matched, "dim")
        reason = f": {part.reason}" if part.reason else ""
        leaf.add(Text.assemble(f"{part.element}: ", (str(word), style), reason))


def _node_row(node: StatementNode, names: Names) -> Row:
    return {
        **statement_row(node.by, names),
        "effect": node.effect.value if node.effect else None,
        "applies": node.matched.value,
        "reason": node.reason or None,
        "parts": [
            {
                "element": part.element,
                "applies": part.matched.value,
                "reason": part.reason or None,
            }
            for part in node.parts
        ],
    }
