import array, sys
a = array.array("d", range(1000)); view = memoryview(a)[10:20]
view[0] = -1; print(a[10], view.nbytes, sys.getsizeof(a) > 8000, bytes(view[:1].cast("B")).hex())
