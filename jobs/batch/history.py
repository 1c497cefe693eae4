"""Cuts the history of an image's repository at the commit that the issue was written for.

Images may be full clones: other branches, tags, reflogs and loose objects then hold the repair (SWE-bench issue 465).
It is done inside the container, by the image's git: the host's git never runs on a tree that a sandbox can write.
"""

from sandboxes.errors import WorkspaceError
from sandboxes.protocol import Sandbox

_SECONDS = 900.0
_NO_COMMIT = 41

# Preparing an image may have added one commit of its own on top of the base (what its installation changed); more
# than one on top is the future.
SCRIPT = r"""
cd "$1" || exit 40
base=$2
git() { command git -c safe.directory='*' -c gc.auto=0 -c core.hooksPath=/dev/null "$@"; }
dir=$(git rev-parse --absolute-git-dir) || exit 40
git cat-file -e "$base^{commit}" 2>/dev/null || exit 41
if ! git merge-base --is-ancestor "$base" HEAD || [ "$(git rev-list --count "$base..HEAD")" -gt 1 ]; then
  git checkout -q -f --detach "$base" || exit 42
fi
branch=$(git symbolic-ref -q HEAD || true)
git remote | while read -r name; do git remote remove "$name" || exit 43; done || exit 43
git for-each-ref --format='%(refname)' | while read -r ref; do
  [ "$ref" = "$branch" ] || git update-ref --no-deref -d "$ref" || exit 44
done || exit 44
git reflog expire --expire=now --all
rm -rf "$dir"/{logs,worktrees,lost-found,rebase-apply,rebase-merge} "$dir"/*_HEAD "$dir"/*MSG
rm -f "$dir"/objects/pack/*.keep
git repack -q -a -d || exit 45
rm -rf "$dir"/objects/info/{alternates,commit-graph,commit-graphs}
git prune --expire=now && git prune-packed -q || exit 46
"""


async def cut_history(sandbox: Sandbox, base_commit: str) -> None:
    """Leave HEAD and what it is made of, and nothing else.

    Raises `WorkspaceError` when the repository lacks the base commit or cannot be cut: then nothing may run in it.
    """
    path = f"{sandbox.scratch}/cut-history"
    await sandbox.write_file(path, SCRIPT.encode())
    result = await sandbox.run(f"bash '{path}' '{sandbox.workdir}' {base_commit}", timeout_s=_SECONDS)
    await sandbox.delete_file(path)
    if result.exit_code == _NO_COMMIT:
        raise WorkspaceError(
            f"The repository at {sandbox.workdir} has no commit {base_commit[:12]}; image and row do not fit."
        )
    if result.exit_code != 0:
        said = (result.head + result.tail)[-600:].decode("utf-8", "replace").strip()
        raise WorkspaceError(
            f"The history at {sandbox.workdir} could not be cut at {base_commit[:12]} (code {result.exit_code}): {said}"
        )
