"""SQS inside an unlock-queue session: queues and their policies."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rootsteward.aws.calls import in_session
from rootsteward.aws.pages import every_page
from rootsteward.aws.service import Service, receipt_of
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_session import RootSession

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

_PAGE_SIZE = 1000
# Both the present host names and the older ones, where us-east-1 had none of its own.
_AWS_HOST = re.compile(
    r"(?:sqs\.(?P<present>[a-z0-9-]+)|(?:(?P<older>[a-z0-9-]+)\.)?queue)\.amazonaws\.com(?:\.cn)?\Z"
)


class SqsService(Service):
    """`QueueGateway`."""

    def queue_regions(self) -> tuple[str, ...]:
        """Every Region of our partition that has queues, as the SDK knows them; asks nobody.

        WHY not AWS: an unlock-queue session may not ask which Regions are enabled.
        """
        return self._door.clients.regions("sqs")

    def queues(self, session: RootSession, region: str) -> tuple[str, ...]:
        """Queue URLs in a Region."""
        call = in_session(session, "sqs", "ListQueues", region=region)
        client: SQSClient = self._door.client(call)
        # WHY MaxResults: without it SQS sends the first thousand and no token.
        return tuple(
            url
            for page in every_page(
                lambda more: self._door.send(
                    call, lambda: client.list_queues(MaxResults=_PAGE_SIZE, **more)
                )
            )
            for url in page.get("QueueUrls", ())
        )

    def queue_url(self, session: RootSession, region: str, name: str) -> str:
        """A queue's URL by name."""
        call = in_session(session, "sqs", "GetQueueUrl", region=region)
        client: SQSClient = self._door.client(call)
        return self._door.send(call, lambda: client.get_queue_url(QueueName=name))["QueueUrl"]

    def queue_policy(self, session: RootSession, region: str, url: str) -> str | None:
        """The policy's text, or None when the queue has none."""
        call = in_session(session, "sqs", "GetQueueAttributes", region=queue_region(url) or region)
        client: SQSClient = self._door.client(call)
        answer = self._door.send(
            call, lambda: client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        )
        return answer.get("Attributes", {}).get("Policy") or None

    def set_queue_policy(self, session: RootSession, region: str, url: str, policy: str) -> Receipt:
        """`sqs:SetQueueAttributes` with `Policy` only; an empty text removes the policy."""
        call = in_session(
            session,
            "sqs",
            "SetQueueAttributes",
            region=queue_region(url) or region,
            changes=True,
        )
        client: SQSClient = self._door.client(call)
        answer = self._door.send(
            call,
            lambda: client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy}),
        )
        return receipt_of(answer)


def queue_region(url: str) -> str | None:
    """The Region in an AWS queue URL; None when the host is not one of AWS's.

    WHY: botocore sends a request to the client's Region whatever the URL says (rule card SQS-40),
    where the queue does not exist. The URL is the better witness of where a queue lives.
    """
    host = urlsplit(url).hostname or ""
    found = _AWS_HOST.match(host)
    if found is None:
        return None
    return found["present"] or found["older"] or "us-east-1"
