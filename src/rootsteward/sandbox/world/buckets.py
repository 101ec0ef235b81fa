"""S3's state: buckets of every account, their policies and their objects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object. `etag` carries its quotes, as S3 sends it."""

    body: bytes
    etag: str
    content_type: str
    modified_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Bucket:
    """One bucket. `policy` is the document's own text, or None when there is none."""

    name: str
    owner: AccountId
    region: str
    created_at: datetime
    policy: str | None = None
    objects: dict[str, StoredObject] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The bucket's ARN, which names neither account nor Region."""
        return f"arn:aws:s3:::{self.name}"


@dataclass(slots=True)
class Buckets:
    """Buckets by name. INVARIANT: a name is taken once, whatever the account or Region."""

    _by_name: dict[str, Bucket] = field(default_factory=dict)

    def add(self, bucket: Bucket) -> None:
        """Keep a new bucket.

        Raises:
            OperatorError: when the name is taken.
        """
        if bucket.name in self._by_name:
            raise OperatorError(
                f"bucket `{bucket.name}` exists already",
                help="bucket names are unique across all accounts",
            )
        self._by_name[bucket.name] = bucket

    def find(self, name: str) -> Bucket | None:
        """The bucket of a name, whoever owns it."""
        return self._by_name.get(name)

    def owned_by(self, account: AccountId) -> Iterator[Bucket]:
        """An account's buckets in every Region, by name."""
        mine = (bucket for bucket in self._by_name.values() if bucket.owner == account)
        return iter(sorted(mine, key=lambda bucket: bucket.name))

    def remove(self, name: str) -> None:
        """Forget a bucket and what is in it."""
        del self._by_name[name]

    def __iter__(self) -> Iterator[Bucket]:
        return iter(self._by_name.values())
