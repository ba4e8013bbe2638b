//! One hexad over gRPC: read, written, deleted.

use std::time::Duration;

use tonic::{Request, Response, Status};

use crate::engine::auth::Principal;
use crate::engine::base::{Error, HexadId, Kind, Modality, ModalitySet, Result as Checked};
use crate::engine::hexad::HexadInput;
use crate::engine::outcome::Control;
use crate::engine::session::Session;
use crate::engine::session::hexads::{Done, Expect, HexadWrite, Wrote};
use crate::server::problem::Problem;

use super::query::{who, within};
use super::{Service, proto, status, value};

/// What a message says of a hexad, as the engine takes it.
pub fn input(hexad: proto::Hexad) -> Result<HexadInput, Problem> {
    let line = value::hexad_json(hexad)
        .map_err(|refused| Problem::malformed(refused.message().to_owned()))?;
    HexadWrite::input(&line.to_string()).map_err(|fault| Error::from(fault).into())
}

/// The modalities by their names; all of them when there is none.
fn wanted(names: &[String]) -> Result<ModalitySet, Problem> {
    if names.is_empty() {
        return Ok(ModalitySet::ALL);
    }
    let named = |name: &String| {
        let unknown = || Problem::malformed(format!("`modalities`: `{name}` is no modality"));
        Modality::from_keyword(name).ok_or_else(unknown)
    };
    names.iter().map(named).collect()
}

/// What a write relies on, when it is to be of this version.
fn expect(
    session: &mut Session,
    id: &str,
    version: Option<u32>,
    control: &Control,
) -> Checked<Expect> {
    let Some(version) = version else { return Ok(Expect::Anything) };
    let held = session.hexad(id, ModalitySet::EMPTY, control)?;
    match held {
        // The tag names the version: who is faster than us makes it another.
        Some(held) if held.version == version => Ok(Expect::Tagged(vec![held.tag])),
        Some(held) => {
            let message = format!("the hexad is in version {}, and not in {version}", held.version);
            Err(Error::new(Kind::PreconditionFailed, message))
        }
        None => Err(Error::new(Kind::NotFound, format!("no hexad `{id}`"))),
    }
}

fn only(mut wrote: Vec<Wrote>) -> Checked<Wrote> {
    wrote.pop().ok_or_else(|| Error::new(Kind::InternalError, "nothing was written"))
}

impl Service {
    async fn one<T: Send + 'static>(
        &self,
        who: &Principal,
        deadline: Option<Duration>,
        work: impl FnOnce(&mut Session, &Control) -> Checked<T> + Send + 'static,
    ) -> Result<T, Status> {
        within(deadline, self.0.run(who, deadline, work)).await
    }

    /// `GetHexad`
    pub(super) async fn get(
        &self,
        request: Request<proto::GetHexadRequest>,
    ) -> Result<Response<proto::Hexad>, Status> {
        let (who, deadline) = (who(&request)?, super::deadline(&request));
        let proto::GetHexadRequest { id, modalities } = request.into_inner();
        let wanted = wanted(&modalities).map_err(|problem| status::status(&problem))?;
        let asked = id.clone();
        let read =
            move |session: &mut Session, control: &Control| session.hexad(&asked, wanted, control);
        match self.one(&who, deadline, read).await? {
            Some(held) => Ok(Response::new(value::hexad_out(&held))),
            None => Err(status::status(&Problem::not_found(format!("no hexad `{id}`")))),
        }
    }

    /// `PutHexad`
    pub(super) async fn put(
        &self,
        request: Request<proto::PutHexadRequest>,
    ) -> Result<Response<proto::PutHexadResponse>, Status> {
        let (who, deadline) = (who(&request)?, super::deadline(&request));
        let proto::PutHexadRequest { hexad, create_only, if_version } = request.into_inner();
        let input = input(hexad.unwrap_or_default()).map_err(|problem| status::status(&problem))?;
        let write = move |session: &mut Session, control: &Control| {
            let write = match &input.id {
                Some(id) if !create_only => {
                    let expect = expect(session, id.as_str(), if_version, control)?;
                    HexadWrite::Put(input, expect)
                }
                _ => HexadWrite::Insert(input),
            };
            only(session.write_hexads(&[write], control)?)
        };
        let wrote = self.one(&who, deadline, write).await?;
        let created = wrote.what == Done::Created;
        let (id, version) = (wrote.id, wrote.version);
        Ok(Response::new(proto::PutHexadResponse { id, created, version }))
    }

    /// `DeleteHexad`
    pub(super) async fn delete(
        &self,
        request: Request<proto::DeleteHexadRequest>,
    ) -> Result<Response<proto::DeleteHexadResponse>, Status> {
        let (who, deadline) = (who(&request)?, super::deadline(&request));
        let proto::DeleteHexadRequest { id, if_version } = request.into_inner();
        let delete = move |session: &mut Session, control: &Control| {
            let expect = expect(session, &id, if_version, control)?;
            only(session.write_hexads(&[HexadWrite::Delete(HexadId::new(id)?, expect)], control)?)
        };
        self.one(&who, deadline, delete).await?;
        Ok(Response::new(proto::DeleteHexadResponse {}))
    }
}
