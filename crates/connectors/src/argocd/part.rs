//! Only some objects of an application (ARGO-26). Pure.
//!
//! A runbook names objects by patterns, a person by choosing them; the plan shows what differs among them, and the
//! sync names exactly these. No hooks run then, and the history keeps nothing of it, so neither is relied on: it is
//! ours by its tag, and it is done when these objects are in sync and healthy, whatever the rest is.

use serde::{Deserialize, Serialize};
use wilco_core::answer::Offer;
use wilco_core::plan::{Change, Mode, Obstacle, Only};
use wilco_core::target::Pattern;

use super::images::tag;
use super::objects::{Delta, delta};
use super::wire::{App, Health, ManagedItem, Node, ResourceStatus};

/// An object as a sync names it: in this form it goes into the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct ObjectKey {
    group: String,
    kind: String,
    namespace: String,
    name: String,
}

impl ObjectKey {
    fn of(item: &ManagedItem) -> Self {
        let ManagedItem { group, kind, namespace, name, .. } = item;
        let [group, kind, namespace, name] = [group, kind, namespace, name].map(Clone::clone);
        Self { group, kind, namespace, name }
    }

    fn is(&self, group: &str, kind: &str, namespace: &str, name: &str) -> bool {
        (self.group.as_str(), self.kind.as_str(), self.namespace.as_str(), self.name.as_str())
            == (group, kind, namespace, name)
    }

    /// `apps/Deployment/default/wallet`; in front of the first slash is nothing for the core group.
    fn whole(&self) -> String {
        let Self { group, kind, namespace, name } = self;
        format!("{group}/{kind}/{namespace}/{name}")
    }

    /// `Deployment/wallet`.
    fn short(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// Whether a pattern means it: `KIND/NAME`, `GROUP/KIND/NAME`, `KIND/NAMESPACE/NAME` as the plan shows it, or all
    /// four.
    fn fits(&self, pattern: &Pattern) -> bool {
        let Self { group, kind, namespace, name } = self;
        [
            self.short(),
            format!("{group}/{kind}/{name}"),
            format!("{kind}/{namespace}/{name}"),
            self.whole(),
        ]
        .iter()
        .any(|form| pattern.matches(form))
    }
}

/// What becomes of the objects that patterns name.
pub(super) struct Part {
    /// What would change in them alone.
    pub(super) delta: Delta,
    /// Those of them that differ, sorted.
    pub(super) chosen: Vec<ObjectKey>,
    /// Whether a pattern means anything at all.
    fits: bool,
    /// How many others differ, and stay.
    stays: usize,
    patterns: Vec<String>,
}

impl Part {
    pub(super) fn of(items: &[ManagedItem], patterns: &[String]) -> Self {
        let read: Vec<Pattern> = patterns.iter().map(Pattern::new).collect();
        let named = |item: &ManagedItem| {
            let key = ObjectKey::of(item);
            read.iter().any(|pattern| key.fits(pattern))
        };
        let differing: Vec<&ManagedItem> = items.iter().filter(|item| differs(item)).collect();
        let mut chosen: Vec<ObjectKey> =
            differing.iter().filter(|item| named(item)).map(|item| ObjectKey::of(item)).collect();
        chosen.sort();
        let is_chosen = |item: &ManagedItem| chosen.contains(&ObjectKey::of(item));
        let narrowed: Vec<ManagedItem> = items
            .iter()
            .filter_map(|item| if is_chosen(item) { Some(item.clone()) } else { left(item) })
            .collect();
        Self {
            delta: delta(&narrowed),
            stays: differing.len() - chosen.len(),
            fits: items.iter().any(named),
            patterns: patterns.to_vec(),
            chosen,
        }
    }

    /// What people agree to.
    pub(super) fn only(&self) -> Only {
        Only { objects: self.chosen.iter().map(ObjectKey::whole).collect(), stays: self.stays }
    }

