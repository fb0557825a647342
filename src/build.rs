fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=mibs");
    println!("cargo:rerun-if-changed=dashboards");
}
