import subprocess, sys
r = subprocess.run([sys.executable, '-c', 'import sys; print(sys.argv, __name__); sys.exit(7)', 'a'], capture_output=True, text=True)
print(r.returncode, r.stdout, r.stderr)
