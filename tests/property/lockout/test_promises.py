"""What an edit of a locking policy promises, checked by the engine and by the specification."""

import json
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    Decision,
    NamedDocument,
    PolicySet,
)
from rootsteward.policy.evaluate import evaluate
from rootsteward.policy.lockout.certificate import Certificate, Fate, certify
from rootsteward.policy.lockout.mend import Mended, Safety, mend
from rootsteward.policy.lockout.report import LockState, Protectee, examine
from rootsteward.spec import judge

OWNER = "111111111111"
OTHER = "999999999999"
QUEUE = Protectee(f"arn:aws:sqs:eu-west-1:{OWNER}:jobs", OWNER, ("sqs:SetQueueAttributes",))
CALLERS = (
    f"arn:aws:iam::{OWNER}:root",
    f"arn:aws:iam::{OWNER}:user/alice",
    f"arn:aws:sts::{OWNER}:assumed-role/ops/session",
    f"arn:aws:iam::{OTHER}:user/mallory",
    f"arn:aws:sts::{OTHER}:assumed-role/ops/session",
    "sns.amazonaws.com",
)
NAMES: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": OWNER},
    {"AWS": [f"arn:aws:iam::{OWNER}:user/alice", OTHER]},
    {"AWS": f"arn:aws:iam::{OWNER}:role/ops"},
    {"AWS": f"arn:aws:iam::{OTHER}:root"},
    {"Service": "sns.amazonaws.com"},
)
ACTIONS = ("sqs:SetQueueAttributes", "sqs:SendMessage", "sqs:GetQueueUrl")
CONDITIONS: tuple[Any, ...] = (
    None,
    None,
    None,
    {},
    {"StringEquals": {"aws:PrincipalAccount": [OWNER, OTHER]}},
    {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    {"StringNotEquals": {"aws:PrincipalAccount": OTHER}},
    {"Bool": {"aws:SecureTransport": "false"}},
)
ALLOW_ALL = NamedDocument(
    "everything",
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
)
CONTEXTS: tuple[dict[str, str], ...] = (
    {},
    {"aws:SecureTransport": "false"},
    {"aws:SecureTransport": "true", "aws:SourceVpce": "vpce-1"},
)


@st.composite
def statements(draw: st.DrawFn, effects: tuple[str, ...]) -> dict[str, Any]:
    principal = draw(st.sampled_from(("Principal", "Principal", "Principal", "NotPrincipal")))
    effect = draw(st.sampled_from(effects))
    made: dict[str, Any] = {
        "Effect": effect,
        "Principal" if effect == "Allow" else principal: draw(st.sampled_from(NAMES)),
        "Action": draw(st.sampled_from(("*", "sqs:*", "SQS:Set*", ["sqs:SendMessage"], ACTIONS))),
        "Resource": draw(st.sampled_from(("*", QUEUE.arn, [f"{QUEUE.arn}*"]))),
    }
    condition = draw(st.sampled_from(CONDITIONS))
    return made if condition is None else made | {"Condition": condition}


@st.composite
def policies(draw: st.DrawFn) -> str:
    first = draw(statements(("Deny",)))
    rest = draw(st.lists(statements(("Allow", "Deny")), max_size=3))
    place = draw(st.integers(0, len(rest)))
    body = {"Version": "2012-10-17", "Statement": [*rest[:place], first, *rest[place:]]}
    return json.dumps(body, indent=draw(st.sampled_from((None, 2))))


REQUESTS = st.builds(
    AccessRequest,
    principal=st.sampled_from(CALLERS),
    action=st.sampled_from(ACTIONS),
    resource=st.just(QUEUE.arn),
    context=st.sampled_from(CONTEXTS),
)
WISHES = st.sampled_from((None, Fate.NARROW, Fate.REMOVE))


def policy_set(resource_policy: str | None) -> PolicySet:
    named = None if resource_policy is None else NamedDocument("queue", resource_policy)
    return PolicySet(identity_policies=(ALLOW_ALL,), resource_policy=named)


def answers(request: AccessRequest, policy: str | None) -> tuple[Answer, Answer]:
    """The engine's and the specification's.

    WHY a policy without statements: for callers of other accounts, none is as good as that
    (rule card SQS-05).
    """
    text = '{"Version":"2012-10-17","Statement":[]}' if policy is None else policy
    policies_ = policy_set(text)
    return evaluate(request, policies_), judge(request, policies_)


def denies_of(policy: str, indexes: set[int]) -> str:
    """The policy with only these statements."""
    body = json.loads(policy)
    body["Statement"] = [body["Statement"][index] for index in sorted(indexes)]
    return json.dumps(body)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Mended]:
    policy = draw(policies())
    denies = [i for i, s in enumerate(json.loads(policy)["Statement"]) if s["Effect"] == "Deny"]
    chosen = draw(st.sets(st.sampled_from(denies), min_size=1))
    found = mend(policy, QUEUE, chosen, draw(WISHES))
    assume(isinstance(found, Mended))
    assert isinstance(found, Mended)
    return policy, found


