//! An event that can never be handled leaves its lane, aloud: on record, in the log, and to whoever
//! waits for it. A run that waits for it ends in the same unit, a dialog too.

use std::panic::{AssertUnwindSafe, catch_unwind};

use wilco_core::audit::{AuditRecord, Fact};
use wilco_core::handle::aside::{self, Extent, Left, Unread};
use wilco_core::port::{CommitFault, InboxRow, StoreFault, Unit};
use wilco_core::world::Outcome;

use crate::dispatch::{Tries, commit};
use crate::load::{Loaded, Unreadable, pin};
use crate::shared::Shared;
use crate::taken::Hands;
use crate::unit::unit;

/// One event that is set aside.
pub(crate) struct Aside<'a> {
    pub(crate) row: &'a InboxRow,
    pub(crate) kind: &'a str,
    /// Who is left behind.
    pub(crate) left: Left,
    pub(crate) why: String,
    /// What cannot be read, when that is the reason.
    pub(crate) unread: Option<Unreadable>,
    /// The store fails on what this event concerns: it may fail on it here too.
    pub(crate) poison: bool,
}

/// Why a unit could not be made.
enum Fault {
    Store(StoreFault),
    /// What fails on the event fails here too: try less.
    Less,
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

impl Aside<'_> {
    /// Writes it, as much as can be.
    pub(crate) async fn write(&self, shared: &Shared, hands: &Hands) {
        let (seq, kind, why) = (self.row.seq, self.kind, &self.why);
        tracing::error!(seq, kind, why, "an event was set aside");
        metrics::counter!("wilco_events_set_aside_total").increment(1);
        let mut extent = Some(Extent::Whole);
        let mut tries = Tries::default();
        loop {
            let written = match self.unit(shared, extent).await {
                Ok(unit) => commit(shared, Some(hands), unit).await,
                Err(Fault::Store(fault)) => Err(CommitFault::Store(fault)),
                Err(Fault::Less) => {
                    // Ends, because the record alone has nothing that could fail like this.
                    extent = extent.and_then(less);
                    continue;
                }
            };
            let over = match written {
                Ok(()) | Err(CommitFault::NotNext) => true,
                Err(CommitFault::Conflict) => tries.conflict().await,
                Err(CommitFault::Store(fault)) => {
                    let stop = tries.store_fault(shared, &fault).await;
                    extent = match extent {
                        // A sentence is not given up for a store that is away for a while.
                        Some(Extent::Told) if !tries.is_poison(shared) => extent,
                        Some(more) if self.poison || more == Extent::Told => less(more),
                        _ => extent,
                    };
                    stop
                }
            };
            if over {
                return;
            }
        }
    }

    /// What is written; without an extent only the record.
    async fn unit(&self, shared: &Shared, extent: Option<Extent>) -> Result<Unit, Fault> {
        let mut ctx = shared.context();
        let key = self.left.needs().filter(|_| extent.is_some_and(|e| e != Extent::Told));
        let (loaded, mut unread) = Loaded::leniently(shared, key).await?;
        unread.extend(self.unread.clone().filter(|known| unread.iter().all(|u| u.id != known.id)));
        if extent == Some(Extent::Whole) {
            pin(shared, &mut ctx, &loaded.world).await?;
        }
        let cannot: Vec<Unread> = unread.iter().filter_map(as_unread).collect();
        let aside = aside::Aside { number: self.row.seq, left: &self.left, unread: &cannot };
        let make = || match extent {
            Some(extent) => aside::set_aside(&ctx, &loaded.world, &aside, extent),
            None => Outcome::new(),
        };
        let outcome = catch_unwind(AssertUnwindSafe(make)).map_err(|_| Fault::Less)?;
        let mut unit = unit(&loaded, outcome, self.row, None, ctx.now).map_err(|_| Fault::Less)?;
        let set_aside = Fact::EventSetAside {
            number: self.row.seq,
            event: self.kind.to_owned(),
            lane: self.row.lane.clone(),
            why: self.why.clone(),
        };
        let facts = unread.iter().map(Unreadable::tell).chain([set_aside]);
        unit.audits.extend(facts.map(|what| AuditRecord { at: ctx.now, who: None, what }));
        Ok(unit)
    }
}

/// What is tried next; `None`: only the record.
fn less(extent: Extent) -> Option<Extent> {
    match extent {
        Extent::Whole => Some(Extent::Plain),
        Extent::Plain => Some(Extent::Told),
        Extent::Told => None,
    }
}

fn as_unread(unreadable: &Unreadable) -> Option<Unread> {
    let thread = unreadable.thread.as_deref().and_then(|thread| thread.parse().ok());
    Some(Unread { key: unreadable.key()?, thread })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trying_less_comes_to_an_end() {
        let tried: Vec<_> = std::iter::successors(Some(Extent::Whole), |e| less(*e)).collect();
        assert_eq!(tried, [Extent::Whole, Extent::Plain, Extent::Told]);
    }
}
