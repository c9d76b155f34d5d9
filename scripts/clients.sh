#!/usr/bin/env bash
# Generates a Python and a TypeScript client from the documents that a node and a wallet daemon serve, and has each run a whole deal.
# `scripts/clients.sh python` or `typescript` does one of them.
# The generators are pinned in examples/clients/ and download nothing but their packages; everything is made in target/clients/.
set -euo pipefail
cd "$(dirname "$0")/.."
OUT=$PWD/target/clients SOURCE=$PWD/examples/clients
mkdir -p "$OUT/ts/src" "$OUT/python"

if ! cmp -s "$SOURCE/requirements.txt" "$OUT/venv/requirements.txt"; then
    python3 -m venv "$OUT/venv"
    "$OUT/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$SOURCE/requirements.txt"
    cp "$SOURCE/requirements.txt" "$OUT/venv/"
fi
if ! cmp -s "$SOURCE/package-lock.json" "$OUT/ts/package-lock.json" || [ ! -d "$OUT/ts/node_modules" ]; then
    cp "$SOURCE/package.json" "$SOURCE/package-lock.json" "$OUT/ts/"
    (cd "$OUT/ts" && npm ci --ignore-scripts --no-audit --no-fund --silent)
fi

documents_of() {
    curl --silent --show-error --fail "$NODE/openapi.json" > "$OUT/node.json"
    curl --silent --show-error --fail "$BUYER/openapi.json" > "$OUT/daemon.json"
    export NODE NODE_TOKEN COMMUNITY COMMUNITY_TOKEN SUPPLIER SUPPLIER_TOKEN BUYER BUYER_TOKEN DOCUMENTS
}

python_deal() (
    # shellcheck source=examples/stage.sh
    source examples/stage.sh
    stage
    documents_of
    for name in node daemon; do
        PATH="$OUT/venv/bin:$PATH" openapi-python-client generate --path "$OUT/$name.json" --meta none --overwrite \
            --fail-on-warning --output-path "$OUT/python/privity_$name"
    done
    PYTHONPATH=$OUT/python "$OUT/venv/bin/python" "$SOURCE/deal.py"
)

typescript_deal() (
    # shellcheck source=examples/stage.sh
    source examples/stage.sh
    stage
    documents_of
    cd "$OUT/ts"
    cp "$SOURCE/tsconfig.json" .
    cp "$SOURCE/deal.ts" src/
    for name in node daemon; do
        npx --no-install openapi-ts --input "$OUT/$name.json" --output "src/$name" --client @hey-api/client-fetch --silent
    done
    npx --no-install tsc
    node out/deal.js
)

[ $# -gt 0 ] || set -- python typescript
for language in "$@"; do "${language}_deal"; done
