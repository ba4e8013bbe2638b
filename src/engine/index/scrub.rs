//! Whether an index says what the records say: the sums of its files, and its segments beside segments
//! made again from the records. Repairs nothing, except that saved files which cannot be believed are
//! removed: they are made again.

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Kind, Result};

use super::{Builder as _, Derived, Part, Records, Segment};

/// Hexads named for one index; more of the same say nothing new.
const NAMED: usize = 20;

/// Something that is wrong with an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The file, or the folder of the index.
    pub file: String,
    /// The hexad it is about, if it is about one.
    pub hexad: Option<Iid>,
    /// What.
    pub what: String,
}

/// Is called now and then; an error of its ends the work.
pub type Tick<'a> = &'a mut dyn FnMut() -> Result<()>;

impl<S: Segment> Derived<S> {
    /// Everything that is wrong with the index as `view` would use it. What it does not cover is read
    /// from the records anyway and not looked at.
    pub fn scrub(
        &self,
        view: &dyn Records<Record = S::Record>,
        tick: Tick<'_>,
    ) -> Result<Vec<Defect>> {
        let place = format!("index/{}", S::NAME);
        let mut found = self.scrub_files(&place);
        let Some(generation) = self.to_check(view) else { return Ok(found) };
        let covered = self.changed_since(generation.lsn, &generation.iids, view)?;
        let Some(suspects) = covered else { return Ok(found) };
        let present = view.committed()?;
        let defect = |hexad, what: &str| Defect {
            file: place.clone(),
            hexad: Some(Iid(hexad)),
            what: what.to_owned(),
        };
        let unknown = &*present - &generation.iids - &suspects;
        found.extend(unknown.iter().take(NAMED).map(|iid| defect(iid, "it is not in the index")));
        let gone = &generation.iids - &*present - &suspects;
        let speaks = "the index speaks for it, and it has no such record";
        found.extend(gone.iter().take(NAMED).map(|iid| defect(iid, speaks)));
        for part in &generation.parts {
            let alive = (part.segment.iids() - &*part.dead) & &*present;
            let mut different = Vec::new();
            match differing(view, part, &(alive - &suspects), &mut different, tick) {
                Ok(()) => {}
                // Records that are damaged are named by whoever reads the files.
                Err(error) if error.kind == Kind::Corruption => continue,
                Err(error) => return Err(error),
            }
            let says = "the index says something else than its record";
            found.extend(different.into_iter().map(|iid| defect(iid, says)));
        }
        Ok(found)
    }

    /// The sums of the saved files.
    fn scrub_files(&self, place: &str) -> Vec<Defect> {
        let Some(folder) = self.folder() else { return Vec::new() };
        let faults = folder.faults::<S>();
        if !faults.is_empty() && !self.loaded() {
            self.distrust();
        }
        let defect = |(name, what)| Defect { file: format!("{place}/{name}"), hexad: None, what };
        faults.into_iter().map(defect).collect()
    }
}

/// Those of `iids` for which the segment of `part` does not say what their records say.
fn differing<S: Segment>(
    view: &dyn Records<Record = S::Record>,
    part: &Part<S>,
    iids: &RoaringBitmap,
    found: &mut Vec<u32>,
    tick: Tick<'_>,
) -> Result<()> {
    if iids.is_empty() || found.len() >= NAMED {
        return Ok(());
    }
    tick()?;
    let mut builder = S::Builder::default();
    view.each_committed(iids, &mut |iid, record| {
        builder.add(iid, &record);
        Ok(())
    })?;
    let others = part.segment.iids() - iids;
    let (made, kept) = (builder.finish(), S::merge(&[(&*part.segment, &others)]));
    if made.save()? == kept.save()? {
        return Ok(());
    }
    if iids.len() == 1 {
        found.extend(iids);
        return Ok(());
    }
    let middle = iids.select((iids.len() / 2) as u32).unwrap_or_default();
    let mut upper = iids.clone();
    upper.remove_range(..middle);
    differing(view, part, &(iids - &upper), found, tick)?;
    differing(view, part, &upper, found, tick)
}
