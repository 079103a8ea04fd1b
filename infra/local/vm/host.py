"""infra/host/start.sh for real: the user data that makes an image installs, then `sce-host boot` starts the host. systemd,
cgroup v2, Landlock and the sysctls are real; AWS is a script that hands out the secret, and apt-get has nothing to do, since
the packages are here and the network is not. Then the server, over mutual TLS."""

import os
import pathlib

from guest import SCE, Handler, check, expect, note, processes, sh, title

PKI = "/root/pki"


def stand_in(program, script):
    path = pathlib.Path("/usr/local/bin") / program
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


title("host: the user data that makes an image")
stand_in("apt-get", 'echo "$*" >>/root/asked-of-apt')
# Left out is what ends it: turning the machine off.
sh(f"{SCE}/infra/host/image.sh | sed '/^systemctl poweroff$/d' >/root/user-data")
said = sh("sh /root/user-data 2>&1; echo ended with $?")
check("install ends well", said.endswith("ended with 0") and "installed; this machine:" in said, said)
wanted = [word for word in sh("grep install /root/asked-of-apt").split() if not word.startswith("-") and word not in ("install", "awscli")]
missing = [name for name in wanted if sh(f"dpkg-query -W -f '${{Status}}' {name}") != "install ok installed"]
check(f"what it asks for is here, but for awscli: {' '.join(wanted)}", len(wanted) > 5 and not missing, missing)
enabled = sh("systemctl is-enabled docker.service docker.socket ssh.service").split()
check("the engine waits for boot, and nobody logs in", enabled == ["disabled", "disabled", "masked"] and sh("passwd --status root").split()[1] == "L", enabled)
sh("systemctl stop docker.service docker.socket")

title("host: sce-host boot")
check("no engine runs yet", not processes("dockerd"), processes("dockerd"))
sh(f"cd {SCE} && infra/certificates.sh ca {PKI} && infra/certificates.sh server {PKI} docker.sce.internal 127.0.0.1 && infra/certificates.sh client {PKI}")
sh(f"{SCE}/infra/certificates.sh secret {PKI} server >/root/secret.json")
asked = "secretsmanager get-secret-value --secret-id arn:the-secret --query SecretString --output text"
stand_in("aws", f'[ "$*" = "{asked}" ] && exec cat /root/secret.json\nexit 1')
said = sh("SCE_SERVER_SECRET=arn:the-secret /usr/local/sbin/sce-host boot 2>&1; echo ended with $?")
check("boot ends well", said.endswith("ended with 0") and "sce-host: ready; " in said, said)
note(said.replace("\n", " | "))
check("the key is root's alone, in memory", sh("stat -c '%a %U' /run/sce/tls/key.pem; stat -f -c %T /run/sce/tls").split() == ["600", "root", "tmpfs"], sh("ls -l /run/sce/tls"))
shown = sh("systemctl show sce.slice -p MemoryMax -p MemorySwapMax -p TasksMax -p CPUWeight").split()
whole = int(sh("awk '/^MemTotal/ {print $2}' /proc/meminfo")) * 1024
bounds = dict(line.split("=") for line in shown)
fits = abs(int(bounds["MemoryMax"]) - whole * 0.8) < 1 << 20 and (bounds["MemorySwapMax"], bounds["TasksMax"], bounds["CPUWeight"]) == ("0", "8192", "50")
check("sce.slice bounds all sandboxes together", fits, shown)
kernel = sh("cat /sys/fs/cgroup/sce.slice/memory.max /sys/fs/cgroup/sce.slice/cpu.weight").split()
check("so does the kernel", kernel[-1] == "50" and abs(int(kernel[0]) - whole * 0.8) < 1 << 20, kernel)
check("dockerd is spared by the OOM killer", [open(f"/proc/{pid}/oom_score_adj").read().strip() for pid in processes("dockerd")] == ["-500"], sh("systemctl status docker"))
check("a core dump starts no program, user namespaces are none", sh("sysctl -n kernel.core_pattern user.max_user_namespaces").split() == ["core", "0"], sh("sysctl kernel.core_pattern"))
ask = f"curl --silent --max-time 10 --cacert {PKI}/ca.pem"
check("who has no certificate gets nothing", sh(f"{ask} https://127.0.0.1:2376/_ping") == "", sh(f"{ask} https://127.0.0.1:2376/_ping"))
check("a host's certificate is no client's", "OK" not in sh(f"{ask} --cert {PKI}/server/cert.pem --key {PKI}/server/key.pem https://127.0.0.1:2376/_ping"))

handler = Handler("host", DOCKER_HOST="tcp://127.0.0.1:2376", DOCKER_CERT_PATH=f"{PKI}/client", SCE_DEPLOYMENT="host").serves("the server takes this host, over mutual TLS")
for language, code in (("python", "print(2+2)"), ("javascript", "console.log(2+2)")):
    expect(f"{language}: hello", handler.run(code, language=language), output="4\n", status="completed")
expect("the limit of memory", handler.run("x = 'a' * 1000000000"), status="memory_limit", limit=lambda limit: "OOM killer" in limit["evidence"])
expect("a program that crashes", handler.run("import os; os.abort()"), status="signal", exit_code=134)
check("it leaves no core dump", not [top for top in ("/core", "/root/core", "/var/lib/docker/core") if os.path.exists(top)])
expect("/health", handler.health(), status="ok")
handler.stop()
