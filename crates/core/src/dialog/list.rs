//! The list of a question: what is offered, what is hidden and why, and how an answer reads in it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::answer::Offer;
use crate::input::{self, Item, Selection};
use crate::lang::Text;
use crate::place::Thread;
use crate::run::Run;
use crate::runbook::{Does, Question, Runbook};
use crate::target::Target;
use crate::vars;
use crate::version::{self, Fit};
use crate::withdrawal::Withdrawal;
use crate::words;
use crate::world::World;

use super::turn::Turn;
use super::{List, Why};

/// The number of what no page has shown yet: nobody can mean it by a number.
const UNSEEN: u32 = u32::MAX;

/// Turns a tool's choices into what is offered: `where:` is applied, locked targets are left out,
/// and each one left out keeps its reason.
pub(super) fn filtered(
    turn: &mut Turn<'_>,
    world: &World,
    runbook: &Runbook,
    question: &Question,
    offers: Vec<Offer>,
) -> Result<List, String> {
    let mut list = List::default();
    let answers = turn.filling().map(|filling| filling.answers.clone()).unwrap_or_default();
    let mut vars = Value::Object(vars::of_answers(runbook, &answers));
    let changes = matches!(runbook.does, Does::Run(_));
    let mut seen = BTreeSet::new();
    for offer in offers {
        // A value is what an answer is; the same one twice could not be told apart.
        if !seen.insert(offer.value.clone()) {
            continue;
        }
        if let Some(held) = held_by(world, &offer).filter(|_| changes) {
            list.hidden.push((offer, held));
            continue;
        }
        let fits = match &question.filter {
            Some(filter) => {
                vars["item"] = item_facts(&offer);
                filter.holds(&vars).map_err(|e| e.to_string())?
            }
            None => true,
        };
        if fits {
            let withdrawn = withdrawal(world, &offer).filter(|_| changes);
            list.items.push(match withdrawn {
                Some(gone) => noted(offer, &words::withdrawn::note(&gone.run).to(turn.dialog.lang)),
                None => offer,
            });
        } else {
            let reason = question.hidden.clone().unwrap_or_else(words::dialog::hidden_filtered);
            list.hidden.push((offer, Why::Filtered { reason }));
        }
    }
    let last = last_run(turn, world);
    list.items.sort_by_key(|offer| !last.contains(&offer.value));
    Ok(list)
}

/// What the last run of this thread was about: whoever asks again here most likely means that.
fn last_run(turn: &Turn<'_>, world: &World) -> BTreeSet<String> {
    let here = |run: &&Run| run.thread == turn.dialog.key.thread;
    let last = world.runs.values().filter(here).max_by_key(|run| run.created_at);
    let targets = last.into_iter().flat_map(|run| &run.plan.targets);
    targets.map(|part| part.target.to_string()).collect()
}

fn item_facts(offer: &Offer) -> Value {
    let mut facts: serde_json::Map<String, Value> =
        offer.facts.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    facts.insert("value".into(), json!(offer.value));
    facts.insert("title".into(), json!(offer.title));
    Value::Object(facts)
}

fn withdrawal<'a>(world: &'a World, offer: &Offer) -> Option<&'a Withdrawal> {
    let target: Target = offer.value.parse().ok()?;
    world.withdrawals.get(&target)
}

fn noted(offer: Offer, note: &str) -> Offer {
    let notes = [offer.note.as_str(), note];
    let notes: Vec<&str> = notes.into_iter().filter(|note| !note.is_empty()).collect();
    Offer { note: notes.join(" · "), ..offer }
}

fn held_by(world: &World, offer: &Offer) -> Option<Why> {
    let target: Target = offer.value.parse().ok()?;
    let run = world.locks.get(&target)?.holder.clone()?;
    Some(match world.runs.get(&run).filter(|holder| holder.is_unknown()) {
        Some(lost) => Why::Lost { run, thread: lost.thread.clone() },
        None => Why::Locked { run },
    })
}

impl List {
    /// Reads an answer. A number means an item that a page has shown; names mean any item.
    pub(super) fn read(&self, text: &str, many: bool) -> Selection {
        if input::clean(text).contains(&UNSEEN.to_string()) {
            return Selection::NotUnderstood;
        }
        let max = u32::try_from(self.shown).unwrap_or(UNSEEN);
        match input::select(text, &self.items(), many) {
            Selection::OutOfRange { number, .. } => Selection::OutOfRange { number, max },
            // A number that stands on no page yet is no part of a name to search for.
            Selection::NotInList { what } => match input::number(&what) {
                Some(number) if is_number(text) => Selection::OutOfRange { number, max },
                _ => Selection::NotInList { what },
            },
            read => read,
        }
    }

