//! How people write the names of environments in the configuration: what was meant for production and
//! is not its name.

use crate::target::PRODUCTION;

use super::{fold, normalise};

/// How other houses call it, without case, punctuation and the number of a second one.
const ALSO: &[&str] = &[PRODUCTION, "prod", "prd", "live", "운영", "상용", "프로덕션", "라이브"];

/// A slip of the fingers is at most as many letters.
const SLIPS: usize = 2;

/// Whether a name of an environment was probably meant for [`PRODUCTION`] and is not it: another
/// case, a slip of the fingers, what others call it. What is taken for another environment loses
/// every care that production gets, without a word.
#[must_use]
pub fn almost_production(name: &str) -> bool {
    if name == PRODUCTION {
        return false;
    }
    let word: String = normalise(name).chars().filter(|c| c.is_alphabetic()).collect();
    let slips = strsim::damerau_levenshtein(&fold(name), PRODUCTION);
    ALSO.contains(&word.as_str()) || slips <= SLIPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_were_meant_for_production() {
        for name in [
            "Production",
            "PRODUCTION",
            "production ",
            "ｐｒｏｄｕｃｔｉｏｎ",
            "prodcution",
            "prodution",
            "productoin",
            "produktion",
            "productions",
            "prod",
            "Prod",
            "PRD",
            "prod-1",
            "prod2",
            "live",
            "운영",
            "\u{110b}\u{116e}\u{11ab}영",
        ] {
            assert!(almost_production(name), "{name}");
        }
        for name in [
            PRODUCTION,
            "stage",
            "staging",
            "dev",
            "preprod",
            "pre-prod",
            "nonprod",
            "pre-production",
            "preproduction",
            "non-production",
            "product",
            "prod-copy",
            "olive",
            "개발",
            "",
        ] {
            assert!(!almost_production(name), "{name}");
        }
    }
}
