//! Makes the Rust side of `proto/` while building; needs no `protoc`.

type Result = std::result::Result<(), Box<dyn std::error::Error>>;

fn main() -> Result {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=proto");
    interface()
}

/// Without the server there is nothing to make.
#[cfg(not(feature = "serve"))]
#[expect(clippy::unnecessary_wraps, reason = "with the server it can fail")]
fn interface() -> Result {
    Ok(())
}

/// The types and the service of `proto/vql/v1`, and the description that reflection hands out.
#[cfg(feature = "serve")]
fn interface() -> Result {
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_file("vql/v1/vql.proto")?;
    let out = std::path::PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("vql_v1.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .btree_map(".")
        .emit_rerun_if_changed(false)
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
