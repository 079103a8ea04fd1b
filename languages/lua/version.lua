print((_VERSION:gsub("Lua ", "")))
