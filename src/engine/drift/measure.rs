//! Every kind of drift of one hexad at once.

use std::collections::BTreeMap;

use crate::engine::base::Modality;

use super::kind::DriftKind;
use super::pair::{Subject, graph_document, place_in};
use super::report::Found;
use super::{provenance, schema, spatial, temporal, tensor, vector};

/// What can be measured of a hexad, with the evidence. The summary is not among it: it is made of the
/// scores.
pub fn measure(subject: &Subject<'_>) -> BTreeMap<DriftKind, Found> {
    let mut all = BTreeMap::new();
    let mut add = |kind: DriftKind, found: Option<Found>| {
        if let Some(found) = found {
            all.insert(kind, found);
        }
    };
    let vector = subject.document.zip(subject.vector);
    add(
        DriftKind::SemanticVector,
        vector.and_then(|((document, hash), (embedding, source))| {
            let all = std::iter::once(&embedding).chain(subject.others);
            vector::worst(all.copied(), source, document, hash)
        }),
    );
    add(DriftKind::GraphDocument, graph_document(subject));
    let versions = subject.versions;
    add(DriftKind::Temporal, temporal::examine(versions, subject.created, subject.modified));
    add(DriftKind::Tensor, subject.tensor.map(|t| tensor::examine(t, subject.declared)));
    add(DriftKind::Schema, schema::examine(subject.checked.clone()));
    let provenance = provenance::examine(subject.events, versions.len(), subject.contents);
    add(DriftKind::Provenance, provenance);
    add(DriftKind::Spatial, place(subject));
    all
}

/// The place against the Earth, the coordinates in the fields, and where other hexads say it is.
fn place(subject: &Subject<'_>) -> Option<Found> {
    let place = subject.place?;
    let document = subject.document.and_then(|(d, _)| place_in(Modality::Document, &d.fields));
    let semantic = subject.semantic.and_then(|s| place_in(Modality::Semantic, &s.properties));
    let mut named: Vec<spatial::Named> = document.into_iter().chain(semantic).collect();
    named.extend_from_slice(subject.named);
    Some(spatial::examine(place, &named))
}
