//! One state of the database as a statement sees it: a commit, and what its transaction has written
//! since and not committed.

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::iter::Peekable;
use std::ops::ControlFlow;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rusqlite::Connection;

use crate::engine::base::{Iid, Lsn, Modality, Result, Timestamp};

use super::ground::Ground;
use super::inner::Inner;
use super::mask::Mask;
use super::overlay::{Laid, Layer, Overlay, Written};
use super::place::Place;
use super::presence::Presence;
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
    mask: Option<Masked>,
    /// How many [`Bare`] looks there are below the mask.
    bare: Cell<u32>,
}

/// A mask, and what of the view is left under it.
struct Masked {
    mask: Arc<Mask>,
    presence: OnceCell<Presence>,
    /// What is uncommitted or hidden: by modality, and over all of them.
    touched: OnceCell<([RoaringBitmap; 8], RoaringBitmap)>,
}

/// A look below the mask, until it is dropped: for what must see the truth to leave it whole, as a
/// write must. Nothing read meanwhile may be shown to anybody.
pub struct Bare<'v>(&'v Cell<u32>);

impl Drop for Bare<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
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
        let ground = Ground::begin(inner)?;
        Ok(Self { ground, overlay: None, reads: None, mask: None, bare: Cell::new(0) })
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
        self.mask = None;
        self.overlay = overlay;
    }

    /// From now on what `mask` hides is not there. The mask must have been made for what this view
    /// shows now: when something is laid over it, or an overlay is set, it falls.
    pub fn set_mask(&mut self, mask: Option<Arc<Mask>>) {
        let masked = |mask| Masked { mask, presence: OnceCell::new(), touched: OnceCell::new() };
        self.mask = mask.filter(|mask| !mask.is_empty()).map(masked);
    }

    /// What is hidden, if anything is. Whatever is kept about the whole database (statistics, names,
    /// scores) tells of it, and may not be asked for somebody from whom something is hidden.
    pub fn mask(&self) -> Option<&Arc<Mask>> {
        self.masked().map(|masked| &masked.mask)
    }

    /// True when something is hidden.
    pub fn is_masked(&self) -> bool {
        self.masked().is_some()
    }

    /// Looks below the mask while what is given lives.
    #[must_use]
    pub fn bare(&self) -> Bare<'_> {
        self.bare.set(self.bare.get() + 1);
        Bare(&self.bare)
    }

    fn masked(&self) -> Option<&Masked> {
        self.mask.as_ref().filter(|_| self.bare.get() == 0)
    }

    /// The same view with `overlay` over it.
    #[must_use]
    pub fn laid(mut self, overlay: Arc<Overlay>) -> Self {
        self.mask = None;
        self.overlay = Some(overlay);
        self
    }

    /// Lays the writes of one more statement over what is shown, exactly as the files would take
    /// them. When it fails, nothing has changed. Costs what the writes weigh; when somebody else holds
    /// the overlay (a savepoint), it is copied once.
    pub fn lay(&mut self, writes: &WriteSet) -> Result<()> {
        self.mask = None;
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

    /// True when something is shown otherwise than it is committed: uncommitted, or hidden.
    pub fn is_overlaid(&self) -> bool {
        self.overlay.is_some() || self.is_masked()
    }

    /// The hexads of which something of `modality` is shown otherwise than it is committed: it was
    /// put, deleted or appended and is not committed, or it is hidden. `None` when there are none.
    pub fn uncommitted(&self, modality: Modality) -> Option<&RoaringBitmap> {
        let laid = self.overlay.as_ref().map(|overlay| &overlay.layer(modality).touched);
        let touched = match (self.masked(), laid) {
            (None, laid) => laid,
            (Some(masked), None) => Some(masked.mask.touched(modality)),
            (Some(masked), Some(_)) => Some(&self.touched(masked).0[modality as usize]),
        };
        touched.filter(|touched| !touched.is_empty())
    }

    /// The same over all modalities.
    pub fn uncommitted_hexads(&self) -> Option<&RoaringBitmap> {
        let laid = self.overlay.as_ref().map(|overlay| &overlay.touched);
        let touched = match (self.masked(), laid) {
            (None, laid) => laid,
            (Some(masked), None) => Some(masked.mask.touched_hexads()),
            (Some(masked), Some(_)) => Some(&self.touched(masked).1),
        };
        touched.filter(|touched| !touched.is_empty())
    }

    fn touched<'a>(&self, masked: &'a Masked) -> &'a ([RoaringBitmap; 8], RoaringBitmap) {
        masked.touched.get_or_init(|| {
            let (mask, overlay) = (&masked.mask, self.overlay.as_ref());
            let of = |modality: Modality| {
                let laid = overlay.map(|overlay| &overlay.layer(modality).touched);
                laid.map_or_else(|| mask.touched(modality).clone(), |l| l | mask.touched(modality))
            };
            let all = mask.touched_hexads();
            let all = overlay.map_or_else(|| all.clone(), |overlay| &overlay.touched | all);
            (Modality::ALL.map(of), all)
        })
    }

    /// Something derived from the uncommitted records, kept with the overlay: `extend` is given what it
    /// made before and the records put since, in order. `None` when nothing is uncommitted, or something
    /// is hidden.
    pub fn derived<T: Any + Send + Sync>(
        &self,
        extend: impl FnOnce(Option<&T>, &[Written]) -> Result<T>,
    ) -> Result<Option<Arc<T>>> {
        // What is kept with the overlay is of all of it.
        let overlay = self.overlay.as_ref().filter(|_| !self.is_masked());
        overlay.map(|overlay| overlay.derived(extend)).transpose()
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
        let live = laid.or_else(|iid| iid, || self.ground.iid(id))?;
        Ok(live.filter(|iid| self.shows(*iid)))
    }

    /// Whether a hexad is not hidden.
    fn shows(&self, iid: Iid) -> bool {
        self.masked().is_none_or(|masked| !masked.mask.hides(iid))
    }

    /// Whether a modality of a hexad is not hidden.
    fn shows_part(&self, modality: Modality, iid: Iid) -> bool {
        self.masked().is_none_or(|masked| !masked.mask.hides_part(modality, iid))
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
        named.retain(|iid| self.shows(*iid));
        Ok(named)
    }

    /// The id of a hexad, live or deleted.
    pub fn id_of(&self, iid: Iid) -> Result<Option<Name>> {
        if !self.shows(iid) {
            return Ok(None);
        }
        match self.overlay.as_ref().and_then(|overlay| overlay.name(iid)) {
            Some(name) => Ok(Some(name)),
            None => self.ground.id_of(iid),
        }
    }

    /// What is known of a hexad, live or deleted.
    pub fn header(&self, iid: Iid) -> Result<Option<HexadHeader>> {
        let header = match self.overlay.as_ref().and_then(|overlay| overlay.header(iid)) {
            Some(header) => Some(header.clone()),
            None => self.ground.header(iid)?,
        };
        Ok(match self.masked() {
            Some(masked) => header.and_then(|header| masked.mask.header(header)),
            None => header,
        })
    }

    /// All headers in ascending order, deleted ones too.
    pub fn headers(
        &self,
        each: &mut dyn FnMut(&HexadHeader) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let Some(masked) = self.masked() else { return self.all_headers(each) };
        self.all_headers(&mut |header| match masked.mask.header(header.clone()) {
            Some(header) => each(&header),
            None => Ok(ControlFlow::Continue(())),
        })
    }

    fn all_headers(&self, each: Each<'_, HexadHeader>) -> Result<()> {
        let Some(overlay) = &self.overlay else { return self.ground.headers(each) };
        let mut merge = Merge::new(overlay.headers().map(|h| (h.iid, Some(h))), each);
        self.ground.headers(&mut |header| merge.offer(header.iid, header))?;
        merge.finish()
    }

    /// What overlay and mask make of the presence of the commit; none when they make nothing of it.
    fn presence(&self) -> Result<Option<&Presence>> {
        let laid = self.overlay.as_ref().and_then(|overlay| overlay.presence());
        let Some(masked) = self.masked() else { return Ok(laid) };
        if let Some(presence) = masked.presence.get() {
            return Ok(Some(presence));
        }
        let below = laid.map_or_else(|| self.ground.presence(), Ok)?;
        Ok(Some(masked.presence.get_or_init(|| masked.mask.over(below))))
    }

    /// The hexads that are not deleted.
    pub fn live(&self) -> Result<Arc<RoaringBitmap>> {
        match self.presence()? {
            Some(presence) => Ok(Arc::clone(&presence.live)),
            None => self.ground.live(),
        }
    }

    /// Every hexad there ever was.
    pub fn ever(&self) -> Result<Arc<RoaringBitmap>> {
        match self.presence()? {
            Some(presence) => Ok(Arc::clone(&presence.ever)),
            None => self.ground.ever(),
        }
    }

    /// The live hexads that have `modality`.
    pub fn present(&self, modality: Modality) -> Result<Arc<RoaringBitmap>> {
        match self.presence()? {
            Some(presence) => Ok(Arc::clone(&presence.present[modality as usize])),
            None => self.ground.present(modality),
        }
    }

    /// The record, if the hexad has this modality.
    pub fn record(&self, modality: Modality, iid: Iid) -> Result<Option<Record>> {
        let laid = self.layer(modality).map_or(Laid::Nothing, |layer| layer.current(iid));
        let record = laid.or_else(Record::clone, || self.ground.record(modality, iid))?;
        self.left(modality, record, true)
    }

    /// What is left of a record that is there.
    fn left(
        &self,
        modality: Modality,
        record: Option<Record>,
        now: bool,
    ) -> Result<Option<Record>> {
        match (self.masked(), record) {
            (Some(masked), Some(record)) => masked.mask.record(modality, record, now),
            (_, record) => Ok(record),
        }
    }

    /// The record as it was when the hexad had version `version`.
    pub fn record_at(&self, modality: Modality, iid: Iid, version: u32) -> Result<Option<Record>> {
        let laid = self.layer(modality).map_or(Laid::Nothing, |layer| layer.at(iid, version));
        let record =
            laid.or_else(Record::clone, || self.ground.record_at(modality, iid, version))?;
        self.left(modality, record, false)
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
        if self.is_masked() {
            let mut left = Vec::with_capacity(past.len());
            for PastRecord { record, until } in past {
                let record = self.left(modality, Some(record), false)?;
                left.extend(record.map(|record| PastRecord { record, until }));
            }
            return Ok(left);
        }
        Ok(past)
    }

    /// All records of a modality in ascending order.
    pub fn scan(
        &self,
        modality: Modality,
        each: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let Some(masked) = self.masked() else { return self.scan_all(modality, each) };
        let mask = &masked.mask;
        let touched = mask.touched(modality);
        self.scan_all(modality, &mut |record| {
            if !touched.contains(record.iid.0) {
                return each(record);
            }
            match mask.record(modality, record.clone(), true)? {
                Some(record) => each(&record),
                None => Ok(ControlFlow::Continue(())),
            }
        })
    }

    fn scan_all(&self, modality: Modality, each: Each<'_, Record>) -> Result<()> {
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
        if !self.shows_part(modality, iid) {
            return Ok(Vec::new());
        }
        let mut entries = self.ground.appended(modality, iid)?;
        if let Some(layer) = self.layer(modality) {
            entries.extend_from_slice(layer.appended(iid));
        }
        Ok(entries)
    }

    /// The last entry of that sequence.
    pub fn last_appended(&self, modality: Modality, iid: Iid) -> Result<Option<Appended>> {
        if !self.shows_part(modality, iid) {
            return Ok(None);
        }
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
        if !self.is_masked() {
            return self.scan_all_appended(modality, each);
        }
        self.scan_all_appended(modality, &mut |entry| {
            if self.shows_part(modality, entry.iid) {
                return each(entry);
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    fn scan_all_appended(&self, modality: Modality, each: Each<'_, Appended>) -> Result<()> {
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
        if self.is_masked() && Mask::hides_entries(space) {
            return Ok(None);
        }
        if let Some(reads) = &self.reads {
            reads.entry(space, name);
        }
        let laid = self.overlay.as_ref().map_or(Laid::Nothing, |o| o.entry(space, name));
        laid.or_else(Vec::clone, || self.ground.entry(space, name))
    }

    /// All entries of a family, by name.
    pub fn entries(&self, space: Space) -> Result<Vec<(String, Vec<u8>)>> {
        if self.is_masked() && Mask::hides_entries(space) {
            return Ok(Vec::new());
        }
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
