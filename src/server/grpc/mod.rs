//! gRPC: the service of `proto/vql/v1`, on the same port as everything else. A call passes what a request
//! of REST passes, and runs in a session of whoever makes it.
//!
//! Messages of `proto/` are known here and nowhere else.

pub mod health;
pub mod hexad;
pub mod query;
mod service;
pub mod status;
pub mod value;
pub mod write;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;

use crate::engine::auth::{Action, Resource};

use super::front::{Matched, admit};
use super::state::App;
use proto::vql_server::VqlServer;

/// The messages and the service, made from `proto/` while building.
#[expect(
    missing_docs,
    unused_qualifications,
    clippy::pedantic,
    clippy::enum_variant_names,
    clippy::empty_structs_with_brackets,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "made by a program from the definitions, which hold the documentation"
)]
pub mod proto {
    tonic::include_proto!("vql.v1");
}

/// What reflection hands out.
pub const DESCRIPTOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/vql_v1.bin"));

/// The service, for one server.
pub struct Service(Arc<App>);

/// Everything that is answered over gRPC, as routes beside those of REST.
pub fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let most = app.settings.limits.body;
    let service = VqlServer::new(Service(Arc::clone(app))).max_decoding_message_size(most);
    let mut routes = Routes::new(service);
    if let Ok(reflection) = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTOR)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
    {
        routes = routes.add_service(reflection);
    }
    let known = routes.into_axum_router().layer(from_fn_with_state(Arc::clone(app), gate));
    let open = Routes::new(HealthServer::new(health::Ready(Arc::clone(app)))).into_axum_router();
    known.reset_fallback().merge(open.reset_fallback()).with_state(())
}

/// Who calls; a call of nobody is answered here.
async fn gate(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let known = admit(&app, &request).and_then(|who| {
        app.engine.authorize(&who, Action::Data, Resource::Database)?;
        Ok(who)
    });
    let mut response = match known {
        Ok(who) => {
            request.extensions_mut().insert(who.clone());
            let mut response = next.run(request).await;
            response.extensions_mut().insert(who);
            response
        }
        Err(problem) => status::status(&problem).into_http(),
    };
    response.extensions_mut().insert(Matched("grpc"));
    response
}

/// The time a client gives a call: `grpc-timeout`, digits and a unit.
fn deadline<T>(request: &tonic::Request<T>) -> Option<Duration> {
    let text = request.metadata().get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    let n: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(n * 3600),
        "M" => Duration::from_secs(n * 60),
        "S" => Duration::from_secs(n),
        "m" => Duration::from_millis(n),
        "u" => Duration::from_micros(n),
        "n" => Duration::from_nanos(n),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_read_in_every_unit() {
        let read = |text: &'static str| {
            let mut request = tonic::Request::new(());
            request.metadata_mut().insert("grpc-timeout", text.parse().unwrap());
            deadline(&request)
        };
        assert_eq!(read("2H"), Some(Duration::from_hours(2)));
        assert_eq!(read("3M"), Some(Duration::from_mins(3)));
        assert_eq!(read("4S"), Some(Duration::from_secs(4)));
        assert_eq!(read("5m"), Some(Duration::from_millis(5)));
        assert_eq!(read("6u"), Some(Duration::from_micros(6)));
        assert_eq!(read("7n"), Some(Duration::from_nanos(7)));
        for wrong in ["", "S", "5", "x5S", "123456789S", "5h", "-1S"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
