//! Reading the state: the ledger itself, roots, paths, supplies, parties, keys.

use super::ready::Lasts;
use super::views::siblings;
use crate::directory;
use crate::files;
use crate::server::problem::{Kind, Problem};
use crate::server::state::Service;
use actix_web::{HttpRequest, HttpResponse, get, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use privity_circuits::asset::AssetId;
use privity_circuits::field;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::note::Nullifier;
use privity_circuits::tree::Anchor;
use privity_ledger::{Codec, State, StoreError};
use privity_verifier::{KeyId, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_ledger)
        .service(get_root)
        .service(get_path)
        .service(get_nullifier)
        .service(get_tokens)
        .service(get_token);
    config.service(get_members).service(get_member).service(get_signers).service(get_keys).service(get_key);
}

/// A ledger and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LedgerView {
    /// What people call it.
    name: String,
    /// SHA-256 of the genesis, hexadecimal.
    ledger: String,
    /// The genesis' canonical bytes, base64.
    genesis: String,
    /// Whether development keys are refused.
    production: bool,
    /// Records in the log.
    length: u64,
    /// Ledger time, Unix seconds.
    time: u64,
    /// Hash of the last record, hexadecimal.
    hash: String,
    /// Leaves of the note tree.
    notes: u64,
    /// Root of the note tree.
    root: String,
    /// Root of the member tree.
    member_root: String,
    /// The present fee policy.
    policy: PolicyView,
}

/// A fee policy.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PolicyView {
    /// Its id.
    id: String,
    /// Minor units.
    flat: String,
    /// Basis points of the total.
    rate: u64,
    /// Owner to whom fees go.
    treasury: String,
    /// X25519 key to which fee notes are delivered, hexadecimal.
    delivery_key: String,
}

/// The ledger and how far it is.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    responses((status = 200, body = LedgerView, description = "The ledger now"))
)]
#[get("/v1/ledger")]
async fn get_ledger(service: web::Data<Service>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    service.node.answer(&request, Lasts::UntilNext, |state| {
        let (_, policy) = state.policy_of(state.policy())?.ok_or(StoreError::Empty)?;
        Ok(Some(LedgerView {
            name: state.genesis().name.as_str().to_owned(),
            ledger: state.ledger().to_string(),
            genesis: STANDARD.encode(state.genesis().to_bytes()),
            production: state.genesis().production,
            length: state.position(),
            time: state.time(),
            hash: files::hex(&state.hash()),
            notes: state.notes(),
            root: state.anchor().to_string(),
            member_root: state.member_root().to_string(),
            policy: PolicyView {
                id: field::to_hex(&state.policy()),
                flat: policy.flat.to_string(),
                rate: policy.rate,
                treasury: policy.treasury.to_string(),
                delivery_key: files::hex(&policy.delivery_key),
            },
        }))
    })
}

/// A root that the note tree has or had.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Root {
    /// The root.
    root: String,
    /// Leaves of the tree when this was its root.
    leaves: u64,
}

/// Whether this is or was a root of the note tree.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("root" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, body = Root, description = "It is or was"), (status = 404, description = "It never was"))
)]
#[get("/v1/roots/{root}")]
async fn get_root(
    service: web::Data<Service>,
    request: HttpRequest,
    root: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let root: Anchor = id(&root)?;
    service.node.answer(&request, Lasts::Forever, |state| {
        Ok(state.anchor_size(root)?.map(|leaves| Root { root: root.to_string(), leaves }))
    })
}

/// At which size of the tree.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Size {
    /// Leaves of the tree under whose root the path leads; as many as there are if absent
    #[serde(default)]
    size: Option<u64>,
}

/// The way from a leaf to a root.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PathView {
    /// Index of the leaf.
    leaf: u32,
    /// Leaves of the tree.
    size: u64,
    /// Per level, leaves first, the three siblings in the order of the children.
    siblings: Vec<[String; 3]>,
}

/// The way from a leaf of the note tree to a root.
///
/// Asking for one leaf tells the operator which note the caller cares for; a wallet that follows the log needs no such question.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("leaf" = u32, Path, description = "Index of the leaf"), Size),
    responses((status = 200, body = PathView, description = "The path"), (status = 404, description = "The tree has no such leaf at that size"))
)]
#[get("/v1/paths/{leaf}")]
async fn get_path(
    service: web::Data<Service>,
    request: HttpRequest,
    leaf: web::Path<u32>,
    size: web::Query<Size>,
) -> Result<HttpResponse, Problem> {
    let lasts = if size.size.is_some() { Lasts::Forever } else { Lasts::UntilNext };
    service.node.answer(&request, lasts, |state| {
        let size = size.size.unwrap_or(state.notes());
        let path = state.note_path(*leaf, size)?;
        Ok(path.map(|path| PathView { leaf: *leaf, size, siblings: siblings(&path.siblings) }))
    })
}

