//! The verbs of the project.

mod finding;
mod generate;

fn main() -> anyhow::Result<()> {
    for (path, text) in generate::proto::generate(std::path::Path::new("."))? {
        std::fs::create_dir_all(path.parent().expect("generated files lie in folders"))?;
        std::fs::write(path, text)?;
    }
    Ok(())
}
