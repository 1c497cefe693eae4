"""The name of an instance's image. Pure."""

NAMESPACE = "docker.io/swebench"


def image_name(instance_id: str, named: str | None = None) -> str:
    """The image that the row names, else SWE-bench's official one, which is all lower case.

    Docker Hub allows no double underscore in a name, so `__` is written `_1776_` (SWE-bench,
    `swebench/image_builder/image_spec.py`).
    """
    if named:
        return named
    return f"{NAMESPACE}/sweb.eval.x86_64.{instance_id.replace('__', '_1776_')}:latest".lower()
