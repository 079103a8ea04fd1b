import http.client, http.server, socket, socketserver, threading, urllib.request
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
s.RequestHandlerClass.log_message = lambda *a: None
threading.Thread(target=s.serve_forever, daemon=True).start()
assert urllib.request.urlopen(f'http://127.0.0.1:{s.server_port}/main.py').status == 200
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(('127.0.0.1', 0))
u.sendto(b'x', u.getsockname())
assert u.recvfrom(10)[0] == b'x'
six = socket.create_server(('::1', 0), family=socket.AF_INET6)
socket.create_connection(six.getsockname()[:2]).close()
a, b = socket.socketpair()
socket.send_fds(a, [b'x'], [0])
assert socket.recv_fds(b, 10, 1)[0] == b'x'
s.shutdown()
print('ok')
