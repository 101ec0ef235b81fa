"""The names under which work is queued, and queueing it without working on it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from dbos import DBOS, DBOSClient, WorkflowStatus, WorkflowStatusString

from rootsteward.campaigns.campaign import Campaign
from rootsteward.campaigns.waves import slice_size
from rootsteward.storage.database import Database

CAMPAIGN_WORKFLOW = "campaign"
SLICE_WORKFLOW = "slice"
POLL_SECONDS = 0.2
# Raised when workflows change so that an older program could not go on with them.
_VERSION = "1"
UNDONE = [
    WorkflowStatusString.PENDING.value,
    WorkflowStatusString.ENQUEUED.value,
    WorkflowStatusString.DELAYED.value,
]


def keep_the_library_quiet() -> None:
    """Nothing of DBOS's own log on the terminal: what matters to operators is in our tables."""
    logger = logging.getLogger("dbos")
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False


def application_of(organization_id: str) -> str:
    """Work of one organization is never handed to a process that works for another."""
    return f"rootsteward-{organization_id}"


def version_of(organization_id: str) -> str:
    """The version of the workflows. WHY with the organization: DBOS wants one owner for each."""
    return f"{_VERSION}-{organization_id}"


def queue_of(campaign_id: str) -> str:
    """Each campaign has a queue, so that a process can keep to one campaign."""
    return f"campaign-{campaign_id}"


def workers_of(organization_id: str) -> str:
    """How the ids of processes begin that work for a whole organization."""
    return f"{application_of(organization_id)}/"


def helpers_of(campaign_id: str) -> str:
    """How the ids of processes begin that keep to one campaign."""
    return f"{queue_of(campaign_id)}/"


def workflow_prefix(campaign_id: str) -> str:
    """How the ids of a campaign's workflows begin."""
    return f"{campaign_id}."


class WorkQueue:
    """Puts campaigns on their queue and takes them off; does none of their work."""

    def __init__(self, client: DBOSClient) -> None:
        self._client = client

    def put(self, campaign: Campaign, waves: Sequence[int]) -> None:
        """Queue a campaign; whatever was left of an earlier attempt is taken off first.

        The caller has seen to it that nobody works on it. `waves` says how large each is.
        """
        self.take_off(campaign.id)
        in_flight = campaign.settings.in_flight
        slices = -(-in_flight // slice_size(waves, in_flight))
        self._client.register_queue(
            queue_of(campaign.id),
            # One more than can be worked on at once, so that a slow item at the end of a slice
            # keeps no thread idle, and one for the campaign's own workflow.
            worker_concurrency=slices + 2,
            polling_interval_sec=POLL_SECONDS,
        )
        attempt = workflow_prefix(campaign.id) + uuid4().hex[:8]
        self._client.enqueue(
            {
                "workflow_name": CAMPAIGN_WORKFLOW,
                "queue_name": queue_of(campaign.id),
                "workflow_id": attempt,
                "app_version": version_of(campaign.organization_id),
            },
            campaign.id,
            attempt,
        )

    def take_off(self, campaign_id: str) -> None:
        """Cancel whatever is queued or was left behind of a campaign."""
        undone = [workflow.workflow_id for workflow in self._undone(campaign_id)]
        if undone:
            self._client.cancel_workflows(undone)

    def remove(self, campaign_id: str) -> None:
        """Take a campaign off for good. WHY: workers look at every queue there is."""
        self.take_off(campaign_id)
        self._client.delete_queue(queue_of(campaign_id))

    def workers_on(self, campaign_id: str) -> frozenset[str]:
        """The processes that have taken work of a campaign and not ended it, dead or alive."""
        return frozenset(
            workflow.executor_id
            for workflow in self._undone(campaign_id)
            if workflow.status == WorkflowStatusString.PENDING.value and workflow.executor_id
        )

    def _undone(self, campaign_id: str) -> list[WorkflowStatus]:
        return self._client.list_workflows(
            status=UNDONE,
            workflow_id_prefix=workflow_prefix(campaign_id),
            load_input=False,
            load_output=False,
        )


@contextmanager
def work_queue(database: Database, organization_id: str) -> Iterator[WorkQueue]:
    """The queue of an organization's campaigns; its tables are made when they are not there."""
    keep_the_library_quiet()
    engine = database.engine_for_a_library()
    try:
        DBOS.migrate(engine.url.render_as_string(hide_password=False))
        client = DBOSClient(
            system_database_engine=engine, application_name=application_of(organization_id)
        )
        try:
            yield WorkQueue(client)
        finally:
            client.destroy()
    finally:
        engine.dispose()
