#!/usr/bin/env bash
# Checks what can be checked of the container file and the unit without a registry and without systemd as process 1. The binary is built
# first: cargo build --release -p privity-service; PRIVITY_BIN names another one.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${PRIVITY_BIN:-${CARGO_TARGET_DIR:-target}/release/privity}
bin=$(realpath "$bin")
failed=0
must() { # what, command…
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then echo "ok: $what"; else echo "FAILED: $what"; failed=1; fi
}
file=deploy/Containerfile
unit=deploy/privity.service
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The container file: its compiler is the workspace's, its paths are cargo's, its port and command are the program's.
version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
must "compiler $version" grep -q "^FROM docker.io/library/rust:$version-" $file
must "the binary is the package's" grep -q '^name = "privity"' service/Cargo.toml
must "the binary is copied from where cargo puts it" grep -q '^COPY --from=build /src/target/release/privity /usr/local/bin/privity$' $file
must "the lock file that --locked asks for" test -f Cargo.lock
must "one distribution for both stages" test "$(grep -o 'trixie' $file | wc -l)" = 2
must "it does not run as root" grep -q '^USER privity$' $file
port=$(sed -n 's/^EXPOSE //p' $file)
must "port $port is the settings' own" grep -q ":$port\"" service/src/server/settings/example.toml
must "it listens on the port that it exposes" grep -q "PRIVITY_HTTP__LISTEN=0.0.0.0:$port" $file
must "its variables are settings" env PRIVITY_HTTP__LISTEN="0.0.0.0:$port" "$bin" config check --home "$folder"
command=$(sed -n 's/^CMD \["\(.*\)"\]/\1/p' $file)
must "its command is \`$command\`" "$bin" "$command" --help

# The unit: its commands take these arguments, its settings are read, systemd reads it.
"$bin" config example >"$folder/privity.toml"
must "the settings of ExecStartPre" "$bin" config check "$folder/privity.toml" --home "$folder"
for option in $(sed -n 's/^ExecStart=//p' $unit | grep -o -- '--[a-z-]*'); do
    must "$option is an option of serve" sh -c "'$bin' serve --help | grep -q -- '$option'"
done
grace=$(sed -n 's/^stop_seconds = //p' service/src/server/settings/example.toml)
must "systemd waits longer than the service takes to stop" test "$(sed -n 's/^TimeoutStopSec=//p' $unit)" -gt $((2 * grace))
must "10 000 streams fit into its files" test "$(sed -n 's/^LimitNOFILE=//p' $unit)" -gt 10100
must "no core files" grep -q '^LimitCORE=0$' $unit
if command -v systemd-analyze >/dev/null; then
    sed "s#/usr/local/bin/privity#$bin#" $unit >"$folder/privity.service"
    must "systemd-analyze verify" systemd-analyze verify "$folder/privity.service"
    # 0 is closed, 10 open; a service that listens cannot be 0.
    must "exposure of at most 2.0" systemd-analyze security --offline=true --threshold=20 "$folder/privity.service"
    # What the filter takes away again must not be what the service asks for at its start.
    systemd-analyze syscall-filter @privileged @resources >"$folder/taken"
    for call in prlimit64 prctl fdatasync mmap madvise accept4 epoll_wait; do
        must "the filter lets $call pass" sh -c "! grep -q '^    $call\$' '$folder/taken'"
    done
else
    echo "systemd-analyze is not here: the unit was not verified"
fi
exit $failed
