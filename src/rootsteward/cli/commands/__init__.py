"""One file per command; this table says where each is, so that a run loads only its own."""

from typing import Final

# In the order in which a team meets them. Values name a function or a `typer.Typer`.
COMMANDS: Final = {
    "demo": "demo:demo",
    "status": "status:status",
    "enable": "enable:enable",
    "disable": "enable:disable",
    "delegate": "delegate:delegate_app",
    "audit": "audit:audit",
    "snapshot": "snapshot:snapshot",
    "preflight": "preflight:preflight",
    "scp": "scp:scp_app",
    "delete-credentials": "delete_credentials:delete_credentials",
    "allow-recovery": "recovery:allow_recovery",
    "close-recovery": "recovery:close_recovery",
    "recovery": "recovery_windows:recovery_app",
    "plan": "plan:plan_app",
    "apply": "apply:apply",
    "campaign": "campaign:campaign_app",
    "worker": "worker:worker",
    "unlock": "unlock:unlock_app",
    "findings": "findings:findings_app",
    "iam-policy": "iam_policy:iam_policy",
    "ledger": "ledger:ledger_app",
    "policy": "policy:policy_app",
    "rules": "rules:rules",
    "sandbox": "sandbox:sandbox_app",
}
