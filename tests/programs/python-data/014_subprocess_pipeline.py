import subprocess
text = "pear\napple\nfig\napple\n"
out = subprocess.run("sort | uniq -c | sort -rn | awk '{print $2, $1}'", shell=True, input=text, capture_output=True, text=True)
print(out.returncode, out.stdout, out.stderr, sep="|")
