"""Clients, made once per service and Region, for the operator and for root sessions."""

from importlib.metadata import version
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from rootsteward.aws.errors import setup_error
from rootsteward.aws.quiet import keep_wire_logs_quiet
from rootsteward.aws.root_session_clients import sign_per_call
from rootsteward.aws.sessions import nobody_session, region_of
from rootsteward.aws.settings import AwsSettings
from rootsteward.domain.errors import OperatorError

# SOURCE: "AWS service endpoints", AWS General Reference: IAM and Organizations have one endpoint
# per partition, signed for these Regions.
_HOME_REGION = {
    ("iam", "aws"): "us-east-1",
    ("iam", "aws-cn"): "cn-north-1",
    ("iam", "aws-us-gov"): "us-gov-west-1",
    ("organizations", "aws"): "us-east-1",
    ("organizations", "aws-cn"): "cn-northwest-1",
    ("organizations", "aws-us-gov"): "us-gov-west-1",
}


class Clients:
    """Hands out shared clients. Safe for threads."""

    def __init__(self, operator: Session, settings: AwsSettings) -> None:
        self._settings = settings
        self._operator = operator
        self._nobody = nobody_session(settings, operator)
        self.region = region_of(operator)
        self.partition = str(operator.get_partition_for_region(self.region))
        self._made: dict[tuple[str, str, bool], Any] = {}
        self._lock = Lock()

    # WHY Any: a client's class is made at run time from the service model; callers annotate it.
    def own(self, service: str, region: str = "") -> Any:  # noqa: ANN401 (see above)
        """A client that acts as the operator."""
        return self._client(service, region, for_root_sessions=False)

    def for_root_sessions(self, service: str, region: str = "") -> Any:  # noqa: ANN401 (see above)
        """A client that signs with the session of `signing_as`."""
        return self._client(service, region, for_root_sessions=True)

    def home_region(self, service: str, region: str = "") -> str:
        """The Region a service's calls go to: its partition's for a global one."""
        return _HOME_REGION.get((service, self.partition)) or region or self.region

    def regions(self, service: str) -> tuple[str, ...]:
        """The Regions of our partition in which a service is, as the SDK's own data say."""
        # INVARIANT: as below, a session is not safe for threads.
        with self._lock:
            found = self._operator.get_available_regions(service, self.partition)
        return tuple(sorted(found))

    def close(self) -> None:
        """Close every connection; clients made later are new."""
        with self._lock:
            for client in self._made.values():
                client.close()
            self._made.clear()

    def _client(self, service: str, region: str, *, for_root_sessions: bool) -> Any:  # noqa: ANN401 (see above)
        key = (service, self.home_region(service, region), for_root_sessions)
        # INVARIANT: a session is not safe for threads while it makes a client; the lock is.
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(*key[:2], for_root_sessions=for_root_sessions)
            return self._made[key]

    def _make(self, service: str, region: str, *, for_root_sessions: bool) -> Any:  # noqa: ANN401 (see above)
        session = self._nobody if for_root_sessions else self._operator
        try:
            client = self._create(session, service, region, path_style=False)
            if service == "s3" and not _is_aws(client.meta.endpoint_url):
                client.close()
                client = self._create(session, service, region, path_style=True)
        except (BotoCoreError, ValueError) as error:
            raise _unusable(error, service) from error
        if for_root_sessions:
            sign_per_call(client)
        keep_wire_logs_quiet()
        return client

    def _create(self, session: Session, service: str, region: str, *, path_style: bool) -> Any:  # noqa: ANN401 (see above)
        config = Config(
            connect_timeout=self._settings.connect_timeout_seconds,
            read_timeout=self._settings.read_timeout_seconds,
            max_pool_connections=self._settings.max_connections,
            # WHY: botocore resends on lost answers and server errors, destructive calls
            # included; nothing may be resent blindly, so our own loop retries the reads.
            retries={"total_max_attempts": 1, "mode": "standard"},
            # WHY: a bucket's name is no host name at a custom endpoint.
            s3={"addressing_style": "path"} if path_style else None,
            tcp_keepalive=True,
            user_agent_extra=f"rootsteward/{version('rootsteward')}",
        )
        return session.create_client(
            service,
            region_name=region,
            endpoint_url=self._settings.endpoint_url,
            config=config,
        )


def _is_aws(endpoint_url: str) -> bool:
    host = urlsplit(endpoint_url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _unusable(error: Exception, service: str) -> OperatorError:
    return setup_error(error) or OperatorError(
        f"no client for {service} could be made: {' '.join(str(error).split())}",
        help="check --region, --endpoint-url and the AWS configuration files",
    )
