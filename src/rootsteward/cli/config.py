"""The configuration file, `rootsteward.toml`: protected accounts and defaults."""

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from rootsteward.domain.errors import InputError


def _account_id(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        raise PydanticCustomError("account_id", "twelve digits in quotes")
    return text


def _unit_id(text: str) -> str:
    if not re.fullmatch(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}", text):
        raise PydanticCustomError("unit_id", "the id of a unit, such as `ou-abcd-12345678`")
    return text


def _arn_pattern(text: str) -> str:
    if not re.fullmatch(r"arn:\S+", text):
        raise PydanticCustomError("arn_pattern", "a glob on ARNs, such as `arn:aws:s3:::audit-*`")
    return text


# WHY patterns here: a typo in a protected id must be an error, not an account left unprotected.
AccountIdText = Annotated[str, AfterValidator(_account_id)]
UnitIdText = Annotated[str, AfterValidator(_unit_id)]
ArnPatternText = Annotated[str, AfterValidator(_arn_pattern)]
DEFAULT_NAME = "rootsteward.toml"
_HELP = "docs/configuration.md lists every field"
_EXPECTED = {
    "list_type": 'a list, such as ["222222222222"]',
    "model_type": "a table with fields",
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Protected(_Section):
    """Accounts, organizational units and resources that no destructive command may touch."""

    accounts: list[AccountIdText] = Field(default_factory=list)
    units: list[UnitIdText] = Field(default_factory=list)
    resources: list[ArnPatternText] = Field(default_factory=list)


class Plans(_Section):
    """When a plan file may be applied."""

    max_age_hours: int = Field(default=24, ge=1)
    require_approval: bool = False


class AwsDefaults(_Section):
    """What `--profile`, `--region` and `--endpoint-url` are when they are not given."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None


class Config(_Section):
    """The whole file; every part may be left out."""

    aws: AwsDefaults = Field(default_factory=AwsDefaults)
    protected: Protected = Field(default_factory=Protected)
    plans: Plans = Field(default_factory=Plans)
    database: str | None = None


def load_config(path: Path | None) -> Config:
    """Read the file given, or `rootsteward.toml` here, or nothing.

    Raises:
        InputError: naming the file, and the line or the field that is wrong.
    """
    if path is None:
        path = Path(DEFAULT_NAME)
        if not path.exists():
            return Config()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"config `{path}` cannot be read: {error}", help="name a TOML file with --config"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"config `{path}`: {error}", help="correct that line") from error
    except RecursionError as error:
        raise InputError(f"config `{path}` is nested too deeply", help=_HELP) from error
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise InputError(
            f"config `{path}`: {_first_problem(error)}",
            help=_HELP,
        ) from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"unknown field `{field}`"
    expected = _EXPECTED.get(problem["type"], problem["msg"])
    return f"field `{field}` is `{problem['input']}`, expected {expected}"
