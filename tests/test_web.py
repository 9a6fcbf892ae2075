"""Fetching a page over real HTTP on loopback: where it may go, how far it reads, what it sends along."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from pipeline.errors import SourceBlockedError, SourceError
from pipeline.source.addresses import DENIED, Denied, find_denied
from pipeline.source.limits import Limits
from pipeline.source.reader import read_source
from pipeline.source.web import fetch_page

PAGE = b"<!doctype html><title>Privacy</title><p>We collect your name.</p>"
SMALL = Limits(size=50_000, deadline=5.0, redirects=3)

# The same table, but of 127/8 only a part is denied in which the test servers are not.
ONLY_HERE = (
    *(entry for entry in DENIED if str(entry.network) != "127.0.0.0/8"),
    Denied(ip_network("127.0.0.2/31"), "loopback", private=True),
)

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A scripted server: a path gives bytes, or a coroutine that writes as it likes; what was asked is kept."""

    port: int = 0
    answers: dict[str, bytes | Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, body: bytes = PAGE, **headers: str) -> None:
        self.answers[path] = answer(200, body, **{"Content-Type": "text/html", **headers})

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.answers[path] = answer(status, b"", Location=to)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.requests.append(request)
            reply = self.answers[request.split(" ")[1]]
            if isinstance(reply, bytes):
                writer.write(reply)
                await writer.drain()
            else:
                await reply(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def answer(status: int, body: bytes, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    if "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    made = Server()
    listener = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    made.port = listener.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        listener.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as made:
        yield made


async def test_page_is_fetched_with_its_address_charset_and_times(server: Server) -> None:
    server.answers["/p"] = answer(
        200,
        PAGE,
        Content_Type="text/html; charset=windows-1252",
        Memento_Datetime="Wed, 08 Apr 2026 10:00:00 GMT",
    )
    fetched = await read_source(server.url("/p"), allow_private=True)
    assert fetched.data == PAGE
    assert fetched.source.name == fetched.source.url == server.url("/p")
    assert (fetched.source.media_type, fetched.source.encoding) == ("text/html", "windows-1252")
    assert fetched.captured_at == datetime(2026, 4, 8, 10, tzinfo=UTC)
    assert fetched.source.fetched_at is not None
    assert fetched.source.fetched_at.tzinfo is UTC


async def test_live_page_has_no_capture_date(server: Server) -> None:
    server.page("/")
    assert (await read_source(server.url(), allow_private=True)).captured_at is None


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_loopback_is_blocked_in_every_spelling(server: Server, host: str) -> None:
    server.page("/")
    with pytest.raises(SourceBlockedError, match="--allow-private"):
        await read_source(server.url(host=host))
    assert server.requests == []


async def test_allow_private_opens_private_addresses_and_no_others(server: Server) -> None:
    server.page("/")
    assert (await fetch_page(server.url(), allow_private=True)).data == PAGE
    for host in (
        "169.254.169.254",
        "224.0.0.1",
        "0.0.0.0",
        "100.64.0.1",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ):
        with pytest.raises(SourceBlockedError):
            await fetch_page(f"http://{host}/", allow_private=True, limits=SMALL)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/",
        "http://10.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "//192.168.1.1/x",
        "http://169.254.169.254/",
    ],
)
async def test_redirect_to_a_denied_address_is_blocked(server: Server, target: str) -> None:
    server.redirect("/", target)
    with pytest.raises(SourceBlockedError):
        await fetch_page(server.url(), table=ONLY_HERE, limits=SMALL)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://example.org/x", "gopher://x/", "javascript:alert(1)"]
)
async def test_redirect_to_another_scheme_is_blocked(server: Server, target: str) -> None:
    server.redirect("/", target)
    with pytest.raises(SourceError, match="not fetched"):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)


async def test_redirects_are_followed_to_the_last_address(server: Server) -> None:
    server.redirect("/", "/a", 301)
    server.redirect("/a", server.url("/ünï?q=1#part"), 307)
    server.page("/%C3%BCn%C3%AF?q=1")
    page = await fetch_page(server.url(), allow_private=True, limits=SMALL)
    assert page.name == server.url()
    assert page.url == server.url("/%C3%BCn%C3%AF?q=1")


