//! One suite, told on both databases.

/// Makes a test of each story on each database.
macro_rules! stories {
    ($($story:ident)*) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story($crate::bed::Bed::sqlite().await).await;
                }
            )*
        }
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story($crate::bed::Bed::postgres().await).await;
                }
            )*
        }
    };
}

mod audits;
mod calls;
mod chores;
mod entities;
mod inbox;
mod journal;
mod outbox;
mod purpose;
mod timers;
mod units;
mod work;
