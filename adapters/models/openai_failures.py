"""What went wrong with a call, and what to do about it.

Messages name the host and the server's own error code, never its text: servers repeat the key and
the material in it.
"""

from __future__ import annotations

import email.utils
import math
import re
from collections.abc import Mapping
from enum import StrEnum

from bot.errors import ModelError

_TOO_LONG = re.compile(
    r"context.?length|context.?window|context size|maximum context|n_ctx|too long|too many tokens"
)
_ABOUT_FORM = re.compile(r"response_format|json_schema|text\.format|schema|grammar|structured")
_NAME = re.compile(r"[\w.-]{1,60}")


class Kind(StrEnum):
    """What kind of failure it is, and so who can mend it."""

    BUSY = "busy"  # the server asks for patience, or stumbled: try again
    DOWN = "down"  # nobody there, or the connection broke: try again
    SLOW = "slow"  # no answer within our limit: trying again would cost as much again
    QUOTA = "quota"  # nothing left to spend there: a person must pay
    REFUSED = "refused"  # wrong key, model or address: a person must mend the settings
    FORM = "form"  # the server does not take this request: try a simpler one
    TOO_LONG = "too long"
    ODD = "odd"  # a 200 that is no answer


# How long nobody is asked after one failure of the kind.
PAUSE_S = {Kind.QUOTA: 900.0, Kind.REFUSED: 300.0}
# And after several in a row.
REPEATED_PAUSE_S = {Kind.BUSY: 30.0, Kind.DOWN: 30.0, Kind.SLOW: 60.0, Kind.ODD: 60.0}
RETRIED = frozenset({Kind.BUSY, Kind.DOWN, Kind.ODD})


class CallFailedError(Exception):
    """A call that brought no answer. The message is fit for logs and posts."""

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        retry_after_s: float | None = None,
        complaint: str = "",
        may_retry: bool = True,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after_s = retry_after_s
        self.complaint = complaint
        self.may_retry = may_retry and kind in RETRIED

    def as_model_error(self) -> ModelError:
        pause_s = self.retry_after_s or PAUSE_S.get(self.kind)
        permanent = self.kind in {Kind.REFUSED, Kind.FORM, Kind.TOO_LONG}
        return ModelError(str(self), permanent=permanent, retry_after_s=pause_s)


def status_failure(
    host: str, model: str, status: int, error: Mapping[str, object], headers: Mapping[str, str]
) -> CallFailedError:
    """The meaning of an answer that is no 2xx. `error` is the server's error object."""
    codes = [str(error.get(key) or "") for key in ("code", "type")]
    complaint = f"{error.get('param') or ''} {error.get('message') or ''}".lower()
    named = next((code for code in codes if _NAME.fullmatch(code)), "")
    said = f"{host} answered {status}" + (f" ({named})" if named else "")
    if "insufficient_quota" in codes or status == 402:
        return CallFailedError(
            Kind.QUOTA, f"{host}: the model's quota is used up; add credit there"
        )
    if status in _SETTINGS:
        return CallFailedError(Kind.REFUSED, _SETTINGS[status].format(host=host, model=model))
    if 300 <= status < 400:
        return CallFailedError(
            Kind.REFUSED, f"{host} leads elsewhere ({status}): check llm.base_url"
        )
    if "context_length_exceeded" in codes or (status < 500 and _TOO_LONG.search(complaint)):
        return CallFailedError(
            Kind.TOO_LONG, f"{host}: too long for {model}; lower llm.max_input_tokens"
        )
    if status in {408, 409, 429} or (status >= 500 and not _ABOUT_FORM.search(complaint)):
        return CallFailedError(
            Kind.BUSY,
            said,
            retry_after_s=retry_after_s(headers),
            may_retry=headers.get("x-should-retry", "").lower() != "false",
        )
    return CallFailedError(Kind.FORM, said, complaint=complaint)


_SETTINGS = {
    401: "{host} refused the key: check OPENAI_API_KEY",
    403: "{host} does not allow this: check what OPENAI_API_KEY may do",
    404: "{host} does not know {model} or this interface: check llm.model, llm.base_url, llm.api",
    405: "{host} does not know this interface: check llm.base_url and llm.api",
}


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until the server wants to be asked again. RFC 9110 section 10.2.3; also in ms."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait_s = float(headers.get(name, "")) * unit_s
        except ValueError:
            continue
        return wait_s if math.isfinite(wait_s) and wait_s >= 0 else None
    date = email.utils.parsedate_tz(headers.get("retry-after"))
    now = email.utils.parsedate_tz(headers.get("date"))
    if date is None or now is None:
        return None
    return max(0.0, float(email.utils.mktime_tz(date) - email.utils.mktime_tz(now)))
