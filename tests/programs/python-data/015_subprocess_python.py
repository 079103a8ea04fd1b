import subprocess, sys
code = "import pandas as pd, sys; print(pd.Series([1, 2, 3]).sum()); sys.exit(5)"
done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
print(done.stdout.strip(), done.returncode, repr(done.stderr))
try:
    subprocess.run(["sleep", "5"], timeout=0.2)
except subprocess.TimeoutExpired as error:
    print(type(error).__name__, error.cmd)
