"""The AWS CLI, unmodified, against a served sandbox."""

from sandbox.cli.served import Served
from sandbox.clients.conftest import Aws

PAYMENTS = "666666666666"
KEYS = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_ENDPOINT_URL": "endpoint_url",
    "AWS_DEFAULT_REGION": "region",
}
AUDIT = "arn=arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"


def test_given_endpoint_and_keys_only_it_reads_the_organization(keys: Aws) -> None:
    identity = keys.json("sts", "get-caller-identity")
    assert identity["Arn"] == "arn:aws:iam::111111111111:user/administrator"
    accounts = keys.json("organizations", "list-accounts")["Accounts"]
    assert len(accounts) == 14
    assert {account["Name"] for account in accounts} >= {"payments-prod", "hinode-management"}


def test_it_can_be_configured_by_its_own_command(keys: Aws) -> None:
    given = {name: keys.environment[name] for name in KEYS}
    bare = {name: value for name, value in keys.environment.items() if name not in given}
    # WHY its own files: the command writes where these two say.
    files = {
        "AWS_CONFIG_FILE": str(keys.folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(keys.folder / "credentials"),
    }
    aws = Aws(bare | files, keys.folder)
    for variable, setting in KEYS.items():
        assert aws.run("configure", "set", setting, given[variable]).returncode == 0
    assert aws.json("sts", "get-caller-identity")["Account"] == "111111111111"
    assert aws.json("s3api", "list-buckets", "--max-buckets", "5")["Owner"]["ID"]


def test_given_profiles_only_it_reads_policies_and_features(profiles: Aws) -> None:
    listed = profiles.json("organizations", "list-policies", "--filter", "SERVICE_CONTROL_POLICY")[
        "Policies"
    ]
    guilty = next(policy for policy in listed if policy["Name"] == "DenyRootUser")
    described = profiles.json("organizations", "describe-policy", "--policy-id", guilty["Id"])
    assert '"arn:aws:iam::*:root"' in described["Policy"]["Content"]
    features = profiles.json("iam", "list-organizations-features")
    assert sorted(features["EnabledFeatures"]) == ["RootCredentialsManagement", "RootSessions"]


def test_a_root_session_is_assumed_and_used(profiles: Aws, keys: Aws, unfenced: Served) -> None:
    assumed = profiles.json(
        "sts", "assume-root", "--target-principal", PAYMENTS, "--task-policy-arn", AUDIT
    )
    issued = assumed["Credentials"]
    assert issued["AccessKeyId"].startswith("ASIA")
    session = Aws(
        keys.environment
        | {
            "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
            "AWS_SESSION_TOKEN": issued["SessionToken"],
        },
        keys.folder,
    )
    summary = session.json("iam", "get-account-summary")["SummaryMap"]
    assert (summary["AccountPasswordPresent"], summary["AccountMFAEnabled"]) == (0, 0)
    refused = session.run("iam", "list-users")
    assert refused.returncode != 0
    assert "AccessDenied" in refused.stderr
    assert issued["AccessKeyId"] in unfenced.signers


def test_the_locked_bucket_is_denied_by_its_own_policy(profiles: Aws) -> None:
    denied = profiles.run(
        *("s3api", "get-bucket-policy", "--bucket", "hinode-payments-receipts"),
        *("--profile", "payments-admin"),
    )
    assert denied.returncode != 0
    assert "AccessDenied" in denied.stderr
    assert "explicit deny in a resource-based policy" in denied.stderr


def test_an_operation_that_is_not_there_is_refused_in_clear_words(profiles: Aws) -> None:
    refused = profiles.run("iam", "list-saml-providers")
    assert refused.returncode != 0
    assert "ListSAMLProviders" in refused.stderr
    assert "sandbox" in refused.stderr
    assert refused.stdout == ""
