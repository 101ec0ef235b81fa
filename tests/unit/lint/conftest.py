"""Helps the lint tests read policies."""

import json
from collections.abc import Callable, Mapping

import pytest

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document
from rootsteward.policy.parse import parse_document

ReadScp = Callable[..., Document]


@pytest.fixture
def scp() -> ReadScp:
    """Make a document of statements; Deny on every resource unless they say else."""

    def read(*statements: Mapping[str, object], indent: int | None = None) -> Document:
        full = [{"Effect": "Deny", "Resource": "*", **s} for s in statements]
        whole = {"Version": "2012-10-17", "Statement": full}
        return parse_document(json.dumps(whole, indent=indent), policy_type=PolicyType.SCP)

    return read
