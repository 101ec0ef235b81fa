"""The gateway: every service file around one door."""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from rootsteward.aws.clients import Clients
from rootsteward.aws.cloudtrail import CloudTrailService
from rootsteward.aws.control_policies import ControlPolicyService
from rootsteward.aws.door import Door
from rootsteward.aws.guardduty import GuardDutyService
from rootsteward.aws.iam import IamService
from rootsteward.aws.root_features import RootFeatureService
from rootsteward.aws.s3 import S3Service
from rootsteward.aws.sessions import operator_session
from rootsteward.aws.settings import AwsSettings
from rootsteward.aws.sqs import SqsService
from rootsteward.aws.sts import StsService
from rootsteward.ports.clock import Clock
from rootsteward.ports.pace import Pace

if TYPE_CHECKING:
    from rootsteward.ports.aws_gateway import AwsGateway


class BotoGateway(
    StsService,
    IamService,
    RootFeatureService,
    ControlPolicyService,
    S3Service,
    SqsService,
    GuardDutyService,
    CloudTrailService,
):
    """Implements `rootsteward.ports.aws_gateway.AwsGateway` with botocore. Safe for threads."""

    def close(self) -> None:
        """Close every connection."""
        self._door.clients.close()


def open_gateway(
    settings: AwsSettings,
    *,
    clock: Clock,
    pace: Pace,
    jitter: Callable[[], float] = random.random,
) -> BotoGateway:
    """A gateway for the operator's credentials. Calls nothing yet.

    Args:
        settings: where and as whom.
        clock: sleeps between repetitions of a read.
        pace: hands out turns; one for the whole process.
        jitter: numbers from 0 up to 1 that spread the repetitions.

    Raises:
        OperatorError: when the profile, the Region or the configuration files are no good.
    """
    return BotoGateway(Door(Clients(operator_session(settings), settings), clock, pace, jitter))


if TYPE_CHECKING:

    def _is_a_gateway(gateway: BotoGateway) -> AwsGateway:
        return gateway
