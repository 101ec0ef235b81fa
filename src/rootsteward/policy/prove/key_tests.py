"""The tests on condition keys as the partition sees them."""

import re
from dataclasses import dataclass, replace

from rootsteward.policy.conditions.compile import CompiledTest, compile_test
from rootsteward.policy.conditions.numeric import read_number
from rootsteward.policy.document import ConditionTest, Effect, Position, Quantifier
from rootsteward.policy.prove.glob_tokens import (
    GlobTokens,
    any_case_text,
    arn_glob,
    literal_text,
    plain_glob,
)

MOST_DIGITS = 40
"""A number that is longer before or after its point is not worked with."""
TEXT_OPERATORS = ("String", "Arn", "Bool", "Binary")
ARN_SHAPE = arn_glob("arn:*:*:*:*:*")
_LAST_BASIC = "\uffff"
_ARN_COLONS = 5
_VARIABLE = re.compile(r"\$\{[^}]*\}?")
_NOWHERE = Position(0, 1, 1)


@dataclass(frozen=True, slots=True)
class KeyTest:
    """One test on one key, without its place in a document, so that equal tests are equal."""

    key: str
    operator: str
    quantifier: Quantifier
    if_exists: bool
    values: tuple[str, ...]
    deny: bool
    variables: bool

    @classmethod
    def of(cls, test: ConditionTest, *, deny: bool, variables: bool) -> "KeyTest":
        """Take a test out of its document."""
        return cls(
            test.key.lower(),
            test.operator,
            test.quantifier,
            test.if_exists,
            test.values,
            deny,
            variables and any("${" in value for value in test.values),
        )

    @classmethod
    def equals(cls, key: str, value: str) -> "KeyTest":
        """The test that a key holds a certain value."""
        none = Quantifier.NONE
        return cls(key.lower(), "StringEquals", none, False, (value,), False, False)  # noqa: FBT003 (fields)

    def split(self) -> tuple[list["KeyTest"], list["KeyTest"]]:
        """The test on the values without policy variables, and one test for each other value.

        Both are empty where the test cannot be taken apart: for set operators, numbers, dates and
        addresses, and where there is nothing to take apart.
        """
        plain = self.quantifier is Quantifier.NONE and self.operator.startswith(("String", "Arn"))
        if not self.variables or not plain or len(self.values) == 1:
            return [], []
        fixed = tuple(value for value in self.values if "${" not in value)
        alone = [replace(self, values=(value,)) for value in self.values if "${" in value]
        return [replace(self, values=fixed, variables=False)] if fixed else [], alone

    @property
    def may_be_no_arn(self) -> bool:
        """Whether an ARN test has a value that, once its variables stand for texts, is no ARN."""
        if not self.operator.startswith("Arn"):
            return False
        bare = [_VARIABLE.sub("", value) for value in self.values]
        return not all(b.startswith("arn:") and b.count(":") >= _ARN_COLONS for b in bare)

    @property
    def family(self) -> str:
        """`text`, `Null`, `Numeric`, `Date` or `Ip`."""
        if self.operator.startswith(TEXT_OPERATORS):
            return "text"
        for family in ("Null", "Numeric", "Date"):
            if self.operator.startswith(family):
                return family
        return "Ip"

    @property
    def opaque(self) -> bool:
        """Whether its cells cannot be worked out.

        So it is for variables, binary values, huge numbers and text beyond the basic plane.
        """
        if self.variables or self.operator.startswith("Binary"):
            return True
        if self.family == "Numeric":
            return any(_huge(value) for value in self.values)
        folded = "IgnoreCase" in self.operator and not all(v.isascii() for v in self.values)
        return folded or any(max(value, default="") > _LAST_BASIC for value in self.values)

    def groups(self) -> list[list[GlobTokens]]:
        """The patterns that settle it, for a text variable."""
        if self.operator.startswith("Arn"):
            patterns = [[arn_glob(value)] for value in self.values]
            readable = all(
                v.startswith("arn:") and v.count(":") >= _ARN_COLONS for v in self.values
            )
            if readable:
                patterns = [[tokens for group in patterns for tokens in group]]
            return [*patterns, [ARN_SHAPE]]
        if self.operator == "Bool":
            return [[any_case_text("true")]]
        if self.operator.endswith("Like"):
            return [[plain_glob(value) for value in self.values]]
        if "IgnoreCase" in self.operator:
            return [[any_case_text(value) for value in self.values]]
        return [[literal_text(value) for value in self.values]]

    def compiled(self) -> CompiledTest:
        """The engine's own function for the test: truth at a value is never worked out here."""
        return compile_test(self._rebuilt(), effect=self.effect, variables=self.variables)

    def unquantified(self) -> CompiledTest:
        """The same test on one value."""
        plain = self._rebuilt(Quantifier.NONE)
        return compile_test(plain, effect=self.effect, variables=self.variables)

    @property
    def effect(self) -> Effect:
        """The effect of the statement it stands in."""
        return Effect.DENY if self.deny else Effect.ALLOW

    def _rebuilt(self, quantifier: Quantifier | None = None) -> ConditionTest:
        return ConditionTest(
            quantifier=self.quantifier if quantifier is None else quantifier,
            operator=self.operator,
            if_exists=self.if_exists,
            key=self.key,
            values=self.values,
            spelled=self.operator,
            position=_NOWHERE,
            values_position=_NOWHERE,
            end=0,
        )


def _huge(text: str) -> bool:
    number = read_number(text)
    return number is not None and abs(number.adjusted()) > MOST_DIGITS
