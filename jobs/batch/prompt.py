"""What the agent is asked. Nothing of a row but the issue's text comes in here."""

from jobs.batch.rows import Instance

_TASK = """\
Resolve this issue in the repository at {workdir}:

<issue>
{issue}
</issue>

Change the code so that the issue is resolved. Tests that you cannot see will check it. Reproduce the problem first, \
fix its cause with the smallest change that is right, and run the tests that are there. Leave no files behind that do \
not belong to the change."""


def task_of(instance: Instance, workdir: str) -> str:
    """The user's request for an instance."""
    return _TASK.format(workdir=workdir, issue=instance.problem_statement.replace("\r\n", "\n").strip())
