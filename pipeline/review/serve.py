"""Serving the desk: one process, its own socket, a graceful stop."""

import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from pipeline.errors import UsageError

# Seconds in which requests that are in work may end after a stop was asked for.
_GRACE = 10


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any that is free. Raises UsageError when it cannot be had."""
    name = host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            name or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(128)
        except OSError:
            listening.close()
            raise
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise UsageError(
            f"Nothing can listen on {host or 'every address'}, port {port} ({reason}); is the desk running already? Name another with "
            "--port, such as --port 0 for any that is free."
        ) from error
    return listening


def address_at(listening: socket.socket, host: str) -> str:
    """The address of the desk for a browser on this machine."""
    port = listening.getsockname()[1]
    name = "localhost" if host in ("", "0.0.0.0", "::", "[::]") else host
    return f"http://[{name.strip('[]')}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def serve(app: Starlette, listening: socket.socket, tell: Callable[[str], None]) -> None:
    """Serve until told to stop (Ctrl-C). What goes wrong is told on standard error, a line each."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        # Who asks is told by the addresses that were named as proxies, and by no other.
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        tell("Stopped; every decision is kept.")
    finally:
        listening.close()
