"""Every mistake in a scenario file is one clear error: file, line, field, what was expected."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.scenarios.refusal import ScenarioError
from rootsteward.sandbox.world.world import World

Load = Callable[..., World]
Write = Callable[[str], Path]

# (what is replaced in the small scenario, by what, the message after the file's name, the help)
MISTAKES = [
    (
        "regions: [us-east-1]\n",
        "",
        "line 1: `regions` is missing",
        "expected at least one Region",
    ),
    (
        "regions: [us-east-1]",
        "regions: []",
        "line 1: `regions` is a list of 0",
        "expected at least one Region",
    ),
    (
        "regions: [us-east-1]",
        "regions: [Tokyo]",
        "line 1: `regions[0]` is `Tokyo`",
        "expected a Region, such as `us-east-1`",
    ),
    (
        "regions: [us-east-1]",
        "faults: {rules: [{kind: stale_reads}]}\nregions: [us-east-1]",
        "line 1: `faults.rules[0].seconds` is missing",
        (
            "expected seconds, which `latency`, `slow_pages`, `stale_reads` (0 to 3600) and "
            "`clock_skew` (-86400 to 86400) need and no other kind has"
        ),
    ),
    (
        '    id: "111111111111"',
        "    id: 111111111111",
        "line 4: `organization.management.id` is the number `111111111111`",
        "expected an account id: twelve digits in quotes",
    ),
    (
        '"222222222222"',
        '"2222"',
        "line 15: `accounts[0].id` is `2222`",
        "expected an account id: twelve digits in quotes",
    ),
    (
        '"222222222222"',
        '"111111111111"',
        "line 15: `accounts[0].id` is `111111111111`, as another account's",
        "expected another id",
    ),
    (
        "aws+payments@example.com",
        "AWS@example.com",
        "line 17: `accounts[0].email` is `AWS@example.com`, as another account's",
        "expected another email",
    ),
    (
        "aws+payments@example.com",
        "nobody",
        "line 17: `accounts[0].email` is `nobody`",
        "expected an e-mail address",
    ),
    (
        "    unit: Workloads",
        "    unit: Workload",
        "line 18: `accounts[0].unit` is `Workload`, no unit of this scenario",
        "expected `Workloads`",
    ),
    (
        "    unit: Workloads",
        "    ou: Workloads",
        "line 18: `accounts[0].ou` is not a field here",
        (
            "expected one of `id`, `name`, `email`, `joined_days_ago`, `tags`, `root_user`, "
            "`users`, `roles`, `buckets`, `queues`, `unit`, `state`"
        ),
    ),
    (
        "    unit: Workloads",
        "    root_users: {}",
        "line 18: `accounts[0].root_users` is not a field here",
        "expected `root_user`",
    ),
    (
        "    unit: Workloads",
        "    unit: Workloads\n    unit: Workloads",
        "line 19: `accounts[0].unit` is written twice, first on line 18",
        "expected each key once",
    ),
    (
        "    unit: Workloads",
        "    state: GONE",
        "line 18: `accounts[0].state` is `GONE`",
        "expected `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED`",
    ),
    (
        "    unit: Workloads",
        "    root_user:\n      mfa: [{kind: sms}]",
        "line 19: `accounts[0].root_user.mfa[0].kind` is `sms`",
        "expected `virtual`, `passkey` or `hardware`",
    ),
    (
        "    unit: Workloads",
        "    root_user:\n      mfa: [{kind: hardware, name: GAHT1234}]",
        "line 19: `accounts[0].root_user.mfa[0].name` is `GAHT1234`",
        "expected a device name, or a serial number of 9 characters or more for hardware",
    ),
    (
        "    unit: Workloads",
        "    root_user: {access_keys: [{}, {}, {}]}",
        "line 18: `accounts[0].root_user.access_keys` is a list of 3",
        "expected at most two keys",
    ),
    (
        "    unit: Workloads",
        "    root_user: {password: {created_days_ago: long}}",
        "line 18: `accounts[0].root_user.password.created_days_ago` is `long`",
        "expected a number of days before now, 0 or more",
    ),
    (
        "    unit: Workloads",
        "    root_user: yes",
        "line 18: `accounts[0].root_user` is `true`",
        "expected a mapping with `password`, `access_keys`, `certificates`, `mfa`",
    ),
    (
        "    unit: Workloads",
        "    buckets: [{name: UPPER}]",
        "line 18: `accounts[0].buckets[0].name` is `UPPER`",
        "expected a bucket name: 3 to 63 small letters, digits, dots or hyphens",
    ),
    (
        "    unit: Workloads",
        "    buckets:\n      - {name: abc}\n      - {name: abc}",
        "line 20: `accounts[0].buckets[1].name` is `abc`, taken",
        "expected another name",
    ),
    (
        "    unit: Workloads",
        "    queues:\n      - name: q\n        region: eu-west-1",
        "line 20: `accounts[0].queues[0].region` is `eu-west-1`, which is not switched on",
        "expected one of `us-east-1`",
    ),
    (
        "    unit: Workloads",
        "    queues:\n      - name: q\n        policy: '{\"Version\"'",
        (
            "line 20: `accounts[0].queues[0].policy` is not JSON: Expecting ':' delimiter: "
            "line 1 column 11 (char 10)"
        ),
        "expected a policy document in JSON",
    ),
    (
        "    unit: Workloads",
        "    roles: [{name: r}]",
        "line 18: `accounts[0].roles[0]` has both or none of `trust` and `trusts`",
        "expected one of `trust` and `trusts`",
    ),
    (
        "    unit: Workloads",
        "    roles: [{name: r, trusts: [nobody]}]",
        "line 18: `accounts[0].roles[0].trusts[0]` is `nobody`, which is not here",
        "expected the name or id of an account of this scenario",
    ),
    (
        "    unit: Workloads",
        "    roles: [{name: r, trusts: [management], profile: r, source_profile: x}]",
        "line 18: `accounts[0].roles[0].source_profile` is `x`, no profile",
        "expected the profile that assumes the role",
    ),
    (
        "[AdministratorAccess]",
        "[AdministratorAccess, PowerUserAccess]",
        (
            "line 9: `organization.management.users[0].managed_policies[1]` is "
            "`PowerUserAccess`, which is not here"
        ),
        "expected one of `AdministratorAccess`",
    ),
    (
        "    unit: Workloads",
        "    users: [{name: u, access_keys: [{profile: management}]}]",
        "line 18: `accounts[0].users[0].access_keys[0].profile` is `management`, taken",
        "expected a profile name that nothing else has",
    ),
    (
        "          - profile: management\n",
        "          - profile: boss\n",
        "line 3: `organization.management` has no user for the profile `management`",
        ("expected a user with `AdministratorAccess` and an active key with `profile: management`"),
    ),
    (
        "    - name: Workloads\n",
        "    - name: Workloads\n    - name: Workloads\n",
        "line 12: `organization.units` has two units `Workloads`",
        "expected units of different names",
    ),
    (
        "    - name: Workloads\n",
        "    - name: Workloads\n  policies:\n    - {name: p, content: {}, attach: [Nowhere]}\n",
        "line 15: `organization.policies[0].attach[0]` is `Nowhere`, which is not here",
        "expected `Root`, the path of a unit, or the name or id of an account",
    ),
    (
        "    - name: Workloads\n",
        "    - name: Workloads\n  policies:\n    - {name: p, content: [], attach: [Root]}\n",
        "line 15: `organization.policies[0].content` is a list of 0",
        "expected a policy document: a mapping, or its JSON text",
    ),
    (
        "    - name: Workloads\n",
        (
            "    - name: Workloads\n  policy_types: []\n"
            "  policies:\n    - {name: p, content: {}, attach: [Root]}\n"
        ),
        (
            "line 16: `organization.policies[0].attach` is attached, and "
            "`SERVICE_CONTROL_POLICY` is not in `policy_types`"
        ),
        "expected the type among `policy_types`, or no attachment",
    ),
    (
        "    - name: Workloads\n",
        "    - name: Workloads\n  delegated_administrators:\n    iam.amazonaws.com: [payments]\n",
        (
            "line 15: `organization.delegated_administrators.iam.amazonaws.com` has no trusted "
            "access"
        ),
        "expected `iam.amazonaws.com` among `trusted_services`",
    ),
    (
        "    unit: Workloads",
        "guardduty: {regions: [us-east-1], administrator: security}",
        "line 18: `guardduty.administrator` is `security`, which is not here",
        "expected the name or id of an active account of this scenario",
    ),
    (
        "    unit: Workloads",
        "generated: {accounts: 50001}",
        "line 18: `generated.accounts` is the number `50001`",
        "expected how many accounts, 1 to 50000",
    ),
]


@pytest.mark.parametrize(("old", "new", "message", "help_text"), MISTAKES)
def test_a_mistake_names_line_field_and_what_was_expected(
    load: Load, write: Write, small: str, old: str, new: str, message: str, help_text: str
) -> None:
    assert old in small
    path = write(small.replace(old, new))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert (caught.value.message, caught.value.help) == (f"`{path}` {message}", help_text)


@pytest.mark.parametrize(
    ("text", "message", "help_text"),
    [
        ("", "line 1: is no scenario", "expected a mapping with `regions` and `organization`"),
        ("- a", "line 1: is no scenario", "expected a mapping with `regions` and `organization`"),
        (
            "a: [1\nb: 2\n",
            "line 2: is not YAML: expected ',' or ']', but got ':'",
            "expected a YAML mapping",
        ),
        (
            "a: !!python/object:os.system x\n",
            (
                "line 1: is not YAML: could not determine a constructor for the tag "
                "'tag:yaml.org,2002:python/object:os.system'"
            ),
            "expected a YAML mapping",
        ),
        ("[a]: 1\n", "line 1: has a key that is not text", "expected plain keys"),
        (
            "a: 1\nb: &b {c: *b}\n",
            "line 2: `b.c` is nested too deeply, or holds itself",
            "expected 50 levels at most",
        ),
        (
            "a: " + "[" * 3000 + "]" * 3000,
            "line 1: is nested too deeply",
            "expected 50 levels at most",
        ),
        (
            "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "".join(
                f"{new}: &{new} [{', '.join(['*' + old] * 10)}]\n"
                for old, new in zip("abcdefgh", "bcdefghi", strict=True)
            ),
            "line 1: `e` is repeated by aliases too often",
            "expected 100,000 repeated values at most",
        ),
        ("seed: !!int abc\n", "line 1: `seed` is `abc`, no `int`", "expected text or a number"),
        ("seed: !!int\n", "line 1: `seed` is ``, no `int`", "expected text or a number"),
        ("seed: !!bool 2\n", "line 1: `seed` is `2`, no `bool`", "expected text or a number"),
        (
            "seed: !!timestamp abc\n",
            "line 1: `seed` is `abc`, no `timestamp`",
            "expected text or a number",
        ),
        (
            "a: \x00\n",
            "line 1: is not YAML: special characters are not allowed",
            "expected UTF-8 text",
        ),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(
    load: Load, write: Write, text: str, message: str, help_text: str
) -> None:
    path = write(text)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert (caught.value.message, caught.value.help) == (f"`{path}` {message}", help_text)


def test_every_mistake_is_kept_and_the_first_line_is_told_first(
    load: Load, write: Write, small: str
) -> None:
    path = write(small.replace("us-east-1", "Tokyo").replace('"222222222222"', '"2"'))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert [problem.line for problem in caught.value.problems] == [1, 15]
    assert caught.value.message == f"`{path}` line 1: `regions[0]` is `Tokyo` (and 1 more)"


@pytest.mark.parametrize(
    ("name", "message", "help_text"),
    [
        (
            "no-such-scenario",
            "there is no scenario `no-such-scenario`",
            "name a YAML file, or one of `article`, `generated`",
        ),
        (
            "generated:many",
            "`generated:many` is no generated scenario",
            "write `generated:ACCOUNTS` or `generated:ACCOUNTS:SEED`, 1 to 50000 accounts",
        ),
        (
            "generated:0",
            "`generated:0` is no generated scenario",
            "write `generated:ACCOUNTS` or `generated:ACCOUNTS:SEED`, 1 to 50000 accounts",
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(
    load: Load, name: str, message: str, help_text: str
) -> None:
    with pytest.raises(OperatorError) as caught:
        load(name)
    assert caught.value.message == message
    assert help_text in caught.value.help or "one of" in caught.value.help


def test_a_file_that_cannot_be_read_is_refused(load: Load, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read: is a directory"):
        load(tmp_path)
    binary = tmp_path / "world.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OperatorError, match="is not text"):
        load(binary)
