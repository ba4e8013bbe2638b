//! The console: the page at `/` and its files, which are a part of the program. Built from `console/`
//! (TypeScript) into `dist/`; building the program needs none of that. The page asks what any client
//! asks, over REST, and holds no rights of its own: its files are for everybody.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::RawQuery;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;

use super::front::Matched;
use super::lsp;
use super::state::App;

/// What the page may do: load its own files, ask this server. No script or style stands in it, none is
/// made from text, nobody may frame it.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// A file of the page.
struct File {
    path: &'static str,
    media: &'static str,
    bytes: &'static [u8],
}

static FILES: [File; 5] = [
    File { path: "/", media: "text/html; charset=utf-8", bytes: include_bytes!("dist/index.html") },
    File {
        path: "/console/app.js",
        media: "text/javascript; charset=utf-8",
        bytes: include_bytes!("dist/app.js"),
    },
    File {
        path: "/console/app.css",
        media: "text/css; charset=utf-8",
        bytes: include_bytes!("dist/app.css"),
    },
    File {
        path: "/console/icon.svg",
        media: "image/svg+xml",
        bytes: include_bytes!("dist/icon.svg"),
    },
    File {
        path: "/console/licenses.txt",
        media: "text/plain; charset=utf-8",
        bytes: include_bytes!("dist/licenses.txt"),
    },
];

/// A file as it is sent, made when it is asked for first.
struct Ready {
    plain: Bytes,
    packed: Bytes,
    tag: String,
    /// What stands behind `?v=` in the page: under that name the file never changes.
    version: Option<String>,
}

static READY: [LazyLock<Ready>; 5] = [
    LazyLock::new(|| Ready::of(&FILES[0])),
    LazyLock::new(|| Ready::of(&FILES[1])),
    LazyLock::new(|| Ready::of(&FILES[2])),
    LazyLock::new(|| Ready::of(&FILES[3])),
    LazyLock::new(|| Ready::of(&FILES[4])),
];

impl Ready {
    fn of(file: &File) -> Self {
        let hash = blake3::hash(file.bytes);
        let packed = packed(file.bytes).unwrap_or_default();
        Self {
            plain: Bytes::from_static(file.bytes),
            packed: Bytes::from(packed),
            tag: hash.to_hex()[..32].to_owned(),
            version: version(file.path),
        }
    }
}

fn packed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let level = flate2::Compression::best();
    let mut packed = Vec::new();
    std::io::copy(&mut flate2::read::GzEncoder::new(bytes, level), &mut packed)?;
    Ok(packed)
}

/// The version by which the page names a file.
fn version(path: &str) -> Option<String> {
    let page = std::str::from_utf8(FILES[0].bytes).ok()?;
    let (_, rest) = page.split_once(&format!("\"{}?v=", path.strip_prefix('/')?))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// The routes of the page and of the language server it speaks to.
pub fn routes() -> Router<Arc<App>> {
    let mut router = Router::new().route("/console/lsp", get(lsp::upgrade));
    for (at, served) in FILES.iter().enumerate() {
        let file = move |headers: HeaderMap, RawQuery(query): RawQuery| async move {
            answer(at, &headers, query.as_deref())
        };
        router = router.route(served.path, get(file));
    }
    router
}

/// True when the client takes gzip.
fn takes_gzip(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|part| {
            let (name, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let none = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
            name.trim().eq_ignore_ascii_case("gzip") && none != Some(0.0)
        })
    })
}

fn answer(at: usize, headers: &HeaderMap, query: Option<&str>) -> Response {
    let (file, ready) = (&FILES[at], &*READY[at]);
    let zipped = takes_gzip(headers) && !ready.packed.is_empty();
    let tag = if zipped { format!("\"{}-gz\"", ready.tag) } else { format!("\"{}\"", ready.tag) };
    let said = query.and_then(|query| query.strip_prefix("v="));
    let forever = said.is_some() && said == ready.version.as_deref();
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let same = known.is_some_and(|known| {
        known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*")
    });
    let body = match (same, zipped) {
        (true, _) => Body::empty(),
        (false, true) => Body::from(ready.packed.clone()),
        (false, false) => Body::from(ready.plain.clone()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = if same { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    response.extensions_mut().insert(Matched(file.path));
    let out = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            out.insert(name, value);
        }
    };
    set(ETAG, &tag);
    set(VARY, "accept-encoding");
    set(CACHE_CONTROL, if forever { "public, max-age=31536000, immutable" } else { "no-cache" });
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if !same {
        set(CONTENT_TYPE, file.media);
        if zipped {
            set(CONTENT_ENCODING, "gzip");
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn header(response: &Response, name: HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn asking(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.clone(), HeaderValue::from_str(v).unwrap())).collect()
    }

    #[test]
    fn the_page_names_versions_that_are_kept_for_ever() {
        for at in [1, 2] {
            let version = READY[at].version.clone().unwrap();
            assert_eq!(version.len(), 16);
            let asked = answer(at, &HeaderMap::new(), Some(&format!("v={version}")));
            assert!(header(&asked, CACHE_CONTROL).contains("immutable"));
            let other = answer(at, &HeaderMap::new(), Some("v=0000000000000000"));
            assert_eq!(header(&other, CACHE_CONTROL), "no-cache");
        }
        assert_eq!(header(&answer(0, &HeaderMap::new(), None), CACHE_CONTROL), "no-cache");
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let first = answer(1, &asking(&[(ACCEPT_ENCODING, "br, gzip")]), None);
        assert_eq!(header(&first, CONTENT_ENCODING), "gzip");
        let tag = header(&first, ETAG).to_owned();
        let again = answer(1, &asking(&[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, &tag)]), None);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        // The bytes that are not packed have a name of their own.
        let plain = answer(1, &asking(&[(IF_NONE_MATCH, &tag)]), None);
        assert_eq!(plain.status(), StatusCode::OK);
        let refused = answer(1, &asking(&[(ACCEPT_ENCODING, "gzip;q=0")]), None);
        assert_eq!(header(&refused, CONTENT_ENCODING), "");
    }

    #[test]
    fn packed_files_are_the_files() {
        for (file, ready) in FILES.iter().zip(&READY) {
            let mut back = Vec::new();
            flate2::read::GzDecoder::new(&ready.packed[..]).read_to_end(&mut back).unwrap();
            assert_eq!(back, file.bytes, "{}", file.path);
        }
        let whole: usize = READY.iter().map(|ready| ready.packed.len()).sum();
        assert!(whole < 400 << 10, "the page is {whole} bytes over the wire");
    }

    #[test]
    fn the_page_names_no_other_place() {
        let page = std::str::from_utf8(FILES[0].bytes).unwrap();
        assert!(!page.contains("//"), "{page}");
        assert!(!page.contains("<style") && !page.contains("onload"), "{page}");
        assert!(
            header(&answer(0, &HeaderMap::new(), None), CONTENT_SECURITY_POLICY)
                .starts_with("default-src 'self';")
        );
    }
}
