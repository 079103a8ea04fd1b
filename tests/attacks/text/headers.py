print("HTTP/1.1 500 Internal Server Error\r\nSet-Cookie: forged=1\r\n\r\n{}", end="")
