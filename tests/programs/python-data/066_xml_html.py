import html, xml.etree.ElementTree as ET
from html.parser import HTMLParser
root = ET.fromstring("<shop><item id='1' price='2.5'>Nut &amp; bolt</item><item id='2' price='1'/></shop>")
print([(i.get("id"), i.text) for i in root.iter("item")], sum(float(i.get("price")) for i in root))
ET.indent(root); print(ET.tostring(root, encoding="unicode"))
class Links(HTMLParser):
    def handle_starttag(self, tag, attrs): print(tag, dict(attrs))
Links().feed("<p><a href='/x?a=1&amp;b=2'>x</a><br/>"); print(html.escape("<a & 'b'>"))
