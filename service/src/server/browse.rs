//! `/docs`: the OpenAPI document as a page to browse. What the page loads is in this binary, and the browser is told to load nothing else.

use super::problem::{Kind, Problem};
use super::system::{etag, unchanged};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG};
use actix_web::{HttpRequest, HttpResponse, get, web};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

/// Where the page may load from, and what it may call: this service alone. Its script sets styles of its own.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

struct Asset {
    name: &'static str,
    media: &'static str,
    bytes: &'static [u8],
}

const PAGE: Asset =
    Asset { name: "index.html", media: "text/html; charset=utf-8", bytes: include_bytes!("browse/index.html") };
const ASSETS: [Asset; 3] = [
    Asset {
        name: "swagger-ui-bundle.js",
        media: "text/javascript; charset=utf-8",
        bytes: include_bytes!("browse/swagger-ui-bundle.js"),
    },
    Asset { name: "swagger-ui.css", media: "text/css; charset=utf-8", bytes: include_bytes!("browse/swagger-ui.css") },
    Asset { name: "start.js", media: "text/javascript; charset=utf-8", bytes: include_bytes!("browse/start.js") },
];

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(browse).service(browse_asset);
}

/// A page to browse the routes with.
#[utoipa::path(
    tag = "system",
    security(()),
    responses((status = 200, content_type = "text/html", body = String, description = "The page"))
)]
#[get("/docs")]
async fn browse(request: HttpRequest) -> HttpResponse {
    served(&request, &PAGE)
}

/// What the page consists of.
#[utoipa::path(
    tag = "system",
    security(()),
    params(("name" = String, Path, description = "A file's name", example = "start.js")),
    responses(
        (status = 200, content((String = "text/javascript"), (String = "text/css")), description = "The file"),
        (status = 404, description = "The page has no such file")
    )
)]
#[get("/docs/{name}")]
async fn browse_asset(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == *name);
    Ok(served(&request, asset.ok_or_else(|| Problem::of(Kind::NotFound))?))
}

fn served(request: &HttpRequest, asset: &Asset) -> HttpResponse {
    let tag = etag(&Sha256::digest(asset.bytes)[..16]);
    unchanged(request, &tag).unwrap_or_else(|| {
        let mut response = HttpResponse::Ok();
        response.insert_header((CONTENT_SECURITY_POLICY, POLICY)).insert_header((CACHE_CONTROL, "no-cache"));
        response.insert_header((ETAG, tag)).content_type(asset.media).body(asset.bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_no_other_host() {
        for asset in [&PAGE, &ASSETS[2]] {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            assert!(!text.contains("//") || asset.name == "start.js" && !text.contains("://"), "{}", asset.name);
        }
        let css = std::str::from_utf8(ASSETS[1].bytes).unwrap();
        let loads = |text: &str| text.contains("@import") || text.contains("url(http") || text.contains("url(//");
        assert!(!loads(css), "the style sheet loads something");
    }

    #[test]
    fn what_the_page_loads_is_there() {
        let page = std::str::from_utf8(PAGE.bytes).unwrap();
        let parts = page.split(['"']).filter_map(|part| part.strip_prefix("docs/")).collect::<Vec<_>>();
        assert_eq!(parts.len(), ASSETS.len());
        assert!(parts.iter().all(|name| ASSETS.iter().any(|asset| asset.name == *name)), "{parts:?}");
    }
}
