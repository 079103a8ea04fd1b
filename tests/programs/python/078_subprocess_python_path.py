import subprocess, sys
print(subprocess.run([sys.executable, '-c', 'import sys; print(sys.path, sorted(m for m in sys.modules if "custom" in m))'], capture_output=True, text=True).stdout)
