import subprocess
out = subprocess.run(['env'], capture_output=True, text=True).stdout
print(sorted(line.split('=')[0] for line in out.splitlines()))
