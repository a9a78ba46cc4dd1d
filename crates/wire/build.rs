//! Compiles `proto/` with protox (pure Rust): no system protoc.
use std::{collections::BTreeSet, env, fs, path::Path, path::PathBuf};

type BoxError = Box<dyn std::error::Error>;

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by environment where things are"
)]
fn main() -> Result<(), BoxError> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", root.display());

    let mut files = Vec::new();
    proto_files(&root, &mut files)?;
    files.sort();

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(&files)?;
    // The raw set keeps the comments; reflection and the catalogue test read them.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    fs::write(out.join("event.rs"), event_types(&compiler))?;

    tonic_prost_build::configure()
        .bytes(".")
        .btree_map(".")
        .emit_rerun_if_changed(false)
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

/// A constant with the stored name of every message of a `oneof event`.
fn event_types(compiler: &protox::Compiler) -> String {
    let mut constants = BTreeSet::new();
    for message in compiler.file_descriptor_set().file.iter().flat_map(|file| &file.message_type) {
        for field in &message.field {
            let choice = field.oneof_index.map(|index| &message.oneof_decl[index as usize]);
            if choice.is_some_and(|choice| choice.name() == "event") {
                let full = field.type_name().trim_start_matches('.');
                let name = screaming(full.rsplit('.').next().unwrap_or(full));
                constants.insert(format!("/// `{full}`.\npub const {name}: &str = \"{full}\";\n"));
            }
        }
    }
    constants.into_iter().collect()
}

/// `TicketRegistered` as `TICKET_REGISTERED`.
fn screaming(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(letter.to_uppercase());
    }
    out
}

fn proto_files(dir: &Path, found: &mut Vec<PathBuf>) -> Result<(), BoxError> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            proto_files(&path, found)?;
        } else if path.extension().is_some_and(|ext| ext == "proto") {
            found.push(path);
        }
    }
    Ok(())
}
