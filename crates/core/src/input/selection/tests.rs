//! What answers mean, form by form, and that no text panics or takes for ever.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::Selection::{
    All, Ambiguous, Chosen, Empty, NotInList, NotUnderstood, OutOfRange, TooMany,
};
use super::*;

/// Items numbered from 1; several names of one item stand between bars.
fn list<'a>(lines: &[&'a str]) -> Vec<Item<'a>> {
    lines
        .iter()
        .zip(1..)
        .map(|(line, number)| {
            let mut names = line.split('|');
            Item { number, value: names.next().unwrap_or_default(), names: names.collect() }
        })
        .collect()
}

fn apps() -> Vec<Item<'static>> {
    list(&[
        "main/argocd/wallet|wallet|월렛",
        "main/argocd/wallet-api|wallet-api|월렛 API",
        "main/argocd/wallet-web|wallet-web",
        "main/argocd/gamedosi-web|gamedosi-web|게임도시",
        "payment api|결제 API",
        "payment worker",
        "admin",
        "batch",
        "cron",
        "docs",
    ])
}

fn not_in(what: &str) -> Selection {
    NotInList { what: what.to_owned() }
}

fn unclear(what: &str, candidates: &[usize]) -> Selection {
    Ambiguous { what: what.to_owned(), candidates: candidates.to_vec() }
}

fn out(number: u64) -> Selection {
    OutOfRange { number, max: 10 }
}

#[test]
fn one_answer() {
    for (typed, expected) in [
        ("1", Chosen(vec![0])),
        ("10", Chosen(vec![9])),
        ("２", Chosen(vec![1])),
        ("②", Chosen(vec![1])),
        ("2번", Chosen(vec![1])),
        ("2.", Chosen(vec![1])),
        ("2)", Chosen(vec![1])),
        ("#2", Chosen(vec![1])),
        ("02", Chosen(vec![1])),
        ("0", out(0)),
        ("11", out(11)),
        ("100", out(100)),
        ("99999999999999999999999", out(u64::MAX)),
        ("-1", not_in("-1")),
        ("wallet", Chosen(vec![0])),
        ("WALLET-API", Chosen(vec![1])),
        ("\"wallet-api\"!", Chosen(vec![1])),
        ("wallet–api", Chosen(vec![1])),
        ("wallet-", unclear("wallet-", &[1, 2])),
        ("wal", unclear("wal", &[0, 1, 2])),
        ("wallet-a", Chosen(vec![1])),
        ("main/argocd/wallet", Chosen(vec![0])),
        ("월렛", Chosen(vec![0])),
        ("월렛 api", Chosen(vec![1])),
        ("게임", Chosen(vec![3])),
        ("payment api", Chosen(vec![4])),
        ("payment w", Chosen(vec![5])),
        ("payment", unclear("payment", &[4, 5])),
        ("payment x", not_in("payment x")),
        ("admin wallet", TooMany),
        ("2 - wallet-api", Chosen(vec![1])),
        ("2. wallet-api", Chosen(vec![1])),
        ("2. admin", TooMany),
        ("1,3", TooMany),
        ("1-3", TooMany),
        ("1-1", Chosen(vec![0])),
        ("2 2", Chosen(vec![1])),
        ("all", TooMany),
        ("전체", TooMany),
        ("", Empty),
        (" \u{200B}\u{FEFF}\n ", Empty),
        ("!!!", NotUnderstood),
        ("👍", NotUnderstood),
        (",", NotUnderstood),
        ("مرحبا", not_in("مرحبا")),
        ("wallte", not_in("wallte")),
    ] {
        assert_eq!(select(typed, &apps(), false), expected, "{typed}");
    }
}

#[test]
fn several_answers() {
    for (typed, expected) in [
        ("1,3-5", Chosen(vec![0, 2, 3, 4])),
        ("1 3 5", Chosen(vec![0, 2, 4])),
        ("1~3", Chosen(vec![0, 1, 2])),
        ("1, 3", Chosen(vec![0, 2])),
        ("1번 3번", Chosen(vec![0, 2])),
        ("1번,3번", Chosen(vec![0, 2])),
        ("①③", Chosen(vec![0, 2])),
        ("5-3", Chosen(vec![4, 3, 2])),
        ("3,1,3,1-2", Chosen(vec![2, 0, 1])),
        ("1-4000000000", out(4_000_000_000)),
        ("1-99999999999999999999999", out(u64::MAX)),
        ("0-3", out(0)),
        ("1,11", out(11)),
        ("1,", Chosen(vec![0])),
        ("all", All),
        ("ALL!", All),
        ("전체", All),
        ("모두", All),
        ("미ㅣ", All),
        ("admin, wallet", Chosen(vec![6, 0])),
        ("admin wallet", Chosen(vec![6, 0])),
        ("admin and wallet", Chosen(vec![6, 0])),
        ("admin 그리고 월렛", Chosen(vec![6, 0])),
        ("1 and 3", Chosen(vec![0, 2])),
        ("- admin\n- wallet\n- payment api\n", Chosen(vec![6, 0, 4])),
        ("admin payment api wallet", Chosen(vec![6, 4, 0])),
        ("payment api payment worker", Chosen(vec![4, 5])),
        ("\"payment api\" admin", Chosen(vec![4, 6])),
        ("'payment w', 1", Chosen(vec![5, 0])),
        ("1, admin", Chosen(vec![0, 6])),
        ("1 admin 3-4", Chosen(vec![0, 6, 2, 3])),
        ("admin wallet-", unclear("wallet-", &[1, 2])),
        ("admin nonsense", not_in("nonsense")),
        ("admin, other app", not_in("other app")),
        ("other app", not_in("other app")),
        ("1-3-5", not_in("1-3-5")),
    ] {
        assert_eq!(select(typed, &apps(), true), expected, "{typed}");
    }
}

