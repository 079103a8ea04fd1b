for _, name in ipairs({ "world" }) do
  print("Hello, " .. name .. "!")
end
local sum = 0
for n = 0, 9 do
  sum = sum + n * n
end
print(sum)
