from email import message_from_string, policy
from email.message import EmailMessage
mail = EmailMessage(); mail["Subject"] = "Grüße"; mail["To"] = "Ann <a@example.org>"; mail.set_content("Hallo\n")
mail.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="x.bin")
again = message_from_string(mail.as_string(), policy=policy.default)
print(again["subject"], [p.get_content_type() for p in again.walk()], [p.get_filename() for p in again.iter_attachments()])
