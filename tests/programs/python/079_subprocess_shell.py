import subprocess
print(subprocess.getoutput('echo $0 $HOME; pwd; ls; umask'))