#[test]
fn hangul_in_any_form_and_the_other_layout() {
    let nfd: String = "월렛".nfd().collect();
    let items = list(&["결제", nfd.as_str(), "wallet-api", "빨간배포"]);
    for (typed, expected) in [
        ("월렛", Chosen(vec![1])),
        (nfd.as_str(), Chosen(vec![1])),
        ("ㅇㅝㄹㄹㅔㅅ", Chosen(vec![1])),
        ("dnjffpt", Chosen(vec![1])),
        ("dnjf", Chosen(vec![1])),
        ("ㅈ미ㅣㄷㅅ-메ㅑ", Chosen(vec![2])),
        ("ㅈ미ㅣ", Chosen(vec![2])),
        ("Qkfrksqovh", Chosen(vec![3])),
        ("Rufwp", Chosen(vec![0])),
        ("Dnjffpt", Chosen(vec![1])),
    ] {
        assert_eq!(select(typed, &items, false), expected, "{typed}");
    }
}

#[test]
fn names_that_are_numbers() {
    let items = list(&["2", "1", "3", "2024", "2024-01 report", "7번", "all"]);
    for (typed, expected) in [
        ("1", unclear("1", &[0, 1])),
        ("1번", Chosen(vec![0])),
        ("#1", Chosen(vec![0])),
        ("\"1\"", Chosen(vec![1])),
        ("\"4\"", Chosen(vec![3])),
        ("3", Chosen(vec![2])),
        ("2024", Chosen(vec![3])),
        ("4", Chosen(vec![3])),
        ("2024-01", Chosen(vec![4])),
        ("20", OutOfRange { number: 20, max: 7 }),
        ("7번", unclear("7번", &[5, 6])),
        ("6", Chosen(vec![5])),
        ("3,1", unclear("1", &[0, 1])),
    ] {
        assert_eq!(select(typed, &items, true), expected, "{typed}");
    }
    assert_eq!(select("all", &items, true), Chosen(vec![6]), "an item of that name comes first");
}

#[test]
fn the_same_name_twice_is_a_question() {
    let items = list(&["main/a/wallet|wallet", "main/b/wallet|wallet", "walletx"]);
    assert_eq!(select("wallet", &items, false), unclear("wallet", &[0, 1]));
    assert_eq!(select("main/b/wallet", &items, false), Chosen(vec![1]));
}

#[test]
fn punctuation_around_a_name_counts_only_when_it_must() {
    let items = list(&["app", "app!", "(beta)", "_x_"]);
    assert_eq!(select("app", &items, false), Chosen(vec![0]));
    assert_eq!(select("app!", &items, false), Chosen(vec![1]));
    assert_eq!(select("app?", &items, false), Chosen(vec![0]));
    assert_eq!(select("beta", &items, false), Chosen(vec![2]));
    assert_eq!(select("_x_", &items, false), Chosen(vec![3]));
}

#[test]
fn hidden_numbers_leave_gaps() {
    let mut items = list(&["a", "b", "c"]);
    items[1].number = 5;
    items[2].number = 7;
    assert_eq!(select("5", &items, true), Chosen(vec![1]));
    assert_eq!(select("2", &items, true), not_in("2"));
    assert_eq!(select("1-7", &items, true), Chosen(vec![0, 1, 2]));
    assert_eq!(select("1-6", &items, true), not_in("6"));
    assert_eq!(select("8", &items, true), OutOfRange { number: 8, max: 7 });
}

#[test]
fn an_empty_list_and_a_list_of_one() {
    assert_eq!(select("1", &[], true), OutOfRange { number: 1, max: 0 });
    assert_eq!(select("all", &[], true), not_in("all"));
    assert_eq!(select("a", &[], false), not_in("a"));
    assert_eq!(select("all", &list(&["a"]), false), Chosen(vec![0]));
    assert_eq!(select("x", &list(&[""]), false), not_in("x"));
}

