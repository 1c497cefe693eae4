"""`qwright replay`: the events of a session again, from its log alone."""

import sys
from argparse import Namespace

from agent.history import history
from agent.log import SessionLog
from cli.output import Form, Output
from cli.render import Detail
from cli.sessions.rows import find_session


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    row = find_session(options.session)
    form = Form(options.output, Detail(options.show_thinking, options.verbose))
    output = Output(form, err=sys.stdout)
    log = SessionLog.open(row.path, create=False)
    try:
        for event in history(log):
            output.sink(event)
    finally:
        log.close()
    return 0
