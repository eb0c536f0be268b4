//! Facts on record: all of them, in order, once.

use wilco_core::audit::{AuditRecord, Fact};
use wilco_core::ids::{PersonId, RunId};
use wilco_core::port::Unit;

use crate::bed::{Bed, at, run};

stories! {
    records_stay_as_they_were_written
    a_reader_misses_nothing_that_concurrent_units_record
}

fn record(number: u64) -> AuditRecord {
    AuditRecord {
        at: at(i64::try_from(number).unwrap()),
        who: Some(PersonId::new("jun")),
        what: Fact::CancelAsked { run: RunId::numbered(number) },
    }
}

async fn records_stay_as_they_were_written(bed: Bed) {
    let unit = |numbers: &[u64]| Unit {
        audits: numbers.iter().copied().map(record).collect(),
        ..Unit::default()
    };
    bed.store.commit(unit(&[3, 1])).await.unwrap();
    bed.store.commit(Unit { reads: vec![(run(1), 9)], ..unit(&[8]) }).await.unwrap_err();
    bed.store.commit(unit(&[2])).await.unwrap();
    let bed = bed.reopened().await;
    let all = bed.store.audits(0, 9).await.unwrap();
    let records: Vec<&AuditRecord> = all.iter().map(|stored| &stored.record).collect();
    assert_eq!(records, [&record(3), &record(1), &record(2)]);
    assert_eq!(bed.store.audits(all[0].seq, 1).await.unwrap(), [all[1].clone()]);
    assert_eq!(bed.store.audits(all[2].seq, 9).await.unwrap(), []);
}

async fn a_reader_misses_nothing_that_concurrent_units_record(bed: Bed) {
    const WRITERS: u64 = 4;
    const EACH: u64 = 25;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = bed.store.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    let audits = vec![record(writer * EACH + number)];
                    store.commit(Unit { audits, ..Unit::default() }).await.unwrap();
                }
            })
        })
        .collect();
    let (mut after, mut seen) = (0, Vec::new());
    while seen.len() < 100 {
        let done = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let stored = bed.store.audits(after, 10).await.unwrap();
        assert!(!(done && stored.is_empty()), "only {} of all were seen", seen.len());
        after = stored.last().map_or(after, |last| last.seq);
        seen.extend(stored.into_iter().map(|stored| stored.record.at));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 100);
    for writer in writers {
        writer.await.unwrap();
    }
}
