//! What people may write, and how they call the bot.

/// The longest text of a message, in characters; what Slack takes as well.
pub const MAX_TEXT_CHARS: usize = 40_000;

/// How people call the bot: `@wilco`.
pub const BOT_HANDLE: &str = "wilco";

/// Takes every `@wilco` out of a text; whether there was one comes first.
///
/// `@wilcox`, `me@wilco` and `@wilco.example` are not calls. What belongs to the call goes with it:
/// the comma or colon in `@wilco: help`, and a Korean form of address (`@wilco님`, `@wilco야`).
pub(super) fn split_mention(text: &str) -> (bool, String) {
    let mut kept = String::with_capacity(text.len());
    let mut found = false;
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, call) = rest.split_at(at);
        kept.push_str(before);
        let stands_alone = !kept.ends_with(|c: char| c.is_alphanumeric() || c == '.');
        if let Some(after) = after_handle(call).filter(|_| stands_alone) {
            found = true;
            // One space between the words around it, none at either end.
            rest = if kept.is_empty() || kept.ends_with(char::is_whitespace) {
                after.trim_start_matches([' ', '\t'])
            } else {
                after
            };
        } else {
            kept.push('@');
            rest = &call[1..];
        }
    }
    kept.push_str(rest);
    let kept = if found { kept.trim().to_owned() } else { kept };
    (found, kept)
}

/// What follows `@wilco` at the start of a text.
fn after_handle(text: &str) -> Option<&str> {
    let name = text.strip_prefix('@')?;
    let (handle, after) = name.split_at_checked(BOT_HANDLE.len())?;
    if !handle.eq_ignore_ascii_case(BOT_HANDLE) {
        return None;
    }
    let mut next = after.chars();
    let goes_on = match next.next() {
        Some(c) if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '@') => true,
        Some('.') => next.next().is_some_and(char::is_alphanumeric),
        _ => false,
    };
    if goes_on {
        return None;
    }
    let after = ["님", "아", "야"]
        .iter()
        .find_map(|address| after.strip_prefix(address))
        .filter(|after| !after.starts_with(char::is_alphanumeric))
        .unwrap_or(after);
    Some(after.trim_start_matches([',', ':', ';', '，']))
}

#[cfg(test)]
mod tests {
    use super::split_mention;

    #[test]
    fn a_call_is_found_and_taken_out() {
        for (text, rest) in [
            ("@wilco deploy", "deploy"),
            ("@Wilco", ""),
            ("hey @wilco, help", "hey help"),
            ("@wilco: help", "help"),
            ("배포 @wilco wallet-api", "배포 wallet-api"),
            ("@wilco님 헬프", "헬프"),
            ("@wilco아침 배포", "아침 배포"),
            ("@wilco.", "."),
            ("@wilco @wilco help", "help"),
            ("line\n@wilco help", "line\nhelp"),
        ] {
            assert_eq!(split_mention(text), (true, rest.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_call_stays() {
        for text in
            ["@wilcox deploy", "me@wilco", "@wilco.example.com", "wilco", "@", "@월코", "  x "]
        {
            assert_eq!(split_mention(text), (false, text.to_owned()), "{text:?}");
        }
    }
}
