"""A condition test as a function of the request."""

from collections.abc import Callable
from functools import reduce
from operator import or_

from rootsteward.policy.conditions.flags import read_flag
from rootsteward.policy.conditions.operators import OPERATORS, Operator
from rootsteward.policy.conditions.verdict import Fault, ValueTest
from rootsteward.policy.context import PRESENT, RequestContext
from rootsteward.policy.document import ConditionTest, Effect, Quantifier
from rootsteward.policy.truth import Truth, Unsure
from rootsteward.policy.variables import variable_keys

CompiledTest = Callable[[RequestContext], Truth]


def compile_test(test: ConditionTest, *, effect: Effect | None, variables: bool) -> CompiledTest:
    """The test as a function. What it cannot read answers `Unsure`, never yes or no."""
    if test.problem is not None:
        unreadable = Unsure(problems=(test.problem.message,))
        return lambda _: unreadable
    key = test.key.lower()
    if test.operator == "Null":
        return _null(key, test.values, test.quantifier)
    operator = OPERATORS[test.operator]
    value_test = operator.build(test.values, variables)
    run = _quantified(test, key, operator, value_test, deny=effect is Effect.DENY)
    named = variable_keys(test.values) if variables and operator.takes_variables else ()
    return _naming_variables(run, key, named) if named else run


def _quantified(
    test: ConditionTest, key: str, operator: Operator, value_test: ValueTest, *, deny: bool
) -> CompiledTest:
    match test.quantifier:
        case Quantifier.NONE:
            return _single(
                key, operator, value_test, absent=operator.negated or test.if_exists, deny=deny
            )
        case Quantifier.FOR_ALL_VALUES:
            return _for_all(key, value_test, deny=deny)
        case Quantifier.FOR_ANY_VALUE:
            return _for_any(key, value_test, deny=deny)


def _naming_variables(run: CompiledTest, key: str, named: tuple[str, ...]) -> CompiledTest:
    """Where the key itself is not known, say also which of its variables are not."""

    def test(context: RequestContext) -> Truth:
        truth = run(context)
        if isinstance(truth, Unsure) and key in truth.keys:
            for variable in named:
                if variable in context.unknown or context.values.get(variable) is PRESENT:
                    truth |= Unsure(keys=(variable,))
        return truth

    return test


def _null(key: str, values: tuple[str, ...], quantifier: Quantifier) -> CompiledTest:
    """`Null`: whether the key is absent (a value that means true) or present (any other).

    With a set qualifier an absent key is an empty set, whatever is asked (rule card COND-17).
    """
    flags = frozenset(read_flag(v) for v in values)
    if_absent, if_present = True in flags, False in flags
    if quantifier is not Quantifier.NONE:
        if_absent = quantifier is Quantifier.FOR_ALL_VALUES
    unsure = Unsure(keys=(key,))

    def run(context: RequestContext) -> Truth:
        if key in context.values:
            return if_present
        if key not in context.unknown or if_absent is if_present:
            return if_absent
        return unsure

    return run


def _single(
    key: str, operator: Operator, value_test: ValueTest, *, absent: bool, deny: bool
) -> CompiledTest:
    """Without a set qualifier. A fault lets a Deny take effect, an Allow not (COND-10)."""
    unsure = Unsure(keys=(key,))
    on_several = operator.negated

    def run(context: RequestContext) -> Truth:
        value = context.values.get(key)
        if isinstance(value, tuple):
            if len(value) > 1:
                return on_several
            value = value[0]
        if isinstance(value, str):
            verdict = value_test(value, context)
            return deny if isinstance(verdict, Fault) else verdict
        return absent if value is None and key not in context.unknown else unsure

    return run


def _values(key: str, context: RequestContext) -> tuple[str, ...] | Unsure | None:
    """The values of a key as a set operator sees them; None when the key is absent."""
    value = context.values.get(key)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple):
        return value
    if value is None and key not in context.unknown:
        return None
    return Unsure(keys=(key,))


def _for_all(key: str, value_test: ValueTest, *, deny: bool) -> CompiledTest:
    """Passes when the key is absent (rule card COND-01)."""

    def run(context: RequestContext) -> Truth:
        values = _values(key, context)
        if values is None or isinstance(values, Unsure):
            return True if values is None else values
        return _quantify(values, value_test, context, stop_at=False, deny=deny)

    return run


def _for_any(key: str, value_test: ValueTest, *, deny: bool) -> CompiledTest:
    """Fails when the key is absent, negated or with IfExists all the same (rule card COND-17)."""

    def run(context: RequestContext) -> Truth:
        values = _values(key, context)
        if values is None or isinstance(values, Unsure):
            return False if values is None else values
        return _quantify(values, value_test, context, stop_at=True, deny=deny)

    return run


def _quantify(
    values: tuple[str, ...],
    value_test: ValueTest,
    context: RequestContext,
    *,
    stop_at: bool,
    deny: bool,
) -> Truth:
    """`stop_at` True: any value passes; False: all do. A fault is judged at its own value."""
    found = (value_test(value, context) for value in values)
    verdicts = [deny if isinstance(verdict, Fault) else verdict for verdict in found]
    if stop_at in verdicts:
        return stop_at
    unsure = [v for v in verdicts if isinstance(v, Unsure)]
    return reduce(or_, unsure) if unsure else not stop_at
