import matplotlib.pyplot as plt
plt.title("東京"); plt.savefig("t.png"); print("saved")
plt.savefig("no/such/folder.png")
