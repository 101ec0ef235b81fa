"""The second prover: the same question put to z3 as strings and regular expressions.

Written apart from the regions: it shares the parsed documents and nothing else with them, so that
the two can be tested against each other. It takes string, ARN, `Bool` and `Null` tests of SCPs on
single-valued keys and answers *unknown* for everything else. LIMIT: much slower than the regions
(a question may take seconds), and bounded by z3's own count of steps, not by time.

Needs the extra `rootsteward[z3]`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import z3

from rootsteward.policy.document import (
    ConditionTest,
    Document,
    Effect,
    PatternList,
    Quantifier,
    Statement,
)
from rootsteward.policy.prove.chain import Chain

DEFAULT_RESOURCE_LIMIT = 20_000_000
"""z3's `rlimit`; about ten seconds of one core."""

_ARN_COLONS = 5
_NOT_TAKEN = frozenset(
    {
        "aws:principalaccount", "aws:userid", "aws:username", "aws:multifactorauthpresent",
        "aws:viaawsservice", "aws:principalisawsservice", "aws:tokenissuetime",
        "aws:securetransport",
    }
)  # fmt: skip
"""Keys that follow from the principal in ways this prover does not model."""


class Z3Answer(StrEnum):
    """What z3 says of the claim that nothing is closed."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


class _NotTakenError(Exception):
    """A part of the policies that is not translated."""


def closes_nothing(
    before: Chain, after: Chain, *, resource_limit: int = DEFAULT_RESOURCE_LIMIT
) -> Z3Answer:
    """Whether every request that `before` allows is allowed by `after`."""
    request = _Request(before.partition)
    try:
        claim = z3.And(request.allowed(before), z3.Not(request.allowed(after)))
    except _NotTakenError:
        return Z3Answer.UNKNOWN
    solver = z3.Solver()
    solver.set("rlimit", resource_limit)
    solver.add(*request.legal(), claim)
    match solver.check():
        case z3.unsat:
            return Z3Answer.PROVED
        case z3.sat:
            return Z3Answer.REFUTED
        case _:
            return Z3Answer.UNKNOWN


def _any() -> z3.ReRef:
    return z3.Star(z3.AllChar(z3.ReSort(z3.StringSort())))


def _one() -> z3.ReRef:
    return z3.AllChar(z3.ReSort(z3.StringSort()))


def _one_but_colon() -> z3.ReRef:
    return z3.Intersect(_one(), z3.Complement(z3.Re(":")))


def _glob(pattern: str, *, arn: bool = False) -> z3.ReRef:
    """A pattern as a regular expression."""
    parts: list[z3.ReRef] = [z3.Re("")]
    colons = 0
    for char in pattern:
        wild = _one_but_colon() if arn and colons < _ARN_COLONS else _one()
        if char == "*":
            parts.append(z3.Star(wild))
        else:
            parts.append(wild if char == "?" else z3.Re(char))
        colons += char == ":"
    return z3.Concat(*parts, z3.Re(""))


@dataclass(slots=True)
class _Request:
    """A request as z3 variables; keys get theirs when they are first met."""

    partition: str
    action: z3.SeqRef = field(default_factory=lambda: z3.String("action"))
    resource: z3.SeqRef = field(default_factory=lambda: z3.String("resource"))
    principal: z3.SeqRef = field(default_factory=lambda: z3.String("principal"))
    session: z3.BoolRef = field(default_factory=lambda: z3.Bool("session"))
    keys: dict[str, tuple[z3.BoolRef, z3.SeqRef]] = field(default_factory=dict)

    def legal(self) -> list[z3.BoolRef]:
        """What every request keeps to (docs/proof.md)."""
        lower = z3.Union(z3.Range("a", "z"), z3.Range("0", "9"))
        service = z3.Plus(z3.Union(lower, z3.Re("-")))
        alphanumeric = z3.Union(lower, z3.Range("A", "Z"))
        part, maybe = z3.Plus(_one_but_colon()), z3.Star(_one_but_colon())
        colon = z3.Re(":")
        arn = z3.Concat(
            z3.Re("arn:"), part, colon, part, colon, maybe, colon, maybe, colon, z3.Plus(_one())
        )
        head = z3.Concat(z3.Re(f"arn:{self.partition}:iam::"), *[z3.Range("0", "9")] * 12, colon)
        root_user = z3.Concat(head, z3.Re("root"))
        signs = [z3.Re(sign) for sign in "_+=,.@-"]
        name = z3.Plus(z3.Union(alphanumeric, *signs))
        path = z3.Option(z3.Concat(z3.Plus(z3.Range("!", "~")), z3.Re("/")))
        named = z3.Concat(head, z3.Union(z3.Re("user/"), z3.Re("role/")), path, name)
        federated = z3.Concat(
            z3.Re(f"arn:{self.partition}:sts::"),
            *[z3.Range("0", "9")] * 12,
            z3.Re(":federated-user/"),
            name,
        )
        linked = z3.Concat(head, z3.Re("role/aws-service-role/"), _any())
        return [
            z3.InRe(self.action, z3.Concat(service, colon, z3.Plus(lower))),
            z3.InRe(self.resource, z3.Union(z3.Re("*"), arn)),
            z3.InRe(self.principal, z3.Union(root_user, named, federated)),
            z3.Not(z3.InRe(self.principal, linked)),
            z3.Implies(self.session, z3.InRe(self.principal, root_user)),
            *(z3.Length(value) > 0 for key, (_, value) in self.keys.items() if "/" not in key),
        ]

    def allowed(self, chain: Chain) -> z3.BoolRef:
        """Every level allows, nothing denies. RCPs are not taken."""
        if chain.levels is None or chain.rcp_levels is not None or chain.account:
            raise _NotTakenError
        gates: list[z3.BoolRef] = []
        for level in chain.parsed:
            applies = [
                (statement.effect, self.applies(document, statement))
                for document in level.documents
                for statement in document.statements
            ]
            gates.append(z3.Or(*(hit for effect, hit in applies if effect is Effect.ALLOW)))
            gates += [z3.Not(hit) for effect, hit in applies if effect is Effect.DENY]
        return z3.And(*gates)

    def applies(self, document: Document, statement: Statement) -> z3.BoolRef:
        """The statement applies."""
        if document.problems or statement.problems or statement.principals is not None:
            raise _NotTakenError
        if statement.actions is None or statement.resources is None:
            raise _NotTakenError
        lowered = [p.lower() for p in statement.actions.patterns]
        return z3.And(
            self.listed(self.action, statement.actions, lowered),
            self.listed(self.resource, statement.resources, statement.resources.patterns),
            *(self.test(document, test) for test in statement.conditions),
        )

    def listed(self, value: z3.SeqRef, listed: PatternList, patterns: Sequence[str]) -> z3.BoolRef:
        """The value is in the list, or is not in a Not… list."""
        if any("${" in pattern for pattern in patterns):
            raise _NotTakenError
        inside = z3.Or(*(z3.InRe(value, _glob(pattern)) for pattern in patterns))
        return z3.Not(inside) if listed.negated else inside

    def test(self, document: Document, test: ConditionTest) -> z3.BoolRef:
        """The test passes."""
        key = test.key.lower()
        variable = document.variables_on and any("${" in value for value in test.values)
        if test.problem or variable or test.quantifier is not Quantifier.NONE or key in _NOT_TAKEN:
            raise _NotTakenError
        present, value = self.key(key)
        if test.operator == "Null":
            flags = {flag.lower() == "true" for flag in test.values}
            return z3.Or(z3.And(True in flags, z3.Not(present)), z3.And(False in flags, present))
        negated = "Not" in test.operator
        hits = [self.matches(test.operator.replace("Not", ""), value, v) for v in test.values]
        inside = z3.Or(*hits)
        passes = z3.Not(inside) if negated else inside
        if test.operator.startswith("Arn"):
            passes = z3.And(passes, z3.InRe(value, _glob("arn:*:*:*:*:*", arn=True)))
        return z3.If(present, passes, z3.BoolVal(negated or test.if_exists))

    def matches(self, operator: str, value: z3.SeqRef, wanted: str) -> z3.BoolRef:
        """One value under one plain operator."""
        match operator:
            case "StringEquals":
                return value == z3.StringVal(wanted)
            case "StringLike":
                return z3.InRe(value, _glob(wanted))
            case "ArnLike" | "ArnEquals" if wanted.startswith("arn:") and (
                wanted.count(":") >= _ARN_COLONS
            ):
                return z3.InRe(value, _glob(wanted, arn=True))
            case "Bool":
                is_true = value == z3.StringVal("true")
                return is_true if wanted.lower() == "true" else z3.Not(is_true)
            case _:
                raise _NotTakenError

    def key(self, key: str) -> tuple[z3.BoolRef, z3.SeqRef]:
        """Whether a key is there, and its value."""
        if key == "aws:principalarn":
            return z3.BoolVal(True), self.principal  # noqa: FBT003 (z3's constant)
        if key == "aws:assumedroot":
            return self.session, z3.StringVal("true")
        if key == "aws:principaltype":
            kind = z3.If(
                z3.InRe(self.principal, z3.Concat(_any(), z3.Re(":root"))),
                z3.StringVal("Account"),
                z3.If(
                    z3.Contains(self.principal, z3.StringVal(":user/")),
                    z3.StringVal("User"),
                    z3.StringVal("AssumedRole or FederatedUser"),
                ),
            )
            return z3.BoolVal(True), kind  # noqa: FBT003 (z3's constant)
        if key == "aws:requestedregion":
            return z3.BoolVal(True), self.named(key)[1]  # noqa: FBT003 (z3's constant)
        return self.named(key)

    def named(self, key: str) -> tuple[z3.BoolRef, z3.SeqRef]:
        """The variables of a key of no special kind."""
        if key not in self.keys:
            self.keys[key] = (z3.Bool(f"has {key}"), z3.String(key))
        return self.keys[key]
