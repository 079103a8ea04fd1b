from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones
start = datetime(2024, 3, 30, 12, tzinfo=ZoneInfo("Europe/Berlin"))
for hours in (0, 12, 24):
    moment = start + timedelta(hours=hours)
    print(moment.isoformat(), moment.tzname(), moment.astimezone(timezone.utc).isoformat())
print(datetime(2024, 11, 3, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York")).utcoffset())
print(datetime(2024, 1, 1, tzinfo=ZoneInfo("Asia/Kathmandu")).strftime("%Y-%m-%d %H:%M %Z %z"), len(available_timezones()) > 400)
