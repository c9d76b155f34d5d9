// A whole deal through the generated TypeScript clients; `scripts/clients.sh` generates them, sets the stage and runs this.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "./daemon/client/index.js";
import * as wallet from "./daemon/index.js";
import { createClient as createNodeClient } from "./node/client/index.js";
import * as node from "./node/index.js";

const set = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run scripts/clients.sh`);
  return value;
};
const daemon = (name: string) => createClient({ baseUrl: set(name), auth: set(`${name}_TOKEN`) });
const [community, supplier, buyer] = [daemon("COMMUNITY"), daemon("SUPPLIER"), daemon("BUYER")];
const ledger = createNodeClient({ baseUrl: set("NODE"), auth: set("NODE_TOKEN") });
const text = (name: string): string => readFileSync(join(set("DOCUMENTS"), name), "utf8");
const expect = <T>(what: string, found: T, wanted: T): void => {
  if (found !== wanted) throw new Error(`${what} is ${found}, not ${wanted}`);
};

type Answer<T> = Promise<{ data?: T; error?: unknown }>;

/** The answer, if it is what the document says for success; else the problem is thrown. */
const of = async <T>(answer: Answer<T>): Promise<T> => {
  const { data, error } = await answer;
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
};
const main = { wallet: "main" };

/** The same call twice under one idempotency key: it answers the same. */
const once = async <T>(call: (headers: { "idempotency-key": string }) => Answer<T>): Promise<T> => {
  const headers = { "idempotency-key": randomUUID() };
  const first = await of(call(headers));
  expect("a repetition", JSON.stringify(await of(call(headers))), JSON.stringify(first));
  return first;
};

const enter = (body: node.Operation) => once((headers) => node.postOperation({ client: ledger, headers, body }));

const identity = (client: typeof community, name: string) =>
  of(wallet.walletAddress({ client, path: { wallet: name } }));
const roles = ["issuer", "certifier", "inspector", "arbiter", "auditor"] as const;
const signer: Record<string, string> = {};
for (const role of roles) {
  const who = await identity(community, role);
  signer[role] = who.signer;
  await enter({ operation: "register-signer", key: who.signer_key });
}
await enter({ operation: "register-certifier", signer: signer.certifier! });
await enter({ operation: "register-token", issuer: signer.issuer!, name: "community-dollar" });
const address: Record<string, string> = {};
for (const [name, client] of [["supplier", supplier], ["buyer", buyer]] as const) {
  const who = await identity(client, "main");
  address[name] = who.address;
  await enter({ operation: "admit", owner: who.owner, signer: who.signer_key });
}

const pay = { asset: "community-dollar", amount: "100000", to: address.buyer! };
await once((headers) => wallet.mintToken({ client: community, path: { wallet: "issuer" }, headers, body: pay }));

const group = text("WeekBasedCapacityGroup.json");
const sought = await once((headers) =>
  wallet.seekAttestation({ client: supplier, path: main, headers, body: { capacity_group: group } }));
const attested = await once((headers) =>
  wallet.attestCapacity({
    client: community, path: { wallet: "certifier" }, headers, body: { request: sought.request, capacity_group: group },
  }));
await once((headers) =>
  wallet.issueCapacity({ client: supplier, path: main, headers, body: { attestation: attested.attestation } }));

const drafted = await once((headers) =>
  wallet.draftDeal({
    client: supplier,
    path: main,
    headers,
    body: {
      documents: {
        capacity_group: group,
        material_demand: text("WeekBasedMaterialDemand.json"),
        request_for_quotation: text("RequestForQuotation.json"),
        delivery_information: text("DeliveryInformation.json"),
        price_table: text("price_breaks.csv"),
        config: text("deal.toml"),
      },
      buyer: address.buyer!,
      certifier: signer.certifier!,
      inspector: signer.inspector!,
      arbiter: signer.arbiter!,
      auditor: signer.auditor!,
    },
  }));
expect("the total", drafted.figures.total, "35617");
const requested = await once((headers) =>
  wallet.requestDeal({ client: buyer, path: main, headers, body: { draft: drafted.draft } }));
const offered = await once((headers) =>
  wallet.offerDeal({ client: supplier, path: main, headers, body: { request: requested.request } }));
const accepted = await once((headers) =>
  wallet.acceptDeal({ client: buyer, path: main, headers, body: { offer: offered.offer } }));
const transaction = { transaction: accepted.transaction };
const settled = await once((headers) => wallet.settleDeal({ client: buyer, path: main, headers, body: transaction }));
const refused = await wallet.settleDeal({ client: buyer, path: main, body: transaction });
expect("the rule of a second settlement", refused.error?.rule, "L7");

const briefed = await once((headers) =>
  wallet.briefInspector({ client: supplier, path: main, headers, body: { terms: accepted.terms } }));
const time = Math.floor(Date.now() / 1000).toString();
const receipted = await once((headers) =>
  wallet.signReceipt({
    client: community, path: { wallet: "inspector" }, headers, body: { brief: briefed.brief, delivered: "400000", time },
  }));
const released = await once((headers) =>
  wallet.releaseEscrow({ client: supplier, path: main, headers, body: { evidence: receipted.receipt } }));
expect("what the supplier gets", released.movement.to_supplier, "14246");
const { deals } = await of(wallet.walletDeals({ client: buyer, path: main }));
expect("the buyer's deal", deals[0]?.terms, accepted.terms);
expect("what was delivered", deals[0]?.done, "400000");
const { balances } = await of(wallet.walletBalance({ client: buyer, path: main }));
expect("what the buyer has", balances[0]?.value, (100_000 - Number(drafted.figures.to_pay)).toString());
const monday = new Date();
monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
const scope = monday.toISOString().slice(0, 10);
await once((headers) =>
  wallet.discloseFunds({
    client: buyer, path: main, headers,
    body: { asset: "community-dollar", at_least: "60000", hold: "0", scope, audience: signer.auditor! },
  }));

const entry = await of(node.getEntry({ client: ledger, path: { position: Number(settled.position) } }));
expect("the entry", `${entry.kind} ${entry.id}`, `deal ${settled.transaction}`);
console.log(`typescript: the deal is settled at position ${settled.position}; ${released.movement.to_supplier} went to the supplier`);
