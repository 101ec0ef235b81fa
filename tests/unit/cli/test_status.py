"""What `status` says about what it could not read."""

from rootsteward.cli.commands.status import status_row
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import Basis, NotSeen, NotSeenReason, Observation, Seen
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations import disable
from rootsteward.operations.status import Standing, Status

HIDDEN = NotSeen(NotSeenReason.DENIED, "not yours to see")


def seen(features: Observation[frozenset[RootFeature]]) -> Status:
    return Status(
        caller=CallerIdentity(
            AccountId("222222222222"), "arn:aws:iam::222222222222:user/me", "AIDAME"
        ),
        region="eu-west-1",
        standing=Standing.UNKNOWN,
        organization=HIDDEN,
        trusted_access=Seen(True, Basis.LISTED),  # noqa: FBT003 (the value that was seen)
        features=features,
        delegates=HIDDEN,
    )


def test_readiness_that_hangs_on_something_unseen_is_neither_yes_nor_no() -> None:
    assert status_row(seen(HIDDEN))["ready"] is None
    assert status_row(seen(Seen(frozenset(), Basis.LISTED)))["ready"] is False
    assert status_row(seen(Seen(frozenset(RootFeature), Basis.LISTED)))["ready"] is True


def test_a_feature_that_could_not_be_read_is_denied_and_not_off() -> None:
    assert status_row(seen(HIDDEN))["RootSessions"] == "denied: not yours to see"


def test_features_that_could_not_be_read_are_not_called_off_already() -> None:
    plan = disable.plan(seen(HIDDEN), keep_trusted_access=True)
    assert plan.already == ()
    assert [obstacle.what for obstacle in plan.obstacles] == ["the features cannot be read"]
