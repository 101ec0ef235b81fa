import pytest

from rootsteward.policy.lockout.report import Force, LockReport, LockState, examine
from unit.lockout.lock_samples import BUCKET, OWNER, QUEUE, a_deny, a_policy

ROLE = f"arn:aws:iam::{OWNER}:role/operations"
ROOT = f"arn:aws:iam::{OWNER}:root"


def report(**statement: object) -> LockReport:
    return examine(a_policy(a_deny(**statement)), BUCKET)


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Action": "*"},
        {"Action": ["s3:GetObject", "S3:putbucketpolicy", "s3:Delete*"]},
        {"Action": "s3:*BucketPolic?"},
        {"Action": None, "NotAction": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::l?gs"},
        {"Resource": None, "NotResource": "arn:aws:s3:::logs/*"},
        {"Principal": {"AWS": ["*"]}},
        {"Principal": {"AWS": OWNER}},
        {"Principal": {"AWS": [ROOT, "999999999999"]}},
        {"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::999999999999:user/else"}},
        {"Principal": None, "NotPrincipal": {"AWS": ["AROAGONE", ROOT]}},
        {"Condition": {}},
        {"Condition": {"StringEquals": {"aws:PrincipalAccount": OWNER}}},
        {"Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}}},
    ],
)
def test_a_deny_of_what_could_mend_to_the_whole_account_locks(statement: dict[str, object]) -> None:
    found = report(**statement)
    assert found.state is LockState.LOCKED
    assert [lock.by.statement_index for lock in found.locking] == [0]


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow"},
        {"Action": "s3:GetObject"},
        {"Action": None, "NotAction": ["s3:*BucketPolicy"]},
        {"Resource": "arn:aws:s3:::logs/*"},
        {"Principal": {"Service": "s3.amazonaws.com"}},
        {"Principal": {"AWS": "999999999999"}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": OWNER}}},
    ],
)
def test_other_statements_do_nothing_to_administrators(statement: dict[str, object]) -> None:
    assert report(**statement) == LockReport(LockState.NOT_LOCKED)


@pytest.mark.parametrize(
    ("statement", "force", "why"),
    [
        (
            {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            Force.CONDITIONAL,
            "only where Bool aws:SecureTransport holds",
        ),
        (
            {"Condition": {"ArnNotLike": {"aws:PrincipalArn": ROLE}}},
            Force.CONDITIONAL,
            "only where ArnNotLike aws:PrincipalArn holds",
        ),
        ({"Principal": {"AWS": ROLE}}, Force.SOME, "administrators who are not meant"),
        (
            {"Principal": None, "NotPrincipal": {"AWS": [ROLE, ROOT]}},
            Force.SOME,
            "administrators who are not meant",
        ),
        ({"Action": "s3:PutBucketPolicy"}, Force.LOCKS, ""),
    ],
)
def test_what_is_no_lock_out_is_named_all_the_same(
    statement: dict[str, object], force: Force, why: str
) -> None:
    found = report(**statement)
    assert found.state is LockState.NOT_LOCKED
    (lock,) = found.statements
    assert lock.force is force
    assert lock.why.startswith(why)


def test_two_statements_that_deny_a_call_each_lock_together() -> None:
    policy = a_policy(a_deny(Action="s3:PutBucketPolicy"), a_deny(Action="s3:DeleteBucketPolicy"))
    found = examine(policy, BUCKET)
    assert found.state is LockState.LOCKED
    assert [lock.actions for lock in found.locking] == [
        ("s3:PutBucketPolicy",),
        ("s3:DeleteBucketPolicy",),
    ]


def test_the_line_says_which_statement_where_and_whom() -> None:
    policy = (
        '{"Statement":\n  {"Sid":"Shut","Effect":"Deny","Principal":"*",\n   "Action":"sqs:*"}}'
    )
    assert examine(policy, QUEUE).lines() == (
        "statement 1 `Shut` (line 2, column 3) denies everybody sqs:SetQueueAttributes",
    )


def test_a_call_that_is_left_is_said() -> None:
    (line,) = report(Action="s3:PutBucketPolicy").lines()
    assert line.endswith(
        "denies everybody s3:PutBucketPolicy; another call that mends the policy is left"
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Statement": "Deny"}'])
def test_a_text_that_is_no_policy_is_unclear(text: str) -> None:
    found = examine(text, BUCKET)
    assert found.state is LockState.UNCLEAR
    assert found.problem


@pytest.mark.parametrize(
    "statement",
    [{"Foo": 1}, {"Effect": "deny"}, {"Action": 7}, {"Condition": {"StringSimilar": {"a": "b"}}}],
)
def test_a_deny_that_cannot_be_read_is_unclear(statement: dict[str, object]) -> None:
    found = report(**statement)
    assert found.state is LockState.UNCLEAR
    assert found.problem.startswith("statement 1: ")


def test_a_lock_beside_an_unreadable_statement_is_a_lock() -> None:
    assert examine(a_policy(a_deny(), a_deny(Foo=1)), BUCKET).state is LockState.LOCKED
