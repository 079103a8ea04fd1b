import hashlib
from PIL import Image, ImageDraw, ImageFilter
image = Image.new("RGB", (120, 80), "white")
draw = ImageDraw.Draw(image)
draw.ellipse((10, 10, 70, 70), fill="red", outline="black")
draw.text((75, 30), "hi", fill="blue")
image.filter(ImageFilter.GaussianBlur(1)).save("p.png")
image.resize((60, 40)).convert("L").save("p.jpg", quality=80)
again = Image.open("p.jpg")
print(again.format, again.size, again.mode, image.getpixel((40, 40)), hashlib.sha256(Image.open("p.png").tobytes()).hexdigest()[:16])
