//! gRPC, with a client made from the same definitions.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use prost::Message as _;
use tokio_stream::StreamExt as _;
use tonic::transport::Channel;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use vql::server::grpc::proto::query_part::Part;
use vql::server::grpc::proto::turn::Outcome;
use vql::server::grpc::proto::value::Kind;
use vql::server::grpc::proto::vql_client::VqlClient;
use vql::server::grpc::proto::write_request::What;
use vql::server::grpc::proto::{
    DeleteHexadRequest, GetHexadRequest, Hexad, List, Map, OnConflict, PutHexadRequest,
    QueryRequest, QueryResponse, TransactionState, Value, WriteOptions, WriteRequest,
};
use vql::server::grpc::status::{Details, ErrorInfo};

use super::Served;
use crate::harness::Place;

pub(super) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub(super) async fn connect(served: &Served) -> VqlClient<Channel> {
    VqlClient::connect(served.url.clone()).await.unwrap()
}

pub(super) fn query(text: &str) -> QueryRequest {
    QueryRequest { text: text.to_owned(), ..QueryRequest::default() }
}

pub(super) fn text(value: &str) -> Value {
    Value { kind: Some(Kind::TextValue(value.to_owned())) }
}

fn cells(answer: &QueryResponse) -> Vec<Vec<Option<Kind>>> {
    answer.rows.iter().map(|row| row.values.iter().map(|v| v.kind.clone()).collect()).collect()
}

#[test]
fn a_statement_with_values_is_run_and_its_types_are_kept() {
    let place = Place::new();
    let served = Served::open(&place);
    run(async {
        let mut client = connect(&served).await;
        let insert = "INSERT HEXAD 'a' WITH DOCUMENT(title = $t, year = 1911, share = 0.5), \
                      VECTOR([0.5, -1.0])";
        let params = BTreeMap::from([("t".to_owned(), text("it's; -- \u{0} x"))]);
        let done = client.query(QueryRequest { params, ..query(insert) }).await.unwrap();
        assert_eq!(done.into_inner().summary.unwrap().affected, Some(1));
        let select = "SELECT id, document.title, document.year, document.share FROM hexads";
        let answer = client.query(query(select)).await.unwrap().into_inner();
        let names: Vec<_> = answer.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["id", "document.title", "document.year", "document.share"]);
        let row = [
            Kind::TextValue("a".to_owned()),
            Kind::TextValue("it's; -- \u{0} x".to_owned()),
            Kind::IntValue(1911),
            Kind::FloatValue(0.5),
        ];
        assert_eq!(cells(&answer), [row.map(Some).to_vec()]);
        assert_eq!(answer.summary.unwrap().tag, "SELECT");
    });
}

#[test]
fn a_failure_has_a_code_a_kind_and_a_place() {
    let place = Place::new();
    let served = Served::open(&place);
    run(async {
        let mut client = connect(&served).await;
        let status = client.query(query("SELEC *")).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = Details::decode(status.details()).unwrap();
        assert_eq!(details.message, status.message());
        let info = ErrorInfo::decode(&*details.details[0].value).unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("UnexpectedToken", "vql"));
        let failure =
            vql::server::grpc::proto::Failure::decode(&*details.details[1].value).unwrap();
        assert_eq!(failure.span.unwrap().end.unwrap().offset, 5);
        let missing = client.query(query("DELETE HEXAD 'nobody'")).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);
    });
}

#[test]
fn an_answer_comes_in_parts_columns_first_and_the_summary_last() {
    let place = Place::new();
    let lines: String =
        (0..3000).map(|n| format!("{{\"id\":\"h{n:04}\"}}\n")).collect::<Vec<_>>().concat();
    place.write("h.jsonl", lines);
    assert_eq!(place.vql(["migrate", "import", "h.jsonl", "t.db"]).code, 0);
    let served = Served::open(&place);
    run(async {
        let mut client = connect(&served).await;
        let request = query("SELECT id, id AS again FROM hexads ORDER BY id LIMIT 3000");
        let mut parts = client.query_stream(request).await.unwrap().into_inner();
        let mut seen = Vec::new();
        let (mut count, mut last) = (0, None);
        while let Some(part) = parts.next().await {
            match part.unwrap().part.unwrap() {
                Part::Columns(columns) => assert_eq!((columns.columns.len(), count), (2, 0)),
                Part::Rows(rows) => {
                    seen.extend(rows.rows.into_iter().map(|mut r| r.values.remove(0)));
                }
                Part::Summary(summary) => last = Some(summary),
            }
            count += 1;
        }
        assert!(count > 3, "{count} parts");
        assert_eq!(last.unwrap().rows, 3000);
        assert_eq!((seen.first(), seen.last()), (Some(&text("h0000")), Some(&text("h2999"))));
        assert_eq!(seen.len(), 3000);
    });
}

