//! The files that pages load. They are part of the program, and their addresses change with their content, so that
//! browsers keep them for as long as they like.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

struct Asset {
    path: String,
    content_type: &'static str,
    text: &'static str,
}

impl Asset {
    fn new(ending: &str, content_type: &'static str, text: &'static str) -> Asset {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        Asset { path: format!("/assets/ptrd-{}.{ending}", &hash[..16]), content_type, text }
    }
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new("css", "text/css; charset=utf-8", include_str!("../assets/ptrd.css")),
        Asset::new("js", "text/javascript; charset=utf-8", include_str!("../assets/ptrd.js")),
        Asset::new("svg", "image/svg+xml", include_str!("../assets/ptrd.svg")),
    ]
});

/// The address of the style sheet.
pub(crate) fn style() -> &'static str {
    &ASSETS[0].path
}

/// The address of the script.
pub(crate) fn script() -> &'static str {
    &ASSETS[1].path
}

/// The address of the icon.
pub(crate) fn icon() -> &'static str {
    &ASSETS[2].path
}

/// One of these files.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(&name)) else {
        return (StatusCode::NOT_FOUND, "there is no such file\n").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.text).into_response()
}
