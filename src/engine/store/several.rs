//! Several hooks of one modality as one, called in turn.

use std::sync::Arc;

use crate::engine::base::{Lsn, Result};

use super::{Applier, Changes, IndexTx, RecordScan};

/// All of them; the first failure counts.
#[derive(Clone)]
pub struct Several(pub Vec<Arc<dyn Applier>>);

impl std::fmt::Debug for Several {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Several({})", self.0.len())
    }
}

impl Applier for Several {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        self.0.iter().try_for_each(|hook| hook.schema(tx))
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        self.0.iter().try_for_each(|hook| hook.apply(tx, batch))
    }

    fn applied(&self, batch: &[Changes<'_>]) {
        self.0.iter().for_each(|hook| hook.applied(batch));
    }

    fn refreshed(&self, lsn: Lsn) {
        self.0.iter().for_each(|hook| hook.refreshed(lsn));
    }

    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        let scratch: Vec<_> = self.0.iter().filter_map(|hook| hook.scratch()).collect();
        (!scratch.is_empty()).then(|| Arc::new(Self(scratch)) as Arc<dyn Applier>)
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        self.0.iter().try_for_each(|hook| hook.rebuild(tx, scan))
    }
}
