"""A whole deal through the generated Python clients; `scripts/clients.sh` generates them, sets the stage and runs this."""

import datetime
import os
import time
import uuid
from pathlib import Path

from privity_daemon import AuthenticatedClient as DaemonClient
from privity_daemon import models as wallet_models
from privity_daemon.api.wallet import (
    accept_deal, attest_capacity, brief_inspector, disclose_funds, draft_deal, issue_capacity, mint_token, offer_deal,
    release_escrow, request_deal, seek_attestation, settle_deal, sign_receipt, wallet_address, wallet_balance,
    wallet_deals,
)
from privity_node import AuthenticatedClient as NodeClient
from privity_node import models as node_models
from privity_node.api.ledger import get_entry
from privity_node.api.operator import post_operation


def of(kind, answer):
    """The answer, if it is what the document says for success; else the problem is raised."""
    if not isinstance(answer, kind):
        raise SystemExit(f"expected {kind.__name__}, got {answer}")
    return answer


def daemon(name):
    return DaemonClient(base_url=os.environ[name], token=os.environ[f"{name}_TOKEN"], timeout=120)


community, supplier, buyer = daemon("COMMUNITY"), daemon("SUPPLIER"), daemon("BUYER")
node = NodeClient(base_url=os.environ["NODE"], token=os.environ["NODE_TOKEN"], timeout=30)
folder = Path(os.environ["DOCUMENTS"])


def text(name):
    return (folder / name).read_bytes().decode()


def look(call, kind, client, wallet="main"):
    return of(kind, call.sync(wallet, client=client))


def do(call, kind, client, body, wallet="main"):
    """One step, under an idempotency key: repeated, it answers the same."""
    key = str(uuid.uuid4())
    first = of(kind, call.sync(wallet, client=client, body=body, idempotency_key=key))
    again = of(kind, call.sync(wallet, client=client, body=body, idempotency_key=key))
    assert first == again, f"{call.__name__} answered a repetition otherwise"
    return first


def enter(operation, **members):
    kind = getattr(node_models, operation)
    name = getattr(node_models, f"{operation}Operation")
    body = kind(operation=next(iter(name)), **members)
    of(node_models.SettledView, post_operation.sync(client=node, body=body, idempotency_key=str(uuid.uuid4())))


roles = ("issuer", "certifier", "inspector", "arbiter", "auditor")
who = {role: look(wallet_address, wallet_models.Identity, community, role) for role in roles}
for role in roles:
    enter("RegisterSigner", key=who[role].signer_key)
enter("RegisterCertifier", signer=who["certifier"].signer)
enter("RegisterToken", issuer=who["issuer"].signer, name="community-dollar")
for name, client in (("supplier", supplier), ("buyer", buyer)):
    who[name] = look(wallet_address, wallet_models.Identity, client)
    enter("Admit", owner=who[name].owner, signer=who[name].signer_key)

pay = wallet_models.PayCall(asset="community-dollar", amount="100000", to=who["buyer"].address)
do(mint_token, wallet_models.Settled, community, pay, "issuer")

group = text("WeekBasedCapacityGroup.json")
sought = do(seek_attestation, wallet_models.Sought, supplier, wallet_models.SeekCall(capacity_group=group))
attested = do(
    attest_capacity, wallet_models.Attested, community,
    wallet_models.AttestCall(request=sought.request, capacity_group=group), "certifier",
)
do(issue_capacity, wallet_models.Issued, supplier, wallet_models.IssueCall(attestation=attested.attestation))

drafted = do(draft_deal, wallet_models.Drafted, supplier, wallet_models.DraftCall(
    documents=wallet_models.Documents(
        capacity_group=group,
        material_demand=text("WeekBasedMaterialDemand.json"),
        request_for_quotation=text("RequestForQuotation.json"),
        delivery_information=text("DeliveryInformation.json"),
        price_table=text("price_breaks.csv"),
        config=text("deal.toml"),
    ),
    buyer=who["buyer"].address,
    certifier=who["certifier"].signer,
    inspector=who["inspector"].signer,
    arbiter=who["arbiter"].signer,
    auditor=who["auditor"].signer,
))
assert drafted.figures.total == "35617", drafted.figures
requested = do(request_deal, wallet_models.Requested, buyer, wallet_models.RequestCall(draft=drafted.draft))
offered = do(offer_deal, wallet_models.Offered, supplier, wallet_models.OfferCall(request=requested.request))
accepted = do(accept_deal, wallet_models.Accepted, buyer, wallet_models.AcceptCall(offer=offered.offer))
settled = do(
    settle_deal, wallet_models.Settled, buyer, wallet_models.SettleCall(transaction=accepted.transaction)
)
refused = settle_deal.sync("main", client=buyer, body=wallet_models.SettleCall(transaction=accepted.transaction))
assert of(wallet_models.Problem, refused).rule == "L7", refused

brief = do(brief_inspector, wallet_models.Briefed, supplier, wallet_models.TermsCall(terms=accepted.terms))
receipt = do(
    sign_receipt, wallet_models.Receipted, community,
    wallet_models.ReceiptCall(brief=brief.brief, delivered="400000", time=str(int(time.time()))), "inspector",
)
released = do(release_escrow, wallet_models.Released, supplier, wallet_models.ReleaseCall(evidence=receipt.receipt))
assert released.movement.to_supplier == "14246", released
deal = look(wallet_deals, wallet_models.Deals, buyer).deals[0]
assert (deal.terms, deal.done) == (accepted.terms, "400000"), deal
held = look(wallet_balance, wallet_models.Balance, buyer).balances[0]
assert int(held.value) == 100_000 - int(drafted.figures.to_pay), held
today = datetime.date.today()
monday = today - datetime.timedelta(days=today.weekday())
do(disclose_funds, wallet_models.Disclosed, buyer, wallet_models.DiscloseCall(
    asset="community-dollar", at_least="60000", hold="0", scope=monday.isoformat(), audience=who["auditor"].signer,
))

entry = of(node_models.EntryView, get_entry.sync(int(settled.position), client=node))
assert (entry.kind, entry.id) == ("deal", settled.transaction), entry
print(f"python: the deal is settled at position {settled.position}; {released.movement.to_supplier} went to the supplier")
