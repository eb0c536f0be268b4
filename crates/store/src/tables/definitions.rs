//! `definitions`: sources under their hash, kept when first used.

statements! {
    /// Keeps a definition; a known one changes nothing.
    KEEP = "INSERT INTO definitions (hash, source) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";

    /// A definition.
    GET = "SELECT source FROM definitions WHERE hash = $1";
}
