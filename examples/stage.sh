# Sourced by examples/quickstart.sh and scripts/clients.sh: a node, and three members' wallet daemons that follow it.
#
# `stage` sets NODE and NODE_TOKEN (a node with development keys), COMMUNITY, SUPPLIER, BUYER (wallet daemons) with *_TOKEN, and DOCUMENTS
# (the sample deal, its dates moved to this week). Everything lies in WORK, which is removed in the end. Of a machine it takes
# coreutils, curl and python3.

PATH="$PWD/${CARGO_TARGET_DIR:-target}/release:${CARGO_TARGET_DIR:-target}/release:$PATH"
command -v privity > /dev/null || { echo "there is no privity yet; run cargo build --release" >&2; exit 1; }
WORK=$(mktemp -d)
PIDS=()
# Whatever the environment says of another ledger is not meant.
unset PRIVITY_HOME PRIVITY_LEDGER PRIVITY_NOW PRIVITY_WALLET PRIVITY_CONFIG
# The proving keys are made once, in the checkout's target folder.
export PRIVITY_KEYS="${PRIVITY_KEYS:-$PWD/target/demo-keys}"
# A free port instead of 8380.
export PRIVITY_HTTP__LISTEN=127.0.0.1:0 PRIVITY_PASSWORD=for-trying-out PRIVITY_LOG__FILTER=warn

finish() {
    local code=$? pid
    trap - EXIT
    for pid in "${PIDS[@]}"; do kill -TERM "$pid" 2> /dev/null || true; done
    for pid in "${PIDS[@]}"; do wait "$pid" || { echo "a service ended with status $?" >&2; code=1; }; done
    if [ "$code" != 0 ]; then tail -n 20 "$WORK"/*.log >&2; fi
    rm -rf "$WORK"
    exit "$code"
}
trap finish EXIT

# of FILE MEMBER: a member of an answer, as in `of node.json url`.
of() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$WORK/$1" "$2"; }

# serve NAME [options]: starts a service in the home NAME and waits for the line that it prints.
serve() {
    local name=$1
    shift
    privity --home "$WORK/$name" serve "$@" > "$WORK/$name.json" 2> "$WORK/$name.log" &
    PIDS+=($!)
    while ! grep -q url "$WORK/$name.json"; do
        kill -0 "${PIDS[-1]}" 2> /dev/null || { cat "$WORK/$name.log" >&2; return 1; }
        sleep 0.2
    done
}

# member NAME WALLETS…: a home with wallets, and a daemon that opens them.
member() {
    local name=$1 home=$WORK/$1 wallet names
    shift
    mkdir -p "$home"
    privity --home "$WORK/node" token new --name "$name" --scope submitter --scope auditor --json > "$WORK/$name.token.json"
    (umask 077 && of "$name.token.json" token > "$home/node.token")
    # A running service reads new tokens within a second.
    sleep 1.2
    for wallet in "$@"; do
        privity --home "$home" --wallet "$wallet" --quiet wallet create \
            --url "$NODE" --token-file "$home/node.token" --phrase-file "$home/$wallet.phrase" > "$home/$wallet.txt"
    done
    names=$(printf '"%s", ' "$@")
    cat > "$home/privity.toml" << TOML
[node]
sign = false
[jobs]
enabled = false
[webhooks]
enabled = false
[follow]
url = "$NODE"
token_file = "node.token"
[daemon]
listen = "127.0.0.1:0"
wallets = [${names%, }]
TOML
    serve "$name" --config "$home/privity.toml"
}

# The sample documents with every date moved by whole weeks, so that the deal is due three weeks from now.
documents() {
    python3 - "$1" << 'PYTHON'
import datetime, pathlib, re, sys
start = datetime.date(2026, 2, 16)
today = datetime.datetime.now(datetime.timezone.utc).date()
shift = datetime.timedelta(weeks=(today - start).days // 7)
moved = lambda match: (datetime.date.fromisoformat(match[0]) + shift).isoformat()
target = pathlib.Path(sys.argv[1])
target.mkdir()
for file in pathlib.Path("examples/data/deal").iterdir():
    if file.suffix in (".json", ".toml"):
        text = file.read_bytes().decode()
        (target / file.name).write_bytes(re.sub(r"(?<![\w-])20\d\d-\d\d-\d\d(?!\d)", moved, text).encode())
(target / "price_breaks.csv").write_bytes(pathlib.Path("examples/data/price_breaks.csv").read_bytes())
PYTHON
}

stage() {
    DOCUMENTS=$WORK/documents
    documents "$DOCUMENTS"
    serve node
    NODE=$(of node.json url) NODE_TOKEN=$(of node.json token)
    member community issuer certifier inspector arbiter auditor
    COMMUNITY=$(of community.json daemon) COMMUNITY_TOKEN=$(< "$WORK/community/daemon.token")
    member supplier main
    SUPPLIER=$(of supplier.json daemon) SUPPLIER_TOKEN=$(< "$WORK/supplier/daemon.token")
    member buyer main
    BUYER=$(of buyer.json daemon) BUYER_TOKEN=$(< "$WORK/buyer/daemon.token")
}
