"""Imports go down only; the contracts are in `pyproject.toml`."""

import subprocess
import sys
from pathlib import Path


def test_every_import_contract_is_kept(repository: Path) -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_importing_the_library_loads_no_sdk(repository: Path) -> None:
    code = (
        "import sys, rootsteward.policy, rootsteward.spec, rootsteward.domain;"
        "print([m for m in ('boto3', 'botocore', 'sqlalchemy', 'z3') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
