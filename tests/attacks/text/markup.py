print("</script><script>alert(1)</script><img src=x onerror=alert(1)>&lt;\"'`${7*7}{{7*7}}")
