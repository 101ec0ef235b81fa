import pytest

from rootsteward.domain.errors import (
    AwsRefusedError,
    OutcomeUnknownError,
    Refusal,
    RootstewardError,
)
from rootsteward.domain.receipt import Receipt
from rootsteward.operations.record import answer_as_json

BROKEN = AwsRefusedError(Refusal("InternalFailure", "oh", "iam:DeleteAccessKey", "req-5", 500))


def failed_meanwhile() -> OutcomeUnknownError:
    """As the gateway raises it: the service failed while it carried a change out."""
    error = OutcomeUnknownError("the service failed")
    error.__cause__ = BROKEN
    return error


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        (Receipt("req-1"), {"answer": "done", "request_id": "req-1"}),
        (BROKEN, {"answer": "InternalFailure", "message": "oh", "request_id": "req-5"}),
        (
            failed_meanwhile(),
            {
                "answer": "OutcomeUnknownError",
                "message": "the service failed",
                "request_id": "req-5",
            },
        ),
        (
            OutcomeUnknownError("no answer"),
            {"answer": "OutcomeUnknownError", "message": "no answer"},
        ),
    ],
)
def test_an_answer_is_written_with_awss_request_id_whenever_there_is_one(
    answer: Receipt | RootstewardError, written: dict[str, str]
) -> None:
    assert answer_as_json(answer) == written
