"""The bodies that the admin API takes, and how a wrong one is answered."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rootsteward.sandbox.admin.answers import refused
from rootsteward.sandbox.clock import MAX_ADVANCE_SECONDS
from rootsteward.sandbox.model_problems import problems_of

_Body = TypeVar("_Body", bound=BaseModel)
_MAX_BYTES = 1_000_000


class ClockBody(BaseModel):
    """A change to the clock: first `frozen`, then `advance_seconds`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    advance_seconds: Annotated[float, Field(ge=0, le=MAX_ADVANCE_SECONDS)] = Field(
        default=0.0, description="a number of seconds, 0 or more"
    )
    frozen: bool | None = Field(
        default=None, description="true to stop the clock, false to let it run"
    )


class BehaviourBody(BaseModel):
    """A change to the two switches and to GuardDuty's delay; what is left out stays."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    throttle: bool | None = Field(default=None, description="true or false")
    realistic: bool | None = Field(default=None, description="true or false")
    findings_delay_seconds: Annotated[float | None, Field(ge=0, le=86_400)] = Field(
        default=None, description="seconds until a finding shows, 0 to 86400"
    )


class BodyReader(Generic[_Body]):
    """Reads one kind of body."""

    def __init__(self, model: type[_Body]) -> None:
        self._model = model

    async def read(self, request: Request) -> _Body | Response:
        """The body, or the answer that says what is wrong with it."""
        refusal = wrong_content_type(request)
        if refusal is not None:
            return refusal
        content = await request.body()
        if len(content) > _MAX_BYTES:
            return refused(413, f"the body has more than {_MAX_BYTES} bytes", "send less")
        try:
            return self._model.model_validate_json(content)
        except ValidationError as error:
            problems = problems_of(error, self._model)
            first = problems[0]
            return refused(
                400, f"`{first.field}` {first.what}", f"expected {first.expected}", problems
            )


def wrong_content_type(request: Request) -> Response | None:
    """Refuse a body that does not say it is JSON.

    WHY: a page of another site can send other types without asking first.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent == "application/json":
        return None
    return refused(415, f"the body is `{sent or 'of no type'}`", "send application/json")
