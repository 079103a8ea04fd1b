import calendar
from datetime import date, datetime, timedelta
print(calendar.month(2024, 2))
print([d.isoformat() for d in (date(2024, 1, 31) + timedelta(days=30 * n) for n in range(4))])
print(date(2020, 12, 31).isocalendar(), datetime.strptime("5 Nov 2023 07:08", "%d %b %Y %H:%M"))
print((date(2024, 12, 25) - date(2024, 2, 28)).days, calendar.isleap(1900))
