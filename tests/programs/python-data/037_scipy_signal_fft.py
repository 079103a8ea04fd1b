import numpy as np
from scipy import fft, signal
t = np.arange(256) / 256
wave = np.sin(2 * np.pi * 10 * t) + 0.5 * np.sin(2 * np.pi * 40 * t)
peaks, _ = signal.find_peaks(np.abs(fft.rfft(wave)), height=20)
print(peaks, signal.butter(2, 0.2)[0].round(6))
