import json

from rootsteward.policy.lockout.report import Protectee

OWNER = "111111111111"
BUCKET = Protectee(
    "arn:aws:s3:::logs",
    OWNER,
    ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    "the bucket's access control list",
)
QUEUE = Protectee(f"arn:aws:sqs:eu-west-1:{OWNER}:jobs", OWNER, ("sqs:SetQueueAttributes",))


def a_deny(**more: object) -> dict[str, object]:
    """A Deny that locks; an element given as None is left out."""
    given = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"} | more
    return {name: value for name, value in given.items() if value is not None}


def a_policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
