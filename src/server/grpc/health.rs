//! The health protocol of gRPC: says what `/health/ready` says, to everybody.

use std::pin::Pin;
use std::sync::Arc;

use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::server::state::App;

/// Whether the server is ready.
pub struct Ready(pub Arc<App>);

type Answers = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

impl Ready {
    /// The services that can be asked for: the server as a whole and the one interface.
    fn knows(request: &Request<HealthCheckRequest>) -> Result<(), Status> {
        match request.get_ref().service.as_str() {
            "" | "vql.v1.Vql" => Ok(()),
            _ => Err(Status::not_found("no service of this name")),
        }
    }
}

fn answer(ready: bool) -> HealthCheckResponse {
    let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
    HealthCheckResponse { status: status as i32 }
}

#[tonic::async_trait]
impl Health for Ready {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Self::knows(&request)?;
        Ok(Response::new(answer(self.0.is_ready())))
    }

    type WatchStream = Answers;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Answers>, Status> {
        Self::knows(&request)?;
        let app = Arc::clone(&self.0);
        // It is told when the server begins to end, which is when it stops being ready.
        let ending = WatchStream::new(self.0.ending.subscribe());
        let answers = ending.map(move |ending| Ok(answer(app.is_ready() && !ending)));
        Ok(Response::new(Box::pin(answers)))
    }
}
