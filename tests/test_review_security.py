"""Nobody gets in who may not, nothing is changed but by the desk's own forms, and what is shown is text. Every route is asked, new ones too."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pipeline.errors import UsageError
from pipeline.review import passwords
from pipeline.review.csrf import comes_from_here
from pipeline.review.guard import local_path
from pipeline.review.headers import CONTENT_POLICY
from pipeline.review.login import TRIES_OF_A_NAME, TRIES_OF_AN_ADDRESS, Refused
from pipeline.review.passwords import hash_password, is_outdated, is_password
from pipeline.review.secret import keyed, read_secret, secret_path
from pipeline.review.site import LOOPBACK_HOSTS, check_header, check_proxies, choose_access, choose_hosts
from pipeline.settings import Server
from tests.review_site import BASE, PASSWORD, ReviewSite, open_site, place, server_at, sign_in, site
from tests.sample_draft import hostile_draft

__all__ = ["place", "site"]

# Whoever is not signed in gets to these, and to nothing else.
_OPEN = {"/login", "/static/{digest}/{name}"}
# A publisher's alone.
_OF_PUBLISHERS = {"/reviews/{id}/publish", "/reviews/{id}/withdraw"}
_HEADERS = (
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "cache-control",
)


def _routes(app: Starlette) -> list[tuple[str, str]]:
    """Every method and path of the application."""
    found = []
    for route in app.routes:
        assert isinstance(route, Route), route
        found += [(method, route.path) for method in sorted(route.methods or ()) if method != "HEAD"]
    return found


def _address(path: str, review_id: str) -> str:
    values = {"id": review_id, "audience": "public", "name": "base.css", "digest": "0"}
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], "x"), path)


def _asked(site: ReviewSite, client: TestClient, method: str, path: str, **more: Any) -> Any:
    address = _address(path, site.id)
    if method == "GET":
        return client.get(address, **more)
    return client.post(address, **{"data": {}} | more)


def test_every_route_has_one_of_two_methods(site: ReviewSite) -> None:
    assert {method for method, _ in _routes(site.app)} == {"GET", "POST"}
    assert len(_routes(site.app)) > 15


def test_without_a_login_every_page_leads_to_the_login_and_every_form_is_refused(site: ReviewSite) -> None:
    app = site.app_with(access="login")
    client = site.client(app)
    for method, path in _routes(app):
        answer = _asked(site, client, method, path)
        if path in _OPEN:
            assert answer.status_code in (200, 403, 404), path
        elif method == "GET":
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login?next="), path
        else:
            assert answer.status_code == 401, path


def test_htmx_is_told_that_the_session_is_over_and_what_was_typed_stays(site: ReviewSite) -> None:
    answer = site.client(site.app_with(access="login")).get("/", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-retarget"] == "#problem"
    assert "<html" not in answer.text


def test_a_reader_sees_every_page_and_changes_nothing(site: ReviewSite) -> None:
    client = site.signed_in("reader")
    token = site.token(client)
    decisions = site.desk.store.decisions(site.id)
    for method, path in _routes(site.app):
        if path == "/logout":
            continue
        answer = _asked(site, client, method, path, **({"data": {"csrf": token}} if method == "POST" else {}))
        if method == "POST":
            assert answer.status_code == 403, path
            assert path == "/login" or "is a reader" in answer.text, path
        else:
            # Where a form for an editor is asked for, a reader is told so.
            assert answer.status_code in (200, 303, 400, 404) or "is a reader" in answer.text, path
    assert site.desk.store.decisions(site.id) == decisions


def test_an_editor_approves_and_does_not_publish(site: ReviewSite) -> None:
    client = site.signed_in("editor")
    for path in _OF_PUBLISHERS:
        answer = site.post(client, _address(path, site.id))
        assert answer.status_code == 403
        assert "This is for a publisher, and editor is an editor." in answer.text
    answer = site.post(client, f"/reviews/{site.id}/approve", expected="0", override="settled with counsel")
    assert answer.status_code == 303
    assert site.desk.open(site.id).row.state == "approved"


def test_what_is_published_is_reopened_by_a_publisher_alone(site: ReviewSite) -> None:
    publisher, editor = site.signed_in("publisher"), site.signed_in("editor")
    site.post(publisher, f"/reviews/{site.id}/approve", expected="0", override="settled")
    assert (
        site.post(publisher, f"/reviews/{site.id}/publish", expected="1", audience="public").status_code
        == 303
    )
    assert site.post(editor, f"/reviews/{site.id}/reopen", reason="a typing error").status_code == 403
    assert site.post(publisher, f"/reviews/{site.id}/reopen", reason="a typing error").status_code == 303
    assert site.desk.open(site.id).row.state == "in_review"


@pytest.mark.parametrize("token", ["", "0" * 64, "é" * 32])
def test_no_form_is_taken_without_the_token_of_the_session(site: ReviewSite, token: str) -> None:
    for client in (site.client(), site.signed_in("publisher")):
        for method, path in _routes(site.app):
            if method == "POST":
                answer = _asked(site, client, method, path, data={"csrf": token})
                assert answer.status_code == 403, path
                assert "from another session" in answer.text, path


def test_a_token_of_another_persons_session_is_refused(site: ReviewSite) -> None:
    token = site.token(site.signed_in("publisher"))
    client = site.signed_in("editor")
    answer = client.post(
        f"/reviews/{site.id}/approve", data={"csrf": token, "expected": "0", "override": "x"}
    )
    assert answer.status_code == 403
    assert site.desk.open(site.id).row.state == "drafted"


def test_the_token_may_come_in_the_header_of_htmx(site: ReviewSite) -> None:
    client = site.client()
    address = f"/reviews/{site.id}/approve"
    headers = {"x-csrf-token": site.token(client), "hx-request": "true"}
    answer = client.post(address, data={"expected": "0", "override": "settled"}, headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, f"/reviews/{site.id}")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost:8000@evil.example", "evil.example:8000", ""]
)
def test_under_a_foreign_name_nothing_is_served(site: ReviewSite, host: str) -> None:
    client = site.client()
    for method, path in _routes(site.app):
        answer = _asked(site, client, method, path, headers={"host": host})
        assert answer.status_code == 400, path
        assert answer.text == "Invalid host header"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:1", "[::1]:8000"])
def test_the_names_of_this_machine_are_served_on_any_port(site: ReviewSite, host: str) -> None:
    assert site.client().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "http://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": BASE, "sec-fetch-site": "cross-site"},
        {"origin": BASE, "sec-fetch-site": "same-site"},
        {"origin": BASE, "sec-fetch-site": "none"},
        {"origin": "http://127.0.0.1:8001", "sec-fetch-site": "same-origin"},
        {"origin": "http://127.0.0.1.evil.example:8000", "sec-fetch-site": "same-origin"},
        {"origin": "http://evil.example@127.0.0.1:x", "sec-fetch-site": "same-origin"},
        {"origin": "file://", "sec-fetch-site": "same-origin"},
    ],
)
def test_a_form_of_a_foreign_page_is_refused_even_with_the_token(
    site: ReviewSite, headers: dict[str, str]
) -> None:
    client = site.client()
    token = site.token(client)
    for method, path in _routes(site.app):
        if method == "POST":
            answer = _asked(site, client, method, path, data={"csrf": token}, headers=headers)
            assert answer.status_code == 403, path
            assert "not on a page of this desk" in answer.text, path


def test_a_browser_must_say_where_a_form_was(site: ReviewSite) -> None:
    client = site.client()
    token = site.token(client)
    del client.headers["origin"], client.headers["sec-fetch-site"]
    address = f"/reviews/{site.id}/approve"
    data = {"csrf": token, "expected": "0", "override": "settled"}
    assert client.post(address, data=data).status_code == 403
    assert client.post(address, data=data, headers={"origin": "null"}).status_code == 403
    # What Chromium sends for a form of a page without referrer.
    sent = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert client.post(address, data=data, headers=sent).status_code == 303


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("https://desk.example", "desk.example", True),
        ("https://desk.example:443", "desk.example", True),
        ("https://DESK.example", "desk.example:443", True),
        ("http://desk.example:8000", "desk.example", False),
        ("http://desk.example:99999", "desk.example", False),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://", "", False),
    ],
)
def test_an_origin_is_held_against_the_host_with_its_port(origin: str, host: str, same: bool) -> None:
    from starlette.datastructures import Headers

    assert comes_from_here(Headers({"origin": origin, "host": host})) is same


def test_other_methods_and_other_bodies_are_refused(site: ReviewSite) -> None:
    client = site.client()
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"):
        assert client.request(method, "/").status_code == 405
    headers = {"x-csrf-token": site.token(client), "content-type": "application/json"}
    answer = client.post(f"/reviews/{site.id}/approve", content=b"{}", headers=headers)
    assert answer.status_code == 415


def test_a_body_that_is_too_long_is_refused_before_it_is_read(site: ReviewSite) -> None:
    client = site.client()
    data = {"csrf": site.token(client), "override": "x" * 1_100_000, "expected": "0"}
    assert client.post(f"/reviews/{site.id}/approve", data=data).status_code == 413
    data["override"] = "x" * 600_000
    assert client.post(f"/reviews/{site.id}/approve", data=data).status_code in (400, 413)
    many = {f"field{n}": "" for n in range(1_100)} | {"csrf": data["csrf"]}
    assert client.post(f"/reviews/{site.id}/approve", data=many).status_code == 400
    files = {"file": ("draft.json", b"{}")}
    answer = client.post(f"/reviews/{site.id}/approve", data={"csrf": data["csrf"]}, files=files)
    assert answer.status_code == 400


def test_asking_for_pages_changes_nothing(site: ReviewSite) -> None:
    client = site.client()
    before = (
        site.desk.store.audit_log(),
        site.desk.store.decisions(site.id),
        site.desk.store.review(site.id),
    )
    site.desk.open(site.id)  # the row is brought up to the checks of now, as the first reading does
    before = (before[0], before[1], site.desk.store.review(site.id))
    for method, path in _routes(site.app):
        if method == "GET":
            _asked(site, client, method, path)
    assert before == (
        site.desk.store.audit_log(),
        site.desk.store.decisions(site.id),
        site.desk.store.review(site.id),
    )


def test_every_answer_has_the_headers_and_only_static_files_are_kept(site: ReviewSite) -> None:
    client = site.client()
    answers = [(path, _asked(site, client, method, path)) for method, path in _routes(site.app)]
    static = re.search(r'href="(/static/\w+/base\.css)"', client.get("/").text)
    assert static
    kept = client.get(static[1])
    answers += [
        ("a page that is missing", client.get("/nothing")),
        ("a foreign host", client.get("/", headers={"host": "x"})),
    ]
    for path, answer in [*answers, ("static", kept)]:
        for name in _HEADERS:
            assert answer.headers.get_list(name), (path, name)
        assert answer.headers["content-security-policy"] == CONTENT_POLICY, path
    assert {answer.headers["cache-control"] for _, answer in answers} == {"no-store"}
    assert kept.status_code == 200
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "unsafe" not in CONTENT_POLICY


def test_no_page_holds_a_script_a_style_or_a_handler_of_its_own(site: ReviewSite) -> None:
    client = site.client()
    site.post(client, f"/reviews/{site.id}/approve", expected="0", override="settled")
    pages = [_asked(site, client, method, path).text for method, path in _routes(site.app) if method == "GET"]
    pages.append(site.client(site.app_with(access="login")).get("/login").text)
    assert sum(page.startswith("<!doctype html>") for page in pages) >= 9
    for page in pages:
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page), page[
            :200
        ]
        for source in re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]*)"', page):
            assert source.startswith("/static/")
        if page.startswith("<!doctype html>"):
            assert '"includeIndicatorCSS": false' in page


@pytest.fixture
def hostile(tmp_path: Path, place: Path | Server) -> Iterator[ReviewSite]:
    with open_site(place, tmp_path, drafts=[hostile_draft()], as_name="<b>Ada</b>") as opened:
        yield opened


def test_what_a_policy_and_a_model_wrote_is_text_on_every_page(hostile: ReviewSite) -> None:
    client = hostile.client()
    payload = "<img src=x onerror=alert(1)>{{7*7}}</textarea><script>alert(2)</script>"
    hostile.post(client, f"/reviews/{hostile.id}/approve", expected="0", override=payload)
    hostile.post(client, f"/reviews/{hostile.id}/publish", expected="1", audience=["public", "professional"])
    hostile.post(client, f"/reviews/{hostile.id}/withdraw", reason=payload)
    for method, path in _routes(hostile.app):
        if method == "GET":
            page = _asked(hostile, client, method, path).text
            assert "<script>" not in page, path
            assert "<img" not in page, path
            assert "<b>Ada" not in page, path
            assert "49</textarea>" not in page, path
    found = client.get(
        "/", params={"text": '"><script>alert(1)</script>', "policy": payload, "code": payload}
    ).text
    assert "<script>" not in found
    assert "<img" not in found
    about = client.get("/audit", params={"subject": payload}).text
    assert "<img" not in about


def test_a_fault_is_told_without_what_broke(site: ReviewSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the password is hunter2 in /secret/place")

    monkeypatch.setattr(site.desk, "queue", broken)
    answer = site.client().get("/")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert "Something broke" in answer.text
    assert answer.headers["content-security-policy"] == CONTENT_POLICY


def test_a_fault_is_logged_with_its_place_and_not_with_its_text(
    site: ReviewSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(site.desk, "queue", broken)
    number = re.search(r"under (\w+)", site.client().get("/").text)
    assert number
    assert f"fault {number[1]}: RuntimeError in broken" in caplog.text
    assert "hunter2" not in caplog.text
    caplog.clear()
    site.client(site.app_with(fault_details=True)).get("/")
    assert "hunter2" in caplog.text


# Who asks


def test_without_a_login_the_person_is_a_publisher_of_the_name_given(site: ReviewSite) -> None:
    page = site.client().get("/").text
    assert "<b>Ada</b>, publisher" in page
    assert "Sign out" not in page


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.1", "::ffff:10.0.0.1", "testclient"])
def test_without_a_login_other_machines_get_nothing(site: ReviewSite, address: str) -> None:
    client = site.client(client=(address, 50_000))
    for method, path in _routes(site.app):
        if path not in _OPEN or path == "/login":
            assert _asked(site, client, method, path).status_code == 403, path


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Real-IP", "Via"])
def test_without_a_login_nothing_is_served_through_a_proxy(site: ReviewSite, header: str) -> None:
    answer = site.client().get("/", headers={header: "203.0.113.9"})
    assert answer.status_code == 403
    assert "nobody through a proxy" in answer.text


def test_without_a_login_there_is_nothing_to_sign_in_to(site: ReviewSite) -> None:
    client = site.client()
    assert client.get("/login").headers["location"] == "/"
    assert site.post(client, "/login", name="Ada", password=PASSWORD).status_code == 404
    assert site.post(client, "/logout").status_code == 404


@pytest.fixture
def behind_proxy(site: ReviewSite) -> TestClient:
    site.add_user("grace", "editor")
    app = site.app_with(access="header", trust_header="X-Remote-User", trusted_proxies=("10.0.0.2",))
    client = site.client(app, client=("10.0.0.2", 50_000))
    client.headers["x-remote-user"] = "grace"
    return client


def test_a_trusted_proxy_names_a_user_who_has_the_role_of_the_store(
    site: ReviewSite, behind_proxy: TestClient
) -> None:
    assert "<b>grace</b>, editor" in behind_proxy.get("/").text
    assert site.post(behind_proxy, f"/reviews/{site.id}/publish").status_code == 403
    answer = site.post(behind_proxy, f"/reviews/{site.id}/approve", expected="0", override="settled")
    assert answer.status_code == 303
    assert site.desk.open(site.id).row.approved_by == "grace"


def test_the_header_is_believed_of_the_proxy_alone(site: ReviewSite, behind_proxy: TestClient) -> None:
    for address in ("10.0.0.3", "127.0.0.1"):
        other = site.client(behind_proxy.app, client=(address, 50_000), headers={"x-remote-user": "grace"})  # type: ignore[arg-type]
        assert other.get("/").status_code == 403
    for named, status in (("nobody", 403), ("", 401)):
        assert behind_proxy.get("/", headers={"x-remote-user": named}).status_code == status
    del behind_proxy.headers["x-remote-user"]
    assert behind_proxy.get("/").status_code == 401
    twice = [("x-remote-user", "grace"), ("x-remote-user", "root")]
    assert behind_proxy.get("/", headers=twice).status_code == 401
    site.desk.store.disable_user("grace", by="tests")
    assert behind_proxy.get("/", headers={"x-remote-user": "grace"}).status_code == 403


# Signing in


def test_signing_in_opens_a_session_and_leads_to_the_page_that_was_wanted(site: ReviewSite) -> None:
    site.add_user("grace", "editor")
    client = site.client(site.app_with(access="login"))
    wanted = client.get("/stats").headers["location"]
    assert wanted == "/login?next=%2Fstats"
    assert 'name="next" value="/stats"' in client.get(wanted).text
    answer = sign_in(client, "grace", next="/stats")
    assert (answer.status_code, answer.headers["location"]) == (303, "/stats")
    assert "<b>grace</b>, editor" in client.get("/").text
    assert client.get("/login?next=/audit").headers["location"] == "/audit"


def test_the_cookie_is_out_of_reach_and_its_token_is_nowhere_in_the_store(
    site: ReviewSite, tmp_path: Path
) -> None:
    client = site.signed_in("editor")
    token = client.cookies["clausewise"]
    assert len(token) >= 43
    sent = sign_in(site.client(client.app), "editor").headers["set-cookie"].lower()  # type: ignore[arg-type]
    assert "httponly" in sent
    assert "samesite=strict" in sent
    assert "path=/" in sent
    if (tmp_path / "store.db").exists():
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
        assert token.encode() not in kept
        assert PASSWORD.encode() not in kept
        assert keyed(site.settings.secret, "session", client.cookies["clausewise"]).encode() in kept


def test_off_this_machine_cookies_are_for_https_and_of_this_host_alone(site: ReviewSite) -> None:
    site.add_user("grace", "editor")
    app = site.app_with(access="login", allowed_hosts=(*LOOPBACK_HOSTS, "desk.example"))
    client = site.client(app, base_url="https://desk.example", client=("203.0.113.9", 443))
    sent = sign_in(client, "grace").headers.get_list("set-cookie")
    assert all("secure" in cookie.lower() for cookie in sent)
    assert any(cookie.startswith("__Host-clausewise=") for cookie in sent)
    assert not any("domain" in cookie.lower() for cookie in sent)
    assert client.get("/").status_code == 200


def test_each_login_has_a_new_token_and_ends_the_session_before(site: ReviewSite) -> None:
    client = site.signed_in("editor")
    first = client.cookies["clausewise"]
    token = keyed(site.settings.secret, "csrf of login", client.cookies["clausewise-door"])
    answer = client.post("/login", data={"csrf": token, "name": "editor", "password": PASSWORD})
    assert answer.status_code == 303
    assert client.cookies["clausewise"] != first
    assert client.get("/").status_code == 200
    other = site.client(client.app, cookies={"clausewise": first})  # type: ignore[arg-type]
    assert other.get("/").status_code == 303


def test_signing_out_ends_the_session_in_the_store(site: ReviewSite) -> None:
    client = site.signed_in("editor")
    token = client.cookies["clausewise"]
    answer = site.post(client, "/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    client.cookies.set("clausewise", token)
    assert client.get("/").status_code == 303
    assert [line.action for line in site.desk.store.audit_log(limit=2)] == ["logout", "login"]


def test_a_session_ends_after_eight_idle_hours_and_after_seven_days(site: ReviewSite) -> None:
    client = site.signed_in("editor")
    site.clock.go_on(hours=7, minutes=59)
    assert client.get("/").status_code == 200
    site.clock.go_on(hours=8, minutes=1)
    assert client.get("/").status_code == 303
    client = site.signed_in("editor")
    for _ in range(23):
        site.clock.go_on(hours=7)
        assert client.get("/").status_code == 200
    site.clock.go_on(hours=7)  # the 168th hour
    assert client.get("/").status_code == 303


def test_a_disabled_user_and_a_changed_role_show_at_the_next_request(site: ReviewSite) -> None:
    from dataclasses import replace

    client = site.signed_in("editor")
    user = site.desk.store.user("editor")
    assert user is not None
    site.desk.store.put_user(replace(user, role="reader"), by="tests")
    assert site.post(client, f"/reviews/{site.id}/approve", expected="0").status_code == 403
    site.desk.store.disable_user("editor", by="tests")
    assert client.get("/").status_code == 303
    assert sign_in(client, "editor").status_code == 401


def test_a_cookie_that_is_no_session_is_no_session(site: ReviewSite) -> None:
    client = site.client(site.app_with(access="login"))
    for token in ("x", "a" * 5_000, "%00", "'; drop table sessions --"):
        client.cookies.set("clausewise", token)
        assert client.get("/").status_code == 303


def test_wrong_name_and_wrong_password_are_answered_alike(site: ReviewSite) -> None:
    site.add_user("grace", "editor")
    client = site.client(site.app_with(access="login"))
    answers = [sign_in(client, name, "not the password") for name in ("grace", "nobody", "x\0y", "a" * 900)]
    for answer in answers:
        assert answer.status_code == 401
        assert "The name or the password is wrong." in answer.text
        assert "not the password" not in answer.text


def test_the_login_form_has_a_token_of_the_browser_that_asked_for_it(site: ReviewSite) -> None:
    site.add_user("grace", "editor")
    app = site.app_with(access="login")
    one, other = site.client(app), site.client(app)
    token = one.get("/login").text.partition('name="csrf" value="')[2].partition('"')[0]
    other.get("/login")
    data = {"csrf": token, "name": "grace", "password": PASSWORD}
    assert other.post("/login", data=data).status_code == 403
    assert one.post("/login", data=data).status_code == 303


def test_after_too_many_tries_a_name_has_to_wait_even_over_a_restart(site: ReviewSite) -> None:
    site.add_user("grace", "editor")
    for _ in range(TRIES_OF_A_NAME):
        # An application of its own each time: what is counted is in the store.
        assert (
            sign_in(site.client(site.app_with(access="login")), "grace", "a wrong password").status_code
            == 401
        )
    client = site.client(site.app_with(access="login"))
    answer = sign_in(client, "grace")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "900"
    assert "15 minutes" in answer.text
    site.clock.go_on(minutes=15, seconds=1)
    assert sign_in(client, "grace").status_code == 303


def test_a_name_that_nobody_has_is_counted_as_any_other(site: ReviewSite) -> None:
    keeper = site.app_with(access="login").state.doorkeeper
    tries = [keeper.look_at("nobody", "x", f"10.0.0.{n}") for n in range(TRIES_OF_A_NAME + 1)]
    assert [bool(t.wait) for t in tries] == [False] * TRIES_OF_A_NAME + [True]


def test_after_too_many_tries_an_address_has_to_wait_whatever_the_name(
    site: ReviewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.review.login.is_password", lambda *_: False)
    keeper = site.app_with(access="login").state.doorkeeper
    tries = [keeper.look_at(f"name{n}", "x", "10.0.0.1") for n in range(TRIES_OF_AN_ADDRESS + 1)]
    assert [bool(t.wait) for t in tries] == [False] * TRIES_OF_AN_ADDRESS + [True]
    assert keeper.look_at("name", "x", "10.0.0.2") == Refused()


def test_what_was_typed_as_a_name_is_not_kept_when_it_is_nobodys(site: ReviewSite) -> None:
    client = site.client(site.app_with(access="login"))
    sign_in(client, "my password in the wrong field", "x")
    log = site.desk.store.audit_log(limit=1)[0]
    assert (log.by, log.action, log.subject) == ("unknown", "login failed", "127.0.0.1")
    if (file := Path(site.desk.store.name)).is_file():
        kept = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
        assert b"wrong field" not in kept


def test_few_wait_for_their_turn_at_the_door_and_others_are_sent_away(site: ReviewSite) -> None:
    keeper = site.app_with(access="login").state.doorkeeper
    held = [keeper._queue.acquire(blocking=False) for _ in range(4)]
    assert held == [True] * 4
    assert keeper.look_at("grace", "x", "10.0.0.1") == Refused(wait=2)


def test_behind_a_trusted_proxy_the_address_is_the_one_it_tells(site: ReviewSite) -> None:
    app = site.app_with(access="login", trusted_proxies=("10.0.0.2",))
    proxied = site.client(app, client=("10.0.0.2", 1))
    proxied.headers["x-forwarded-for"] = "6.6.6.6, 203.0.113.9"
    sign_in(proxied, "nobody", "x")
    assert site.desk.store.audit_log(limit=1)[0].subject == "203.0.113.9"
    direct = site.client(app, client=("10.0.0.9", 1))
    direct.headers["x-forwarded-for"] = "203.0.113.9"
    sign_in(direct, "nobody", "x")
    assert site.desk.store.audit_log(limit=1)[0].subject == "10.0.0.9"


@pytest.mark.parametrize(
    "wanted",
    [
        *(
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil.example",
            "",
            "\\\\evil",
            "/\t/evil",
        ),
        *("/ /evil.example", "/\n/evil", "javascript:alert(1)", "///evil", "/%09/../x y", "/é", "/\\/evil"),
    ],
)
def test_after_the_login_nobody_is_led_elsewhere(site: ReviewSite, wanted: str) -> None:
    assert local_path(wanted) == "/"
    site.add_user("grace", "editor")
    client = site.client(site.app_with(access="login"))
    assert sign_in(client, "grace", next=wanted).headers["location"] == "/"


@pytest.mark.parametrize("wanted", ["/", "/reviews/abc?unit=1#x", "/?text=a%20b&page=2", "/a//b"])
def test_paths_of_the_desk_are_kept(wanted: str) -> None:
    assert local_path(wanted) == wanted


# Passwords, the secret, and how the desk is started


def test_passwords_are_hashed_with_what_argon2_cffi_recommends() -> None:
    from argon2 import profiles

    assert hash_password(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords._HASHER._parameters == profiles.RFC_9106_LOW_MEMORY


def test_a_password_is_kept_as_an_argon2_hash_that_differs_each_time() -> None:
    one, other = hash_password(PASSWORD), hash_password(PASSWORD)
    assert one.startswith("$argon2id$")
    assert one != other
    assert is_password(PASSWORD, one)
    assert not is_password(PASSWORD + " ", one)
    assert not is_password(PASSWORD, None)
    assert not is_password(PASSWORD, "no hash at all")


def test_a_letter_may_be_typed_in_either_form() -> None:
    assert is_password("cafe\u0301 au lait 12", hash_password("caf\u00e9 au lait 12"))


@pytest.mark.parametrize(
    ("length", "told"), [(0, "at least 12"), (11, "at least 12"), (1_001, "at most 1,000")]
)
def test_a_password_of_another_length_is_refused(length: int, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        hash_password("x" * length)


def test_a_hash_with_other_parameters_is_made_anew_at_the_next_login(site: ReviewSite) -> None:
    from argon2 import PasswordHasher

    from pipeline.store.review_records import UserRow

    weak = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert is_outdated(weak)
    site.desk.store.put_user(UserRow("grace", weak, "editor", site.clock()), by="tests")
    client = site.client(site.app_with(access="login"))
    assert sign_in(client, "grace").status_code == 303
    user = site.desk.store.user("grace")
    assert user is not None
    assert not is_outdated(user.password_hash)
    assert is_password(PASSWORD, user.password_hash)
    assert client.get("/").status_code == 200


def test_a_name_that_nobody_has_costs_as_much_work(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    class Counting(passwords.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
            checked.append(str(hash))
            return super().verify(hash, password)  # type: ignore[return-value]

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    passwords._nobodys.cache_clear()
    assert not is_password(PASSWORD, None)
    real = hash_password(PASSWORD)
    assert is_password(PASSWORD, real)
    assert len(checked) == 2
    assert checked[0].rsplit("$", 2)[0] == real.rsplit("$", 2)[0]
    passwords._nobodys.cache_clear()


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = secret_path(tmp_path / "data" / "store.db")
    assert path == tmp_path / "data" / "store.db.secret"
    secret = read_secret(path)
    assert len(secret) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_secret(path) == secret
    assert read_secret(secret_path(tmp_path / "other.db")) != secret


def test_the_secret_of_a_server_is_in_the_data_folder() -> None:
    assert secret_path(server_at("postgresql://desk@db.example/clausewise")).name == "review.secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "store.db.secret"
    read_secret(path)
    path.chmod(mode)
    with pytest.raises(UsageError, match="can be read by others"):
        read_secret(path)


def test_a_secret_that_is_damaged_or_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    for text in ("", "short\n", "0" * 64 + "\n\n"):
        path.write_text(text)
        path.chmod(0o600)
        with pytest.raises(UsageError, match="damaged"):
            read_secret(path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="cannot be read or made"):
        read_secret(path)
    assert not (tmp_path / "elsewhere").exists()


def test_each_purpose_has_digests_of_its_own() -> None:
    digests = {keyed(b"s", purpose, "value") for purpose in ("session", "csrf", "name")}
    assert len(digests) == 3
    assert keyed(b"s", "session", "value") != keyed(b"t", "session", "value")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.9"])
def test_on_loopback_no_login_is_needed(host: str) -> None:
    assert choose_access(host, login=False, trust_header="", users=0) == "open"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "desk.example", "::ffff:127.0.0.1.evil"])
def test_on_any_other_address_users_are_needed(host: str) -> None:
    with pytest.raises(UsageError, match="clausewise review users add"):
        choose_access(host, login=False, trust_header="", users=0)
    assert choose_access(host, login=False, trust_header="", users=1) == "login"
    with pytest.raises(UsageError, match="clausewise review users add"):
        choose_access(host, login=False, trust_header="X-User", users=0)
    assert choose_access(host, login=False, trust_header="X-User", users=1) == "header"


def test_a_login_may_be_asked_for_on_loopback_and_not_together_with_a_header() -> None:
    assert choose_access("127.0.0.1", login=True, trust_header="", users=1) == "login"
    with pytest.raises(UsageError, match="with --login"):
        choose_access("127.0.0.1", login=True, trust_header="", users=0)
    with pytest.raises(UsageError, match="in one way"):
        choose_access("127.0.0.1", login=True, trust_header="X-User", users=1)


def test_a_desk_on_every_address_must_be_told_its_name() -> None:
    for host in ("0.0.0.0", "::"):
        with pytest.raises(UsageError, match="--allowed-host"):
            choose_hosts(host, [])
        assert choose_hosts(host, ["Desk.example"]) == (*LOOPBACK_HOSTS, "desk.example")
    assert choose_hosts("192.168.1.4", []) == (*LOOPBACK_HOSTS, "192.168.1.4")
    assert choose_hosts("fe80::1", []) == (*LOOPBACK_HOSTS, "[fe80::1]")
    assert choose_hosts("127.0.0.1", []) == LOOPBACK_HOSTS


@pytest.mark.parametrize(
    "name", ["*", "*.example", "desk.example:8000", "http://desk.example", "", "a b", "x/y"]
)
def test_a_name_with_a_wildcard_or_a_port_is_no_host(name: str) -> None:
    with pytest.raises(UsageError, match="no host name"):
        choose_hosts("127.0.0.1", [name])


def test_proxies_are_addresses_and_headers_have_names() -> None:
    assert check_proxies([]) == ("127.0.0.1", "::1")
    assert check_proxies(["10.0.0.2"]) == ("10.0.0.2",)
    for wrong in ("proxy.example", "10.0.0.0/8", ""):
        with pytest.raises(UsageError, match="no address"):
            check_proxies([wrong])
    assert check_header("X-Remote-User") == "X-Remote-User"
    for wrong in ("X Remote", "X:Y", "é", "X_Y"):
        with pytest.raises(UsageError, match="no header's name"):
            check_header(wrong)


def test_a_websocket_is_refused(site: ReviewSite) -> None:
    with pytest.raises(WebSocketDisconnect), site.client().websocket_connect("ws://127.0.0.1:8000/"):
        pass