    /// Why these alone cannot be brought, whatever else stands in the way.
    pub(super) fn obstacle(&self, mode: Mode) -> Option<Obstacle> {
        if mode == Mode::Watch {
            return Some(Obstacle::WholeByItself);
        }
        if !self.fits {
            return Some(Obstacle::NoSuchObject { asked: self.patterns.clone() });
        }
        self.chosen.is_empty().then_some(Obstacle::NothingToDo)
    }
}

/// Whether a sync would do anything to it. Wilco does not prune.
fn differs(item: &ManagedItem) -> bool {
    let delta = delta(std::slice::from_ref(item));
    !delta.images.is_empty() || delta.objects.iter().any(|object| object.change != Change::Extra)
}

/// An object that stays as it is; `None` when it is not there.
fn left(item: &ManagedItem) -> Option<ManagedItem> {
    let live = [&item.normalized_live_state, &item.live_state];
    let live = live.into_iter().find(|live| !matches!(live.as_str(), "" | "null"))?.clone();
    Some(ManagedItem {
        modified: false,
        target_state: live.clone(),
        predicted_live_state: live.clone(),
        normalized_live_state: live,
        ..item.clone()
    })
}

/// The objects that differ, to be chosen.
pub(super) fn offers(items: &[ManagedItem]) -> Vec<Offer> {
    let mut offers: Vec<Offer> = items.iter().filter(|item| differs(item)).map(offer).collect();
    offers.sort_by(|a, b| (&a.title, &a.value).cmp(&(&b.title, &b.value)));
    offers
}

fn offer(item: &ManagedItem) -> Offer {
    let key = ObjectKey::of(item);
    let delta = delta(std::slice::from_ref(item));
    let image = delta.images.iter().find_map(|image| {
        Some(format!("{} → {}", tag(image.from.as_ref()?), tag(image.to.as_ref()?)))
    });
    let is_new = delta.objects.iter().any(|object| object.change == Change::Added);
    // In Argo CD's words.
    let note = image.unwrap_or_else(|| if is_new { "Missing" } else { "OutOfSync" }.to_owned());
    let facts = [
        ("group", &key.group),
        ("kind", &key.kind),
        ("namespace", &key.namespace),
        ("name", &key.name),
    ];
    Offer {
        value: key.whole(),
        title: key.short(),
        note,
        aliases: vec![key.name.clone(), format!("{}/{}/{}", key.kind, key.namespace, key.name)],
        facts: facts
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.as_str().into()))
            .collect(),
    }
}

/// The application as if it had only these objects: in sync when they are, and as healthy as the worst of them.
pub(super) fn narrowed(app: &App, nodes: &[Node], chosen: &[ObjectKey]) -> App {
    let mut narrowed = app.clone();
    let status = |key: &ObjectKey| {
        let here = |one: &&ResourceStatus| key.is(&one.group, &one.kind, &one.namespace, &one.name);
        app.status.resources.iter().find(here)
    };
    let in_sync = chosen.iter().all(|key| status(key).is_some_and(|one| one.status == "Synced"));
    narrowed.status.sync.status = if in_sync { "Synced" } else { "OutOfSync" }.to_owned();
    let health = |key: &ObjectKey| {
        let here = |node: &&Node| key.is(&node.group, &node.kind, &node.namespace, &node.name);
        let node = nodes.iter().find(here).map(|node| &node.health);
        // The tree has the health of each object, also where the application itself has not (ARGO-12).
        match (node, status(key)) {
            (Some(health), _) if !health.status.is_empty() => named(key, health),
            (_, Some(one)) if !one.health.status.is_empty() => named(key, &one.health),
            (None, None) => named(key, &word("Missing")),
            // Nothing checks the health of such an object.
            _ => word("Healthy"),
        }
    };
    let worst = chosen.iter().map(health).max_by_key(|health| rank(&health.status));
    narrowed.status.health = worst.unwrap_or_else(|| word("Healthy"));
    narrowed
}

fn word(status: &str) -> Health {
    Health { status: status.to_owned(), message: String::new() }
}

/// With the object in front of the message, where it is not as it should be.
fn named(key: &ObjectKey, health: &Health) -> Health {
    let Health { status, message } = health;
    let message = match (status.as_str(), message.as_str()) {
        ("Healthy", _) => String::new(),
        (_, "") => key.short(),
        (_, message) => format!("{}: {message}", key.short()),
    };
    Health { status: status.clone(), message }
}

/// How bad it is (ARGO-34). What goes on comes before what stands still: it may still get better or worse.
fn rank(status: &str) -> usize {
    let order = ["Healthy", "Suspended", "Progressing", "Unknown", "Missing", "Degraded"];
    order.iter().position(|known| *known == status).unwrap_or(order.len())
}

