"""What can go wrong, as types: a small tree, so that callers catch by meaning.

Every message is one sentence that names the input and the remedy; it is shown to users as it is.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of `dateline collect` and `scrapy crawl`; cron may rely on them."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    STORE = 4
    NETWORK = 5
    DEGRADED = 6
    BUSY = 7


class DatelineError(Exception):
    """The base of everything Dateline raises on purpose."""

    exit_code = ExitCode.FAILED
    """That of a command which ends with this error."""


class ConfigurationError(DatelineError):
    """A setting, an outlet's declaration or a spider argument cannot be used."""

    exit_code = ExitCode.CONFIGURATION


class StoreError(DatelineError):
    """MongoDB cannot be reached, started or used."""

    exit_code = ExitCode.STORE


class OutletBusy(DatelineError):
    """Another run of the outlet is under way."""

    exit_code = ExitCode.BUSY


class ClockSlow(DatelineError):
    """The clock of this machine is far behind those of the sites: no date can be judged by it."""


class LeaseLost(DatelineError):
    """Another run of the outlet has begun, because this one gave no sign of life."""


class UnreadableSource(DatelineError):
    """A feed, sitemap, listing or REST answer is not what its source expects.

    Args:
        reason: a short name in snake_case, counted in the run document, e.g. ``not_a_feed``.
    """

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason

    def __reduce__(self) -> tuple[type["UnreadableSource"], tuple[str, str]]:
        """Cross from a worker process whole: exceptions are pickled by their arguments."""
        return type(self), (self.reason, str(self))


class ParserPoolLost(DatelineError):
    """The worker processes are gone, by no fault of the page at hand."""


class ParseFailure(DatelineError):
    """A worker process did not survive a page, or ran out of its time or memory.

    Args:
        reason: ``parse_timeout``, ``parse_memory`` or ``parse_crash``; of a story that came with
            others in one answer also ``malformed_`` and the name of the exception.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
