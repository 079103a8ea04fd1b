import mmap
maps = []
while True:
    area = mmap.mmap(-1, 16 << 20)
    for at in range(0, 16 << 20, 4096):
        area[at] = 1
    maps.append(area)
