//! Short names of repositories: from the configuration, else the last part of the path, made unique.

use std::collections::{BTreeMap, BTreeSet};

/// A short, unique name for each of these URLs.
pub(super) fn short_names(
    urls: &BTreeSet<String>,
    configured: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for (url, name) in urls.iter().filter_map(|url| Some((url, configured.get(url)?))) {
        // Two URLs under one configured name would be one choice for two things.
        let name = if taken.contains(name) { url } else { name };
        taken.insert(name.clone());
        names.insert(url.clone(), name.clone());
    }
    let mut rest: Vec<&String> = urls.iter().filter(|url| !names.contains_key(*url)).collect();
    // One more part of the path in each round, for those that are not unique yet.
    for depth in 1.. {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for url in &rest {
            *count.entry(tail(url, depth)).or_default() += 1;
        }
        let (unique, shared): (Vec<_>, Vec<_>) = rest.into_iter().partition(|url| {
            let name = tail(url, depth);
            count.get(&name) == Some(&1) && !taken.contains(&name)
        });
        for url in unique {
            let name = tail(url, depth);
            taken.insert(name.clone());
            names.insert(url.clone(), name);
        }
        let (longer, whole): (Vec<_>, Vec<_>) =
            shared.into_iter().partition(|url| parts(url).len() > depth);
        // Nothing shorter tells them apart.
        names.extend(whole.into_iter().map(|url| (url.clone(), url.clone())));
        rest = longer;
        if rest.is_empty() {
            break;
        }
    }
    names
}

fn parts(url: &str) -> Vec<&str> {
    let path = url.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    path.split(['/', ':']).filter(|part| !part.is_empty()).collect()
}

/// The last `depth` parts of a URL, without `.git`.
fn tail(url: &str, depth: usize) -> String {
    let parts = parts(url);
    parts[parts.len().saturating_sub(depth)..].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_unique() {
        let urls: BTreeSet<String> = [
            "https://git.example/team-a/charts.git",
            "https://git.example/team-b/charts.git",
            "git@git.example:shop/wallet.git",
            "https://git.example/x/지갑",
            "https://git.example/shop/named.git",
        ]
        .map(str::to_owned)
        .into();
        let configured = BTreeMap::from([(
            "https://git.example/shop/named.git".to_owned(),
            "gamedosi-web".to_owned(),
        )]);
        let names = short_names(&urls, &configured);
        let of = |url: &str| names[url].as_str();
        assert_eq!(of("https://git.example/team-a/charts.git"), "team-a/charts");
        assert_eq!(of("https://git.example/team-b/charts.git"), "team-b/charts");
        assert_eq!(of("git@git.example:shop/wallet.git"), "wallet");
        assert_eq!(of("https://git.example/x/지갑"), "지갑");
        assert_eq!(of("https://git.example/shop/named.git"), "gamedosi-web");
    }

    #[test]
    fn two_urls_of_one_repository_stay_two() {
        let urls: BTreeSet<String> =
            ["https://h/a/b", "https://h/a/b.git"].map(str::to_owned).into();
        let names = short_names(&urls, &BTreeMap::new());
        let distinct: BTreeSet<&String> = names.values().collect();
        assert_eq!(distinct.len(), 2, "{names:?}");
    }
}
