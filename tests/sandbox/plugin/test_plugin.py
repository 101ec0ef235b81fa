"""The pytest plugin, as another project uses it: in a pytest of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def run(folder: Path, tests: str, ini: str = "", *arguments: str) -> tuple[int, str]:
    """Exit code and output of pytest on one file."""
    (folder / "test_theirs.py").write_text(textwrap.dedent(tests))
    (folder / "pytest.ini").write_text("[pytest]\n" + textwrap.dedent(ini))
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "-q", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_other_projects_get_an_organization_from_the_fixture(tmp_path: Path) -> None:
    code, output = run(
        tmp_path,
        """
        import os, subprocess, sys
        import pytest
        from botocore.exceptions import ClientError

        def test_a_client_needs_nothing_but_a_session(aws_organization):
            client = aws_organization.session().client("organizations")
            assert len(client.list_accounts()["Accounts"]) == len(
                aws_organization.world.organization.accounts
            )
            client.close()

        def test_another_program_needs_the_environment(aws_organization):
            program = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
            environment = {"PATH": os.environ["PATH"], **aws_organization.environment()}
            found = subprocess.run(
                [sys.executable, "-c", program], env=environment, capture_output=True, text=True
            )
            assert found.stdout.strip() == "111111111111", found.stderr

        def test_clock_and_faults_are_at_hand(aws_organization):
            sts = aws_organization.session("root-steward").client("sts")
            sts.get_caller_identity()
            aws_organization.clock.advance(3600)
            with pytest.raises(ClientError, match="ExpiredToken"):
                sts.get_caller_identity()
            aws_organization.set_faults({"kind": "server_error", "service": "iam"})
            sts.close()

        def test_every_test_begins_at_the_start(aws_organization):
            assert aws_organization.clock.ahead_seconds == 0
            assert not aws_organization.world.behaviour.faults.rules
        """,
    )
    assert code == 0, output
    assert "4 passed" in output


def test_scope_and_scenario_are_chosen_in_the_ini_file(tmp_path: Path) -> None:
    code, output = run(
        tmp_path,
        """
        seen = []

        def test_first(aws_organization):
            seen.append(aws_organization.url)
            assert len(aws_organization.world.organization.accounts) == 8

        def test_second(aws_organization):
            assert seen == [aws_organization.url]
        """,
        """
        aws_organization_scope = session
        aws_organization_scenario = generated:7
        """,
    )
    assert code == 0, output


def test_a_module_can_choose_its_scenario_itself(tmp_path: Path) -> None:
    code, output = run(
        tmp_path,
        """
        import pytest

        @pytest.fixture
        def aws_organization_scenario():
            return "generated:3:9"

        def test_it(aws_organization):
            assert len(aws_organization.world.organization.accounts) == 4
        """,
    )
    assert code == 0, output


@pytest.mark.parametrize(
    ("ini", "said"),
    [
        ("aws_organization_scope = forever", "`forever`, not one of function"),
        ("aws_organization_scenario = nowhere", "there is no scenario `nowhere`"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, ini: str, said: str) -> None:
    code, output = run(tmp_path, "def test_it(aws_organization): ...", ini)
    assert code != 0
    assert said in output
    assert "INTERNALERROR" not in output


def test_who_does_not_use_it_does_not_pay_for_it(tmp_path: Path) -> None:
    code, output = run(
        tmp_path,
        """
        import sys

        def test_nothing_was_imported():
            heavy = {"boto3", "botocore", "uvicorn", "starlette", "rootsteward.sandbox.pipeline"}
            assert heavy & sys.modules.keys() == set()
        """,
    )
    assert code == 0, output
