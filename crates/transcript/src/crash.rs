//! Dying at every point of a story, and demanding the same end.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::end::End;
use crate::fuse::Fuse;
use crate::runner::{On, Story};

/// So many plays go on at once: most of a play is waiting.
const AT_ONCE: usize = 6;

/// What came of dying everywhere.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Deaths {
    /// Points of the story.
    pub points: u64,
    /// Plays in which the engine died at least once.
    pub plays: u64,
    /// Plays in which it died a second time, during the recovery.
    pub twice: u64,
}

/// Plays the story once unharmed, then once for every point with a death there, and once more with
/// a second death `gap` points later, in the middle of the recovery.
///
/// # Errors
/// The first play whose end differs from the unharmed one, with the place of the death.
pub async fn everywhere(story: &Story, on: &On, gap: u64) -> Result<Deaths, String> {
    sampled(story, on, gap, u64::MAX).await
}

/// As [`everywhere`], at `most` points that are spread evenly.
///
/// # Errors
/// As [`everywhere`].
pub async fn sampled(story: &Story, on: &On, gap: u64, most: u64) -> Result<Deaths, String> {
    let unharmed = story.play(on, Fuse::new(Vec::new())).await?;
    let mut deaths = Deaths { points: unharmed.points, ..Deaths::default() };
    let stride = usize::try_from(unharmed.points.div_ceil(most.max(1))).unwrap_or(1);
    let end = Arc::new(unharmed.end);
    let mut wanted = (1..=unharmed.points)
        .step_by(stride.max(1))
        .flat_map(|point| [vec![point], vec![point, point + gap]]);
    let mut plays: JoinSet<Result<usize, String>> = JoinSet::new();
    loop {
        while plays.len() < AT_ONCE
            && let Some(points) = wanted.next()
        {
            let (story, on, end) = (story.clone(), on.clone(), Arc::clone(&end));
            plays.spawn(async move { one(&story, &on, &end, points).await });
        }
        let Some(played) = plays.join_next().await else { return Ok(deaths) };
        match played.map_err(|broken| broken.to_string())?? {
            // The order of parallel work differs between plays, so the last points may not come.
            0 => {}
            died => {
                deaths.plays += 1;
                deaths.twice += u64::from(died > 1);
            }
        }
    }
}

/// One play with deaths at these points; returns how many came.
async fn one(story: &Story, on: &On, end: &End, points: Vec<u64>) -> Result<usize, String> {
    let played = story.play(on, Fuse::new(points)).await?;
    if played.deaths.is_empty() || played.end == *end {
        return Ok(played.deaths.len());
    }
    Err(format!(
        "{}: after dying at {:?} the end differs\nunharmed: {end:#?}\nthis time: {:#?}",
        story.path.display(),
        played.deaths,
        played.end,
    ))
}
