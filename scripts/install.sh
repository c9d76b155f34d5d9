#!/usr/bin/env bash
# What the checks need beyond the Rust toolchain: the wasm32 target and cargo-deny at a pinned version.
set -euo pipefail
DENY_VERSION=0.20.2
rustup target list --installed | grep -qx wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown
if ! cargo deny --version 2>/dev/null | grep -q " $DENY_VERSION$"; then
    cargo install --quiet --locked "cargo-deny@$DENY_VERSION"
fi
