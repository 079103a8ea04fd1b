import socket
from probe import attempt
for name in ("example.com", "metadata.google.internal", "instance-data", "host.docker.internal", "gateway.docker.internal",
             "kubernetes.default.svc", "dockerhost"):
    attempt(name, socket.getaddrinfo, name, 80)