    /// The items as the reader of answers wants them.
    pub(super) fn items(&self) -> Vec<Item<'_>> {
        let number = |place: usize| {
            if place < self.shown { u32::try_from(place + 1).unwrap_or(UNSEEN) } else { UNSEEN }
        };
        self.items.iter().enumerate().map(|(place, offer)| item(offer, number(place))).collect()
    }

    /// What `all` means: what was searched for, or else everything.
    pub(super) fn all(&self) -> Vec<usize> {
        (0..if self.focus > 0 { self.focus } else { self.items.len() }).collect()
    }

    /// Whether some items stand on no page yet.
    pub(super) fn has_more(&self) -> bool {
        self.shown < self.items.len()
    }

    /// These items first, the others behind them.
    pub(super) fn focused(self, found: &[usize]) -> Self {
        let top: BTreeSet<usize> = found.iter().copied().collect();
        let rest = (0..self.items.len()).filter(|index| !top.contains(index));
        let order: Vec<usize> = found.iter().copied().chain(rest).collect();
        let items = order.into_iter().map(|index| self.items[index].clone()).collect();
        Self { items, hidden: self.hidden, shown: 0, focus: found.len() }
    }

    /// The title, or the whole name where two titles are equal.
    pub(super) fn label(&self, index: usize) -> String {
        let offer = &self.items[index];
        let twins = self.items.iter().filter(|other| other.title == offer.title).count();
        if twins > 1 { offer.value.clone() } else { offer.title.clone() }
    }

    /// What an answer is called: the title, or the whole name where another one, hidden or not, has the
    /// same title.
    pub(super) fn title(&self, index: usize) -> String {
        let offer = &self.items[index];
        let all = self.items.iter().chain(self.hidden.iter().map(|(hidden, _)| hidden));
        let twins = all.filter(|other| other.title == offer.title).count();
        if twins > 1 { offer.value.clone() } else { offer.title.clone() }
    }

    /// Why a name is not among the choices.
    pub(super) fn not_offered(&self, what: &str) -> Text {
        if let Some((offer, why)) = self.hidden_named(what) {
            return why.sentence(&offer.title);
        }
        let names: Vec<&str> = self.items.iter().map(|offer| offer.title.as_str()).collect();
        words::dialog::not_in_list(what, input::suggest(what, &names))
    }

    /// Where it is settled that a name is not among the choices: the thread of a lost run.
    pub(super) fn settled_in(&self, what: &str) -> Option<&Thread> {
        match self.hidden_named(what)? {
            (_, Why::Lost { thread, .. }) => Some(thread),
            _ => None,
        }
    }

    /// The value of what this names, if `where:` leaves it out.
    pub(super) fn left_out(&self, what: &str) -> Option<String> {
        match self.hidden_named(what)? {
            (offer, Why::Filtered { .. }) => Some(offer.value.clone()),
            _ => None,
        }
    }

    /// What is left out because nothing would change, although another version was asked for.
    pub(super) fn chart_behind(&self, what: &str, asked: &str) -> Option<Text> {
        let (offer, Why::Filtered { .. }) = self.hidden_named(what)? else { return None };
        let runs = offer.facts.get("version")?.as_str()?;
        let charts = match offer.facts.get("charts") {
            Some(charts) => serde_json::from_value(charts.clone()).ok()?,
            None => Vec::new(),
        };
        if version::is_same(runs, asked) || version::is_chart(&charts, asked) {
            return None;
        }
        let stays = vec![runs.to_owned()];
        words::planned::mismatch(&offer.title, asked, &Fit::NotYet { stays, charts })
    }

    fn hidden_named(&self, what: &str) -> Option<&(Offer, Why)> {
        let hidden: Vec<&Offer> = self.hidden.iter().map(|(offer, _)| offer).collect();
        match by_name(what, &unnumbered(hidden), false) {
            Selection::Chosen(found) => found.first().map(|index| &self.hidden[*index]),
            _ => None,
        }
    }

    /// How many are left out for which reason, most first.
    pub(super) fn hidden_counts(&self) -> Vec<(usize, Text)> {
        let mut counts: Vec<(usize, Text)> = Vec::new();
        for reason in self.hidden.iter().map(|(_, why)| why.reason()) {
            match counts.iter_mut().find(|(_, known)| *known == reason) {
                Some((count, _)) => *count += 1,
                None => counts.push((1, reason)),
            }
        }
        counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        counts
    }
}

fn item(offer: &Offer, number: u32) -> Item<'_> {
    let names = std::iter::once(&offer.title).chain(&offer.aliases).map(String::as_str);
    Item { number, value: &offer.value, names: names.collect() }
}

/// Offers of which nobody has seen a number.
pub(super) fn unnumbered<'a>(offers: impl IntoIterator<Item = &'a Offer>) -> Vec<Item<'a>> {
    offers.into_iter().map(|offer| item(offer, UNSEEN)).collect()
}

/// Reads a word of the request: a name, never a number of a list that nobody has seen.
pub(super) fn by_name(word: &str, items: &[Item<'_>], many: bool) -> Selection {
    if !is_number(word) {
        return input::select(word, items, many);
    }
    let found: Vec<usize> =
        (0..items.len()).filter(|index| is_exactly(word, &items[*index])).collect();
    let what = input::clean(word);
    match found.len() {
        0 => Selection::NotInList { what },
        1 => Selection::Chosen(found),
        _ => Selection::Ambiguous { what, candidates: found },
    }
}

/// Whether a text reads as numbers: it asks for a number that an empty list does not have.
pub(super) fn is_number(text: &str) -> bool {
    matches!(input::select(text, &[], true), Selection::OutOfRange { .. })
}

/// Whether a text is the whole name of an item.
pub(super) fn is_exactly(text: &str, item: &Item<'_>) -> bool {
    let typed = input::fold(text);
    let mut names = std::iter::once(item.value).chain(item.names.iter().copied());
    !typed.is_empty() && names.any(|name| input::fold(name) == typed)
}
