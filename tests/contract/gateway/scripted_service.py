"""A service that answers what it is told, over real HTTP, and keeps what it was asked."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    operation: str
    path: str
    headers: Mapping[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}

    @property
    def access_key_id(self) -> str:
        return self.headers["authorization"].partition("Credential=")[2].partition("/")[0]

    @property
    def signed_region(self) -> str:
        return self.headers["authorization"].partition("Credential=")[2].split("/")[2]


@dataclass(frozen=True)
class Answer:
    """What to say. `hang_up` closes the connection instead, after the request was read."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: bool = False


class _Server(ThreadingHTTPServer):
    # The default backlog of five would reset connections that many threads open at once.
    request_queue_size = 128
    daemon_threads = False


class ScriptedService:
    """Answers per operation are given in order; the last one is repeated.

    An operation is the action of a form, the target of a JSON call, or `METHOD /path`. What has
    no answer is refused with status 418, which no client repeats.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[str, deque[Answer]] = defaultdict(deque)
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def on(self, operation: str, *answers: Answer | str) -> None:
        self._answers[operation].extend(
            Answer(body=answer) if isinstance(answer, str) else answer for answer in answers
        )

    def operations(self) -> list[str]:
        return [asked.operation for asked in self.asked]

    def answer_to(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answers = self._answers[asked.operation]
        if not answers:
            return Answer(418, f"nothing is scripted for {asked.operation}")
        return answers.popleft() if len(answers) > 1 else answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # A client that keeps a connection open must not keep the server from closing.
            timeout = 5

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                self._answer()

            def _answer(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", "0"))).decode()
                operation = _operation(self.command, self.path, headers, body)
                answer = service.answer_to(Asked(operation, self.path, headers, body))
                self.close_connection = True
                if answer.hang_up:
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body.encode())))
                self.send_header("Connection", "close")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _operation(method: str, path: str, headers: Mapping[str, str], body: str) -> str:
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        return target
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body)["Action"][0]
    return f"{method} {path.partition('?')[0]}"