/// Whether a note is spent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Spent {
    /// The nullifier.
    nullifier: String,
    /// Whether it is in the log.
    spent: bool,
}

/// Whether a note with this nullifier is spent.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("nullifier" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, body = Spent, description = "Whether it is"), (status = 404, description = "That is no nullifier"))
)]
#[get("/v1/nullifiers/{nullifier}")]
async fn get_nullifier(service: web::Data<Service>, text: web::Path<String>) -> Result<HttpResponse, Problem> {
    let nullifier: Nullifier = id(&text)?;
    let spent = service.node.ledger()?.read(|state| state.is_spent(nullifier))?;
    Ok(HttpResponse::Ok().json(Spent { nullifier: nullifier.to_string(), spent }))
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// `next` of the page before; the beginning if absent
    #[serde(default)]
    cursor: Option<String>,
    /// Most items
    #[serde(default)]
    #[param(minimum = 1)]
    limit: Option<usize>,
}

impl Page {
    /// Of what has these ids as texts, this page: in the order of the texts, each viewed, and the cursor of the next one.
    fn of<I, T>(
        &self,
        most: usize,
        mut all: Vec<(String, I)>,
        view: impl Fn(I) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<List<T>>, Problem> {
        let limit = self.limit.unwrap_or(most).min(most);
        if limit == 0 {
            return Err(Problem::new(Kind::Malformed, "limit is at least 1"));
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        let start = self.cursor.as_ref().map_or(0, |cursor| all.partition_point(|(id, _)| id <= cursor));
        let next = all.get(start + limit).and_then(|_| all.get(start + limit - 1)).map(|(id, _)| id.clone());
        let items = all.into_iter().skip(start).take(limit).filter_map(|(_, one)| view(one).transpose());
        Ok(Some(List { items: items.collect::<Result<_, _>>()?, next }))
    }
}

/// Ids with their texts.
fn named<I: ToString>(ids: impl IntoIterator<Item = I>) -> Vec<(String, I)> {
    ids.into_iter().map(|id| (id.to_string(), id)).collect()
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    /// In the order of their ids.
    items: Vec<T>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A token and its supply.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenView {
    /// Its asset id.
    asset: String,
    /// Its name.
    name: String,
    /// Signer id of who mints it.
    issuer: String,
    /// False once revoked.
    active: bool,
    /// Minor units that were minted and not exposed.
    #[schema(example = "2399520")]
    supply: String,
}

fn token_view(state: &State<'_>, asset: AssetId) -> Result<Option<TokenView>, StoreError> {
    let Some(token) = state.token(asset)? else { return Ok(None) };
    Ok(Some(TokenView {
        asset: asset.to_string(),
        name: token.name.as_str().to_owned(),
        issuer: token.issuer.to_string(),
        active: token.active,
        supply: state.supply(asset)?.to_string(),
    }))
}

/// Tokens and their supplies.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(Page),
    responses((status = 200, body = List<TokenView>, description = "Tokens"))
)]
#[get("/v1/tokens")]
async fn get_tokens(
    service: web::Data<Service>,
    request: HttpRequest,
    page: web::Query<Page>,
) -> Result<HttpResponse, Problem> {
    let most = service.settings.node.page;
    service.node.answer(&request, Lasts::UntilNext, |state| {
        page.of(most, named(state.tokens()?.into_iter().map(|(asset, ..)| asset)), |asset| token_view(state, asset))
    })
}

/// A token and its supply.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("asset" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, body = TokenView, description = "The token"), (status = 404, description = "It is not registered"))
)]
#[get("/v1/tokens/{asset}")]
async fn get_token(
    service: web::Data<Service>,
    request: HttpRequest,
    asset: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asset = id(&asset)?;
    service.node.answer(&request, Lasts::UntilNext, |state| Ok(token_view(state, asset)?))
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberView {
    /// Owner of its address.
    owner: String,
    /// Its leaf in the member tree.
    position: u32,
    /// False once revoked.
    active: bool,
    /// Its signer now.
    signer: String,
    /// The way from its leaf to the member root; absent in lists and once revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    siblings: Option<Vec<[String; 3]>>,
}

fn member_view(state: &State<'_>, owner: Owner, way: bool) -> Result<Option<MemberView>, StoreError> {
    let Some(member) = state.member(owner)? else { return Ok(None) };
    let path = if way { state.member_path(owner)? } else { None };
    Ok(Some(MemberView {
        owner: owner.to_string(),
        position: member.position,
        active: member.active,
        signer: member.signer_at(state.time()).to_string(),
        siblings: path.map(|path| siblings(&path.siblings)),
    }))
}

/// Members.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(Page),
    responses((status = 200, body = List<MemberView>, description = "Members"))
)]
#[get("/v1/members")]
async fn get_members(
    service: web::Data<Service>,
    request: HttpRequest,
    page: web::Query<Page>,
) -> Result<HttpResponse, Problem> {
    let most = service.settings.node.page;
    service.node.answer(&request, Lasts::UntilNext, |state| {
        page.of(most, named(state.members()?), |owner| member_view(state, owner, false))
    })
}