@settings(max_examples=200, deadline=None)
@given(edits(), REQUESTS)
def test_an_edit_closes_nothing_and_opens_only_what_its_statements_denied(
    edit: tuple[str, Mended], request: AccessRequest
) -> None:
    policy, found = edit
    denied_by = denies_of(policy, set(found.certificate.fates))
    for before, after, by_them in zip(
        answers(request, policy),
        answers(request, found.text),
        answers(request, denied_by),
        strict=True,
    ):
        if before.decision is Decision.ALLOWED:
            assert after.decision is Decision.ALLOWED
        if after.decision is not before.decision:
            event("changed")
            assert before.decision is Decision.EXPLICIT_DENY
            assert by_them.decision is Decision.EXPLICIT_DENY


@settings(max_examples=200, deadline=None)
@given(edits(), REQUESTS)
def test_a_safe_edit_opens_to_callers_of_the_owners_account_only(
    edit: tuple[str, Mended], request: AccessRequest
) -> None:
    policy, found = edit
    assume(found.safety is Safety.SAFE)
    for before, after in zip(answers(request, policy), answers(request, found.text), strict=True):
        opened = after.decision is Decision.ALLOWED and before.decision is not Decision.ALLOWED
        assert not opened or f"::{OWNER}:" in request.principal


@settings(max_examples=100, deadline=None)
@given(edits())
def test_an_edit_has_a_certificate_and_leaves_the_allows_as_they_are(
    edit: tuple[str, Mended],
) -> None:
    policy, found = edit
    certificate = certify(policy, found.text, OWNER)
    assert isinstance(certificate, Certificate)
    old = json.loads(policy)["Statement"]
    new = [] if found.text is None else json.loads(found.text)["Statement"]
    assert [s for s in new if s["Effect"] == "Allow"] == [s for s in old if s["Effect"] == "Allow"]
    assert len(old) - len(new) == list(certificate.fates.values()).count(Fate.REMOVE)


ADMINISTRATOR = f"arn:aws:sts::{OWNER}:assumed-role/Administrator-{OTHER}/session"


@settings(max_examples=200, deadline=None)
@given(policies(), st.sampled_from(CONTEXTS))
def test_a_locked_queue_is_shut_to_administrators_and_open_after_the_default_edit(
    policy: str, context: dict[str, str]
) -> None:
    # WHY: to both voices NotPrincipal lets off the whole account it names (rule card EVAL-09); the
    # report goes by the documentation (rule card EVAL-21).
    assume("NotPrincipal" not in policy)
    request = AccessRequest(ADMINISTRATOR, "sqs:SetQueueAttributes", QUEUE.arn, context)
    report = examine(policy, QUEUE)
    before = [answer.decision for answer in answers(request, policy)]
    if report.state is LockState.NOT_LOCKED:
        if not report.statements:
            assert Decision.EXPLICIT_DENY not in before
        return
    event("locked")
    assert before == [Decision.EXPLICIT_DENY] * 2
    found = mend(policy, QUEUE, [lock.by.statement_index or 0 for lock in report.locking])
    assert isinstance(found, Mended)
    assert found.safety is Safety.SAFE
    assert found.after.state is LockState.NOT_LOCKED
    if not found.after.statements:
        assert [a.decision for a in answers(request, found.text)] == [Decision.ALLOWED] * 2
