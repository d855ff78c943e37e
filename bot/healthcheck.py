"""`python -m bot.healthcheck`: exit 0 when the service on this machine says that it is well.

For container engines. It asks `/healthz` where `web.listen` says, and needs no tools beside Python.
"""

from __future__ import annotations

import http.client
import os
import sys
from pathlib import Path

TIMEOUT_S = 8.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not listened on


def main() -> int:
    """Ask, print what was said, and return the exit status."""
    from config.errors import SettingsError
    from config.load import load_settings

    try:
        address = load_settings(None, os.environ, Path.cwd()).web.address
    except SettingsError as exc:
        return _tell(str(exc), 1)
    if address is None:
        return _tell('web.listen is "": there is nothing to ask', 0)
    host, port = address
    connection = http.client.HTTPConnection(ANYWHERE.get(host, host), port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        said = answer.read(4_000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as exc:
        return _tell(f"{host}:{port} does not answer: {exc}", 1)
    finally:
        connection.close()
    return _tell(said, 0 if answer.status == 200 else 1)


def _tell(text: str, status: int) -> int:
    print(text, file=sys.stdout if status == 0 else sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
