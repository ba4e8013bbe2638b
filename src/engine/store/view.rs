//! One state of the database as a statement sees it: a commit, and what its transaction has written
//! since and not committed.

use std::any::Any;
use std::fmt;
use std::iter::Peekable;
use std::ops::ControlFlow;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rusqlite::Connection;

use crate::engine::base::{Iid, Lsn, Modality, Result, Timestamp};

use super::ground::Ground;
use super::inner::Inner;
use super::overlay::{Laid, Layer, Overlay, Written};
use super::place::Place;
use super::reads::Reads;
use super::record::{Appended, HexadHeader, Name, PastRecord, Record};
use super::write_set::{Space, WriteSet};

/// One state of the database. Belongs to one thread at a time.
///
/// Without an overlay it is the state after one commit: it never changes and never blocks a writer.
/// A transaction lays its own writes over it, statement by statement ([`Self::lay`]); from then on
/// every reading method answers as if they had been committed. While a view lives, SQLite keeps what
/// it shows: let go of it when the statement or the transaction is done.
pub struct View {
    ground: Ground,
    overlay: Option<Arc<Overlay>>,
    /// Who wants to know what is read.
    reads: Option<Arc<Reads>>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("View");
        debug.field("lsn", &self.lsn()).field("overlaid", &self.is_overlaid());
        debug.finish_non_exhaustive()
    }
}

impl View {
    /// The newest state.
    pub(super) fn begin(inner: &Arc<Inner>) -> Result<Self> {
        Ok(Self { ground: Ground::begin(inner)?, overlay: None, reads: None })
    }

    /// From now on `reads` is told what is read for conditions and answers.
    pub fn watch(&mut self, reads: Option<Arc<Reads>>) {
        self.reads = reads;
    }

    /// Tells whoever watches that a modality of a hexad was looked at.
    pub fn note(&self, modality: Modality, iid: Iid) {
        if let Some(reads) = &self.reads {
            reads.record(modality, iid);
        }
    }

    pub(super) fn conn(&self, place: Place) -> Result<&Connection> {
        self.ground.conn(place)
    }

    /// The commit below the overlay. What is kept by commit number, and the index rows of the
    /// modalities, are true of this and know nothing of the overlay.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// What is laid over the commit, if anything.
    pub fn overlay(&self) -> Option<&Arc<Overlay>> {
        self.overlay.as_ref()
    }

    /// Shows the commit with `overlay` over it, or alone. For going back to a savepoint: the overlay
    /// must have been made over this very view.
    pub fn set_overlay(&mut self, overlay: Option<Arc<Overlay>>) {
        self.overlay = overlay;
    }

    /// The same view with `overlay` over it.
    #[must_use]
    pub fn laid(mut self, overlay: Arc<Overlay>) -> Self {
        self.overlay = Some(overlay);
        self
    }

    /// Lays the writes of one more statement over what is shown, exactly as the files would take
    /// them. When it fails, nothing has changed. Costs what the writes weigh; when somebody else holds
    /// the overlay (a savepoint), it is copied once.
    pub fn lay(&mut self, writes: &WriteSet) -> Result<()> {
        let mut overlay = self.overlay.take().unwrap_or_default();
        let ready = overlay.prepare(&self.ground, writes);
        if let Ok(ready) = ready {
            Arc::make_mut(&mut overlay).lay(ready, writes);
            self.overlay = Some(overlay);
            return Ok(());
        }
        self.overlay = Some(overlay).filter(|overlay| !overlay.is_empty());
        ready.map(drop)
    }

    /// True when something is shown that is not committed.
    pub fn is_overlaid(&self) -> bool {
        self.overlay.is_some()
    }

    /// The hexads of which something of `modality` was written and is not committed: put, deleted or
    /// appended. `None` when there are none.
    pub fn uncommitted(&self, modality: Modality) -> Option<&RoaringBitmap> {
        let overlay = self.overlay.as_ref()?;
        Some(&overlay.layer(modality).touched).filter(|touched| !touched.is_empty())
    }

    /// The same over all modalities.
    pub fn uncommitted_hexads(&self) -> Option<&RoaringBitmap> {
        Some(&self.overlay.as_ref()?.touched).filter(|touched| !touched.is_empty())
    }

    /// Something derived from the uncommitted records, kept with the overlay: `extend` is given what it
    /// made before and the records put since, in order. `None` when nothing is uncommitted.
    pub fn derived<T: Any + Send + Sync>(
        &self,
        extend: impl FnOnce(Option<&T>, &[Written]) -> Result<T>,
    ) -> Result<Option<Arc<T>>> {
        self.overlay.as_ref().map(|overlay| overlay.derived(extend)).transpose()
    }

    fn layer(&self, modality: Modality) -> Option<&Layer> {
        self.overlay.as_ref().map(|overlay| overlay.layer(modality))
    }

