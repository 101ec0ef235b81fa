"""A statement as a function of the request: does it apply?"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.conditions.compile import CompiledTest, compile_test
from rootsteward.policy.context import RequestContext
from rootsteward.policy.document import Document, Effect, PatternList, Problem, Statement
from rootsteward.policy.parse import parse_document
from rootsteward.policy.pattern import Matcher, compile_action, compile_tokens
from rootsteward.policy.principals import PrincipalMatch, PrincipalTest, compile_principals
from rootsteward.policy.syntax_error import PolicySyntaxError
from rootsteward.policy.truth import Truth, Unsure, any_of, negate
from rootsteward.policy.variables import Template, read_template

ResourceTest = Callable[[RequestContext], Truth]


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """One statement, ready to be asked.

    `index` is None when the whole document is unreadable. `resources` None: any resource;
    `principals` None: any principal. `unreadable` is what keeps the statement from a plain yes.
    INVARIANT: a statement without an effect has `unreadable`, so it never applies for certain.
    """

    index: int | None
    sid: str
    line: int
    column: int
    effect: Effect | None
    actions: Matcher
    resources: ResourceTest | None
    principals: PrincipalTest | None
    tests: tuple[CompiledTest, ...]
    unreadable: Unsure | None

    @property
    def unconditional(self) -> bool:
        """Whether it applies to every request with a matching action."""
        return (
            self.resources is None
            and self.principals is None
            and not self.tests
            and self.unreadable is None
        )

    def applies(self, context: RequestContext) -> Truth:
        """Whether it applies, given that the action matches. A sure no outweighs any doubt."""
        unsure = self.unreadable
        if self.principals and self.principals(context.principal) is PrincipalMatch.NO:
            return False
        if self.resources is not None:
            truth = self.resources(context)
            if truth is False:
                return False
            if isinstance(truth, Unsure):
                unsure = truth if unsure is None else unsure | truth
        for test in self.tests:
            truth = test(context)
            if truth is False:
                return False
            if isinstance(truth, Unsure):
                unsure = truth if unsure is None else unsure | truth
        return True if unsure is None else unsure


def compile_actions(actions: PatternList | None) -> Matcher:
    """Whether an action in lower case is meant; an unreadable element could mean any."""
    if actions is None:
        return lambda _: True
    matchers = tuple(compile_action(p) for p in actions.patterns)
    negated = actions.negated
    if len(matchers) == 1 and not negated:
        return matchers[0]
    return lambda action: any(m(action) for m in matchers) is not negated


def compile_resources(resources: PatternList | None, *, variables: bool) -> ResourceTest | None:
    """Whether the resource is meant; None when every resource is.

    `*` and `?` cross colons. A variable without a value makes its pattern match nothing.
    """
    if resources is None:
        return None
    if not resources.negated and "*" in resources.patterns:
        return None
    templates = tuple(
        read_template(p, wildcards=True, variables=variables) for p in resources.patterns
    )
    tests = tuple(_resource_test(t) for t in templates)
    negated = resources.negated

    def test(context: RequestContext) -> Truth:
        matched = any_of(t(context) for t in tests)
        return negate(matched) if negated else matched

    return test


def _resource_test(template: Template) -> ResourceTest:
    if template.tokens is not None:
        matcher = compile_tokens(template.tokens)
        return lambda context: matcher(context.resource)

    def test(context: RequestContext) -> Truth:
        tokens = template.resolve(context)
        if tokens is None or isinstance(tokens, Unsure):
            return False if tokens is None else tokens
        return compile_tokens(tokens)(context.resource)

    return test


def compile_statement(statement: Statement, document: Document) -> CompiledStatement:
    """The statement as a function.

    WHY: a statement with a part that cannot be read may apply to anything (rule card EVAL-05): AWS
    refuses to store it, so nobody can say what the other parts are worth.
    """
    problems = document.problems + statement.problems
    if problems:
        return _unreadable_statement(statement, problems)
    variables = document.variables_on
    return CompiledStatement(
        index=statement.index,
        sid=statement.sid,
        line=statement.position.line,
        column=statement.position.column,
        effect=statement.effect,
        actions=compile_actions(statement.actions),
        resources=compile_resources(statement.resources, variables=variables),
        principals=compile_principals(statement.principals) if statement.principals else None,
        tests=tuple(
            compile_test(t, effect=statement.effect, variables=variables)
            for t in statement.conditions
        ),
        unreadable=None,
    )


def _unreadable_statement(statement: Statement, problems: tuple[Problem, ...]) -> CompiledStatement:
    return CompiledStatement(
        index=statement.index,
        sid=statement.sid,
        line=statement.position.line,
        column=statement.position.column,
        effect=statement.effect,
        actions=compile_actions(None),
        resources=None,
        principals=None,
        tests=(),
        unreadable=Unsure(problems=tuple(p.message for p in problems)),
    )


@lru_cache(maxsize=4096)
def compile_text(text: str, policy_type: PolicyType) -> tuple[CompiledStatement, ...]:
    """The statements of a document.

    A document that cannot be read becomes one statement that might allow or deny anything.
    """
    try:
        document = parse_document(text, policy_type=policy_type)
    except PolicySyntaxError as error:
        return (_unreadable_document(error),)
    return tuple(compile_statement(s, document) for s in document.statements)


def _unreadable_document(error: PolicySyntaxError) -> CompiledStatement:
    return CompiledStatement(
        index=None,
        sid="",
        line=error.line,
        column=error.column,
        effect=None,
        actions=compile_actions(None),
        resources=None,
        principals=None,
        tests=(),
        unreadable=Unsure(problems=(error.message,)),
    )
