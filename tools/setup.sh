#!/bin/bash
# setup - make this checkout ready to run: Debian packages, npm packages, compiled code.
#
# usage: setup.sh [-v]
#
# Does nothing that is done already. Speaks on stderr only. -v shows what the steps print.
# Needs  Debian 12 or a relative of it, Node 20.19 or newer, root or sudo while packages are missing
# Exits  0 ready; 1 a step failed; 2 not understood
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
stamp=$root/node_modules/.tacoplex-setup
verbose=

# Package and reason, one a line.
readonly packages='
libpcap0.8      the cap engine captures and sends frames with it
libpcap-dev     npm cap is compiled against it
libbpf1         the xdp engine loads its program with it
libbpf-dev      its headers: the kernel half is compiled with them
linux-libc-dev  headers of the kernel, for the same
clang           compiles the kernel half
llvm            strips what it compiled
bpftool         prints the layout of the kernel half, which a test compares with its twin
iproute2        network namespaces, links and routes
ethtool         offloads are switched off where frames are captured
nftables        keeps the kernel from forwarding a second copy of a frame
supervisor      runs the processes of each leveler
curl            the client of the laboratory
nginx-light     the servers of the laboratory
iputils-ping    probes of the laboratory
iputils-arping  probes of the laboratory
libfaketime     sets the wall clock of levelers in the laboratory
tcpdump         captures of the laboratory
g++             npm cap and raw-socket are compiled with it
make            npm cap and raw-socket are compiled with it
spin            searches the models of the protocols; what it makes is compiled with gcc, which g++ brings
keepalived      stands beside us in the bench of failovers; its own service stays off
python3         node-gyp runs on it
clang-format    formats the C sources
util-linux      nsenter, unshare, flock, setpriv
'

main() {
  case ${1-} in
    '') ;;
    -v) verbose=yes ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2; exit 0 ;;
    *) fail 2 "not understood: $1; usage: setup.sh [-v]" ;;
  esac

  check_node
  # Two set-ups of one checkout take turns; the lock is the folder itself, so it leaves nothing behind.
  exec 9<"$root"
  flock 9
  install_debian_packages
  install_npm_packages
  step 'compiling' npm run --silent build
}

check_node() {
  command -v node >/dev/null || fail 1 'node is missing; install Node 20.19 or newer'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail 1 "node $(node --version) is too old; install Node 20.19 or newer"
}

install_debian_packages() {
  local name reason missing=()
  while read -r name reason; do
    [ -n "$name" ] || continue
    if [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null)" != installed ]; then
      say "missing package $name: $reason"
      missing+=("$name")
    fi
  done <<<"$packages"
  [ ${#missing[@]} -gt 0 ] || return 0

  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail 1 "neither root nor sudo; as root: apt-get install ${missing[*]}"
    become=(sudo)
    "${become[@]}" -v # Asks for the password now, not behind a silent step
  fi
  step "installing ${#missing[@]} Debian packages" "${become[@]}" bash -c "$(declare -f install_as_root); install_as_root \"\$@\"" - "${missing[@]}"
}

# Debian starts the services of new packages at once. nginx would take port 80 of this machine, and supervisord is not
# wanted here: policy-rc.d says no to both while we install.
install_as_root() {
  set -euo pipefail
  exec 8</var/lib/dpkg
  flock 8
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap "rm -f $policy" EXIT
    trap 'exit 1' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o DPkg::Lock::Timeout=300 update
  apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
}

install_npm_packages() {
  local wanted
  wanted=$(cd "$root" && { cat package-lock.json package.json; node --print 'process.version + process.arch'; } | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0

  # Built otherwise, npm cap aborts its process when the interface it captures from goes down.
  local settings=(CXXFLAGS=-DNDEBUG)
  local prefix
  prefix=$(node --print 'require("path").resolve(process.execPath, "../..")')
  if grep -qs "define NODE_MAJOR_VERSION $(node --print 'process.versions.node.split(".")[0]')\$" "$prefix/include/node/node_version.h"; then
    settings+=("npm_config_nodedir=$prefix") # Saves node-gyp a download of Node's headers
  fi
  step 'installing npm packages' env "${settings[@]}" npm ci --no-audit --no-fund --loglevel=warn
  echo "$wanted" >"$stamp"
}

# step WHAT COMMAND...: one line, and the command's own words only if it fails or was asked for.
step() {
  local what=$1
  shift
  say "$what"
  cd "$root"
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
