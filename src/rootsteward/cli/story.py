"""The story of `rootsteward demo` as data: what is going on, the command, how it ends."""

from dataclasses import dataclass

from rootsteward.cli.exit_codes import ExitCode

_BILLING = "999999999999"
_PAYMENTS = "666666666666"
_ALL_BUT_RECOVERY = (
    "--task audit --task delete-credentials --task unlock-bucket --task unlock-queue"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """One step of the story."""

    title: str
    text: str
    command: str
    ends_with: ExitCode = ExitCode.DONE


SCENES = (
    Scene(
        "Where do we stand?",
        "AWS wants MFA on every root user, member accounts included. Centralized root access can "
        "take their credentials away instead. In this organization it is still off.",
        "status",
    ),
    Scene(
        "Switch it on",
        "Trusted access for IAM comes first, then both features; only what is missing is done.",
        "enable",
    ),
    Scene(
        "The first look fails",
        "Sessions are issued, yet every look inside them is denied. AWS says which type of policy "
        "denies; rootsteward says which statement of which policy, and where it is attached.",
        "audit",
        ExitCode.UNSEEN,
    ),
    Scene(
        "Ask before trying",
        "Preflight evaluates the chain of every account for every task, without calling one.",
        f"preflight --account {_PAYMENTS} --account 222222222222 --blocked-only",
        ExitCode.FINDINGS,
    ),
    Scene(
        "Repair the policy, with proof",
        "The smallest change that lets root sessions work and keeps the deny for long-term root "
        "credentials. The proof covers all requests, not samples. The old text is kept.",
        f"scp repair {_ALL_BUT_RECOVERY} --apply --yes",
    ),
    Scene(
        "Now the audit works",
        "What is present is listed, with the evidence people need before they delete anything.",
        "audit",
        ExitCode.FINDINGS,
    ),
    Scene(
        "Look before you delete",
        "A dry run reads everything and changes nothing. A key of legacy-billing was used today: "
        "somebody's workload depends on it, so that account is spared.",
        "delete-credentials --all --dry-run",
        ExitCode.REFUSED,
    ),
    Scene(
        "Delete, and look again",
        "One account first, then two more, then the rest. Password first, MFA last; each account "
        "is looked at before and after in its session. The campaign survives a crash.",
        f"delete-credentials --all --exclude {_BILLING} --wave 1,2,100% --yes",
    ),
    Scene(
        "The one that was in use",
        "Once its workload has moved to a role, make a plan file. It can be reviewed, and approved "
        "by somebody else, before it is applied.",
        f"delete-credentials --account {_BILLING} --allow-recently-used --plan billing.json",
    ),
    Scene(
        "Rehearse it on a twin",
        "A sandbox becomes the twin of the organization, and the plan is carried out there: how it "
        "ends, which calls it makes, what GuardDuty will say. AWS is only read.",
        "apply billing.json --rehearse",
    ),
    Scene(
        "Apply what was reviewed",
        "A plan that is too old, or whose facts have changed, is refused.",
        "apply billing.json --yes",
    ),
    Scene(
        "Nothing is left",
        "Two calls for a clean account: AssumeRoot and GetAccountSummary.",
        "audit",
    ),
    Scene(
        "Recovery is denied",
        "Sometimes a root user is needed again. A second policy stands in the way.",
        f"allow-recovery --account {_PAYMENTS} --yes",
        ExitCode.REFUSED,
    ),
    Scene(
        "Repair that one, too",
        "The deny stays for everybody else; only a root session may open recovery.",
        "scp repair --task allow-recovery --apply --yes",
    ),
    Scene(
        "Recovery is open",
        "The owner of the root mailbox can set a new password.",
        f"allow-recovery --account {_PAYMENTS} --yes",
    ),
    Scene(
        "Only the password is present",
        "Recovery stays open for as long as nobody closes it.",
        f"audit --account {_PAYMENTS}",
        ExitCode.FINDINGS,
    ),
    Scene(
        "Close it again",
        "The password goes, unless somebody has set the account up meanwhile.",
        f"close-recovery --account {_PAYMENTS} --yes",
    ),
    Scene(
        "Who is locked out of what?",
        "Every bucket and queue of the account, in all its Regions, and the statement that locks.",
        f"unlock find --account {_PAYMENTS}",
        ExitCode.FINDINGS,
    ),
    Scene(
        "Unlock a bucket",
        "Only the statement that locks is changed, and it is proved to open nothing to others.",
        f"unlock bucket hinode-payments-receipts --account {_PAYMENTS} --yes",
    ),
    Scene(
        "Unlock a queue",
        "The same for a queue, whose policy was nothing but the lock; nothing else is changed.",
        f"unlock queue payments-orders --account {_PAYMENTS} --yes",
    ),
    Scene(
        "What GuardDuty saw",
        "The sweep set off the alarms. Each finding is tied to the AssumeRoot that caused it; one "
        "that is tied to nothing would be on top.",
        "findings list",
    ),
    Scene(
        "It is all on record",
        "An append-only, hash-chained ledger: the intent before each act, the result after it.",
        "ledger verify",
    ),
)
