"""S3: names and Regions, policies and lock-outs, objects."""

import json
from hashlib import md5
from typing import Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.world.control_policies import RCP, SCP
from sandbox_bench import MEMBER, Bench

BUCKET = "receipts-of-the-member"


def policy(**changes: object) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        **changes,
    }
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


@pytest.fixture
def locked(bench: Bench) -> Bench:
    """The member's bucket with an object, locked against everyone."""
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    bench.call("s3", "PutObject", "member", Bucket=BUCKET, Key="a/1.txt", Body=b"one")
    bench.call("s3", "PutBucketPolicy", "member", Bucket=BUCKET, Policy=policy())
    return bench


# --- names and Regions


def test_a_bucket_is_made_where_the_request_is_signed(bench: Bench) -> None:
    bench.call(
        "s3",
        "CreateBucket",
        "member",
        "eu-west-1",
        Bucket=BUCKET,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )
    located = bench.call("s3", "GetBucketLocation", "member", "eu-west-1", Bucket=BUCKET)
    assert located == {"LocationConstraint": "eu-west-1"}


def test_us_east_1_has_no_location_constraint(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    assert bench.call("s3", "GetBucketLocation", "member", Bucket=BUCKET) == {}


@pytest.mark.parametrize(
    ("region", "constraint", "code", "message"),
    [
        (
            "eu-west-1",
            None,
            "IllegalLocationConstraintException",
            (
                "The unspecified location constraint is incompatible for the region specific "
                "endpoint "
                "this request was sent to."
            ),
        ),
        (
            "eu-west-1",
            "us-east-1",
            "IllegalLocationConstraintException",
            (
                "The us-east-1 location constraint is incompatible for the region specific "
                "endpoint "
                "this request was sent to."
            ),
        ),
        (
            "us-east-1",
            "mars-north-1",
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
        ),
    ],
)
def test_a_location_that_does_not_fit_is_refused(
    bench: Bench, region: str, constraint: str | None, code: str, message: str
) -> None:
    chosen: dict[str, Any] = (
        {"CreateBucketConfiguration": {"LocationConstraint": constraint}} if constraint else {}
    )
    error = bench.refusal("s3", "CreateBucket", "member", region, Bucket=BUCKET, **chosen)
    assert (error.code, error.message) == (code, message)
    assert bench.world.buckets.find(BUCKET) is None


@pytest.mark.parametrize("name", ["ab", "Capital", "a..b", "-start", "end-", "192.168.0.1", "a_b"])
def test_a_bad_bucket_name_is_refused(bench: Bench, name: str) -> None:
    assert bench.refusal("s3", "CreateBucket", "member", Bucket=name).code == "InvalidBucketName"


def test_a_name_is_taken_once_across_accounts(bench: Bench) -> None:
    made = bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    assert made == {"Location": f"/{BUCKET}", "BucketArn": f"arn:aws:s3:::{BUCKET}"}
    error = bench.refusal("s3", "CreateBucket", "delegate", Bucket=BUCKET)
    assert (error.code, error.http_status) == ("BucketAlreadyExists", 409)


def test_ones_own_bucket_can_be_made_again_in_us_east_1_only(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    europe: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    bench.call("s3", "CreateBucket", "member", "eu-west-1", Bucket="european", **europe)
    error = bench.refusal("s3", "CreateBucket", "member", "eu-west-1", Bucket="european", **europe)
    assert (error.code, error.http_status) == ("BucketAlreadyOwnedByYou", 409)


def test_the_wrong_region_is_redirected_and_told_the_right_one(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    for operation in ("HeadBucket", "GetBucketPolicy"):
        error = bench.refusal("s3", operation, "member", "eu-west-1", Bucket=BUCKET)
        assert (error.code, error.http_status) == ("PermanentRedirect", 301)
        assert error.headers == {"x-amz-bucket-region": "us-east-1"}


def test_a_redirect_leaves_no_event(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    bench.refusal("s3", "HeadBucket", "member", "eu-west-1", Bucket=BUCKET)
    assert list(bench.world.trail.newest_first(MEMBER, "eu-west-1")) == []


def test_list_buckets_names_regions_only_when_a_parameter_is_given(bench: Bench) -> None:
    for name in ("b-two", "b-one", "c-three"):
        bench.call("s3", "CreateBucket", "member", Bucket=name)
    plain = bench.call("s3", "ListBuckets", "member")
    assert [bucket["Name"] for bucket in plain["Buckets"]] == ["b-one", "b-two", "c-three"]
    assert all("BucketRegion" not in bucket for bucket in plain["Buckets"])
    asked = bench.call("s3", "ListBuckets", "member", Prefix="b-")
    assert [(b["Name"], b["BucketRegion"]) for b in asked["Buckets"]] == [
        ("b-one", "us-east-1"),
        ("b-two", "us-east-1"),
    ]


def test_list_buckets_pages_and_filters_by_region(bench: Bench) -> None:
    for name in ("one", "two", "six"):
        bench.call("s3", "CreateBucket", "member", Bucket=f"bucket-{name}")
    first = bench.call("s3", "ListBuckets", "member", MaxBuckets=2)
    rest = bench.call(
        "s3", "ListBuckets", "member", MaxBuckets=2, ContinuationToken=first["ContinuationToken"]
    )
    names = [bucket["Name"] for page in (first, rest) for bucket in page["Buckets"]]
    assert names == ["bucket-one", "bucket-six", "bucket-two"]
    assert "ContinuationToken" not in rest
    elsewhere = bench.call("s3", "ListBuckets", "member", BucketRegion="eu-west-1")
    assert elsewhere["Buckets"] == []
    error = bench.refusal("s3", "ListBuckets", "member", ContinuationToken="%%%")
    assert error.code == "InvalidArgument"


def test_buckets_of_other_accounts_are_not_listed(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    assert bench.call("s3", "ListBuckets", "delegate")["Buckets"] == []


def test_a_missing_bucket_is_named(bench: Bench) -> None:
    error = bench.refusal("s3", "GetBucketPolicy", "member", Bucket="nobodys")
    assert (error.code, error.http_status) == ("NoSuchBucket", 404)
    assert error.members == {"BucketName": "nobodys"}


def test_another_expected_owner_is_refused(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    error = bench.refusal("s3", "HeadBucket", "member", Bucket=BUCKET, ExpectedBucketOwner="1" * 12)
    assert (error.code, error.http_status) == ("AccessDenied", 403)


def test_only_an_empty_bucket_is_deleted(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    bench.call("s3", "PutObject", "member", Bucket=BUCKET, Key="k", Body=b"")
    assert bench.refusal("s3", "DeleteBucket", "member", Bucket=BUCKET).code == "BucketNotEmpty"
    bench.call("s3", "DeleteObject", "member", Bucket=BUCKET, Key="k")
    bench.call("s3", "DeleteBucket", "member", Bucket=BUCKET)
    assert bench.refusal("s3", "HeadBucket", "member", Bucket=BUCKET).code == "NoSuchBucket"


# --- policies


def test_a_bucket_without_a_policy_says_so(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    error = bench.refusal("s3", "GetBucketPolicy", "member", Bucket=BUCKET)
    assert (error.code, error.http_status) == ("NoSuchBucketPolicy", 404)
    assert error.message == "The bucket policy does not exist"
    assert bench.call("s3", "DeleteBucketPolicy", "member", Bucket=BUCKET) == {}


def test_a_policy_is_kept_as_it_was_sent(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    text = policy(Effect="Allow", Principal={"AWS": MEMBER}) + "  "
    bench.call("s3", "PutBucketPolicy", "member", Bucket=BUCKET, Policy=text)
    assert bench.call("s3", "GetBucketPolicy", "member", Bucket=BUCKET) == {"Policy": text}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Policies must be valid JSON and the first byte must be '{'"),
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ("{", "This policy contains invalid Json"),
        ('{"Version":"2012-10-17"}', "Missing required field Statement"),
        (
            '{"Version":"2020-01-01","Statement":[]}',
            "The policy must contain a valid version string",
        ),
        (
            '{"Version":"2012-10-17","Statement":[]}',
            "Could not parse the policy: Statement is empty!",
        ),
        (policy(Effect="Forbid"), "Invalid effect: Forbid"),
        (policy(Principal=None), "Missing required field Principal"),
        (policy(Action=None), "Missing required field Action"),
        (policy(Resource=None), "Missing required field Resource"),
        (policy(Principal={"AWS": "somebody"}), "Invalid principal in policy"),
        (policy(Action="sqs:SendMessage"), "Policy has invalid action"),
        (policy(Resource="arn:aws:s3:::another"), "Policy has invalid resource"),
        (policy(Resource=f"arn:aws:s3:::{BUCKET}-2/*"), "Policy has invalid resource"),
        (policy(NotAction="s3:GetObject"), "Invalid policy syntax."),
        (policy(Sid="x" * 20_481), "Policy exceeds the maximum allowed document size."),
    ],
)
def test_a_policy_that_s3_would_not_keep_is_refused(bench: Bench, text: str, message: str) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    error = bench.refusal("s3", "PutBucketPolicy", "member", Bucket=BUCKET, Policy=text)
    assert (error.code, error.message, error.http_status) == ("MalformedPolicy", message, 400)
    assert bench.refusal("s3", "GetBucketPolicy", "member", Bucket=BUCKET).code == (
        "NoSuchBucketPolicy"
    )


def test_other_accounts_may_not_touch_a_policy_even_when_it_lets_them(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    text = policy(Effect="Allow")
    bench.call("s3", "PutBucketPolicy", "member", Bucket=BUCKET, Policy=text)
    for operation, more in (
        ("GetBucketPolicy", {}),
        ("DeleteBucketPolicy", {}),
        ("PutBucketPolicy", {"Policy": text}),
    ):
        error = bench.refusal("s3", operation, "delegate", Bucket=BUCKET, **more)
        assert (error.code, error.http_status) == ("MethodNotAllowed", 405)


# --- the lock-out


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("GetObject", {"Key": "a/1.txt"}),
        ("ListObjectsV2", {}),
        ("GetBucketPolicy", {}),
        ("DeleteBucketPolicy", {}),
        ("DeleteBucket", {}),
    ],
)
def test_a_lock_holds_for_administrators(
    locked: Bench, operation: str, more: dict[str, Any]
) -> None:
    error = locked.refusal("s3", operation, "member", Bucket=BUCKET, **more)
    assert (error.code, error.http_status) == ("AccessDenied", 403)
    assert error.message.endswith("with an explicit deny in a resource-based policy")


def test_a_root_session_unlocks_a_bucket(locked: Bench) -> None:
    session = locked.assume_root(TaskPolicy.UNLOCK_BUCKET)
    assert locked.call("s3", "GetBucketPolicy", session, Bucket=BUCKET) == {"Policy": policy()}
    locked.call("s3", "DeleteBucketPolicy", session, Bucket=BUCKET)
    assert locked.call("s3", "GetObject", "member", Bucket=BUCKET, Key="a/1.txt")["Body"] == b"one"


def test_a_root_session_finds_the_region_of_a_bucket_but_not_by_asking_for_it(
    locked: Bench,
) -> None:
    session = locked.assume_root(TaskPolicy.UNLOCK_BUCKET)
    (bucket,) = locked.call("s3", "ListBuckets", session, MaxBuckets=10)["Buckets"]
    assert (bucket["Name"], bucket["BucketRegion"]) == (BUCKET, "us-east-1")
    for operation in ("HeadBucket", "GetBucketLocation", "ListObjectsV2"):
        error = locked.refusal("s3", operation, session, Bucket=BUCKET)
        assert (error.code, error.http_status) == ("AccessDenied", 403)


UNLOCKING: list[tuple[str, dict[str, Any]]] = [
    ("GetBucketPolicy", {}),
    ("PutBucketPolicy", {"Policy": policy()}),
    ("DeleteBucketPolicy", {}),
]


@pytest.mark.parametrize(("operation", "more"), UNLOCKING)
@pytest.mark.parametrize(
    ("kind", "words"),
    [(SCP, "a service control policy"), (RCP, "a resource control policy")],
)
def test_policies_of_the_organization_hold_the_owners_root_user(
    locked: Bench, kind: str, words: str, operation: str, more: dict[str, Any]
) -> None:
    attach_deny(locked, kind)
    session = locked.assume_root(TaskPolicy.UNLOCK_BUCKET)
    for caller in (session, locked.root_key(MEMBER)):
        error = locked.refusal("s3", operation, caller, Bucket=BUCKET, **more)
        assert f"with an explicit deny in {words}" in error.message


def test_an_rcp_does_not_stop_the_listing_of_buckets(locked: Bench) -> None:
    attach_deny(locked, RCP)
    session = locked.assume_root(TaskPolicy.UNLOCK_BUCKET)
    assert locked.call("s3", "ListBuckets", session)["Buckets"]


@pytest.mark.parametrize(("operation", "more"), UNLOCKING)
def test_a_lock_leaves_the_owners_root_user_the_policy_and_nothing_else(
    locked: Bench, operation: str, more: dict[str, Any]
) -> None:
    root_user = locked.root_key(MEMBER)
    for other, parameters in (("ListObjectsV2", {}), ("GetObject", {"Key": "a/1.txt"})):
        error = locked.refusal("s3", other, root_user, Bucket=BUCKET, **parameters)
        assert error.message.endswith("with an explicit deny in a resource-based policy")
    locked.call("s3", operation, root_user, Bucket=BUCKET, **more)


def attach_deny(bench: Bench, kind: str) -> None:
    organization = bench.world.organization
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    if kind == RCP:
        organization.policies.enable(RCP, organization.targets())
        statement["Principal"] = "*"
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    draft = {"Name": "n", "Description": "", "Type": kind, "Content": text}
    made = bench.call("organizations", "CreatePolicy", **draft)
    policy_id = made["Policy"]["PolicySummary"]["Id"]
    bench.call("organizations", "AttachPolicy", PolicyId=policy_id, TargetId=MEMBER)


# --- objects


def test_an_object_comes_back_as_it_was_put(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    put = bench.call(
        "s3",
        "PutObject",
        "member",
        Bucket=BUCKET,
        Key="k",
        Body=b"body",
        ContentType="text/plain",
        Metadata={"a": "b"},
    )
    got = bench.call("s3", "GetObject", "member", Bucket=BUCKET, Key="k")
    etag = f'"{md5(b"body", usedforsecurity=False).hexdigest()}"'
    assert put == {"ETag": etag, "ServerSideEncryption": "AES256"}
    assert got == {
        "Body": b"body",
        "ETag": etag,
        "ContentLength": 4,
        "ContentType": "text/plain",
        "LastModified": bench.clock(),
        "AcceptRanges": "bytes",
        "Metadata": {"a": "b"},
        "ServerSideEncryption": "AES256",
    }
    head = bench.call("s3", "HeadObject", "member", Bucket=BUCKET, Key="k")
    assert head == {name: value for name, value in got.items() if name != "Body"}


def test_a_missing_object_is_named_and_may_be_deleted(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    error = bench.refusal("s3", "GetObject", "member", Bucket=BUCKET, Key="k")
    assert (error.code, error.http_status, error.members) == ("NoSuchKey", 404, {"Key": "k"})
    assert bench.call("s3", "DeleteObject", "member", Bucket=BUCKET, Key="k") == {}


def test_a_listing_pages_and_folds_prefixes(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    for key in ("a/", "a/1", "a/2", "b", "c/d/e"):
        bench.call("s3", "PutObject", "member", Bucket=BUCKET, Key=key, Body=b"x")
    folded = bench.call("s3", "ListObjectsV2", "member", Bucket=BUCKET, Delimiter="/")
    assert [p["Prefix"] for p in folded["CommonPrefixes"]] == ["a/", "c/"]
    assert [c["Key"] for c in folded["Contents"]] == ["b"]
    inside = bench.call("s3", "ListObjectsV2", "member", Bucket=BUCKET, Delimiter="/", Prefix="a/")
    assert [c["Key"] for c in inside["Contents"]] == ["a/", "a/1", "a/2"]
    seen: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = bench.call("s3", "ListObjectsV2", "member", Bucket=BUCKET, MaxKeys=2, **more)
        seen += [c["Key"] for c in page["Contents"]]
        if not page["IsTruncated"]:
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}
    assert seen == ["a/", "a/1", "a/2", "b", "c/d/e"]


def test_what_the_sandbox_would_ignore_is_refused(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    for operation, more in (
        ("PutObject", {"Key": "k", "Body": b"", "ServerSideEncryption": "aws:kms"}),
        ("GetObject", {"Key": "k", "Range": "bytes=0-1"}),
    ):
        error = bench.refusal("s3", operation, "member", Bucket=BUCKET, **more)
        assert (error.code, error.http_status) == ("NotImplemented", 501)


def test_a_body_that_arrives_damaged_is_refused(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket=BUCKET)
    error = bench.refusal(
        "s3", "PutObject", "member", Bucket=BUCKET, Key="k", Body=b"x", ContentMD5="AAAA"
    )
    assert error.code == "BadDigest"
    assert bench.refusal("s3", "GetObject", "member", Bucket=BUCKET, Key="k").code == "NoSuchKey"


@pytest.mark.parametrize(
    ("action", "resource", "fits"),
    [
        ("s3:GetObject", "", False),
        ("s3:GetObject", "/*", True),
        ("s3:ListBucket", "/*", False),
        ("s3:ListBucket", "", True),
        ("s3:PutBucketPolicy", "/a", False),
        ("s3:Get*", "", True),
        ("s3:*", "/*", True),
        ("s3:AbortMultipartUpload", "", False),
    ],
)
def test_an_action_needs_a_resource_of_its_kind(
    bench: Bench,
    action: str,
    resource: str,
    fits: bool,  # noqa: FBT001 (a case)
) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket="kinds")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": f"arn:aws:s3:::kinds{resource}",
    }
    put = {"Bucket": "kinds", "Policy": json.dumps({"Statement": [statement]})}
    if fits:
        assert bench.call("s3", "PutBucketPolicy", "member", **put) == {}
        return
    error = bench.refusal("s3", "PutBucketPolicy", "member", **put)
    assert (error.code, error.message) == (
        "MalformedPolicy",
        "Action does not apply to any resource(s) in statement",
    )


def test_a_denied_head_still_names_the_region(bench: Bench) -> None:
    location = {"LocationConstraint": "eu-west-1"}
    bench.call(
        "s3",
        "CreateBucket",
        "member",
        "eu-west-1",
        Bucket="far",
        CreateBucketConfiguration=location,
    )
    session = bench.assume_root(TaskPolicy.UNLOCK_BUCKET)
    denied = bench.refusal("s3", "HeadBucket", session, "eu-west-1", Bucket="far")
    assert (denied.http_status, denied.headers) == (403, {"x-amz-bucket-region": "eu-west-1"})


def test_who_may_not_list_does_not_learn_that_an_object_is_absent(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket="quiet")
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    reader = bench.add_user(MEMBER, "reader", json.dumps({"Statement": [allow]}))
    for operation in ("GetObject", "HeadObject"):
        error = bench.refusal("s3", operation, reader, Bucket="quiet", Key="absent")
        assert (error.code, error.http_status) == ("AccessDenied", 403)
        assert 'perform: s3:ListBucket on resource: "arn:aws:s3:::quiet"' in error.message
        error = bench.refusal("s3", operation, "member", Bucket="quiet", Key="absent")
        assert (error.code, error.http_status) == ("NoSuchKey", 404)
