//! `/v1/wallets/{wallet}/…`: one verb each.

use super::calls::{
    AcceptCall, AttestCall, DiscloseCall, DraftCall, IssueCall, OfferCall, OpenCall, PayCall, ReceiptCall, ReleaseCall,
    RequestCall, SealCall, SeekCall, SettleCall, TermsCall,
};
use super::desk::{Denied, Desk};
use super::listen::Drawer;
use super::views::{
    Accepted, Attested, Balance, Briefed, Deals, Disclosed, Drafted, Identity, Issued, Offered, Receipted, Released,
    Requested, Sealed, Settled, Sought,
};
use crate::error::Code;
use crate::server::blocking::blocking;
use crate::server::room::Letter;
use crate::server::{Input, Kind, Once, Problem, Reply, Service};
use actix_web::{HttpResponse, get, post, web};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(wallet_balance).service(wallet_address).service(wallet_deals);
    config.service(mint_token).service(send_asset).service(seek_attestation).service(attest_capacity);
    config.service(issue_capacity);
    config.service(draft_deal).service(request_deal).service(offer_deal).service(accept_deal).service(settle_deal);
    config.service(brief_inspector).service(sign_receipt).service(release_escrow).service(refund_escrow);
    config.service(disclose_funds).service(seal_letter).service(open_letter);
}

/// What the command would exit with, as a problem.
fn problem(denied: Denied) -> Problem {
    let failure = match denied {
        Denied::Wallet(failure) => failure,
        Denied::Node(problem) => return problem,
    };
    let kind = match failure.code {
        Code::Rule => Kind::Refused,
        Code::Usage | Code::Input => Kind::Malformed,
        Code::Missing => Kind::NotFound,
        Code::Store => Kind::Unavailable,
        Code::Busy => Kind::Conflict,
        Code::Locked => Kind::Forbidden,
        Code::Prover => Kind::Internal,
    };
    let problem = Problem::new(kind, &failure.what);
    Problem {
        rule: failure.rule,
        rejection: failure.rejection,
        remedy: failure.remedy.or(problem.remedy.clone()),
        ..problem
    }
}

/// Looks something up in a wallet.
async fn look<A: Serialize + Send + 'static>(
    drawer: web::Data<Drawer>,
    name: String,
    look: impl FnOnce(&mut Desk) -> Result<A, Denied> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let value = blocking(move || look(&mut *drawer.desk(&name)?).map_err(problem)).await?;
    Ok(HttpResponse::Ok().json(value))
}

/// Does something with a wallet, once per idempotency key. The wallet is locked meanwhile, so that a repetition waits for the first call
/// and is answered as it was. A crash between the wallet's file and the answer's row leaves the wallet's own word: it does not sign the same
/// terms twice.
async fn act<T: Send + 'static, A: Serialize>(
    service: web::Data<Service>,
    drawer: web::Data<Drawer>,
    name: String,
    input: Input<T>,
    act: impl FnOnce(&mut Desk, &T) -> Result<A, Denied> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let reply = blocking(move || {
        let mut desk = drawer.desk(&name)?;
        let (database, now) = (&*service.database, service.clock.rough());
        if let Some(reply) = answered(&service, &input.once)? {
            return Ok(reply);
        }
        let value = act(&mut desk, &input.value).map_err(problem)?;
        input.once.run(database, now, &mut |_| Reply::new(200, &value))
    });
    Ok(reply.await?.into())
}

/// What this call was answered before, if it was.
fn answered(service: &Service, once: &Once) -> Result<Option<Reply>, Problem> {
    let mut asked = false;
    let outcome = once.run(&*service.database, service.clock.rough(), &mut |_| {
        asked = true;
        Err(Problem::of(Kind::Internal))
    });
    match outcome {
        Err(_) if asked => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// What the wallet holds, by asset, minor units.
#[utoipa::path(tag = "wallet", security(("token" = [])), params(("wallet" = String, Path, description = "The wallet's name")),
    responses((status = 200, body = Balance, description = "What it holds")))]
#[get("/v1/wallets/{wallet}/balance")]
async fn wallet_balance(drawer: web::Data<Drawer>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    look(drawer, path.into_inner(), Desk::balance).await
}