#[test]
fn a_conversation_is_one_session() {
    let place = Place::new();
    let served = Served::open(&place);
    run(async {
        let mut client = connect(&served).await;
        let statements = [
            "BEGIN",
            "INSERT HEXAD 'a' WITH DOCUMENT(title = 'x')",
            "SELEC",
            "COUNT HEXADS",
            "ROLLBACK",
            "COUNT HEXADS",
            "SET timeout_ms = 5000",
            "PREPARE p AS COUNT HEXADS",
            "EXECUTE p",
        ];
        let requests = tokio_stream::iter(statements.map(query));
        let turns = client.converse(requests).await.unwrap().into_inner();
        let turns: Vec<_> = turns.map(Result::unwrap).collect().await;
        let count = |n: usize| match &turns[n].outcome {
            Some(Outcome::Answer(answer)) => cells(answer)[0][0].clone(),
            other => panic!("{other:?}"),
        };
        let states: Vec<_> =
            turns.iter().map(vql::server::grpc::proto::Turn::transaction).collect();
        let (open, none) = (TransactionState::Open, TransactionState::None);
        assert_eq!(states, [open, open, open, open, none, none, none, none, none]);
        assert!(
            matches!(&turns[2].outcome, Some(Outcome::Failure(f)) if f.kind == "UnexpectedToken")
        );
        assert_eq!((count(3), count(5)), (Some(Kind::IntValue(1)), Some(Kind::IntValue(0))));
        assert_eq!(count(8), Some(Kind::IntValue(0)));
    });
}

#[test]
fn a_deadline_ends_the_call_and_the_statement() {
    let place = Place::new();
    let lines: String = (0..600)
        .map(|n| format!("{{\"id\":\"h{n}\",\"title\":\"a b c {n}\"}}\n"))
        .collect::<Vec<_>>()
        .concat();
    place.write("h.jsonl", lines);
    assert_eq!(place.vql(["migrate", "import", "h.jsonl", "t.db"]).code, 0);
    let served = Served::open(&place);
    run(async {
        let mut client = connect(&served).await;
        let mut request = Request::new(query("SELECT id FROM hexads"));
        request.set_timeout(Duration::from_nanos(1));
        let status = client.query(request).await.unwrap_err();
        assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status:?}");
        // And the next one is answered.
        client.query(query("COUNT HEXADS")).await.unwrap();
    });
}

#[test]
fn health_is_told_to_everybody() {
    let place = Place::new();
    let served = Served::start(place.command(["serve", "t.db", "--listen", "127.0.0.1:0"]));
    run(async {
        let channel = Channel::from_shared(served.url.clone()).unwrap().connect().await.unwrap();
        let mut health = HealthClient::new(channel.clone());
        for service in ["", "vql.v1.Vql"] {
            let request = HealthCheckRequest { service: service.to_owned() };
            let answer = health.check(request).await.unwrap().into_inner();
            assert_eq!(answer.status(), ServingStatus::Serving);
        }
        let unknown = HealthCheckRequest { service: "nothing".to_owned() };
        assert_eq!(health.check(unknown).await.unwrap_err().code(), Code::NotFound);
        // Nothing else is.
        let mut client = VqlClient::new(channel);
        let status = client.query(query("COUNT HEXADS")).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        let mut request = Request::new(query("COUNT HEXADS"));
        request.metadata_mut().insert("authorization", "Bearer vqlk_00000000_x".parse().unwrap());
        assert_eq!(client.query(request).await.unwrap_err().code(), Code::Unauthenticated);
        let turns = client.converse(tokio_stream::iter([query("COUNT HEXADS")])).await;
        assert_eq!(turns.unwrap_err().code(), Code::Unauthenticated);
    });
}

#[test]
fn the_interface_describes_itself() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let place = Place::new();
    let served = Served::open(&place);
    run(async {
        let channel = Channel::from_shared(served.url.clone()).unwrap().connect().await.unwrap();
        let request = ServerReflectionRequest {
            message_request: Some(MessageRequest::ListServices(String::new())),
            ..ServerReflectionRequest::default()
        };
        let mut client = ServerReflectionClient::new(channel);
        let answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap();
        let answer = answers.into_inner().next().await.unwrap().unwrap();
        let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
            panic!("a list")
        };
        let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
        assert!(names.contains(&"vql.v1.Vql".to_owned()), "{names:?}");
    });
}

pub(super) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Value { kind: Some(Kind::MapValue(Map { entries })) }
}

pub(super) fn hexad<const N: usize>(id: &str, modalities: [(&str, Value); N]) -> Hexad {
    let modalities = modalities.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Hexad { id: id.to_owned(), modalities, ..Hexad::default() }
}

fn list(items: Vec<Value>) -> Value {
    Value { kind: Some(Kind::ListValue(List { items })) }
}

