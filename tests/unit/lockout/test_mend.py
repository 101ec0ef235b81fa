import json

import pytest

from rootsteward.policy.lockout.certificate import Certificate, Fate, NoCertificate, certify
from rootsteward.policy.lockout.mend import Mended, NotMended, Safety, mend, mend_as
from rootsteward.policy.lockout.report import LockState, Protectee, examine
from rootsteward.policy.lockout.same import say_the_same
from unit.lockout.lock_samples import BUCKET, OWNER, QUEUE, a_deny, a_policy

READ = {"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
OWN_READ = READ | {"Principal": {"AWS": [OWNER, f"arn:aws:iam::{OWNER}:role/reader"]}}
LAID_OUT = """{
    "Version" : "2012-10-17",
    "Id" : "kept",
    "Statement" : [
        {
            "Sid" : "Read",
            "Effect" : "Allow", "Principal" : "*",
            "Action" : "s3:GetObject",
            "Resource" : "arn:aws:s3:::logs/*"
        },
        {
            "Sid" : "Shut",
            "Effect" : "Deny",
            "Principal" : "*",
            "Action" : "s3:*",
            "Resource" : [ "arn:aws:s3:::logs" ]
        },
        {
            "Sid" : "Last",
            "Effect" : "Allow", "Principal" : { "AWS" : "999999999999" },
            "Action" : "s3:ListBucket",
            "Resource" : "arn:aws:s3:::logs"
        }
    ]
}
"""


def mended(policy: str, resource: Protectee = BUCKET, wish: Fate | None = None) -> Mended:
    guilty = [lock.by.statement_index or 0 for lock in examine(policy, resource).locking]
    found = mend(policy, resource, guilty, wish)
    assert isinstance(found, Mended)
    return found


def test_narrowing_adds_one_test_and_touches_nothing_else() -> None:
    found = mended(LAID_OUT)
    assert found.text == LAID_OUT.replace(
        '"Resource" : [ "arn:aws:s3:::logs" ]\n',
        '"Resource" : [ "arn:aws:s3:::logs" ],\n'
        '            "Condition" : {\n'
        '                "StringNotEquals" : {\n'
        f'                    "aws:PrincipalAccount" : "{OWNER}"\n'
        "                }\n"
        "            }\n",
    )
    assert found.certificate == Certificate({1: Fate.NARROW}, OWNER, 2)
    assert found.after.state is LockState.NOT_LOCKED


def test_removal_takes_out_one_statement_and_touches_nothing_else() -> None:
    found = mended(LAID_OUT, wish=Fate.REMOVE)
    start, end = (
        LAID_OUT.index(',\n        {\n            "Sid" : "Shut"'),
        LAID_OUT.index(',\n        {\n            "Sid" : "Last"'),
    )
    assert found.text == LAID_OUT[:start] + LAID_OUT[end:]
    assert found.safety is Safety.UNSAFE
    assert found.opens[1:] == (
        "to everybody, as statement 1 `Read` allows it",
        "to `999999999999`, as statement 3 `Last` allows it",
        "to whom the bucket's access control list lets in",
    )


@pytest.mark.parametrize(
    ("beside", "resource", "fate"),
    [
        ((), QUEUE, Fate.REMOVE),
        ((OWN_READ,), QUEUE, Fate.REMOVE),
        ((READ,), QUEUE, Fate.NARROW),
        ((READ | {"Principal": {"AWS": "AROAGONE"}},), QUEUE, Fate.NARROW),
        ((READ | {"Principal": {"Service": "sns.amazonaws.com"}},), QUEUE, Fate.NARROW),
        ((READ | {"Foo": 1, "Principal": 5},), QUEUE, Fate.NARROW),
        ((), BUCKET, Fate.NARROW),
        ((OWN_READ,), BUCKET, Fate.NARROW),
    ],
)
def test_a_lock_on_everybody_goes_only_where_others_gain_nothing(
    beside: tuple[object, ...], resource: Protectee, fate: Fate
) -> None:
    found = mended(a_policy(*beside, a_deny(Action="*")), resource)
    assert set(found.certificate.fates.values()) == {fate}
    assert found.safety is Safety.SAFE


@pytest.mark.parametrize("resource", [BUCKET, QUEUE])
def test_a_lock_on_the_account_alone_is_removed(resource: Protectee) -> None:
    found = mended(a_policy(READ, a_deny(Action="*", Principal={"AWS": OWNER})), resource)
    assert found.certificate.fates == {1: Fate.REMOVE}
    assert found.safety is Safety.SAFE


def test_the_last_statement_takes_the_policy_along() -> None:
    alone = json.dumps({"Version": "2012-10-17", "Statement": a_deny(Action="sqs:*")})
    assert mended(alone, QUEUE).text is None


@pytest.mark.parametrize("resource", [BUCKET, QUEUE])
def test_all_guilty_statements_are_edited(resource: Protectee) -> None:
    policy = a_policy(a_deny(Action="*", Sid="A"), READ, a_deny(Action="*", Sid="B"))
    found = mended(policy, resource)
    assert set(found.certificate.fates) == {0, 2}
    assert found.after.state is LockState.NOT_LOCKED


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({}, {"StringNotEquals": {"aws:PrincipalAccount": OWNER}}),
        (
            {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
            {"StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:PrincipalAccount": OWNER}},
        ),
        (
            {"StringNotEquals": {"aws:principalaccount": "9" * 12, "a:b": "c"}},
            {"StringNotEquals": {"aws:principalaccount": ["9" * 12, OWNER], "a:b": "c"}},
        ),
        (
            {"StringNotEquals": {"aws:PrincipalAccount": ["9" * 12, "8" * 12]}},
            {"StringNotEquals": {"aws:PrincipalAccount": ["9" * 12, "8" * 12, OWNER]}},
        ),
        (
            {"StringEquals": {"aws:PrincipalAccount": [OWNER, "9" * 12]}},
            {
                "StringEquals": {"aws:PrincipalAccount": [OWNER, "9" * 12]},
                "StringNotEquals": {"aws:PrincipalAccount": OWNER},
            },
        ),
        (
            {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
            {
                "IpAddress": {"aws:SourceIp": "192.0.2.0/24"},
                "StringNotEquals": {"aws:PrincipalAccount": OWNER},
            },
        ),
    ],
)
def test_the_exemption_joins_the_conditions_that_are_there(
    condition: dict[str, object], wanted: dict[str, object]
) -> None:
    found = mend(a_policy(a_deny(Condition=condition)), BUCKET, [0])
    assert isinstance(found, Mended)
    assert found.text is not None
    assert json.loads(found.text)["Statement"][0]["Condition"] == wanted


