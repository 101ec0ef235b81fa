"""`rootsteward policy evaluate|explain`."""

import sys
from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.policy_lines import answer_lines
from rootsteward.cli.policy_request import Asked, Sources, question_of
from rootsteward.cli.policy_view import (
    code_of,
    completion_line,
    explanation_row,
    explanation_tree,
    show_answer,
)
from rootsteward.cli.render import Format
from rootsteward.domain.errors import InputError
from rootsteward.policy.explain import explain as explain_decision
from rootsteward.policy.settle import settle


@connected
def evaluate(
    session: Session,
    asked: Asked,
    sources: Sources,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One request a line in, one decision a line out.")
    ] = False,
) -> ExitCode:
    """Decide one request, and name the statement that decides."""
    if jsonl:
        if asked.given or sources.given:
            raise InputError(
                "--jsonl takes no other request", help="put everything into the lines of the input"
            )
        with open(sys.stdin.fileno(), "rb", closefd=False) as source:
            complete = answer_lines(source, sys.stdout.buffer)
        return ExitCode.DONE if complete else ExitCode.FINDINGS
    question = question_of(session, asked, sources)
    settled = settle(question.request, question.policies)
    show_answer(session.screen, settled.answer, settled.deciding, question.names)
    return code_of(settled.answer.decision)


@connected
def explain(session: Session, asked: Asked, sources: Sources) -> ExitCode:
    """Show every policy as a tree, and why each statement applies or does not."""
    screen = session.screen
    if screen.format is Format.CSV:
        raise InputError("a tree cannot be printed as CSV", help="use --format json")
    question = question_of(session, asked, sources)
    found = explain_decision(question.request, question.policies)
    if screen.for_people:
        screen.out.print(explanation_tree(found, question.names))
        for completion in found.deciding:
            screen.say(completion_line(completion))
    else:
        screen.json(explanation_row(found, question.names))
    return code_of(found.answer.decision)
