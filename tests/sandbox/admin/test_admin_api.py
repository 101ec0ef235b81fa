"""The admin API and the status page, over HTTP."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from rootsteward.sandbox.admin.guard import Guard
from rootsteward.sandbox.served import ServedSandbox, served_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON = {"Content-Type": "application/json"}


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 (any JSON)
        return json.loads(self.text)


@dataclass
class Admin:
    organization: ServedSandbox
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.organization.url).netloc)
        sent = body if isinstance(body, str | bytes) else json.dumps(body).encode()
        given = (JSON if body is not None else {}) | (headers or {})
        connection.request(method, "/_rootsteward" + path, None if body is None else sent, given)
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.headers), response.read().decode())
        connection.close()
        return answer

    def caller(self) -> str:
        """Make a call as the management account; gives its outcome."""
        sts = self.organization.session().client(
            "sts", config=Config(retries={"total_max_attempts": 1})
        )
        try:
            sts.get_caller_identity()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        finally:
            sts.close()
        return "Success"


@pytest.fixture(scope="module")
def _served() -> Iterator[ServedSandbox]:
    with served_sandbox("article") as served:
        yield served


@pytest.fixture
def admin(_served: ServedSandbox) -> Admin:
    _served.reset()
    return Admin(_served)


def test_faults_are_set_read_and_cleared(admin: Admin) -> None:
    rules = {"seed": 3, "rules": [{"kind": "throttle", "service": "sts", "times": 1}]}
    put = admin("PUT", "/faults", rules)
    assert put.status == 200
    assert admin.caller() == "Throttling"
    assert admin("GET", "/faults").json == {
        "seed": 3,
        "rules": [{"kind": "throttle", "service": "sts", "times": 1, "struck": 1, "left": 0}],
    }
    assert admin.caller() == "Success"
    admin("PUT", "/faults", {"rules": [{"kind": "throttle"}]})
    assert admin("DELETE", "/faults").json == {"seed": 1, "rules": []}
    assert admin.caller() == "Success"


@pytest.mark.parametrize(
    ("path", "method", "body", "field"),
    [
        ("/faults", "PUT", {"rules": [{"kind": "latency"}]}, "rules[0].seconds"),
        ("/faults", "PUT", {"rules": [{"kind": "nothing"}]}, "rules[0].kind"),
        ("/faults", "PUT", {"rules": {}}, "rules"),
        ("/faults", "PUT", {"rule": []}, "rule"),
        ("/faults", "PUT", "{", "the document"),
        ("/faults", "PUT", [], "the document"),
        ("/clock", "POST", {"advance_seconds": -5}, "advance_seconds"),
        ("/clock", "POST", {"advance_seconds": "5"}, "advance_seconds"),
        ("/clock", "POST", {"frozen": 1}, "frozen"),
        ("/behaviour", "PUT", {"throttle": "yes"}, "throttle"),
        ("/behaviour", "PUT", {"realism": True}, "realism"),
    ],
)
def test_a_wrong_body_is_refused_by_its_field(
    admin: Admin, path: str, method: str, body: object, field: str
) -> None:
    answer = admin(method, path, body)
    assert answer.status == 400
    error = answer.json["error"]
    assert error["problems"][0]["field"] == field
    assert f"`{field}`" in error["message"]
    assert error["help"].startswith("expected ")
    assert admin.caller() == "Success"


def test_the_clock_is_moved_and_stopped(admin: Admin) -> None:
    stopped = admin("POST", "/clock", {"frozen": True}).json
    assert stopped["frozen"] is True
    moved = admin("POST", "/clock", {"advance_seconds": 90}).json
    assert admin("GET", "/clock").json["now"] == moved["now"] != stopped["now"]
    running = admin("POST", "/clock", {"frozen": False}).json
    assert running["frozen"] is False
    assert 80 < running["ahead_seconds"] <= 90


def test_sessions_expire_by_the_clock_and_signatures_do_not(admin: Admin) -> None:
    session = admin.organization.session("root-steward")
    sts = session.client("sts", config=Config(retries={"total_max_attempts": 1}))
    sts.get_caller_identity()
    admin("POST", "/clock", {"advance_seconds": 3601})
    with pytest.raises(ClientError, match="ExpiredToken"):
        sts.get_caller_identity()
    assert admin.caller() == "Success"


def test_rates_and_realism_are_switched(admin: Admin) -> None:
    assert admin("GET", "/behaviour").json == {
        "throttle": False,
        "realistic": False,
        "findings_delay_seconds": 0.0,
    }
    assert admin("PUT", "/behaviour", {"throttle": True}).json["throttle"] is True
    admin("POST", "/clock", {"frozen": True})
    organizations = admin.organization.session().client(
        "organizations", config=Config(retries={"total_max_attempts": 1})
    )
    organizations.list_roots()
    organizations.list_roots()
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        organizations.list_roots()
    admin("POST", "/clock", {"advance_seconds": 1})
    organizations.list_roots()
    assert admin("PUT", "/behaviour", {"realistic": True}).json == {
        "throttle": True,
        "realistic": True,
        "findings_delay_seconds": 0.0,
    }


def test_guardduty_is_given_a_delay(admin: Admin) -> None:
    told = admin("PUT", "/behaviour", {"findings_delay_seconds": 360}).json
    assert told["findings_delay_seconds"] == 360
    assert admin.organization.world.findings.delay_seconds == 360
    assert admin("PUT", "/behaviour", {"findings_delay_seconds": -1}).status == 400


def test_the_world_is_shown_without_a_secret(admin: Admin) -> None:
    admin.caller()
    answer = admin("GET", "/world?limit=3")
    world = answer.json
    assert world["accounts"]["total"] == 14
    assert next(account["id"] for account in world["accounts"]["shown"]) == "111111111111"
    assert len(world["accounts"]["shown"]) == 3
    assert world["recent_calls"][0]["operation"] == "GetCallerIdentity"
    assert world["recent_calls"][0]["outcome"] == "Success"
    for identity in admin("GET", "/identities").json:
        secret = identity.get("secret_access_key")
        assert secret is None or secret not in answer.text
    legacy = admin("GET", "/world?limit=1&offset=8").json["accounts"]["shown"][0]
    assert legacy["name"] == "legacy-billing"
    assert legacy["root_user"]["active_access_keys"] == 1


@pytest.mark.parametrize("query", ["limit=-1", "limit=1001", "offset=x", "calls=501", "calls=²"])
def test_a_number_that_is_none_is_refused(admin: Admin, query: str) -> None:
    assert admin("GET", f"/world?{query.replace('²', '%C2%B2')}").status == 400


def test_findings_are_summed_up(admin: Admin) -> None:
    admin.organization.world.findings.delay_seconds = 0
    key = admin.organization.session("legacy-billing-root").client("iam")
    with pytest.raises(ClientError):
        key.get_account_summary()
    findings = admin("GET", "/world").json["findings"]
    assert findings["total"] >= 1
    assert "Policy:IAMUser/RootCredentialUsage" in {f["type"] for f in findings["newest"]}
    assert findings["open_by_severity"]["low"] >= 1
    assert "RootCredentialUsage" in admin("GET", "/").text


def test_a_reset_goes_back_to_the_start(admin: Admin) -> None:
    organizations = admin.organization.session().client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    admin("PUT", "/faults", {"rules": [{"kind": "throttle", "service": "sqs"}]})
    admin("POST", "/clock", {"advance_seconds": 500, "frozen": True})
    assert admin("POST", "/reset", {}).status == 200
    world = admin("GET", "/world").json
    assert "iam.amazonaws.com" not in world["organization"]["trusted_services"]
    assert world["recent_calls"] == []
    assert world["behaviour"]["fault_rules"] == 0
    assert admin("GET", "/clock").json["frozen"] is False
    assert admin.caller() == "Success"


def test_a_saved_world_is_loaded_again_with_its_sessions(admin: Admin) -> None:
    session = admin.organization.session("root-steward").client("sts")
    arn = session.get_caller_identity()["Arn"]
    saved = admin("GET", "/saved-world")
    assert "attachment" in saved.headers["content-disposition"]
    admin.organization.reset()
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        session.get_caller_identity()
    assert admin("PUT", "/saved-world", saved.text).json == {"status": "loaded"}
    assert session.get_caller_identity()["Arn"] == arn


def test_a_world_that_cannot_be_loaded_leaves_the_one_there_is(admin: Admin) -> None:
    refused = admin("PUT", "/saved-world", '{"format": "else"}')
    assert refused.status == 400
    assert "no saved world" in refused.json["error"]["message"]
    assert admin.caller() == "Success"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Host": "sandbox.example.com"},
        {"Host": "127.0.0.1.example.com:8025"},
        {"Host": "["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/identities"), ("GET", "/"), ("POST", "/reset")]
)
def test_no_page_of_another_site_gets_through(
    admin: Admin, headers: dict[str, str], method: str, path: str
) -> None:
    body: object = {} if method == "POST" else None
    answer = admin(method, path, body, headers)
    assert answer.status == 403
    assert "secret_access_key" not in answer.text


def test_the_own_page_gets_through(admin: Admin) -> None:
    host = urlsplit(admin.organization.url).netloc
    own = {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert admin("GET", "/world", headers=own).status == 200
    port = host.rpartition(":")[2]
    assert admin("GET", "/health", headers={"Host": f"localhost:{port}"}).json == {"status": "ok"}


def test_other_machines_are_refused_unless_they_are_let_in() -> None:
    assert statuses(anywhere=False) == {"127.0.0.1": 200, "::1": 200, "10.0.0.7": 403, "": 403}
    assert statuses(anywhere=True) == {"127.0.0.1": 200, "::1": 200, "10.0.0.7": 200, "": 200}


def statuses(*, anywhere: bool) -> dict[str, int]:
    return {client: status_from(client, anywhere=anywhere) for client in CLIENTS}


CLIENTS = ("127.0.0.1", "::1", "10.0.0.7", "")


def status_from(client: str, *, anywhere: bool) -> int:
    """What the guard answers a client, without a socket."""
    seen: list[int] = []

    async def passed_on(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401 (ASGI)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:  # noqa: ANN401 (ASGI)
        if message["type"] == "http.response.start":
            seen.append(message["status"])

    async def receive() -> Any:  # noqa: ANN401 (ASGI)
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/_rootsteward/world",
        "query_string": b"",
        "headers": [(b"host", b"localhost:8025")],
        "server": ("localhost", 8025),
        "client": (client, 1) if client else None,
    }
    running = Guard(passed_on, anywhere=anywhere)(scope, receive, send)
    with pytest.raises(StopIteration):
        running.send(None)
    return seen[0]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/faults", 405),
        ("PUT", "/reset", 405),
    ],
)
def test_what_is_not_there_is_said_in_json(
    admin: Admin, method: str, path: str, status: int
) -> None:
    answer = admin(method, path, None if method == "GET" else {})
    assert answer.status == status
    assert "docs/sandbox.md" in answer.json["error"]["help"]


@pytest.mark.parametrize("path", ["/faults", "/saved-world", "/behaviour"])
def test_a_body_must_say_that_it_is_json(admin: Admin, path: str) -> None:
    assert admin("PUT", path, "{}", {"Content-Type": "text/plain"}).status == 415
    assert admin("POST", "/reset").status == 415


# --- the page


def test_the_page_is_found_without_its_slash(admin: Admin) -> None:
    answer = admin("GET", "")
    assert answer.status == 307
    assert urlsplit(answer.headers["location"]).path == "/_rootsteward/"


def test_the_page_escapes_whatever_people_call_their_things(admin: Admin) -> None:
    organization = admin.organization.world.organization
    evil = "<script>alert(1)</script>\"'"
    unit = next(iter(organization.units))
    organization.rename_unit(unit, evil)
    page = admin("GET", "/").text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;" in page


def test_the_page_needs_nothing_from_elsewhere(admin: Admin) -> None:
    answer = admin("GET", "/")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    links = re.findall(r'(?:src|href)="([^"]*)"', answer.text)
    assert links
    assert all(link.startswith(("/_rootsteward/", "?", "#", "data:,")) for link in links)
    style = admin("GET", "/status.css")
    assert style.status == 200
    assert "url(" not in style.text


def test_the_page_shows_accounts_calls_and_faults(admin: Admin) -> None:
    admin("PUT", "/faults", {"rules": [{"kind": "throttle", "service": "sts"}]})
    admin.caller()
    text = admin("GET", "/").text.replace("<wbr>", "")
    for shown in (
        "legacy-billing",
        "1 inactive key",
        "GetCallerIdentity",
        "Throttling",
        "1 fault rule",
    ):
        assert shown in text


@pytest.mark.parametrize("page", ["1", "0", "2", "999", "x", "-1", "9" * 5000])
def test_a_page_that_is_none_is_the_nearest_one(admin: Admin, page: str) -> None:
    answer = admin("GET", f"/?page={page}")
    assert answer.status == 200
    assert "hinode-management" in answer.text


def rows(page: str, section: str) -> list[str]:
    """The rows of one table of the page, as text without tags."""
    page = page.replace("<wbr>", "")
    table = page.partition(f'<section aria-labelledby="{section}">')[2].partition("</section>")[0]
    body = table.partition("<tbody>")[2].partition("</tbody>")[0]
    texts = (re.sub(r"<[^>]*>|\s+", " ", row) for row in body.split("</tr>"))
    return [text for text in texts if text.strip()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=LEGACY", {"999999999999"}),
        ("q=4444", {"444444444444"}),
        ("q=workloads%2Fdev", {"121212121212", "131313131313"}),
        ("q=suspended", {"161616161616"}),
        ("q=workloads&holding=1", {"777777777777", "999999999999", "121212121212"}),
        ("q=nobody", set()),
    ],
)
def test_accounts_are_found_by_what_is_written_of_them_and_by_what_they_hold(
    admin: Admin, query: str, found: set[str]
) -> None:
    world = admin("GET", f"/world?{query}").json["accounts"]
    assert {account["id"] for account in world["shown"]} == found
    assert (world["matching"], world["total"]) == (len(found), 14)
    shown = rows(admin("GET", f"/?{query}").text, "accounts")
    assert len(shown) == len(found)


def test_calls_that_look_alike_are_one_row_and_refused_ones_can_be_had_alone(
    admin: Admin,
) -> None:
    for _ in range(3):
        admin.caller()
    admin("PUT", "/faults", {"rules": [{"kind": "throttle", "service": "sts"}]})
    admin.caller()
    refused, alike = rows(admin("GET", "/").text, "calls")
    assert "\u00d7 3" in alike
    assert "Throttling" in refused
    (only,) = rows(admin("GET", "/?calls=refused").text, "calls")
    assert "Throttling" in only


def test_the_page_comes_again_by_itself_when_it_is_asked_to(admin: Admin) -> None:
    assert "http-equiv" not in admin("GET", "/").text
    assert '<meta http-equiv="refresh" content="2">' in admin("GET", "/?every=1").text
