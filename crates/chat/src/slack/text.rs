//! Slack's text: what people typed is in it with `&amp;`, `&lt;`, `&gt;` escaped and with entities in angle
//! brackets, and what we write has to be escaped the same way.
//!
//! Source: "Formatting text for app surfaces" of Slack's documentation; SLACK-17.

/// What somebody typed, in plain characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Typed {
    /// Without mentions of the bot.
    pub(crate) text: String,
    /// The bot was mentioned.
    pub(crate) mentioned: bool,
}

/// Reads what stands in `text` of a message. `me` is the bot's own account.
pub(crate) fn read(text: &str, me: &str) -> Typed {
    let mut typed = Typed::default();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        typed.text.push_str(&unescape(&rest[..open]));
        let inside = &rest[open + 1..];
        let Some(close) = inside.find('>') else {
            rest = &rest[open..];
            break;
        };
        entity(&inside[..close], me, &mut typed);
        rest = &inside[close + 1..];
    }
    typed.text.push_str(&unescape(rest));
    typed.text = typed.text.trim().to_owned();
    typed
}

/// One entity: people see its label, and so did who wrote it.
fn entity(inside: &str, me: &str, typed: &mut Typed) {
    let (what, label) = match inside.split_once('|') {
        Some((what, label)) => (what, Some(label).filter(|label| !label.is_empty())),
        None => (inside, None),
    };
    if let Some(user) = what.strip_prefix('@') {
        if user == me {
            typed.mentioned = true;
            return;
        }
        typed.text.push('@');
        typed.text.push_str(&unescape(label.unwrap_or(user)));
    } else if let Some(channel) = what.strip_prefix('#') {
        typed.text.push('#');
        typed.text.push_str(&unescape(label.unwrap_or(channel)));
    } else if let Some(special) = what.strip_prefix('!') {
        // `<!here>`, `<!subteam^S01|@ops>`, `<!date^1392734382^{date}|18 February 2014>`.
        match label {
            Some(label) => typed.text.push_str(&unescape(label)),
            None => {
                let name = special.split('^').next_back().unwrap_or(special);
                typed.text.push('@');
                typed.text.push_str(&unescape(name));
            }
        }
    } else {
        // A link. `wallet-api.io` comes as `<http://wallet-api.io|wallet-api.io>`: nobody typed the rest.
        typed.text.push_str(&unescape(label.unwrap_or(what)));
    }
}

/// The three characters that Slack escapes, back to what was typed. `&amp;lt;` is `&lt;` as typed, so the ampersand
/// comes last.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Text from anywhere as it may stand in `text` of a message: no mention, link or channel can come of it. At most so
/// many characters as escaped, with a mark where something was left out.
pub(crate) fn escape(text: &str, most: usize) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut left = most;
    for c in text.chars() {
        let mut one = [0; 4];
        let as_escaped = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            _ => c.encode_utf8(&mut one),
        };
        let Some(after) = left.checked_sub(as_escaped.chars().count()) else {
            escaped.push('…');
            break;
        };
        left = after;
        escaped.push_str(as_escaped);
    }
    escaped
}

/// The beginning of a text, at most so many characters of it, with a mark where something was left out.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        read(text, "U0BOT").text
    }

    #[test]
    fn slack_17_what_was_typed_is_read_out_of_what_slack_makes_of_it() {
        for (slack, typed) in [
            ("deploy wallet-api", "deploy wallet-api"),
            ("a &lt;b&gt; &amp; c", "a <b> & c"),
            ("&amp;lt;", "&lt;"),
            ("deploy <http://wallet-api.io|wallet-api.io>", "deploy wallet-api.io"),
            ("see <https://a.example/x?y=1&amp;z=2>", "see https://a.example/x?y=1&z=2"),
            ("<mailto:a@b.example|a@b.example>", "a@b.example"),
            ("in <#C01|deploy> and <#C02>", "in #deploy and #C02"),
            ("ask <@U02> or <@U03|jun>", "ask @U02 or @jun"),
            ("<!here> <!subteam^S01|@ops> <!subteam^S02>", "@here @ops @S02"),
            ("<!date^1392734382^{date}|18 February>", "18 February"),
            ("half <https://a.example", "half <https://a.example"),
            ("  배포 wallet-api\u{a0}", "배포 wallet-api"),
            ("<>", ""),
        ] {
            assert_eq!(plain(slack), typed, "{slack}");
        }
    }

    #[test]
    fn a_mention_of_the_bot_is_taken_out_and_told() {
        let typed = read("<@U0BOT> deploy wallet-api", "U0BOT");
        assert_eq!(typed, Typed { text: "deploy wallet-api".into(), mentioned: true });
        let named = read("hey <@U0BOT|wilco>", "U0BOT");
        assert_eq!(named, Typed { text: "hey".into(), mentioned: true });
        assert!(!read("<@U0BOTX> x", "U0BOT").mentioned);
    }

    #[test]
    fn slack_17_nothing_can_be_injected_and_all_of_it_comes_back() {
        for text in ["<!channel> & <@U01>", "a < b && c > d", "&lt;!here&gt;", ""] {
            let escaped = escape(text, 100);
            assert!(!escaped.contains(['<', '>']), "{escaped}");
            assert_eq!(plain(&escaped), text);
        }
    }

    #[test]
    fn slack_16_what_is_escaped_is_cut_between_characters_and_never_within_an_entity() {
        assert_eq!(escape("a > b", 8), "a &gt; b");
        assert_eq!(escape("a > b", 7), "a &gt; …");
        assert_eq!(escape("a > b", 5), "a …");
        assert_eq!(escape(&">".repeat(5_000), 3_500).chars().count(), 3_501);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("배포합니다", 5), "배포합니다");
        assert_eq!(cut("배포합니다", 4), "배포합…");
        assert_eq!(cut("", 4), "");
    }
}
