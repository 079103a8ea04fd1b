import sys
sys.stdout.write("x" * (10 * 1000 * 1000))
