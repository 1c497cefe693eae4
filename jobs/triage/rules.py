"""From the cluster that weighs most to a category, by rules that a reader can follow."""

import re
from dataclasses import dataclass

from jobs.triage.clusters import Cluster
from jobs.triage.failures import Failure, Kind
from jobs.triage.findings import Findings
from jobs.triage.parsers.machine import SERVICE, machine_sign
from jobs.triage.places import Places, is_test
from jobs.triage.verdict import Category, Severity

_NO_MODULE = re.compile(r"No module named '?([\w.]+)|cannot import name '[^']+' from '([\w.]+)'")
_NO_PACKAGE = re.compile(r"Cannot find (?:module|package) '(?!\.|/)")
_NO_HEADER = re.compile(r"^'?([\w./+-]+\.(?:h|hh|hpp|hxx))'?(?:: No such file or directory| file not found)$")
_CONFIGURATION = ("yaml.", "tomllib.", "tomli.", "configparser.", "ruamel.yaml.")
_IN_TEST = {"NameError", "SyntaxError", "IndentationError", "UnboundLocalError"}
_TIME = re.compile(
    r'^(?:Failed: Timeout|panic: test timed out|(?:Error: )?Test timed out|thrown: "Exceeded timeout|'
    r"Exceeded timeout)"
)
_MACHINE = re.compile(
    r"^(?:OS|IO|Memory|OutOfMemory|Connection\w*|Connect|Timeout|URL|NewConnection|MaxRetry|Proxy|SSL|Operational)Error$|"
    r"^(?:Read|Connect)Timeout$|"
    r"^(?:Connect|NoRouteToHost|UnknownHost|Socket|SocketTimeout|HttpTimeout|IO)Exception$|^gaierror$|^$"
)
_SEVERITY = {
    Category.BUG: Severity.HIGH,
    Category.REGRESSION: Severity.HIGH,
    Category.DEPENDENCY: Severity.HIGH,
    Category.CONFIGURATION: Severity.HIGH,
    Category.INFRASTRUCTURE: Severity.MEDIUM,
    Category.TEST_BUG: Severity.MEDIUM,
    Category.FLAKY: Severity.LOW,
    Category.NOT_REPRODUCIBLE: Severity.LOW,
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """A category, how sure the rule is (0 to 1), and the rule in words."""

    category: Category
    confidence: float
    why: str


def ruling(findings: Findings, places: Places) -> Ruling:
    """The category of the cluster that weighs most."""
    clusters = findings.deciding()
    if not clusters:
        return Ruling(Category.NOT_REPRODUCIBLE, 0.3, "No failure that any parser knows stands in the inputs")
    first = clusters[0]
    found = _of(first, places)
    if findings.previous is None or found.category not in (Category.BUG, Category.TEST_BUG):
        return found
    if findings.known(first):
        return Ruling(found.category, found.confidence, f"{found.why}; the previous run failed there too")
    return Ruling(Category.REGRESSION, 0.7, f"{found.why}; the previous run did not fail there")


def severity(clusters: list[Cluster], category: Category) -> Severity:
    """Critical when nothing can be built or collected, low for findings of linters, else by the category."""
    if not clusters:
        return Severity.LOW
    kind = clusters[0].first.kind
    if kind is Kind.LINT:
        return Severity.LOW
    if kind is Kind.BUILD and category is Category.BUG:
        return Severity.CRITICAL
    return _SEVERITY[category]


def _of(cluster: Cluster, places: Places) -> Ruling:
    failure = cluster.first
    if any(example.passed_again for example in cluster.examples):
        return Ruling(Category.FLAKY, 0.9, "The test passed when it was run again in the same job")
    # The words of an assertion are the author's of the test; only errors of the system speak for the machine.
    if _MACHINE.match(failure.error) and (sign := machine_sign(failure.message)):
        # Of a service that is not there, the code that should have started it may be the cause.
        sure = 0.6 if failure.weak or sign == SERVICE else 0.8
        return Ruling(Category.INFRASTRUCTURE, sure, f"The message is a sign of the machine: {sign}")
    if failure.kind is Kind.INFRASTRUCTURE:
        return Ruling(Category.INFRASTRUCTURE, 0.8, "The failure is the machine's, the network's or a service's")
    if failure.kind is Kind.DEPENDENCY:
        return Ruling(Category.DEPENDENCY, 0.9, "A package cannot be resolved or installed")
    if failure.kind is Kind.CONFIGURATION:
        return Ruling(
            Category.CONFIGURATION, 0.6, ("The set-up of the job is wrong: a command, an option, a right or a file")
        )
    return _of_code(failure, places)


def _of_code(failure: Failure, places: Places) -> Ruling:
    for rule in (_missing, _set_up, _built, _of_test):
        if found := rule(failure, places):
            return found
    if failure.last_resort:
        return Ruling(Category.BUG, 0.2, "The job failed, and no parser knows what its command printed")
    if failure.kind is Kind.CRASH and not failure.error:
        return Ruling(Category.BUG, 0.6, "A program crashed")
    return Ruling(Category.BUG, 0.6 if not failure.weak else 0.4, "The code does not do what is expected of it")


def _missing(failure: Failure, places: Places) -> Ruling | None:
    module = _NO_MODULE.search(failure.message) if failure.error in ("ModuleNotFoundError", "ImportError") else None
    if module and module[1]:
        if places.has_module(module[1]):
            return Ruling(Category.BUG, 0.6, "The import of a module of the repository itself fails")
        return Ruling(Category.DEPENDENCY, 0.8, "A module that the code imports is not installed")
    if _NO_PACKAGE.search(failure.message):
        return Ruling(Category.DEPENDENCY, 0.8, "A package that the code imports is not installed")
    header = _NO_HEADER.match(failure.message) if failure.kind is Kind.BUILD else None
    if header and not places.may_have(header[1]):
        return Ruling(Category.DEPENDENCY, 0.6, "A header is missing that the repository does not have")
    return None


def _set_up(failure: Failure, _places: Places) -> Ruling | None:
    if failure.kind is Kind.CRASH and failure.message.startswith(_CONFIGURATION):
        return Ruling(Category.CONFIGURATION, 0.7, "A configuration file cannot be read")
    if failure.error == "KeyError" and failure.frames and _reads_environment(failure):
        return Ruling(Category.CONFIGURATION, 0.7, "A variable of the environment is missing")
    return None


def _built(failure: Failure, _places: Places) -> Ruling | None:
    if failure.kind is Kind.LINT:
        return Ruling(Category.BUG, 0.7, "A linter, type checker or threshold objects to the code")
    if failure.kind is Kind.BUILD:
        return Ruling(Category.BUG, 0.9, "The code does not compile or link")
    return None


def _of_test(failure: Failure, _places: Places) -> Ruling | None:
    if _TIME.search(failure.message) or failure.error.startswith("Timeout"):
        return Ruling(Category.FLAKY, 0.4, "The test ran out of time; a second run would tell")
    if failure.message.startswith("fixture '"):
        return Ruling(Category.TEST_BUG, 0.8, "The test asks for a fixture that does not exist")
    if failure.error in _IN_TEST and failure.frames and is_test(failure.frames[-1].path):
        return Ruling(Category.TEST_BUG, 0.7, "The error arises in the test file itself")
    return None


def _reads_environment(failure: Failure) -> bool:
    """`os.environ["X"]` raises in the standard library's own file."""
    last = failure.frames[-1]
    return last.function == "__getitem__" and (last.path == "<frozen os>" or last.path.endswith("/os.py"))
