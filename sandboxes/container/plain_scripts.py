"""Shell text for sandboxes without Python. Pure. Needs a POSIX sh and the usual small programs, as in busybox.

Every script starts with `read -r _`: the host speaks first, because an engine may lose what arrives together with its
answer to the request for the connection.
"""

import shlex
from collections.abc import Mapping

from sandboxes.runner.shell import CWD_BYTES, DEFAULTS, PRELUDE, STATE_BYTES
from sandboxes.runner.spool import HEAD_BYTES, TAIL_BYTES
from sandboxes.runner.supervisor import POLL_BYTES

_SWEEP = """\
sweep() {
    for process in /proc/[0-9]*; do
        if grep -q "QWRIGHT_RUN=$2" "$process/environ" 2>/dev/null; then
            kill -"$1" "${process#/proc/}" 2>/dev/null && count=$((count + 1))
        fi
    done
}
"""

# What was started since the calling script, is nobody's child any more and carries no other command's mark. Fields of
# /proc/PID/stat are counted from the end of the name, which may hold anything, line breaks too.
_STRAYS = """\
state_of() {
    line=
    while read -r part; do line="$line $part"; done <"/proc/$1/stat"
    set -- ${line##*) }
    parent=${2-} start=${20-0}
} 2>/dev/null
strays() {
    found=0
    for process in /proc/[0-9]*; do
        state_of "${process#/proc/}"
        [ "$parent" = 1 ] && [ "$start" -ge "$began" ] || continue
        mark=$(tr '\\0' '\\n' <"$process/environ" | grep "^QWRIGHT_RUN=$2" | grep -v "^QWRIGHT_RUN=$3\\$")
        [ -z "$mark" ] && kill -"$1" "${process#/proc/}" && found=1
    done 2>/dev/null
}
"""

# Where a path really leads: all links resolved, also when its last parts do not exist yet.
_FILES = """\
resolve() {
    path=$1 rest= hops=0
    while [ ! -e "$path" ]; do
        if [ -L "$path" ]; then
            # By hand: busybox takes the target of a dangling link from the wrong directory.
            hops=$((hops + 1))
            [ $hops -lt 40 ] || return 1
            link=$(readlink -- "$path")
            case $link in /*) path=$link ;; *) path=${path%/*}/$link ;; esac
        else
            case $path in ''|/) return 1 ;; esac
            rest=/${path##*/}$rest
            path=${path%/*}
            [ -n "$path" ] || path=/
        fi
    done
    # Below something that does not exist `..` has no meaning.
    case $rest/ in */../*) return 1 ;; esac
    path=$(readlink -f -- "$path") || return 1
    printf '%s%s' "${path%/}" "$rest"
    [ "$path$rest" != / ] || printf /
}
inside() {
    [ $# -gt 1 ] || return 0
    real=$1; shift
    for root; do
        root=$(readlink -f -- "$root")
        case $real in "$root"|"${root%/}"/*) return 0 ;; esac
    done
    return 1
}
version() {
    stat -L -c '%Y-%Z-%s-%i' -- "$1" | tr -d '\\n'
    [ -f "$1" ] || return 0
    for sum in sha256sum md5sum cksum; do
        if command -v $sum >/dev/null; then $sum <"$1" | tr -dc 0-9a-f; return 0; fi
    done
}
describe() {
    printf '%s %s %s\\n' "$(stat -L -c '%f %s' -- "$1")" "$(version "$1")" "$(resolve "$1")"
}
"""


def _q(text: str) -> str:
    return shlex.quote(text)


def prepare(workdir: str, scratch: str, environment: Mapping[str, str]) -> str:
    """Make the directories and the first state; prints the shell to use."""
    exports = "\n".join(f"export {name}={_q(value)}" for name, value in {**DEFAULTS, **environment}.items())
    return f"""read -r _
mkdir -p {_q(workdir)} && mkdir -p -m 700 {_q(scratch)} && cd {_q(scratch)} || exit
printf '%s' {_q(PRELUDE)} >prelude.sh
{exports}
if [ ! -w "${{HOME:-/nowhere}}" ]; then mkdir -p home; export HOME={_q(scratch)}/home; fi
bash=$(command -v bash) || bash=
if [ -n "$bash" ]; then "$bash" -c 'export -p' >env; else export -p >env; fi
printf '%s' "${{bash:-/bin/sh}}"
"""


