"""What waits for its turn. Pure."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """A text to run. `literal` ones were prepared: whatever they begin with, they go to the model."""

    text: str
    literal: bool = False


@dataclass(slots=True)
class Waiting:
    """Requests in their order, and remarks that the running turn has not read yet."""

    requests: deque[Request] = field(default_factory=deque[Request])
    remarks: list[str] = field(default_factory=list[str])

    def next(self) -> Request | None:
        """Take the next request."""
        return self.requests.popleft() if self.requests else None

    def put(self, request: Request, *, first: bool = False) -> None:
        """Queue a request; `first` ones are remarks that came too late."""
        if first:
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
