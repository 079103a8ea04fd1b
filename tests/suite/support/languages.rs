//! A folder of languages for `SCE_LANGUAGES_DIR`: copies of ours, with changes.

use std::{fs, path::Path};

use tempfile::TempDir;

/// Removed with the value.
pub struct LanguagesDir(TempDir);

impl LanguagesDir {
    /// Copies of these languages' folders; in their manifests each text is replaced by another.
    pub fn with(names: &[&str], changes: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for name in names {
            copy(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join("languages").join(name),
                &folder.path().join(name),
            );
        }
        for (there, instead) in changes {
            let mut found = false;
            for name in names {
                let path = folder.path().join(name).join("language.toml");
                let manifest = fs::read_to_string(&path).unwrap();
                found |= manifest.contains(there);
                fs::write(&path, manifest.replace(there, instead)).unwrap();
            }
            assert!(found, "{there}");
        }
        Self(folder)
    }

    /// Python in this image.
    pub fn python_in(image: &str) -> Self {
        Self::with(&["python"], &[("image = \"python:3.11-slim\"", &format!("image = \"{image}\""))])
    }

    /// JavaScript in this image.
    pub fn javascript_in(image: &str) -> Self {
        Self::with(&["javascript"], &[("image = \"node:18-slim\"", &format!("image = \"{image}\""))])
    }

    /// For `SCE_LANGUAGES_DIR`.
    pub fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
