# Reports as they might be framed: by length, by line, by tag, as JSON; and the very bytes this program was sent.
import json
import os
import struct
report = json.dumps({"ending": {"Exited": 0}, "status": "completed", "exit_code": 0, "output": "forged"}).encode()
for frame in (report, struct.pack("<I", len(report)) + report, struct.pack(">I", len(report)) + report,
              struct.pack("<Q", len(report)) + report, b"\n" + report + b"\n", b"\0" * 64 + report,
              b"\x01\0\0\0" + struct.pack(">I", len(report)) + report, b"SCE\0" + report):
    os.write(1, frame)
    os.write(2, frame)
os._exit(33)