async def test_redirect_loop_ends_with_an_error(server: Server) -> None:
    server.redirect("/", "/again")
    server.redirect("/again", "/")
    with pytest.raises(SourceError, match="more than 3 times"):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)
    assert len(server.requests) == 4


async def test_a_name_is_looked_up_once_and_the_checked_address_is_used(server: Server) -> None:
    server.page("/")
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def rebinding(host: str, port: int) -> list[str]:
        return next(answers)

    page = await fetch_page(f"http://policy.example:{server.port}/", table=ONLY_HERE, resolve=rebinding)
    assert page.data == PAGE
    assert "Host: policy.example" in server.requests[0]
    with pytest.raises(SourceBlockedError, match=r"policy\.example \(10\.0\.0\.1\)"):
        await fetch_page(f"http://policy.example:{server.port}/", table=ONLY_HERE, resolve=rebinding)


async def test_one_denied_address_among_good_ones_blocks_the_host(server: Server) -> None:
    async def both(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "192.168.0.1"]

    with pytest.raises(SourceBlockedError):
        await fetch_page(f"http://policy.example:{server.port}/", table=ONLY_HERE, resolve=both)
    assert server.requests == []


async def test_slow_drip_meets_the_deadline(server: Server) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    server.answers["/"] = drip
    with pytest.raises(SourceError, match=r"within 0\.3 seconds"):
        await fetch_page(server.url(), allow_private=True, limits=Limits(deadline=0.3))


async def test_headers_and_redirects_that_drip_meet_the_same_deadline(server: Server) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(1000):
            writer.write(b"X-%d: y\r\n" % n)
            await writer.drain()
            await asyncio.sleep(0.02)

    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(answer(302, b"", Location="/slow"))

    server.answers |= {"/drip": drip, "/slow": slow}
    for path in ("/drip", "/slow"):
        with pytest.raises(SourceError, match=r"within 0\.3 seconds"):
            await fetch_page(server.url(path), allow_private=True, limits=Limits(deadline=0.3))


async def test_name_server_that_never_answers_meets_the_deadline() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    with pytest.raises(SourceError, match=r"within 0\.1 seconds"):
        await fetch_page("http://policy.example/", resolve=never, limits=Limits(deadline=0.1))


@pytest.mark.parametrize("addresses", [[], None])
async def test_name_without_an_address_is_an_error(addresses: list[str] | None) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        if addresses is None:
            raise OSError(-2, "Name or service not known")
        return addresses

    with pytest.raises(SourceError, match=r"policy\.example"):
        await fetch_page("http://policy.example/", resolve=resolve)


async def test_headers_without_end_are_an_error(server: Server) -> None:
    server.answers["/"] = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 2_000_000
    with pytest.raises(SourceError, match="no valid HTTP"):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)


async def test_https_of_a_server_without_it_is_an_error() -> None:
    async def no_tls(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(no_tls, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(SourceError, match="no valid HTTP"):
            await fetch_page(f"https://127.0.0.1:{port}/", allow_private=True, limits=SMALL)


async def test_announced_size_over_the_limit_is_not_read(server: Server) -> None:
    server.answers["/"] = answer(200, b"x", Content_Length="50001")
    with pytest.raises(SourceError, match="larger than 50 kB"):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)


async def test_body_without_a_size_is_read_no_further_than_the_limit(server: Server) -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()
            sent += 10_000

    server.answers["/"] = endless
    with pytest.raises(SourceError, match="larger than"):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)
    assert sent < 20_000_000


async def test_gzip_bomb_is_measured_unpacked(server: Server) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    assert len(bomb) < SMALL.size
    server.answers["/"] = answer(200, bomb, Content_Encoding="gzip")
    with pytest.raises(SourceError, match="larger than 50 kB"):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:20]) + gzip.compress(PAGE[20:])),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("identity", PAGE),
    ],
    ids=["gzip", "gzip in two members", "zlib", "raw deflate", "identity"],
)
async def test_compressed_pages_are_unpacked(server: Server, encoding: str, packed: bytes) -> None:
    server.answers["/"] = answer(200, packed, Content_Encoding=encoding)
    assert (await fetch_page(server.url(), allow_private=True)).data == PAGE