/// A member, with its way in the member tree.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("owner" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, body = MemberView, description = "The member"), (status = 404, description = "There is none of that owner"))
)]
#[get("/v1/members/{owner}")]
async fn get_member(
    service: web::Data<Service>,
    request: HttpRequest,
    owner: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let owner = id(&owner)?;
    service.node.answer(&request, Lasts::UntilNext, |state| Ok(member_view(state, owner, true)?))
}

/// A registered signer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignerView {
    /// Its id.
    id: String,
    /// Its public key, hexadecimal.
    key: String,
    /// False once revoked.
    active: bool,
    /// Whether it certifies capacity.
    certifier: bool,
}

fn signer_view(state: &State<'_>, id: SignerId) -> Result<Option<SignerView>, StoreError> {
    let Some((key, active)) = state.signer(id)? else { return Ok(None) };
    let (key, certifier) = (directory::show_key(&key), state.is_certifier(id)?);
    Ok(Some(SignerView { id: id.to_string(), key, active, certifier }))
}

/// Registered signers: issuers and certifiers.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(Page),
    responses((status = 200, body = List<SignerView>, description = "Signers"))
)]
#[get("/v1/signers")]
async fn get_signers(
    service: web::Data<Service>,
    request: HttpRequest,
    page: web::Query<Page>,
) -> Result<HttpResponse, Problem> {
    let most = service.settings.node.page;
    service
        .node
        .answer(&request, Lasts::UntilNext, |state| page.of(most, named(state.signers()?), |id| signer_view(state, id)))
}

/// A verifying key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyView {
    /// Its id, hexadecimal.
    id: String,
    /// The relation with its version.
    #[schema(example = "transfer2x3.v1")]
    relation: String,
    /// Whether it comes of a local set-up.
    development: bool,
    /// Public inputs.
    inputs: usize,
    /// First second in which it is refused, Unix seconds; absent if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<u64>,
    /// Its bytes, base64; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
}

fn key_view(state: &State<'_>, key: &VerifyingKey, whole: bool) -> Result<KeyView, StoreError> {
    Ok(KeyView {
        id: key.id().to_string(),
        relation: key.relation().to_owned(),
        development: key.is_development(),
        inputs: key.num_inputs(),
        ends: state.key_end(key.id())?.filter(|end| *end != privity_ledger::NO_END),
        bytes: whole.then(|| STANDARD.encode(key.to_bytes())),
    })
}

/// Verifying keys that are or were registered.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(Page),
    responses((status = 200, body = List<KeyView>, description = "Keys"))
)]
#[get("/v1/keys")]
async fn get_keys(
    service: web::Data<Service>,
    request: HttpRequest,
    page: web::Query<Page>,
) -> Result<HttpResponse, Problem> {
    let most = service.settings.node.page;
    service.node.answer(&request, Lasts::UntilNext, |state| {
        page.of(most, state.keys()?.into_iter().map(|key| (key.id().to_string(), key)).collect(), |key| {
            key_view(state, &key, false).map(Some)
        })
    })
}

/// A verifying key with its bytes.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("id" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, body = KeyView, description = "The key"), (status = 404, description = "It is not registered"))
)]
#[get("/v1/keys/{id}")]
async fn get_key(
    service: web::Data<Service>,
    request: HttpRequest,
    text: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let wanted: KeyId = id(&text)?;
    service.node.answer(&request, Lasts::UntilNext, |state| {
        let found = state.keys()?.into_iter().find(|key| key.id() == wanted);
        Ok(found.map(|key| key_view(state, &key, true)).transpose()?)
    })
}

/// An id in a path; what is none is not there.
fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| absent())
}

fn absent() -> Problem {
    Problem::of(Kind::NotFound)
}
