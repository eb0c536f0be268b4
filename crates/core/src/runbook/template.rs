//! Templates and conditions: one language, `MiniJinja`, the Jinja2 that operators know from Ansible.
//!
//! Both are compiled when the runbook is loaded, so a mistake in the writing is found before anybody
//! uses it. They see values only: text that comes from a tool is never itself read as a template.
//! A name that does not exist is a fault, not an empty text; a template that runs too long or
//! writes too much is stopped. There are no includes, macros or loaders.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, Expression, UndefinedBehavior};
use serde_json::Value;

use super::template_words;

/// Instructions that one evaluation may take. A condition over an offer takes about ten, so this
/// is far above honest use and far below anything that a person would notice.
const FUEL: u64 = 50_000;
/// The longest template, in bytes.
const SOURCE_MAX_BYTES: usize = 8 * 1024;
/// The longest value that a template may yield, in bytes: the names of several thousand targets.
const OUTPUT_MAX_BYTES: usize = 1024 * 1024;
/// How deep values and calls may nest.
const RECURSION_MAX: usize = 64;
/// What the one template of an environment is called; nobody sees it.
const TEMPLATE: &str = "template";

/// The language, for all templates alike.
static LANGUAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut language = Environment::new();
    language.set_undefined_behavior(UndefinedBehavior::Strict);
    language.set_auto_escape_callback(|_| AutoEscape::None);
    language.set_fuel(Some(FUEL));
    language.set_recursion_limit(RECURSION_MAX);
    // `debug()` would print every variable into an argument for a tool.
    language.remove_global("debug");
    // With memory between two rounds a short loop could double a value beyond any bound.
    language.remove_global("namespace");
    language
});

/// A text with `{{ … }}` in it, compiled when the runbook was loaded.
#[derive(Clone)]
pub struct Template {
    source: Arc<str>,
    code: Code,
}

/// What a template was compiled to.
#[derive(Clone)]
enum Code {
    /// No braces: the text itself.
    Literal,
    /// Exactly one `{{ … }}`: its value keeps its type.
    Value(Arc<Expression<'static, 'static>>),
    /// Anything else: a text is written. The environment holds this one template.
    Text(Arc<Environment<'static>>),
}

/// A condition, compiled when the runbook was loaded. It is an expression without braces:
/// `item.sync == "OutOfSync"`.
#[derive(Clone)]
pub struct Condition {
    source: Arc<str>,
    code: Arc<Expression<'static, 'static>>,
}

/// Why a template or condition cannot be read or gave nothing. A mistake in a runbook, so the words
/// are for the person who writes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateFault {
    /// What is wrong.
    pub message: String,
    /// Which bytes of the template are meant, when that is known.
    pub range: Option<Range<usize>>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl TemplateFault {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), range: None, suggestion: None }
    }
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// When it cannot be read, is too long, or uses a filter or test that does not exist.
    pub fn parse(source: &str) -> Result<Self, TemplateFault> {
        check_length(source)?;
        let whole: Arc<str> = source.into();
        if !["{{", "{%", "{#"].iter().any(|open| source.contains(open)) {
            return Ok(Self { source: whole, code: Code::Literal });
        }
        if let Some((inner, _)) = single_expression(source)
            && let Ok(code) = LANGUAGE.compile_expression_owned(inner.to_owned())
        {
            template_words::check(source, true)?;
            return Ok(Self { source: whole, code: Code::Value(Arc::new(code)) });
        }
        let mut own = LANGUAGE.clone();
        own.add_template_owned(TEMPLATE, source.to_owned())
            .map_err(|error| fault(&error, 0, source))?;
        template_words::check(source, true)?;
        Ok(Self { source: whole, code: Code::Text(Arc::new(own)) })
    }

    /// The text that it yields.
    ///
    /// # Errors
    /// When a value is missing, or it takes too long or writes too much.
    pub fn render(&self, vars: &Value) -> Result<String, TemplateFault> {
        match &self.code {
            Code::Literal => Ok(self.source.to_string()),
            Code::Value(code) => match value_of(code, &self.source, vars)? {
                Value::String(text) => Ok(text),
                other => Ok(other.to_string()),
            },
            Code::Text(own) => {
                let mut written = Bounded(Vec::new());
                own.get_template(TEMPLATE)
                    .and_then(|template| template.render_captured_to(Serde(vars), &mut written))
                    .map_err(|error| fault(&error, 0, &self.source))?;
                String::from_utf8(written.0)
                    .map_err(|_| TemplateFault::new("the template did not yield text"))
            }
        }
    }

    /// The value that it yields: a template that is exactly one `{{ expression }}` yields the value
    /// itself, so that a list stays a list; any other yields text.
    ///
    /// # Errors
    /// As [`render`](Self::render).
    pub fn evaluate(&self, vars: &Value) -> Result<Value, TemplateFault> {
        match &self.code {
            Code::Value(code) => value_of(code, &self.source, vars),
            Code::Literal | Code::Text(_) => self.render(vars).map(Value::String),
        }
    }

    /// The names that must be handed to it.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<String> {
        let names = match &self.code {
            Code::Literal => return BTreeSet::new(),
            Code::Value(code) => code.undeclared_variables(false),
            Code::Text(own) => match own.get_template(TEMPLATE) {
                Ok(template) => template.undeclared_variables(false),
                Err(_) => return BTreeSet::new(),
            },
        };
        without_globals(names)
    }

    /// The variable that it hands on unchanged, when it is just `{{ name }}`.
    #[must_use]
    pub fn bare_variable(&self) -> Option<&str> {
        let (inner, _) = single_expression(&self.source)?;
        let inner = inner.trim();
        is_identifier(inner).then_some(inner)
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl Condition {
    /// Compiles a condition.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn parse(source: &str) -> Result<Self, TemplateFault> {
        check_length(source)?;
        if source.trim_start().starts_with("{{") || source.trim_start().starts_with("{%") {
            return Err(TemplateFault::new("a condition is written without braces"));
        }
        let code = LANGUAGE
            .compile_expression_owned(source.to_owned())
            .map_err(|error| fault(&error, 0, source))?;
        template_words::check(source, false)?;
        Ok(Self { source: source.into(), code: Arc::new(code) })
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// As [`Template::render`]; and when what it yields is neither true nor false, because a
    /// forgotten comparison would otherwise count as a yes.
    pub fn holds(&self, vars: &Value) -> Result<bool, TemplateFault> {
        match value_of(&self.code, &self.source, vars)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(TemplateFault::new(format!(
                "the condition `{}` gave {}, neither true nor false",
                self.source,
                shorten(&other.to_string())
            ))),
        }
    }

    /// The names that must be handed to it.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<String> {
        without_globals(self.code.undeclared_variables(false))
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.source).finish()
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.source).finish()
    }
}

