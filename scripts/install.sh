#!/usr/bin/env bash
# What the checks need beyond the Rust toolchain: the wasm32 target, cargo-deny at a pinned version, curl, python3, node and npm (Debian's packages).
set -euo pipefail
DENY_VERSION=0.20.2
rustup target list --installed | grep -qx wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown
if ! cargo deny --version 2>/dev/null | grep -q " $DENY_VERSION$"; then
    cargo install --quiet --locked "cargo-deny@$DENY_VERSION"
fi
missing=()
command -v curl > /dev/null || missing+=(curl)
python3 -c 'import ensurepip' 2> /dev/null || missing+=(python3 python3-venv)
command -v node > /dev/null || missing+=(nodejs)
command -v npm > /dev/null || missing+=(npm)
if [ ${#missing[@]} -gt 0 ]; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
