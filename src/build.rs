//! Rebuilds when data embedded in the binary changes: migrations, device knowledge, static files. Never generates code.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=mibs");
    println!("cargo:rerun-if-changed=dashboards");
}
