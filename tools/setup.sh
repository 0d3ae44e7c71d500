#!/bin/bash
# setup - make this checkout ready to run: Debian packages, npm packages, compiled code.
#
# usage: setup.sh [-v] [--production]
#
# Does nothing that is done already. Speaks on stderr only. -v shows what the steps print. --production brings only what a leveler
# needs: no tests, tools, laboratory, clang. Nothing that it installs is started, now or at the next boot.
# Needs  Debian 12 or a relative of it, Node 20.19 or newer, root or sudo while packages are missing
# Exits  0 ready; 1 a step failed; 2 not understood
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
installed=$root/node_modules/.tacoplex-setup
compiled=$root/node_modules/.tacoplex-compiled
verbose=
mode=development

# Package and reason, one a line. A leveler runs with these,
readonly packages_to_run='
libpcap0.8      the cap engine captures and sends frames with it
libbpf1         the xdp engine loads its program with it
iproute2        network namespaces, links and routes
ethtool         offloads are switched off where frames are captured
nftables        keeps the kernel from forwarding a second copy of a frame
util-linux      nsenter, unshare, flock, setpriv
'
# npm packages are compiled with these,
readonly packages_to_install='
libpcap-dev     npm cap is compiled against it
g++             npm cap and raw-socket are compiled with it
make            npm cap and raw-socket are compiled with it
python3         node-gyp runs on it
'
# and these are for who changes the code or tries it out.
readonly packages_to_develop='
libbpf-dev      its headers: the kernel half is compiled with them
linux-libc-dev  headers of the kernel, for the same
clang           compiles the kernel half
llvm            strips what it compiled
bpftool         prints the layout of the kernel half, which a test compares with its twin
supervisor      runs the processes of each leveler
curl            the client of the laboratory
nginx-light     the servers of the laboratory
iputils-ping    probes of the laboratory
iputils-arping  probes of the laboratory
libfaketime     sets the wall clock of levelers in the laboratory
tcpdump         captures of the laboratory
spin            searches the models of the protocols; what it makes is compiled with gcc, which g++ brings
keepalived      stands beside us in the bench of failovers; its own service stays off
clang-format    formats the C sources
'

# The workspaces of a leveler, and what bundles them.
readonly workspaces='packages/elector packages/frame-forwarder packages/arp-announcer packages/admin-broker packages/taco tools/bundle'

# Of the packages above, they bring services that nobody asked for.
readonly services='nginx supervisor keepalived'

main() {
  for word in "$@"; do
    case $word in
      -v) verbose=yes ;;
      --production) mode=production ;;
      -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2; exit 0 ;;
      *) fail 2 "not understood: $word; usage: setup.sh [-v] [--production]" ;;
    esac
  done

  cd "$root"
  check_node
  if has_debian_packages && has_npm_packages && is_compiled; then
    return
  fi

  # Two set-ups of one checkout take turns; the lock is the folder itself, so it leaves nothing behind.
  exec 9<"$root"
  flock 9
  has_debian_packages || install_debian_packages
  has_npm_packages || install_npm_packages
  is_compiled || compile
}

# Every script of package.json begins here, and mostly there is nothing to do: so this asks the few programs that start fast, each once.
check_node() {
  command -v node >/dev/null || fail 1 'node is missing; install Node 20.19 or newer'
  node_version=$(node --version)
  local major minor
  IFS=.v read -r _ major minor _ <<<"$node_version"
  [ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; } ||
    fail 1 "node $node_version is too old; install Node 20.19 or newer"
}

