"""Tokens at rest: sealed with a key that only the environment has."""

from __future__ import annotations

import base64
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

# The secret is the admin's own text, of any length. The salt need not be secret or different: it
# keeps tables made for other programs from fitting.
_SALT = b"threadwire slack installations"
_COST, _BLOCK, _LANES = 2**14, 8, 1  # 16 MB and some 50 ms, once a run


class UnsealError(Exception):
    """Sealed with another key, or damaged."""


class Sealer:
    """Seals and opens short texts with `SLACK_TOKEN_KEY`. The first use takes some 50 ms."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises `UnsealError`."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeDecodeError) as exc:
            raise UnsealError("sealed with another SLACK_TOKEN_KEY") from exc

    @cached_property
    def _fernet(self) -> Fernet:
        scrypt = Scrypt(salt=_SALT, length=32, n=_COST, r=_BLOCK, p=_LANES)
        return Fernet(base64.urlsafe_b64encode(scrypt.derive(self._secret.encode())))