#[test]
fn a_hexad_is_written_read_and_deleted_whole() {
    let place = Place::new();
    let served = Served::open(&place);
    run(async {
        let mut client = connect(&served).await;
        let edge = map([("predicate", text("CITES")), ("target", text("moon"))]);
        let tides = hexad(
            "tides",
            [
                (
                    "document",
                    map([
                        ("title", text("Tides")),
                        ("year", Value { kind: Some(Kind::IntValue(1911)) }),
                    ]),
                ),
                ("graph", list(vec![edge])),
                ("semantic", map([("types", list(vec![text("Article")]))])),
            ],
        );
        let put = |hexad: &Hexad, create_only, if_version| PutHexadRequest {
            hexad: Some(hexad.clone()),
            create_only,
            if_version,
        };
        let done = client.put_hexad(put(&tides, true, None)).await.unwrap().into_inner();
        assert_eq!((done.id.as_str(), done.created, done.version), ("tides", true, 1));
        let again = client.put_hexad(put(&tides, true, None)).await.unwrap_err();
        assert_eq!(again.code(), Code::AlreadyExists);
        let get = |modalities: &[&str]| GetHexadRequest {
            id: "tides".to_owned(),
            modalities: modalities.iter().map(|name| (*name).to_owned()).collect(),
        };
        let read = client.get_hexad(get(&[])).await.unwrap().into_inner();
        assert_eq!(
            (read.version, &read.modalities["document"]),
            (1, &tides.modalities["document"])
        );
        assert_eq!(read.modalities["graph"], tides.modalities["graph"]);
        assert!(read.created_at.is_some());
        let part = client.get_hexad(get(&["document"])).await.unwrap().into_inner();
        assert!(part.modalities.contains_key("document") && !part.modalities.contains_key("graph"));
        assert_eq!(
            client.get_hexad(get(&["nothing"])).await.unwrap_err().code(),
            Code::InvalidArgument
        );
        // What is written in its place says nothing of the edges: they are gone.
        let other = hexad("tides", [("document", map([("title", text("Other"))]))]);
        let stale = client.put_hexad(put(&other, false, Some(7))).await.unwrap_err();
        assert_eq!(stale.code(), Code::FailedPrecondition);
        let done = client.put_hexad(put(&other, false, Some(1))).await.unwrap().into_inner();
        assert_eq!((done.created, done.version), (false, 2));
        assert!(
            !client
                .get_hexad(get(&[]))
                .await
                .unwrap()
                .into_inner()
                .modalities
                .contains_key("graph")
        );
        let delete = |if_version| DeleteHexadRequest { id: "tides".to_owned(), if_version };
        assert_eq!(
            client.delete_hexad(delete(Some(1))).await.unwrap_err().code(),
            Code::FailedPrecondition
        );
        client.delete_hexad(delete(Some(2))).await.unwrap();
        assert_eq!(client.delete_hexad(delete(None)).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(client.get_hexad(get(&[])).await.unwrap_err().code(), Code::NotFound);
    });
}

#[test]
fn many_are_written_by_one_call_and_what_cannot_be_is_told() {
    let place = Place::new();
    let served = Served::open(&place);
    run(async {
        let mut client = connect(&served).await;
        let one = |n: usize| {
            let id = if n == 7 { "bad\nid".to_owned() } else { format!("h{:03}", n % 100) };
            hexad(&id, [("document", map([("title", text(&format!("number {n}")))]))])
        };
        let message = |what| WriteRequest { what: Some(what) };
        let call = |options: WriteOptions, count: usize| {
            let hexads = (0..count).map(move |n| message(What::Hexad(one(n))));
            tokio_stream::iter([message(What::Options(options))].into_iter().chain(hexads))
        };
        let options = WriteOptions { batch: 40, ..WriteOptions::default() };
        let done = client.write(call(options, 110)).await.unwrap().into_inner();
        assert_eq!((done.inserted, done.replaced, done.rejected), (100, 0, 10), "{done:?}");
        let first = &done.rejects[0];
        assert_eq!((first.number, first.id.as_str()), (8, "bad\nid"));
        assert_eq!(first.failure.as_ref().unwrap().kind, "InvalidHexadId");
        assert_eq!(done.rejects[1].failure.as_ref().unwrap().kind, "InsertConflict");
        let skip = WriteOptions { on_conflict: OnConflict::Skip as i32, ..options };
        let done = client.write(call(skip, 100)).await.unwrap().into_inner();
        assert_eq!((done.inserted, done.skipped, done.rejected), (0, 99, 1), "{done:?}");
        let replace = WriteOptions { on_conflict: OnConflict::Replace as i32, ..options };
        let hexads = [hexad("h000", [("document", map([("title", text("new"))]))])];
        let hexads = hexads.map(|hexad| message(What::Hexad(hexad)));
        let messages = [message(What::Options(replace))].into_iter().chain(hexads);
        let done = client.write(tokio_stream::iter(messages)).await.unwrap().into_inner();
        assert_eq!((done.inserted, done.replaced), (0, 1));
        let strict = WriteOptions { strict: true, ..options };
        let status = client.write(call(strict, 100)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    });
}
