"""What went wrong with a fetch, in one line that names the host and nothing secret.

URLs hold tokens in their query or path; so messages name hosts only.
"""

from __future__ import annotations

import os
import socket
from http.client import responses

import aiohttp

from adapters.addresses import AddressRefusedError
from adapters.bodies import BodyError, BodyTooLargeError
from adapters.connections import ConnectionDroppedError
from bot.errors import SourceError

_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def explain(host: str, exc: Exception) -> SourceError:
    """The `SourceError` for what aiohttp or the body decoder raised."""
    if isinstance(exc, BodyError):
        return SourceError(f"{host} {exc}", refused=isinstance(exc, BodyTooLargeError))
    if isinstance(exc, aiohttp.ClientConnectorCertificateError):
        return SourceError(f"{host} has no valid certificate ({_certificate_fault(exc)})")
    if isinstance(exc, aiohttp.ClientConnectorError):
        return _not_connected(host, exc)
    if isinstance(exc, ConnectionDroppedError):
        return SourceError(f"{host} broke the connection off")
    if isinstance(exc, aiohttp.ClientPayloadError):
        return SourceError(f"{host} broke off in the middle of its answer")
    if isinstance(exc, aiohttp.ClientResponseError):
        return SourceError(f"{host} sent no valid HTTP, or headers that are too long")
    if isinstance(exc, aiohttp.InvalidURL):
        return SourceError(f"{host}: this is not a valid URL", permanent=True, refused=True)
    return SourceError(f"{host} could not be fetched ({type(exc).__name__})")


def status_error(host: str, status: int, retry_after_s: float | None) -> SourceError:
    """The error for an answer that is neither 200 nor 304."""
    phrase = responses.get(status, "")
    return SourceError(
        f"{host} answered {status} {phrase}".rstrip(), status=status, retry_after_s=retry_after_s
    )


def blocked_error(host: str, retry_after_s: float) -> SourceError:
    """The error for not asking, because the host wants to be left alone."""
    message = f"{host} asked for a pause of another {round(retry_after_s)} s"
    return SourceError(message, status=429, retry_after_s=retry_after_s, unasked=True)


def timeout_error(host: str, timeout_s: float) -> SourceError:
    """The error for a deadline that passed, whatever it was that took so long."""
    return SourceError(f"{host} did not answer within {timeout_s:g} s")


def address_error(host: str, exc: AddressRefusedError) -> SourceError:
    """The error for an address that the policy does not permit."""
    message = str(exc) if host == exc.address else f"{host}: {exc}"
    return SourceError(message, permanent=True, refused=True)


def _not_connected(host: str, exc: aiohttp.ClientConnectorError) -> SourceError:
    cause = exc.os_error
    if isinstance(cause, AddressRefusedError):
        return address_error(host, cause)
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        known = isinstance(cause, socket.gaierror) and cause.errno not in _NO_SUCH_HOST
        return SourceError(f"{host}: {'its name server is away' if known else 'no such host'}")
    if isinstance(exc, aiohttp.ClientConnectorSSLError):
        return SourceError(f"{host} does not speak TLS that we understand")
    if isinstance(cause, ConnectionRefusedError):
        return SourceError(f"{host} refused the connection")
    # Several addresses that failed in several ways come as one error without a number.
    why = f" ({os.strerror(cause.errno)})" if cause.errno else ""
    return SourceError(f"{host} could not be reached{why}")


def _certificate_fault(exc: aiohttp.ClientConnectorCertificateError) -> str:
    cause = exc.certificate_error
    return str(getattr(cause, "verify_message", "") or type(cause).__name__)
