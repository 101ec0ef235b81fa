"""`unlock-bucket`, `unlock-queue` and `unlock-restore` as items of a campaign: one policy each."""

from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.campaigns.verbs.verb import Tools, Verb, Work
from rootsteward.operations import unlock_bucket, unlock_queue, unlock_restore
from rootsteward.operations.unlock import ResourceKind, UnlockPlan, UnlockResult, rehearse
from rootsteward.operations.unlock_plan_file import plan_as_json, plan_from_json
from rootsteward.operations.unlocking import step

_READ = {
    ResourceKind.BUCKET: unlock_bucket.READ_API,
    ResourceKind.QUEUE: unlock_queue.READ_API,
}
_CHANGE = {
    (ResourceKind.BUCKET, True): "s3:DeleteBucketPolicy",
    (ResourceKind.BUCKET, False): "s3:PutBucketPolicy",
    (ResourceKind.QUEUE, True): "sqs:SetQueueAttributes",
    (ResourceKind.QUEUE, False): "sqs:SetQueueAttributes",
}


def item(planned: UnlockPlan) -> PlannedItem:
    """One bucket or queue; the diff is in the plan for whoever reviews it."""
    resource, acts = planned.resource, planned.intention.acts
    look, deletes = _READ[resource.kind], planned.new_policy is None
    safety = f" ({planned.safety.value})" if planned.safety is not None else ""
    return PlannedItem(
        key=resource.arn,
        name=resource.name,
        acts=acts,
        intention=f"{planned.intention.value}{safety}",
        details=_details(planned),
        diff=planned.diff,
        calls=("sts:AssumeRoot", look, _CHANGE[resource.kind, deletes], look) if acts else (),
        body=plan_as_json(planned),
    )


def _details(planned: UnlockPlan) -> tuple[str, ...]:
    return (
        f"account {planned.resource.account}: {planned.reason}",
        *planned.explanation,
        *planned.changes,
        *(f"opens: {line}" for line in planned.opens),
        *(f"proved: {line}" for line in planned.proof),
    )


def _step(tools: Tools, work: Work) -> ItemResult:
    """Carry the plan out as it is in the item, which is read as strictly as any file."""
    ended = step(
        tools.gateway,
        tools.journal,
        tools.backups,
        tools.clock,
        plan_from_json(work.item.body),
        blame_for=tools.blame_for,
        campaign_id=work.plan_id,
        tried=bool(work.tried),
    )
    return _result(ended)


def _rest(planned: PlannedItem) -> ItemResult:
    return _result(rehearse(plan_from_json(planned.body)))


def _result(ended: UnlockResult) -> ItemResult:
    result = ended.result
    return ItemResult(
        result.outcome, result.detail, result.blamed, result.session_keys, backup=ended.backup
    )


def _verb(slug: str, title: str, noun: str, act: str) -> Verb:
    return Verb(slug, title, (noun, f"{noun}s"), act, _step, _rest)


VERBS = (
    _verb(unlock_bucket.SLUG, "unlock a bucket", "bucket", "unlock"),
    _verb(unlock_queue.SLUG, "unlock a queue", "queue", "unlock"),
    _verb(unlock_restore.SLUG, "put a kept policy back", "resource", "restore the policy of"),
)
