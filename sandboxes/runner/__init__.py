"""The program that works inside the sandbox: standard library only, Python 3.6 or later.

The host never installs it: `sandboxes.channel.runner_source` sends these files as text over the attached exec, in the
order of their imports. Annotations stand in quotes wherever their syntax is younger than 3.6.
"""