@pytest.mark.parametrize(
    ("policy", "wish", "reason"),
    [
        ("{", None, "line 1"),
        (a_policy(a_deny(Foo=1)), None, "cannot be read"),
        (a_policy(READ), None, "statement 1 `Read` denies nothing"),
        (a_policy(a_deny(Principal={"AWS": "999999999999"})), None, "denies nobody in account"),
        (a_policy(a_deny(Principal={"AWS": OWNER})), Fate.NARROW, "remove it instead"),
        (
            a_policy(a_deny(Condition={"StringNotEquals": {"AWS:principalaccount": OWNER}})),
            None,
            f"lets account {OWNER} off already",
        ),
        ('{"Foo": 1, "Statement": [' + json.dumps(a_deny()) + "]}", None, "not a policy element"),
    ],
)
def test_where_no_edit_is_certain_the_reason_is_said(
    policy: str, wish: Fate | None, reason: str
) -> None:
    found = mend(policy, BUCKET, [0], wish)
    assert isinstance(found, NotMended)
    assert reason in found.reason


NARROWED = a_deny(Condition={"StringNotEquals": {"aws:PrincipalAccount": OWNER}})


@pytest.mark.parametrize(
    "after",
    [
        None,
        a_policy(a_deny()),
        a_policy(READ, a_deny(), a_deny()),
        a_policy(a_deny(), READ),
        a_policy(READ | {"Action": "s3:*"}, NARROWED),
        a_policy(READ, NARROWED | {"Effect": "Allow"}),
        a_policy(READ, NARROWED | {"Action": "s3:Get*"}),
        a_policy(READ, NARROWED | {"Sid": "Other"}),
        a_policy(READ, a_deny(Condition={"StringEquals": {"aws:PrincipalAccount": OWNER}})),
        a_policy(READ, a_deny(Condition={"StringNotEquals": {"aws:PrincipalAccount": "9" * 12}})),
        a_policy(
            READ,
            a_deny(Condition={"StringNotEquals": {"aws:PrincipalAccount": [OWNER, "9" * 12]}}),
        ),
        a_policy(READ, a_deny(Condition={"StringNotLike": {"aws:PrincipalAccount": OWNER}})),
        a_policy(READ, NARROWED).replace("2012-10-17", "2008-10-17"),
        a_policy(READ, NARROWED)[:-1] + ', "Id": "new"}',
        "{",
    ],
)
def test_what_is_no_removal_or_narrowing_gets_no_certificate(after: str | None) -> None:
    assert isinstance(certify(a_policy(READ, a_deny()), after, OWNER), NoCertificate)