def _inner(command: str, marker: str, shell: str, scratch: str) -> str:
    """The line that restores the state and becomes the shell of the command."""
    state = f"{scratch}/{marker}"
    trap = (
        f"{{ set +eux; }} 2>/dev/null; command export -p >|{state}.env 2>/dev/null; "
        f'here=$(command pwd -P 2>/dev/null); command printf %s "${{here:-$PWD}}" >|{state}.cwd'
    )
    restore = f". {scratch}/env; export QWRIGHT_RUN={marker}; "
    if shell.endswith("bash"):
        given = 'if [ -n "${BASH_ENV+set}" ]; then export QWRIGHT_BASH_ENV=$BASH_ENV; fi; '
        return (
            f"{restore}{given}export QWRIGHT_TRAP={_q(trap)} BASH_ENV={scratch}/prelude.sh; exec bash -c {_q(command)}"
        )
    return f"{restore}exec sh -c {_q(f'trap {_q(trap)} EXIT; {command}')}"


def _start(command: str, marker: str, shell: str, scratch: str) -> str:
    return f"env -i QWRIGHT_RUN={marker} {shell} -c {_q(_inner(command, marker, shell, scratch))}"


def run(command: str, marker: str, timeout_s: float, where: tuple[str, str, str, str]) -> str:
    """Run a command with a watchdog. `where`: shell, scratch, current directory, work directory.

    Prints `code total timed-out left-running cwd-length`, the cwd, and head and tail of the output.
    """
    shell, scratch, cwd, workdir = where
    state, most = f"{scratch}/{marker}", HEAD_BYTES + TAIL_BYTES
    lost = _q(f"[{cwd} is gone; this command runs in {workdir}]")
    return f"""read -r _
{_SWEEP}{_STRAYS}
state_of $$
began=$start
echo $began >{state}.began
out={scratch}/out-{marker}.txt
: >"$out"
cd {_q(cwd)} 2>/dev/null || {{ cd {_q(workdir)}; printf '%s\\n' {lost} >"$out"; }}
(
    trap 'kill $nap; exit' TERM
    {{ sleep {timeout_s:g} || sleep {int(timeout_s) + 1}; }} & nap=$!
    wait $nap
    : >{state}.late
    sweep TERM {marker}
    sleep 0.5 || sleep 1
    sweep KILL {marker}
    {_kill_strays(marker)}
) </dev/null >/dev/null 2>&1 &
watchdog=$!
{_start(command, marker, shell, scratch)} </dev/null >>"$out" 2>&1
code=$?
late=0 count=0
if [ -e {state}.late ]; then
    late=1
    wait $watchdog
    rm -f {state}.env {state}.cwd
else
    kill $watchdog
    sweep 0 {marker}
fi 2>/dev/null
if [ -e {state}.cwd ] && [ $(wc -c <{state}.cwd) -le {CWD_BYTES} ] && [ $(wc -c <{state}.env) -le {STATE_BYTES} ]; then
    mv -f {state}.env {scratch}/env
    mv -f {state}.cwd {scratch}/cwd
else
    rm -f {state}.env {state}.cwd
    printf '%s' "$PWD" >{scratch}/cwd
fi
rm -f {state}.late {state}.began
total=$(($(wc -c <"$out")))
printf '%s %s %s %s %s\\n' $code $total $late $count $(wc -c <{scratch}/cwd)
cat {scratch}/cwd
if [ $total -le {most} ]; then head -c $total "$out"; else head -c {HEAD_BYTES} "$out"; tail -c {TAIL_BYTES} "$out"; fi
"""


def lifeline() -> str:
    """Wait for the end of standard input, which is the host's, and then end every process: the container stops."""
    return "read -r _; trap '' TERM INT HUP; while read -r _; do :; done; kill -KILL -1"


def sweep(marker: str, scratch: str) -> str:
    """Kill everything that a command started; a job's strays are spared, because later commands may have left them."""
    return f"""read -r _
{_SWEEP}{_STRAYS}
began=
if [ -e {scratch}/{marker}.began ]; then read -r began <{scratch}/{marker}.began; fi
sweep TERM {marker}; sleep 0.5; sweep KILL {marker}; sweep KILL {marker}
if [ -n "$began" ]; then
    {_kill_strays(marker)}
    rm -f {scratch}/{marker}.began
fi 2>/dev/null
"""


def _kill_strays(marker: str) -> str:
    return f"""found=1 passes=0
    while [ $found = 1 ] && [ $passes -lt 50 ]; do
        strays KILL {marker.partition("-")[0]}- {marker}
        passes=$((passes + 1))
    done"""


def start_job(command: str, marker: str, where: tuple[str, str, str, str]) -> str:
    """Start a background command; its exit code goes to a file once it has one."""
    shell, scratch, cwd, workdir = where
    return f"""read -r _
cd {_q(cwd)} 2>/dev/null || cd {_q(workdir)}
: >{scratch}/job-{marker}.txt
(
    {_start(command, marker, shell, scratch)}
    echo $? >{scratch}/{marker}.code
) </dev/null >>{scratch}/job-{marker}.txt 2>&1 &
"""


