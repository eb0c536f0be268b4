//! What a store is for.
//!
//! A demo lets anyone speak as anyone and acts on a double. On the store of `wilco serve` it would claim
//! what that has begun and perform it on the double; and what was approved in a demo must never reach a
//! real tool. So a store belongs to the command that opened it first.

/// Who a store belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `wilco demo` and `wilco chat --demo`.
    Demo,
    /// `wilco serve`.
    Serve,
}

impl Purpose {
    /// As it is stored.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Serve => "serve",
        }
    }

    /// From what was stored.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Demo, Self::Serve].into_iter().find(|purpose| purpose.name() == name)
    }

    /// Why nobody else may have it, for a person at the command line.
    pub(crate) fn refusal(self) -> &'static str {
        match self {
            Self::Demo => {
                "this store belongs to the demo, where anyone may speak as anyone; `wilco serve` wants \
                 one of its own"
            }
            Self::Serve => {
                "this store belongs to `wilco serve`; the demo would perform its work on a double: \
                 name another store, or none"
            }
        }
    }
}
