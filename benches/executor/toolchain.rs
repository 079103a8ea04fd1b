//! What a person would type to compile and run one file, without anything of ours: by the toolchain of a language's image.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use safe_code_executor::config::built_in_languages;
use serde::Deserialize;

use crate::{Result, bare::Bare, engine::Engine};

/// A language, its program's file, and its commands. In all of them `@` is the folder of the program.
pub struct Toolchain {
    /// The language's name in our table.
    pub language: &'static str,
    file: &'static str,
    /// Empty where nothing is compiled.
    pub compile: &'static str,
    run: &'static str,
}

/// The folder of the program in the image's root.
const FOLDER: &str = "/tmp/bench";
/// What `images/gcc` adds to the compiler of its packages.
const PRECOMPILED: [&str; 2] =
    ["/usr/include/c++/12/iostream.gch", "/usr/include/x86_64-linux-gnu/c++/12/bits/stdc++.h.gch"];

const fn compiled(language: &'static str, file: &'static str, compile: &'static str) -> Toolchain {
    Toolchain { language, file, compile, run: "@/main" }
}

const fn interpreted(language: &'static str, file: &'static str, run: &'static str) -> Toolchain {
    Toolchain { language, file, compile: "", run }
}

/// Options as in the manifests (`languages/`), without what those and the images do to be fast.
pub const TOOLCHAINS: [Toolchain; 20] = [
    compiled("c", "main.c", "gcc -std=gnu17 -O2 -o @/main @/main.c"),
    compiled("cpp", "main.cpp", "g++ -std=gnu++17 -O2 -o @/main @/main.cpp"),
    compiled("fortran", "main.f90", "gfortran -O2 -o @/main @/main.f90"),
    compiled(
        "go",
        "main.go",
        "env HOME=@ GO111MODULE=off GODEBUG=installgoroot=all go build -o @/main @/main.go",
    ),
    compiled("haskell", "main.hs", "ghc -v0 -O1 -outputdir @ -fforce-recomp -o @/main @/main.hs"),
    compiled("ocaml", "main.ml", "ocamlopt -g -o @/main @/main.ml"),
    compiled("pascal", "main.pas", "fpc -O2 -v0 -l- -FE@ -o@/main @/main.pas"),
    compiled("rust", "main.rs", "rustc --edition 2021 -C opt-level=2 -o @/main @/main.rs"),
    Toolchain {
        language: "csharp",
        file: "main.cs",
        compile: "mcs -out:@/main.exe @/main.cs",
        run: "mono @/main.exe",
    },
    Toolchain {
        language: "java",
        file: "Main.java",
        compile: "javac -encoding UTF-8 -d @ @/Main.java",
        run: "java -cp @ Main",
    },
    Toolchain {
        language: "typescript",
        file: "main.ts",
        compile: "esbuild @/main.ts --outfile=@/main.js --format=cjs --log-level=warning",
        run: "node @/main.js",
    },
    interpreted("bash", "main.sh", "bash @/main.sh"),
    interpreted("javascript", "main.js", "node @/main.js"),
    interpreted("lua", "main.lua", "lua @/main.lua"),
    interpreted("perl", "main.pl", "perl @/main.pl"),
    interpreted("php", "main.php", "php @/main.php"),
    interpreted("python", "main.py", "python3 @/main.py"),
    interpreted("r", "main.R", "Rscript @/main.R"),
    interpreted("ruby", "main.rb", "ruby @/main.rb"),
    interpreted("tcl", "main.tcl", "tclsh @/main.tcl"),
];

/// The image that our table names for a language.
pub fn image_of(name: &str) -> Result<String> {
    let table = built_in_languages(Some(name)).map_err(|faults| format!("{faults:?}"))?;
    let language = table.iter().find(|language| language.name == name).ok_or("not in the table")?;
    Ok(language.image.clone())
}

/// Where this path of the image is on the host.
fn inside(bare: &Bare, path: &str) -> PathBuf {
    bare.root().join(path.trim_start_matches('/'))
}

/// What is not there need not be removed.
fn removed(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

impl Toolchain {
    /// The program that sums the numbers of its input, as the tests have it.
    pub fn program(&self) -> Result<String> {
        #[derive(Deserialize)]
        struct Programs {
            sum: String,
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/languages");
        let text = fs::read_to_string(folder.join(format!("{}.toml", self.language)))?;
        Ok(toml::from_str::<Programs>(&text)?.sum)
    }

    /// A spawner in the root of the image, with the program in its folder.
    pub async fn open(&self, engine: &Engine) -> Result<Bare> {
        let bare = Bare::open_image(engine, &image_of(self.language)?).await?;
        let folder = inside(&bare, FOLDER);
        removed(fs::remove_dir_all(&folder))?;
        fs::create_dir_all(&folder)?;
        self.write(&bare, &self.program()?)?;
        for header in PRECOMPILED {
            removed(fs::remove_file(inside(&bare, header)))?;
        }
        Ok(bare)
    }

    /// Compiles the program, and says how long that took; `None` where nothing is compiled.
    pub fn compile(&self, bare: &mut Bare) -> Result<Option<Duration>> {
        if self.compile.is_empty() {
            return Ok(None);
        }
        if self.language == "go" {
            self.edit(bare)?;
        }
        let command = self.compile.replace('@', FOLDER);
        bare.time_silent(&command.split(' ').collect::<Vec<_>>()).map(Some)
    }

    /// Makes another program of it, of the same meaning: what was built once Go takes from its cache.
    fn edit(&self, bare: &Bare) -> Result<()> {
        static EDITS: AtomicU32 = AtomicU32::new(0);
        let edit = EDITS.fetch_add(1, Ordering::Relaxed);
        self.write(bare, &format!("{}\nvar edit = {edit}\n", self.program()?))
    }

    fn write(&self, bare: &Bare, text: &str) -> Result<()> {
        Ok(fs::write(inside(bare, FOLDER).join(self.file), text)?)
    }

    /// Runs what was compiled. It has to print `4`.
    pub fn run(&self, bare: &mut Bare, input: &str) -> Result<Duration> {
        let command = self.run.replace('@', FOLDER);
        bare.time_with(&command.split(' ').collect::<Vec<_>>(), input)
    }
}
