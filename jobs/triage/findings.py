"""Everything that the inputs of one triage say, gathered in bounded memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from jobs.triage.clusters import Cluster, Clusters, plain_name
from jobs.triage.failures import Failure
from jobs.triage.revision import Revision


@dataclass(slots=True)
class Findings:
    """Failures of the logs and reports; those of an issue text and of a previous run apart from them."""

    clusters: Clusters = field(default_factory=Clusters)
    issue: Clusters = field(default_factory=Clusters)
    previous: Clusters | None = None
    previous_revision: Revision = field(default_factory=Revision)
    lines: int = 0

    def add(self, failures: Iterable[Failure], source: str) -> None:
        """Failures of a log or a report."""
        for failure in failures:
            self.clusters.add(replace(failure, source=source))

    def add_issue(self, failures: Iterable[Failure], source: str) -> None:
        """Failures that an issue quotes: they count only where no log has any."""
        for failure in failures:
            self.issue.add(replace(failure, source=source))

    def add_previous(self, failures: Iterable[Failure]) -> None:
        """Failures of the run to compare with."""
        self.previous = self.previous or Clusters()
        for failure in failures:
            self.previous.add(failure)

    def deciding(self) -> list[Cluster]:
        """The clusters that decide, first the one that weighs most: weak ones only where there is nothing else."""
        ranked = self.clusters.ranked()
        if not ranked or (ranked[0].first.last_resort and self.issue.ranked()):
            ranked = self.issue.ranked() or ranked
        named = [cluster for cluster in ranked if not cluster.first.last_resort] or ranked
        strong = [cluster for cluster in named if not cluster.first.weak] or named
        # What fails anew is what somebody has to look at: it comes before what was known.
        return sorted(strong, key=self.known) if self.previous is not None else strong

    def known(self, cluster: Cluster) -> bool:
        """Whether the previous run failed there too."""
        if self.previous is None:
            return False
        return not self.previous.names.isdisjoint(plain_name(failure.name) for failure in cluster.examples)

    @property
    def good(self) -> str:
        """The commit of the previous run, when that did not have the failure that decides; else ""."""
        deciding = self.deciding()
        if self.previous is None or not deciding or self.known(deciding[0]):
            return ""
        return self.previous_revision.commit
