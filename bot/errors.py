"""Every error that Threadwire raises on purpose.

    ThreadwireError
    ├── UserError               wrong use or input; the message may be shown to anyone
    │   └── ConfigError         a setting or argument is wrong; says which and what is expected
    ├── StoreError              the database cannot be used (locked by another run, damaged, full)
    └── OutsideError            something beyond this process failed
        ├── SourceError         a feed, page or subreddit could not be read
        ├── ModelError          a language model did not answer usefully
        └── DeliveryError       a platform did not take a post

An `OutsideError` says in one bit whether trying again can help (`permanent`) and, where the other
side told us, how long to wait (`retry_after_s`). Messages are one line: what, which one, what to
do.
"""

from enum import StrEnum


class ChannelFault(StrEnum):
    """Why a channel takes no posts until a person does something about it."""

    PERMISSION = "permission"  # the bot may not post, or not in the way that is needed
    GONE = "gone"  # the channel was deleted, or nobody let the bot see it
    ARCHIVED = "archived"  # a thread or channel that is closed
    REMOVED = "removed"  # the bot is no longer in the server, or not in the channel
    ACCESS = "access"  # the platform no longer takes our token: no channel of it works
    SCOPE = "scope"  # the app was installed without a scope that this needs
    RESTRICTED = "restricted"  # rules of the server or workspace keep the bot from posting


class ThreadwireError(Exception):
    """Base of all errors that are not bugs."""


class UserError(ThreadwireError):
    """Wrong use or wrong input. The message is one line and safe to show to the person."""


class ConfigError(UserError):
    """A setting or an argument is unknown, of the wrong type or out of range. Exit status 2."""


class StoreError(ThreadwireError):
    """The database cannot be used."""


class OutsideError(ThreadwireError):
    """Something outside failed; `permanent` and `retry_after_s` say what to do about it."""

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class SourceError(OutsideError):
    """A source could not be read. `status` is the HTTP status where there was one.

    `refused` marks an address, scheme or size that our own rules turned down; `unasked`, that the
    host wants a pause and was not asked at all, which is no fault of the source.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after_s: float | None = None,
        status: int | None = None,
        refused: bool = False,
        unasked: bool = False,
    ) -> None:
        super().__init__(message, permanent=permanent, retry_after_s=retry_after_s)
        self.status = status
        self.refused = refused
        self.unasked = unasked


class ModelError(OutsideError):
    """A language model could not be reached, refused, or answered something unusable."""


class DeliveryError(OutsideError):
    """A platform did not take a post.

    `doubtful`: it may have taken it all the same. `needs_person`: nothing but a person's hand
    (a permission, room on the disk) will make it take one. `fault` is set where that holds for
    everything in this channel (or, a revoked token, on this platform): nothing more is asked of it
    then until something changed. Its message says what to do. `space`: whose token `ACCESS` is
    about, where each server or workspace has its own (`slack:T1`).
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after_s: float | None = None,
        doubtful: bool = False,
        needs_person: bool = False,
        fault: ChannelFault | None = None,
        space: str = "",
    ) -> None:
        super().__init__(message, permanent=permanent, retry_after_s=retry_after_s)
        self.doubtful = doubtful
        self.needs_person = needs_person or fault is not None
        self.fault = fault
        self.space = space
