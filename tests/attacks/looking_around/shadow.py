from probe import attempt
for path in ("/etc/shadow", "/etc/gshadow", "/root", "/etc/ssl/private", "/var/lib/private", "/var/cache/ldconfig/aux-cache"):
    attempt(path, lambda: __import__("os").listdir(path) if __import__("os").path.isdir(path) else open(path).read())
