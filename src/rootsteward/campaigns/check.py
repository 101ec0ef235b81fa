"""Whether a plan may be carried out now. Pure; every reason is found, not only the first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rootsteward.campaigns.facts import Facts, changes
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import account_of
from rootsteward.domain.errors import OperatorError
from rootsteward.operations.protected_resources import refuse_protected

_SHOWN_AT_MOST = 5


def check_age(plan: Plan, now: datetime, max_age: timedelta) -> None:
    """Refuse a plan that is too old, or from the future.

    Raises:
        OperatorError: it is.
    """
    age = now - plan.made_at
    if age > max_age:
        raise OperatorError(
            f"plan {plan.id} was made {_hours(age)} ago; plans are good for {_hours(max_age)}",
            help="make it again: what it was made for may have changed",
        )
    if age < timedelta(minutes=-5):
        raise OperatorError(
            f"plan {plan.id} was made at {plan.made_at:%Y-%m-%d %H:%M} UTC, which is yet to come",
            help="one of the two clocks is wrong",
        )


def check_organization(plan: Plan, organization_id: str) -> None:
    """Refuse a plan for another organization.

    Raises:
        OperatorError: it is for another one.
    """
    if plan.organization_id != organization_id:
        raise OperatorError(
            f"plan {plan.id} is for organization {plan.organization_id}, "
            f"and these credentials belong to {organization_id}",
            help="use credentials of the plan's organization, for example with --profile",
        )


def check_facts(plan: Plan, now: Facts) -> None:
    """Refuse a plan whose facts have changed.

    Raises:
        OperatorError: naming what changed.
    """
    found = changes(plan.facts, now)
    if not found:
        return
    more = len(found) - _SHOWN_AT_MOST
    shown = [*found[:_SHOWN_AT_MOST], *([f"and {more} more"] if more > 0 else [])]
    raise OperatorError(
        f"plan {plan.id} no longer fits the organization: {'; '.join(shown)}",
        help="make the plan again",
    )


def check_protection(plan: Plan, protected: Sequence[str]) -> None:
    """Refuse a plan that acts on what has been protected since.

    Raises:
        OperatorError: naming the first.
    """
    found = sorted({account_of(item) for item in plan.acting} & set(protected))
    if found:
        raise OperatorError(
            f"plan {plan.id} acts on {found[0]}, which the configuration protects",
            help="make the plan again; protected accounts are left out of it",
        )


def check_protected_resources(plan: Plan, patterns: Sequence[str]) -> None:
    """Refuse a plan that acts on a bucket or queue which has been protected since.

    Raises:
        OperatorError: naming the first, and the pattern.
    """
    for item in plan.acting:
        refuse_protected(item.key, patterns)


def check_approval(plan: Plan, approvers: Sequence[str]) -> None:
    """Refuse a plan that nobody but its maker has approved.

    Raises:
        OperatorError: nobody has.
    """
    if not approvers:
        raise OperatorError(
            f"plan {plan.id} needs the approval of another AWS identity than {plan.made_by.arn}",
            help="somebody else runs `rootsteward plan approve PLAN` with the same --database",
        )


def _hours(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} h" if hours >= 1 else f"{span.total_seconds() / 60:.0f} min"
