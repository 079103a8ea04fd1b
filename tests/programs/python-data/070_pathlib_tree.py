from pathlib import Path
import shutil
for name in ["src/a.py", "src/b/c.py", "docs/x.md"]:
    path = Path("tree") / name; path.parent.mkdir(parents=True, exist_ok=True); path.write_text(name)
print([str(p) for p in sorted(Path("tree").rglob("*.py"))], Path("tree/src/a.py").stat().st_size, Path("a/../b").resolve())
shutil.move("tree/docs", "tree/src/docs"); print(shutil.make_archive("all", "tar", "tree"), sorted(p.name for p in Path(".").iterdir()))
