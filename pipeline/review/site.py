"""How the desk is served: where, to whom, and how a person is known."""

import getpass
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.errors import UsageError

Access = Literal["open", "login", "header"]

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
DEFAULT_OUT = Path("out/published")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """How the desk is served.

    ``access`` says how a person is known: ``open`` needs no login, serves loopback alone and takes everyone for ``as_name``, a publisher;
    ``login`` asks for a name and a password; ``header`` believes the header ``trust_header`` of the ``trusted_proxies``. ``allowed_hosts``
    are the names under which the desk may be asked for; any other is refused, so that no foreign name can be pointed at it. ``out`` is the
    folder of what is published. ``fault_details`` lets the log tell a fault with its traceback.
    """

    secret: bytes = field(repr=False)
    access: Access = "open"
    as_name: str = "editor"
    trust_header: str = ""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    out: Path = DEFAULT_OUT
    fault_details: bool = False

    @property
    def secure(self) -> bool:
        """Whether cookies are for HTTPS alone: wherever a name is served that is not this machine's own."""
        return not set(self.allowed_hosts) <= set(LOOPBACK_HOSTS)


def is_loopback(address: str) -> bool:
    """Whether an address, or the name localhost, is this machine's own."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def choose_access(host: str, *, login: bool, trust_header: str, users: int) -> Access:
    """How people are known to a desk that listens on ``host`` and has so many users.

    Raises UsageError when the desk would be open to others than this machine, or to nobody.
    """
    if trust_header:
        if login:
            raise UsageError("Name either --login or --trust-header: a person is known in one way.")
        if not users:
            raise UsageError(
                "The header that --trust-header names must name users of the store, and there are none; add one with "
                "clausewise review users add NAME."
            )
        return "header"
    if is_loopback(host) and not login:
        return "open"
    if not users:
        raise UsageError(
            f"The desk asks for a login {'with --login' if login else f'on {host}'}, and the store has no users; add one with "
            "clausewise review users add NAME."
        )
    return "login"


def choose_hosts(host: str, named: Sequence[str]) -> tuple[str, ...]:
    """The names under which a desk that listens on ``host`` may be asked for. Raises UsageError when none can be told."""
    hosts = [*LOOPBACK_HOSTS, *(_host_name(name) for name in named)]
    if not is_loopback(host):
        anywhere = host in ("0.0.0.0", "::", "[::]", "")
        if anywhere and not named:
            raise UsageError(
                f"The desk would listen on every address; say under which name it is reached with --allowed-host, "
                f"such as clausewise review --host {host or '0.0.0.0'} --allowed-host desk.example."
            )
        if not anywhere:
            hosts.append(_host_name(host))
    return tuple(dict.fromkeys(hosts))


def _host_name(name: str) -> str:
    if ":" in name.strip("[]") and "." not in name:
        name = f"[{name.strip('[]')}]"
    if not name or any(c in name for c in "*/@ ?#\\") or (":" in name and not name.startswith("[")):
        raise UsageError(
            f"{name!r} is no host name; --allowed-host takes a name without a port and without wildcards."
        )
    return name.lower()


def check_proxies(addresses: Sequence[str]) -> tuple[str, ...]:
    """The addresses of --trusted-proxy, loopback when there are none. Raises UsageError for what is no address."""
    for address in addresses:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise UsageError(
                f"{address!r} is no address; --trusted-proxy takes one such as 10.0.0.2."
            ) from None
    return tuple(addresses) or ("127.0.0.1", "::1")


def check_header(name: str) -> str:
    """The name of --trust-header. Raises UsageError for one that no header can have."""
    if name and not all(c.isascii() and (c.isalnum() or c == "-") for c in name):
        raise UsageError(f"{name!r} is no header's name; --trust-header takes one such as X-Remote-User.")
    return name


def person_here() -> str:
    """The name of whoever is logged in to this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that no one has
        return "editor"
