"""Connections that go only where they may: every address is checked, and the checked address is the one
connected to.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable

import httpcore2

from pipeline.errors import SourceBlockedError, SourceError
from pipeline.source.addresses import DENIED, Denied, find_denied

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve_host(host: str, port: int) -> list[str]:
    """The addresses that the system's resolver gives for a name, or for an address in any spelling."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves a host once, refuses it if any of its addresses is denied, and connects to one of those
    addresses.

    The name is not looked up again between check and connection, so a name server that changes its answer
    gains nothing. TLS still checks the certificate against the name.
    """

    def __init__(
        self, *, allow_private: bool, table: Iterable[Denied] = DENIED, resolve: Resolve = resolve_host
    ) -> None:
        self._allow_private = allow_private
        self._table = tuple(table)
        self._resolve = resolve
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to ``host``; raises SourceBlockedError or SourceError instead of trying a denied
        address.
        """
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise SourceError(
                f"The host {host} has no address; check its spelling and the network."
            ) from error
        for address in addresses:
            self._check(host, address)
        failure: Exception = OSError("no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise SourceError(
            f"No connection to {host} could be made; check the address and the network."
        ) from failure

    def _check(self, host: str, address: str) -> None:
        denied = find_denied(address, self._table)
        if denied is None or (denied.private and self._allow_private):
            return
        where = host if host == address else f"{host} ({address})"
        hint = "give --allow-private if it is meant" if denied.private else "give a public address"
        raise SourceBlockedError(f"{where} is a {denied.reason} address, which is not fetched; {hint}.")
