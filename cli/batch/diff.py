"""`qwright batch diff A B`: which instances flipped between two runs, why, and whether it can be chance."""

import json
from argparse import Namespace
from dataclasses import replace

from cli import exit_codes
from cli.errors import UsageError
from cli.printing import printable
from jobs.batch.difference import as_json, difference, parting
from jobs.batch.difference_words import in_words
from jobs.batch.errors import BatchError
from jobs.batch.reports.facts import read_run


def execute(options: Namespace) -> int:
    """See `cli.parsers.batch_views`."""
    try:
        a, b = read_run(options.a), read_run(options.b)
    except BatchError as error:
        raise UsageError(str(error)) from error
    found = difference(a, b)
    flips = (replace(flip, parting=parting(options.a, options.b, flip.instance_id)) for flip in found.flips)
    found = replace(found, flips=tuple(flips))
    if options.output == "json":
        print(json.dumps(as_json(found, a, b), indent=1))
    else:
        names = (str(options.a), str(options.b))
        print("\n".join(map(printable, in_words(found, a, b, names).split("\n"))))
    return exit_codes.DONE
