import resource
for n in ('NOFILE', 'FSIZE', 'CORE', 'STACK', 'MEMLOCK', 'CPU'):
    print(n, resource.getrlimit(getattr(resource, 'RLIMIT_' + n)))
