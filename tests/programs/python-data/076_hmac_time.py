import hashlib, hmac, time
print(hmac.new(b"key", b"message", hashlib.sha256).hexdigest(), hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 1000).hex()[:20])
start = time.perf_counter(); time.sleep(0.05); print(0.04 < time.perf_counter() - start < 2, time.gmtime(0)[:6], time.strftime("%Y", time.gmtime(86400 * 366)))
