import io
from PIL import Image, UnidentifiedImageError
image = Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 50)
data = io.BytesIO(); image.save(data, "GIF")
print(data.getvalue()[:6], Image.open(data).histogram()[:3])
try:
    Image.open(io.BytesIO(b"no picture"))
except UnidentifiedImageError as error:
    print(type(error).__name__)
