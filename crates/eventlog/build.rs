//! Embeds the migrations anew when a file is added to a folder.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
