from urllib.error import URLError
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit
from urllib.request import urlopen
print(urlsplit("https://u:p@ex.org:8080/a;b?c=1&c=2#d").port, parse_qs("c=1&c=2&d="), quote("ä/ b"), urlencode({"q": "a&b"}), urljoin("http://a/b/c", "../d"))
try: urlopen("http://127.0.0.1:9/", timeout=2)
except URLError as error: print(error)
