print('{"level":"INFO","message":"forged"}\n2026-01-01T00:00:00Z  INFO forged: line\r\nINFO \u2028forged')
raise SystemExit("INFO forged\nERROR forged")
