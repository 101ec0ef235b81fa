"""S3 inside an unlock-bucket session: bucket names, Regions and policies.

The session may not call HeadBucket or GetBucketLocation (rule card S3-40). A bucket's Region comes
from `ListBuckets` with a parameter, or from the redirect that S3 sends to a wrong Region, which
botocore follows by itself.
"""

from typing import TYPE_CHECKING, TypeVar

from rootsteward.aws.calls import in_session
from rootsteward.aws.door import Door
from rootsteward.aws.pages import every_page
from rootsteward.aws.service import Service, receipt_of
from rootsteward.domain.errors import AwsRefusedError, NotFoundError
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_session import RootSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3.client import S3Client

T = TypeVar("T")

_PAGE_SIZE = 1000
_ELSEWHERE = frozenset({"AuthorizationHeaderMalformed", "PermanentRedirect"})


class S3Service(Service):
    """`BucketGateway`."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        # Bucket names are unique in a partition, so one table serves every account.
        self._region_of: dict[str, str] = {}

    def buckets(self, session: RootSession) -> tuple[tuple[str, str], ...]:
        """Pairs of bucket name and Region."""
        return self._list(session, prefix="")

    def bucket_policy(self, session: RootSession, bucket: str) -> str | None:
        """The policy's text, or None when the bucket has none.

        Raises:
            NotFoundError: when there is no such bucket.
        """

        def get(client: "S3Client") -> str:
            return client.get_bucket_policy(Bucket=bucket)["Policy"]

        try:
            return self._at_home(session, "GetBucketPolicy", bucket, get)
        except NotFoundError as error:
            if error.refusal.code == "NoSuchBucketPolicy":
                return None
            raise

    def put_bucket_policy(self, session: RootSession, bucket: str, policy: str) -> Receipt:
        """`s3:PutBucketPolicy`."""

        def put(client: "S3Client") -> Receipt:
            return receipt_of(client.put_bucket_policy(Bucket=bucket, Policy=policy))

        return self._at_home(session, "PutBucketPolicy", bucket, put, changes=True)

    def delete_bucket_policy(self, session: RootSession, bucket: str) -> Receipt:
        """`s3:DeleteBucketPolicy`."""

        def delete(client: "S3Client") -> Receipt:
            return receipt_of(client.delete_bucket_policy(Bucket=bucket))

        return self._at_home(session, "DeleteBucketPolicy", bucket, delete, changes=True)

    def _at_home(
        self,
        session: RootSession,
        operation: str,
        bucket: str,
        request: "Callable[[S3Client], T]",
        *,
        changes: bool = False,
    ) -> T:
        """Send a request to the bucket's Region, looking the Region up when S3 does not say it.

        A request that was answered with "elsewhere" was not carried out, so sending it on is no
        repetition.
        """
        try:
            return self._in_region(session, operation, bucket, request, changes=changes)
        except AwsRefusedError as error:
            if error.refusal.code not in _ELSEWHERE or bucket in self._region_of:
                raise
            self._list(session, prefix=bucket)
            if bucket not in self._region_of:
                raise
        return self._in_region(session, operation, bucket, request, changes=changes)

    def _in_region(
        self,
        session: RootSession,
        operation: str,
        bucket: str,
        request: "Callable[[S3Client], T]",
        *,
        changes: bool,
    ) -> T:
        region = self._region_of.get(bucket, self._door.region)
        call = in_session(session, "s3", operation, region=region, changes=changes)
        client: S3Client = self._door.client(call)
        return self._door.send(call, lambda: request(client))

    def _list(self, session: RootSession, *, prefix: str) -> tuple[tuple[str, str], ...]:
        call = in_session(session, "s3", "ListBuckets", region=self._door.region)
        client: S3Client = self._door.client(call)
        # WHY MaxBuckets: S3 names each bucket's Region only when a parameter is sent.
        narrowed = {"Prefix": prefix} if prefix else {}
        found = tuple(
            (bucket["Name"], bucket.get("BucketRegion", self._door.region))
            for page in every_page(
                lambda more: self._door.send(
                    call, lambda: client.list_buckets(MaxBuckets=_PAGE_SIZE, **narrowed, **more)
                ),
                sent="ContinuationToken",
                got="ContinuationToken",
            )
            for bucket in page.get("Buckets", ())
        )
        self._region_of.update(found)
        return found