/// How many other objects still differ.
pub(super) fn others(app: &App, chosen: &[ObjectKey]) -> usize {
    let differs = |one: &&ResourceStatus| {
        one.status == "OutOfSync"
            && !chosen.iter().any(|key| key.is(&one.group, &one.kind, &one.namespace, &one.name))
    };
    app.status.resources.iter().filter(differs).count()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn item(group: &str, kind: &str, name: &str, live: &Value, target: &Value) -> ManagedItem {
        ManagedItem {
            group: group.to_owned(),
            kind: kind.to_owned(),
            namespace: "default".to_owned(),
            name: name.to_owned(),
            live_state: live.to_string(),
            normalized_live_state: live.to_string(),
            target_state: target.to_string(),
            predicted_live_state: target.to_string(),
            ..ManagedItem::default()
        }
    }

    fn deployment(image: &str) -> Value {
        json!({ "spec": { "template": { "spec": { "containers": [{ "name": "app", "image": image }] } } } })
    }

    fn items() -> Vec<ManagedItem> {
        vec![
            item("apps", "Deployment", "api", &deployment("w:1"), &deployment("w:2")),
            item("apps", "Deployment", "worker", &deployment("w:1"), &deployment("w:2")),
            item(
                "",
                "ConfigMap",
                "api",
                &json!({ "data": { "a": "1" } }),
                &json!({ "data": { "a": "2" } }),
            ),
            item("", "ConfigMap", "same", &json!({ "data": {} }), &json!({ "data": {} })),
            item("", "Service", "old", &json!({ "spec": {} }), &Value::Null),
        ]
    }

    fn chosen(patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<String> = patterns.iter().map(|&one| one.to_owned()).collect();
        Part::of(&items(), &patterns).only().objects
    }

    #[test]
    fn argo_26_objects_are_named_in_every_form_that_people_see() {
        for form in
            ["Deployment/api", "apps/Deployment/api", "Deployment/default/api", "apps/*/*/api"]
        {
            assert_eq!(chosen(&[form]), ["apps/Deployment/default/api"], "{form}");
        }
        assert_eq!(chosen(&["*/api"]), ["/ConfigMap/default/api", "apps/Deployment/default/api"]);
        assert_eq!(chosen(&["Deployment/*"]).len(), 2);
        assert_eq!(chosen(&["api"]), [""; 0], "a name alone names no kind");
    }

    #[test]
    fn argo_26_only_what_was_chosen_changes_in_the_plan() {
        let part = Part::of(&items(), &["Deployment/api".to_owned()]);
        assert_eq!(
            (part.delta.images.len(), part.delta.objects.len(), part.only().stays),
            (1, 0, 2)
        );
        assert!(part.delta.gone.is_empty(), "the other one still runs the old image");
        assert_eq!(part.obstacle(Mode::Start), None);
        assert_eq!(part.obstacle(Mode::Watch), Some(Obstacle::WholeByItself));
        let none = Part::of(&items(), &["Deployment/apo".to_owned()]).obstacle(Mode::Start);
        assert_eq!(none, Some(Obstacle::NoSuchObject { asked: vec!["Deployment/apo".to_owned()] }));
        for same in ["ConfigMap/same", "Service/old"] {
            let part = Part::of(&items(), &[same.to_owned()]);
            assert_eq!(part.obstacle(Mode::Start), Some(Obstacle::NothingToDo), "{same}");
        }
        let told: Vec<String> =
            offers(&items()).into_iter().map(|o| format!("{} {}", o.title, o.note)).collect();
        assert_eq!(
            told,
            ["ConfigMap/api OutOfSync", "Deployment/api 1 → 2", "Deployment/worker 1 → 2"]
        );
    }

    #[test]
    fn argo_26_the_rest_of_the_application_is_not_judged() {
        let app: App = serde_json::from_value(json!({ "status": {
            "sync": { "status": "OutOfSync", "revision": "r" },
            "health": { "status": "Degraded" },
            "resources": [
                { "group": "apps", "kind": "Deployment", "namespace": "default", "name": "api", "status": "Synced" },
                { "group": "apps", "kind": "Deployment", "namespace": "default", "name": "worker", "status": "OutOfSync" },
                { "kind": "ConfigMap", "namespace": "default", "name": "api", "status": "Synced" },
            ],
        } }))
        .unwrap();
        let nodes = |api: &str| -> Vec<Node> {
            serde_json::from_value(json!([
                { "group": "apps", "kind": "Deployment", "namespace": "default", "name": "api",
                  "health": { "status": api, "message": "1 of 2" } },
                { "group": "apps", "kind": "Deployment", "namespace": "default", "name": "worker",
                  "health": { "status": "Degraded" } },
                { "kind": "ConfigMap", "namespace": "default", "name": "api" },
            ]))
            .unwrap()
        };
        let api = Part::of(&items(), &["*/api".to_owned()]).chosen;
        let seen = narrowed(&app, &nodes("Healthy"), &api);
        assert_eq!(
            (seen.status.sync.status.as_str(), seen.status.health.status.as_str()),
            ("Synced", "Healthy")
        );
        let seen = narrowed(&app, &nodes("Progressing"), &api);
        assert_eq!(seen.status.health.message, "Deployment/api: 1 of 2");
        assert_eq!(others(&app, &api), 1);
        let worker = Part::of(&items(), &["Deployment/worker".to_owned()]).chosen;
        let seen = narrowed(&app, &nodes("Healthy"), &worker);
        assert_eq!(
            (seen.status.sync.status.as_str(), seen.status.health.status.as_str()),
            ("OutOfSync", "Degraded")
        );
        assert_eq!(narrowed(&App::default(), &[], &api).status.health.status, "Missing");
    }
}
