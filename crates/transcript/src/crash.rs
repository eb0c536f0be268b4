//! Dying at every point of a story, and demanding the same end.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::end::End;
use crate::fuse::Fuse;
use crate::runner::Story;
use crate::scratch::On;

/// So many plays go on at once: most of a play is waiting.
const AT_ONCE: usize = 6;

/// At which of a story's points to die.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// At so many that all plays together pass about this many points, because a play costs as much
    /// as it has points.
    pub budget: u64,
    /// At so many at least.
    pub least: u64,
}

impl Sample {
    /// At every point.
    pub const ALL: Self = Self { budget: u64::MAX, least: u64::MAX };

    /// From one point to the next.
    fn stride(self, points: u64) -> usize {
        let most = (self.budget / points.max(1)).max(self.least);
        usize::try_from(points.div_ceil(most)).unwrap_or(1).max(1)
    }
}

/// What came of dying in many places.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Deaths {
    /// Points of the story.
    pub points: u64,
    /// At how many of them a death was wanted.
    pub chosen: u64,
    /// At how many of these one came.
    pub once: u64,
    /// At how many of these a second one came, during the recovery from the first.
    pub twice: u64,
    /// Plays of a story about moments that ended otherwise than unharmed, and soundly.
    pub otherwise: u64,
}

impl Deaths {
    /// Whether deaths came where they were wanted. Parallel work passes the points in another order
    /// each time, and a few more or fewer of them, so the last few of a story may not come.
    #[must_use]
    pub fn died_almost_everywhere(self) -> bool {
        self.chosen > 0 && self.chosen - self.once <= (self.chosen / 20).max(1)
    }
}

impl std::ops::AddAssign for Deaths {
    fn add_assign(&mut self, other: Self) {
        self.points += other.points;
        self.chosen += other.chosen;
        self.once += other.once;
        self.twice += other.twice;
        self.otherwise += other.otherwise;
    }
}

/// Plays the story once unharmed, then once for every point with a death there, and at every second
/// point once more with a second death in the middle of the recovery, one to seven points later.
///
/// Every play must end soundly: what was intended happened once, nothing was said twice. Whenever it is
/// quiet, nobody may wait for what never comes. And it must end as the unharmed one, unless the story
/// [is about moments](Story::is_about_moments).
///
/// # Errors
/// The first play whose end is not as it must be, with the place of the death.
pub async fn everywhere(story: &Story, on: &On) -> Result<Deaths, String> {
    sampled(story, on, Sample::ALL).await
}

/// As [`everywhere`], at fewer points, spread evenly.
///
/// # Errors
/// As [`everywhere`].
pub async fn sampled(story: &Story, on: &On, sample: Sample) -> Result<Deaths, String> {
    let unharmed = story.play(on, Fuse::new(Vec::new())).await?;
    if !unharmed.faults.is_empty() {
        return Err(format!("{}: {}", story.path.display(), unharmed.faults.join(", ")));
    }
    let mut deaths = Deaths { points: unharmed.points, ..Deaths::default() };
    let end = Arc::new(unharmed.end);
    let stride = sample.stride(unharmed.points);
    let mut wanted = (1..=unharmed.points).step_by(stride).enumerate();
    let mut plays: JoinSet<Result<[Died; 2], String>> = JoinSet::new();
    loop {
        while plays.len() < AT_ONCE
            && let Some((at, point)) = wanted.next()
        {
            let (story, on, end) = (story.clone(), on.clone(), Arc::clone(&end));
            deaths.chosen += 1;
            plays.spawn(async move {
                let once = one(&story, &on, &end, vec![point]).await?;
                let twice = match at % 2 {
                    0 => one(&story, &on, &end, vec![point, point + 1 + point % 7]).await?,
                    _ => Died::default(),
                };
                Ok([once, twice])
            });
        }
        let Some(played) = plays.join_next().await else { return Ok(deaths) };
        let [once, twice] = played.map_err(|broken| broken.to_string())??;
        deaths.once += u64::from(once.times > 0);
        deaths.twice += u64::from(twice.times > 1);
        deaths.otherwise += u64::from(once.otherwise) + u64::from(twice.otherwise);
    }
}

/// What came of one play with deaths.
#[derive(Default)]
struct Died {
    times: usize,
    otherwise: bool,
}

/// One play with deaths at these points.
async fn one(story: &Story, on: &On, end: &End, points: Vec<u64>) -> Result<Died, String> {
    let played = story.play(on, Fuse::new(points)).await?;
    let times = played.deaths.len();
    let otherwise = times > 0 && played.end != *end;
    if played.faults.is_empty() && (!otherwise || story.is_about_moments()) {
        return Ok(Died { times, otherwise });
    }
    Err(format!(
        "{}: after dying at {:?} the end differs\nunharmed: {:#?}\nthis time: {:#?}\n{}",
        story.path.display(),
        played.deaths,
        end.beside(&played.end),
        played.end.beside(end),
        played.faults.join("\n"),
    ))
}
