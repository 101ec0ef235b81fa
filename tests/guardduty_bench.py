"""Asking GuardDuty on the bench, for the tests of its findings and of its members."""

from typing import Any

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.call import Caller, Output
from sandbox_bench import Bench

ROOT_SESSION = "Policy:IAMUser/ShortTermRootCredentialUsage"
ROOT_USER = "Policy:IAMUser/RootCredentialUsage"
DISCOVERY = "Discovery:IAMUser/AnomalousBehavior"
IMPACT = "Impact:IAMUser/AnomalousBehavior"
PERSISTENCE = "Persistence:IAMUser/AnomalousBehavior"
REGIONS = ("us-east-1", "eu-west-1")


def enrol(bench: Bench, *accounts: str) -> list[dict[str, str]]:
    """Make accounts members in us-east-1; returns what could not be done."""
    details = [{"AccountId": account, "Email": f"{account}@x.example"} for account in accounts]
    left: list[dict[str, str]] = ask(bench, "CreateMembers", AccountDetails=details)[
        "UnprocessedAccounts"
    ]
    return left


def detector(bench: Bench, by: str | Caller = "management", region: str = "us-east-1") -> str:
    (detector_id,) = bench.call("guardduty", "ListDetectors", by, region)["DetectorIds"]
    return str(detector_id)


def ask(
    bench: Bench,
    operation: str,
    by: str = "management",
    region: str = "us-east-1",
    **params: Any,  # noqa: ANN401 (members of any model)
) -> Output:
    return bench.call(
        "guardduty", operation, by, region, DetectorId=detector(bench, by, region), **params
    )


def findings(
    bench: Bench,
    by: str = "management",
    region: str = "us-east-1",
    **criterion: Any,  # noqa: ANN401 (members of any model)
) -> list[dict[str, Any]]:
    listed = ask(bench, "ListFindings", by, region, FindingCriteria={"Criterion": criterion})[
        "FindingIds"
    ]
    return list(ask(bench, "GetFindings", by, region, FindingIds=listed)["Findings"])


def types(bench: Bench, by: str = "management", region: str = "us-east-1") -> list[str]:
    return sorted(finding["Type"] for finding in findings(bench, by, region))


def sweep(bench: Bench, operation: str = "GetAccountSummary") -> Caller:
    session = bench.assume_root(TaskPolicy.AUDIT)
    bench.call("iam", operation, session)
    return session
