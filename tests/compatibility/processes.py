import os, subprocess, sys
from concurrent.futures import ProcessPoolExecutor
assert subprocess.run(['cat', '/etc/passwd'], capture_output=True).returncode == 0
assert subprocess.check_output('echo hi | tr h H', shell=True) == b'Hi\n'
p = subprocess.Popen([sys.executable, '-c', 'print(input())'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert p.communicate('x\n')[0] == 'x\n'
pid = os.posix_spawn('/bin/true', ['true'], os.environ)
assert os.waitpid(pid, 0)[1] == 0
assert os.waitstatus_to_exitcode(os.system('exit 3')) == 3
print('ok')
