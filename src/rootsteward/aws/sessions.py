"""Botocore sessions: as the operator, by the standard chain, and as nobody, for root sessions."""

import os
from functools import cache

from botocore.credentials import CredentialResolver
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from rootsteward.aws.errors import setup_error
from rootsteward.aws.settings import AwsSettings
from rootsteward.domain.errors import InputError, OperatorError


def operator_session(settings: AwsSettings) -> Session:
    """A session with the standard credential chain, its Region resolved and checked.

    Credentials are not looked up yet; the first call does that.

    Raises:
        OperatorError: when the profile does not exist, a configuration file cannot be read, no
            Region is set, or the Region is one of the `…-global` pseudo Regions.
    """
    try:
        session = _core_session(settings)
        region = settings.region or _configured_region(session, settings)
        session.set_config_variable("region", _regional(region))
        session.get_partition_for_region(region)
    except BotoCoreError as error:
        known = setup_error(error)
        if known is None:
            raise
        raise known from error
    return session


def nobody_session(settings: AwsSettings, operator: Session) -> Session:
    """A session like the operator's that finds no credentials anywhere.

    INVARIANT: clients made from it sign with what each call brings, or not at all. A root-session
    call that lost its credentials must fail, never go out as the operator.
    """
    session = _core_session(settings)
    session.set_config_variable("region", region_of(operator))
    session.register_component("credential_provider", CredentialResolver([]))
    return session


def region_of(session: Session) -> str:
    """The session's Region."""
    return str(session.get_config_variable("region"))


def _core_session(settings: AwsSettings) -> Session:
    session = Session(profile=settings.profile)
    if settings.credentials_file is not None:
        nowhere = settings.credentials_file.with_name("no-config")
        session.set_config_variable("credentials_file", str(settings.credentials_file))
        session.set_config_variable("config_file", str(nowhere))
    # WHY: a leftover `sts_regional_endpoints = legacy` in a configuration file would send
    # AssumeRoot to the global endpoint, which does not know it (rule card STS-01).
    session.set_config_variable("sts_regional_endpoints", "regional")
    session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
    return session


@cache
def _loader(data_path: str | None) -> Loader:
    """The SDK's service models, parsed once per process: tens of milliseconds and megabytes."""
    return create_loader(data_path)


def _configured_region(session: Session, settings: AwsSettings) -> str:
    # WHY: botocore reads AWS_DEFAULT_REGION only; every other SDK and the newer AWS CLI read
    # AWS_REGION first. A profile named on the command line keeps its own Region.
    from_environment = None if settings.profile else os.environ.get("AWS_REGION")
    region = from_environment or session.get_config_variable("region")
    if not region:
        raise OperatorError(
            "no AWS Region is set",
            help="name one with --region or AWS_REGION, such as --region us-east-1",
        )
    return str(region)


def _regional(region: str) -> str:
    if region.endswith("-global"):
        raise InputError(
            f"`{region}` is not a Region that AssumeRoot can be called in",
            help="AssumeRoot needs a Regional endpoint: name a Region, such as --region us-east-1",
        )
    return region