# Leaves in `missing` what is not there.
has_debian_packages() {
  local name reason present packages=$packages_to_run
  [ "$mode" = production ] && has_npm_packages || packages+=$packages_to_install
  [ "$mode" = production ] || packages+=$packages_to_develop
  present=$(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' $(cut -d' ' -f1 <<<"$packages") 2>/dev/null || true)
  missing=()
  while read -r name reason; do
    [ -z "$name" ] || [[ $'\n'$present$'\n' == *$'\n'"$name installed"$'\n'* ]] || missing+=("$name")
  done <<<"$packages"
  [ ${#missing[@]} -eq 0 ]
}

install_debian_packages() {
  local name reason
  while read -r name reason; do
    [[ " ${missing[*]} " != *" $name "* ]] || say "missing package $name: $reason"
  done <<<"$packages_to_run$packages_to_install$packages_to_develop"

  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail 1 "neither root nor sudo; as root: apt-get install ${missing[*]}"
    become=(sudo)
    "${become[@]}" -v # Asks for the password now, not behind a silent step
  fi
  step "installing ${#missing[@]} Debian packages" "${become[@]}" bash -c "$(declare -f install_as_root); install_as_root \"\$@\"" - "$services" "${missing[@]}"
}

# install_as_root SERVICES PACKAGE...
# Debian starts the services of new packages at once, and at each boot. nginx would take port 80 of this machine, and supervisord is not
# wanted here: policy-rc.d says no while we install, and what is new is disabled. What was there before is left alone.
install_as_root() {
  set -euo pipefail
  exec 8</var/lib/dpkg
  flock 8
  local policy=/usr/sbin/policy-rc.d service new=()
  for service in $1; do
    [ -e "/lib/systemd/system/$service.service" ] || new+=("$service")
  done
  shift
  if [ ! -e "$policy" ]; then
    trap "rm -f $policy" EXIT
    trap 'exit 1' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o DPkg::Lock::Timeout=300 update
  apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
  for service in ${new[@]+"${new[@]}"}; do
    [ -e "/lib/systemd/system/$service.service" ] || continue
    DPKG_MAINTSCRIPT_PACKAGE=$service deb-systemd-helper disable "$service.service" # Works where no systemd runs too
    update-rc.d "$service" disable
  done
}

has_npm_packages() {
  npm_wanted=$({ cat package-lock.json package.json && echo "$node_version $(uname -m) $mode"; } | sha256sum)
  [ "$(cat "$installed" 2>/dev/null)" = "$npm_wanted" ]
}

install_npm_packages() {
  # Built otherwise, npm cap aborts its process when the interface it captures from goes down.
  local settings=(CXXFLAGS=-DNDEBUG)
  local prefix major=${node_version#v}
  prefix=$(node --print 'require("path").resolve(process.execPath, "../..")')
  if grep -qs "define NODE_MAJOR_VERSION ${major%%.*}\$" "$prefix/include/node/node_version.h"; then
    settings+=("npm_config_nodedir=$prefix") # Saves node-gyp a download of Node's headers
  fi
  local choice=()
  # The root's own dependencies compile the rest.
  [ "$mode" != production ] || choice=(--omit=dev --include-workspace-root $(printf -- '--workspace=%s ' $workspaces))
  step 'installing npm packages' env "${settings[@]}" npm ci "${choice[@]}" --no-audit --no-fund --loglevel=warn
  echo "$npm_wanted" >"$installed"
}

# All that the compiled code is made from. The time of the last change of an inode goes forward whatever else happens to a file: another
# commit, an older version copied with its times, a clock that was wrong.
list_sources() {
  find package.json package-lock.json nx.json tsconfig*.json proto packages tools e2e \
    \( -name dist -o -name generated -o -name node_modules \) -prune -o -type f ! -name '*.md' -printf '%p %s %C@\n' | LC_ALL=C sort
  echo "mode $mode"
  if [ "$mode" != production ]; then
    stat --dereference --printf='%n %s %Z\n' "$(command -v clang)"
  fi
}

list_outputs() {
  find packages tools e2e -name node_modules -prune -o \( -path '*/dist/*' -o -path '*/generated/*' \) -type f -print | LC_ALL=C sort
}

is_compiled() {
  [ -e "$compiled" ] && { list_sources && list_outputs; } | cmp --silent - "$compiled"
}

compile() {
  local sources
  sources=$(list_sources) # As they are now: who changes one meanwhile is compiled the next time
  touch "$compiled"
  grep -v ' ' "$compiled" >"$compiled.new" || true # Outputs without sources: not compiled, should this be interrupted
  mv "$compiled.new" "$compiled"
  # The compiler does not look whether what it wrote is still there.
  if [ ! -s "$compiled" ] || ! list_outputs | LC_ALL=C comm -13 - "$compiled" | cmp --silent - /dev/null; then
    find packages tools e2e -path '*/dist/*.tsbuildinfo' -delete
  fi
  step 'compiling' "build_for_$mode"
  remove_orphans
  { echo "$sources" && list_outputs; } >"$compiled.new"
  mv "$compiled.new" "$compiled"
}

build_for_development() {
  npm run --silent build
}

# Neither nx nor clang is there: the kernel half is checked in as it was compiled.
build_for_production() {
  npm run --silent build:codecs
  mkdir -p packages/xdp-engine/dist/bpf
  cp packages/xdp-engine/prebuilt/*.o packages/xdp-engine/dist/bpf/
  npx tsc -b $workspaces
  node tools/bundle/dist/src/main.js
}

# What was compiled from a source that is gone; a test would still run.
remove_orphans() {
  local output stem
  list_outputs | grep '/dist/\(src\|test\)/.*\.js$' | while read -r output; do
    stem=${output%.js}
    [ -e "${stem/\/dist\//\/}.ts" ] || rm -f "$stem".{js,js.map,d.ts,d.ts.map}
  done
}

# step WHAT COMMAND...: one line, and the command's own words only if it fails or was asked for.
step() {
  local what=$1
  shift
  say "$what"
  if [ -n "$verbose" ]; then
    "$@" >&2 9<&- || fail 1 "$what: failed"
    return
  fi

  output=$(mktemp)
  trap 'rm -f "$output"' EXIT
  "$@" >"$output" 2>&1 </dev/null 9<&- || {
    cat "$output" >&2
    fail 1 "$what: failed; the lines above say why"
  }
  rm -f "$output"
}

say() {
  echo "setup: $*" >&2
}

fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

main "$@"