#[test]
fn searching_a_part() {
    let items = apps();
    assert_eq!(find("web", &items), vec![2, 3]);
    assert_eq!(find("wallet", &items), vec![0, 1, 2]);
    assert_eq!(find("api", &items), vec![1, 4]);
    assert_eq!(find("도시", &items), vec![3]);
    assert_eq!(find("api wallet", &items), vec![1]);
    assert_eq!(find("ㅈㄷㅠ", &items), vec![2, 3]);
    assert_eq!(find("rpdla", &items), vec![3]);
    assert_eq!(find("zzz", &items), Vec::<usize>::new());
    assert_eq!(find(" ", &items), Vec::<usize>::new());
    let exact_first = list(&["my-app", "app-two", "app"]);
    assert_eq!(find("app", &exact_first), vec![2, 1, 0]);
}

#[test]
fn a_long_text_is_repeated_shortened() {
    let NotInList { what } = select(&"가".repeat(150), &apps(), false) else {
        panic!("a long word is no name of the list");
    };
    assert_eq!(what.chars().count(), SHOWN_CHARS + 1);
    assert_eq!(select(&"lorem ipsum ".repeat(40), &apps(), false), NotUnderstood);
}

#[test]
fn endless_texts_take_bounded_time() {
    let names: Vec<String> = (0..2_000).map(|i| format!("team {} app-{i}", i % 7)).collect();
    let items = list(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for pattern in [
        "a",
        "1",
        "1 ",
        "1-2000 ",
        "1,",
        "team ",
        "team 1 app-1 ",
        "app-1 app-1,",
        "\"",
        "\"a ",
        "' ",
        "`x` ",
        "가",
        "ㅗ",
        "ㄱㅏ",
        "👍",
        "👨‍👩‍👧",
        "مرحبا ",
        "\u{202E}",
        "\u{301}",
        "( ",
        "1번",
        "#",
        ", ",
        "\n",
        "and ",
        "-",
        "~1",
        "①",
        "e\u{301}",
    ] {
        let text: String = pattern.chars().cycle().take(40_000).collect();
        #[expect(clippy::disallowed_methods, reason = "measures that a test takes bounded time")]
        let start = Instant::now();
        for many in [false, true] {
            let _ = select(&text, &items, many);
        }
        let _ = (find(&text, &items), keyword(&text));
        // Far above what it takes (milliseconds); a quadratic reading would need minutes.
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{pattern:?} took {:?}",
            start.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn an_index_is_never_out_of_bounds(
        any in prop::collection::vec(any::<char>(), 0..40),
        near in "([0-9]{1,2}|[ ,~번#)(.\"'-]|wal|wallet|월|렛|api|all|전체|and|ㅈ){0,12}",
        names in prop::collection::vec("[a-c월렛0-9 -]{0,5}", 0..12),
        many in any::<bool>(),
    ) {
        let items = list(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for text in [any.into_iter().collect::<String>(), near] {
            prop_assert!(find(&text, &items).iter().all(|i| *i < items.len()));
            match select(&text, &items, many) {
                Chosen(chosen) => {
                    prop_assert!(!chosen.is_empty() && chosen.iter().all(|i| *i < items.len()));
                    prop_assert!(many || chosen.len() == 1);
                    let mut once = chosen.clone();
                    once.sort_unstable();
                    once.dedup();
                    prop_assert_eq!(once.len(), chosen.len());
                }
                Ambiguous { candidates, .. } => {
                    prop_assert!(candidates.len() > 1 && candidates.iter().all(|i| *i < items.len()));
                }
                All => prop_assert!(many && !items.is_empty()),
                _ => {}
            }
        }
    }

    #[test]
    fn a_number_means_its_own_line_alone(number in 1_usize..=60, count in 1_usize..=40) {
        let names: Vec<String> = (0..count).map(|i| format!("app{i}")).collect();
        let items = list(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let expected = if number <= count {
            Chosen(vec![number - 1])
        } else {
            OutOfRange { number: number as u64, max: items[count - 1].number }
        };
        for text in [format!("{number}"), format!("{number}번"), format!("#{number}"), format!(" {number}) ")] {
            prop_assert_eq!(select(&text, &items, false), expected.clone());
        }
    }

    #[test]
    fn every_full_name_chooses_its_item(names in prop::collection::hash_set("[a-c월렛/.-]{1,6}[a-c월렛]", 1..12)) {
        let names: Vec<String> = names.into_iter().collect();
        let items = list(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for (i, name) in names.iter().enumerate() {
            prop_assert_eq!(select(name, &items, false), Chosen(vec![i]), "{}", name);
        }
    }
}
