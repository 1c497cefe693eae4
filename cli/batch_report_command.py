"""`qwright batch report DIR`: the report of a run written anew, for instance after its predictions were graded."""

from argparse import Namespace

from cli import exit_codes
from cli.errors import UsageError
from jobs.batch.errors import BatchError
from jobs.batch.reports.facts import read_run
from jobs.batch.reports.summary import write_report


def execute(options: Namespace) -> int:
    """See `cli.parsers.batch_views`."""
    try:
        write_report(options.out, read_run(options.out))
    except BatchError as error:
        raise UsageError(str(error)) from error
    print(f"Written: {', '.join(str(options.out / f'report.{kind}') for kind in ('json', 'md', 'html'))}.")
    return exit_codes.DONE
