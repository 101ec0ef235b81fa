"""`rootsteward delete-credentials`."""

from rootsteward.cli.acting import Act, carry_out, look_first
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import DryRunOption, Session, YesOption, connected
from rootsteward.cli.render import Row
from rootsteward.cli.selection import Chosen
from rootsteward.cli.words import counted
from rootsteward.domain.root_credentials import CredentialKind
from rootsteward.operations import controls as control_facts
from rootsteward.operations import delete_credentials as operation
from rootsteward.operations.delete_credentials import AccountPlan, Intention, PlannedCredential

_NAMES = {
    CredentialKind.PASSWORD: "password",
    CredentialKind.ACCESS_KEYS: "key",
    CredentialKind.CERTIFICATES: "certificate",
    CredentialKind.MFA: "MFA",
}


@connected
def delete_credentials(
    session: Session,
    accounts: Chosen,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> ExitCode:
    """Delete the root credentials of the selected member accounts, and look again."""
    target, facts = look_first(session, accounts)
    planned = operation.plan(facts, target.selection.left_out)
    acting = [a for a in planned.accounts if a.intention is Intention.DELETE]
    runtime, blame_for = session.runtime, control_facts.blame_for(target.controls)
    act = Act(
        title="delete root credentials",
        plan_id=planned.id,
        planned=planned.accounts,
        acting=acting,
        phrase=(
            f"delete {counted(planned.credential_count, 'credential')} "
            f"in {counted(len(acting), 'account')}"
        ),
        show=_row,
        rehearse=operation.rehearse,
        step=lambda one: operation.step(
            runtime.gateway, runtime.ledger, planned.id, one, blame_for=blame_for
        ),
        lost=operation.lost,
    )
    code, _ = carry_out(session, target, act, dry_run=dry_run, yes=yes)
    return code


def _row(planned: AccountPlan) -> Row:
    details = [f"{_named(credential)}: {credential.evidence}" for credential in planned.credentials]
    return {
        "account": str(planned.account.id),
        "name": planned.account.name,
        "intention": planned.intention.value,
        "details": [*details, planned.reason] if planned.reason else details,
    }


def _named(credential: PlannedCredential) -> str:
    """A password has no name; its moment of creation is in the evidence."""
    kind = credential.target.kind
    if kind is CredentialKind.PASSWORD:
        return _NAMES[kind]
    return f"{_NAMES[kind]} {credential.target.identifier}"
