"""Every operation of the sandbox, by botocore's service name and the model's operation name."""

from collections.abc import Mapping

from rootsteward.sandbox.services import cloudtrail, guardduty, iam, organizations, s3, sqs, sts
from rootsteward.sandbox.services.operation import Operation, Operations

_SERVICES: Mapping[str, Operations] = {
    "cloudtrail": cloudtrail.OPERATIONS,
    "guardduty": guardduty.OPERATIONS,
    "iam": iam.OPERATIONS,
    "organizations": organizations.OPERATIONS,
    "s3": s3.OPERATIONS,
    "sqs": sqs.OPERATIONS,
    "sts": sts.OPERATIONS,
}

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    (service, name): operation
    for service, operations in _SERVICES.items()
    for name, operation in operations.items()
}
