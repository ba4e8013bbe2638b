//! The calls of the service, each handed to the file that answers it.

use tonic::{Request, Response, Status, Streaming};

use super::proto::vql_server::Vql;
use super::query::Answers;
use super::{Service, proto};

#[tonic::async_trait]
impl Vql for Service {
    async fn query(
        &self,
        request: Request<proto::QueryRequest>,
    ) -> Result<Response<proto::QueryResponse>, Status> {
        self.query_once(request).await
    }

    type QueryStreamStream = Answers<proto::QueryPart>;

    async fn query_stream(
        &self,
        request: Request<proto::QueryRequest>,
    ) -> Result<Response<Self::QueryStreamStream>, Status> {
        self.query_parts(request).await
    }

    type ConverseStream = Answers<proto::Turn>;

    async fn converse(
        &self,
        request: Request<Streaming<proto::QueryRequest>>,
    ) -> Result<Response<Self::ConverseStream>, Status> {
        self.conversation(request)
    }

    async fn write(
        &self,
        request: Request<Streaming<proto::WriteRequest>>,
    ) -> Result<Response<proto::WriteResponse>, Status> {
        self.write_all(request).await
    }

    async fn get_hexad(
        &self,
        request: Request<proto::GetHexadRequest>,
    ) -> Result<Response<proto::Hexad>, Status> {
        self.get(request).await
    }

    async fn put_hexad(
        &self,
        request: Request<proto::PutHexadRequest>,
    ) -> Result<Response<proto::PutHexadResponse>, Status> {
        self.put(request).await
    }

    async fn delete_hexad(
        &self,
        request: Request<proto::DeleteHexadRequest>,
    ) -> Result<Response<proto::DeleteHexadResponse>, Status> {
        self.delete(request).await
    }
}
