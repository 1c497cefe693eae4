"""The shell script that cuts a repository's history, run inside the container by its bash and git.

Arguments: the repository, the base commit, and the folder below which copies are looked for. A file that has what only
the future had is told in a line `COPY path`, a repository that was removed in a line `REMOVED path`.

Nothing is taken out of the repository: a new `.git` is made of what HEAD needs and of a few settings, and the old one
is thrown away, whatever else it held (packs without an index, promised objects, notes, alternates, hooks, other
worktrees, submodules of other times).
"""

_REBUILD = r"""
git() {
  GIT_NO_LAZY_FETCH=1 GIT_OPTIONAL_LOCKS=0 command git -c safe.directory='*' -c gc.auto=0 -c core.hooksPath=/dev/null \
    -c core.fsmonitor=false -c pack.packSizeLimit=0 "$@"
}

# rebuild OLD COMMIT NEW BRANCH: the git directory NEW, of what COMMIT needs.
rebuild() {
  local old=$1 commit=$2 new=$3 branch=$4 entry key value line
  mkdir -p "$new"/objects/{pack,info} "$new"/refs/{heads,tags} "$new"/info || exit 43
  # Of a partial clone the older objects may be missing, and can never come: there history begins at the base.
  if [ -n "$(find "$old/objects/pack" -name '*.promisor' 2>/dev/null | head -n 1)" ]; then
    echo "${base_of_this:-$commit}" >> "$old/shallow"
  fi
  if [ -f "$old/shallow" ]; then
    sort -u "$old/shallow" | while read -r line; do
      ! git --git-dir="$old" merge-base --is-ancestor "$line" "$commit" 2>/dev/null || echo "$line"
    done > "$new/shallow"
    [ -s "$new/shallow" ] || rm "$new/shallow"
  fi
  echo "$commit" | git --git-dir="$old" pack-objects -q --revs --delta-base-offset "$new/objects/pack/pack" \
    > /dev/null || exit 45
  git config --file "$new/config" core.repositoryformatversion 0
  git config --file "$old/config" --null --list | while IFS= read -r -d '' entry; do
    key=${entry%%$'\n'*} value=true
    [ "$key" = "$entry" ] || value=${entry#*$'\n'}
    case $key in
      extensions.objectformat) git config --file "$new/config" core.repositoryformatversion 1 ;;&
      submodule.*.url) git config --file "$new/config" "${key%.url}.active" true ;;
      extensions.objectformat | core.bare | core.filemode | core.ignorecase | core.symlinks | core.precomposeunicode | \
      core.autocrlf | core.eol | core.safecrlf | core.longpaths | core.quotepath | core.sparsecheckout* | \
      core.worktree | user.name | user.email | filter.*) git config --file "$new/config" --add "$key" "$value" ;;
    esac
  done
  for line in exclude attributes sparse-checkout; do
    [ ! -f "$old/info/$line" ] || cp "$old/info/$line" "$new/info/$line"
  done
  if [ -n "$branch" ]; then
    mkdir -p "$(dirname "$new/$branch")" && echo "$commit" > "$new/$branch" && echo "ref: $branch" > "$new/HEAD"
  else
    echo "$commit" > "$new/HEAD"
  fi
  submodules "$old" "$commit" "$new"
}

# submodules OLD COMMIT NEW: those that COMMIT has, each at the commit that it names.
submodules() {
  local old=$1 commit=$2 new=$3 entry name path at base_of_this=
  [ -d "$old/modules" ] || return 0
  git --git-dir="$old" config --null --blob "$commit:.gitmodules" --get-regexp '^submodule\..*\.path$' 2>/dev/null |
  while IFS= read -r -d '' entry; do
    name=${entry%%$'\n'*} path=${entry#*$'\n'}
    name=${name#submodule.} name=${name%.path}
    case /$name/ in */../*) continue ;; esac
    at=$(git --git-dir="$old" ls-tree "$commit" -- "$path" | sed -n 's/^160000 commit \([0-9a-f]*\).*/\1/p')
    if [ -n "$at" ] && git --git-dir="$old/modules/$name" cat-file -e "$at^{commit}" 2>/dev/null; then
      rebuild "$old/modules/$name" "$at" "$new/modules/$name" ""
    fi
  done || exit 47
}
"""