    /// Up to and including which commit.
    pub fn lsn(&self) -> Lsn {
        self.ground.lsn()
    }

    /// A write set prepared against this view, with a commit time later than all it shows.
    pub fn write_set(&self) -> Result<WriteSet> {
        self.ground.write_set()
    }

    /// The same with a commit time taken before: for the statements of one commit.
    pub fn write_set_at(&self, at: Timestamp) -> Result<WriteSet> {
        self.ground.write_set_at(at)
    }

    /// The live hexad of this id.
    pub fn iid(&self, id: &str) -> Result<Option<Iid>> {
        let laid = self.overlay.as_ref().map_or(Laid::Nothing, |overlay| overlay.iid(id));
        laid.or_else(|iid| iid, || self.ground.iid(id))
    }

    /// Every hexad that ever had this id, oldest first: deleted ones, and the live one if there is.
    pub fn iids_named(&self, id: &str) -> Result<Vec<Iid>> {
        let mut named = self.ground.iids_named(id)?;
        if let Some(overlay) = &self.overlay {
            named.extend(overlay.created(id));
            named.sort_unstable();
            if let Some(live) = self.iid(id)? {
                named.retain(|iid| *iid != live);
                named.push(live);
            }
        }
        Ok(named)
    }

    /// The id of a hexad, live or deleted.
    pub fn id_of(&self, iid: Iid) -> Result<Option<Name>> {
        match self.overlay.as_ref().and_then(|overlay| overlay.name(iid)) {
            Some(name) => Ok(Some(name)),
            None => self.ground.id_of(iid),
        }
    }

    /// What is known of a hexad, live or deleted.
    pub fn header(&self, iid: Iid) -> Result<Option<HexadHeader>> {
        match self.overlay.as_ref().and_then(|overlay| overlay.header(iid)) {
            Some(header) => Ok(Some(header.clone())),
            None => self.ground.header(iid),
        }
    }

    /// All headers in ascending order, deleted ones too.
    pub fn headers(
        &self,
        each: &mut dyn FnMut(&HexadHeader) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let Some(overlay) = &self.overlay else { return self.ground.headers(each) };
        let mut merge = Merge::new(overlay.headers().map(|h| (h.iid, Some(h))), each);
        self.ground.headers(&mut |header| merge.offer(header.iid, header))?;
        merge.finish()
    }

    /// The hexads that are not deleted.
    pub fn live(&self) -> Result<Arc<RoaringBitmap>> {
        match self.overlay.as_ref().and_then(|overlay| overlay.presence()) {
            Some(presence) => Ok(Arc::clone(&presence.live)),
            None => self.ground.live(),
        }
    }

    /// Every hexad there ever was.
    pub fn ever(&self) -> Result<Arc<RoaringBitmap>> {
        match self.overlay.as_ref().and_then(|overlay| overlay.presence()) {
            Some(presence) => Ok(Arc::clone(&presence.ever)),
            None => self.ground.ever(),
        }
    }

    /// The live hexads that have `modality`.
    pub fn present(&self, modality: Modality) -> Result<Arc<RoaringBitmap>> {
        match self.overlay.as_ref().and_then(|overlay| overlay.presence()) {
            Some(presence) => Ok(Arc::clone(&presence.present[modality as usize])),
            None => self.ground.present(modality),
        }
    }

    /// The record, if the hexad has this modality.
    pub fn record(&self, modality: Modality, iid: Iid) -> Result<Option<Record>> {
        let laid = self.layer(modality).map_or(Laid::Nothing, |layer| layer.current(iid));
        laid.or_else(Record::clone, || self.ground.record(modality, iid))
    }

    /// The record as it was when the hexad had version `version`.
    pub fn record_at(&self, modality: Modality, iid: Iid, version: u32) -> Result<Option<Record>> {
        let laid = self.layer(modality).map_or(Laid::Nothing, |layer| layer.at(iid, version));
        laid.or_else(Record::clone, || self.ground.record_at(modality, iid, version))
    }

    /// The records that were replaced or deleted, oldest first.
    pub fn history(&self, modality: Modality, iid: Iid) -> Result<Vec<PastRecord>> {
        let mut past = self.ground.history(modality, iid)?;
        if let Some(layer) = self.layer(modality)
            && let Some(first) = layer.first_version(iid)
        {
            let replaced = self.ground.record(modality, iid)?;
            past.extend(replaced.map(|record| PastRecord { record, until: first }));
            past.extend(layer.past(iid));
        }
        Ok(past)
    }

    /// All records of a modality in ascending order.
    pub fn scan(
        &self,
        modality: Modality,
        each: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let Some(layer) = self.layer(modality) else { return self.ground.scan(modality, each) };
        let mut merge = Merge::new(layer.all(), each);
        self.ground.scan(modality, &mut |record| merge.offer(record.iid, record))?;
        merge.finish()
    }

