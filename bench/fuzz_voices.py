"""Compare the two voices, `policy` and `spec`, on generated organizations.

    python bench/fuzz_voices.py --count 1000000 --seed 7

Every question is built from the same few words, so that patterns and values nearly meet: one
character off, another case, an absent key, an odd number. The same seed asks the same questions.
Exits with 1 and prints the question at the first few disagreements.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    DecidedBy,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.policy.evaluate import compile_policies
from rootsteward.spec import judge

Json = dict[str, Any]

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
PRINCIPALS = (
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:user/team/alice",
    f"arn:aws:iam::{ACCOUNT}:role/deploy",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/session",
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    f"arn:aws:iam::{OTHER_ACCOUNT}:root",
    f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob",
)
STRANGERS = (
    f"arn:aws:sts::{ACCOUNT}:federated-user/alice",
    f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/deploy/session",
    f"arn:aws:iam::{ACCOUNT}:role/team/deploy",
    f"arn:aws-cn:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:group/everyone",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy",
    "arn:aws:iam::cloudfront:user/oai",
    "cloudtrail.amazonaws.com",
    "anonymous",
    "*",
    "",
)
"""Callers who are seldom seen: odd, foreign, or without an account."""
ACTIONS = (
    "s3:GetBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:GetObject",
    "sqs:SetQueueAttributes",
    "sqs:SendMessage",
    "iam:GetAccountSummary",
    "iam:DeleteLoginProfile",
)
RESOURCES = (
    "*",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/a:b/c",
    f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue",
    f"arn:aws:sqs:eu-west-1:{OTHER_ACCOUNT}:queue",
    f"arn:aws:iam::{ACCOUNT}:root",
)
TEXTS = (
    *("eu-west-1", "us-east-1", "", "a", "A", "a*"),
    *("\u03a3", "\u03bf\u03c3", "\u03bf\u03c2", "\u039f\u03a3"),  # sigma: inner, final, capital
    *("\u00c9", "\u00e9", "\U00010400", "\U00010428", "\u212a", "K"),
)
NUMBERS = (
    *("1", "+1", "01", "1.0", "1e0", "2", "-1", "NaN", "9007199254740993", "9007199254740992"),
    *("1.", ".1e1", "10E-1", "-0", "0", "1e99999", "Infinity", "0x1", "1_0", " 1", "\u0661", ""),
)
DATES = (
    "2030-01-01T00:00:00Z",
    "2030-01-01T00:00:00",
    "1893456000",
    "+1893456000",
    "2030-01-01T00:00:00.1231Z",
    "2030-01-01T00:00:00.1239Z",
    "2029-12-31T23:00:00-01:00",
    "2030-01-02T00:00:00Z",
    "not-a-date",
    *("2030-01-01", "2030-01", "2030", "2030T00", "2030-01-01T00Z", "2030-01-01t00:00:00z"),
    *("2030-01-01T", "2030-01-01 00:00:00", "2030-02-30", "2030-01-01T24:00:00Z", "1893456000.0"),
    *("2030-01-01T01:00:00+0100", "2030-01-01T00:00:00+99:00", "20300101T000000Z"),
)
ADDRESSES = (
    "192.0.2.1",
    "192.000.002.1",
    "192.0.2.0/24",
    "192.0.2.5/24",
    "192.0.2.0/+24",
    "192.0.2.0/33",
    "0.0.0.0/0",
    "::ffff:192.0.2.1",
    "2001:db8::1",
    "2001:DB8::/64",
    "2001:db8::5/64",
    "::/0",
    "not-an-ip",
    *("192.0.2.0/0000000024", "192.0.2.0/-0", "192.0.2.0/", "192.0.2", "0192.0.2.1", "+192.0.2.1"),
    *("::192.0.2.1", "2001:db8::192.0.2.1", "::ffff:c000:201", "0:0:0:0:0:FFFF:192.0.2.1", "::"),
    *("2001:db8::::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "1::2:3:4:5:6:7:8", "fe80::1%eth0"),
    *("::ffff:0:0/96", "::ffff:192.0.2.0/120", "192.0.2.1/32", " 192.0.2.1", "2001:db8::1/128"),
)
ARNS = (
    *PRINCIPALS,
    "arn:aws:iam::*:root",
    "arn:aws:s3:::bucket/a:b/c",
    "not-an-arn",
    "arn:*:iam::*:*",
    *("arn:aws:iam::*", "arn:*", "*", "a*:aws:iam::*:root", "arn:aws:iam:::", "arn:::::", ""),
)
FLAGS = ("true", "false", "True", "yes", "1")
BYTES = ("YQ==", "YWI=", "", "YQ", "YR==", "YQ=", "Y Q==", "no-binary", "\u00e9")
FAMILIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "String": (
        (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ),
        (*TEXTS, *PRINCIPALS[:2], "arn:aws:iam::*:root", ACCOUNT),
    ),
    "Numeric": (
        tuple(
            f"Numeric{c}"
            for c in (
                "Equals",
                "NotEquals",
                "LessThan",
                "LessThanEquals",
                "GreaterThan",
                "GreaterThanEquals",
            )
        ),
        NUMBERS,
    ),
    "Date": (
        tuple(
            f"Date{c}"
            for c in (
                "Equals",
                "NotEquals",
                "LessThan",
                "LessThanEquals",
                "GreaterThan",
                "GreaterThanEquals",
            )
        ),
        DATES,
    ),
    "Bool": (("Bool",), FLAGS),
    "Ip": (("IpAddress", "NotIpAddress"), ADDRESSES),
    "Arn": (("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"), ARNS),
    "Null": (("Null",), FLAGS),
    "Binary": (("BinaryEquals",), BYTES),
}
FAMILY_WEIGHTS = (8, 2, 2, 2, 3, 6, 3, 1)
KEYS = (
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:AssumedRoot",
    "aws:MultiFactorAuthPresent",
    "aws:ViaAWSService",
    "aws:userid",
    "aws:username",
    "aws:RequestedRegion",
    "aws:SourceIp",
    "aws:TagKeys",
    "aws:RequestTag/team",
    "aws:CurrentTime",
    "aws:SourceArn",
)
VARIABLES = (
    "${aws:username}",
    "${aws:RequestTag/team, 'a'}",
    "${aws:TagKeys, 'a'}",
    "${*}",
    "${aws:PrincipalAccount}",
    "arn:aws:iam::${aws:PrincipalAccount}:root",
    *("${$}{*}", "${?}", "a${aws:nobody}b", "${aws:nobody, ''}", "${ aws:username , 'a*' }"),
    *("${aws:username", "$${aws:username}", "${}", "${aws:nobody,'a}'}", "${AWS:USERNAME}"),
    *("${${aws:username}}", "${aws:userna'me}", "${aws:username, 'a' b}", "${*, 'a'}", "${ * }"),
)
SPLICES = (
    *(
        "",
        '"',
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\",
        "\\ud800",
        "\x00",
        "null",
        "1",
        "1e5",
        "NaN",
        "true",
    ),
    *("\u00e9", "\U00010400", "\ufeff", " ", "\n", "\u00a0", "[]", "{}", '"a"', '{"a":{"a":1}}'),
    *(
        '"Sid":1,',
        '"Id":[],',
        '"Id":"x",',
        '"Notes":"x",',
        '"Version":"2012-10-17",',
        '"Version":1,',
    ),
    *('"Effect":"Deny",', '"Effect":"deny",', '"Action":[],', '"Action":null,', '"Resource":[1],'),
    *(
        '"NotAction":"*",',
        '"Principal":"*",',
        '"Principal":{"AWS":[]},',
        '"NotPrincipal":{"X":"y"},',
    ),
    *('"Condition":[],', '"Condition":{},', '"Condition":{"Null":{}},', '"Condition":{"Null":[]},'),
    *('"Condition":{"Bool":{"k":null}},', '"Condition":{"Bool":{"k":[{}]}},', '"Statement":[],'),
)
"""What is put into documents at odd places."""
UNKNOWN_OPERATORS = ("StringResembles", "NullIfExists", "ForSomeValues:Null", "stringlikes", "")
REQUESTS_PER_SET = 5
SHARED_SCPS = Path(__file__).resolve().parents[2] / "shared" / "data" / "scps"


@dataclass(frozen=True)
class Question:
    """One request under one policy set."""

    request: AccessRequest
    policies: PolicySet


@dataclass
class Tally:
    """What was compared and where the voices differ."""

    compared: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)


class World:
    """Draws questions; the same seed draws the same ones."""

    def __init__(self, seed: int, real_documents: Sequence[str] = ()) -> None:
        self.draw = random.Random(seed)  # noqa: S311 (questions, not secrets)
        self.real_documents = real_documents
        self.documents = {
            kind: [self.document(kind) for _ in range(60)]
            for kind in ("scp", "rcp", "own", "resource")
        }

    def chance(self, percent: int) -> bool:
        return self.draw.randrange(100) < percent

    def near(self, text: str) -> str:
        """The text, or one character off."""
        roll = self.draw.randrange(8)
        if roll > 3 or not text:
            return text
        at = self.draw.randrange(len(text))
        if roll == 0:
            return text.swapcase()
        if roll == 1:
            return text[:at] + "*" + text[at + 1 + self.draw.randrange(6) :]
        if roll == 2:
            return text[:at] + self.draw.choice("?*aZ:") + text[at + 1 :]
        return text[:at] + text[at + 1 :]

    def some(self, choices: Sequence[str], most: int = 3) -> list[str]:
        return [self.near(self.draw.choice(choices)) for _ in range(self.draw.randint(1, most))]

    def maybe_alone(self, values: list[str]) -> list[str] | str:
        return values[0] if len(values) == 1 and self.chance(50) else values

    def condition(self) -> Json:
        block: Json = {}
        for _ in range(self.draw.choice((0, 0, 1, 1, 2, 3))):
            family = self.draw.choices(tuple(FAMILIES), FAMILY_WEIGHTS)[0]
            operators, values = FAMILIES[family]
            operator = self.draw.choice(operators)
            operator = self.draw.choice(("", "", "", "ForAnyValue:", "ForAllValues:")) + operator
            if family != "Null":
                operator += self.draw.choice(("", "", "IfExists"))
            if self.chance(1):
                operator = self.draw.choice(UNKNOWN_OPERATORS)
            chosen = self.some(values)
            if family in {"String", "Arn"} and self.chance(10):
                chosen.append(self.draw.choice(VARIABLES))
            if self.chance(1):
                chosen = []
            if family == "Binary":
                chosen = [self.draw.choice(BYTES)]
            key = self.draw.choice(KEYS)
            if self.chance(10):
                key = key.swapcase()
            block.setdefault(operator, {})[key] = self.maybe_alone(chosen) if chosen else []
        return block

    def statement(self, kind: str) -> Json:
        effect = "Deny" if kind == "rcp" or self.chance(45) else "Allow"
        statement: Json = {"Sid": f"S{self.draw.randrange(999)}", "Effect": effect}
        patterns = [
            *ACTIONS,
            "s3:*",
            "sqs:*",
            "iam:Get*",
            *(["*"] * 4 if effect == "Allow" else []),
        ]
        negated = kind != "rcp" and self.chance(20)
        actions = self.some(patterns)
        if kind == "rcp":
            actions = [self.near_service(a) for a in self.draw.sample(ACTIONS[:5], 2)]
        statement["NotAction" if negated else "Action"] = self.maybe_alone(actions)
        resources = ["*"] if self.chance(60) else self.some(RESOURCES)
        statement["NotResource" if self.chance(10) else "Resource"] = self.maybe_alone(resources)
        if kind == "rcp":
            statement["Principal"] = "*"
        if kind == "resource":
            name = "NotPrincipal" if effect == "Deny" and self.chance(15) else "Principal"
            statement[name] = self.principal()
        condition = self.condition()
        if condition:
            statement["Condition"] = condition
        if self.chance(1):
            statement.pop(self.draw.choice(list(statement)))
        return statement

    def near_service(self, action: str) -> str:
        service, _, name = action.partition(":")
        return f"{service}:{self.near(name)}" if name else action

    def principal(self) -> Json | str:
        if self.chance(25):
            return "*"
        named = [
            self.draw.choice((*PRINCIPALS, *STRANGERS, ACCOUNT, OTHER_ACCOUNT, "*"))
            for _ in range(self.draw.randint(1, 2))
        ]
        kinds = ("AWS",) * 8 + ("Service", "Federated", "CanonicalUser")
        return {self.draw.choice(kinds): self.maybe_alone(named)}

    def document(self, kind: str) -> str:
        statements = [self.statement(kind) for _ in range(self.draw.choice((1, 1, 1, 2, 3)))]
        if kind == "scp" and self.chance(60):
            statements.insert(0, {"Effect": "Allow", "Action": "*", "Resource": "*"})
        version = self.draw.choice(("2012-10-17",) * 8 + ("2008-10-17", None))
        body: Json = {"Version": version, "Statement": statements}
        if version is None:
            del body["Version"]
        if len(statements) == 1 and self.chance(30):
            body["Statement"] = statements[0]
        text = json.dumps(body, ensure_ascii=self.chance(50))
        return self.bent(text) if self.chance(2) else text

    def bent(self, text: str) -> str:
        """The text with something put into it, mostly where JSON might take it."""
        for _ in range(self.draw.choice((1, 1, 2))):
            places = [at for at, c in enumerate(text, start=1) if c in "{,[:"] or [0]
            at = self.draw.choice(places) if self.chance(60) else self.draw.randrange(len(text) + 1)
            left_out = self.draw.choice((0, 0, 0, 1, 2, 5))
            text = text[:at] + self.draw.choice(SPLICES) + text[at + left_out :]
        return text

    def named(self, kind: str) -> NamedDocument:
        if kind == "scp" and self.real_documents and self.chance(15):
            index = self.draw.randrange(len(self.real_documents))
            return NamedDocument(f"real-{index}", self.real_documents[index])
        pool = self.documents[kind]
        if self.chance(3):
            pool[self.draw.randrange(len(pool))] = self.document(kind)
        index = self.draw.randrange(len(pool))
        return NamedDocument(f"{kind}-{index}", pool[index])

    def levels(self, kind: str, least: int) -> tuple[Level, ...]:
        full = NamedDocument("full", FULL_ACCESS)
        levels: list[Level] = []
        for number in range(self.draw.randint(1, 4)):
            documents = [self.named(kind) for _ in range(self.draw.randint(least, 3))]
            if kind == "scp" and self.chance(60):
                documents.insert(self.draw.randint(0, len(documents)), full)
            levels.append(Level(f"level-{number}", tuple(documents)))
        return tuple(levels)

    def context(self) -> dict[str, str | tuple[str, ...]]:
        context: dict[str, str | tuple[str, ...]] = {}
        pools = [values for _, values in FAMILIES.values()]
        for key in self.draw.sample(KEYS[3:], self.draw.randint(0, 5)):
            pool = self.draw.choice(pools)
            values = tuple(
                self.near(self.draw.choice(pool)) for _ in range(self.draw.randint(1, 3))
            )
            spelled = key.lower() if self.chance(20) else key
            many = key == "aws:TagKeys"
            context[spelled] = (values if self.chance(90) else ()) if many else values[0]
        if self.chance(4):
            context["aws:PrincipalArn"] = self.draw.choice((*PRINCIPALS, *STRANGERS))
        if self.chance(10):
            context["aws:ResourceAccount"] = self.draw.choice((ACCOUNT, OTHER_ACCOUNT))
        return context

    def policies(self) -> PolicySet:
        return PolicySet(
            scp_levels=self.levels("scp", 0) if self.chance(75) else None,
            rcp_levels=self.levels("rcp", 0) if self.chance(25) else None,
            task_policy=self.named("own") if self.chance(20) else None,
            session_policies=(self.named("own"),) if self.chance(15) else None,
            identity_policies=tuple(self.named("own") for _ in range(self.draw.randint(0, 2))),
            permissions_boundary=self.named("own") if self.chance(15) else None,
            resource_policy=self.named("resource") if self.chance(35) else None,
        )

    def question(self, policies: PolicySet) -> Question:
        principal = self.draw.choice(PRINCIPALS) if self.chance(70) else PRINCIPALS[0]
        if self.chance(10):
            principal = self.draw.choice(STRANGERS)
        if policies.task_policy is not None:
            principal = self.draw.choice([p for p in PRINCIPALS if p.endswith(":root")])
        request = AccessRequest(
            principal=principal,
            action=self.draw.choice(ACTIONS),
            resource=self.draw.choice(RESOURCES),
            context=self.context(),
        )
        return Question(request, policies)

    def questions(self, count: int) -> Iterator[Question]:
        """That many questions, a few under each policy set."""
        policies = PolicySet()
        for number in range(count):
            if number % REQUESTS_PER_SET == 0:
                policies = self.policies()
            yield self.question(policies)


FULL_ACCESS = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)


def real_documents() -> list[str]:
    """The text of every real SCP that lies beside the project; none when the folder is absent."""
    if not SHARED_SCPS.is_dir():
        return []
    return [path.read_text(encoding="utf-8") for path in sorted(SHARED_SCPS.glob("scp-*.json"))]


def place(by: DecidedBy) -> tuple[str, str, str, int | None, str]:
    """Who decided, without line and column, which only the engine fills in."""
    return (by.policy_type.value, by.level, by.policy, by.statement_index, by.sid)


def difference(engine: Answer, spec: Answer) -> str:
    """What the voices disagree about; empty when they agree."""
    if engine.decision is not spec.decision:
        return f"policy says {engine.decision.value}, spec says {spec.decision.value}"
    if engine.decision not in {Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY}:
        return ""
    named = {place(by) for by in spec.by}
    strange = [by for by in engine.by if place(by) not in named]
    return (
        f"policy names {place(strange[0])}, spec names {sorted(map(str, named))}" if strange else ""
    )


def questions(count: int, seed: int) -> Iterator[Question]:
    """That many questions."""
    return World(seed, real_documents()).questions(count)


def compare(asked: Iterator[Question], most_shown: int = 5) -> Tally:
    """Ask both voices everything."""
    tally = Tally()
    policies = PolicySet()
    compiled = compile_policies(policies)
    for question in asked:
        if question.policies is not policies:
            policies = question.policies
            compiled = compile_policies(policies)
        engine = compiled.decide(question.request)
        spec = judge(question.request, question.policies)
        tally.compared += 1
        tally.decisions[engine.decision.value] += 1
        found = difference(engine, spec)
        if found:
            tally.disagreements.append(f"{found}\n{question}\npolicy: {engine}\nspec: {spec}")
            if len(tally.disagreements) >= most_shown:
                break
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    started = time.perf_counter()
    tally = compare(questions(arguments.count, arguments.seed))
    seconds = time.perf_counter() - started
    for disagreement in tally.disagreements:
        print(disagreement, end="\n\n")
    rate = tally.compared / seconds
    print(f"{tally.compared:,} questions compared in {seconds:.1f} s ({rate:,.0f} a second)")
    print(f"{len(tally.disagreements)} disagreements; decisions: {dict(tally.decisions)}")
    return 1 if tally.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
