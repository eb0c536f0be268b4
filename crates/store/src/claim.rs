//! How workers share rows without doing anything twice: the protocol of the outbox and of calls.
//!
//! Both tables carry the same four columns:
//!
//! | column | means |
//! |---|---|
//! | `next_at` | the row may be claimed from this moment; `NULL`: nothing is to be done |
//! | `epoch` | counts the claims of the row and never goes back: the fencing token |
//! | `lease_until` | the end of the claim in force; `NULL`: nobody works on it |
//! | `earlier_send_by` | the last moment at which an earlier claim, that may have acted, could act |
//!
//! 1. **Claim.** A row with `next_at <= now` gets `epoch + 1`, and `next_at` and `lease_until` become
//!    the end of the lease. If a lease was still noted, its worker never settled: it may have acted,
//!    so its end becomes `earlier_send_by` (the latest such moment wins). The claim is durable before
//!    the worker hears of it.
//!
//!    A unit may claim what it writes itself (`Unit::claims`), in the same transaction and by the
//!    same rules, for the process that commits it: one flush less until the worker acts. Its lease
//!    is measured from before the commit, so a slow disk makes it shorter, never longer.
//! 2. **Act.** A worker whose claim carries `earlier_send_by` looks before it acts, and believes
//!    "not found" only when that moment is well past. One without acts at once.
//! 3. **Settle**, only where `epoch` is still the worker's and a lease is noted; anything else writes
//!    nothing and answers `false`. A lease that ran out but was not claimed again still counts: the
//!    worker was slow, and what it says is true.
//!    - *over* (sent, answered, dropped): the lease and the suspicion are forgotten.
//!    - *retry, surely not acted*: only the lease is forgotten. An older suspicion stays, so a first
//!      claim that did nothing is followed by one that looks like a first one.
//!    - *retry, may have acted*: the end of the lease becomes `earlier_send_by`, as in 1.
//!      A call notes beside it what the tool said (`calls.unclear`), until it is over.
//!
//! `epoch` is no measure of suspicion, `earlier_send_by` alone is: were the number of a harmless
//! claim given out again, a worker that settles twice (because it never heard that its first
//! settling was written) would settle the claim of another.

/// The columns of a new claim. The argument is the parameter with the end of the lease.
macro_rules! set_claim {
    ($lease:literal) => {
        concat!(
            "epoch = epoch + 1, \
             earlier_send_by = CASE \
                 WHEN lease_until IS NULL THEN earlier_send_by \
                 WHEN earlier_send_by > lease_until THEN earlier_send_by \
                 ELSE lease_until END, \
             lease_until = ",
            $lease,
            ", next_at = ",
            $lease
        )
    };
}

/// The columns of a row whose worker may have acted and wants another try at `$1`.
macro_rules! set_retry_acted {
    () => {
        "next_at = $1, \
         earlier_send_by = CASE \
             WHEN earlier_send_by > lease_until THEN earlier_send_by ELSE lease_until END, \
         lease_until = NULL"
    };
}

/// The columns of a row whose worker surely did nothing and wants another try at `$1`.
macro_rules! set_retry_clean {
    () => {
        "next_at = $1, lease_until = NULL"
    };
}

pub(crate) use {set_claim, set_retry_acted, set_retry_clean};
