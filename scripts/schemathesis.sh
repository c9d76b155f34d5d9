#!/usr/bin/env bash
# Holds what a node and a wallet daemon answer against the documents that they serve: schemathesis, all checks. `scripts/schemathesis.sh 200`
# takes more examples per route than the 10 of CI.
set -euo pipefail
cd "$(dirname "$0")/.."
EXAMPLES=${1:-10}
VENV=$PWD/target/schemathesis
if ! cmp -s scripts/schemathesis.txt "$VENV/requirements.txt"; then
    python3 -m venv "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check --requirement scripts/schemathesis.txt
    cp scripts/schemathesis.txt "$VENV/requirements.txt"
fi
# shellcheck source=examples/stage.sh
source examples/stage.sh
# It sends as fast as it can, also without a credential, and registers webhooks, which are not to be sent.
export PRIVITY_WEBHOOKS__ENABLED=false
export PRIVITY_LIMITS__ANONYMOUS_PER_SECOND=100000 PRIVITY_LIMITS__PER_SECOND=100000 PRIVITY_LIMITS__BURST=100000
stage

# A credential with every scope that acts for an admitted member, so that no route is closed.
curl --silent --fail --header "Authorization: Bearer $SUPPLIER_TOKEN" "$SUPPLIER/v1/wallets/main/address" > "$WORK/who.json"
curl --silent --fail --output "$WORK/admitted.json" --header "Authorization: Bearer $NODE_TOKEN" \
    --json "{\"operation\": \"admit\", \"owner\": \"$(of who.json owner)\", \"signer\": \"$(of who.json signer_key)\"}" \
    "$NODE/v1/operations"
privity --home "$WORK/node" token new --name tester --party "$(of who.json address)" --json --scope submitter --scope prover \
    --scope auditor --scope operator > "$WORK/tester.json"
sleep 1.2

against() {
    "$VENV/bin/schemathesis" --config-file scripts/schemathesis.toml run "$1/openapi.json" --header "Authorization: Bearer $2" \
        --max-examples "$EXAMPLES" --seed 1 --continue-on-failure --request-timeout 30 --no-color "${@:3}"
}
# The stream of entries has no end, which it would wait for.
against "$NODE" "$(of tester.json token)" --exclude-path /v1/stream
against "$SUPPLIER" "$SUPPLIER_TOKEN"