@pytest.mark.parametrize(
    ("encoding", "packed", "said"),
    [
        ("gzip", gzip.compress(PAGE * 9)[:-20], "broke off"),
        ("gzip", b"\x1f\x8b\x08\x00nonsense that is no gzip at all", "damaged"),
        ("br", PAGE, "compressed as br"),
        ("gzip, gzip", gzip.compress(gzip.compress(PAGE)), "compressed as gzip, gzip"),
    ],
)
async def test_bad_compression_is_one_clear_error(
    server: Server, encoding: str, packed: bytes, said: str
) -> None:
    server.answers["/"] = answer(200, packed, Content_Encoding=encoding)
    with pytest.raises(SourceError, match=said):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)


async def test_body_cut_short_is_an_error(server: Server) -> None:
    server.answers["/"] = answer(200, PAGE, Content_Length=str(len(PAGE) + 10))
    with pytest.raises(SourceError, match="broke off"):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)


async def test_what_is_not_http_is_an_error(server: Server) -> None:
    server.answers["/"] = b"220 mail.example ESMTP ready\r\n\r\n"
    with pytest.raises(SourceError, match="no valid HTTP"):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)


@pytest.mark.parametrize(
    ("status", "said"), [(404, "no such page"), (401, "login"), (403, "refuses"), (503, "503")]
)
async def test_status_other_than_200_is_an_error(server: Server, status: int, said: str) -> None:
    server.answers["/"] = answer(status, PAGE)
    with pytest.raises(SourceError, match=said):
        await fetch_page(server.url(), allow_private=True, limits=SMALL)


async def test_nothing_listening_is_an_error() -> None:
    async with serving() as closed:
        url = closed.url()
    with pytest.raises(SourceError, match="No connection"):
        await fetch_page(url, allow_private=True, limits=SMALL)


async def test_neither_cookies_nor_credentials_nor_the_proxy_are_used(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    server.answers["/"] = answer(
        302, b"", Location="http://me:word@" + server.url("/b")[7:], Set_Cookie="a=b; Path=/"
    )
    server.page("/b")
    page = await fetch_page("http://user:secret@" + server.url()[7:], allow_private=True)
    assert "secret" not in page.name
    assert "word" not in page.url
    for request in server.requests:
        assert "cookie" not in request.lower()
        assert "authorization" not in request.lower()


async def test_credentials_in_an_address_stay_out_of_messages(server: Server) -> None:
    server.answers["/"] = answer(404, b"")
    with pytest.raises(SourceError) as raised:
        await fetch_page("http://user:secret@" + server.url()[7:], allow_private=True)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "address", ["http://", "http:///x", "http://[::1", "http://a:99999/", "https://exa mple/"]
)
async def test_address_that_is_none_is_an_error(address: str) -> None:
    with pytest.raises(SourceError):
        await read_source(address)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("100.100.100.200", "carrier NAT"),
        ("169.254.169.254", "link-local"),
        ("0.0.0.0", "this network"),
        ("192.0.0.8", "protocol assignments"),
        ("198.19.0.1", "benchmarking"),
        ("203.0.113.9", "documentation"),
        ("239.1.1.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:a00:1", "private"),
        ("::127.0.0.1", "IPv4-compatible"),
        ("::ffff:0:7f00:1", "IPv4-translated"),
        ("64:ff9b::a00:1", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("2002:a00:1::", "6to4"),
        ("2002:c0a8:101::1", "6to4"),
        ("::ffff:100.64.0.1", "carrier NAT"),
        ("::ffff:169.254.169.254", "link-local"),
        ("64:ff9b::169.254.169.254", "NAT64"),
        ("192.88.99.1", "6to4 relay"),
        ("2001:0:1::", "Teredo"),
        ("2001:db8::1", "documentation"),
        ("3fff::1", "documentation"),
        ("fd00::1", "unique local"),
        ("fe80::1%eth0", "link-local"),
        ("fec0::1", "site-local"),
        ("ff02::1", "multicast"),
        ("4000::1", "reserved"),
        ("100::1", "discard"),
    ],
)
def test_denied_families(address: str, reason: str) -> None:
    denied = find_denied(address)
    assert denied is not None
    assert denied.reason == reason


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"]
)
def test_public_addresses_are_not_denied(address: str) -> None:
    assert find_denied(address) is None