_CUT = r"""
cd "$1" || exit 40
base=$2 where=$3
top=$(git rev-parse --show-toplevel) && cd "$top" || exit 40
git cat-file -e "$base^{commit}" 2>/dev/null || exit 41
# Preparing an official image adds one commit on top of the base (what its installation changed), in SWE-bench's name.
# Anything else on top is the future.
made_by_image() {
  case $(git log -1 --format='%ae|%an|%s') in
    'setup@swebench.config|'* | *'|SWE-bench|'* | *'|SWE-bench') return 0 ;;
  esac
  return 1
}
ahead=$(git rev-list --count "$base..HEAD")
if ! git merge-base --is-ancestor "$base" HEAD || [ "$ahead" -gt 1 ] || { [ "$ahead" -eq 1 ] && ! made_by_image; }; then
  git checkout -q -f --detach "$base" || exit 42
fi
head=$(git rev-parse HEAD) || exit 42
common=$(cd "$(git rev-parse --git-common-dir)" && pwd -P) || exit 42
work=$(mktemp -d) || exit 43
trap 'rm -rf "$work"' EXIT

# What only the future has, as "hash size path"; small files are alike everywhere.
git rev-list --objects --all --reflog --indexed-objects --not "$head" 2>/dev/null |
  git cat-file --batch-check='%(objecttype) %(objectname) %(objectsize) %(rest)' 2>/dev/null |
  sed -n 's/^blob //p' | awk '$2 >= 200 && NF > 2' > "$work/future"

# Other trees of this repository, and stores that it borrows objects from.
git worktree list --porcelain | sed -n 's/^worktree //p' > "$work/trees"
borrowed() {
  local objects=$1 other
  [ -f "$objects/info/alternates" ] || return 0
  while IFS= read -r other; do
    case $other in '' | '#'*) continue ;; /*) ;; *) other=$objects/$other ;; esac
    [ -d "$other" ] && [ "$(basename "$other")" = objects ] || continue
    printf '%s\n' "$other"
    borrowed "$other"
  done < "$objects/info/alternates"
}
borrowed "$common/objects" > "$work/alternates"

rm -rf "$top/.git-cut"
base_of_this=$base
rebuild "$common" "$head" "$top/.git-cut" "$(git symbolic-ref -q HEAD)"
rm -rf "$common" "$top/.git" && mv "$top/.git-cut" "$top/.git" || exit 46
git config --file .git/config --unset-all core.worktree
while IFS= read -r tree; do
  case $top/ in "$tree"/*) continue ;; esac
  [ ! -d "$tree" ] || { rm -rf "$tree" && echo "REMOVED $tree"; }
done < "$work/trees"
while IFS= read -r other; do
  holder=$(dirname "$other")
  [ -f "$holder/HEAD" ] && [ -d "$holder/refs" ] || holder=$other
  rm -rf "$holder" && echo "REMOVED $holder"
done < "$work/alternates"
git reset -q || exit 46
rm -rf .git/logs .git/ORIG_HEAD
git cat-file --batch-all-objects --batch-check='%(objectname)' > "$work/kept" || exit 46
awk 'NR == FNR { kept[$1]; next } !($1 in kept)' "$work/kept" "$work/future" > "$work/gone"
git ls-tree -r "$head" | sed -n 's/^160000 commit \([0-9a-f]*\)\t/\1 /p' | while read -r at path; do
  if [ -e "$path/.git" ] && git -C "$path" rev-parse -q --verify HEAD > /dev/null 2>&1; then
    if [ -d "$path/.git" ] && git -C "$path" cat-file -e "$at^{commit}"; then
      rm -rf "$path/.git-cut"
      (base_of_this=; rebuild "$PWD/$path/.git" "$at" "$PWD/$path/.git-cut" "") || exit 47
      rm -rf "$path/.git" && mv "$path/.git-cut" "$path/.git"
    fi
    git -C "$path" checkout -q -f --detach "$at" && git -C "$path" reset -q || exit 47
  fi
done || exit 47
"""

_AROUND = r"""
# Around the repository: caches of packages, repositories that have the base as well, files that only the future has.
rm -rf "${where%/}"/{root,home/*}/.cache/{pip,uv,pipenv,pypoetry,pdm,hatch}
find "${where:-/}" -xdev \( -path /proc -o -path /sys -o -path /dev \) -prune -o \
  \( -type d -name objects -printf 'd 0 %p\n' \) -o \( -type f -size +199c -printf 'f %s %p\n' \) \
  > "$work/all" 2>/dev/null
sed -n 's/^d 0 \(.*\)\/objects$/\1/p' "$work/all" | while IFS= read -r dir; do
  if [ "$dir" != "$top/.git" ] && [ -f "$dir/HEAD" ] && [ -d "$dir/refs" ] &&
    git --git-dir="$dir" cat-file -e "$base^{commit}" 2>/dev/null; then
    rm -rf "$dir" && echo "REMOVED $dir"
  fi
done
awk 'function name(path) { sub(/.*\//, "", path); return path }
  NR == FNR { hash = $1; size = $2; sub(/^[^ ]+ [^ ]+ /, ""); wanted[size "/" name($0)]; next }
  $1 == "f" { size = $2; sub(/^f [^ ]+ /, ""); if ((size "/" name($0)) in wanted) print }
' "$work/gone" "$work/all" > "$work/alike"
[ ! -s "$work/gone" ] || while IFS= read -r path; do
  [ ! -f "$path" ] || printf '%s %s\n' "$(git --git-dir="$top/.git" hash-object --no-filters "$path")" "$path"
done < "$work/alike" |
  awk 'NR == FNR { known[$1]; next } $1 in known { sub(/^[^ ]+ /, "COPY "); print }' "$work/gone" -
exit 0
"""

SCRIPT = _REBUILD + _CUT + _AROUND
