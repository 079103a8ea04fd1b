# `plt.show()` has no window to open, and by itself does nothing. Where the program may write in its folder, each figure is
# kept there as `plot-1.png`, `plot-2.png` and so on, and closed, as it is when somebody closes its window.
import itertools
import os

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase

FOLDER = "/sandbox"
nothing = FigureManagerBase.show


def show(manager):
    if not os.access(FOLDER, os.W_OK):
        return nothing(manager)
    for number in itertools.count(1):
        try:
            # Fails where the name is taken: two processes of one program do not write the same file.
            file = open(f"{FOLDER}/plot-{number}.png", "xb")
        except FileExistsError:
            continue
        with file:
            manager.canvas.figure.savefig(file, format="png")
        Gcf.destroy(manager)
        return None


FigureManagerBase.show = show