    /// The records of `iids` that exist, in ascending order.
    pub fn records(
        &self,
        modality: Modality,
        iids: &RoaringBitmap,
        each: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        for iid in iids {
            if let Some(record) = self.record(modality, Iid(iid))?
                && each(&record)?.is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// The growing sequence of a hexad: its versions (`Temporal`) or its events (`Provenance`).
    pub fn appended(&self, modality: Modality, iid: Iid) -> Result<Vec<Appended>> {
        let mut entries = self.ground.appended(modality, iid)?;
        if let Some(layer) = self.layer(modality) {
            entries.extend_from_slice(layer.appended(iid));
        }
        Ok(entries)
    }

    /// The last entry of that sequence.
    pub fn last_appended(&self, modality: Modality, iid: Iid) -> Result<Option<Appended>> {
        match self.layer(modality).and_then(|layer| layer.appended(iid).last()) {
            Some(entry) => Ok(Some(entry.clone())),
            None => self.ground.last_appended(modality, iid),
        }
    }

    /// The sequences of all hexads, ascending, each in its order.
    pub fn scan_appended(
        &self,
        modality: Modality,
        each: &mut dyn FnMut(&Appended) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let Some(layer) = self.layer(modality) else {
            return self.ground.scan_appended(modality, each);
        };
        let mut laid = layer.all_appended().peekable();
        let mut flow = ControlFlow::Continue(());
        self.ground.scan_appended(modality, &mut |entry| {
            // What is laid over a hexad follows on all its entries in the file.
            while let Some(earlier) = laid.next_if(|laid| laid.iid < entry.iid) {
                flow = each(earlier)?;
                if flow.is_break() {
                    return Ok(flow);
                }
            }
            flow = each(entry)?;
            Ok(flow)
        })?;
        for entry in laid {
            if flow.is_break() {
                break;
            }
            flow = each(entry)?;
        }
        Ok(())
    }

    /// A named entry of the catalogue.
    pub fn entry(&self, space: Space, name: &str) -> Result<Option<Vec<u8>>> {
        if let Some(reads) = &self.reads {
            reads.entry(space, name);
        }
        let laid = self.overlay.as_ref().map_or(Laid::Nothing, |o| o.entry(space, name));
        laid.or_else(Vec::clone, || self.ground.entry(space, name))
    }

    /// All entries of a family, by name.
    pub fn entries(&self, space: Space) -> Result<Vec<(String, Vec<u8>)>> {
        let mut entries = self.ground.entries(space)?;
        let Some(overlay) = &self.overlay else { return Ok(entries) };
        for (name, laid) in overlay.entries(space) {
            let at = entries.binary_search_by(|(known, _)| known.as_str().cmp(name));
            match (at, laid) {
                (Ok(at), Some(body)) => entries[at].1.clone_from(body),
                (Ok(at), None) => drop(entries.remove(at)),
                (Err(at), Some(body)) => entries.insert(at, (name.to_owned(), body.clone())),
                (Err(_), None) => {}
            }
        }
        Ok(entries)
    }
}

/// What a reader of many things is called with; it may end the reading.
type Each<'a, T> = &'a mut dyn FnMut(&T) -> Result<ControlFlow<()>>;

/// What is laid over something, ascending; `None` where it is gone.
type States<'a, T> = Box<dyn Iterator<Item = (Iid, Option<&'a T>)> + 'a>;

/// Two ascending sequences as one; of what is in both the one laid over the other counts.
struct Merge<'a, T> {
    laid: Peekable<States<'a, T>>,
    each: Each<'a, T>,
    ended: bool,
}

impl<'a, T> Merge<'a, T> {
    fn new(laid: impl Iterator<Item = (Iid, Option<&'a T>)> + 'a, each: Each<'a, T>) -> Self {
        let laid: States<'a, T> = Box::new(laid);
        Self { laid: laid.peekable(), each, ended: false }
    }

    /// The next of the lower sequence: hands over what is laid before it, then it or what is laid
    /// over it.
    fn offer(&mut self, iid: Iid, lower: &T) -> Result<ControlFlow<()>> {
        while let Some((_, laid)) = self.laid.next_if(|(at, _)| *at < iid) {
            if self.hand_over(laid)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        match self.laid.next_if(|(at, _)| *at == iid) {
            Some((_, laid)) => self.hand_over(laid),
            None => self.hand_over(Some(lower)),
        }
    }

    fn hand_over(&mut self, item: Option<&T>) -> Result<ControlFlow<()>> {
        let flow = item.map_or(Ok(ControlFlow::Continue(())), |item| (self.each)(item))?;
        self.ended = flow.is_break();
        Ok(flow)
    }

    /// Hands over what is laid behind the end of the lower sequence.
    fn finish(mut self) -> Result<()> {
        while !self.ended
            && let Some((_, laid)) = self.laid.next()
            && self.hand_over(laid)?.is_continue()
        {}
        Ok(())
    }
}