@pytest.mark.parametrize(
    ("after", "fates"),
    [
        (a_policy(READ, a_deny()), {}),
        (a_policy(READ), {1: Fate.REMOVE}),
        (a_policy(READ, NARROWED), {1: Fate.NARROW}),
    ],
)
def test_a_certificate_says_what_became_of_each_statement(
    after: str, fates: dict[int, Fate]
) -> None:
    found = certify(a_policy(READ, a_deny()), after, OWNER)
    assert isinstance(found, Certificate)
    assert found.fates == fates


def test_a_wider_exemption_is_a_narrower_deny_and_nothing_else_is() -> None:
    def denying(operator: str, *accounts: str) -> str:
        return a_policy(a_deny(Condition={operator: {"aws:PrincipalAccount": [*accounts]}}))

    nine, eight = "9" * 12, "8" * 12
    one = denying("StringNotEquals", nine)
    found = certify(one, denying("StringNotEquals", nine, OWNER), OWNER)
    assert isinstance(found, Certificate)
    assert found.fates == {0: Fate.NARROW}
    for other in (
        denying("StringNotEquals", OWNER),
        denying("StringNotEquals", nine, eight, OWNER),
        denying("StringNotEquals", nine, eight),
        denying("StringNotEqualsIfExists", nine, OWNER),
        denying("StringEquals", nine, OWNER),
    ):
        assert isinstance(certify(one, other, OWNER), NoCertificate), other
    like = denying("StringNotLike", nine)
    assert isinstance(certify(like, denying("StringNotLike", nine, OWNER), OWNER), NoCertificate)


def test_the_same_fates_make_the_same_edit() -> None:
    found = mended(LAID_OUT)
    assert mend_as(LAID_OUT, BUCKET, found.certificate.fates) == found


ONE = a_policy(READ, a_deny())


@pytest.mark.parametrize(
    "other",
    [
        ONE.replace(" ", ""),
        a_policy(READ, a_deny(Principal={"AWS": ["*"]}, Action=["S3:*"])),
        a_policy(READ, a_deny(Condition={})),
    ],
)
def test_texts_in_other_words_say_the_same(other: str) -> None:
    assert say_the_same(ONE, other)


@pytest.mark.parametrize(
    "other",
    [
        a_policy(READ, a_deny(), READ),
        a_policy(a_deny(), READ),
        a_policy(READ, a_deny(Action="s3:Get*")),
        a_policy(READ, a_deny(Foo=1)),
        a_policy(READ, NARROWED),
        None,
        "{",
    ],
)
def test_texts_that_differ_do_not_say_the_same(other: str | None) -> None:
    assert not say_the_same(ONE, other)


def test_an_account_and_its_root_user_are_one_principal() -> None:
    one = a_policy(a_deny(Principal={"AWS": OWNER}))
    assert say_the_same(one, a_policy(a_deny(Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})))
    assert say_the_same(None, None)
    assert say_the_same("{", "{")
