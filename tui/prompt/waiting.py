"""What waits for its turn. Pure."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """A text to run.

    `literal` ones were prepared: whatever they begin with, they go to the model. `urgent` ones were written while a
    question was open: they are its answer, or a command beside it.
    """

    text: str
    literal: bool = False
    urgent: bool = False


@dataclass(slots=True)
class Waiting:
    """Requests in their order, and remarks that the running turn has not read yet."""

    requests: deque[Request] = field(default_factory=deque[Request])
    remarks: list[str] = field(default_factory=list[str])

    def next(self, *, asked: bool) -> Request | None:
        """Take the next request; while a question is open (`asked`) only what was written since then."""
        if not self.requests or (asked and not self.requests[0].urgent):
            return None
        return self.requests.popleft()

    def put(self, request: Request, *, first: bool = False) -> None:
        """Queue a request; `first` ones are urgent, or remarks that came too late."""
        if first or request.urgent:
            self.requests.appendleft(request)
        else:
            self.requests.append(request)

    def take_last(self) -> str | None:
        """The newest request, to be edited."""
        return self.requests.pop().text if self.requests else None

    def read(self, remark: str) -> bool:
        """The turn has read a remark; whether it was one of these."""
        if remark not in self.remarks:
            return False
        self.remarks.remove(remark)
        return True
