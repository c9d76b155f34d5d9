//! The OpenAPI document, made from the one list of routes; and what it says about access, which is what the gate enforces.

use super::caller::Scope;
use super::once;
use super::problem::ProblemBody;
use super::routes;
use actix_web::App;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, Server};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Who has this scope.
    Scope(Scope),
}

/// The document as it is served, and the access table read from it.
pub struct Document {
    /// JSON.
    pub text: String,
    access: HashMap<String, BTreeMap<String, Access>>,
}

impl Document {
    /// Of [`routes::configure`].
    ///
    /// # Errors
    /// A route that states no access, or more than one; in words.
    pub fn new() -> Result<Self, String> {
        let (_, api) = App::new().into_utoipa_app().configure(routes::configure).split_for_parts();
        let mut json = serde_json::to_value(introduced(
            api,
            "Privity",
            "Confidential deals: settle on the ledger, read it, prove, verify, agree.",
            "A token of `privity token new`",
        ))
        .map_err(|error| error.to_string())?;
        let mut access: HashMap<String, BTreeMap<String, Access>> = HashMap::new();
        let paths = json["paths"].as_object_mut().ok_or("the document has no paths")?;
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                let rule = access_of(operation).ok_or_else(|| format!("{method} {path} states no access"))?;
                complete(method, operation, rule);
                if let Access::Scope(scope) = rule {
                    let said = operation["description"].as_str().map_or_else(String::new, |text| format!("{text}\n\n"));
                    operation["description"] = format!("{said}Scope: `{scope}`.").into();
                }
                access.entry(path.clone()).or_default().insert(method.to_ascii_uppercase(), rule);
            }
        }
        ranged(&mut json);
        Ok(Self { text: json.to_string(), access })
    }

    /// The methods of a path's pattern with their access.
    pub fn methods(&self, pattern: &str) -> Option<&BTreeMap<String, Access>> {
        self.access.get(pattern)
    }

    /// Every route: pattern, method, access.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str, Access)> {
        self.access.iter().flat_map(|(path, methods)| {
            methods.iter().map(move |(method, access)| (path.as_str(), method.as_str(), *access))
        })
    }
}

/// `security(())` is open, `security(("token" = ["scope"]))` takes that scope; anything else is a mistake.
fn access_of(operation: &Value) -> Option<Access> {
    let [requirement] = operation["security"].as_array()?.as_slice() else { return None };
    let requirement = requirement.as_object()?;
    match requirement.get("token") {
        None if requirement.is_empty() => Some(Access::Open),
        Some(scopes) => match scopes.as_array()?.as_slice() {
            [scope] => scope.as_str()?.parse().ok().map(Access::Scope),
            _ => None,
        },
        None => None,
    }
}

/// What holds for every operation of its kind is said once, here.
pub(super) fn complete(method: &str, operation: &mut Value, access: Access) {
    let problem = |description: &str| {
        json!({
            "description": description,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    let responses = &mut operation["responses"];
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        let description = response["description"].as_str().unwrap_or_default().to_owned();
        if status.starts_with(['4', '5']) {
            *response = problem(&description);
        }
    }
    let mut say = |status: &str, description: &str| {
        if responses.get(status).is_none() {
            responses[status] = problem(description);
        }
    };
    say("400", "The request cannot be read");
    if access != Access::Open {
        say("401", "No valid credential");
        say("403", "The credential lacks the scope");
        say("429", "Over the caller's limit; see Retry-After");
    }
    say("503", "Full, stopping, or the store does not answer; see Retry-After");
    say("default", "Another problem");
    let mutates = matches!(method, "post" | "put" | "patch" | "delete") && access != Access::Open;
    if mutates {
        let parameter = json!({
            "name": once::HEADER.as_str(), "in": "header", "required": false,
            "description": "A repetition with the same key answers as the first request did",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        });
        match &mut operation["parameters"] {
            Value::Array(parameters) => parameters.push(parameter),
            none => *none = json!([parameter]),
        }
    }
}

/// Says of every integer without a sign up to where it goes; the formats `int32` and `int64` would say half of it.
pub(super) fn ranged(json: &mut Value) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(ranged),
        Value::Object(members) => {
            let unsigned = members.get("minimum").and_then(Value::as_u64).is_some();
            let integer = match members.get("type") {
                Some(Value::Array(types)) => types.contains(&"integer".into()),
                one => one == Some(&"integer".into()),
            };
            if integer && unsigned && !members.contains_key("maximum") {
                let (format, most) = match members.get("format").and_then(Value::as_str) {
                    Some("int32") => ("uint32", u64::from(u32::MAX)),
                    _ => ("uint64", u64::MAX),
                };
                members.insert("format".into(), format.into());
                members.insert("maximum".into(), most.into());
            }
            members.values_mut().for_each(ranged);
        }
        _ => {}
    }
}

/// Title, licence, the form of problems, and the kind of credential.
pub(super) fn introduced(mut api: OpenApi, title: &str, description: &str, credential: &str) -> OpenApi {
    api.info = InfoBuilder::new()
        .title(title)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()))
        .build();
    api.servers = Some(vec![Server::new("/")]);
    let components = api.components.get_or_insert_default();
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(credential)).build();
    components.add_security_scheme("token", SecurityScheme::Http(scheme));
    api
}
