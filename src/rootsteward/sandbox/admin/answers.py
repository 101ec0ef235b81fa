"""The answers of the admin API: JSON, never cached, errors in one shape."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from rootsteward.sandbox.model_problems import FieldProblem

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def answer(document: Mapping[str, Any] | Sequence[Any], status: int = 200) -> Response:
    """A JSON document, indented for people."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return Response(text, status, _HEADERS, media_type="application/json")


def refused(
    status: int, message: str, help_text: str = "", problems: Sequence[FieldProblem] = ()
) -> Response:
    """An error: what happened, what to do, and which fields are wrong."""
    found = [{"field": p.field, "what": p.what, "expected": p.expected} for p in problems]
    return answer({"error": {"message": message, "help": help_text, "problems": found}}, status)


def download(text: str, file_name: str) -> Response:
    """A JSON document to keep as a file."""
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response(text, headers=headers, media_type="application/json")
