"""What may be said of a failure: Dagster keeps messages of exceptions, and a library's message may quote a cell."""

from collections.abc import Iterator
from contextlib import contextmanager

OWN = ("orchestration", "expectations", "reports")


class StepFailed(Exception):
    """A step failed for a reason nobody foresaw; the message names the kind of failure and no value."""


@contextmanager
def guarded(step: str) -> Iterator[None]:
    """Lets the platform's own exceptions pass and replaces the text of all others; the trace stays."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] in OWN:
            raise error from None
        text = f"{step}：出现意外错误（{type(error).__name__}）。 (Unexpected failure.)"
        raise StepFailed(text).with_traceback(error.__traceback__) from None
