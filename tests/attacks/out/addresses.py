# Addresses worth an attacker's while: metadata services, gateways, Docker's ports, name servers, the world.
import socket
from probe import attempt
def connect(family, address):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(2)
    s.connect(address)
for host, port in (("169.254.169.254", 80), ("169.254.170.2", 80), ("169.254.169.253", 53), ("100.100.100.200", 80),
                   ("172.17.0.1", 22), ("172.17.0.1", 2375), ("172.17.0.1", 2376), ("172.17.0.2", 80), ("10.0.0.1", 443),
                   ("192.168.0.1", 80), ("8.8.8.8", 53), ("1.1.1.1", 443), ("224.0.0.1", 5353), ("255.255.255.255", 67)):
    attempt(f"tcp {host}:{port}", connect, socket.AF_INET, (host, port))
for host in ("fd00:ec2::254", "2606:4700:4700::1111", "fe80::1%lo", "ff02::1", "::ffff:169.254.169.254"):
    attempt(f"tcp [{host}]", connect, socket.AF_INET6, (host.split("%")[0], 80, 0, 1 if "%" in host else 0))
def send(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.sendto(b"x", address)
for address in (("8.8.8.8", 53), ("169.254.169.254", 80), ("255.255.255.255", 67), ("239.255.255.250", 1900)):
    attempt(f"udp {address[0]}:{address[1]}", send, address)
