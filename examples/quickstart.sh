#!/usr/bin/env bash
# From `privity serve` to a settled deal between two wallets, over HTTP: what docs/http.md tells, done. Ends with a status other than 0
# if any answer is not what it should be.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=examples/stage.sh
source examples/stage.sh

say() { printf '\n-- %s\n' "$*"; }

# body NAME=TEXT… | NAME=@FILE | NAME:=FILE#MEMBER: a JSON object of texts, texts of files, and members of answers.
body() {
    python3 - "$WORK" "$@" << 'PYTHON'
import json, pathlib, sys
work, members = pathlib.Path(sys.argv[1]), {}
for argument in sys.argv[2:]:
    name, value = argument.split("=", 1)
    if name.endswith(":"):
        file, _, member = value.partition("#")
        answer = json.loads((work / file).read_text())
        members[name[:-1]] = answer[member] if member else answer
    else:
        members[name] = (work / value[1:]).read_bytes().decode() if value.startswith("@") else value
print(json.dumps(members))
PYTHON
}

# call ANSWER URL TOKEN [BODY]: GET, or POST with a body; the answer goes to a file. Anything but 2xx ends the script.
call() {
    local answer=$WORK/$1 url=$2 token=$3 status
    local options=(--silent --show-error --max-time 120 --output "$answer" --write-out '%{http_code}'
        --header "Authorization: Bearer $token")
    if [ $# -gt 3 ]; then
        options+=(--header 'Content-Type: application/json' --header "Idempotency-Key: $1-$RANDOM$RANDOM" --data-binary @-)
        status=$(curl "${options[@]}" "$url" <<< "$4")
    else
        status=$(curl "${options[@]}" "$url")
    fi
    case $status in
        2??) ;;
        *) echo "$url answered $status:" >&2; cat "$answer" >&2; return 1 ;;
    esac
}

# expect FILE MEMBER… VALUE: a member of an answer is this.
expect() {
    python3 - "$WORK" "$@" << 'PYTHON'
import json, pathlib, sys
work, file, *path, wanted = sys.argv[1:]
value = json.loads((pathlib.Path(work) / file).read_text())
for step in path:
    value = value[int(step)] if isinstance(value, list) else value[step]
if str(value) != wanted:
    sys.exit(f"{file}: {'.'.join(path)} is {value}, not {wanted}")
print(f"   {'.'.join(path)} = {value}")
PYTHON
}

community() { call "$1" "$COMMUNITY/v1/wallets/$2" "$COMMUNITY_TOKEN" "${@:3}"; }
supplier() { call "$1" "$SUPPLIER/v1/wallets/main/$2" "$SUPPLIER_TOKEN" "${@:3}"; }
buyer() { call "$1" "$BUYER/v1/wallets/main/$2" "$BUYER_TOKEN" "${@:3}"; }
operation() { call "operation-$1.json" "$NODE/v1/operations" "$NODE_TOKEN" "$(body operation="$@")"; }

say "privity serve: a ledger with development keys; then a wallet daemon each for the community, the supplier and the buyer"
stage
call ledger.json "$NODE/v1/ledger" "$NODE_TOKEN"
echo "   the node listens at $NODE, the daemons at $COMMUNITY, $SUPPLIER and $BUYER"

say "the operator registers signers and the token, and admits the two members"
for role in issuer certifier inspector arbiter auditor; do
    community $role.json $role/address
    operation register-signer key="$(of $role.json signer_key)"
done
operation register-certifier signer="$(of certifier.json signer)"
operation register-token issuer="$(of issuer.json signer)" name=community-dollar
supplier supplier-id.json address
buyer buyer-id.json address
for party in supplier buyer; do
    operation admit owner="$(of $party-id.json owner)" signer="$(of $party-id.json signer_key)"
done

say "the issuer mints 1 000.00 to the buyer"
community minted.json issuer/mint "$(body asset=community-dollar amount=100000 to="$(of buyer-id.json address)")"
buyer balance.json balance
expect balance.json balances 0 value 100000

say "the certifier attests the supplier's capacity, and the supplier turns it into notes"
GROUP=documents/WeekBasedCapacityGroup.json
supplier sought.json certify/request "$(body capacity_group=@$GROUP)"
community attested.json certifier/certify/sign "$(body request:=sought.json#request capacity_group=@$GROUP)"
supplier issued.json issue "$(body attestation:=attested.json#attestation)"

say "supplier: draft; buyer: request; supplier: offer, signed and firm; buyer: accept, which proves; buyer: settle"
body capacity_group=@$GROUP material_demand=@documents/WeekBasedMaterialDemand.json \
    request_for_quotation=@documents/RequestForQuotation.json delivery_information=@documents/DeliveryInformation.json \
    price_table=@documents/price_breaks.csv config=@documents/deal.toml > "$WORK/documents.json"
supplier drafted.json draft "$(body documents:=documents.json buyer="$(of buyer-id.json address)" \
    certifier="$(of certifier.json signer)" inspector="$(of inspector.json signer)" \
    arbiter="$(of arbiter.json signer)" auditor="$(of auditor.json signer)")"
expect drafted.json figures total 35617
buyer requested.json request "$(body draft:=drafted.json#draft)"
supplier offered.json offer "$(body request:=requested.json#request)"
buyer accepted.json accept "$(body offer:=offered.json#offer)"
buyer settled.json settle "$(body transaction:=accepted.json#transaction)"
supplier deals.json deals
expect deals.json deals 0 terms "$(of accepted.json terms)"
expect deals.json deals 0 escrow_payment 35617

say "400 of 1 000 pieces arrive: the inspector signs, and the supplier releases that part of the escrow"
supplier briefed.json brief "$(body terms:=accepted.json#terms)"
community receipted.json inspector/receipt "$(body brief:=briefed.json#brief delivered=400000 time="$(date +%s)")"
supplier released.json release "$(body evidence:=receipted.json#receipt)"
expect released.json movement to_supplier 14246
buyer balance.json balance
supplier supplier-balance.json balance
buyer deals.json deals
expect deals.json deals 0 done 400000

say "the log, as anybody with a token of scope auditor reads it: nothing of the deal but that it was made"
call entries.json "$NODE/v1/entries?cursor=$(of settled.json position)&limit=1" "$NODE_TOKEN"
expect entries.json entries 0 kind deal
echo
echo "the deal is settled: position $(of settled.json position), transaction $(of settled.json transaction)"