/// Whether a text can be the name of a variable.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether the language itself knows this word as `kind` (`filter` or `test`).
pub(super) fn knows(kind: &str, word: &str) -> bool {
    is_identifier(word)
        && LANGUAGE
            .compile_expression_owned(format!("'{word}' is {kind}"))
            .and_then(|expression| expression.eval(()))
            .is_ok_and(|known| known.is_true())
}

/// The inside of a template that is `{{ … }}` and nothing else, and where it begins.
fn single_expression(source: &str) -> Option<(&str, usize)> {
    let trimmed = source.trim();
    let inner = trimmed.strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    let inner = inner.strip_suffix(['-', '+']).unwrap_or(inner);
    let at = inner.as_ptr().addr() - source.as_ptr().addr();
    Some((inner, at))
}

fn check_length(source: &str) -> Result<(), TemplateFault> {
    if source.len() <= SOURCE_MAX_BYTES {
        return Ok(());
    }
    Err(TemplateFault::new(format!(
        "the template has {} bytes; {SOURCE_MAX_BYTES} are allowed",
        source.len()
    )))
}

fn without_globals(names: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let globals: BTreeSet<&str> = LANGUAGE.globals().map(|(name, _)| name).collect();
    names.into_iter().filter(|name| !globals.contains(name.as_str())).collect()
}

fn value_of(
    code: &Expression<'static, 'static>,
    source: &str,
    vars: &Value,
) -> Result<Value, TemplateFault> {
    let value = code.eval(Serde(vars)).map_err(|error| fault(&error, 0, source))?;
    // An expression that ends at a missing key yields "undefined"; strictness only stops its use.
    if value.is_undefined() {
        return Err(TemplateFault::new(format!("`{}` has no value", shorten(source.trim()))));
    }
    let value = serde_json::to_value(&value).map_err(|error| {
        TemplateFault::new(format!("`{source}` yields no plain value: {error}"))
    })?;
    let size = value.as_str().map_or_else(|| value.to_string().len(), str::len);
    if size > OUTPUT_MAX_BYTES {
        return Err(too_much());
    }
    Ok(value)
}

fn too_much() -> TemplateFault {
    TemplateFault::new(format!("the template yields more than {OUTPUT_MAX_BYTES} bytes"))
}

/// `MiniJinja`'s error in our words. `shift` is where its source begins in the template.
fn fault(error: &minijinja::Error, shift: usize, source: &str) -> TemplateFault {
    use std::error::Error as _;
    if error.source().is_some_and(<dyn std::error::Error>::is::<io::Error>)
        || error.kind() == ErrorKind::WriteFailure
    {
        return too_much();
    }
    let range = error.range().map(|range| range.start + shift..range.end + shift);
    let written = range.clone().and_then(|range| source.get(range)).map(shorten);
    let detail = error.detail().unwrap_or_default();
    let message = match (error.kind(), written) {
        (ErrorKind::OutOfFuel, _) => {
            format!("the template takes more than {FUEL} steps and was stopped")
        }
        (ErrorKind::UndefinedError, Some(written)) => format!("`{written}` has no value"),
        (ErrorKind::UndefinedError, None) => "a name in it has no value".to_owned(),
        (kind, _) if detail.is_empty() => kind.to_string(),
        (ErrorKind::SyntaxError, _) => format!("the template cannot be read: {detail}"),
        (kind, _) => format!("{kind}: {detail}"),
    };
    TemplateFault { message, range, suggestion: None }
}

/// The beginning of a text, for a message.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_MAX_BYTES {
            return Err(io::Error::other("too much"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
