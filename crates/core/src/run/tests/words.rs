//! Cards on a phone, and both languages.

use super::{Model, SECOND, Setup};
use crate::lang::{Lang, Text};
use crate::run::card::{Row, squeeze};

const MANY: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

#[test]
fn at_most_five_lines_stand_before_the_buttons() {
    for lang in [Lang::En, Lang::Ko, Lang::Both] {
        for count in 1..=MANY.len() {
            let setup = Setup { targets: MANY[..count].to_vec(), lang, ..Setup::default() };
            let model = Model::with_run(&setup);
            let card = model.card();
            let most = if lang == Lang::Both { 10 } else { 5 };
            assert!(card.text.lines().count() <= most, "{lang:?} {count}:\n{}", card.text);
            let all = format!("{}\n{}", card.text, card.more);
            for name in &MANY[..count] {
                assert!(all.contains(&format!("· {name} 1.4.2 → 1.5.0")), "{name} in\n{all}");
            }
        }
    }
}

#[test]
fn hidden_rows_are_counted() {
    let row = |i: usize| Row::plain(Text::verbatim(format!("row {i}")));
    let rows = |n: usize| (0..n).map(row).collect::<Vec<_>>();
    let head = Text::verbatim("head");
    let (text, more) = squeeze(head.clone(), rows(5), &Text::verbatim("foot"));
    assert_eq!(text.en, "head\nrow 0\nrow 1\n… and 3 more\nfoot");
    assert_eq!(more.en.lines().count(), 5);
    let (text, more) = squeeze(head, rows(4), &Text::default());
    assert_eq!((text.en.lines().count(), more.en.as_str()), (5, ""));
}

#[test]
fn a_korean_room_reads_korean() {
    let mut model = Model::with_run(&Setup { lang: Lang::Ko, ..Setup::default() });
    let digest = model.run(1).plan.digest.short().to_owned();
    assert_eq!(
        model.card().text,
        format!(
            "[production] r1 배포: 승인 대기\n· wallet 1.4.2 → 1.5.0\n\
             @leads 09:30까지 승인 또는 반려해 주세요. 요청 mina 님, 계획 {digest}"
        )
    );
    model.until_following();
    model.pass(40 * SECOND);
    model.healthy(0);
    assert_eq!(model.last().text, "r1 완료\n✓ wallet 1.4.2 → 1.5.0: Healthy (40초)");
}

#[test]
fn in_a_room_of_both_a_button_is_one_line() {
    let model = Model::with_run(&Setup { lang: Lang::Both, ..Setup::default() });
    assert_eq!(model.card().buttons[0].label, "승인 / Approve");
}
