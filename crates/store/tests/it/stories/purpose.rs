//! A store belongs to the command that opened it first.

use wilco_core::audit::{AuditRecord, Fact};
use wilco_core::port::Unit;
use wilco_store::{OpenFault, Purpose};

use crate::bed::{Bed, at, event, put, run, say, saying};

stories! {
    an_empty_store_belongs_to_who_opens_it_first
    one_that_holds_something_and_says_nothing_is_served
}

async fn opens(address: &str, purpose: Purpose) -> bool {
    match wilco_store::open_for(address, purpose).await {
        Ok(_) => true,
        Err(OpenFault::OtherPurpose { found }) if found != purpose => false,
        Err(fault) => panic!("{fault}"),
    }
}

async fn an_empty_store_belongs_to_who_opens_it_first(bed: Bed) {
    let (address, _folder) = bed.closed();
    assert!(opens(&address, Purpose::Demo).await);
    assert!(opens(&address, Purpose::Demo).await, "again, still empty");
    assert!(!opens(&address, Purpose::Serve).await);
    let store = wilco_store::open_for(&address, Purpose::Demo).await.unwrap();
    store.receive(vec![event("a", "x")], at(1)).await.unwrap();
    drop(store);
    assert!(opens(&address, Purpose::Demo).await, "with something in it");
    assert!(!opens(&address, Purpose::Serve).await);
}

async fn one_that_holds_something_and_says_nothing_is_served(mut bed: Bed) {
    let fact = Fact::CatalogReloaded { runbooks: 1 };
    let audits = vec![AuditRecord { at: at(1), who: None, what: fact }];
    for unit in [
        Some(put(run(1), "{}")),
        Some(saying([say("a", "5", "x")])),
        Some(Unit { audits, ..Unit::default() }),
        None,
    ] {
        match unit {
            Some(unit) => drop(bed.store.commit(unit).await.unwrap()),
            None => drop(bed.store.receive(vec![event("a", "x")], at(1)).await.unwrap()),
        }
        let fresh = bed.another().await;
        let (address, _folder) = std::mem::replace(&mut bed, fresh).closed();
        assert!(!opens(&address, Purpose::Demo).await);
        assert!(opens(&address, Purpose::Serve).await);
    }
}
