"""A gateway over accounts with and without root credentials."""

from datetime import UTC, datetime

import pytest

from fake_gateway import (
    DEV,
    PROD,
    SHOP,
    FakeAccount,
    FakeClock,
    FakeGateway,
    MemoryBackups,
    MemoryJournal,
)
from rootsteward.domain.organization import Account
from rootsteward.domain.root_credentials import (
    AccessKey,
    MfaDevice,
    Password,
    SigningCertificate,
)


@pytest.fixture
def gateway() -> FakeGateway:
    """DEV holds one of everything and two keys; PROD holds nothing; SHOP only a password."""
    return FakeGateway(
        {
            DEV: FakeAccount(
                password=Password(datetime(2020, 1, 2, tzinfo=UTC)),
                keys=(
                    AccessKey(
                        "AKIAONE",
                        active=True,
                        created_at=datetime(2019, 5, 1, tzinfo=UTC),
                        last_used_at=datetime(2026, 11, 1, tzinfo=UTC),
                        last_used_service="s3",
                        last_used_region="us-east-1",
                    ),
                    AccessKey("AKIATWO", active=False, created_at=datetime(2019, 6, 1, tzinfo=UTC)),
                ),
                certificates=(SigningCertificate("CERTONE", active=True),),
                mfa=(MfaDevice(f"arn:aws:iam::{DEV}:mfa/root-account-mfa-device"),),
            ),
            PROD: FakeAccount(),
            SHOP: FakeAccount(password=Password(datetime(2026, 11, 20, tzinfo=UTC))),
        }
    )


@pytest.fixture
def journal(gateway: FakeGateway) -> MemoryJournal:
    return MemoryJournal(gateway.log)


@pytest.fixture
def backups(gateway: FakeGateway) -> MemoryBackups:
    return MemoryBackups(gateway.log)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def dev(gateway: FakeGateway) -> Account:
    return gateway.tree.account(DEV)


@pytest.fixture
def prod(gateway: FakeGateway) -> Account:
    return gateway.tree.account(PROD)


@pytest.fixture
def shop(gateway: FakeGateway) -> Account:
    return gateway.tree.account(SHOP)
