"""`qwright batch report DIR`: the reports of a folder written anew, for instance after its predictions were graded."""

from argparse import Namespace

from cli import exit_codes
from cli.batch.reports import read_folder, write_reports
from cli.errors import UsageError
from jobs.batch.errors import BatchError


def execute(options: Namespace) -> int:
    """See `cli.parsers.batch_views`. A folder of several runs gets the report of each and that of all together."""
    try:
        written = write_reports(options.out, *read_folder(options.out))
    except BatchError as error:
        raise UsageError(str(error)) from error
    print("\n".join(f"Written: {path} (and .json{', .html' if _has_page(path.stem) else ''})." for path in written))
    return exit_codes.DONE


def _has_page(name: str) -> bool:
    return name != "attempts"
