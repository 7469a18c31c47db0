# SPDX-License-Identifier: Apache-2.0
# What scripts/demo and scripts/check share: sourced, with $program set to the name they go by.
set -u
: "${program:?}"
cd "$(dirname "$0")/.." || exit 1
mkdir -p build/logs || exit 1

# fail WHAT WHY: the one line that a failing step leaves. The caller decides whether to stop.
fail() { echo "$program: $1: $2" >&2; }

# reason LOG: the line of a log that says most about why it failed.
reason() {
  for telling in '[Ee]rror:|ERROR:|^E:|CMake Error|undefined reference' 'FAILED|not found|No such' '[^ ]'; do
    grep -m1 -E "$telling" "$1" && return
  done | cut -c1-300
}

# run WHAT LOG COMMAND...: the command's output goes to the log; on failure one line says which, why and where to read on.
run() {
  run_what=$1 run_log=build/logs/$2.log
  shift 2
  "$@" >"$run_log" 2>&1 </dev/null && return 0
  fail "$run_what" "$(reason "$run_log") ($run_log)"
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# packages SECTION...: their names, from scripts/packages.
packages() {
  awk -v wanted=" $* " '/^# [a-z]+:/ { on = index(wanted, " " substr($2, 1, length($2) - 1) " ") } !/^#/ && NF && on { print $1 }' scripts/packages
}

# install_packages SECTION...: those that are missing, without questions. Nothing is asked of the network if none is.
install_packages() {
  command -v dpkg-query >/dev/null || return 0 # not Debian: CMake will name what it misses
  missing=
  for package in $(packages "$@"); do
    case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
      *" installed") ;;
      *) missing="$missing $package" ;;
    esac
  done
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" != 0 ] && ! sudo -v 2>/dev/null; then
    fail "install" "neither root nor sudo, and these packages are missing:$missing"
    return 1
  fi
  echo "$program: installing$missing"
  apt="as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2"
  $apt update >"build/logs/apt-update.log" 2>&1 </dev/null # without network the lists at hand may still do
  # shellcheck disable=SC2086 # a list of words
  run "install$missing" apt-install $apt install --no-install-recommends $missing
}

# build PRESET [TARGET]: configures if needed and builds. Ninja finds in a moment that there is nothing to do.
build() {
  if [ -z "$(find CMakePresets.json ! -newer "build/$1/build.ninja" 2>/dev/null)" ]; then
    echo "$program: building $1"
    run "configure $1" "$1-configure" cmake --preset "$1" -Wno-dev || return 1
  fi
  run "build $1" "$1-build" cmake --build --preset "$1" --target "${2:-all}"
}