def poll_job(marker: str, scratch: str, offset: int) -> str:
    """Prints `code-or-minus total` and the output from `offset` on."""
    return f"""read -r _
code=-
[ ! -s {scratch}/{marker}.code ] || code=$(cat {scratch}/{marker}.code)
out={scratch}/job-{marker}.txt
total=$(($(wc -c <"$out")))
printf '%s %s\\n' "$code" $total
new=$((total - {offset}))
if [ $new -le {POLL_BYTES} ]; then
    tail -c +{offset + 1} "$out" | head -c $new
else
    tail -c +{offset + 1} "$out" | head -c {POLL_BYTES // 2}
    printf '\\n[%s bytes left out here; all output is in %s]\\n' $((new - {POLL_BYTES // 2 * 2})) "$out"
    head -c $total "$out" | tail -c {POLL_BYTES // 2}
fi
"""


def stat(path: str) -> str:
    """Prints hexadecimal mode, size, version and real path, or nothing."""
    return f"read -r _\n{_FILES}[ ! -e {_q(path)} ] || describe {_q(path)}\n"


def read(path: str, offset: int, limit: int | None) -> str:
    """Prints the line of `stat`, then the bytes of a regular file."""
    data = f"tail -c +{offset + 1} {_q(path)}" if offset else f"cat {_q(path)}"
    cut = "" if limit is None else f" | head -c {limit}"
    return f"read -r _\n{_FILES}[ -e {_q(path)} ] || exit 0\ndescribe {_q(path)}\n[ ! -f {_q(path)} ] || {data}{cut}\n"


def write(path: str, size: int, mode: int | None, expect: str | None, within: tuple[str, ...]) -> str:
    """Replace a file by `size` bytes of standard input; prints the line of `stat`, or `! Error message`."""
    roots = " ".join(_q(root) for root in within)
    guard = ""
    if expect == "":
        guard = '[ ! -e "$real" ] || refuse PathChanged "exists already."'
    elif expect is not None:
        same = f'[ "$(version "$real" 2>/dev/null)" = {_q(expect)} ]'
        guard = f'{same} || refuse PathChanged "has changed on disk since it was read."'
    given = "" if mode is None else f'chmod {mode:o} "$new"'
    return f"""read -r _
{_FILES}
refuse() {{ printf '! %s %s %s\\n' "$1" {_q(path)} "$2"; exit 0; }}
real=$(resolve {_q(path)})
[ -n "$real" ] || refuse PathNotAFile "cannot be resolved."
inside "$real" {roots} || refuse PathOutside "leads to $real, outside of the permitted directories."
[ ! -e "$real" ] || [ -f "$real" ] || refuse PathNotAFile "is not a regular file."
{guard}
mkdir -p -- "${{real%/*}}/" || refuse PathError "cannot be made: its directory cannot."
new=${{real%/*}}/.qwright-new.$$
head -c {size} >"$new" || refuse PathError "cannot be written."
[ ! -e "$real" ] || chmod "$(stat -c %a -- "$real")" "$new"
{given}
mv -f -- "$new" "$real" || refuse PathError "cannot be replaced."
describe "$real"
"""


def delete(path: str, within: tuple[str, ...]) -> str:
    """Remove a file or link and the directories left empty below the roots; prints nothing or `! Error message`."""
    roots = " ".join(_q(root) for root in within)
    return f"""read -r _
{_FILES}
refuse() {{ printf '! %s %s %s\\n' "$1" {_q(path)} "$2"; exit 0; }}
path={_q(path)}
[ -e "$path" ] || [ -L "$path" ] || refuse PathMissing "does not exist."
parent=$(readlink -f -- "${{path%/*}}/")
real=${{parent%/}}/${{path##*/}}
inside "$real" {roots} || refuse PathOutside "leads to $real, outside of the permitted directories."
[ -L "$real" ] || [ ! -d "$real" ] || refuse PathNotAFile "is a directory."
rm -f -- "$real" || refuse PathError "cannot be removed."
for root in {roots}; do
    root=$(readlink -f -- "$root")
    directory=$parent
    while case $directory in "${{root%/}}"/*) : ;; *) false ;; esac; do
        rmdir -- "$directory" 2>/dev/null || break
        directory=${{directory%/*}}
    done
done
"""


def listing(path: str, depth: int) -> str:
    """Prints a line `hexadecimal-mode size ./path` for every entry, hidden ones left out, or `! Error message`."""
    return f"""read -r _
[ -e {_q(path)} ] || {{ printf '! PathMissing %s does not exist.\\n' {_q(path)}; exit 0; }}
cd {_q(path)} 2>/dev/null || {{ printf '! PathMissing %s is not a directory.\\n' {_q(path)}; exit 0; }}
find . -mindepth 1 -maxdepth {depth} -name '.*' -prune -o -exec stat -c '%f %s %n' {{}} +
"""