/// The wallet's address, owner and signer.
#[utoipa::path(tag = "wallet", security(("token" = [])), params(("wallet" = String, Path, description = "The wallet's name")),
    responses((status = 200, body = Identity, description = "Who it is")))]
#[get("/v1/wallets/{wallet}/address")]
async fn wallet_address(drawer: web::Data<Drawer>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    look(drawer, path.into_inner(), Desk::address).await
}

/// Deals and open negotiations.
#[utoipa::path(tag = "wallet", security(("token" = [])), params(("wallet" = String, Path, description = "The wallet's name")),
    responses((status = 200, body = Deals, description = "Its deals")))]
#[get("/v1/wallets/{wallet}/deals")]
async fn wallet_deals(drawer: web::Data<Drawer>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    look(drawer, path.into_inner(), Desk::deals).await
}

/// A verb with a body.
macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident $path:literal $call:ident $verb:ident $answer:ident;)*) => {
        $(
            $(#[$doc])*
            #[utoipa::path(tag = "wallet", security(("token" = [])),
                params(("wallet" = String, Path, description = "The wallet's name")), request_body = $call,
                responses((status = 200, body = $answer, description = "Done"),
                    (status = 422, description = "A rule forbids it; the problem names the rule")))]
            #[post($path)]
            async fn $name(
                service: web::Data<Service>,
                drawer: web::Data<Drawer>,
                path: web::Path<String>,
                input: Input<$call>,
            ) -> Result<HttpResponse, Problem> {
                act(service, drawer, path.into_inner(), input, Desk::$verb).await
            }
        )*
    };
}

verbs! {
    /// Issuer: mint a token to a member.
    mint_token "/v1/wallets/{wallet}/mint" PayCall mint Settled;
    /// Send a token or capacity.
    send_asset "/v1/wallets/{wallet}/send" PayCall send Settled;
    /// Supplier: ask for an attestation of capacity.
    seek_attestation "/v1/wallets/{wallet}/certify/request" SeekCall seek Sought;
    /// Certifier: attest what a supplier asks for.
    attest_capacity "/v1/wallets/{wallet}/certify/sign" AttestCall attest Attested;
    /// Supplier: turn an attestation into capacity notes.
    issue_capacity "/v1/wallets/{wallet}/issue" IssueCall issue Issued;
    /// Supplier: terms from the documents, one's outputs; nothing is signed.
    draft_deal "/v1/wallets/{wallet}/draft" DraftCall draft Drafted;
    /// Buyer: check the draft, add one's outputs; nothing is signed.
    request_deal "/v1/wallets/{wallet}/request" RequestCall request Requested;
    /// Supplier: check the request and sign one's leg, firm until expiry.
    offer_deal "/v1/wallets/{wallet}/offer" OfferCall offer Offered;
    /// Buyer: check the offer, sign and prove the rest.
    accept_deal "/v1/wallets/{wallet}/accept" AcceptCall accept Accepted;
    /// Buyer: settle the accepted deal on the ledger.
    settle_deal "/v1/wallets/{wallet}/settle" SettleCall settle Settled;
    /// What an inspector or arbiter is shown: parties and goods, no price.
    brief_inspector "/v1/wallets/{wallet}/brief" TermsCall brief Briefed;
    /// Inspector: sign what was delivered.
    sign_receipt "/v1/wallets/{wallet}/receipt" ReceiptCall receipt Receipted;
    /// Release escrow by a receipt or an award.
    release_escrow "/v1/wallets/{wallet}/release" ReleaseCall release Released;
    /// Buyer: take an unclaimed escrow back.
    refund_escrow "/v1/wallets/{wallet}/refund" TermsCall refund Settled;
    /// Prove funds or capacity to an audience without moving them.
    disclose_funds "/v1/wallets/{wallet}/disclose" DiscloseCall disclose Disclosed;
    /// Seal a letter for the deal room.
    seal_letter "/v1/wallets/{wallet}/letters/seal" SealCall seal Sealed;
    /// Open an envelope of the deal room.
    open_letter "/v1/wallets/{wallet}/letters/open" OpenCall open Letter;
}
