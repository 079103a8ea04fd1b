import secrets, uuid
print(len(secrets.token_hex(16)), secrets.compare_digest("a", "a"), uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"), uuid.uuid4() != uuid.uuid4())
