# The developer's verbs; each is a plain command that works without `just`.

# List the verbs.
default:
    @just --list --unsorted

# Build, start everything privately, feed a day of tickets.
demo *ARGS:
    ./run demo {{ARGS}}

# Lint and pass all tests, as CI does.
ci:
    .ci/run

# All tests, or those whose names contain FILTER; no lint.
test *FILTER:
    ./run test --fast {{FILTER}}

# Format, clippy, protobuf lint, architecture test.
check:
    ./run check

# Format everything.
fmt:
    cargo fmt --all

# Clippy on one crate: `just lint intake`.
lint CRATE:
    cargo clippy -p {{CRATE}} --all-targets -- -D warnings

# Private Postgres and NATS for development: up, down or status.
servers VERB:
    ./run servers {{VERB}}

# A prompt on the development database.
psql:
    psql -h 127.0.0.1 -p 7632 -U odzew odzew

# Any command of the binary: `just odzew config`.
odzew *ARGS:
    cargo run --locked -p odzew -- {{ARGS}}

# Measure the log and the relay, or with `e2e` a ticket's whole way; on a quiet machine.
bench *ARGS:
    ./run bench {{ARGS}}

# Is the protobuf surface compatible with that of branch main?
breaking:
    .tools/bin/buf breaking --against '.git#branch=main'

# Licences, advisories and sources of the dependencies (needs cargo-deny).
deny:
    cargo deny check
