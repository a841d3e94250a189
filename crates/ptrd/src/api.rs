//! The API and the web page over HTTPS: TLS around what `ptrd-admin` serves, with the certificate of the encrypted transports.

use crate::config::Config;
use crate::control::Plane;
use anyhow::Context;
use ptrd_admin::{Accept, Carrier, Door, Gate};
use ptrd_listen::{Identity, TunnelGate};
use std::net::TcpListener;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Serves it at these sockets, if there are any.
pub fn serve(
    listeners: Vec<TcpListener>,
    config: &Config,
    identity: Option<&Identity>,
    plane: Arc<Plane>,
    close: CancellationToken,
) -> anyhow::Result<()> {
    if listeners.is_empty() {
        return Ok(());
    }
    let identity = identity.context("the API needs tls.certificate and tls.key: name both")?;
    let tls = TunnelGate::for_http(identity).context("preparing TLS")?;
    let accept: Arc<Accept> = Arc::new(move |stream| {
        let tls = tls.clone();
        Box::pin(async move { Ok(Box::new(tls.accept(stream).await?) as Box<dyn Carrier>) })
    });
    // Tries in vain count for the API and for the web page alike.
    let gate = Gate::new(plane.clone());
    let pages = config.api.web.then(|| {
        let settings = ptrd_web::Settings::default();
        ptrd_web::router(plane.clone(), gate.clone(), settings).fallback(ptrd_web::no_page)
    });
    let door = Door { listeners, accept, limits: config.api.limits.clone(), pages };
    ptrd_admin::serve_api(door, plane, gate, close).context("listening for the API")?;
    Ok(())
}

/// Where these sockets listen, as clients write it.
pub fn places(listeners: &[TcpListener]) -> Vec<String> {
    let place = |listener: &TcpListener| Some(format!("https://{}", listener.local_addr().ok()?));
    listeners.iter().filter_map(place).collect()
}
